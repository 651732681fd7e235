//! [`Subscription`]: the topics of a selection, those that appear later too, read by one thread each.
//!
//! All hand their records to one bounded channel, so a slow terminal slows the readers down instead of filling memory. Order
//! holds within a partition, as always in Kafka; between topics it is the order of arrival.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::arguments::Selection;
use super::error::TailError;
use super::record::Record;
use crate::kafka::{Admin, ClientSettings, Isolation, KafkaError, LogReader, LogRecord, Outcome};

const BUFFERED_RECORDS: usize = 256;
/// How often the cluster is asked for new topics.
const DISCOVERY: Duration = Duration::from_secs(1);
/// How long one look at a topic's end waits; also how soon a thread notices that it should stop.
const POLL: Duration = Duration::from_millis(200);

/// What the readers tell.
#[derive(Debug)]
pub(super) enum Arrival {
    Record(Record),
    /// The cluster was asked for topics for the first time; so many are about to be read.
    Discovered {
        topics: usize,
    },
    /// A topic of those was read up to its end as of its start.
    AtEnd,
    /// Kafka is away; the readers go on by themselves when it is back.
    Trouble(KafkaError),
    /// A reader has ended.
    Failed(KafkaError),
}

/// The threads, and the end of the channel that they fill.
pub(super) struct Subscription {
    arrivals: Option<Receiver<Arrival>>,
    stopping: Arc<AtomicBool>,
    discovery: Option<JoinHandle<()>>,
}

impl Subscription {
    pub(super) fn start(
        settings: ClientSettings,
        selection: Selection,
        from_beginning: bool,
    ) -> Result<Self, TailError> {
        let (sender, arrivals) = sync_channel(BUFFERED_RECORDS);
        let stopping = Arc::new(AtomicBool::new(false));
        let readers = Readers {
            admin: Admin::new(&settings)?,
            settings,
            sender,
            stopping: Arc::clone(&stopping),
            threads: BTreeMap::new(),
        };
        let discovery = std::thread::Builder::new()
            .name("tail-discovery".to_owned())
            .spawn(move || readers.discover(&selection, from_beginning))
            .map_err(|source| TailError::System {
                doing: "starting a thread",
                source,
            })?;
        Ok(Subscription {
            arrivals: Some(arrivals),
            stopping,
            discovery: Some(discovery),
        })
    }

    /// The next arrival, if one comes within `wait`.
    pub(super) fn next(&self, wait: Duration) -> Result<Arrival, RecvTimeoutError> {
        self.arrivals
            .as_ref()
            .ok_or(RecvTimeoutError::Disconnected)?
            .recv_timeout(wait)
    }

    /// The next arrival that is already here.
    pub(super) fn next_at_once(&self) -> Result<Arrival, TryRecvError> {
        self.arrivals.as_ref().ok_or(TryRecvError::Disconnected)?.try_recv()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        // Whoever waits for room in the channel is let go.
        self.arrivals = None;
        if let Some(thread) = self.discovery.take() {
            let _ = thread.join();
        }
    }
}

/// What the discovering thread owns.
struct Readers {
    admin: Admin,
    settings: ClientSettings,
    sender: SyncSender<Arrival>,
    stopping: Arc<AtomicBool>,
    threads: BTreeMap<Arc<str>, JoinHandle<()>>,
}

impl Readers {
    fn discover(mut self, selection: &Selection, from_beginning: bool) {
        let mut is_first = true;
        while !self.stopping.load(Ordering::Relaxed) {
            match topics(&self.admin, selection) {
                Ok(topics) => {
                    if is_first {
                        self.tell(Arrival::Discovered { topics: topics.len() });
                    }
                    for topic in topics {
                        self.read(&topic, from_beginning || !is_first);
                    }
                    is_first = false;
                }
                Err(error) if error.outcome() == Outcome::Retry => self.tell(Arrival::Trouble(error)),
                Err(error) => self.tell(Arrival::Failed(error)),
            }
            self.pause(DISCOVERY);
        }
        for thread in self.threads.into_values() {
            let _ = thread.join();
        }
    }

    fn read(&mut self, topic: &str, from_beginning: bool) {
        if self.threads.contains_key(topic) {
            return;
        }
        let topic: Arc<str> = Arc::from(topic);
        let follower = Follower {
            settings: self.settings.clone(),
            topic: Arc::clone(&topic),
            from_beginning,
            sender: self.sender.clone(),
            stopping: Arc::clone(&self.stopping),
            seen: BTreeMap::new(),
        };
        let spawned = std::thread::Builder::new()
            .name(format!("tail-{topic}"))
            .spawn(move || follower.run());
        match spawned {
            Ok(thread) => {
                self.threads.insert(topic, thread);
            }
            Err(error) => {
                let doing = format!("starting a thread for topic {topic}");
                self.tell(Arrival::Failed(KafkaError::new(
                    Outcome::Refused,
                    doing,
                    error.to_string(),
                )));
            }
        }
    }

    fn tell(&self, arrival: Arrival) {
        // Nobody listens any more: the next look at `stopping` ends this thread.
        let _ = self.sender.send(arrival);
    }

    fn pause(&self, duration: Duration) {
        let mut left = duration;
        while !left.is_zero() && !self.stopping.load(Ordering::Relaxed) {
            let step = left.min(POLL);
            std::thread::sleep(step);
            left -= step;
        }
    }
}

/// The names of the selected topics that there are.
pub(super) fn topics(admin: &Admin, selection: &Selection) -> Result<BTreeSet<String>, KafkaError> {
    let names = admin.topic_names()?;
    Ok(names.into_iter().filter(|name| selection.contains(name)).collect())
}

/// Reads one topic.
struct Follower {
    settings: ClientSettings,
    topic: Arc<str>,
    from_beginning: bool,
    sender: SyncSender<Arrival>,
    stopping: Arc<AtomicBool>,
    /// The next offset of each partition, so that a topic that has to be read anew shows nothing twice.
    seen: BTreeMap<i32, i64>,
}

impl Follower {
    fn run(mut self) {
        while !self.is_stopping() {
            let Err(error) = self.follow() else { return };
            let can_heal = error.outcome() == Outcome::Retry;
            let sent = self.sender.send(if can_heal {
                Arrival::Trouble(error)
            } else {
                Arrival::Failed(error)
            });
            if !can_heal || sent.is_err() {
                return;
            }
            std::thread::sleep(POLL);
        }
    }

    fn follow(&mut self) -> Result<(), KafkaError> {
        let reader = LogReader::open(&self.settings, &self.topic, None, Isolation::ReadCommitted)?;
        let mut tail = if self.from_beginning {
            let stopping = Arc::clone(&self.stopping);
            let mut waiting = move || !stopping.load(Ordering::Relaxed);
            reader.read_and_follow(&mut waiting, &mut |record| self.hand_on(record))?
        } else {
            self.seen = reader.ends()?;
            // After a failure the topic is read anew, from here.
            self.from_beginning = true;
            reader.follow_from(&self.seen)?
        };
        let _ = self.sender.send(Arrival::AtEnd);
        while !self.is_stopping() {
            match tail.poll(POLL, &mut |record| self.hand_on(record)) {
                Err(error) if error.outcome() == Outcome::Retry => {
                    let _ = self.sender.send(Arrival::Trouble(error));
                }
                result => result?,
            }
        }
        Ok(())
    }

    fn hand_on(&mut self, record: LogRecord<'_>) {
        let next = self.seen.entry(record.partition).or_insert(0);
        if record.offset >= *next {
            *next = record.offset + 1;
            let _ = self.sender.send(Arrival::Record(Record::of_log(&self.topic, record)));
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}
