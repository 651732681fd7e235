//! [`TransactionalSink`]: takes changes, cuts Kafka transactions between them.
//!
//! A transaction begins with the first change and is committed with the offset that covers it
//! - when the source is idle (the session asks), for latency;
//! - when it is full or old ([`TransactionPolicy`]), for throughput and bounded memory;
//! - before anything that could take long: a schema to be registered, a topic to be created, whatever the connector asks
//!   for. No transaction is open while the task waits for anything but Kafka, or a long outage of something else would
//!   outlive `transaction.timeout.ms`.
//!
//! The offset before a change is asked for only when a transaction is cut there.

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use connector_api::{Flow, HeaderSet, OffsetFn, Partitioning, RecordSink, SinkError, SourceOffset, SourceRecord};
use schemas::converter::Converter;
use tracing::warn;

use super::destination::{Destination, Destinations};
use super::lifecycle::{Control, StatusSink, Target, TaskStatus, WAIT_IS_LONG};
use super::metrics::{TaskMetrics, now_since_epoch};
use super::session::TaskFailure;
use crate::kafka::{KafkaError, TransactionalWriter, WireHeaders, WireRecord, partition_for_key};
use crate::store::offset;

/// When a transaction under load is cut.
#[derive(Debug, Clone, Copy)]
pub struct TransactionPolicy {
    /// Serialised keys and values of one transaction, in bytes; bounds the producer's memory.
    pub max_bytes: usize,
    /// From begin to commit; bounds latency under load and the age of an open transaction.
    pub max_age: Duration,
    /// `max.request.size`: the largest record.
    pub max_record_bytes: usize,
    /// `errors.tolerance=all`: a record that cannot be converted or is too large is skipped and counted.
    pub skip_bad_records: bool,
}

/// Where the task's offset is stored.
#[derive(Debug, Clone)]
pub struct OffsetSlot {
    pub topic: String,
    pub partition: i32,
    pub key: Vec<u8>,
}

/// Key and value converter of a task.
pub struct Converters {
    pub key: Box<dyn Converter>,
    pub value: Box<dyn Converter>,
}

/// What the sink shares with the thread that runs it.
pub struct Surroundings {
    pub control: Arc<Control>,
    /// Tells the task's status.
    pub report: StatusSink,
}

impl Surroundings {
    fn is_stopping(&self) -> bool {
        self.control.target() != Target::Run
    }
}

/// A wait for the registry or for a topic. One that is long is told in the task's status.
struct Patience {
    control: Arc<Control>,
    report: StatusSink,
    began: Instant,
    is_told: Cell<bool>,
}

impl Patience {
    fn begin(surroundings: &Surroundings) -> Self {
        Patience {
            control: Arc::clone(&surroundings.control),
            report: Arc::clone(&surroundings.report),
            began: Instant::now(),
            is_told: Cell::new(false),
        }
    }

    /// Asked again and again by who waits.
    fn is_over(&self) -> bool {
        if !self.is_told.get() && self.began.elapsed() > WAIT_IS_LONG {
            self.is_told.set(true);
            let reason = "waiting for the schema registry, which does not answer; nothing is lost meanwhile, and no \
                          transaction is open"
                .to_owned();
            (self.report)(TaskStatus::Waiting { reason });
        }
        self.control.target() != Target::Run
    }

    fn end(&self) {
        if self.is_told.get() {
            (self.report)(TaskStatus::Running);
        }
    }
}

/// The worker's [`RecordSink`]. Lives as long as one session.
pub struct TransactionalSink {
    writer: TransactionalWriter,
    destinations: Destinations,
    converters: Converters,
    slot: OffsetSlot,
    policy: TransactionPolicy,
    surroundings: Surroundings,
    metrics: TaskMetrics,
    open: Option<OpenTransaction>,
    change: SerialisedChange,
    shared_headers: Option<(Arc<HeaderSet>, WireHeaders)>,
    keyless: i32,
    changes: u64,
    stored: Option<(SourceOffset, Instant)>,
}

struct OpenTransaction {
    began: Instant,
    bytes: usize,
    records: u64,
    newest_commit_ms: Option<i64>,
}

