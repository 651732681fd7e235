//! What a task is asked to be ([`Target`]), what it says of itself ([`TaskStatus`]), and the handle between the two.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What the herder wants a task to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Run,
    Pause,
    Stop,
}

/// What a task says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskStatus {
    /// Fencing its predecessor, reading its offset, connecting.
    Starting,
    /// Healthy, but held up by something outside for longer than a moment.
    Waiting { reason: String },
    /// It writes to this topic. Said once per topic and session.
    WritesTo { topic: String },
    /// Reading and committing.
    Running,
    /// Everything is committed and nothing is read.
    Paused,
    /// It cannot go on. With `retry_in` it tries again by itself; without, a person has to fix the cause and restart it.
    Failed { trace: String, retry_in: Option<Duration> },
    /// The source has nothing more to give, ever; everything is committed.
    Finished,
    /// The thread has ended.
    Stopped,
    /// A producer with the same transactional id took over. The herder decides whether the worker still owns the task.
    Fenced { trace: String },
}

/// Takes what a task says of itself. Called on the task's thread; must not block.
pub type StatusSink = Arc<dyn Fn(TaskStatus) + Send + Sync>;

/// A wait that is longer than this is reported.
pub(super) const WAIT_IS_LONG: Duration = Duration::from_secs(2);

/// A change of a task's status.
#[derive(Debug, Clone)]
pub struct TaskEvent {
    pub connector: String,
    pub task: u32,
    /// The number given when the task was spawned, so that a late word of an earlier incarnation can be told apart.
    pub incarnation: u64,
    pub status: TaskStatus,
}

/// The target, shared by the herder's handle and the task's thread.
#[derive(Debug)]
pub struct Control {
    target: Mutex<Target>,
    changed: Condvar,
}

impl Control {
    pub(super) fn new(target: Target) -> Self {
        Control {
            target: Mutex::new(target),
            changed: Condvar::new(),
        }
    }

    /// What the task should do now.
    pub fn target(&self) -> Target {
        *self.target.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn ask(&self, target: Target) {
        let mut current = self.target.lock().unwrap_or_else(PoisonError::into_inner);
        // A task that was asked to stop stays stopped.
        if *current != Target::Stop {
            *current = target;
            self.changed.notify_all();
        }
    }

    /// Waits until the target is no longer `current`, for at most `longest`. Answers what it is then.
    pub(super) fn wait_while(&self, current: Target, longest: Duration) -> Target {
        let guard = self.target.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .changed
            .wait_timeout_while(guard, longest, |target| *target == current);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// The herder's hold on a running task.
pub struct TaskHandle {
    pub(super) control: Arc<Control>,
    pub(super) thread: Option<JoinHandle<()>>,
    pub(super) incarnation: u64,
}

impl TaskHandle {
    /// The number that marks this task's events.
    pub fn incarnation(&self) -> u64 {
        self.incarnation
    }

    /// Commits what is open and rests until [`resume`](Self::resume).
    pub fn pause(&self) {
        self.control.ask(Target::Pause);
    }

    /// Goes on from the stored offset.
    pub fn resume(&self) {
        self.control.ask(Target::Run);
    }

    /// Commits what is open and ends. Returns at once; [`join`](Self::join) waits.
    pub fn stop(&self) {
        self.control.ask(Target::Stop);
    }

    /// Waits for the thread's end until `deadline`. Answers whether it ended; blocks.
    pub fn join(&mut self, deadline: Instant) -> bool {
        while self.thread.as_ref().is_some_and(|thread| !thread.is_finished()) {
            if Instant::now() >= deadline {
                return false;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.thread.take().is_none_or(|thread| thread.join().is_ok())
    }
}
