//! [`Snapshotting`]: the phase that reads the captured tables from a view, one by one in the order of their keys.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use connector_api::{ConnectError, Flow, Progress, RecordSink, TaskError};
use serde_json::{Map, Value};
use tracing::info;

use super::parts::PhaseParts;
use super::snapshot_progress::SnapshotProgress;
use super::viewed::Viewed;
use super::viewpoint::Viewpoint;
use super::{Next, Phase};
use crate::captured::CapturedTables;
use crate::error::MySqlError;
use crate::event_time::EventTime;
use crate::position::{MySqlOffset, SnapshotFrontier, TablePlace};
use crate::record::{Change, KeyScratch, RowImages, SnapshotMarker, SourceInfo};
use crate::schema::{SchemaChange, TableSchema};
use crate::snapshot::{
    CapturedBy, Copies, KeyCollector, ScanPlan, ScannedRows, Step, TableScan, TouchedKeys, ViewSession,
};
use crate::streaming::Definitions;
use crate::table_id::TableId;

/// A snapshot in progress.
pub(super) struct Snapshotting {
    parts: PhaseParts,
    definitions: Definitions,
    captured: CapturedTables,
    viewpoint: Viewpoint,
    frontier: SnapshotFrontier,
    captured_by: CapturedBy,
    /// What goes to the history and the schema-change topic before the first row.
    announcements: Vec<SchemaChange>,
    /// How many of them the history has.
    recorded: usize,
    /// The stream's offset at the view, if it was followed up to there: as long as the history does not know the tables, a start
    /// finds no snapshot begun.
    pub(super) followed_to: Option<MySqlOffset>,
    waiting: VecDeque<Arc<TableSchema>>,
    copies: Copies,
    touched: TouchedKeys,
    reading: Reading,
    /// The last row of the table before: it waits until it is known whether it is the last of all.
    held: Option<HeldRow>,
    progress: SnapshotProgress,
}

/// Who has the view.
enum Reading {
    /// Nobody: it is kept for the next table.
    Between(ViewSession),
    /// A table that is being read.
    Table(Box<TableScan>),
    /// A failure has ended it.
    Lost,
}

/// A table that is read but for its last row.
struct HeldRow {
    rows: ScannedRows,
    /// What the row is if another one follows.
    marker: SnapshotMarker,
}

/// Rows sent before the worker may look around.
const ROWS_PER_ROUND: usize = 4096;
/// Statements that are waited for together; between two rounds the task can be stopped.
const ANNOUNCED_PER_ROUND: usize = 500;

impl Snapshotting {
    /// A snapshot from its beginning.
    pub(super) fn begin(
        parts: PhaseParts,
        definitions: Definitions,
        captured: CapturedTables,
        view: Viewed,
        announcements: Vec<SchemaChange>,
    ) -> Self {
        let captured_by = CapturedBy::now(&parts.config);
        let begun = (SnapshotFrontier::default(), captured_by);
        let carried = parts.begins();
        let mut snapshot = Self::resume(parts, definitions, captured, view, begun, carried);
        snapshot.announcements = announcements;
        snapshot
    }

    /// A snapshot that goes on behind `frontier`.
    pub(super) fn resume(
        parts: PhaseParts,
        definitions: Definitions,
        captured: CapturedTables,
        view: Viewed,
        (frontier, captured_by): (SnapshotFrontier, CapturedBy),
        carried: Map<String, Value>,
    ) -> Self {
        let reads_rows = parts.config.snapshot_mode.reads_rows;
        let tables: Vec<_> = definitions
            .model()
            .tables()
            .filter(|table| reads_rows && definitions.captures(&table.id) && parts.config.snapshot_reads.has(&table.id))
            .map(Arc::clone)
            .collect();
        let progress = SnapshotProgress::begin(&parts, tables.len());
        let is_finished = |table: &TableSchema| captured_by.is_finished(&frontier.finished, &table.id);
        let mut waiting: VecDeque<_> = tables.into_iter().filter(|table| !is_finished(table)).collect();
        // The table in progress goes on first, even if a new one sorts before it: there is one frontier.
        let current = frontier.current.as_ref().map(|current| &current.table);
        let in_progress = waiting.iter().position(|table| Some(&table.id) == current);
        if let Some(table) = in_progress.and_then(|at| waiting.remove(at)) {
            waiting.push_front(table);
        }
        Snapshotting {
            parts,
            definitions,
            captured,
            viewpoint: Viewpoint {
                position: view.position,
                taken_at: view.taken_at,
                carried,
            },
            frontier,
            captured_by,
            announcements: Vec::new(),
            recorded: 0,
            followed_to: None,
            waiting,
            copies: view.copies,
            touched: view.touched,
            reading: Reading::Between(view.session),
            held: None,
            progress,
        }
    }