/// The bytes of one change, in buffers that are used again for the next.
#[derive(Default)]
struct SerialisedChange {
    bytes: Vec<u8>,
    records: Vec<SerialisedRecord>,
}

/// Where the parts of a record that is kept are.
struct SerialisedRecord {
    /// Its place in the change.
    index: usize,
    key: Option<Range<usize>>,
    value: Option<Range<usize>>,
}

/// How often the clock and the target are looked at.
const CHANGES_BETWEEN_LOOKS: u64 = 64;
/// A buffer larger than this is given back after the change that needed it.
const KEPT_BUFFER_BYTES: usize = 1 << 20;

impl TransactionalSink {
    /// A sink without an open transaction.
    pub fn new(
        writer: TransactionalWriter,
        destinations: Destinations,
        converters: Converters,
        slot: OffsetSlot,
        policy: TransactionPolicy,
        surroundings: Surroundings,
        metrics: TaskMetrics,
    ) -> Self {
        TransactionalSink {
            writer,
            destinations,
            converters,
            slot,
            policy,
            surroundings,
            metrics,
            open: None,
            change: SerialisedChange::default(),
            shared_headers: None,
            keyless: 0,
            changes: 0,
            stored: None,
        }
    }

    /// Commits the open transaction, if there is one, with this offset. Answers whether there was one.
    pub fn commit_open(&mut self, at: OffsetFn<'_>) -> Result<bool, TaskFailure> {
        let Some(open) = self.open.take() else { return Ok(false) };
        let offset = at();
        let asked = Instant::now();
        self.commit_with(&offset)?;
        self.metrics.written.increment(open.records);
        self.metrics.bytes.increment(open.bytes as u64);
        self.metrics.transaction_seconds.record(open.began.elapsed());
        self.metrics.commit_seconds.record(asked.elapsed());
        let now = now_since_epoch();
        self.metrics.last_record_at.set(now.as_secs_f64());
        if let Some(committed_ms) = open.newest_commit_ms {
            self.metrics
                .lag_seconds
                .set(now.as_secs_f64() - committed_ms as f64 / 1e3);
        }
        Ok(true)
    }

    /// Commits the open transaction if it is old.
    pub fn commit_due(&mut self, at: OffsetFn<'_>) -> Result<bool, TaskFailure> {
        match &self.open {
            Some(open) if open.began.elapsed() >= self.policy.max_age => self.commit_open(at),
            _ => Ok(false),
        }
    }

    /// Stores an offset that moved without records, at most once per `interval`.
    pub fn commit_moved_offset(&mut self, offset: &SourceOffset, interval: Duration) -> Result<bool, TaskFailure> {
        let is_due = match &self.stored {
            None => true,
            Some((stored, at)) => at.elapsed() >= interval && stored != offset,
        };
        if !is_due || self.open.is_some() {
            return Ok(false);
        }
        self.writer.begin()?;
        self.commit_with(offset)?;
        Ok(true)
    }

    /// Whether an offset could be due: cheap, so that the offset is built only then.
    pub fn may_store_offset(&self, interval: Duration) -> bool {
        self.open.is_none() && self.stored.as_ref().is_none_or(|(_, at)| at.elapsed() >= interval)
    }

    fn commit_with(&mut self, offset: &SourceOffset) -> Result<(), TaskFailure> {
        let value = offset::encode_value(offset);
        let record = WireRecord {
            topic: &self.slot.topic,
            partition: self.slot.partition,
            key: Some(&self.slot.key),
            value: Some(&value),
            headers: None,
        };
        self.writer.commit(Some(&record))?;
        self.metrics.transactions.increment(1);
        self.stored = Some((offset.clone(), Instant::now()));
        Ok(())
    }

