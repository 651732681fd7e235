//! [`Follower`]: turns events into records, one whole row change after the other.
//!
//! It holds everything that has to move in step: where the stream stands ([`TransactionTracker`]), the layouts of rows, what
//! is known of tables, what was compiled from both. Between two row changes, and nowhere else, it can say from where the
//! stream could resume.

mod statements;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use connector_api::{Flow, RecordSink, SourceOffset, TaskError};
use tracing::warn;

use super::change_sender::ChangeSender;
use super::definitions::Definitions;
use super::former_filter::FormerFilter;
use super::layouts::{LayoutRows, Layouts};
use super::omissions::Omissions;
use super::origin::Origin;
use super::row_change::{ImageSpans, RowChanges};
use super::text_changes::TextChanges;
use super::transaction_metadata::TransactionMetadata;
use crate::binlog::event::{BinlogEvent, RowsEvent};
use crate::binlog::stream::StreamEvent;
use crate::binlog::table_map::TableMapEvent;
use crate::binlog::transaction::{Step, TransactionTracker};
use crate::captured::{CapturedTables, PreparedTable};
use crate::config::GtidSources;
use crate::error::MySqlError;
use crate::event_time::EventTime;
use crate::metrics::StreamMetrics;
use crate::position::MySqlOffset;
use crate::record::{KeyScratch, SnapshotMarker, SourceInfo, TransactionRecords};
use crate::snapshot::FrontierFilter;
use crate::table_id::TableId;

/// What a follower is made of.
pub struct FollowerParts {
    /// `topic.prefix`.
    pub name: String,
    /// Where the stream stands.
    pub tracker: TransactionTracker,
    /// What is known of tables there.
    pub definitions: Definitions,
    /// Record schemas and decoders.
    pub captured: CapturedTables,
    /// The stored offset; keys of it that we do not use are carried along.
    pub offset: MySqlOffset,
    /// What was prepared while other tables were captured.
    pub former_filter: FormerFilter,
    /// Whose transactions are wanted.
    pub sources: GtidSources,
    /// What is counted.
    pub metrics: StreamMetrics,
    /// Where transactions begin and end, if that is published.
    pub transactions: Option<TransactionRecords>,
}

/// Follows the stream.
pub struct Follower {
    name: String,
    tracker: TransactionTracker,
    definitions: Definitions,
    captured: CapturedTables,
    sources: GtidSources,
    /// Rows of the open transaction are left out.
    is_left_out: bool,
    metrics: StreamMetrics,
    metadata: Option<TransactionMetadata>,
    layouts: Layouts,
    omissions: Omissions,
    /// While a resumed snapshot catches up: what concerns rows that were sent.
    filter: Option<FrontierFilter>,
    origin: Origin,
    former_filter: FormerFilter,
    text_changes: TextChanges,
    gtid: String,
    thread_id: Option<i64>,
    /// The statement whose rows follow, if records tell it.
    statement: Option<String>,
    images: ImageSpans,
    keys: KeyScratch,
    /// The types of events that were logged as unknown.
    unknown_types: BTreeSet<u8>,
}

impl Follower {
    /// A follower at the position of its parts.
    pub fn new(parts: FollowerParts) -> Self {
        let FollowerParts {
            name,
            tracker,
            definitions,
            captured,
            offset,
            former_filter,
            sources,
            metrics,
            transactions,
        } = parts;
        Follower {
            metadata: transactions.map(|records| TransactionMetadata::new(records, &offset.carried)),
            name,
            tracker,
            omissions: Omissions::new(definitions.undefined_rows()),
            definitions,
            captured,
            sources,
            is_left_out: false,
            metrics,
            layouts: Layouts::default(),
            filter: None,
            origin: Origin::of(offset),
            former_filter,
            text_changes: TextChanges::default(),
            gtid: String::new(),
            thread_id: None,
            statement: None,
            images: ImageSpans::default(),
            keys: KeyScratch::default(),
            unknown_types: BTreeSet::new(),
        }
    }

    /// Emits only what concerns rows at or below the filter's frontier, until [`take_filter`](Self::take_filter).
    pub fn set_filter(&mut self, filter: FrontierFilter) {
        self.filter = Some(filter);
    }

