//! [`Reader`]: the records of a topic's partitions, from offsets on, for as long as somebody asks for more.
//!
//! What a `read_committed` reader is shown ends at the last stable offset, and leaves out what was aborted: an answer tells which
//! producers' transactions were, from which offset on, and the marker of an abort ends each (KIP-98). Markers are shown to nobody.

mod asked;
mod contact;
mod ends;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::fetch_response::{AbortedTransaction, PartitionData};
use kafka_protocol::messages::{BrokerId, FetchRequest, TopicName};
use kafka_protocol::protocol::StrBytes;

use crate::backoff::Wake;
use crate::cluster::Topic;
use crate::error::{Error, Kind};
use crate::error_code::ErrorCode;
use crate::network::{Network, NodeId, Sockets};
use crate::protocol;
use crate::record::{Damaged, StoredBatch, next_batch};
use crate::settings::ConnectionSettings;

use asked::Asked;
use contact::{Contact, Heard};
pub use ends::LogEnds;

/// Which records a reader is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    ReadUncommitted,
    ReadCommitted,
}

/// What is read with.
#[derive(Clone)]
pub struct ReaderSettings {
    pub connection: ConnectionSettings,
    /// `isolation.level`
    pub isolation: Isolation,
    /// `fetch.max.wait.ms`: how long a broker waits for records if there are none.
    pub max_wait: Duration,
    /// `fetch.max.bytes`: of an answer, unless one batch is larger.
    pub max_bytes: usize,
    /// `max.partition.fetch.bytes`: of a partition in an answer, unless one batch is larger.
    pub max_partition_bytes: usize,
}

impl ReaderSettings {
    /// Java's defaults for these connections, but for the isolation.
    pub fn new(connection: ConnectionSettings, isolation: Isolation) -> Self {
        ReaderSettings {
            connection,
            isolation,
            max_wait: Duration::from_millis(500),
            max_bytes: 50 << 20,
            max_partition_bytes: 1 << 20,
        }
    }
}

/// A record, borrowed from the answer that it came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadRecord<'a> {
    pub partition: i32,
    pub offset: i64,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
}

/// Reads partitions of one topic. Belongs to one thread; its calls block.
pub struct Reader<N: Network = Sockets> {
    settings: ReaderSettings,
    contact: Contact<N>,
    topic: Topic,
    logs: Vec<Log>,
    /// Since when nothing has come although it was asked for, and why.
    silent_since: Instant,
}

/// A partition that is read.
struct Log {
    partition: i32,
    next: i64,
    is_asked: bool,
    not_before: Option<Instant>,
}

/// Between two questions about a partition that cannot be answered.
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(100);

impl<N: Network> Reader<N> {
    /// Reads these partitions of a topic from these offsets on; `None` is from the beginning.
    ///
    /// # Errors
    /// [`Kind::Retry`]: where partitions begin was not to be heard in this time.
    pub fn begin(
        mut ends: LogEnds<N>,
        topic: &str,
        offsets: &BTreeMap<i32, Option<i64>>,
        patience: Duration,
    ) -> Result<Self, Error> {
        let unknown = offsets.iter().filter(|(_, offset)| offset.is_none());
        let unknown: Vec<(&str, i32)> = unknown.map(|(partition, _)| (topic, *partition)).collect();
        let beginnings = ends.beginnings(&unknown, patience)?;
        let found: BTreeMap<i32, i64> = unknown
            .iter()
            .map(|(_, partition)| *partition)
            .zip(beginnings)
            .collect();
        let logs = offsets.iter().map(|(partition, offset)| Log {
            partition: *partition,
            next: offset.or(found.get(partition).copied()).unwrap_or_default(),
            is_asked: false,
            not_before: None,
        });
        let LogEnds { settings, mut contact } = ends;
        Ok(Reader {
            topic: contact.cluster.topic(topic),
            logs: logs.collect(),
            silent_since: contact.network.now(),
            settings,
            contact,
        })
    }

