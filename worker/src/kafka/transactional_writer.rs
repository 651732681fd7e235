//! [`TransactionalWriter`]: records and the offset that covers them, visible together or not at all (KIP-98, KIP-618).
//!
//! Opening a writer fences every earlier producer of the same transactional id and aborts its open transaction: that, and
//! nothing of our own bookkeeping, makes a predecessor harmless. A writer belongs to one thread; its calls block.
//!
//! Delivery reports decide: a transaction is committed only after every record of it was reported delivered. They are
//! served in polls of a millisecond, because the library's own flush inside `commit_transaction` polls in steps of 100 ms.
//!
//! With [`Guarantee::AtLeastOnce`] there is no transaction: the offset is appended only after all records were
//! acknowledged, and a crash in between repeats them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::error::KafkaError as ClientError;
use rdkafka::message::{DeliveryResult, Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use rdkafka::types::RDKafkaErrorCode;
use tracing::{debug, warn};

use super::{ClientSettings, KafkaError, Outcome};

/// What a reader may rely on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guarantee {
    /// Kafka transactions under this transactional id.
    ExactlyOnce { transactional_id: String },
    /// An idempotent producer; offsets follow the records.
    AtLeastOnce,
}

/// Headers in the client's own form: made once, shared by many records.
#[derive(Debug, Clone)]
pub struct WireHeaders(OwnedHeaders);

impl WireHeaders {
    /// These headers, in order.
    pub fn new<'a>(headers: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let headers = headers.into_iter().fold(OwnedHeaders::new(), |built, (key, value)| {
            built.insert(Header {
                key,
                value: Some(value),
            })
        });
        WireHeaders(headers)
    }
}

/// A record as it goes over the wire.
#[derive(Debug, Clone, Copy)]
pub struct WireRecord<'a> {
    pub topic: &'a str,
    pub partition: i32,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub headers: Option<&'a WireHeaders>,
}

/// Writes transactions. See the module's documentation.
pub struct TransactionalWriter {
    producer: BaseProducer<DeliveryReports>,
    guarantee: Guarantee,
    /// How long a blocking call is repeated before its outcome counts as unknown.
    deadline: Duration,
    appended: u64,
}

/// How often the queue of delivery reports is served while records are appended.
const RECORDS_BETWEEN_POLLS: u64 = 512;
/// The longest a call into the library blocks before it is asked again.
const CALL: Duration = Duration::from_secs(5);

impl TransactionalWriter {
    /// Connects and, for exactly-once, fences the predecessor.
    ///
    /// # Errors
    /// [`Outcome::Retry`] while the cluster does not answer: call again, for as long as the task is wanted.
    pub fn open(settings: &ClientSettings, guarantee: Guarantee, deadline: Duration) -> Result<Self, KafkaError> {
        let mut config = settings.to_config(&[]);
        config.set("enable.idempotence", "true");
        if let Guarantee::ExactlyOnce { transactional_id } = &guarantee {
            config.set("transactional.id", transactional_id);
        }
        let producer: BaseProducer<DeliveryReports> = config
            .create_with_context(DeliveryReports::default())
            .map_err(|error| KafkaError::client("creating the producer", &error))?;
        let writer = TransactionalWriter {
            producer,
            guarantee,
            deadline,
            appended: 0,
        };
        if writer.is_transactional() {
            writer
                .producer
                .init_transactions(CALL)
                .map_err(|error| KafkaError::client("fencing the predecessor", &error))?;
        }
        Ok(writer)
    }

    fn is_transactional(&self) -> bool {
        matches!(self.guarantee, Guarantee::ExactlyOnce { .. })
    }

    /// Begins a transaction.
    pub fn begin(&mut self) -> Result<(), KafkaError> {
        self.appended = 0;
        self.producer.context().reset();
        if self.is_transactional() {
            self.producer
                .begin_transaction()
                .map_err(|error| KafkaError::client("beginning a Kafka transaction", &error))?;
        }
        Ok(())
    }