    /// Ends the filtering, and gives the filter back.
    pub fn take_filter(&mut self) -> Option<FrontierFilter> {
        self.filter.take()
    }

    /// Where the stream stands.
    pub fn tracker(&self) -> &TransactionTracker {
        &self.tracker
    }

    /// What is counted.
    pub fn metrics(&self) -> &StreamMetrics {
        &self.metrics
    }

    /// What is known of tables.
    pub fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// What was compiled, and what is known, for whoever goes on in another way.
    pub fn into_parts(self) -> (Definitions, CapturedTables) {
        (self.definitions, self.captured)
    }

    /// The stream begins anew at the tracker's position, perhaps on another server: table ids mean nothing any more.
    pub fn restart(&mut self, tracker: TransactionTracker) {
        self.tracker = tracker;
        self.layouts = Layouts::default();
        self.statement = None;
    }

    /// Transactions without GTIDs follow: from here on, file and position say where the stream stands.
    pub fn leave_gtids(&mut self) {
        self.tracker.leave_gtids();
    }

    /// The offset from which the stream could resume now.
    pub fn offset(&self) -> MySqlOffset {
        let frontier = self.filter.as_ref().map(FrontierFilter::frontier);
        self.origin.offset(&self.tracker, frontier, self.metadata.as_ref())
    }

    /// Takes the next event.
    pub fn handle(&mut self, event: &StreamEvent<'_>, sink: &mut dyn RecordSink) -> Result<Flow, TaskError> {
        let before_end = self.before_end(event);
        self.origin.note(&event.header);
        match self.tracker.accept(event)? {
            Step::Pass => Ok(Flow::Continue),
            Step::RowsQuery(text) => {
                if self.definitions.records_tell_statements() {
                    self.statement = Some(String::from_utf8_lossy(text).into_owned());
                }
                Ok(Flow::Continue)
            }
            Step::Unknown { type_code } => {
                self.metrics.unknown();
                if self.unknown_types.insert(type_code) {
                    warn!(
                        type_code,
                        gtid = self.gtid,
                        "the server marks events of this unknown type as safe to ignore; they are"
                    );
                }
                Ok(Flow::Continue)
            }
            Step::Begin { thread_id } => {
                self.begin(event, thread_id);
                Ok(Flow::Continue)
            }
            Step::TableMap(map) => Ok(self.table_map(map).map(|()| Flow::Continue)?),
            Step::Rows(rows) => self.rows(event, rows, sink),
            Step::Definition(query) => self.definition(event, query, sink),
            Step::TextChange(query) => self.text_change(query, sink).map(|()| Flow::Continue),
            Step::Commit => {
                if let BinlogEvent::XaPrepare(prepare) = &event.event {
                    self.former_filter.prepared(prepare);
                }
                self.committed(event);
                self.tell_end(event, before_end, sink)
            }
            Step::PreparedEnds(query) => {
                self.former_filter.ended(&query.sql_text(), &self.tracker)?;
                self.committed(event);
                Ok(Flow::Continue)
            }
        }
    }

    fn committed(&mut self, event: &StreamEvent<'_>) {
        self.statement = None;
        self.metrics.committed(&self.tracker, &event.header);
        if let Some(filter) = self.former_filter.settled(&self.tracker) {
            self.origin.judged_by(filter);
        }
    }

    fn begin(&mut self, event: &StreamEvent<'_>, thread_id: u32) {
        self.thread_id = Some(i64::from(thread_id));
        self.name_transaction();
        self.is_left_out = self.sources.leave_out(self.tracker.gtid());
        let is_xa = matches!(&event.event, BinlogEvent::Query(query) if query.sql_text().starts_with("XA "));
        if let Some(metadata) = &mut self.metadata {
            match self.gtid.is_empty() {
                // Debezium has no word for these.
                _ if is_xa => metadata.leave(),
                true => metadata.begin(format_args!("file={},pos={}", event.file, event.start)),
                false => metadata.begin(format_args!("{}", self.gtid)),
            }
        }
    }

