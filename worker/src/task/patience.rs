//! [`Patience`]: a wait of the task that may be long, for the registry.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use schemas::converter::ConverterError;

use super::failure::TaskFailure;
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

/// A wait. One that is long is reported in the task's status.
pub(super) struct Patience<'a> {
    surroundings: &'a Surroundings,
    reason: &'static str,
    began: Instant,
    lasts: Option<Duration>,
    is_told: Cell<bool>,
}

impl<'a> Patience<'a> {
    /// A wait for `reason`, which begins now and ends when this is dropped; it `lasts` this long at most.
    pub(super) fn begin(surroundings: &'a Surroundings, reason: &'static str, lasts: Option<Duration>) -> Self {
        Patience {
            surroundings,
            reason,
            began: Instant::now(),
            lasts,
            is_told: Cell::new(false),
        }
    }

    /// Asked again and again by who waits.
    pub(super) fn is_over(&self) -> bool {
        if !self.is_told.get() && self.began.elapsed() > WAIT_IS_LONG {
            self.is_told.set(true);
            let reason = self.reason.to_owned();
            (self.surroundings.report)(TaskStatus::Waiting { reason });
        }
        self.surroundings.is_stopping() || self.has_run_out()
    }

    fn has_run_out(&self) -> bool {
        self.lasts.is_some_and(|longest| self.began.elapsed() >= longest)
    }

    /// Why the wait was in vain.
    pub(super) fn explained(&self, error: ConverterError) -> TaskFailure {
        match self.lasts {
            Some(longest) if error.is_stopped() && !self.surroundings.is_stopping() => TaskFailure::operator(format!(
                "{error}: it has not answered for the {} ms of errors.retry.timeout, and the log has its reasons. Restart the \
                 task when it does, or leave errors.retry.timeout out to wait for as long as it takes",
                longest.as_millis()
            )),
            _ => error.into(),
        }
    }
}

impl Drop for Patience<'_> {
    fn drop(&mut self) {
        if self.is_told.get() {
            (self.surroundings.report)(TaskStatus::Running);
        }
    }
}
