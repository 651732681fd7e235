//! [`KafkaReader`]: topics, from offset 0 to the end.
//!
//! The end is the high watermark that a `read_uncommitted` client sees. A `read_committed` one first waits until the last
//! stable offset has reached it: its own end would stop before records that were committed while another transaction is
//! still open on the partition.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Headers};
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList};

use crate::eventually::eventually;

/// Which records a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    Committed,
    Uncommitted,
}

/// A record as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    pub timestamp_ms: i64,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    /// A header may be null.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

/// Topics of a cluster.
#[derive(Clone)]
pub struct KafkaReader {
    servers: String,
    isolation: Isolation,
    /// Asked for metadata and ends; reads nothing. Another one takes its place when a question is lost.
    asking: Arc<Mutex<Arc<BaseConsumer>>>,
}

/// From a question to its answer, or to it being lost.
const CALL: Duration = Duration::from_secs(10);
/// From the mark being taken to the last record before it: open transactions have to end, and much may have to be read. For
/// as long, too, a question is asked again.
const READ: Duration = Duration::from_secs(90);
/// How long a client that complains may bring nothing before another one reads on.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between a lost question and the next.
const PAUSE: Duration = Duration::from_millis(200);

impl KafkaReader {
    /// A reader that sees what consumers with `isolation.level=read_committed` see.
    pub fn committed(servers: &str) -> Result<Self> {
        KafkaReader::new(servers, Isolation::Committed)
    }

    /// A reader that also sees open and aborted transactions.
    pub fn uncommitted(servers: &str) -> Result<Self> {
        KafkaReader::new(servers, Isolation::Uncommitted)
    }

    fn new(servers: &str, isolation: Isolation) -> Result<Self> {
        Ok(KafkaReader {
            servers: servers.to_owned(),
            isolation,
            asking: Arc::new(Mutex::new(Arc::new(consumer(servers, isolation)?))),
        })
    }

    /// Numbers of the topic's partitions; none if there is no such topic.
    pub fn partitions(&self, topic: &str) -> Result<Vec<i32>> {
        let metadata = self.ask(|client| client.fetch_metadata(Some(topic), CALL))?;
        let found = metadata.topics().iter().find(|found| found.name() == topic);
        Ok(found.map_or_else(Vec::new, |topic| {
            topic.partitions().iter().map(|partition| partition.id()).collect()
        }))
    }

    /// Names of all topics.
    pub fn topics(&self) -> Result<Vec<String>> {
        let metadata = self.ask(|client| client.fetch_metadata(None, CALL))?;
        let names = metadata.topics().iter().map(|topic| topic.name().to_owned());
        Ok(names.collect())
    }

    /// Where each partition ends for this reader, markers included.
    pub fn ends(&self, topic: &str) -> Result<Vec<i64>> {
        let end = |partition| self.end(topic, partition);
        self.partitions(topic)?.into_iter().map(end).collect()
    }

    /// Where a partition ends.
    fn end(&self, topic: &str, partition: i32) -> Result<i64> {
        let (_, end) = self
            .ask(|client| client.fetch_watermarks(topic, partition, CALL))
            .with_context(|| format!("the end of {topic}-{partition}"))?;
        Ok(end)
    }

    /// An answer of the cluster. A question is lost with its connection, as all are that a broker leaves behind when it is killed
    /// or suspended. It is asked again over a client of its own: one that has lost a broker was seen to fail for minutes after
    /// that had come back.
    fn ask<T>(&self, question: impl Fn(&BaseConsumer) -> KafkaResult<T>) -> Result<T> {
        let began = Instant::now();
        loop {
            let client = Arc::clone(&self.asking.lock().unwrap_or_else(PoisonError::into_inner));
            match question(&client) {
                Err(error) if is_passing(&error) && began.elapsed() < READ => {
                    std::thread::sleep(PAUSE);
                    let another = Arc::new(consumer(&self.servers, self.isolation)?);
                    *self.asking.lock().unwrap_or_else(PoisonError::into_inner) = another;
                }
                answer => return Ok(answer?),
            }
        }
    }

    /// Everything from offset 0 to the end as of now, partition by partition in order.
    pub async fn read(&self, topic: &str) -> Result<Vec<Record>> {
        let mut reading = self.follow(topic)?;
        self.read_on(&mut reading).await?;
        Ok(reading.records)
    }

    /// A position before the first record.
    pub fn follow(&self, topic: &str) -> Result<Reading> {
        let partitions = self.partitions(topic)?;
        Ok(Reading {
            servers: self.servers.clone(),
            isolation: self.isolation,
            topic: topic.to_owned(),
            partitions,
            consumer: consumer(&self.servers, self.isolation)?,
            is_assigned: false,
            troubled_since: None,
            records: Vec::new(),
        })
    }

    /// Reads on, to the end as of now.
    pub async fn read_on(&self, reading: &mut Reading) -> Result<()> {
        if self.isolation == Isolation::Committed {
            self.await_open_transactions(&reading.topic, &reading.partitions)
                .await?;
        }
        let mut marks = BTreeMap::new();
        for partition in &reading.partitions {
            marks.insert(*partition, self.end(&reading.topic, *partition)?);
        }
        reading.read_to(marks)
    }

    async fn await_open_transactions(&self, topic: &str, partitions: &[i32]) -> Result<()> {
        let uncommitted = KafkaReader::uncommitted(&self.servers)?;
        for partition in partitions {
            let mark = uncommitted.end(topic, *partition)?;
            let what = format!("transactions on {topic}-{partition} before offset {mark} have ended");
            eventually(&what, READ, async || {
                let stable = self.end(topic, *partition)?;
                ensure!(stable >= mark, "the last stable offset is {stable}");
                Ok(())
            })
            .await?;
        }
        Ok(())
    }
}

