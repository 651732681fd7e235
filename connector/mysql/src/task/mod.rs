//! [`MySqlTask`]: from one phase to the next.
//!
//! ```text
//! no offset ──────────────▶ Snapshot ─────────────▶ Streaming     (initial; no_data: without rows)
//!                              ▲    └────────────▶ Finished       (initial_only)
//! offset inside a snapshot ▶ CatchUp
//! offset of the stream ───────────────────────────▶ Streaming     (always: CatchUp, then a new snapshot)
//! ```
//! An offset that the server does not go on at, or a lost history, counts as no offset with `when_needed`.
//!
//! Every phase can tell the offset from which it could be resumed at any moment between two changes.

mod catch_up;
mod discovered;
mod guardrail;
mod heartbeat;
mod parts;
mod rebuilt;
mod snapshot_progress;
mod snapshotting;
mod start;
mod streaming_phase;
mod viewed;
mod viewpoint;

use std::time::Duration;

use connector_api::{ConnectError, Progress, RecordSink, SourceOffset, SourcePartition, SourceTask, TaskError};
use tracing::info;

use self::catch_up::CatchUp;
use self::snapshotting::Snapshotting;
use self::streaming_phase::Streaming;
use crate::position::source_partition;

pub use self::start::start;

/// One running connector.
pub struct MySqlTask {
    topic_prefix: String,
    phase: Phase,
}

/// What the task is doing.
enum Phase {
    /// Reading rows from a view.
    Snapshot(Box<Snapshotting>),
    /// Streaming up to the view in which an interrupted snapshot goes on.
    CatchUp(Box<CatchUp>),
    /// Following the stream, for good.
    Streaming(Box<Streaming>),
    /// There is nothing more to do.
    Finished(SourceOffset),
    /// A transition failed; the worker drops the task.
    Broken,
}

/// Where a phase goes after a round.
enum Next {
    /// Nowhere yet.
    Stay(Progress),
    /// To the phase that follows it.
    Advance,
}

impl MySqlTask {
    fn advance(&mut self) -> Result<(), TaskError> {
        self.phase = match std::mem::replace(&mut self.phase, Phase::Broken) {
            Phase::Snapshot(snapshot) => snapshot.into_next()?,
            Phase::CatchUp(catch_up) => Phase::Snapshot(Box::new(catch_up.into_snapshot()?)),
            Phase::Streaming(_) | Phase::Finished(_) | Phase::Broken => return Err(broken()),
        };
        info!(phase = self.phase.name(), "entered the next phase");
        Ok(())
    }
}

/// Never seen: nothing follows the last phases, and a task whose transition failed is dropped.
fn broken() -> TaskError {
    TaskError::Connector(ConnectError::retriable(
        "the task is between two phases; it begins again at its stored offset",
    ))
}

impl Phase {
    fn name(&self) -> &'static str {
        match self {
            Phase::Snapshot(_) => "snapshot",
            Phase::CatchUp(_) => "catching up with the snapshot",
            Phase::Streaming(_) => "streaming",
            Phase::Finished(_) => "finished",
            Phase::Broken => "broken",
        }
    }
}

impl SourceTask for MySqlTask {
    fn run_once(&mut self, sink: &mut dyn RecordSink, wait: Duration) -> Result<Progress, TaskError> {
        let next = match &mut self.phase {
            Phase::Snapshot(snapshot) => snapshot.run_once(sink, wait)?,
            Phase::CatchUp(catch_up) => catch_up.run_once(sink, wait)?,
            Phase::Streaming(streaming) => Next::Stay(streaming.run_once(sink, wait)?),
            Phase::Finished(_) => Next::Stay(Progress::Finished),
            Phase::Broken => return Err(broken()),
        };
        match next {
            Next::Stay(progress) => Ok(progress),
            Next::Advance => {
                self.advance()?;
                Ok(Progress::Idle)
            }
        }
    }

    fn partition(&self) -> SourcePartition {
        source_partition(&self.topic_prefix)
    }

    fn offset(&self) -> Option<SourceOffset> {
        match &self.phase {
            Phase::Snapshot(snapshot) => snapshot.offset().map(|offset| offset.write()),
            Phase::CatchUp(catch_up) => Some(catch_up.offset().write()),
            Phase::Streaming(streaming) => Some(streaming.offset().write()),
            Phase::Finished(offset) => Some(offset.clone()),
            Phase::Broken => None,
        }
    }
}
