//! [`CatchUp`]: the phase in which a stream is followed up to a fresh view.
//!
//! An interrupted snapshot emits only what concerns rows at or below its frontier; the view has the rest. At the view's position
//! everything at or below the frontier is in the topics as of the view, and so the snapshot can go on from there.
//!
//! Before a new snapshot (`snapshot.mode=always`) everything is emitted: rows that were deleted meanwhile are in no view.

use std::collections::HashSet;
use std::time::Duration;

use connector_api::{ConnectError, Progress, RecordSink, TaskError};

use super::Next;
use super::discovered::Discovered;
use super::parts::PhaseParts;
use super::snapshotting::Snapshotting;
use super::viewed::{Viewed, no_moment};
use crate::error::MySqlError;
use crate::event_time::EventTime;
use crate::position::{MySqlOffset, ResumablePosition};
use crate::schema::{SchemaChange, SchemaModel, definitions_differ};
use crate::snapshot::{FrontierFilter, Moment, TouchedKeys, ViewSession};
use crate::streaming::{Follower, Replica, Round};
use crate::table_id::TableId;

/// A stream on its way to a view.
pub(super) struct CatchUp {
    replica: Replica,
    follower: Follower,
    view: ViewAhead,
    /// The view's session, unless the follower's filter has it.
    session: Option<ViewSession>,
    parts: PhaseParts,
}

/// What is known of the view.
pub(super) struct ViewAhead {
    position: ResumablePosition,
    /// The moment in which it opened, if that was without a lock.
    moment: Option<Moment>,
    taken_at: EventTime,
    tables: Discovered,
}

impl ViewAhead {
    pub(super) fn new(
        position: ResumablePosition,
        moment: Option<Moment>,
        taken_at: EventTime,
        tables: Discovered,
    ) -> Self {
        ViewAhead {
            position,
            moment,
            taken_at,
            tables,
        }
    }
}

impl CatchUp {
    /// On the way to a view in which an interrupted snapshot goes on behind the filter's frontier.
    pub(super) fn to_frontier(
        (replica, mut follower): (Replica, Follower),
        view: ViewAhead,
        filter: FrontierFilter,
        parts: PhaseParts,
    ) -> Self {
        follower.set_filter(filter);
        CatchUp {
            replica,
            follower,
            view,
            session: None,
            parts,
        }
    }

    /// On the way to a view in which a new snapshot begins.
    pub(super) fn to_new_snapshot(
        (replica, follower): (Replica, Follower),
        view: ViewAhead,
        session: ViewSession,
        parts: PhaseParts,
    ) -> Self {
        CatchUp {
            replica,
            follower,
            view,
            session: Some(session),
            parts,
        }
    }

    pub(super) fn run_once(&mut self, sink: &mut dyn RecordSink, wait: Duration) -> Result<Next, TaskError> {
        if self.has_arrived() {
            return Ok(Next::Advance);
        }
        let view = &self.view.position;
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
        self.follower.tracker().has_passed(&self.view.position)
    }

    pub(super) fn into_snapshot(mut self) -> Result<Snapshotting, TaskError> {
        self.check_arrival()?;
        match (self.follower.take_filter(), self.session.take()) {
            (Some(filter), _) => self.into_resumed(filter),
            (None, Some(session)) => self.into_new(session),
            (None, None) => Err(TaskError::Connector(ConnectError::fatal(
                "the catch-up of a snapshot had no view",
            ))),
        }
    }

    fn into_resumed(self, filter: FrontierFilter) -> Result<Snapshotting, TaskError> {
        self.check_definitions()?;
        let carried = self.follower.offset().carried;
        let (frontier, captured_by, session) = filter.into_parts();
        let (mut definitions, mut captured) = self.follower.into_parts();
        // Its identity is needed for another stream.
        drop(self.replica);
        let (mut view, _) = self.view.into_viewed(session);
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

    /// What the view says of definitions counts, as for a first snapshot.
    fn into_new(self, session: ViewSession) -> Result<Snapshotting, TaskError> {
        let followed_to = self.follower.offset();
        let (mut definitions, mut captured) = self.follower.into_parts();
        drop(self.replica);
        let (mut view, tables) = self.view.into_viewed(session);
        definitions.replace(tables.model);
        captured.forget_dropped(definitions.model());
        view.settle(&self.parts, &mut definitions, &mut captured, &|_| true)?
            .map_err(no_moment)?;
        let mut snapshot = Snapshotting::begin(self.parts, definitions, captured, view, tables.statements);
        snapshot.followed_to = Some(followed_to);
        Ok(snapshot)
    }

    /// Without a lock, a server may name a later transaction first: one of its binlog's order that is not in the set of the view
    /// and has been passed all the same. What was dropped of it may not be in the view.
    fn check_arrival(&self) -> Result<(), TaskError> {
        let here = self.follower.tracker().position();
        if self.view.moment.is_none()
            || here
                == ResumablePosition::between(self.view.position.gtids.clone(), here.binlog.clone(), here.server_uuid)
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
        let viewed: HashSet<&TableId> = self.view.tables.model.tables().map(|table| &table.id).collect();
        for id in known.union(&viewed).filter(|id| definitions.captures(id)) {
            let (ours, theirs) = (definitions.model().table(id), self.view.tables.model.table(id));
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

impl ViewAhead {
    /// The view as a snapshot reads it, and what it says of definitions.
    fn into_viewed(self, session: ViewSession) -> (Viewed, NewDefinitions) {
        let Discovered {
            model,
            statements,
            copies,
        } = self.tables;
        let viewed = Viewed {
            session,
            position: self.position,
            unlocked: self.moment,
            taken_at: self.taken_at,
            copies,
            touched: TouchedKeys::default(),
        };
        (viewed, NewDefinitions { model, statements })
    }
}

/// What a view says of definitions.
struct NewDefinitions {
    model: SchemaModel,
    statements: Vec<SchemaChange>,
}
