//! [`ForeignTransaction`]: somebody else's open transaction on a partition.

use std::time::Duration;

use anyhow::{Result, anyhow};
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

/// An open transaction with one record in it.
pub struct ForeignTransaction {
    producer: BaseProducer,
}

const CALL: Duration = Duration::from_secs(20);

impl ForeignTransaction {
    /// Begins a transaction and waits until its record is in the log.
    pub fn open(servers: &str, id: &str, topic: &str, partition: i32) -> Result<Self> {
        let producer: BaseProducer = ClientConfig::new()
            .set("bootstrap.servers", servers)
            .set("transactional.id", id)
            .set("transaction.timeout.ms", "120000")
            .create()?;
        producer.init_transactions(CALL)?;
        producer.begin_transaction()?;
        let record: BaseRecord<'_, str, str> = BaseRecord::to(topic).partition(partition).key("foreign").payload("{}");
        producer.send(record).map_err(|(error, _)| anyhow!(error))?;
        producer.flush(CALL)?;
        Ok(ForeignTransaction { producer })
    }

    /// Ends it.
    pub fn abort(self) -> Result<()> {
        Ok(self.producer.abort_transaction(CALL)?)
    }
}