    pub(super) fn run_once(&mut self, sink: &mut dyn RecordSink, wait: Duration) -> Result<Next, TaskError> {
        if !self.announcements.is_empty() {
            self.announce(sink)?;
            return Ok(Next::Stay(Progress::More));
        }
        let scan = match std::mem::replace(&mut self.reading, Reading::Lost) {
            Reading::Table(scan) => scan,
            Reading::Between(view) => match self.next_table() {
                Some(table) => Box::new(self.start_scan(view, &table)?),
                None => {
                    self.send_held(sink, Some(SnapshotMarker::Last), None)?;
                    self.reading = Reading::Between(view);
                    return Ok(Next::Advance);
                }
            },
            Reading::Lost => return Err(view_lost()),
        };
        self.read(scan, sink, wait).map(Next::Stay)
    }

    /// Everything at or below the frontier is in the topics as of the view.
    ///
    /// Before the history knows the tables it is none, or that of the stream before: a task that stops there begins again. Without
    /// rows to read there is no frontier, and the stream's position is all there is to keep.
    pub(super) fn offset(&self) -> Option<MySqlOffset> {
        if !self.announcements.is_empty() {
            return self.followed_to.clone();
        }
        if !self.parts.config.snapshot_mode.reads_rows {
            return Some(self.viewpoint.streaming_offset());
        }
        let held = self.held.as_ref().map(|held| &held.rows);
        Some(match (&self.reading, held) {
            // While a row is held, nothing of the next table was sent.
            (_, Some(rows)) => self.offset_within(rows),
            (Reading::Table(scan), None) => self.offset_within(scan.rows()),
            (Reading::Between(_), None) => self.viewpoint.snapshot_offset(Some(self.frontier.clone())),
            (Reading::Lost, None) => return None,
        })
    }

    /// The offset while a table is read.
    fn offset_within(&self, rows: &ScannedRows) -> MySqlOffset {
        self.viewpoint.snapshot_offset(Some(SnapshotFrontier {
            finished: self.frontier.finished.clone(),
            current: Some(rows.frontier()),
        }))
    }

