//! [`LogProducer`]: single records outside of any transaction, each acknowledged by all in-sync replicas.
//!
//! For statuses, target states and the schema history. The schema history must never be transactional: Debezium's recovery
//! loops until it has *consumed* the end offset, and a trailing commit marker would keep it waiting for ever.

use std::time::Duration;

use rdkafka::message::OwnedHeaders;
use rdkafka::producer::{FutureProducer, FutureRecord};

use super::{ClientSettings, KafkaError};

/// An idempotent producer for single records. Cheap to clone; used from any async task.
#[derive(Clone)]
pub struct LogProducer {
    producer: FutureProducer,
}

impl LogProducer {
    /// Creates the client; it connects in the background.
    pub fn new(settings: &ClientSettings) -> Result<Self, KafkaError> {
        let producer = settings
            .to_config(&["transactional.id"])
            .set("enable.idempotence", "true")
            .set("linger.ms", "0")
            .create()
            .map_err(|error| KafkaError::client("creating the producer", &error))?;
        Ok(LogProducer { producer })
    }

    /// Appends one record and waits for its acknowledgement. `value` absent is a tombstone.
    pub async fn append(
        &self,
        topic: &str,
        partition: i32,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
    ) -> Result<(), KafkaError> {
        let mut record: FutureRecord<'_, [u8], [u8]> = FutureRecord::to(topic)
            .partition(partition)
            .headers(OwnedHeaders::new());
        record.key = key;
        record.payload = value;
        match self.producer.send(record, Duration::from_secs(60)).await {
            Ok(_) => Ok(()),
            Err((error, _)) => Err(KafkaError::client(format!("appending to topic {topic}"), &error)),
        }
    }
}
