//! [`Patience`]: a wait of the task that may be long: for the registry, or for a topic.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Instant;

use super::lifecycle::{Control, StatusSink, Target, TaskStatus, WAIT_IS_LONG};

/// What the sink shares with the thread that runs it.
pub struct Surroundings {
    pub control: Arc<Control>,
    /// Tells the task's status.
    pub report: StatusSink,
}

impl Surroundings {
    pub(super) fn is_stopping(&self) -> bool {
        self.control.target() != Target::Run
    }
}

/// A wait. One that is long is told in the task's status.
pub(super) struct Patience<'a> {
    surroundings: &'a Surroundings,
    began: Instant,
    is_told: Cell<bool>,
}

impl<'a> Patience<'a> {
    pub(super) fn begin(surroundings: &'a Surroundings) -> Self {
        Patience {
            surroundings,
            began: Instant::now(),
            is_told: Cell::new(false),
        }
    }

    /// Asked again and again by who waits.
    pub(super) fn is_over(&self) -> bool {
        if !self.is_told.get() && self.began.elapsed() > WAIT_IS_LONG {
            self.is_told.set(true);
            let reason = "waiting for the schema registry, which does not answer; nothing is lost meanwhile, and no \
                          transaction is open"
                .to_owned();
            (self.surroundings.report)(TaskStatus::Waiting { reason });
        }
        self.surroundings.is_stopping()
    }

    pub(super) fn end(&self) {
        if self.is_told.get() {
            (self.surroundings.report)(TaskStatus::Running);
        }
    }
}
