//! [`TopicLog`]: one topic, read from its beginning by a thread of its own, then followed for good.
//!
//! The reader hands every record to a [`LogView`]. When it has to begin again (a failure, a topic that was made anew) it
//! clears the view first, so the view is always what the log says, never a mixture.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tracing::{info, warn};

use crate::kafka::{ClientSettings, Isolation, KafkaError, LogReader, LogRecord, Outcome};

/// What a log means.
pub trait LogView: Send + 'static {
    /// Forgets everything: the log is about to be read from its beginning.
    fn clear(&mut self);
    /// Takes one record. Keys of others are ignored.
    fn apply(&mut self, record: LogRecord<'_>);
    /// Shows what is known: called at the end of the log, and from then on after every record.
    fn publish(&mut self);
}

/// How long one look at the tail waits; also how soon the thread notices that it should stop.
const TAIL_WAIT: Duration = Duration::from_millis(200);
/// Between attempts to read a log.
const RETRY_WAIT: Duration = Duration::from_millis(500);

/// How long a reader is waited for. One that asks a cluster that is away may take seconds more; it ends with the process.
const ENDING: Duration = Duration::from_millis(500);

/// How often the same outage is logged.
const BETWEEN_COMPLAINTS: Duration = Duration::from_secs(30);

/// The thread that follows a topic.
pub(crate) struct TopicLog {
    at_end: watch::Receiver<Option<Result<(), KafkaError>>>,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl TopicLog {
    /// Begins to read `topic`, which exists.
    pub(crate) fn open(consumer: ClientSettings, topic: &str, isolation: Isolation, view: impl LogView) -> Self {
        let (ended, at_end) = watch::channel(None);
        let stopping = Arc::new(AtomicBool::new(false));
        let follower = Follower {
            consumer,
            topic: topic.to_owned(),
            isolation,
            view,
            ended,
            stopping: Arc::clone(&stopping),
        };
        let spawned = std::thread::Builder::new()
            .name(format!("log-{topic}"))
            .spawn(move || follower.run());
        if let Err(error) = &spawned {
            // The sender went with the closure: whoever waits sees it.
            warn!(topic, %error, "no thread for a topic's reader");
        }
        TopicLog {
            at_end,
            stopping,
            thread: spawned.ok(),
        }
    }

    /// Waits until the log was read to its end for the first time.
    pub(crate) async fn read_to_end(&self) -> Result<(), KafkaError> {
        let mut at_end = self.at_end.clone();
        match at_end.wait_for(Option::is_some).await {
            Ok(result) => result.clone().unwrap_or(Ok(())),
            Err(_) => Err(KafkaError::new(
                Outcome::Refused,
                "reading a topic",
                "its reader has ended",
            )),
        }
    }

    /// Asks the reader to end; dropping the log waits for it.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
}

impl Drop for TopicLog {
    fn drop(&mut self) {
        self.stop();
        let asked = Instant::now();
        while self.thread.as_ref().is_some_and(|thread| !thread.is_finished()) {
            if asked.elapsed() >= ENDING {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            warn!("a topic's reader panicked");
        }
    }
}

struct Follower<V> {
    consumer: ClientSettings,
    topic: String,
    isolation: Isolation,
    view: V,
    ended: watch::Sender<Option<Result<(), KafkaError>>>,
    stopping: Arc<AtomicBool>,
}

impl<V: LogView> Follower<V> {
    fn run(mut self) {
        while !self.is_stopping() {
            match self.read_and_follow() {
                Ok(()) => {}
                Err(error) if error.outcome() == Outcome::Refused => {
                    warn!(topic = self.topic, %error, "a topic cannot be read");
                    self.ended
                        .send_if_modified(|ended| ended.is_none() && ended.replace(Err(error)).is_none());
                    std::thread::sleep(RETRY_WAIT);
                }
                Err(error) => {
                    info!(topic = self.topic, %error, "reading a topic again from its beginning");
                    std::thread::sleep(RETRY_WAIT);
                }
            }
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    fn read_and_follow(&mut self) -> Result<(), KafkaError> {
        let reader = LogReader::open(&self.consumer, &self.topic, None, self.isolation)?;
        self.view.clear();
        let stopping = Arc::clone(&self.stopping);
        let mut waiting = || !stopping.load(Ordering::Relaxed);
        let mut tail = reader.read_and_follow(&mut waiting, &mut |record| self.view.apply(record))?;
        self.view.publish();
        self.ended.send_replace(Some(Ok(())));
        let mut logged: Option<Instant> = None;
        while !self.is_stopping() {
            let mut seen = false;
            let polled = tail.poll(TAIL_WAIT, &mut |record| {
                self.view.apply(record);
                seen = true;
            });
            if seen {
                self.view.publish();
            }
            match polled {
                // Read on at once: the tail comes back by itself, and what is known meanwhile stays true.
                Err(error) if error.outcome() == Outcome::Retry => {
                    if logged.is_none_or(|at| at.elapsed() >= BETWEEN_COMPLAINTS) {
                        info!(topic = self.topic, %error, "a topic's tail is out of reach; waiting");
                        logged = Some(Instant::now());
                    }
                }
                other => other?,
            }
        }
        Ok(())
    }
}
