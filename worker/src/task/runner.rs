//! [`spawn`]: a task's thread. One session follows another until the task is told to stop.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tracing::{error, error_span, info, warn};

use super::backoff::Backoff;
use super::failure::{NextStep, TaskFailure};
use super::lifecycle::{StatusSink, Target, TaskEvent, TaskHandle, TaskStatus};
use super::metrics::{count_failure, forget_waiting};
use super::session::{Ended, Session};
use super::spec::TaskSpec;
use crate::allocator;
use crate::kafka::WrittenPartition;

/// Takes a task's events. Called on the task's thread; must not block.
pub type EventSink = Arc<dyn Fn(TaskEvent) + Send + Sync>;

static INCARNATIONS: AtomicU64 = AtomicU64::new(1);

/// A session that has been running this long, once it was started, counts as healthy: the next failure starts with the shortest wait.
const HEALTHY: Duration = Duration::from_secs(10);

/// Starts the task's thread. `initially` is [`Target::Run`] or [`Target::Pause`]. Must be called inside a tokio runtime.
pub fn spawn(spec: TaskSpec, initially: Target, events: EventSink) -> std::io::Result<TaskHandle> {
    let control = Arc::clone(&spec.control);
    control.ask(initially);
    let incarnation = INCARNATIONS.fetch_add(1, Ordering::Relaxed);
    let runtime = Handle::current();
    let thread = std::thread::Builder::new()
        .name(format!("{}-{}", spec.connector, spec.task))
        .spawn(move || {
            let _inside = runtime.enter();
            // An error's level, so that no filter of lines takes the names from those that are left.
            let _speaks = error_span!("task", connector = spec.connector, task = spec.task).entered();
            Runner {
                spec,
                events,
                incarnation,
                backoff: Backoff::default(),
                kafkas_failures: 0,
                unsettled: Vec::new(),
            }
            .run();
        })?;
    Ok(TaskHandle {
        control,
        thread: Some(thread),
        incarnation,
    })
}

struct Runner {
    spec: TaskSpec,
    events: EventSink,
    incarnation: u64,
    backoff: Backoff,
    /// How many of the last sessions in a row Kafka may have ended.
    kafkas_failures: u32,
    /// Where the newest transaction of the last session went, if that session failed.
    unsettled: Vec<WrittenPartition>,
}

impl Runner {
    fn run(&mut self) {
        loop {
            match self.spec.control.target() {
                Target::Stop => break,
                Target::Pause => {
                    self.report(TaskStatus::Paused);
                    self.rest(Target::Pause);
                }
                Target::Run => self.run_session(),
            }
        }
        forget_waiting(&self.spec.connector, self.spec.task);
        self.report(TaskStatus::Stopped);
    }

    fn run_session(&mut self) {
        if self.backoff.attempts() == 0 {
            self.report(TaskStatus::Starting);
        }
        let is_running_since = Arc::new(OnceLock::new());
        let report = self.reporter();
        let report: StatusSink = {
            let is_running_since = Arc::clone(&is_running_since);
            Arc::new(move |status| {
                if status == TaskStatus::Running {
                    is_running_since.get_or_init(Instant::now);
                }
                report(status);
            })
        };
        let session = Session::new(&self.spec, report, self.kafkas_failures);
        let unsettled = &mut self.unsettled;
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| session.run(unsettled)));
        allocator::give_back();
        if is_running_since.get().is_some_and(|since| since.elapsed() >= HEALTHY) {
            self.backoff.reset();
            self.kafkas_failures = 0;
        }
        self.kafkas_failures = match &result {
            Ok(Err(failure)) if failure.may_be_kafkas => self.kafkas_failures.saturating_add(1),
            _ => 0,
        };
        match result {
            Ok(Ok(Ended::AsAsked)) => {}
            Ok(Ok(Ended::Finished)) => {
                info!("the source has nothing more to give");
                self.report(TaskStatus::Finished);
                self.rest(Target::Run);
            }
            Ok(Err(failure)) => self.fail(failure),
            Err(_) => self.fail(TaskFailure::operator(
                "the task panicked; the log has the place: please report it",
            )),
        }
    }

    fn fail(&mut self, failure: TaskFailure) {
        count_failure(&self.spec.connector, self.spec.task);
        let trace = failure.message;
        match failure.next {
            NextStep::Operator => {
                error!(reason = trace, "task failed; it waits for a restart");
                self.report(TaskStatus::Failed { trace, retry_in: None });
                self.rest(Target::Run);
            }
            NextStep::AskOwnership | NextStep::Retry => {
                let wait = self.backoff.next_wait();
                warn!(
                    reason = trace,
                    ?wait,
                    "task failed; it starts again from its stored offset"
                );
                if failure.next == NextStep::AskOwnership {
                    self.report(TaskStatus::Fenced { trace: trace.clone() });
                }
                // The first failure of a healthy task heals in place, mostly unseen; what lasts is shown.
                if self.backoff.attempts() > 1 {
                    self.report(TaskStatus::Failed {
                        trace,
                        retry_in: Some(wait),
                    });
                }
                self.spec.control.wait_while(Target::Run, wait);
            }
        }
    }

    fn rest(&self, current: Target) {
        while self.spec.control.wait_while(current, Duration::from_secs(3600)) == current {}
    }

    fn report(&self, status: TaskStatus) {
        self.reporter()(status);
    }

    fn reporter(&self) -> StatusSink {
        let (events, connector) = (Arc::clone(&self.events), self.spec.connector.clone());
        let (task, incarnation) = (self.spec.task, self.incarnation);
        Arc::new(move |status| {
            let connector = connector.clone();
            events(TaskEvent {
                connector,
                task,
                incarnation,
                status,
            });
        })
    }
}
