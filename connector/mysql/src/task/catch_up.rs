//! [`CatchUp`]: the phase in which an interrupted snapshot streams up to its fresh view.
//!
//! Only what concerns rows at or below the frontier is emitted; the view has the rest. At the view's position everything at
//! or below the frontier is in the topics as of the view, and so the snapshot can go on from there.

use std::collections::HashSet;
use std::time::Duration;

use connector_api::{ConnectError, Progress, RecordSink, TaskError};

use super::Next;
use super::parts::PhaseParts;
use super::snapshotting::Snapshotting;
use super::viewed::{Viewed, no_moment};
use crate::error::MySqlError;
use crate::event_time::EventTime;
use crate::position::{MySqlOffset, ResumablePosition};
use crate::schema::{SchemaModel, definitions_differ};
use crate::snapshot::{Copies, Moment, TouchedKeys};
use crate::streaming::{Follower, Replica, Round};
use crate::table_id::TableId;

/// A stream on its way to a view.
pub(super) struct CatchUp {
    pub(super) replica: Replica,
    pub(super) follower: Follower,
    pub(super) view_position: ResumablePosition,
    /// The moment in which the view opened, if that was without a lock.
    pub(super) view_moment: Option<Moment>,
    pub(super) view_taken_at: EventTime,
    /// The definitions in the view.
    pub(super) view_model: SchemaModel,
    /// The tables that the view does not keep.
    pub(super) copies: Copies,
    pub(super) parts: PhaseParts,
}

impl CatchUp {
    pub(super) fn run_once(&mut self, sink: &mut dyn RecordSink, wait: Duration) -> Result<Next, TaskError> {
        if self.has_arrived() {
            return Ok(Next::Advance);
        }
        let view = &self.view_position;
        let round = self
            .replica
            .run_until(&mut self.follower, sink, wait, &|tracker| tracker.has_passed(view))?;
        Ok(match round {
            _ if self.has_arrived() => Next::Advance,
            Round::More => Next::Stay(Progress::More),
            Round::Idle => Next::Stay(Progress::Idle),
        })
    }

    pub(super) fn offset(&self) -> MySqlOffset {
        self.follower.offset()
    }

    fn has_arrived(&self) -> bool {
        self.follower.tracker().has_passed(&self.view_position)
    }

    pub(super) fn into_snapshot(mut self) -> Result<Snapshotting, TaskError> {
        self.check_arrival()?;
        self.check_definitions()?;
        let Some(filter) = self.follower.take_filter() else {
            return Err(TaskError::Connector(ConnectError::fatal(
                "the catch-up of a snapshot had no frontier",
            )));
        };
        let carried = self.follower.offset().carried;
        let (frontier, captured_by, session) = filter.into_parts();
        let (mut definitions, mut captured) = self.follower.into_parts();
        // Its identity is needed for another stream.
        drop(self.replica);
        let mut view = Viewed {
            session,
            position: self.view_position,
            unlocked: self.view_moment,
            taken_at: self.view_taken_at,
            copies: self.copies,
            touched: TouchedKeys::default(),
        };
        let is_read = |table: &TableId| !captured_by.is_finished(&frontier.finished, table);
        view.settle(&self.parts, &mut definitions, &mut captured, &is_read)?
            .map_err(no_moment)?;
        Ok(Snapshotting::resume(
            self.parts,
            definitions,
            captured,
            view,
            (frontier, captured_by),
            carried,
        ))
    }

    /// Without a lock, a server may name a later transaction first: one of its binlog's order that is not in the set of the view
    /// and has been passed all the same. What was dropped of it may not be in the view.
    fn check_arrival(&self) -> Result<(), TaskError> {
        let here = self.follower.tracker().position();
        if self.view_moment.is_none()
            || here
                == ResumablePosition::between(self.view_position.gtids.clone(), here.binlog.clone(), here.server_uuid)
        {
            return Ok(());
        }
        Err(MySqlError::connection(
            "the stream has passed transactions that the snapshot's view may not hold, so it goes on in a fresh view",
        )
        .into())
    }

    /// What the history and the stream say of captured tables must be what the view says, or rows of both would not fit
    /// together.
    fn check_definitions(&self) -> Result<(), TaskError> {
        let definitions = self.follower.definitions();
        let known: HashSet<&TableId> = definitions.model().tables().map(|table| &table.id).collect();
        let viewed: HashSet<&TableId> = self.view_model.tables().map(|table| &table.id).collect();
        for id in known.union(&viewed).filter(|id| definitions.captures(id)) {
            let (ours, theirs) = (definitions.model().table(id), self.view_model.table(id));
            let difference = match (ours, theirs) {
                (Some(ours), Some(theirs)) => definitions_differ(ours, theirs),
                (None, None) => None,
                (Some(_), None) => Some("it is known, but the server has it no more".to_owned()),
                (None, Some(_)) => Some("it is not known, but the server has it".to_owned()),
            };
            if let Some(difference) = difference {
                return Err(MySqlError::schema(format!(
                        "the snapshot cannot go on: the definition of table {id} is not what the schema history and the binlog \
                         tell ({difference}); reset the connector's offsets to begin the snapshot again"
                    ))
                    .at(*id)
                    .into());
            }
        }
        Ok(())
    }
}
