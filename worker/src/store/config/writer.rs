//! [`ConfigWriter`]: the only way into the config topic.
//!
//! With exactly-once (or preparing for it) every write is a transaction of the leader's id `connect-cluster-<group.id>`.
//! Opening it fences whoever held the id before, so of two workers the later one stays and the earlier one learns that it is
//! fenced. That is never answered by opening another producer: two workers would take the id from each other for ever.

use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tracing::{info, warn};

use super::record::ConfigRecord;
use crate::kafka::{ClientSettings, Guarantee, KafkaError, Outcome, TransactionalWriter, WireRecord};
use crate::store::StoreError;

/// How long a write is tried. REST gives up after 90 s, as Kafka Connect does.
const WRITE_DEADLINE: Duration = Duration::from_secs(60);
/// How long one call into the client is repeated before its outcome counts as unknown and a new producer is tried: one whose
/// broker was fenced meanwhile has been seen to deliver nothing any more.
const CALL_DEADLINE: Duration = Duration::from_secs(10);
/// Between attempts.
const RETRY_WAIT: Duration = Duration::from_millis(500);
/// Writes that may wait; the herder makes one at a time.
const QUEUE: usize = 16;

struct Write {
    records: Vec<ConfigRecord>,
    reply: oneshot::Sender<Result<(), StoreError>>,
}

/// Hands writes to a thread that owns the producer.
pub(super) struct ConfigWriter {
    writes: mpsc::Sender<Write>,
}

impl ConfigWriter {
    /// Takes the leader's transactional id, for as long as that takes, and starts the thread that holds it.
    pub(super) async fn start(
        producer: ClientSettings,
        topic: String,
        guarantee: Guarantee,
    ) -> Result<Self, StoreError> {
        let (writes, queue) = mpsc::channel(QUEUE);
        let (opened, result) = oneshot::channel();
        let thread = WriterThread {
            producer,
            topic,
            guarantee,
            writer: None,
        };
        std::thread::Builder::new()
            .name("config-writer".to_owned())
            .spawn(move || thread.run(queue, opened))
            .map_err(|error| KafkaError::new(Outcome::Refused, "starting the config writer", error.to_string()))?;
        result.await.map_err(|_| StoreError::Stopping)??;
        Ok(ConfigWriter { writes })
    }

    /// Writes `records` in one transaction.
    pub(super) async fn write(&self, records: Vec<ConfigRecord>) -> Result<(), StoreError> {
        let (reply, result) = oneshot::channel();
        self.writes
            .send(Write { records, reply })
            .await
            .map_err(|_| StoreError::Stopping)?;
        result.await.map_err(|_| StoreError::Stopping)?
    }
}

struct EncodedRecord {
    key: Vec<u8>,
    value: Option<Vec<u8>>,
}

struct WriterThread {
    producer: ClientSettings,
    topic: String,
    guarantee: Guarantee,
    writer: Option<TransactionalWriter>,
}

impl WriterThread {
    fn run(mut self, mut queue: mpsc::Receiver<Write>, opened: oneshot::Sender<Result<(), StoreError>>) {
        let result = self.open_at_last(&opened);
        let may_go_on = result.is_ok();
        if opened.send(result).is_err() || !may_go_on {
            return;
        }
        while let Some(Write { records, reply }) = queue.blocking_recv() {
            let result = self.write(&records);
            let fenced = matches!(result, Err(StoreError::Fenced { .. }));
            // Whoever asked may have given up; the write stands either way.
            drop(reply.send(result));
            if fenced {
                return;
            }
        }
    }

    fn open_at_last(&mut self, opened: &oneshot::Sender<Result<(), StoreError>>) -> Result<(), StoreError> {
        loop {
            match self.open() {
                Ok(()) => return Ok(()),
                Err(_) if opened.is_closed() => return Err(StoreError::Stopping),
                Err(error) if matches!(error.outcome(), Outcome::Retry | Outcome::Rebuild) => {
                    warn!(topic = self.topic, %error, "waiting for the Kafka cluster");
                    std::thread::sleep(RETRY_WAIT);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn open(&mut self) -> Result<(), KafkaError> {
        self.writer = Some(TransactionalWriter::open(
            &self.producer,
            self.guarantee.clone(),
            CALL_DEADLINE,
        )?);
        Ok(())
    }

    fn write(&mut self, records: &[ConfigRecord]) -> Result<(), StoreError> {
        let encoded = encode(records)?;
        let give_up = Instant::now() + WRITE_DEADLINE;
        loop {
            // The same records again are the same state, so an unknown outcome is answered by writing once more.
            let error = match self.attempt(&encoded) {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            self.writer = None;
            match error.outcome() {
                Outcome::Fenced => {
                    return Err(StoreError::Fenced {
                        topic: self.topic.clone(),
                        reason: error.to_string(),
                    });
                }
                Outcome::Refused => return Err(error.into()),
                Outcome::Retry | Outcome::Rebuild if Instant::now() >= give_up => {
                    return Err(StoreError::TimedOut {
                        topic: self.topic.clone(),
                        seconds: WRITE_DEADLINE.as_secs(),
                        reason: error.to_string(),
                    });
                }
                Outcome::Retry | Outcome::Rebuild => {
                    info!(topic = self.topic, %error, "writing again");
                    std::thread::sleep(RETRY_WAIT);
                }
            }
        }
    }

    fn attempt(&mut self, records: &[EncodedRecord]) -> Result<(), KafkaError> {
        if self.writer.is_none() {
            self.open()?;
        }
        let Some(writer) = &mut self.writer else { return Ok(()) };
        writer.write(records.iter().map(|record| WireRecord {
            topic: &self.topic,
            partition: 0,
            key: Some(&record.key),
            value: record.value.as_deref(),
            headers: None,
            timestamp_ms: None,
        }))
    }
}

fn encode(records: &[ConfigRecord]) -> Result<Vec<EncodedRecord>, StoreError> {
    let encoded = records.iter().map(|record| match record.value() {
        Ok(value) => Ok(EncodedRecord {
            key: record.key().into_bytes(),
            value,
        }),
        Err(error) => Err(KafkaError::new(Outcome::Refused, "encoding a config record", error.to_string()).into()),
    });
    encoded.collect()
}
