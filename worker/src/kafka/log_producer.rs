//! [`LogProducer`]: single records outside of any transaction, each acknowledged by all in-sync replicas.
//!
//! For statuses, target states and the schema history. The schema history must never be transactional: Debezium's recovery
//! loops until it has *consumed* the end offset, and a trailing commit marker would keep it waiting for ever.
//!
//! Whoever appends looks for the acknowledgement itself, in short pauses. The client's own future would need a thread that
//! polls for ever, and keeps a processor busy for a hundredth of the time with nothing to do.
//!
//! A client that failed is not used again: it may have failed for good (a fatal error of an idempotent producer stays), and one
//! whose broker was fenced meanwhile has been seen to deliver nothing any more. The next append has another one.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::error::KafkaError as ClientError;
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use rdkafka::types::RDKafkaErrorCode;
use tokio::sync::oneshot;
use tokio::time::sleep;
use tracing::warn;

use super::complaints::Complaints;
use super::{ClientSettings, KafkaError, Outcome, tokens};

/// An idempotent producer for single records. Cheap to clone; used from any async task.
#[derive(Clone)]
pub struct LogProducer {
    settings: Arc<ClientSettings>,
    client: Arc<Mutex<Arc<Client>>>,
}

type Client = BaseProducer<Acknowledgements>;
type Acknowledgement = oneshot::Sender<Result<(), ClientError>>;
type Acknowledged = oneshot::Receiver<Result<(), ClientError>>;
type Record<'a> = BaseRecord<'a, [u8], [u8], Box<Acknowledgement>>;

/// Between looks at the acknowledgements.
const PAUSE: Duration = Duration::from_millis(1);
/// How long a full queue is waited for.
const QUEUE_DEADLINE: Duration = Duration::from_secs(60);
/// How long an acknowledgement may take before the record counts as lost with its client.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(30);

impl LogProducer {
    /// Creates the client; it connects in the background.
    pub fn new(settings: &ClientSettings) -> Result<Self, KafkaError> {
        Ok(LogProducer {
            client: Arc::new(Mutex::new(Arc::new(client(settings)?))),
            settings: Arc::new(settings.clone()),
        })
    }

    /// Appends one record and waits for its acknowledgement. `value` absent is a tombstone. After an error that is none of the
    /// record's own it is not known whether it was written.
    pub async fn append(
        &self,
        topic: &str,
        partition: i32,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
    ) -> Result<(), KafkaError> {
        let client = self.current();
        let appended = async {
            let acknowledged = hand_over(&client, topic, partition, key, value).await?;
            await_acknowledgement(&client, topic, acknowledged).await
        };
        self.judged(&client, appended.await)
    }

    /// Appends records without keys, in their order, and waits for all acknowledgements together.
    pub async fn append_all(&self, topic: &str, partition: i32, values: &[Vec<u8>]) -> Result<(), KafkaError> {
        let client = self.current();
        let appended = async {
            let mut waiting = Vec::with_capacity(values.len());
            for value in values {
                waiting.push(hand_over(&client, topic, partition, None, Some(value)).await?);
            }
            for acknowledged in waiting {
                await_acknowledgement(&client, topic, acknowledged).await?;
            }
            Ok(())
        };
        self.judged(&client, appended.await)
    }

    fn current(&self) -> Arc<Client> {
        Arc::clone(&self.client.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The result, after which a client that failed is not used again.
    fn judged(&self, client: &Arc<Client>, result: Result<(), KafkaError>) -> Result<(), KafkaError> {
        result.map_err(|error| {
            if error.outcome() != Outcome::Refused {
                self.replace(client);
            }
            client.context().complaints.explain(error)
        })
    }

    /// Another client from now on, unless somebody has seen to that.
    fn replace(&self, failed: &Arc<Client>) {
        let mut current = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&current, failed) {
            return;
        }
        match client(&self.settings) {
            Ok(client) => *current = Arc::new(client),
            Err(error) => warn!(%error, "a producer that failed stays in use"),
        }
    }
}

fn client(settings: &ClientSettings) -> Result<Client, KafkaError> {
    settings
        .to_config(&["transactional.id"])
        .set("enable.idempotence", "true")
        .set("linger.ms", "0")
        .create_with_context(Acknowledgements::default())
        .map_err(|error| KafkaError::client("creating the producer", &error))
}

/// Gives a record to the client, and the place where it will be acknowledged.
async fn hand_over(
    client: &Client,
    topic: &str,
    partition: i32,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
) -> Result<Acknowledged, KafkaError> {
    let (sender, acknowledged) = oneshot::channel();
    let mut record = Record::with_opaque_to(topic, Box::new(sender)).partition(partition);
    record.key = key;
    record.payload = value;
    match send(client, record).await {
        Ok(()) => Ok(acknowledged),
        Err(error) => Err(KafkaError::client(appending(topic), &error)),
    }
}

async fn await_acknowledgement(client: &Client, topic: &str, mut acknowledged: Acknowledged) -> Result<(), KafkaError> {
    let give_up = Instant::now() + ACKNOWLEDGED_WITHIN;
    let lost = |why: &str| Err(KafkaError::new(Outcome::Retry, appending(topic), why));
    loop {
        client.poll(Duration::ZERO);
        match acknowledged.try_recv() {
            Ok(result) => return result.map_err(|error| KafkaError::client(appending(topic), &error)),
            Err(oneshot::error::TryRecvError::Empty) if Instant::now() < give_up => sleep(PAUSE).await,
            Err(oneshot::error::TryRecvError::Empty) => return lost("the record is not acknowledged"),
            Err(oneshot::error::TryRecvError::Closed) => return lost("the record was never reported on"),
        }
    }
}

fn appending(topic: &str) -> String {
    format!("appending to topic {topic}")
}

async fn send(client: &Client, mut record: Record<'_>) -> Result<(), ClientError> {
    let give_up = Instant::now() + QUEUE_DEADLINE;
    loop {
        record = match client.send(record) {
            Ok(()) => return Ok(()),
            Err((ClientError::MessageProduction(RDKafkaErrorCode::QueueFull), refused)) if Instant::now() < give_up => {
                refused
            }
            Err((error, _)) => return Err(error),
        };
        client.poll(Duration::ZERO);
        sleep(PAUSE).await;
    }
}

/// Passes reports on to those who wait for them.
#[derive(Default)]
struct Acknowledgements {
    complaints: Complaints,
}

impl ClientContext for Acknowledgements {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, source: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        tokens::token(source)
    }

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

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::Arc;

    use super::LogProducer;
    use crate::kafka::ClientSettings;

    #[tokio::test]
    async fn a_client_that_failed_is_not_used_again() {
        // Nobody listens any more where this one did.
        let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let settings = ClientSettings::default()
            .with("bootstrap.servers", closed.expect("a port").to_string())
            .with("message.timeout.ms", "500")
            .with("request.timeout.ms", "400");
        let producer = LogProducer::new(&settings).expect("the settings are right");
        let (first, other) = (producer.current(), producer.clone());
        let failed = producer.append("statuses", 0, None, None).await;
        assert!(failed.is_err());
        let second = producer.current();
        assert!(!Arc::ptr_eq(&first, &second));
        assert!(Arc::ptr_eq(&second, &other.current()), "clones share the client");
        // Whoever learns later that the first one failed leaves the second one in use.
        producer.replace(&first);
        assert!(Arc::ptr_eq(&second, &producer.current()));
    }
}
