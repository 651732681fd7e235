//! [`ChangeSender`]: the changes of one rows event on their way to the worker, each whole and counted.

use connector_api::{Flow, RecordSink, SourceRecord, TaskError};

use super::origin::Origin;
use super::row_change::RowChanges;
use super::transaction_metadata::TransactionMetadata;
use super::unsent_change::unsent;
use crate::binlog::transaction::{Novelty, TransactionTracker};
use crate::error::MySqlError;
use crate::event_time::EventTime;
use crate::record::{Change, KeyScratch, RowImages, SourceInfo, TableRecords};
use crate::snapshot::FrontierFilter;
use crate::table_id::TableId;

/// Sends the changes of one event, all of one table.
pub(super) struct ChangeSender<'f> {
    pub(super) tracker: &'f mut TransactionTracker,
    pub(super) filter: Option<&'f mut FrontierFilter>,
    pub(super) origin: &'f Origin,
    pub(super) metadata: Option<&'f mut TransactionMetadata>,
    pub(super) keys: &'f mut KeyScratch,
    pub(super) records: &'f TableRecords,
    pub(super) table: &'f TableId,
}

impl ChangeSender<'_> {
    /// Sends them one by one. Answers how many there are.
    pub(super) fn send_all(
        mut self,
        mut changes: RowChanges<'_>,
        mut source: SourceInfo<'_>,
        sink: &mut dyn RecordSink,
    ) -> Result<(Flow, u64), TaskError> {
        let handled_at = EventTime::now();
        let mut flow = Flow::Continue;
        while !changes.is_empty() {
            let novelty = self.tracker.next_change().map_err(|error| error.at(self.table))?;
            let next = changes
                .next()
                .map_err(|error| MySqlError::from(error).at(self.tracker.streamed()))?;
            let visible = match (&next, novelty) {
                (Some(change), Novelty::New) => change.visible(self.table, self.filter.as_deref_mut())?,
                (Some(_), Novelty::AlreadySent) => None,
                (None, _) => break,
            };
            if let Some(images) = visible
                && self.send(images, &source, handled_at, sink)? == Flow::Return
            {
                flow = Flow::Return;
            }
            self.tracker.change_done();
            source.row += 1;
        }
        Ok((flow, u64::from(source.row)))
    }

    fn send(
        &mut self,
        images: RowImages<'_>,
        source: &SourceInfo<'_>,
        handled_at: EventTime,
        sink: &mut dyn RecordSink,
    ) -> Result<Flow, TaskError> {
        let metadata = self.metadata.as_deref();
        let before = || {
            let frontier = self.filter.as_deref().map(FrontierFilter::frontier);
            self.origin.offset(self.tracker, frontier, metadata).write()
        };
        let change = Change {
            images,
            source,
            transaction: metadata.and_then(|metadata| metadata.place(self.table)),
            handled_at,
        };
        let mut events = 0;
        let send = |records: &[SourceRecord<'_>]| match metadata {
            Some(metadata) => {
                // A tombstone belongs to the delete before it.
                events = records.iter().filter(|record| record.value.is_some()).count();
                metadata.send(records, source.committed_at, sink, &before)
            }
            None => sink.send(records, &before),
        };
        let sent = self
            .records
            .with_records(&change, self.keys, send)
            .map_err(|error| MySqlError::decode(error.to_string()).at(self.tracker.streamed()))?;
        let flow = match sent {
            Some(Ok(flow)) => flow,
            None => Flow::Continue,
            Some(Err(error)) => return Err(unsent(error, self.table, images, self.records, self.tracker)),
        };
        if let Some(metadata) = self.metadata.as_deref_mut() {
            metadata.sent(self.table, events as i64);
        }
        Ok(flow)
    }
}