    fn take(&mut self, change: &[SourceRecord<'_>], before: OffsetFn<'_>) -> Result<Flow, TaskFailure> {
        if !self.is_ready(change) {
            self.commit_open(before)?;
            self.prepare(change)?;
        }
        if let Err(failure) = self.serialise(change) {
            self.commit_open(before)?;
            return Err(failure);
        }
        self.changes += 1;
        let looks = self.changes.is_multiple_of(CHANGES_BETWEEN_LOOKS);
        if self.is_full() || (looks && self.is_old()) {
            self.commit_open(before)?;
        }
        self.append(change)?;
        let is_asked = looks && self.surroundings.is_stopping();
        Ok(if is_asked { Flow::Return } else { Flow::Continue })
    }

    fn is_full(&self) -> bool {
        self.open
            .as_ref()
            .is_some_and(|open| open.bytes + self.change.bytes.len() > self.policy.max_bytes)
    }

    fn is_old(&self) -> bool {
        self.open
            .as_ref()
            .is_some_and(|open| open.began.elapsed() >= self.policy.max_age)
    }

    fn is_ready(&self, change: &[SourceRecord<'_>]) -> bool {
        change.iter().all(|record| {
            self.destinations
                .known(record.topic)
                .is_some_and(|destination| !destination.needs_key || record.key.is_some())
                && record
                    .key
                    .is_none_or(|key| self.converters.key.is_ready(record.topic, key.schema))
                && record
                    .value
                    .is_none_or(|value| self.converters.value.is_ready(record.topic, value.schema))
        })
    }

    /// Learns topics and schemas. Blocks for as long as the registry is away; no transaction is open meanwhile.
    fn prepare(&mut self, change: &[SourceRecord<'_>]) -> Result<(), TaskFailure> {
        let patience = Patience::begin(&self.surroundings);
        let stopping = || patience.is_over();
        self.learn(change, &stopping)?;
        patience.end();
        Ok(())
    }

    fn learn(&mut self, change: &[SourceRecord<'_>], stopping: &dyn Fn() -> bool) -> Result<(), TaskFailure> {
        for record in change {
            let destination = match self.destinations.known(record.topic) {
                Some(destination) => destination,
                None => self.learn_topic(record.topic)?,
            };
            if destination.needs_key && record.key.is_none() {
                return Err(TaskFailure::operator(format!(
                    "topic {} is compacted, so every record needs a key, but its table has none: give the table a \
                     primary key, name key columns in message.key.columns, or set the topic's cleanup.policy to delete",
                    record.topic
                )));
            }
            if let Some(key) = record.key {
                self.converters.key.prepare(record.topic, key.schema, stopping)?;
            }
            if let Some(value) = record.value {
                self.converters.value.prepare(record.topic, value.schema, stopping)?;
            }
        }
        Ok(())
    }

    fn learn_topic(&mut self, topic: &str) -> Result<Destination, TaskFailure> {
        let destination = self.destinations.learn(topic)?;
        (self.surroundings.report)(TaskStatus::WritesTo {
            topic: topic.to_owned(),
        });
        Ok(destination)
    }

    fn serialise(&mut self, change: &[SourceRecord<'_>]) -> Result<(), TaskFailure> {
        if self.change.bytes.capacity() > KEPT_BUFFER_BYTES {
            self.change.bytes = Vec::new();
        }
        self.change.bytes.clear();
        self.change.records.clear();
        for (index, record) in change.iter().enumerate() {
            let mark = self.change.bytes.len();
            match self.serialise_record(index, record) {
                Ok(record) => self.change.records.push(record),
                Err(failure) if self.policy.skip_bad_records => {
                    self.change.bytes.truncate(mark);
                    self.metrics.failures.increment(1);
                    warn!(topic = record.topic, reason = %failure, "skipped a record, as errors.tolerance=all asks");
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }

    fn serialise_record(&mut self, index: usize, record: &SourceRecord<'_>) -> Result<SerialisedRecord, TaskFailure> {
        let bytes = &mut self.change.bytes;
        let start = bytes.len();
        let key = match &record.key {
            Some(part) => {
                self.converters.key.convert(record.topic, part, bytes)?;
                Some(start..bytes.len())
            }
            None => None,
        };
        let middle = bytes.len();
        let value = match &record.value {
            Some(part) => {
                self.converters.value.convert(record.topic, part, bytes)?;
                Some(middle..bytes.len())
            }
            None => None,
        };
        let size = bytes.len() - start;
        if size > self.policy.max_record_bytes {
            return Err(TaskFailure::operator(format!(
                "a record for topic {} has {size} bytes, more than the {} that are allowed (key {} bytes): raise \
                 producer.override.max.request.size in the connector, max.message.bytes of the topic and message.max.bytes \
                 of the broker, or skip such records with errors.tolerance=all",
                record.topic,
                self.policy.max_record_bytes,
                middle - start,
            )));
        }
        Ok(SerialisedRecord { index, key, value })
    }

    fn append(&mut self, change: &[SourceRecord<'_>]) -> Result<(), TaskFailure> {
        if self.open.is_none() {
            self.writer.begin()?;
            self.open = Some(OpenTransaction {
                began: Instant::now(),
                bytes: 0,
                records: 0,
                newest_commit_ms: None,
            });
        }
        let TransactionalSink {
            writer,
            destinations,
            change: serialised,
            shared_headers,
            keyless,
            ..
        } = self;
        let bytes = |range: &Option<Range<usize>>| range.clone().map(|range| &serialised.bytes[range]);
        for SerialisedRecord { index, key, value } in &serialised.records {
            let record = &change[*index];
            let (key, value) = (bytes(key), bytes(value));
            let partition = partition_of(record, key, destinations, keyless);
            let own_headers = own_headers(record);
            let headers = own_headers
                .as_ref()
                .or_else(|| client_form(record.shared_headers, shared_headers));
            writer.append(&WireRecord {
                topic: record.topic,
                partition,
                key,
                value,
                headers,
            })?;
        }
        if let Some(open) = &mut self.open {
            open.bytes += self.change.bytes.len();
            open.records += change.len() as u64;
            open.newest_commit_ms = change
                .last()
                .and_then(|record| record.committed_at_ms)
                .or(open.newest_commit_ms);
        }
        self.metrics.polled.increment(change.len() as u64);
        Ok(())
    }
}

fn partition_of(record: &SourceRecord<'_>, key: Option<&[u8]>, topics: &Destinations, keyless: &mut i32) -> i32 {
    let partitions = topics
        .known(record.topic)
        .map_or(1, |destination| destination.partitions);
    match (record.partitioning, key) {
        (Partitioning::Fixed(partition), _) => partition,
        (Partitioning::ByKey, Some(key)) => partition_for_key(key, partitions),
        (Partitioning::ByKey, None) => {
            *keyless = keyless.wrapping_add(1) & i32::MAX;
            *keyless % partitions
        }
    }
}

/// The headers of a record that has some of its own: those first, then the shared ones.
fn own_headers(record: &SourceRecord<'_>) -> Option<WireHeaders> {
    if record.headers.is_empty() {
        return None;
    }
    let own = record.headers.iter().map(|header| (header.name, header.value));
    Some(WireHeaders::new(own.chain(pairs(record.shared_headers))))
}

/// The client's form of shared headers, kept from record to record.
fn client_form<'a>(
    shared: &Arc<HeaderSet>,
    cache: &'a mut Option<(Arc<HeaderSet>, WireHeaders)>,
) -> Option<&'a WireHeaders> {
    if shared.0.is_empty() {
        return None;
    }
    if !cache.as_ref().is_some_and(|(set, _)| Arc::ptr_eq(set, shared)) {
        *cache = Some((Arc::clone(shared), WireHeaders::new(pairs(shared))));
    }
    cache.as_ref().map(|(_, headers)| headers)
}

fn pairs(set: &HeaderSet) -> impl Iterator<Item = (&str, &[u8])> {
    set.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
}

impl RecordSink for TransactionalSink {
    fn send(&mut self, change: &[SourceRecord<'_>], before: OffsetFn<'_>) -> Result<Flow, SinkError> {
        self.take(change, before).map_err(SinkError::new)
    }

    fn commit(&mut self, at: OffsetFn<'_>) -> Result<(), SinkError> {
        self.commit_open(at).map(|_| ()).map_err(SinkError::new)
    }
}

impl From<KafkaError> for TaskFailure {
    fn from(error: KafkaError) -> Self {
        TaskFailure::kafka(&error)
    }
}
