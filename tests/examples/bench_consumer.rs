//! The consumer of `scripts/bench`: reads a topic as `read_committed` until it has seen a number of records, and says when
//! it saw the first and the last.
//!
//! With a registry's address it also says how long after its commit in MySQL (`source.ts_us`) each record was seen. The
//! records are decoded afterwards, so that decoding delays none of them.
//!
//! `bench_consumer BOOTSTRAP TOPIC COUNT [REGISTRY SKIPPED]`; the answer is one line of JSON.

use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use harness::registry::Registry;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList};
use serde_json::{Value, json};

const TOPIC_APPEARS: Duration = Duration::from_secs(600);
/// Without a record for this long, none will come.
const SILENCE: Duration = Duration::from_secs(120);

/// A value and when it was seen.
struct Seen {
    at_us: i64,
    value: Vec<u8>,
}

/// What a consumer saw.
#[derive(Default)]
struct Tally {
    records: u64,
    bytes: u64,
    first_us: i64,
    last_us: i64,
    kept: Vec<Seen>,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (bootstrap, topic, count, registry) = match arguments.as_slice() {
        [bootstrap, topic, count] => (bootstrap, topic, count, None),
        [bootstrap, topic, count, registry, skipped] => {
            (bootstrap, topic, count, Some((registry, skipped.parse::<usize>()?)))
        }
        _ => anyhow::bail!("usage: bench_consumer BOOTSTRAP TOPIC COUNT [REGISTRY SKIPPED]"),
    };
    let consumer = consumer(bootstrap)?;
    assign_from_the_beginning(&consumer, topic)?;
    let tally = read(&consumer, count.parse()?, registry.is_some())?;
    let mut answer = json!({
        "records": tally.records,
        "bytes": tally.bytes,
        "first_us": tally.first_us,
        "last_us": tally.last_us,
    });
    if let Some((registry, skipped)) = registry {
        let kept = tally
            .kept
            .get(skipped..)
            .context("more records are skipped than came")?;
        answer["latency_us"] = quantiles(latencies(kept, registry)?);
    }
    writeln!(std::io::stdout().lock(), "{answer}")?;
    Ok(())
}

fn consumer(bootstrap: &str) -> Result<BaseConsumer> {
    let consumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "never-joined")
        .set("isolation.level", "read_committed")
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "error")
        .set("check.crcs", "false")
        .create()?;
    Ok(consumer)
}

fn assign_from_the_beginning(consumer: &BaseConsumer, topic: &str) -> Result<()> {
    let began = SystemTime::now();
    loop {
        let metadata = consumer.fetch_metadata(None, Duration::from_secs(10))?;
        let found = metadata.topics().iter().find(|found| found.name() == topic);
        if let Some(found) = found.filter(|found| !found.partitions().is_empty()) {
            let mut assignment = TopicPartitionList::new();
            for partition in found.partitions() {
                assignment.add_partition_offset(topic, partition.id(), Offset::Beginning)?;
            }
            return Ok(consumer.assign(&assignment)?);
        }
        ensure!(began.elapsed()? < TOPIC_APPEARS, "there is no topic {topic}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn read(consumer: &BaseConsumer, count: u64, keeps_values: bool) -> Result<Tally> {
    let mut tally = Tally::default();
    while tally.records < count {
        let message = match consumer.poll(SILENCE) {
            Some(Ok(message)) => message,
            Some(Err(KafkaError::PartitionEOF(_))) => continue,
            Some(Err(error)) => return Err(error.into()),
            None => anyhow::bail!("{} of {count} records came, then none for {SILENCE:?}", tally.records),
        };
        tally.records += 1;
        tally.bytes += (message.key().map_or(0, <[u8]>::len) + message.payload_len()) as u64;
        if tally.records == 1 {
            tally.first_us = now_us()?;
        }
        if keeps_values {
            let value = message.payload().unwrap_or_default().to_vec();
            tally.kept.push(Seen {
                at_us: now_us()?,
                value,
            });
        }
    }
    tally.last_us = now_us()?;
    Ok(tally)
}

fn latencies(seen: &[Seen], registry: &str) -> Result<Vec<i64>> {
    let mut registry = Registry::new(registry);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut latency = |seen: &Seen| {
        let event = runtime.block_on(registry.decode(&seen.value))?;
        let committed = event["source"]["ts_us"].as_i64().context("a change has source.ts_us")?;
        Ok(seen.at_us - committed)
    };
    seen.iter().map(&mut latency).collect()
}

fn quantiles(mut latencies: Vec<i64>) -> Value {
    latencies.sort_unstable();
    let at = |share: f64| latencies.get(((latencies.len() - 1) as f64 * share) as usize).copied();
    json!({ "count": latencies.len(), "p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "max": at(1.0) })
}

fn now_us() -> Result<i64> {
    Ok(i64::try_from(
        SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros(),
    )?)
}
