//! [`LogProducer`]: records outside of any transaction, each acknowledged by all in-sync replicas.
//!
//! For statuses, target states and the schema history. The schema history must never be transactional: Debezium's recovery
//! loops until it has *consumed* the end offset, and a trailing commit marker would keep it waiting for ever.
//!
//! A client that failed is not used again. The next append has another one.

use std::time::Duration;

use super::{ClientSettings, Guarantee, KafkaError, TransactionalWriter, WireRecord};

/// An idempotent producer. It connects when it is first needed. Its calls block.
pub struct LogProducer {
    settings: ClientSettings,
    client: Option<TransactionalWriter>,
}

/// How long an acknowledgement may take before the records count as lost with their client.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(30);

impl LogProducer {
    /// With these settings. Connects to nothing.
    pub fn new(settings: ClientSettings) -> Self {
        LogProducer { settings, client: None }
    }

    /// Appends a record and waits for its acknowledgement. `value` absent is a tombstone. After an error that is none of the
    /// record's own it is not known whether it was written.
    pub fn append(
        &mut self,
        topic: &str,
        partition: i32,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
    ) -> Result<(), KafkaError> {
        let record = WireRecord {
            topic,
            partition,
            key,
            value,
            headers: None,
            timestamp_ms: None,
        };
        self.append_records([record].into_iter())
    }

    /// Appends records without keys, in their order, and waits for all acknowledgements together.
    pub fn append_all(&mut self, topic: &str, partition: i32, values: &[Vec<u8>]) -> Result<(), KafkaError> {
        self.append_records(values.iter().map(|value| WireRecord {
            topic,
            partition,
            key: None,
            value: Some(value),
            headers: None,
            timestamp_ms: None,
        }))
    }

    fn append_records<'a>(&mut self, records: impl Iterator<Item = WireRecord<'a>>) -> Result<(), KafkaError> {
        let mut client = match self.client.take() {
            Some(client) => client,
            None => TransactionalWriter::open(&self.settings, Guarantee::AtLeastOnce, ACKNOWLEDGED_WITHIN)?,
        };
        client.write_once(records)?;
        self.client = Some(client);
        Ok(())
    }
}
