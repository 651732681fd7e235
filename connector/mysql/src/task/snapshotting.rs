//! [`Snapshotting`]: the phase that reads the captured tables from a view, one by one in the order of their keys.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use connector_api::{ConnectError, Flow, Progress, RecordSink, TaskError};
use serde_json::{Map, Value};
use tracing::info;

use super::parts::PhaseParts;
use super::{Next, Phase};
use crate::captured::CapturedTables;
use crate::config::SnapshotMode;
use crate::error::MySqlError;
use crate::metrics::SnapshotMetrics;
use crate::position::{MySqlOffset, Place, ResumablePosition, SnapshotFrontier, SnapshotKind};
use crate::record::{Change, EventTime, KeyScratch, RowImages, SnapshotMarker, SourceInfo};
use crate::schema::{SchemaChange, TableSchema};
use crate::server::Connection;
use crate::snapshot::{KeyCollector, KeyOrder, Step, TableScan, collations};
use crate::streaming::Definitions;

/// A snapshot in progress.
pub(super) struct Snapshotting {
    parts: PhaseParts,
    definitions: Definitions,
    captured: CapturedTables,
    position: ResumablePosition,
    taken_at: EventTime,
    frontier: SnapshotFrontier,
    carried: Map<String, Value>,
    /// What the history and the schema-change topic have to be told before the first row.
    announcements: Vec<SchemaChange>,
    /// How many of them the history has.
    recorded: usize,
    waiting: VecDeque<Arc<TableSchema>>,
    tables: usize,
    /// The view's session, while no scan uses it.
    connection: Option<Connection>,
    scan: Option<TableScan>,
    /// The last row of the table before: it waits until it is known whether it is the last of all.
    held: Option<HeldRow>,
    metrics: SnapshotMetrics,
    began: Instant,
    reported: Instant,
}

/// A table that is read but for its last row.
struct HeldRow {
    scan: TableScan,
    /// What the row is if another one follows.
    marker: SnapshotMarker,
}

/// Rows sent before the worker may look around.
const ROWS_PER_ROUND: usize = 4096;
/// Statements that are waited for together; between two rounds the task can be stopped.
const ANNOUNCED_PER_ROUND: usize = 500;
/// How often progress is told.
const REPORT_INTERVAL: Duration = Duration::from_secs(5);

impl Snapshotting {
    /// A snapshot from its beginning.
    pub(super) fn begin(
        parts: PhaseParts,
        definitions: Definitions,
        captured: CapturedTables,
        connection: Connection,
        (position, taken_at): (ResumablePosition, EventTime),
        announcements: Vec<SchemaChange>,
    ) -> Self {
        let frontier = SnapshotFrontier::default();
        let carried = Map::new();
        let view = (position, taken_at);
        let mut snapshot = Self::resume(parts, definitions, captured, connection, view, frontier, carried);
        snapshot.announcements = announcements;
        snapshot
    }

    /// A snapshot that goes on behind `frontier`.
    pub(super) fn resume(
        parts: PhaseParts,
        definitions: Definitions,
        captured: CapturedTables,
        connection: Connection,
        (position, taken_at): (ResumablePosition, EventTime),
        frontier: SnapshotFrontier,
        carried: Map<String, Value>,
    ) -> Self {
        let reads_rows = parts.config.snapshot_mode != SnapshotMode::NoData;
        let tables: Vec<_> = definitions
            .model()
            .tables()
            .filter(|table| reads_rows && definitions.captures(&table.id))
            .map(Arc::clone)
            .collect();
        let count = tables.len();
        let mut waiting: VecDeque<_> = tables
            .into_iter()
            .filter(|table| !frontier.finished.contains(&table.id))
            .collect();
        // The table in progress goes on first, even if a new one sorts before it: there is one frontier.
        let current = frontier.current.as_ref().map(|current| &current.table);
        let in_progress = waiting.iter().position(|table| Some(&table.id) == current);
        if let Some(table) = in_progress.and_then(|at| waiting.remove(at)) {
            waiting.push_front(table);
        }
        let metrics = SnapshotMetrics::new(parts.context.connector(), &parts.config.topic_prefix);
        Snapshotting {
            parts,
            definitions,
            captured,
            position,
            taken_at,
            frontier,
            carried,
            announcements: Vec::new(),
            recorded: 0,
            waiting,
            tables: count,
            connection: Some(connection),
            scan: None,
            held: None,
            metrics,
            began: Instant::now(),
            reported: Instant::now(),
        }
    }

    pub(super) fn run_once(&mut self, sink: &mut dyn RecordSink, wait: Duration) -> Result<Next, TaskError> {
        if !self.announcements.is_empty() {
            self.announce(sink)?;
            return Ok(Next::Stay(Progress::More));
        }
        if self.scan.is_none() && !self.start_scan()? {
            self.send_held(sink, Some(SnapshotMarker::Last))?;
            return Ok(Next::Advance);
        }
        self.read(sink, wait).map(Next::Stay)
    }

