//! [`TransactionalWriter`]: records and the offset that covers them, visible together or not at all (KIP-98, KIP-618).
//!
//! Opening a writer fences every earlier producer of the same transactional id and aborts its open transaction: that, and
//! nothing of our own bookkeeping, makes a predecessor harmless. A writer belongs to one thread; its calls block.
//!
//! Delivery reports decide: a transaction is committed only after every record of it was reported delivered. They are
//! looked for in short pauses: the library's own flush inside `commit_transaction` waits in steps of 100 ms, and its
//! `poll` and `flush` keep a processor busy for the last millisecond of every wait.
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
const RECORDS_BETWEEN_LOOKS: u64 = 512;
/// Pauses between looks at the delivery reports grow from the first of these to the second.
const SHORTEST_PAUSE: Duration = Duration::from_micros(200);
const LONGEST_PAUSE: Duration = Duration::from_millis(1);
/// How long the client collects records before it sends them (`linger.ms`). Whatever a user sets: a commit cannot tell it
/// to send at once, as a Java producer's does, so every commit would wait that long.
const LINGER_MS: &str = "1";
/// The longest a call into the library blocks before it is asked again.
const CALL: Duration = Duration::from_secs(5);

impl TransactionalWriter {
    /// Connects and, for exactly-once, fences the predecessor.
    ///
    /// # Errors
    /// [`Outcome::Retry`] while the cluster does not answer: call again, for as long as the task is wanted.
    pub fn open(settings: &ClientSettings, guarantee: Guarantee, deadline: Duration) -> Result<Self, KafkaError> {
        let mut config = settings.to_config(&[]);
        config.set("enable.idempotence", "true").set("linger.ms", LINGER_MS);
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
        let mut waiting = None;
        while !self.try_append(record)? {
            let waiting = waiting.get_or_insert_with(|| Waiting::at_most(self.deadline));
            if !waiting.pause() {
                let context = format!("appending to topic {}", record.topic);
                return Err(KafkaError::new(
                    Outcome::Rebuild,
                    context,
                    "the producer's queue stays full",
                ));
            }
            self.look_at_deliveries()?;
        }
        self.appended += 1;
        if self.appended.is_multiple_of(RECORDS_BETWEEN_LOOKS) {
            self.look_at_deliveries()?;
        }
        Ok(())
    }

    /// Appends a record unless the producer's queue is full.
    fn try_append(&self, record: &WireRecord<'_>) -> Result<bool, KafkaError> {
        let mut message: BaseRecord<'_, [u8], [u8], ()> =
            BaseRecord::with_opaque_to(record.topic, ()).partition(record.partition);
        message.key = record.key;
        message.payload = record.value;
        message.headers = record.headers.map(|headers| headers.0.clone());
        match self.producer.send(message) {
            Ok(()) => Ok(true),
            Err((ClientError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => Ok(false),
            Err((error, _)) => Err(KafkaError::client(
                format!("appending to topic {}", record.topic),
                &error,
            )),
        }
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
                    std::thread::sleep(LONGEST_PAUSE);
                    self.producer.poll(Duration::ZERO);
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
        let mut waiting = Waiting::at_most(self.deadline);
        loop {
            self.look_at_deliveries()?;
            let (delivered, appended) = (self.producer.context().delivered(), self.appended);
            if delivered == appended {
                return Ok(());
            }
            if !waiting.pause() {
                let message = format!("{delivered} of {appended} records were reported delivered");
                return Err(KafkaError::new(Outcome::Rebuild, "awaiting delivery", message));
            }
        }
    }

    /// Serves the reports that have come.
    fn look_at_deliveries(&self) -> Result<(), KafkaError> {
        let reports = self.producer.context();
        loop {
            let before = reports.delivered();
            // One event, with the reports of many records.
            self.producer.poll(Duration::ZERO);
            if let Some(error) = reports.first_failure() {
                return Err(error);
            }
            if reports.delivered() == before {
                return Ok(());
            }
        }
    }
}

/// A wait in growing pauses.
struct Waiting {
    give_up: Instant,
    pause: Duration,
}

impl Waiting {
    fn at_most(longest: Duration) -> Self {
        Waiting {
            give_up: Instant::now() + longest,
            pause: SHORTEST_PAUSE,
        }
    }

    /// Sleeps for a moment; `false` if the time is up.
    fn pause(&mut self) -> bool {
        std::thread::sleep(self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Instant::now() < self.give_up
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
