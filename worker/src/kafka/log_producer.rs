//! [`LogProducer`]: single records outside of any transaction, each acknowledged by all in-sync replicas.
//!
//! For statuses, target states and the schema history. The schema history must never be transactional: Debezium's recovery
//! loops until it has *consumed* the end offset, and a trailing commit marker would keep it waiting for ever.
//!
//! Whoever appends looks for the acknowledgement itself, in short pauses. The client's own future would need a thread that
//! polls for ever, and keeps a processor busy for a hundredth of the time with nothing to do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::error::KafkaError as ClientError;
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use rdkafka::types::RDKafkaErrorCode;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::complaints::Complaints;
use super::{ClientSettings, KafkaError, Outcome};

/// An idempotent producer for single records. Cheap to clone; used from any async task.
#[derive(Clone)]
pub struct LogProducer {
    producer: Arc<BaseProducer<Acknowledgements>>,
}

type Acknowledgement = oneshot::Sender<Result<(), ClientError>>;
type Acknowledged = oneshot::Receiver<Result<(), ClientError>>;
type Record<'a> = BaseRecord<'a, [u8], [u8], Box<Acknowledgement>>;

/// Between looks at the acknowledgements.
const PAUSE: Duration = Duration::from_millis(1);
/// How long a full queue is waited for.
const QUEUE_DEADLINE: Duration = Duration::from_secs(60);

impl LogProducer {
    /// Creates the client; it connects in the background.
    pub fn new(settings: &ClientSettings) -> Result<Self, KafkaError> {
        let producer = settings
            .to_config(&["transactional.id"])
            .set("enable.idempotence", "true")
            .set("linger.ms", "0")
            .create_with_context(Acknowledgements::default())
            .map_err(|error| KafkaError::client("creating the producer", &error))?;
        Ok(LogProducer {
            producer: Arc::new(producer),
        })
    }

    /// Appends one record and waits for its acknowledgement. `value` absent is a tombstone.
    pub async fn append(
        &self,
        topic: &str,
        partition: i32,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
    ) -> Result<(), KafkaError> {
        let acknowledged = self.hand_over(topic, partition, key, value).await?;
        self.acknowledged(topic, acknowledged).await
    }

    /// Appends records without keys, in their order, and waits for all acknowledgements together.
    pub async fn append_all(&self, topic: &str, partition: i32, values: &[Vec<u8>]) -> Result<(), KafkaError> {
        let mut waiting = Vec::with_capacity(values.len());
        for value in values {
            waiting.push(self.hand_over(topic, partition, None, Some(value)).await?);
        }
        for acknowledged in waiting {
            self.acknowledged(topic, acknowledged).await?;
        }
        Ok(())
    }

    /// Gives a record to the client, and the place where it will be acknowledged.
    async fn hand_over(
        &self,
        topic: &str,
        partition: i32,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
    ) -> Result<Acknowledged, KafkaError> {
        let (sender, acknowledged) = oneshot::channel();
        let mut record = Record::with_opaque_to(topic, Box::new(sender)).partition(partition);
        record.key = key;
        record.payload = value;
        let sent = self.send(record).await;
        sent.map_err(|error| self.failed(topic, &error)).map(|()| acknowledged)
    }

    async fn acknowledged(&self, topic: &str, mut acknowledged: Acknowledged) -> Result<(), KafkaError> {
        loop {
            self.producer.poll(Duration::ZERO);
            match acknowledged.try_recv() {
                Ok(result) => return result.map_err(|error| self.failed(topic, &error)),
                Err(oneshot::error::TryRecvError::Empty) => sleep(PAUSE).await,
                Err(oneshot::error::TryRecvError::Closed) => {
                    let context = format!("appending to topic {topic}");
                    return Err(KafkaError::new(
                        Outcome::Retry,
                        context,
                        "the record was never reported on",
                    ));
                }
            }
        }
    }

    fn failed(&self, topic: &str, error: &ClientError) -> KafkaError {
        let error = KafkaError::client(format!("appending to topic {topic}"), error);
        self.producer.context().complaints.explain(error)
    }

    async fn send(&self, mut record: Record<'_>) -> Result<(), ClientError> {
        let give_up = Instant::now() + QUEUE_DEADLINE;
        loop {
            record = match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((ClientError::MessageProduction(RDKafkaErrorCode::QueueFull), refused))
                    if Instant::now() < give_up =>
                {
                    refused
                }
                Err((error, _)) => return Err(error),
            };
            self.producer.poll(Duration::ZERO);
            sleep(PAUSE).await;
        }
    }
}

/// Passes reports on to those who wait for them.
#[derive(Default)]
struct Acknowledgements {
    complaints: Complaints,
}

impl ClientContext for Acknowledgements {
    fn error(&self, error: ClientError, reason: &str) {
        self.complaints.note(&error, reason);
    }
}

impl ProducerContext for Acknowledgements {
    type DeliveryOpaque = Box<Acknowledgement>;

    fn delivery(&self, result: &DeliveryResult<'_>, waiting: Box<Acknowledgement>) {
        let result = match result {
            Ok(_) => Ok(()),
            Err((error, _)) => Err(error.clone()),
        };
        // Whoever waited may have given up; the record stands either way.
        drop(waiting.send(result));
    }
}