    /// Everything at or below the frontier is in the topics as of the view.
    ///
    /// `None` before the history knows the tables: a task that stops there begins again from nothing. Without rows to read
    /// there is no frontier, and the stream's position is all there is to keep.
    pub(super) fn offset(&self) -> Option<MySqlOffset> {
        if !self.announcements.is_empty() {
            return None;
        }
        if self.parts.config.snapshot_mode == SnapshotMode::NoData {
            return Some(self.streaming_offset());
        }
        Some(self.snapshot_offset(Some(self.current_frontier())))
    }

    fn current_frontier(&self) -> SnapshotFrontier {
        // While a row is held, nothing of the next table was sent.
        let in_progress = self.held.as_ref().map(|held| &held.scan).or(self.scan.as_ref());
        let current = in_progress.map(TableScan::frontier);
        let current = current.or_else(|| self.frontier.current.clone());
        SnapshotFrontier {
            finished: self.frontier.finished.clone(),
            current,
        }
    }

    /// An offset inside of the snapshot; one without a frontier makes it begin again.
    fn snapshot_offset(&self, frontier: Option<SnapshotFrontier>) -> MySqlOffset {
        MySqlOffset {
            snapshot: Some(SnapshotKind::Initial),
            frontier,
            ..self.streaming_offset()
        }
    }

    /// The offset of the view's position.
    fn streaming_offset(&self) -> MySqlOffset {
        MySqlOffset {
            ts_sec: Some(self.taken_at.millis() / 1000),
            carried: self.carried.clone(),
            ..MySqlOffset::streaming(self.position.clone())
        }
    }

    /// The history first, in plain appends that no transaction waits for; then the records.
    fn announce(&mut self, sink: &mut dyn RecordSink) -> Result<(), TaskError> {
        let offset = self.snapshot_offset(None);
        let round = self.recorded..self.announcements.len().min(self.recorded + ANNOUNCED_PER_ROUND);
        self.recorded = round.end;
        self.definitions
            .record(&self.announcements[round], &offset)
            .map_err(TaskError::Connector)?;
        if self.recorded < self.announcements.len() {
            return Ok(());
        }
        let announcements = std::mem::take(&mut self.announcements);
        // Without rows to read, the last statement is the last record of the snapshot.
        let marker = if self.waiting.is_empty() {
            SnapshotMarker::Last
        } else {
            SnapshotMarker::Within
        };
        let source = self.source("", None, marker);
        let source = SourceInfo {
            committed_at: EventTime::now(),
            ..source
        };
        self.definitions
            .publish(&announcements, &source, sink, &|| offset.write())?;
        Ok(())
    }

    /// Starts the scan of the next table; `false` if there is none.
    fn start_scan(&mut self) -> Result<bool, TaskError> {
        let remaining = self.waiting.len();
        self.metrics.tables(self.tables, remaining);
        let Some(schema) = self.waiting.pop_front() else {
            return Ok(false);
        };
        let Some(mut connection) = self.connection.take() else {
            return Err(TaskError::Connector(ConnectError::retriable(
                "the snapshot lost its session",
            )));
        };
        let options = &self.parts.config.connection;
        let table = self.captured.table(&schema)?;
        let collations = collations(&mut connection, &schema.id)?;
        let order = KeyOrder::of(&schema, &collations);
        let resumed = match self.frontier.current.take() {
            Some(current) if current.table == schema.id => current.place,
            _ => Place::Start,
        };
        info!(table = %schema.id, remaining, resumed = resumed != Place::Start, "reading table");
        self.scan = Some(TableScan::start(connection, options, table, order, resumed)?);
        Ok(true)
    }

    fn read(&mut self, sink: &mut dyn RecordSink, wait: Duration) -> Result<Progress, TaskError> {
        for _ in 0..ROWS_PER_ROUND {
            let Some(scan) = &mut self.scan else {
                return Ok(Progress::More);
            };
            match scan.advance(wait)? {
                Step::Nothing => return Ok(Progress::Idle),
                Step::End => {
                    self.end_scan()?;
                    return Ok(Progress::More);
                }
                Step::Row => {}
            }
            self.send_held(sink, None)?;
            let Some(scan) = &self.scan else {
                return Ok(Progress::More);
            };
            let marker = self.marker(scan);
            if scan.is_last() && !self.waiting.is_empty() {
                return self.hold(marker).map(|()| Progress::More);
            }
            let flow = self.send_row(scan, marker, sink)?;
            self.sent();
            if flow == Flow::Return {
                break;
            }
        }
        self.report();
        Ok(Progress::More)
    }