    /// The offset without the end of a transaction, which `event` may be, if such an end is published.
    fn before_end(&self, event: &StreamEvent<'_>) -> Option<SourceOffset> {
        let may_end = matches!(event.event, BinlogEvent::Xid { .. } | BinlogEvent::Query(_));
        (may_end && self.metadata.is_some() && self.tracker.is_in_transaction()).then(|| self.offset().write())
    }

    fn tell_end(
        &mut self,
        event: &StreamEvent<'_>,
        before: Option<SourceOffset>,
        sink: &mut dyn RecordSink,
    ) -> Result<Flow, TaskError> {
        let (Some(metadata), Some(before)) = (&mut self.metadata, before) else {
            return Ok(Flow::Continue);
        };
        let at = committed_at(event, &self.tracker);
        metadata.end(at, sink, &|| before.clone()).map_err(TaskError::Sink)
    }

    /// Keeps the text of the open transaction's GTID.
    fn name_transaction(&mut self) {
        self.gtid.clear();
        if let Some(gtid) = self.tracker.gtid() {
            // Writing into a String cannot fail.
            write!(self.gtid, "{gtid}").expect("a String takes any text");
        }
    }

    fn table_map(&mut self, event: &TableMapEvent<'_>) -> Result<(), MySqlError> {
        let (definitions, tracker) = (&mut self.definitions, &self.tracker);
        self.layouts
            .announce(event, |map| definitions.rows_of(map, tracker.streamed()))
            .and_then(|()| definitions.are_decided())
            .map_err(|error| error.at(tracker.streamed()))
    }

    fn rows(
        &mut self,
        event: &StreamEvent<'_>,
        rows: &RowsEvent<'_>,
        sink: &mut dyn RecordSink,
    ) -> Result<Flow, TaskError> {
        let layout = self.layouts.of_rows(rows);
        if rows.is_dummy() {
            return Ok(Flow::Continue);
        }
        let Some(layout) = layout else {
            let place = self.tracker.streamed();
            return Err(MySqlError::decode(format!(
                "rows at {place} follow no table map: part of the transaction is missing from the binlog"
            ))
            .at(place)
            .into());
        };
        let schema = match &layout.rows {
            LayoutRows::Captured(schema) if !self.is_left_out => schema,
            LayoutRows::Undefined(table) if !self.is_left_out => {
                self.omissions.note(table, self.tracker.streamed(), &self.metrics);
                return Ok(Flow::Continue);
            }
            _ => {
                self.metrics.filtered();
                return Ok(Flow::Continue);
            }
        };
        let prepared = self.captured.table(schema)?.prepared(&layout.map);
        let PreparedTable { decoder, records } =
            prepared.map_err(|error| MySqlError::from(error).at(self.tracker.streamed()))?;
        let changes = RowChanges::of(rows, decoder, &mut self.images);
        let sender = ChangeSender {
            tracker: &mut self.tracker,
            filter: self.filter.as_mut(),
            origin: &self.origin,
            metadata: self.metadata.as_mut(),
            keys: &mut self.keys,
            records,
            table: &schema.id,
        };
        let source = SourceInfo {
            name: &self.name,
            gtid: sender.tracker.gtid().map(|_| self.gtid.as_str()),
            thread: self.thread_id,
            query: self.statement.as_deref(),
            ..source_of(event, sender.tracker, Some(&schema.id))
        };
        let (flow, count) = sender.send_all(changes, source, sink)?;
        self.metrics.rows(rows.kind, count);
        Ok(flow)
    }
}

/// What an event says of its changes; its transaction's name and thread are the caller's to add.
fn source_of<'a>(
    event: &'a StreamEvent<'_>,
    tracker: &TransactionTracker,
    table: Option<&'a TableId>,
) -> SourceInfo<'a> {
    SourceInfo {
        name: "",
        committed_at: committed_at(event, tracker),
        snapshot: SnapshotMarker::Streamed,
        database: table.map_or("", |table| &table.database),
        table: table.map(|table| table.table.as_str()),
        server_id: event.header.server_id,
        gtid: None,
        file: event.file,
        position: event.start,
        row: 0,
        thread: None,
        query: None,
    }
}

fn committed_at(event: &StreamEvent<'_>, tracker: &TransactionTracker) -> EventTime {
    EventTime::from_micros(tracker.commit_time_us(&event.header).cast_signed())
}