    /// How far each partition is read: everything below is behind it.
    pub fn positions(&self) -> BTreeMap<i32, i64> {
        self.logs.iter().map(|log| (log.partition, log.next)).collect()
    }

    /// For how long the cluster has answered nothing at all.
    pub fn silence(&self) -> Duration {
        self.contact.network.now().saturating_duration_since(self.silent_since)
    }

    /// Why it may be silent, as an error.
    pub fn complain(&self, doing: &str) -> Error {
        let homeless = self
            .logs
            .iter()
            .find_map(|log| self.contact.cluster.why_no_leader(self.topic, log.partition));
        let why = homeless.unwrap_or_else(|| "no answer in time".to_owned());
        self.contact.explain(Error::new(Kind::Retry, doing, why))
    }

    /// Shows the next records to `visit`, in order within a partition; answers whether it got any further, within `wait`.
    ///
    /// # Errors
    /// Only another reader can go on. [`Kind::Rebuild`]: from another offset; [`Kind::Refused`]: when somebody has changed
    /// something.
    pub fn poll(&mut self, wait: Duration, visit: &mut dyn FnMut(ReadRecord<'_>)) -> Result<bool, Error> {
        let deadline = self.contact.network.now() + wait;
        loop {
            let mut wake = Wake::default();
            self.ask(&mut wake)?;
            let mut has_moved = false;
            for heard in self.contact.turn(wake, deadline)? {
                has_moved |= self.hear(heard, visit)?;
            }
            if has_moved || self.contact.network.now() >= deadline {
                return Ok(has_moved);
            }
        }
    }

    /// Asks every leader for the records of those of its partitions that are not asked for; a broker has one such question at a time.
    fn ask(&mut self, wake: &mut Wake) -> Result<(), Error> {
        let now = self.contact.network.now();
        let mut by_leader: BTreeMap<NodeId, Vec<usize>> = BTreeMap::new();
        let mut busy = BTreeSet::new();
        for (place, log) in self.logs.iter().enumerate() {
            if let Some(time) = log.not_before.filter(|time| now < *time) {
                wake.at(time);
                continue;
            }
            let Some(leader) = self.contact.leader(self.topic, log.partition, now, wake) else {
                continue;
            };
            match log.is_asked {
                true => _ = busy.insert(leader),
                false => by_leader.entry(leader).or_default().push(place),
            }
        }
        by_leader.retain(|leader, _| !busy.contains(leader));
        for (leader, places) in by_leader {
            let ask = self.fetch(&places);
            for place in &places {
                self.logs[*place].is_asked = true;
            }
            self.contact.ask(leader, Asked::Fetch(places), &ask)?;
        }
        Ok(())
    }

    fn fetch(&self, places: &[usize]) -> FetchRequest {
        let settings = &self.settings;
        let bytes = |bytes: usize| i32::try_from(bytes).unwrap_or(i32::MAX);
        let partitions = places.iter().map(|place| {
            let log = &self.logs[*place];
            FetchPartition::default()
                .with_partition(log.partition)
                .with_fetch_offset(log.next)
                .with_partition_max_bytes(bytes(settings.max_partition_bytes))
        });
        let name = self.contact.cluster.name(self.topic).to_owned();
        let topic = FetchTopic::default()
            .with_topic(TopicName(StrBytes::from_string(name)))
            .with_partitions(partitions.collect());
        FetchRequest::default()
            .with_replica_id(BrokerId(-1))
            .with_max_wait_ms(i32::try_from(settings.max_wait.as_millis()).unwrap_or(i32::MAX))
            .with_min_bytes(1)
            .with_max_bytes(bytes(settings.max_bytes))
            .with_isolation_level(settings.isolation.level())
            .with_session_epoch(-1)
            .with_topics(vec![topic])
    }

    /// Answers whether a partition got any further.
    fn hear(&mut self, heard: Heard, visit: &mut dyn FnMut(ReadRecord<'_>)) -> Result<bool, Error> {
        let now = self.contact.network.now();
        let (places, answer) = match heard {
            Heard::Answer {
                asked: Asked::Fetch(places),
                version,
                body,
            } => (places, protocol::answer::<FetchRequest>(body, version).ok()),
            Heard::Nothing(Asked::Fetch(places)) => (places, None),
            _ => return Ok(false),
        };
        let mut told = BTreeMap::new();
        if let Some(answer) = answer.filter(|answer| answer.error_code == 0) {
            self.silent_since = now;
            let partitions = answer.responses.into_iter().flat_map(|topic| topic.partitions);
            told.extend(partitions.map(|partition| (partition.partition_index, partition)));
        }
        let mut has_moved = false;
        for place in places {
            let log = &mut self.logs[place];
            log.is_asked = false;
            let Some(told) = told.remove(&log.partition) else {
                log.not_before = Some(now + BETWEEN_QUESTIONS);
                continue;
            };
            if let Some(error) = ErrorCode::of(told.error_code) {
                log.not_before = Some(now + BETWEEN_QUESTIONS);
                let partition = log.partition;
                self.contact.judge(self.topic, partition, error)?;
                continue;
            }
            log.not_before = None;
            has_moved |= self.show(place, told, visit)?;
        }
        Ok(has_moved)
    }

    fn show(
        &mut self,
        place: usize,
        told: PartitionData,
        visit: &mut dyn FnMut(ReadRecord<'_>),
    ) -> Result<bool, Error> {
        let log = &mut self.logs[place];
        let before = log.next;
        let mut aborted = Aborted::new(self.settings.isolation, told.aborted_transactions);
        let shown = log.show(&told.records.unwrap_or_default(), &mut aborted, visit);
        let (partition, next) = (log.partition, log.next);
        shown.map_err(|damaged| {
            let doing = format!("reading {}-{partition}", self.contact.cluster.name(self.topic));
            Error::new(Kind::Rebuild, doing, damaged.to_string())
        })?;
        Ok(next > before)
    }
}

impl Log {
    fn show(
        &mut self,
        bytes: &[u8],
        aborted: &mut Aborted,
        visit: &mut dyn FnMut(ReadRecord<'_>),
    ) -> Result<(), Damaged> {
        let mut left = bytes;
        while let Some(batch) = next_batch(&mut left)? {
            let next = batch.last_offset.saturating_add(1);
            if next <= self.next {
                continue;
            }
            if aborted.shows(&batch) {
                let (partition, from) = (self.partition, self.next);
                batch.records(&mut |record| {
                    // A batch can begin before the offset that was asked for.
                    if record.offset >= from {
                        visit(ReadRecord {
                            partition,
                            offset: record.offset,
                            key: record.key,
                            value: record.value,
                        });
                    }
                })?;
            }
            self.next = next;
        }
        Ok(())
    }
}

/// The aborted transactions of an answer, as far as they are not known to be over.
struct Aborted {
    /// By the offset that they begin at, the last one first; absent: aborted records are shown.
    ahead: Option<Vec<(i64, i64)>>,
    producers: BTreeSet<i64>,
}

impl Aborted {
    fn new(isolation: Isolation, told: Option<Vec<AbortedTransaction>>) -> Self {
        let told = told.unwrap_or_default().into_iter();
        let mut ahead: Vec<(i64, i64)> = told.map(|one| (one.first_offset, one.producer_id.0)).collect();
        ahead.sort_unstable_by(|one, other| other.cmp(one));
        Aborted {
            ahead: (isolation == Isolation::ReadCommitted).then_some(ahead),
            producers: BTreeSet::new(),
        }
    }

    /// Whether a batch is shown. To be asked of each, in order.
    fn shows(&mut self, batch: &StoredBatch<'_>) -> bool {
        if let Some(ahead) = &mut self.ahead {
            while let Some((_, producer)) = ahead.pop_if(|(first, _)| *first <= batch.last_offset) {
                self.producers.insert(producer);
            }
        }
        if batch.is_control() {
            if batch.aborts() {
                self.producers.remove(&batch.producer_id);
            }
            return false;
        }
        !(batch.is_transactional() && self.producers.contains(&batch.producer_id))
    }
}
