//! What a [`Follower`] does with statements: definitions of tables, truncations, and changes that are logged as text.

use std::sync::Arc;

use connector_api::{Flow, RecordSink, TaskError};

use super::{Follower, source_of};
use crate::binlog::event::QueryEvent;
use crate::binlog::stream::StreamEvent;
use crate::error::MySqlError;
use crate::event_time::EventTime;
use crate::position::MySqlOffset;
use crate::record::SourceInfo;
use crate::schema::{Footprint, TableSchema};

impl Follower {
    /// Looks at a change of rows that is logged as a statement. What was sent is committed before the server is asked.
    pub(super) fn text_change(&mut self, query: &QueryEvent<'_>, sink: &mut dyn RecordSink) -> Result<(), TaskError> {
        if self.sources.leave_out(self.tracker.gtid()) {
            return Ok(());
        }
        let before = self.offset().write();
        let definitions = &self.definitions;
        self.text_changes.judge(query, definitions, &self.tracker, |suspects| {
            sink.commit(&|| before.clone())?;
            Ok(definitions.side_effects(suspects)?)
        })
    }

    /// Carries out a statement in the order that keeps history and records in step: what precedes it is committed, the
    /// history knows it, and only then records follow that need it. One that concerns no captured table cuts nothing, and nobody
    /// waits for it.
    pub(super) fn definition(
        &mut self,
        event: &StreamEvent<'_>,
        query: &QueryEvent<'_>,
        sink: &mut dyn RecordSink,
    ) -> Result<Flow, TaskError> {
        self.text_changes.definition();
        if Footprint::fills_what_it_creates(&query.sql_text(), self.definitions.dialect(query)) {
            self.text_change(query, sink)?;
        }
        let Some(statement) = self
            .definitions
            .apply(query)
            .map_err(|error| error.at(self.tracker.streamed()))?
        else {
            let flow = self.truncation(event, query, sink)?;
            self.tracker.definition_done();
            return Ok(flow);
        };
        self.name_transaction();
        // With the frontier as it is without the statement: whoever resumes there meets it again.
        let before = self.offset().write();
        let concerns_captured = self.definitions.concerns_captured(&statement);
        if concerns_captured {
            sink.commit(&|| before.clone())?;
        }
        if let Some(filter) = &mut self.filter {
            filter.rename(&statement);
        }
        if concerns_captured {
            self.redefine()?;
        }
        // Streamed, also while a snapshot catches up: what a view showed is in force at its position, a statement behind it.
        let at = MySqlOffset {
            position: self.tracker.definition_position(),
            snapshot: None,
            frontier: None,
            ..self.offset()
        };
        let recorded = match concerns_captured {
            true => self.definitions.record(&statement, &at),
            false => self.definitions.record_before_offset(&statement, &at),
        };
        recorded.map_err(TaskError::Connector)?;
        let source = SourceInfo {
            name: &self.name,
            gtid: self.tracker.gtid().map(|_| self.gtid.as_str()),
            // A definition commits by itself and has no thread in its records; one inside of a transaction has that of BEGIN.
            thread: self.thread_id.filter(|_| self.tracker.is_in_transaction()),
            ..source_of(event, &self.tracker, None)
        };
        let flow = self
            .definitions
            .publish(&statement, &source, sink, &|| before.clone())?;
        self.tracker.definition_done();
        Ok(flow)
    }

    /// Sends the record of a `TRUNCATE TABLE`, if it is one of a captured table and records tell of them.
    fn truncation(
        &mut self,
        event: &StreamEvent<'_>,
        query: &QueryEvent<'_>,
        sink: &mut dyn RecordSink,
    ) -> Result<Flow, TaskError> {
        let Some(schema) = self.definitions.truncated(query) else {
            return Ok(Flow::Continue);
        };
        self.name_transaction();
        let before = self.offset().write();
        let source = SourceInfo {
            name: &self.name,
            gtid: self.tracker.gtid().map(|_| self.gtid.as_str()),
            ..source_of(event, &self.tracker, Some(&schema.id))
        };
        let records = &self.captured.table(&schema)?.records;
        let sent = records.with_truncation(&source, EventTime::now(), |records| {
            sink.send(records, &|| before.clone())
        });
        Ok(sent.transpose()?.unwrap_or(Flow::Continue))
    }

    /// A statement about captured tables was applied: what was compiled from what it replaced is forgotten.
    fn redefine(&mut self) -> Result<(), MySqlError> {
        let model = self.definitions.model();
        let is_current =
            |schema: &Arc<TableSchema>| model.table(&schema.id).is_some_and(|now| Arc::ptr_eq(now, schema));
        self.layouts.retain(is_current);
        self.captured.forget_dropped(model);
        match &mut self.filter {
            Some(filter) => filter.redefine(model),
            None => Ok(()),
        }
    }
}
