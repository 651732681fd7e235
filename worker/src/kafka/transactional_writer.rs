//! [`TransactionalWriter`]: records and the offset that covers them, visible together or not at all (KIP-98, KIP-618).
//!
//! Opening a writer fences every earlier producer of the same transactional id and aborts its open transaction: that, and
//! nothing of our own bookkeeping, makes a predecessor harmless. A writer belongs to one thread, and has none of its own: its
//! calls block, and what comes from brokers is heard while they do.
//!
//! **A commit can be without effect.** A broker that was silent for longer than its session loses its partitions and gets
//! them back at once. A coordinator that commits in between takes them for deleted, writes them no marker and confirms the
//! transaction (KAFKA-20734; seen with Kafka 4.3): its records stay invisible until this writer's next transaction on the same
//! partitions, and share its fate. An abort can be forgotten in the same way. So a commit gives a cluster that was silent time
//! to get into order, and says that it was: [`Commit::AfterSilence`]. Whoever cannot write the same again looks after it and
//! [takes it back](TransactionalWriter::take_back).
//!
//! With [`Guarantee::AtLeastOnce`] there is no transaction: the offset is appended only after all records were
//! acknowledged, and a crash in between repeats them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use wire::{Headers, PartitionId, Producer, Record};

use super::appended::Appended;
use super::producer_settings::producer_settings;
use super::{ClientSettings, Guarantee, KafkaError, Outcome, WireRecord, WrittenPartition};

/// How long a commit is tried before its outcome counts as unknown: the default of `transaction.timeout.ms`.
pub const COMMIT_DEADLINE: Duration = Duration::from_secs(60);

/// How a commit went. Either way the coordinator has confirmed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    Smooth,
    /// The cluster was silent meanwhile. See the module's documentation.
    AfterSilence,
}

/// Writes transactions. See the module's documentation.
pub struct TransactionalWriter {
    producer: Producer,
    guarantee: Guarantee,
    /// How long a call waits before its outcome counts as unknown.
    deadline: Duration,
    appended: Appended,
    /// Where the last record went: the next one mostly goes to the same topic.
    last: Option<Place>,
}

/// A partition by its name.
struct Place {
    topic: String,
    partition: i32,
    id: PartitionId,
}

/// How long a predecessor is fenced before it is tried with a new producer: finding the coordinator, connecting to it and
/// being given an id, with pauses between attempts.
const FENCING: Duration = Duration::from_secs(5);
/// From when on a cluster that does not answer counts as silent: less than a broker's shortest sensible session with its
/// controller (`broker.session.timeout.ms`, 9 s by default).
const SILENCE: Duration = Duration::from_secs(2);
/// How long a cluster that was silent takes to get its partitions into order: some hundred milliseconds were seen.
pub const GETTING_INTO_ORDER: Duration = Duration::from_secs(1);

static NO_HEADERS: Headers = Headers::NONE;

impl TransactionalWriter {
    /// Connects and, for exactly-once, fences the predecessor.
    ///
    /// # Errors
    /// [`Outcome::Retry`] while the cluster does not answer: call again, for as long as the task is wanted.
    pub fn open(settings: &ClientSettings, guarantee: Guarantee, deadline: Duration) -> Result<Self, KafkaError> {
        let settings = producer_settings(settings, &guarantee).map_err(|refusal| refusal.of("making a producer"))?;
        let mut producer = Producer::new(settings)?;
        producer.fence(FENCING)?;
        Ok(TransactionalWriter {
            producer,
            guarantee,
            deadline,
            appended: Appended::default(),
            last: None,
        })
    }

    fn is_transactional(&self) -> bool {
        matches!(self.guarantee, Guarantee::ExactlyOnce { .. })
    }

    /// Begins a transaction.
    pub fn begin(&mut self) -> Result<(), KafkaError> {
        self.appended.reset();
        Ok(self.producer.begin()?)
    }

    /// Appends a record to the open transaction. Waits while the producer's memory is full.
    pub fn append(&mut self, record: &WireRecord<'_>) -> Result<(), KafkaError> {
        let partition = self.partition(record.topic, record.partition);
        let appended = Record {
            key: record.key,
            value: record.value,
            headers: record.headers.unwrap_or(&NO_HEADERS),
            timestamp_ms: record.timestamp_ms.unwrap_or_else(now_ms),
        };
        self.producer.append(partition, &appended, self.deadline)?;
        self.appended.add(partition, record);
        Ok(())
    }

