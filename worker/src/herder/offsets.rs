//! Changing the offsets of a stopped connector (KIP-875).
//!
//! The connector is stopped, so it has no tasks here; a task of a dead worker may still hold its transactional id. So the
//! offsets are read after that id was fenced, and written by a producer *of that id*: whoever held it can write no more. No task
//! starts before a new fencing.
//!
//! A change is done or refused. All offsets are written in one transaction, and that is tried again when its outcome is unknown:
//! the same records again are the same state. Only then a fencing record that counts no tasks says in the log what was done. Kafka
//! Connect writes that record first, so that there a change that fails has left it behind.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use connector_api::{ConfigMap, SourceOffset, SourcePartition};
use tracing::info;

use super::{Herder, HerderError};
use crate::config::{ClientKind, OverridePolicy, WorkerConfig};
use crate::kafka::{
    COMMIT_DEADLINE, ClientSettings, Isolation, KafkaError, LogReader, Outcome, TransactionalWriter, WireRecord,
    partition_for_key,
};
use crate::store::config::{ConfigRecord, TargetState};
use crate::store::{ConnectorTaskId, StoreError, offset};

/// Committed offsets are in the tail within milliseconds, unless another producer's transaction is open before them.
const VISIBLE_WITHIN: Duration = Duration::from_secs(2);

/// How long a reset waits for other producers' transactions: shorter than the herder may keep `/health` waiting.
const OTHERS_END_WITHIN: Duration = Duration::from_secs(8);

/// How long a write of offsets is tried, and how long lies between two attempts.
const WRITTEN_WITHIN: Duration = Duration::from_secs(20);
const RETRY_WAIT: Duration = Duration::from_millis(500);

/// What becomes of a connector's offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OffsetChange {
    /// These partitions get these offsets; without an offset a partition starts afresh.
    Alter(Vec<(SourcePartition, Option<SourceOffset>)>),
    /// Every partition starts afresh.
    Reset,
}

impl Herder {
    pub(super) async fn change_offsets(&mut self, name: &str, change: OffsetChange) -> Result<(), HerderError> {
        let current = self.stores.configs.current();
        let Some(view) = current.connector(name) else {
            return Err(HerderError::NotFound(format!("Connector {name} not found")));
        };
        let has_tasks = self.worker.running().tasks.keys().any(|id| id.connector == name);
        if view.target() != TargetState::Stopped || !view.tasks().is_empty() || has_tasks {
            return Err(HerderError::BadRequest(format!(
                "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the \
                 specified connector by issuing a 'PUT' request to the '/connectors/{name}/stop' endpoint"
            )));
        }
        let fenced = view.fenced_tasks().max(1);
        let connector = view.properties().to_map();
        for task in 0..fenced {
            fence_producer(&self.config, &ConnectorTaskId::new(name, task), &connector).await?;
        }
        let changes = match change {
            OffsetChange::Alter(changes) => changes,
            OffsetChange::Reset => {
                let (known, read_up_to) = self.stores.offsets.offsets_so_far(name);
                let mut stored: Vec<SourcePartition> = known.into_iter().map(|(partition, _)| partition).collect();
                for partition in partitions_behind(&self.config, name, read_up_to).await? {
                    if !stored.contains(&partition) {
                        stored.push(partition);
                    }
                }
                stored.into_iter().map(|partition| (partition, None)).collect()
            }
        };
        let records: Arc<[OffsetRecord]> = changes
            .iter()
            .map(|(partition, offset)| {
                let key = offset::encode_key(name, partition);
                OffsetRecord {
                    partition: partition_for_key(&key, self.stores.offset_partitions),
                    key,
                    value: offset.as_ref().map(offset::encode_value),
                }
            })
            .collect();
        write_at_last(&self.config, &ConnectorTaskId::new(name, 0), &connector, &records).await?;
        self.stores
            .configs
            .put(ConfigRecord::TasksFencing(name.to_owned(), Some(0)))
            .await?;
        self.await_stored(name, &changes).await;
        Ok(())
    }

