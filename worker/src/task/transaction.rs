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

use std::time::{Duration, Instant};

use connector_api::{Flow, OffsetFn, Partitioning, RecordSink, SinkError, SourceOffset, SourceRecord};
use serde_json::Value;
use tracing::warn;

use super::encoder::{Known, SerialisedRecord};
use super::failure::{NextStep, TaskFailure};
use super::log_appends::SessionLogs;
use super::metrics::{TaskMetrics, now_since_epoch};
use super::patience::Surroundings;
use super::serialiser::{Serialiser, Skipped};
use crate::kafka::{
    COMMIT_DEADLINE, ClientSettings, Commit, KafkaError, TransactionalWriter, WireRecord, WrittenPartition,
    hidden_partitions, partition_for_key,
};
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
}

/// Where the task's offset is stored.
#[derive(Debug, Clone)]
pub struct OffsetSlot {
    pub topic: String,
    pub partition: i32,
    pub key: Vec<u8>,
}

/// What a sink uses of Kafka.
pub struct Clients {
    /// Writes records and offsets.
    pub writer: TransactionalWriter,
    /// How to look whether what was written is visible.
    pub consumer: ClientSettings,
    /// What has to be written before an offset is.
    pub logs: SessionLogs,
}

/// The worker's [`RecordSink`]. Lives as long as one session.
pub struct TransactionalSink {
    writer: TransactionalWriter,
    consumer: ClientSettings,
    logs: SessionLogs,
    serialiser: Serialiser,
    slot: OffsetSlot,
    policy: TransactionPolicy,
    surroundings: Surroundings,
    metrics: TaskMetrics,
    open: Option<OpenTransaction>,
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

/// How long a coordinator that was silent may take for the markers of a transaction before they count as forgotten.
pub(super) const MARKERS_ARE_WRITTEN_WITHIN: Duration = Duration::from_secs(5);
/// How often the clock and the target are looked at.
const CHANGES_BETWEEN_LOOKS: u64 = 64;

impl TransactionalSink {
    /// A sink without an open transaction.
    pub fn new(
        clients: Clients,
        serialiser: Serialiser,
        slot: OffsetSlot,
        policy: TransactionPolicy,
        surroundings: Surroundings,
        metrics: TaskMetrics,
    ) -> Self {
        TransactionalSink {
            writer: clients.writer,
            consumer: clients.consumer,
            logs: clients.logs,
            serialiser,
            slot,
            policy,
            surroundings,
            metrics,
            open: None,
            keyless: 0,
            changes: 0,
            stored: None,
        }
    }

    /// Where the newest transaction went, ended or not.
    pub fn places(&self) -> &[WrittenPartition] {
        self.writer.places()
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
        self.metrics.last_record_at.set(now_since_epoch().as_secs_f64());
        self.metrics.lag.committed(open.newest_commit_ms);
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
        // Everything up to this offset is done; while it cannot be stored, whatever follows waits.
        let asked_ms = i64::try_from(now_since_epoch().as_millis()).ok();
        self.metrics.lag.waits(asked_ms);
        self.writer.begin()?;
        self.commit_with(offset)?;
        self.metrics.lag.committed(asked_ms);
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
            timestamp_ms: None,
        };
        self.logs.write_kept()?;
        let commit = self.writer.commit(Some(&record))?;
        self.writer.wait_for(COMMIT_DEADLINE);
        self.metrics.transactions.increment(1);
        self.stored = Some((offset.clone(), Instant::now()));
        if commit == Commit::AfterSilence {
            self.check_markers()?;
        }
        Ok(())
    }

    /// A cluster that was silent may have confirmed the newest transaction without ending it. If it cannot be seen anywhere, it
    /// is taken back, and the next session reads the offset again and with it what is to be sent.
    fn check_markers(&mut self) -> Result<(), TaskFailure> {
        let places = self.writer.places().to_vec();
        let hidden = hidden_partitions(&self.consumer, &places, Instant::now() + MARKERS_ARE_WRITTEN_WITHIN)?;
        if hidden.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = hidden
            .iter()
            .map(|place| format!("{}-{}", place.topic, place.partition))
            .collect();
        let partitions = names.join(", ");
        if hidden.len() < places.len() {
            warn!(
                partitions,
                "what Kafka confirmed after an outage cannot be seen here: another producer's transaction hides it, or Kafka \
                 has forgotten to end ours (KAFKA-20734), and then the next one here ends it, too"
            );
            // If it is the offset's partition, that is the next one.
            self.stored = None;
            return Ok(());
        }
        self.writer.take_back(&places)?;
        Err(TaskFailure {
            next: NextStep::Retry,
            message: format!(
                "what Kafka confirmed after an outage cannot be seen in {partitions}: perhaps Kafka has forgotten to end the \
                 transaction (KAFKA-20734). If so, it was taken back and is sent again"
            ),
            may_be_kafkas: true,
        })
    }

