//! [`KafkaCluster`]: which of a stack's brokers does what.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};

use crate::eventually::eventually;
use crate::stack::{Service, Stack};

/// `transaction.state.log.num.partitions` of the stack's brokers.
const TRANSACTION_PARTITIONS: i32 = 8;
const TRANSACTIONS: &str = "__transaction_state";
const CALL: Duration = Duration::from_secs(10);
/// Somebody leads a partition again.
const ELECTION: Duration = Duration::from_secs(60);

/// The brokers of a stack.
pub struct KafkaCluster {
    servers: String,
}

impl KafkaCluster {
    pub fn of(stack: &Stack) -> Result<Self> {
        Ok(KafkaCluster {
            servers: stack.kafka()?.to_owned(),
        })
    }

    /// The broker that leads a partition, as soon as there is one.
    pub async fn leader(&self, topic: &str, partition: i32) -> Result<Service> {
        eventually(&format!("{topic}-{partition} has a leader"), ELECTION, async || {
            self.leader_now(topic, partition)
        })
        .await
    }

    fn leader_now(&self, topic: &str, partition: i32) -> Result<Service> {
        let client: BaseConsumer = ClientConfig::new().set("bootstrap.servers", &self.servers).create()?;
        let metadata = client.fetch_metadata(Some(topic), CALL)?;
        let found = metadata.topics().first().context("no answer about the topic")?;
        let partitions = found.partitions();
        let found = partitions.iter().find(|found| found.id() == partition);
        let leader = found.context("there is no such partition")?.leader();
        ensure!(leader > 0, "the leader is {leader}");
        Ok(Service::Broker(leader))
    }

    /// The broker that coordinates the transactions of this id.
    pub async fn coordinator(&self, transactional_id: &str) -> Result<Service> {
        self.leader(TRANSACTIONS, transaction_partition(transactional_id)).await
    }
}

/// Kafka's `TransactionStateManager.partitionFor`: by Java's hash of the id.
fn transaction_partition(transactional_id: &str) -> i32 {
    let units = transactional_id.encode_utf16();
    let hash = units.fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    (hash & i32::MAX) % TRANSACTION_PARTITIONS
}