    /// Who writes offsets and then reads them must find what was written, and reads answer from the tail of the topic.
    async fn await_stored(&self, name: &str, changes: &[(SourcePartition, Option<SourceOffset>)]) {
        let is_visible = || {
            let stored = self.stores.offsets.offsets(name);
            changes.iter().all(|(partition, offset)| {
                let found = stored
                    .iter()
                    .find(|(known, _)| known == partition)
                    .map(|(_, offset)| offset);
                found == offset.as_ref()
            })
        };
        let give_up = Instant::now() + VISIBLE_WITHIN;
        while !is_visible() && Instant::now() < give_up {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// The partitions that a connector has offsets for behind what the store has read: records that its reader has not come to, and
/// those behind other producers' open transactions, where no reader is shown them yet. A reset without them would be none: so
/// it waits for those transactions to end, or is refused.
async fn partitions_behind(
    worker: &WorkerConfig,
    name: &str,
    read_up_to: BTreeMap<i32, i64>,
) -> Result<Vec<SourcePartition>, HerderError> {
    let consumer = worker.internal_client(ClientKind::Consumer);
    let consumer = consumer.map_err(|error| HerderError::BadRequest(error.to_string()))?;
    let (topic, connector) = (worker.offset_topic.name.clone(), name.to_owned());
    let read = tokio::task::spawn_blocking(move || read_behind(&consumer, &topic, &connector, &read_up_to));
    match read.await {
        Ok(result) => result,
        Err(error) => {
            Err(StoreError::from(KafkaError::new(Outcome::Retry, "reading offsets", error.to_string())).into())
        }
    }
}

fn read_behind(
    consumer: &ClientSettings,
    topic: &str,
    connector: &str,
    read_up_to: &BTreeMap<i32, i64>,
) -> Result<Vec<SourcePartition>, HerderError> {
    let give_up = Instant::now() + OTHERS_END_WITHIN;
    let in_time = &mut || Instant::now() < give_up;
    loop {
        let mut partitions = Vec::new();
        let read = LogReader::open(consumer, topic, None, Isolation::ReadCommitted).and_then(|reader| {
            reader.await_open_transactions(in_time)?;
            reader.read_from(read_up_to, in_time, &mut |record| {
                if let Some((owner, Some(partition))) = record.key.and_then(offset::decode_key)
                    && owner == connector
                {
                    partitions.push(partition);
                }
            })
        });
        match read {
            Ok(()) => return Ok(partitions),
            Err(error) if Instant::now() >= give_up => {
                return Err(HerderError::TimedOut(format!(
                    "waiting for open transactions of other producers on topic {topic} to end, behind which offsets can be \
                     hidden. The last answer was: {error}"
                )));
            }
            // A cluster that has just come back may not name all its partitions yet.
            Err(error) if error.outcome() == Outcome::Retry => std::thread::sleep(RETRY_WAIT),
            Err(error) => return Err(StoreError::from(error).into()),
        }
    }
}

struct OffsetRecord {
    partition: i32,
    key: Vec<u8>,
    value: Option<Vec<u8>>,
}

/// Fences whoever holds the transactional id of `id`.
pub(super) async fn fence_producer(
    worker: &WorkerConfig,
    id: &ConnectorTaskId,
    connector: &ConfigMap,
) -> Result<(), StoreError> {
    write_as_task(worker, id, connector, &[].into()).await
}

/// Writes offsets as [`write_as_task`] does, again and again while the outcome is unknown.
async fn write_at_last(
    worker: &WorkerConfig,
    id: &ConnectorTaskId,
    connector: &ConfigMap,
    records: &Arc<[OffsetRecord]>,
) -> Result<(), StoreError> {
    let give_up = Instant::now() + WRITTEN_WITHIN;
    loop {
        match write_as_task(worker, id, connector, records).await {
            Err(StoreError::Kafka(error)) if error.outcome() != Outcome::Refused && Instant::now() < give_up => {
                info!(%id, %error, "writing offsets again");
                tokio::time::sleep(RETRY_WAIT).await;
            }
            result => return result,
        }
    }
}

/// Writes offsets with the transactional id of `id`, in one transaction.
async fn write_as_task(
    worker: &WorkerConfig,
    id: &ConnectorTaskId,
    connector: &ConfigMap,
    records: &Arc<[OffsetRecord]>,
) -> Result<(), StoreError> {
    let overrides = OverridePolicy::overrides(ClientKind::Producer, connector);
    let client = worker
        .connector_client(ClientKind::Producer, &overrides)
        .map_err(|error| {
            StoreError::Kafka(KafkaError::new(
                Outcome::Refused,
                format!("writing offsets of {id}"),
                error.to_string(),
            ))
        })?;
    let guarantee = worker.exactly_once.guarantee(id.transactional_id(&worker.group_id));
    let topic = worker.offset_topic.name.clone();
    let records = Arc::clone(records);
    let written = tokio::task::spawn_blocking(move || {
        let mut writer = TransactionalWriter::open(&client.settings, guarantee, COMMIT_DEADLINE)?;
        if records.is_empty() {
            return Ok(());
        }
        writer.write(records.iter().map(|record| WireRecord {
            topic: &topic,
            partition: record.partition,
            key: Some(&record.key),
            value: record.value.as_deref(),
            headers: None,
            timestamp_ms: None,
        }))
    });
    match written.await {
        Ok(result) => result.map_err(|error: KafkaError| match error.outcome() {
            // Another producer of the task's id is no sign of another leader.
            Outcome::Fenced => StoreError::Kafka(KafkaError::new(Outcome::Retry, "writing offsets", error.to_string())),
            _ => StoreError::Kafka(error),
        }),
        Err(error) => Err(KafkaError::new(Outcome::Retry, "writing offsets", error.to_string()).into()),
    }
}
