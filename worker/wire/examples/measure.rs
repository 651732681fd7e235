//! What a record costs: the processor time of this process, which does nothing but append and commit.
//!
//! ```text
//! cargo run --release -p wire --example measure -- HOST:PORT TOPIC PARTITIONS [TRANSACTIONS [RECORDS [BYTES [BATCH [COMPRESSION]]]]]
//! ```
//! By default 20 transactions of 14,000 records of 600 bytes, 8 MiB each, in batches of 1,000,000 bytes, not compressed.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use wire::{Address, Compression, ConnectionSettings, Headers, Producer, ProducerSettings, Record};

const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let text = |place: usize| arguments.get(place).map(String::as_str);
    let number = |place: usize, default: usize| text(place).map_or(Ok(default), str::parse::<usize>);
    let (host, port) = text(0)
        .and_then(|server| server.rsplit_once(':'))
        .ok_or("HOST:PORT TOPIC PARTITIONS")?;
    let topic = text(1).ok_or("the topic is missing")?;
    let (partitions, transactions, records) = (number(2, 1)?, number(3, 20)?, number(4, 14_000)?);
    let (bytes, batch) = (number(5, 600)?, number(6, 1_000_000)?);

    let broker = Address {
        host: host.to_owned(),
        port: port.parse()?,
    };
    let mut settings = ProducerSettings::new(ConnectionSettings::new(vec![broker]));
    settings.transactional_id = Some(format!("measure-{}", std::process::id()));
    settings.batch_size = batch;
    settings.linger = Duration::from_secs(60);
    settings.compression = match text(7) {
        None | Some("none") => Compression::None,
        Some("zstd") => Compression::Zstd(3),
        Some("lz4") => Compression::Lz4,
        Some("snappy") => Compression::Snappy,
        Some("gzip") => Compression::Gzip(6),
        Some(other) => return Err(format!("there is no compression {other}").into()),
    };
    let mut producer = Producer::new(settings)?;
    producer.fence(PATIENCE)?;
    let ids: Vec<_> = (0..partitions)
        .map(|partition| Ok(producer.partition(topic, i32::try_from(partition)?)))
        .collect::<Result<_, std::num::TryFromIntError>>()?;
    let value = value(bytes);
    let headers = headers();

    let mut commits = Vec::new();
    let (mut started, mut cost) = (Instant::now(), processor_seconds()?);
    for transaction in 0..=transactions {
        // The first one finds out who leads, and does not count.
        if transaction == 1 {
            commits.clear();
            (started, cost) = (Instant::now(), processor_seconds()?);
        }
        producer.begin()?;
        for record in 0..records {
            let key = (record as u64).to_be_bytes();
            let record_of = Record {
                key: Some(&key),
                value: Some(&value),
                headers: &headers,
                timestamp_ms: 1_700_000_000_000,
            };
            producer.append(ids[record % partitions], &record_of, PATIENCE)?;
        }
        let asked = Instant::now();
        producer.commit(PATIENCE)?;
        commits.push(asked.elapsed());
    }
    let cost = processor_seconds()? - cost;
    let elapsed = started.elapsed().as_secs_f64();
    let count = (transactions * records) as f64;
    commits.sort_unstable();
    let middle = commits.get(commits.len() / 2).copied().unwrap_or_default();
    writeln!(
        io::stdout(),
        "{:.3} us of processor time per record, {:.0} records/s, {transactions} transactions of {records} x {bytes} bytes, commit p50 {:.1} ms",
        cost * 1e6 / count,
        count / elapsed,
        middle.as_secs_f64() * 1e3,
    )?;
    Ok(())
}

/// Four headers, as Debezium's records have them.
fn headers() -> Headers {
    let mut headers = Headers::default();
    for (name, value) in [
        ("__debezium.context.connectorLogicalName", "shop"),
        ("__debezium.context.taskId", "0"),
        ("__debezium.context.connectorName", "mysql"),
        ("__debezium.newkey", ""),
    ] {
        headers.push(name, Some(value.as_bytes()));
    }
    headers
}

/// Bytes that compress about as rows do.
fn value(bytes: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    let next = |place: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        if place.is_multiple_of(3) {
            state as u8
        } else {
            b"name, street, city, "[place % 20]
        }
    };
    (0..bytes).map(next).collect()
}

/// Of this thread and what it asks of the kernel, in seconds: nothing else runs in this process.
fn processor_seconds() -> Result<f64, Box<dyn std::error::Error>> {
    let line = std::fs::read_to_string("/proc/self/schedstat")?;
    let nanoseconds: u64 = line.split(' ').next().ok_or("no time in schedstat")?.parse()?;
    Ok(nanoseconds as f64 / 1e9)
}
