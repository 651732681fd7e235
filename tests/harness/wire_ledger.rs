//! [`WireLedger`]: transactions that the crate `wire` writes one behind the other, and what became of each.
//!
//! Whatever happens to brokers meanwhile, in the end a `read_committed` consumer must see every transaction that was committed,
//! once and in order, none that was aborted, and those whose outcome nobody knows whole or not at all.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::eventually::eventually;
use crate::kafka_reader::{KafkaReader, Record};
use crate::stack::Stack;
use crate::wire_producer::WireProducer;

/// Of one transaction.
const RECORDS: usize = 60;
const BYTES: usize = 300;
/// One in so many transactions is aborted.
const ABORTED: usize = 5;
/// Until transactions are committed again, with whatever is missing.
const AGAIN: Duration = Duration::from_secs(90);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Committed,
    Aborted,
    Unknown,
}

/// A writer at work.
pub struct WireLedger {
    topic: String,
    partitions: usize,
    committed: Arc<AtomicUsize>,
    is_to_end: Arc<AtomicBool>,
    writer: JoinHandle<Result<Vec<Fate>>>,
}

impl WireLedger {
    /// Begins to write to all partitions of a topic. The transactional id is the topic's name.
    pub fn begin(stack: &Stack, topic: &str, partitions: usize) -> Result<Self> {
        let committed = Arc::new(AtomicUsize::new(0));
        let is_to_end = Arc::new(AtomicBool::new(false));
        let mut writer = Writer {
            servers: stack.kafka()?.to_owned(),
            topic: topic.to_owned(),
            partitions,
            committed: Arc::clone(&committed),
            fates: Vec::new(),
        };
        let ends = Arc::clone(&is_to_end);
        let writer = std::thread::spawn(move || {
            let mut producer = writer.producer()?;
            while !ends.load(Ordering::Relaxed) {
                if !writer.write(&mut producer)? {
                    producer = writer.producer()?;
                }
            }
            Ok(writer.fates)
        });
        Ok(WireLedger {
            topic: topic.to_owned(),
            partitions,
            committed,
            is_to_end,
            writer,
        })
    }

    /// Waits until so many more transactions are committed.
    pub async fn goes_on(&self, more: usize) -> Result<()> {
        let enough = self.committed.load(Ordering::Relaxed) + more;
        eventually(&format!("{more} more transactions are committed"), AGAIN, async || {
            ensure!(!self.writer.is_finished(), "the writer has ended");
            let committed = self.committed.load(Ordering::Relaxed);
            ensure!(committed >= enough, "{committed} of {enough} are");
            Ok(())
        })
        .await
    }

    /// Ends, and compares what is seen with what became of each. Answers how many transactions were committed.
    pub async fn ends_complete(self, stack: &Stack) -> Result<usize> {
        self.is_to_end.store(true, Ordering::Relaxed);
        let fates = self.writer.join().map_err(|_| anyhow!("the writer has panicked"))??;
        let seen = by_partition(KafkaReader::committed(stack.kafka()?)?.read(&self.topic).await?)?;
        let is_seen = |number: usize| {
            let first = values(number, 0, self.partitions).next();
            seen.get(&0)
                .is_some_and(|values| values.iter().any(|value| Some(value) == first.as_ref()))
        };
        let numbers: Vec<usize> = (0..fates.len())
            .filter(|number| match fates[*number] {
                Fate::Committed => true,
                Fate::Aborted => false,
                Fate::Unknown => is_seen(*number),
            })
            .collect();
        for partition in 0..self.partitions {
            let expected = numbers
                .iter()
                .flat_map(|number| values(*number, partition, self.partitions));
            let found = seen.get(&partition).map(Vec::as_slice).unwrap_or_default();
            let expected: Vec<String> = expected.collect();
            let place = found
                .iter()
                .zip(&expected)
                .position(|(found, expected)| found != expected);
            let place = place.unwrap_or(found.len().min(expected.len()));
            ensure!(
                *found == expected,
                "{}-{partition}: {} records, {} expected; they differ at {place}: {:?} in the place of {:?}",
                self.topic,
                found.len(),
                expected.len(),
                found.get(place),
                expected.get(place)
            );
        }
        Ok(numbers.len())
    }
}

/// What the example's `fill` writes of a transaction to a partition.
fn values(number: usize, partition: usize, partitions: usize) -> impl Iterator<Item = String> {
    let records = (0..RECORDS).filter(move |record| record % partitions == partition);
    records.map(move |record| format!("{number}-{record}"))
}

/// The first word of every value.
fn by_partition(records: Vec<Record>) -> Result<BTreeMap<usize, Vec<String>>> {
    let mut values: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for record in records {
        let text = String::from_utf8(record.value.context("a value")?)?;
        let word = text.split(' ').next().unwrap_or_default().to_owned();
        values.entry(usize::try_from(record.partition)?).or_default().push(word);
    }
    Ok(values)
}

struct Writer {
    servers: String,
    topic: String,
    partitions: usize,
    committed: Arc<AtomicUsize>,
    fates: Vec<Fate>,
}

impl Writer {
    fn producer(&self) -> Result<WireProducer> {
        let mut producer = WireProducer::start(&[
            ("bootstrap.servers", &self.servers),
            ("transactional.id", &self.topic),
            ("request.timeout.ms", "3000"),
            ("batch.size", "2000"),
        ])?;
        loop {
            let answer = producer.ask("fence")?;
            match kind(&answer)? {
                "ok" => return Ok(producer),
                "Retry" => {}
                _ => bail!("fence: {answer}"),
            }
        }
    }

    /// Writes one transaction; answers whether the producer goes on.
    fn write(&mut self, producer: &mut WireProducer) -> Result<bool> {
        let number = self.fates.len();
        let end = if number % ABORTED == ABORTED - 1 {
            "abort"
        } else {
            "commit"
        };
        let fill = format!("fill {} {} {RECORDS} {BYTES} {number}", self.topic, self.partitions);
        for command in ["begin", &fill, end] {
            let answer = producer.ask(command)?;
            match kind(&answer)? {
                "ok" => {}
                // Whatever was not to be committed is not.
                "Abort" => {
                    self.fates.push(Fate::Aborted);
                    return Ok(producer.ask("abort")?.starts_with("ok"));
                }
                _ => {
                    let fate = if command == "commit" {
                        Fate::Unknown
                    } else {
                        Fate::Aborted
                    };
                    self.fates.push(fate);
                    return Ok(false);
                }
            }
        }
        let is_committed = end == "commit";
        self.fates
            .push(if is_committed { Fate::Committed } else { Fate::Aborted });
        self.committed.fetch_add(usize::from(is_committed), Ordering::Relaxed);
        Ok(true)
    }
}

/// `ok`, or what the caller does next.
fn kind(answer: &str) -> Result<&str> {
    let mut words = answer.split(' ');
    match (words.next(), words.next()) {
        (Some("ok"), _) => Ok("ok"),
        (Some("error"), Some(kind)) if kind != "Refused" && kind != "Command" => Ok(kind),
        _ => bail!("the producer answers: {answer}"),
    }
}