    fn partition(&mut self, topic: &str, partition: i32) -> PartitionId {
        match &mut self.last {
            Some(last) if last.topic == topic => {
                if last.partition != partition {
                    (last.partition, last.id) = (partition, self.producer.partition(topic, partition));
                }
                last.id
            }
            last => {
                let id = self.producer.partition(topic, partition);
                *last = Some(Place {
                    topic: topic.to_owned(),
                    partition,
                    id,
                });
                id
            }
        }
    }

    /// Appends the offset and commits. When it returns `Ok`, a `read_committed` consumer can see everything as soon as the
    /// coordinator has written its markers.
    ///
    /// # Errors
    /// Whatever the outcome says, the records are gone from memory: open a new writer and start from the stored offset.
    pub fn commit(&mut self, offset: Option<&WireRecord<'_>>) -> Result<Commit, KafkaError> {
        if !self.is_transactional() {
            self.producer.flush(self.deadline)?;
        }
        if let Some(offset) = offset {
            self.append(offset)?;
        }
        self.deliver()?;
        let committed = self.producer.commit(self.deadline)?;
        Ok(match self.is_transactional() && committed.silence >= SILENCE {
            false => Commit::Smooth,
            true => Commit::AfterSilence,
        })
    }

    /// Until everything is acknowledged, and a cluster that was silent meanwhile has had its time.
    fn deliver(&mut self) -> Result<(), KafkaError> {
        self.producer.flush(self.deadline)?;
        if self.is_transactional() && self.producer.silence() >= SILENCE {
            std::thread::sleep(GETTING_INTO_ORDER);
        }
        Ok(())
    }

    /// Writes a transaction of these records, and after a silence once more: they have to bear being repeated.
    pub fn write<'a>(&mut self, records: impl Iterator<Item = WireRecord<'a>> + Clone) -> Result<(), KafkaError> {
        if self.write_once(records.clone())? == Commit::AfterSilence {
            self.write_once(records)?;
        }
        Ok(())
    }

    pub(super) fn write_once<'a>(
        &mut self,
        records: impl Iterator<Item = WireRecord<'a>>,
    ) -> Result<Commit, KafkaError> {
        self.begin()?;
        for record in records {
            self.append(&record)?;
        }
        self.commit(None)
    }

    /// Where the records of the newest transaction went.
    pub fn places(&self) -> &[WrittenPartition] {
        self.appended.places()
    }

    /// Takes back a transaction that was confirmed and got no marker in `places`, all it went to: what is aborted next on a
    /// partition takes with it whatever no marker has ended. If it did get its markers, nothing happens to it.
    ///
    /// The first record of each partition is written again and aborted, because whoever reads uncommitted records sees it.
    pub fn take_back(&mut self, places: &[WrittenPartition]) -> Result<(), KafkaError> {
        self.begin()?;
        for place in places {
            self.append(&WireRecord {
                topic: &place.topic,
                partition: place.partition,
                key: place.key.as_deref(),
                value: place.value.as_deref(),
                headers: None,
                timestamp_ms: None,
            })?;
        }
        self.deliver()?;
        self.abort()
    }

    /// From now on a call waits for as long as this.
    pub fn wait_for(&mut self, deadline: Duration) {
        self.deadline = deadline;
    }

    /// Aborts the open transaction; what was appended is never seen.
    pub fn abort(&mut self) -> Result<(), KafkaError> {
        match self.is_transactional() {
            true => Ok(self.producer.abort(self.deadline)?),
            false => Ok(()),
        }
    }
}

fn now_ms() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

impl From<wire::Error> for KafkaError {
    fn from(error: wire::Error) -> Self {
        let outcome = match error.kind() {
            wire::Kind::Retry => Outcome::Retry,
            wire::Kind::Abort | wire::Kind::Rebuild => Outcome::Rebuild,
            wire::Kind::Fenced => Outcome::Fenced,
            wire::Kind::Refused => Outcome::Refused,
        };
        KafkaError::new(outcome, error.context(), error.message())
    }
}
