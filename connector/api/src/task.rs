//! [`SourceTask`] and [`RecordSink`]: how records and positions flow, and what is guaranteed on the way.
//!
//! # The contract
//! The worker owns one OS thread per task and calls [`run_once`](SourceTask::run_once) in a loop on it. The task hands
//! every change to the [`RecordSink`] and returns when the source has nothing more right now. The worker decides when a
//! Kafka transaction begins and ends; the task only says from where it could resume.
//!
//! - **A change is whole.** All records of one [`send`](RecordSink::send) become visible in the same Kafka transaction:
//!   a transaction is cut only between calls of `send`. So an offset never counts a change as done of which some
//!   records are missing.
//! - **Offsets are asked for, not sent along.** With every change comes a closure that tells the resumable offset *before*
//!   it. The worker calls it only when it cuts a transaction there. After `run_once` it asks
//!   [`SourceTask::offset`].
//! - **Never from memory.** After an error of the sink the task is dropped, and a new one is started from the offset that
//!   Kafka has. A task never sends a record again by itself.

use std::time::Duration;

use crate::error::ConnectError;
use crate::offset::{SourceOffset, SourcePartition};
use crate::record::SourceRecord;

/// What a task knows after one round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// More may be there at once; call again.
    More,
    /// The source has nothing right now: the worker commits what is open before it calls again.
    Idle,
    /// There will never be more (`snapshot.mode=initial_only`): the worker commits and lets the task rest.
    Finished,
}

/// What the sink wants after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// Return from [`SourceTask::run_once`] soon: the worker wants to stop, pause or look around.
    Return,
}

/// Why a round ended early.
#[derive(Debug)]
pub enum TaskError {
    /// The source or the connector failed.
    Connector(ConnectError),
    /// The sink failed; the worker knows why. Pass it on at once.
    Sink(SinkError),
}

/// The sink cannot take more. Why is the business of the worker that made it; the connector adds where it happened.
#[derive(Debug)]
pub struct SinkError {
    /// What the worker says of it.
    pub cause: Box<dyn std::error::Error + Send + Sync>,
    /// Which change could not be taken: its table, key and position.
    pub place: Option<String>,
}

impl SinkError {
    /// A failure for this reason.
    pub fn new(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        SinkError {
            cause: Box::new(cause),
            place: None,
        }
    }

    /// The same failure, with the change that could not be taken.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }
}

impl From<ConnectError> for TaskError {
    fn from(error: ConnectError) -> Self {
        TaskError::Connector(error)
    }
}

impl From<SinkError> for TaskError {
    fn from(error: SinkError) -> Self {
        TaskError::Sink(error)
    }
}

/// Tells the offset from which the source could resume at this point. Called rarely: for a cut, or to tell where a record
/// was left out.
pub type OffsetFn<'a> = &'a dyn Fn() -> SourceOffset;

/// Takes a task's records. Implemented by the worker.
pub trait RecordSink {
    /// Takes one change: one or more records that belong together, in order.
    ///
    /// `before` tells the resumable offset just before this change; the sink may commit what it already holds with it, for
    /// instance because the open transaction is full or because a schema has to be registered first.
    /// The sink keeps nothing of `change` beyond the call.
    fn send(&mut self, change: &[SourceRecord<'_>], before: OffsetFn<'_>) -> Result<Flow, SinkError>;

    /// Commits everything sent so far together with the offset `at`, and returns when Kafka has confirmed it. Consumers at
    /// `read_committed` see it once the markers are written, usually milliseconds later.
    ///
    /// Needed only where something outside Kafka's transaction must come after it, such as a record of the schema history.
    fn commit(&mut self, at: OffsetFn<'_>) -> Result<(), SinkError>;
}

/// One running source. Created by [`SourceConnector::start_task`](crate::SourceConnector::start_task), used by one thread.
pub trait SourceTask: Send {
    /// Reads what the source has, sends it, and returns.
    ///
    /// Waits at most `wait` for the *first* piece of work, and returns [`Progress::Idle`] as soon as nothing more is there
    /// without waiting (also in the middle of a source transaction). Under load it returns [`Progress::More`] now and
    /// then, at the latest when the sink answers [`Flow::Return`].
    fn run_once(&mut self, sink: &mut dyn RecordSink, wait: Duration) -> Result<Progress, TaskError>;

    /// What the offsets of this task belong to. The same for as long as the task lives.
    fn partition(&self) -> SourcePartition;

    /// The offset from which the source could resume now, after everything that was sent; `None` while there is none yet.
    /// Also asked for after a failure of the connector's own, when the worker commits what had been sent: `None` if the task
    /// can no longer tell.
    ///
    /// It may have moved although nothing was sent (changes of tables that are not captured): the worker stores it now and then.
    fn offset(&self) -> Option<SourceOffset>;

    /// Called after a transaction with this task's offset was committed. Never concurrently with `run_once`.
    fn committed(&mut self) {}

    /// Releases connections. Called once, also after an error; nothing is called afterwards.
    fn stop(&mut self) {}
}
