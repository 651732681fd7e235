//! [`TransactionalWriter`]: records and the offset that covers them, visible together or not at all (KIP-98, KIP-618).
//!
//! Opening a writer fences every earlier producer of the same transactional id and aborts its open transaction: that, and
//! nothing of our own bookkeeping, makes a predecessor harmless. A writer belongs to one thread; its calls block.
//!
//! Failures are reported, successes are not: a record is gone from the producer's queue once it is delivered, and a
//! transaction with a record that failed cannot be committed.
//!
//! **A commit can be without effect.** A broker that was silent for longer than its session loses its partitions and gets
//! them back at once. A coordinator that commits in between takes them for deleted, writes them no marker and confirms the
//! transaction (KAFKA-20734; seen with Kafka 4.3): its records stay invisible until this writer's next transaction on the same
//! partitions, and share its fate. An abort can be forgotten in the same way. So a commit gives a cluster that was silent time
//! to get into order, and says that it was: [`Commit::AfterSilence`]. Whoever cannot write the same again looks after it and
//! [takes it back](TransactionalWriter::take_back).
//!
//! With [`Guarantee::AtLeastOnce`] there is no transaction: the offset is appended only after all records were
//! acknowledged, and a crash in between repeats them.

use std::time::{Duration, Instant};

use rdkafka::error::KafkaError as ClientError;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::types::RDKafkaErrorCode;
use tracing::debug;

use super::appended::Appended;
use super::delivery_reports::{DeliveryReports, delivery_failure};
use super::flush::flush;
use super::marker_rest::MarkerRest;
use super::silence::Silence;
use super::waiting::Waiting;
use super::{ClientSettings, Guarantee, KafkaError, Outcome, WireRecord, WrittenPartition};

/// How long a commit is repeated before its outcome counts as unknown: the default of `transaction.timeout.ms`.
pub const COMMIT_DEADLINE: Duration = Duration::from_secs(60);

/// How a commit went. Either way the coordinator has confirmed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    Smooth,
    /// The cluster was silent meanwhile. See the module's documentation.
    AfterSilence,
}

/// Writes transactions. See the module's documentation.
pub struct TransactionalWriter {
    producer: BaseProducer<DeliveryReports>,
    guarantee: Guarantee,
    /// How long a blocking call is repeated before its outcome counts as unknown.
    deadline: Duration,
    appended: Appended,
    /// The longest wait for room in the producer's queue.
    waited_for_room: Duration,
    rest: MarkerRest,
}

/// How long nothing may be delivered before what waits is sent although it fills no batch, at first and at most, and how long
/// the client is asked to.
const STALL: Duration = Duration::from_millis(4);
const LONGEST_STALL: Duration = Duration::from_millis(64);
const NUDGE: Duration = Duration::from_millis(1);
/// How often failures are looked for while records are awaited: a failed one stays in the queue until then.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
/// How long a predecessor is fenced before it is tried with a new producer: finding the coordinator, connecting to it and
/// being given an id, with the library's own pauses between attempts.
const FENCING: Duration = Duration::from_secs(5);
const FENCING_CALL: Duration = Duration::from_millis(50);
/// How many events are served at once when not all is delivered. Among them are the client's log lines, many after a long
/// outage.
const REPORTS_AT_ONCE: usize = 256;
/// From when on a cluster that does not answer counts as silent: less than a broker's shortest sensible session with its
/// controller (`broker.session.timeout.ms`, 9 s by default).
const SILENCE: Duration = Duration::from_secs(2);
/// How long a cluster that was silent takes to get its partitions into order: some hundred milliseconds were seen.
pub const GETTING_INTO_ORDER: Duration = Duration::from_secs(1);
/// The longest a commit or abort blocks before it is asked again.
const CALL: Duration = Duration::from_secs(1);
const BETWEEN_CALLS: Duration = Duration::from_millis(1);

impl TransactionalWriter {
    /// Connects and, for exactly-once, fences the predecessor.
    ///
    /// # Errors
    /// [`Outcome::Retry`] while the cluster does not answer: call again, for as long as the task is wanted.
    pub fn open(settings: &ClientSettings, guarantee: Guarantee, deadline: Duration) -> Result<Self, KafkaError> {
        let producer: BaseProducer<DeliveryReports> = guarantee
            .producer_config(settings)
            .create_with_context(DeliveryReports::default())
            .map_err(|error| KafkaError::client("creating the producer", &error))?;
        let writer = TransactionalWriter {
            producer,
            guarantee,
            deadline,
            appended: Appended::new(settings.value("batch.size")),
            waited_for_room: Duration::ZERO,
            rest: MarkerRest::default(),
        };
        if let Guarantee::ExactlyOnce { transactional_id } = &writer.guarantee {
            writer
                .fence()
                .map_err(|error| writer.not_fenced(transactional_id, &error))?;
        }
        Ok(writer)
    }