    fn send_row(&self, scan: &TableScan, marker: SnapshotMarker, sink: &mut dyn RecordSink) -> Result<Flow, TaskError> {
        let (Some(row), Some(records)) = (scan.current(), self.captured.records(&scan.table)) else {
            return Ok(Flow::Continue);
        };
        let source = self.source(&scan.table.database, Some(&scan.table.table), marker);
        let change = Change {
            images: RowImages::Read(&row),
            source: &source,
            handled_at: EventTime::now(),
        };
        // Only updates compare keys.
        let mut no_keys = KeyScratch::default();
        let sent = records
            .with_records(&change, &mut no_keys, |records| {
                sink.send(records, &|| self.snapshot_offset(Some(self.current_frontier())).write())
            })
            .map_err(|error| MySqlError::decode(format!("{error}, in the snapshot of {}", scan.table)))?;
        let sent = sent.transpose().map_err(|error| {
            let key = KeyCollector::collect(&row, records.key_columns())
                .unwrap_or_default()
                .join(", ");
            error.at(format!(
                "the row of {} with the key {key}, in the snapshot at {}",
                scan.table, self.position.binlog
            ))
        })?;
        Ok(sent.unwrap_or(Flow::Continue))
    }

    fn sent(&mut self) {
        if let Some(scan) = &mut self.scan {
            scan.sent();
        }
    }

    /// Keeps the last row of a table until it is known what follows, and frees the session for the next table.
    fn hold(&mut self, marker: SnapshotMarker) -> Result<(), TaskError> {
        if let Some(mut scan) = self.scan.take() {
            self.connection = Some(scan.release()?);
            self.held = Some(HeldRow { scan, marker });
        }
        Ok(())
    }

    /// Sends the row that was held, as what it turned out to be.
    fn send_held(&mut self, sink: &mut dyn RecordSink, marker: Option<SnapshotMarker>) -> Result<(), TaskError> {
        let Some(held) = &self.held else { return Ok(()) };
        self.send_row(&held.scan, marker.unwrap_or(held.marker), sink)?;
        if let Some(HeldRow { mut scan, .. }) = self.held.take() {
            scan.sent();
            self.finished(&scan);
        }
        Ok(())
    }

    fn end_scan(&mut self) -> Result<(), TaskError> {
        if let Some(mut scan) = self.scan.take() {
            self.connection = Some(scan.release()?);
            self.finished(&scan);
        }
        Ok(())
    }

    fn finished(&mut self, scan: &TableScan) {
        let (table, rows) = (&scan.table, scan.rows);
        self.count(scan);
        info!(%table, rows, remaining = self.waiting.len(), "read table");
        self.frontier.finished.push(table.clone());
    }

    /// What the incumbent calls the next row. The very first row is `first` only if the first table has rows, and the very
    /// last one is `last`.
    fn marker(&self, scan: &TableScan) -> SnapshotMarker {
        let is_first_of_all = scan.is_first() && self.frontier.finished.is_empty();
        match (scan.is_first(), scan.is_last()) {
            (_, true) if self.waiting.is_empty() => SnapshotMarker::Last,
            _ if is_first_of_all => SnapshotMarker::First,
            (_, true) => SnapshotMarker::LastInDataCollection,
            (true, false) => SnapshotMarker::FirstInDataCollection,
            (false, false) => SnapshotMarker::Within,
        }
    }

    fn source<'a>(&'a self, database: &'a str, table: Option<&'a str>, snapshot: SnapshotMarker) -> SourceInfo<'a> {
        SourceInfo {
            name: &self.parts.config.topic_prefix,
            committed_at: self.taken_at,
            snapshot,
            database,
            table,
            server_id: 0,
            gtid: None,
            file: &self.position.binlog.file,
            position: self.position.binlog.position,
            row: 0,
            thread: None,
        }
    }

    fn count(&self, scan: &TableScan) {
        let seconds = self.began.elapsed().as_secs_f64();
        self.metrics.rows(&scan.table.to_string(), scan.rows, seconds);
    }

    fn report(&mut self) {
        if self.reported.elapsed() < REPORT_INTERVAL {
            return;
        }
        let Some(scan) = &self.scan else { return };
        self.reported = Instant::now();
        self.count(scan);
        info!(table = %scan.table, rows = scan.rows, tables_left = self.waiting.len(), "snapshot in progress");
    }

    /// Everything is read: on to the stream from the view's position, unless rows were all that was asked for.
    pub(super) fn into_next(self) -> Result<Phase, TaskError> {
        info!(
            tables = self.tables,
            seconds = self.began.elapsed().as_secs(),
            "the snapshot is complete"
        );
        let offset = self.streaming_offset();
        if let Some(connection) = self.connection {
            connection.close();
        }
        let parts = self.parts;
        if parts.config.snapshot_mode == SnapshotMode::InitialOnly {
            return Ok(Phase::Finished(offset.write()));
        }
        let streaming = parts.stream(offset, self.definitions, self.captured)?;
        Ok(Phase::Streaming(Box::new(streaming)))
    }
}