    fn take(&mut self, change: &[SourceRecord<'_>], before: OffsetFn<'_>) -> Result<Flow, TaskFailure> {
        let mut serialised = self.serialiser.serialise(change);
        if let Ok(Known::No) = serialised {
            self.commit_open(before)?;
            self.metrics.lag.waits(commit_time(change));
            serialised = self.serialiser.learn(change, &self.surroundings);
        }
        match serialised {
            Ok(Known::Yes) => {}
            Ok(Known::No) => {
                return Err(TaskFailure::operator(
                    "what a change needs was learnt and is still not known; this is a fault of rowmill, please report it",
                ));
            }
            Err(failure) => {
                self.commit_open(before)?;
                return Err(failure);
            }
        }
        self.changes += 1;
        self.metrics.polled.increment(change.len() as u64);
        let looks = self.changes.is_multiple_of(CHANGES_BETWEEN_LOOKS);
        if self.is_full() || (looks && self.is_old()) {
            self.commit_open(before)?;
        }
        if self.serialiser.records().len() > 0 {
            self.append(change)?;
        }
        self.tell_skipped(change, before);
        let is_asked = looks && self.surroundings.is_stopping();
        Ok(if is_asked { Flow::Return } else { Flow::Continue })
    }

    fn is_full(&self) -> bool {
        self.open
            .as_ref()
            .is_some_and(|open| open.bytes + self.serialiser.bytes() > self.policy.max_bytes)
    }

    fn is_old(&self) -> bool {
        self.open
            .as_ref()
            .is_some_and(|open| open.began.elapsed() >= self.policy.max_age)
    }

    fn append(&mut self, change: &[SourceRecord<'_>]) -> Result<(), TaskFailure> {
        if self.open.is_none() {
            self.writer.begin()?;
            self.metrics.lag.waits(commit_time(change));
            self.open = Some(OpenTransaction {
                began: Instant::now(),
                bytes: 0,
                records: 0,
                newest_commit_ms: None,
            });
        }
        let TransactionalSink {
            writer,
            serialiser,
            keyless,
            ..
        } = self;
        for serialised in serialiser.records() {
            writer.append(&WireRecord {
                topic: serialised.topic,
                partition: partition_of(&serialised, keyless),
                key: serialised.key,
                value: serialised.value,
                headers: serialised.headers,
                timestamp_ms: serialised.timestamp_ms,
            })?;
        }
        if let Some(open) = &mut self.open {
            open.bytes += self.serialiser.bytes();
            open.records += self.serialiser.records().len() as u64;
            open.newest_commit_ms = commit_time(change).or(open.newest_commit_ms);
        }
        Ok(())
    }

    /// The offset before the change says where to look for the record.
    fn tell_skipped(&self, change: &[SourceRecord<'_>], before: OffsetFn<'_>) {
        let Some(Skipped { topic, reason }) = self.serialiser.skipped() else {
            return;
        };
        self.metrics.failures.increment(1);
        self.metrics.skipped.increment(change.len() as u64);
        let behind = Value::Object(before().0);
        warn!(
            topic,
            records = change.len(),
            %behind,
            %reason,
            "skipped a change, as errors.tolerance=all asks"
        );
    }
}

/// When a change was committed in the source, in milliseconds since the epoch.
fn commit_time(change: &[SourceRecord<'_>]) -> Option<i64> {
    change.last().and_then(|record| record.committed_at_ms)
}

fn partition_of(record: &SerialisedRecord<'_>, keyless: &mut i32) -> i32 {
    match (record.partitioning, record.key) {
        (Partitioning::Fixed(partition), _) => partition,
        (Partitioning::ByKey, Some(key)) => partition_for_key(key, record.partitions),
        (Partitioning::ByKey, None) => {
            *keyless = keyless.wrapping_add(1) & i32::MAX;
            *keyless % record.partitions
        }
    }
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