fn consumer(servers: &str, isolation: Isolation) -> Result<BaseConsumer> {
    let level = match isolation {
        Isolation::Committed => "read_committed",
        Isolation::Uncommitted => "read_uncommitted",
    };
    let consumer = ClientConfig::new()
        .set("bootstrap.servers", servers)
        .set("group.id", "never-joined")
        .set("isolation.level", level)
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("auto.offset.reset", "error")
        .set("fetch.wait.max.ms", "50")
        .set("fetch.message.max.bytes", "33554432")
        .set("reconnect.backoff.max.ms", "500")
        .create()?;
    Ok(consumer)
}

/// How far a reader has come, and what it has seen.
pub struct Reading {
    servers: String,
    isolation: Isolation,
    topic: String,
    partitions: Vec<i32>,
    consumer: BaseConsumer,
    /// From the first record that is asked for.
    is_assigned: bool,
    troubled_since: Option<Instant>,
    pub records: Vec<Record>,
}

impl Reading {
    /// Takes what has come, waiting at most `wait` for the first record. Answers how many there were.
    pub fn take(&mut self, wait: Duration) -> Result<usize> {
        let before = self.records.len();
        let mut wait = wait;
        if self.troubled_since.is_some_and(|since| since.elapsed() > PATIENCE) {
            self.consumer = consumer(&self.servers, self.isolation)?;
            self.troubled_since = None;
            self.is_assigned = false;
        }
        if !self.is_assigned {
            self.assign()?;
        }
        while let Some(polled) = self.consumer.poll(wait) {
            match polled {
                Ok(message) => {
                    self.troubled_since = None;
                    self.records.push(record(&message));
                }
                Err(KafkaError::PartitionEOF(_)) if self.records.len() > before => break,
                Err(KafkaError::PartitionEOF(_)) => {}
                // The broker may be away; the client reconnects by itself, as a rule.
                Err(error) if is_passing(&error) => _ = self.troubled_since.get_or_insert_with(Instant::now),
                Err(error) => return Err(error).context(self.topic.clone()),
            }
            if self.records.len() - before >= 10_000 {
                break;
            }
            wait = Duration::ZERO;
        }
        Ok(self.records.len() - before)
    }

    /// Waits until a record satisfies `is_it`, and answers its index in `records`.
    pub async fn find(&mut self, what: &str, within: Duration, is_it: impl Fn(&Record) -> bool) -> Result<usize> {
        let mut looked_at = 0;
        eventually(what, within, async || {
            self.take(Duration::from_millis(20))?;
            let found = self.records[looked_at..]
                .iter()
                .position(&is_it)
                .map(|index| looked_at + index);
            looked_at = self.records.len();
            found.with_context(|| format!("{looked_at} records of {}, none of them it", self.topic))
        })
        .await
    }

    /// The client reads on where the records end.
    fn assign(&mut self) -> Result<()> {
        let mut assignment = TopicPartitionList::new();
        for partition in &self.partitions {
            let last = self.records.iter().rev().find(|record| record.partition == *partition);
            let next = last.map_or(Offset::Beginning, |record| Offset::Offset(record.offset + 1));
            assignment.add_partition_offset(&self.topic, *partition, next)?;
        }
        self.consumer.assign(&assignment)?;
        self.is_assigned = true;
        Ok(())
    }

    /// A partition is done at its end or at the first record from its mark on: while others write, its end may never come, and
    /// markers of transactions hide the last offsets.
    fn read_to(&mut self, marks: BTreeMap<i32, i64>) -> Result<()> {
        // An end that was announced earlier is not announced again.
        self.assign()?;
        let mut pending = marks;
        let began = Instant::now();
        while !pending.is_empty() {
            match self.consumer.poll(Duration::from_millis(100)) {
                None if began.elapsed() > READ => bail!("the end of {} is not in sight", self.topic),
                None => {}
                Some(Ok(message)) => {
                    if pending
                        .get(&message.partition())
                        .is_some_and(|mark| message.offset() + 1 >= *mark)
                    {
                        pending.remove(&message.partition());
                    }
                    self.records.push(record(&message));
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    pending.remove(&partition);
                }
                Some(Err(error)) if is_passing(&error) => {}
                Some(Err(error)) => return Err(error).context(self.topic.clone()),
            }
        }
        Ok(())
    }
}

/// The broker is away, or is back and has not found into its cluster yet.
fn is_passing(error: &KafkaError) -> bool {
    use rdkafka::types::RDKafkaErrorCode as Code;
    matches!(
        error.rdkafka_error_code(),
        Some(
            Code::BrokerTransportFailure
                | Code::AllBrokersDown
                | Code::OperationTimedOut
                | Code::LeaderNotAvailable
                | Code::NotLeaderForPartition
                | Code::ReplicaNotAvailable
                | Code::OffsetNotAvailable
                | Code::KafkaStorageError
        )
    )
}

fn record(message: &BorrowedMessage<'_>) -> Record {
    let headers = message.headers().map_or_else(Vec::new, |headers| {
        headers
            .iter()
            .map(|header| (header.key.to_owned(), header.value.map(<[u8]>::to_vec)))
            .collect()
    });
    Record {
        topic: message.topic().to_owned(),
        partition: message.partition(),
        offset: message.offset(),
        timestamp_ms: message.timestamp().to_millis().unwrap_or_default(),
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().map(<[u8]>::to_vec),
        headers,
    }
}