    /// The history first, in plain appends that no transaction waits for; then the records.
    fn announce(&mut self, sink: &mut dyn RecordSink) -> Result<(), TaskError> {
        let offset = self.viewpoint.snapshot_offset(None);
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

    /// The next table to be read; `None` behind the last.
    fn next_table(&mut self) -> Option<Arc<TableSchema>> {
        self.progress.next_table(self.waiting.len());
        self.waiting.pop_front()
    }

    fn start_scan(&mut self, mut view: ViewSession, schema: &Arc<TableSchema>) -> Result<TableScan, TaskError> {
        let table = self.captured.table(schema)?;
        let statement = self.parts.config.snapshot_reads.statement(&schema.id);
        let plan = ScanPlan::of(view.connection(), schema, statement)?;
        let resumed = match self.frontier.current.take() {
            Some(current) if current.table == schema.id => current.place,
            _ => TablePlace::Start,
        };
        let (remaining, is_resumed) = (self.waiting.len(), resumed != TablePlace::Start);
        info!(table = %schema.id, remaining, resumed = is_resumed, "reading table");
        let left_out = self.touched.take(table);
        let scan = match self.copies.remove(&schema.id) {
            Some(copy) => TableScan::start_copy(view, copy, table, plan, resumed)?,
            None => TableScan::start(view, &self.parts.config.connection, table, plan, resumed)?,
        };
        Ok(scan.without(left_out))
    }

    /// Sends rows of a table for a while.
    fn read(
        &mut self,
        mut scan: Box<TableScan>,
        sink: &mut dyn RecordSink,
        wait: Duration,
    ) -> Result<Progress, TaskError> {
        for _ in 0..ROWS_PER_ROUND {
            match scan.advance(wait)? {
                Step::Nothing => {
                    self.reading = Reading::Table(scan);
                    return Ok(Progress::Idle);
                }
                Step::End => {
                    let rows = self.release(scan)?;
                    let next = self.waiting.front().map(Arc::clone);
                    self.finished(&rows, next.as_ref().map(|table| &table.id));
                    return Ok(Progress::More);
                }
                Step::Row => {}
            }
            self.send_held(sink, None, Some(scan.table()))?;
            let marker = self.marker(scan.rows());
            if scan.rows().is_last() && !self.waiting.is_empty() {
                let rows = self.release(scan)?;
                self.held = Some(HeldRow { rows, marker });
                return Ok(Progress::More);
            }
            let flow = self.send_row(scan.rows(), marker, sink)?;
            scan.sent();
            if flow == Flow::Return {
                break;
            }
        }
        self.progress.report(scan.rows(), self.waiting.len());
        self.reading = Reading::Table(scan);
        Ok(Progress::More)
    }

    /// Takes the view back from a table that is read.
    fn release(&mut self, scan: Box<TableScan>) -> Result<ScannedRows, TaskError> {
        let (rows, view) = scan.release()?;
        self.reading = Reading::Between(view);
        Ok(rows)
    }

    fn send_row(
        &self,
        rows: &ScannedRows,
        marker: SnapshotMarker,
        sink: &mut dyn RecordSink,
    ) -> Result<Flow, TaskError> {
        let table = rows.table();
        let row = rows.current();
        let records = self.captured.records(table).ok_or_else(|| {
            MySqlError::decode(format!(
                "a row of {table}, whose records were not prepared, in the snapshot"
            ))
            .at(table)
        })?;
        let source = self.source(&table.database, Some(&table.table), marker);
        let change = Change {
            images: RowImages::Read(&row),
            source: &source,
            transaction: None,
            handled_at: EventTime::now(),
        };
        // Only updates compare keys.
        let mut no_keys = KeyScratch::default();
        let sent = records
            .with_records(&change, &mut no_keys, |records| {
                sink.send(records, &|| self.offset_within(rows).write())
            })
            .map_err(|error| MySqlError::decode(format!("{error}, in the snapshot of {table}")).at(table))?;
        let sent = sent.transpose().map_err(|error| {
            let key = KeyCollector::collect(&row, records.key_columns())
                .unwrap_or_default()
                .join(", ");
            error.at(format!(
                "the row of {table} with the key {key}, in the snapshot at {}",
                self.viewpoint.position.binlog
            ))
        })?;
        Ok(sent.unwrap_or(Flow::Continue))
    }

    /// Sends the row that was held, as what it turned out to be. `next` is the table that is read next.
    fn send_held(
        &mut self,
        sink: &mut dyn RecordSink,
        marker: Option<SnapshotMarker>,
        next: Option<&TableId>,
    ) -> Result<(), TaskError> {
        let Some(held) = &self.held else { return Ok(()) };
        self.send_row(&held.rows, marker.unwrap_or(held.marker), sink)?;
        if let Some(HeldRow { mut rows, .. }) = self.held.take() {
            rows.sent();
            self.finished(&rows, next);
        }
        Ok(())
    }

    fn finished(&mut self, rows: &ScannedRows, next: Option<&TableId>) {
        self.progress.count(rows);
        let (table, remaining) = (rows.table(), self.waiting.len());
        info!(%table, rows = rows.sent_rows(), remaining, "read table");
        self.frontier.finished.insert(table, next, self.captured_by.lists());
        // Tables without rows are finished while the last row of one before them is held.
        if let Some(held) = &self.held {
            self.frontier.finished.remove(held.rows.table());
        }
    }

    /// What Debezium calls the next row. The very first row is `first` only if the first table has rows, and the very last one
    /// is `last`.
    fn marker(&self, rows: &ScannedRows) -> SnapshotMarker {
        let is_first_of_all = rows.is_first() && self.frontier.finished.is_empty();
        match (rows.is_first(), rows.is_last()) {
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
            database,
            table,
            snapshot,
            ..self.viewpoint.source()
        }
    }

    /// Everything is read: on to the stream from the view's position, unless rows were all that was asked for.
    pub(super) fn into_next(self) -> Result<Phase, TaskError> {
        self.progress.complete();
        let offset = self.viewpoint.streaming_offset();
        match self.reading {
            Reading::Between(view) => view.close(),
            Reading::Table(_) | Reading::Lost => return Err(view_lost()),
        }
        let parts = self.parts;
        if !parts.config.snapshot_mode.streams {
            return Ok(Phase::Finished(offset.write()));
        }
        let streaming = parts.stream(offset, self.definitions, self.captured)?;
        Ok(Phase::Streaming(Box::new(streaming)))
    }
}

/// Never seen: a task that has failed is dropped. What is committed is resumed from.
fn view_lost() -> TaskError {
    TaskError::Connector(ConnectError::retriable(
        "the snapshot has lost its view; it goes on in a fresh one",
    ))
}