    /// The library looks for the coordinator at once when it is asked, and rests for half a second if it is not connected
    /// yet. So it is asked again and again, which continues where it is.
    fn fence(&self) -> Result<(), ClientError> {
        let give_up = Instant::now() + FENCING;
        loop {
            self.producer.poll(Duration::ZERO); // A token may be asked for first.
            match self.producer.init_transactions(FENCING_CALL) {
                Err(ClientError::Transaction(error)) if error.is_retriable() && Instant::now() < give_up => {}
                result => return result,
            }
        }
    }

    fn not_fenced(&self, transactional_id: &str, error: &ClientError) -> KafkaError {
        let context = format!("fencing the predecessor of transactional id {transactional_id}");
        let not_fenced = KafkaError::client(context, error);
        match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::TransactionalIdAuthorizationFailed) => {
                not_fenced.because("the worker's user needs the rights `Write` and `Describe` on this id")
            }
            _ => self.explain(not_fenced),
        }
    }

    /// With what the client complains of, which it does apart.
    fn explain(&self, error: KafkaError) -> KafkaError {
        for _ in 0..REPORTS_AT_ONCE {
            self.producer.poll(Duration::ZERO);
        }
        self.producer.context().explain(error)
    }

    fn is_transactional(&self) -> bool {
        matches!(self.guarantee, Guarantee::ExactlyOnce { .. })
    }

    /// Begins a transaction.
    pub fn begin(&mut self) -> Result<(), KafkaError> {
        self.appended.reset();
        self.waited_for_room = Duration::ZERO;
        self.producer.context().reset();
        if self.is_transactional() {
            if let Some(left) = self.rest.left() {
                std::thread::sleep(left);
            }
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
            self.waited_for_room = self.waited_for_room.max(waiting.so_far());
            flush(&self.producer, NUDGE);
            self.look_for_failures(1)?;
        }
        self.appended.add(record);
        if self.appended.is_time_to_look() {
            self.look_for_failures(1)?;
        }
        Ok(())
    }

    /// Appends a record unless the producer's queue is full.
    fn try_append(&self, record: &WireRecord<'_>) -> Result<bool, KafkaError> {
        let mut message: BaseRecord<'_, [u8], [u8], ()> =
            BaseRecord::with_opaque_to(record.topic, ()).partition(record.partition);
        message.key = record.key;
        message.payload = record.value;
        message.headers = record.headers.map(|headers| headers.headers.clone());
        message.timestamp = record.timestamp_ms;
        match self.producer.send(message) {
            Ok(()) => Ok(true),
            Err((ClientError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => Ok(false),
            Err((error, _)) => Err(self.why_lost(KafkaError::client(
                format!("appending to topic {}", record.topic),
                &error,
            ))),
        }
    }

    /// Why the open transaction is lost: the library purges its records and refuses more of them without saying so.
    fn why_lost(&self, error: KafkaError) -> KafkaError {
        for _ in 0..REPORTS_AT_ONCE {
            self.producer.poll(Duration::ZERO);
        }
        let reports = self.producer.context();
        if let Some(failure) = reports.first_failure() {
            return failure;
        }
        if !self.is_transactional() {
            return error;
        }
        // It begins nothing while a transaction is open, and answers what is wrong with that one.
        match self.producer.begin_transaction() {
            Err(reason) if reason.rdkafka_error_code() != Some(RDKafkaErrorCode::State) => {
                delivery_failure(&reports.purged_topics(), &reason)
            }
            _ => error,
        }
    }

    /// Appends the offset and commits. When it returns `Ok`, a `read_committed` consumer can see everything as soon as the
    /// coordinator has written its markers.
    ///
    /// # Errors
    /// Whatever the outcome says, the records are gone from memory: open a new writer and start from the stored offset.
    pub fn commit(&mut self, offset: Option<&WireRecord<'_>>) -> Result<Commit, KafkaError> {
        let asked = Instant::now();
        if !self.is_transactional() {
            self.await_deliveries()?;
        }
        if let Some(offset) = offset {
            self.append(offset)?;
        }
        let silence = self.await_deliveries()?.max(self.waited_for_room);
        if !self.is_transactional() {
            return Ok(Commit::Smooth);
        }
        self.rest.learn(self.appended.bytes(), asked.elapsed());
        if silence >= SILENCE {
            std::thread::sleep(GETTING_INTO_ORDER);
        }
        let committing = Instant::now();
        self.repeat("committing the Kafka transaction", |producer| {
            producer.commit_transaction(CALL)
        })?;
        self.rest.begin(self.appended.bytes());
        Ok(match silence.max(committing.elapsed()) < SILENCE {
            true => Commit::Smooth,
            false => Commit::AfterSilence,
        })
    }

    /// Writes a transaction of these records, and after a silence once more: they have to bear being repeated.
    pub fn write<'a>(&mut self, records: impl Iterator<Item = WireRecord<'a>> + Clone) -> Result<(), KafkaError> {
        if self.write_once(records.clone())? == Commit::AfterSilence {
            self.write_once(records)?;
        }
        Ok(())
    }

    fn write_once<'a>(&mut self, records: impl Iterator<Item = WireRecord<'a>>) -> Result<Commit, KafkaError> {
        self.begin()?;
        for record in records {
            self.append(&record)?;
        }
        self.commit(None)
    }

    /// Where the records of the newest transaction went.
    pub fn places(&self) -> &[WrittenPartition] {
        self.appended.places()
    }

    /// Takes back a transaction that was confirmed and got no marker in `places`, all it went to: what is aborted next on a
    /// partition takes with it whatever no marker has ended. If it did get its markers, nothing happens to it.
    ///
    /// The first record of each partition is written again and aborted, because whoever reads uncommitted records sees it.
    pub fn take_back(&mut self, places: &[WrittenPartition]) -> Result<(), KafkaError> {
        self.begin()?;
        for place in places {
            self.append(&WireRecord {
                topic: &place.topic,
                partition: place.partition,
                key: place.key.as_deref(),
                value: place.value.as_deref(),
                headers: None,
                timestamp_ms: None,
            })?;
        }
        if self.await_deliveries()? >= SILENCE {
            std::thread::sleep(GETTING_INTO_ORDER);
        }
        self.abort()
    }

    /// From now on a blocking call is repeated for as long as this.
    pub fn wait_for(&mut self, deadline: Duration) {
        self.deadline = deadline;
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
                    std::thread::sleep(BETWEEN_CALLS);
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

    /// Sends what waits, and waits until nothing is left that is not delivered. Answers how long nothing came meanwhile.
    fn await_deliveries(&self) -> Result<Duration, KafkaError> {
        let give_up = Instant::now() + self.deadline;
        let mut silence = Silence::begin(self.producer.in_flight_count());
        self.let_batches_go(give_up, &mut silence)?;
        loop {
            let delivered = flush(&self.producer, BETWEEN_LOOKS);
            // A failed record counts as not delivered until it is served.
            self.look_for_failures(if delivered { 1 } else { REPORTS_AT_ONCE })?;
            if delivered {
                return Ok(silence.longest());
            }
            silence.look(self.producer.in_flight_count());
            if Instant::now() >= give_up {
                let open = self.producer.in_flight_count();
                let message = format!("{open} of {} records are not delivered", self.appended.records());
                return Err(KafkaError::new(Outcome::Rebuild, "awaiting delivery", message));
            }
        }
    }

    /// Sleeps while more than a batch waits, so that the flush that follows has one request to send.
    ///
    /// A flush makes all records due at once. A partition has one request on its way at a time, and while another one is
    /// due behind it the client's thread spins: with a busy broker, longer than everything else takes. Full batches go by
    /// themselves. What fills none, as the client counts them (without headers), is sent by a nudge: a flush so short that it
    /// is over before the request is answered.
    fn let_batches_go(&self, give_up: Instant, silence: &mut Silence) -> Result<(), KafkaError> {
        let mut open = self.producer.in_flight_count();
        let mut patience = STALL;
        let mut stall = Waiting::at_most(patience);
        while !self.appended.fit_one_batch(open) && Instant::now() < give_up {
            let is_stalled = !stall.pause();
            if is_stalled {
                flush(&self.producer, NUDGE);
                self.look_for_failures(REPORTS_AT_ONCE)?;
                patience = (patience * 2).min(LONGEST_STALL);
            }
            let now = self.producer.in_flight_count();
            silence.look(now);
            if is_stalled || now < open {
                stall = Waiting::at_most(patience);
            }
            open = now;
        }
        Ok(())
    }

    /// Serves what the client has to report: up to `events` of its queue.
    fn look_for_failures(&self, events: usize) -> Result<(), KafkaError> {
        for _ in 0..events {
            self.producer.poll(Duration::ZERO);
        }
        let reports = self.producer.context();
        if let Some(failure) = reports.first_failure() {
            return Err(failure);
        }
        match reports.purged_topics() {
            topics if topics.is_empty() => Ok(()),
            topics => Err(self.why_lost(KafkaError::new(
                Outcome::Rebuild,
                format!("delivering to topic {topics}"),
                "the open transaction is lost",
            ))),
        }
    }
}