    /// Appends a record to the open transaction. Waits while the producer's queue is full.
    pub fn append(&mut self, record: &WireRecord<'_>) -> Result<(), KafkaError> {
        let give_up = Instant::now() + self.deadline;
        loop {
            let mut message: BaseRecord<'_, [u8], [u8], ()> =
                BaseRecord::with_opaque_to(record.topic, ()).partition(record.partition);
            message.key = record.key;
            message.payload = record.value;
            message.headers = record.headers.map(|headers| headers.0.clone());
            match self.producer.send(message) {
                Ok(()) => break,
                Err((ClientError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) if Instant::now() < give_up => {
                    self.producer.poll(Duration::from_millis(1));
                    self.check_deliveries()?;
                }
                Err((error, _)) => {
                    return Err(KafkaError::client(
                        format!("appending to topic {}", record.topic),
                        &error,
                    ));
                }
            }
        }
        self.appended += 1;
        if self.appended.is_multiple_of(RECORDS_BETWEEN_POLLS) {
            self.producer.poll(Duration::ZERO);
            self.check_deliveries()?;
        }
        Ok(())
    }

    /// Appends the offset and commits. When it returns `Ok`, a `read_committed` consumer can see everything.
    ///
    /// # Errors
    /// Whatever the outcome says, the records are gone from memory: open a new writer and start from the stored offset.
    pub fn commit(&mut self, offset: Option<&WireRecord<'_>>) -> Result<(), KafkaError> {
        if !self.is_transactional() {
            self.await_deliveries()?;
        }
        if let Some(offset) = offset {
            self.append(offset)?;
        }
        self.await_deliveries()?;
        if self.is_transactional() {
            self.repeat("committing the Kafka transaction", |producer| {
                producer.commit_transaction(CALL)
            })?;
        }
        Ok(())
    }

    /// Aborts the open transaction; what was appended is never seen.
    pub fn abort(&mut self) -> Result<(), KafkaError> {
        if self.is_transactional() {
            self.repeat("aborting the Kafka transaction", |producer| {
                producer.abort_transaction(CALL)
            })?;
        }
        Ok(())
    }

    fn repeat(
        &self,
        context: &str,
        call: impl Fn(&BaseProducer<DeliveryReports>) -> Result<(), ClientError>,
    ) -> Result<(), KafkaError> {
        let give_up = Instant::now() + self.deadline;
        loop {
            match call(&self.producer).map_err(|error| KafkaError::client(context, &error)) {
                Ok(()) => return Ok(()),
                Err(error) if error.outcome() == Outcome::Retry && Instant::now() < give_up => {
                    debug!(%error, "calling again");
                    self.producer.poll(Duration::from_millis(10));
                }
                // The deadline has passed with the outcome unknown: only a new producer can find out.
                Err(error) if error.outcome() == Outcome::Retry => {
                    return Err(KafkaError::new(Outcome::Rebuild, context, format!("{error} (gave up)")));
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn await_deliveries(&self) -> Result<(), KafkaError> {
        let give_up = Instant::now() + self.deadline;
        loop {
            let flushed = self.producer.flush(Duration::from_millis(1));
            self.check_deliveries()?;
            match flushed {
                Ok(()) => break,
                Err(_) if Instant::now() < give_up => {}
                Err(error) => {
                    return Err(KafkaError::new(
                        Outcome::Rebuild,
                        "awaiting delivery",
                        error.to_string(),
                    ));
                }
            }
        }
        let (delivered, appended) = (self.producer.context().delivered(), self.appended);
        if delivered != appended {
            let message = format!("{delivered} of {appended} records were reported delivered");
            return Err(KafkaError::new(Outcome::Rebuild, "awaiting delivery", message));
        }
        Ok(())
    }

    fn check_deliveries(&self) -> Result<(), KafkaError> {
        match self.producer.context().first_failure() {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }
}

/// Counts delivery reports of the open transaction.
#[derive(Default)]
struct DeliveryReports {
    delivered: AtomicU64,
    first_failure: Mutex<Option<KafkaError>>,
}

impl DeliveryReports {
    fn reset(&self) {
        self.delivered.store(0, Ordering::Relaxed);
        if let Ok(mut first_failure) = self.first_failure.lock() {
            *first_failure = None;
        }
    }

    fn delivered(&self) -> u64 {
        self.delivered.load(Ordering::Relaxed)
    }

    fn first_failure(&self) -> Option<KafkaError> {
        self.first_failure.lock().ok()?.clone()
    }
}

impl ClientContext for DeliveryReports {
    fn error(&self, error: ClientError, reason: &str) {
        warn!(%error, reason, "kafka producer");
    }
}

impl ProducerContext for DeliveryReports {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, _opaque: ()) {
        match result {
            Ok(_) => {
                self.delivered.fetch_add(1, Ordering::Relaxed);
            }
            Err((error, message)) => {
                use rdkafka::Message;
                let error = KafkaError::client(format!("delivering to topic {}", message.topic()), error);
                // What was appended is lost with this producer, even if the cause heals by itself.
                let error = match error.outcome() {
                    Outcome::Retry => KafkaError::new(Outcome::Rebuild, "delivering", error.to_string()),
                    _ => error,
                };
                if let Ok(mut first_failure) = self.first_failure.lock() {
                    first_failure.get_or_insert(error);
                }
            }
        }
    }
}
