//! Nothing lost, nothing twice, with the example connector: 1, 2, 3, … on the real broker, whatever happens to the worker.
//!
//! A `read_committed` consumer must see every number once and in order.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use harness::connector::ConnectorConfig;
use harness::eventually::{eventually, moment, throughout};
use harness::foreign_writer::ForeignTransaction;
use harness::kafka_reader::{KafkaReader, Record};
use harness::murmur2::partition_of;
use harness::names::Names;
use harness::seed::Seed;
use harness::stack::Stack;
use harness::worker_process::WorkerProcess;
use rand::Rng;

/// After this, a stream that does not go on has stopped for good.
const GOES_ON: Duration = Duration::from_secs(60);

/// A worker with the numbers connector on a topic of its own.
struct Numbers {
    names: Names,
    servers: String,
    committed: KafkaReader,
    uncommitted: KafkaReader,
    topic: String,
    worker: WorkerProcess,
}

impl Numbers {
    async fn start(about: &str, config: impl FnOnce(ConnectorConfig) -> ConnectorConfig) -> Result<Numbers> {
        Self::start_with(about, config, |worker| worker).await
    }

    async fn start_with(
        about: &str,
        config: impl FnOnce(ConnectorConfig) -> ConnectorConfig,
        adapt: impl FnOnce(WorkerProcess) -> WorkerProcess,
    ) -> Result<Numbers> {
        let stack = Stack::shared()?;
        let names = Names::new(about);
        let topic = names.topic("numbers");
        let mut worker = adapt(WorkerProcess::new(&stack, &names)?);
        worker.start().await?;
        let config = config(ConnectorConfig::numbers(&topic));
        let created = worker.rest()?.create(names.connector(), &config.json()).await;
        created.map_err(|error| worker.explain(error))?;
        let servers = stack.kafka()?.to_owned();
        Ok(Numbers {
            committed: KafkaReader::committed(&servers)?,
            uncommitted: KafkaReader::uncommitted(&servers)?,
            servers,
            topic,
            names,
            worker,
        })
    }

    /// Where the topic ends for a `read_committed` consumer.
    fn end(&self) -> Result<i64> {
        Ok(self.committed.ends(&self.topic)?.first().copied().unwrap_or_default())
    }

    /// Where the topic ends, open transactions included.
    fn raw_end(&self) -> Result<i64> {
        Ok(self.uncommitted.ends(&self.topic)?.first().copied().unwrap_or_default())
    }

    /// Waits until the topic has grown by `offsets` more.
    async fn grows(&self, offsets: i64) -> Result<()> {
        let from = self.end()?;
        let what = format!("the topic grows from {from} by {offsets}");
        let look = async || {
            let end = self.end()?;
            ensure!(end >= from + offsets, "it ends at {end}");
            Ok(())
        };
        self.worker.eventually(&what, GOES_ON, look).await
    }

    /// Ends the worker in order, then reads everything.
    async fn finish(&mut self) -> Result<()> {
        let status = self.worker.terminate(Duration::from_secs(15)).await?;
        ensure!(status.success(), "the worker ended with {status} after SIGTERM");
        self.is_gapless().await
    }

    async fn is_gapless(&self) -> Result<()> {
        let records = self.committed.read(&self.topic).await?;
        let numbers = records.iter().map(number).collect::<Result<Vec<i64>>>()?;
        for (index, number) in numbers.iter().enumerate() {
            let expected = index as i64 + 1;
            let last = numbers.last().copied().unwrap_or_default();
            let difference = number - expected;
            ensure!(
                difference == 0,
                "{number} stands where {expected} should, of {} up to {last}: {}",
                numbers.len(),
                if difference > 0 {
                    "something is lost"
                } else {
                    "something came twice"
                }
            );
        }
        ensure!(!numbers.is_empty(), "nothing was written");
        Ok(())
    }
}

fn number(record: &Record) -> Result<i64> {
    let text = std::str::from_utf8(record.value.as_deref().context("a value")?)?;
    ensure!(record.key == record.value, "the key of {text} is another one");
    text.parse().with_context(|| format!("`{text}` is no number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_again_and_again_loses_nothing_and_repeats_nothing() -> Result<()> {
    let seed = Seed::of_environment()?;
    let mut random = seed.stream(1);
    let mut numbers = Numbers::start("kernel_kill", |config| config).await?;
    for _ in 0..6 {
        numbers.grows(random.random_range(1..120)).await?;
        moment(Duration::from_micros(random.random_range(0..80_000))).await;
        numbers.worker.kill()?;
        numbers.worker.start().await?;
    }
    numbers.grows(100).await?;
    numbers.finish().await.with_context(|| seed.to_string())
}

/// Kafka Connect's default, which is not ours: numbers may come again after a kill, but none may be missing.
#[tokio::test(flavor = "multi_thread")]
async fn without_exactly_once_nothing_is_lost() -> Result<()> {
    let seed = Seed::of_environment()?;
    let mut random = seed.stream(3);
    let disabled = |worker: WorkerProcess| {
        worker
            .with("exactly.once.source.support", "disabled")
            .with("offset.flush.interval.ms", "300")
    };
    let mut numbers = Numbers::start_with("kernel_at_least", |config| config, disabled).await?;
    for _ in 0..3 {
        numbers.grows(random.random_range(1..200)).await?;
        numbers.worker.kill()?;
        numbers.worker.start().await?;
    }
    numbers.grows(100).await?;
    numbers.worker.terminate(Duration::from_secs(15)).await?;
    let records = numbers.committed.read(&numbers.topic).await?;
    let mut seen = 0;
    for number in records.iter().map(number) {
        let number = number?;
        ensure!(number <= seen + 1, "{seed}: {number} follows {seen}, something is lost");
        seen = seen.max(number);
    }
    ensure!(seen > 100, "{seed}: only {seen} numbers");
    Ok(())
}

/// Kills while the worker is starting: between fencing, reading the offset and the first transaction.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_while_it_starts_loses_nothing_and_repeats_nothing() -> Result<()> {
    let seed = Seed::of_environment()?;
    let mut random = seed.stream(2);
    let mut numbers = Numbers::start("kernel_start", |config| config).await?;
    numbers.grows(50).await?;
    for _ in 0..8 {
        numbers.worker.kill()?;
        numbers.worker.spawn()?;
        moment(Duration::from_millis(random.random_range(50..1500))).await;
    }
    numbers.worker.await_rest().await?;
    numbers.grows(100).await?;
    numbers.finish().await.with_context(|| seed.to_string())
}

/// Stops the worker in the middle of a transaction until the coordinator has ended that transaction, and lets it go on: the
/// coordinator has raised the producer's epoch, so the worker finds itself fenced by nobody.
async fn outlives_its_transaction_timeout(about: &str, timeout_ms: u32) -> Result<()> {
    let timeout = timeout_ms.to_string();
    let numbers = Numbers::start(about, |config| {
        // Longer in its transactions than between them, so that a stop falls into one.
        config
            .with("producer.override.transaction.timeout.ms", &timeout)
            .with("batch", "200")
            .with("interval.ms", "0")
    });
    let mut numbers = numbers.await?;
    numbers.grows(50).await?;
    let open = eventually("the worker is stopped inside a transaction", GOES_ON, async || {
        numbers.worker.suspend()?;
        let (stable, end) = (numbers.end()?, numbers.raw_end()?);
        if stable < end {
            return Ok(end);
        }
        numbers.worker.resume()?;
        bail!("the topic ends at {end}, without an open transaction")
    })
    .await?;
    // The coordinator looks for timed out transactions every ten seconds.
    let limit = Duration::from_millis(u64::from(timeout_ms)) + Duration::from_secs(30);
    eventually("the coordinator ends the transaction", limit, async || {
        let stable = numbers.end()?;
        ensure!(stable >= open, "the last stable offset is {stable}, below {open}");
        Ok(())
    })
    .await?;
    numbers.worker.resume()?;
    numbers.grows(300).await?;
    numbers.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_stopped_beyond_its_transaction_timeout_goes_on_by_itself() -> Result<()> {
    outlives_its_transaction_timeout("kernel_stop", 6_000).await
}

/// As above with the default of `transaction.timeout.ms`.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_stopped_beyond_the_default_transaction_timeout_goes_on_by_itself() -> Result<()> {
    outlives_its_transaction_timeout("kernel_long_stop", 60_000).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_of_one_group_end_as_one_that_goes_on() -> Result<()> {
    let mut numbers = Numbers::start("kernel_rival", |config| config).await?;
    numbers.grows(100).await?;
    let mut rival = WorkerProcess::new(&Stack::shared()?, &numbers.names)?;
    rival.spawn()?;
    let first = &mut numbers.worker;
    let is_rival_left = eventually("one of the two workers ends", GOES_ON, async || {
        match (first.exited()?, rival.exited()?) {
            (Some(status), None) => Ok((true, status)),
            (None, Some(status)) => Ok((false, status)),
            (Some(_), Some(_)) => bail!("both have ended"),
            (None, None) => bail!("both run"),
        }
    })
    .await;
    let (is_rival_left, status) = is_rival_left.map_err(|error| rival.explain(error))?;
    let loser = if is_rival_left { &numbers.worker } else { &rival };
    let reason = loser.log()?;
    ensure!(!status.success(), "the worker that ended says success");
    let says_why = reason.contains("another worker") && reason.contains(&numbers.names.group());
    ensure!(says_why, "the worker that ended does not say why:\n{reason}");
    if is_rival_left {
        rival.await_rest().await?;
        std::mem::swap(&mut numbers.worker, &mut rival);
    }
    numbers.grows(200).await?;
    numbers.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_worker_waits_for_a_foreign_transaction_on_its_offsets() -> Result<()> {
    let mut numbers = Numbers::start("kernel_foreign", |config| config).await?;
    numbers.grows(100).await?;
    let offsets = numbers.names.storage_topic("offset");
    let partition = partition_of_offsets(&numbers, &offsets).await?;
    let foreign = ForeignTransaction::open(&numbers.servers, &numbers.names.topic("foreign"), &offsets, partition)?;
    // Offsets that are committed from here on stay invisible for as long as the foreign transaction is open.
    numbers.grows(300).await?;
    numbers.worker.kill()?;
    numbers.worker.start().await?;
    let connector = numbers.names.connector();
    let rest = numbers.worker.rest()?;
    let look = async || {
        let status = rest.status(connector).await?;
        ensure!(status.to_string().contains("open transaction"), "status is {status}");
        Ok(())
    };
    numbers
        .worker
        .eventually("status says that the task waits for open transactions", GOES_ON, look)
        .await?;
    let end = numbers.raw_end()?;
    let must_rest = async || {
        let now = numbers.raw_end()?;
        ensure!(
            now == end,
            "the worker wrote on, from a stale offset: the topic has grown from {end} to {now}"
        );
        Ok(())
    };
    throughout("the foreign transaction is open", Duration::from_secs(2), must_rest).await?;
    foreign.abort()?;
    numbers.grows(200).await?;
    let look = async || rest.is_running(connector).await;
    numbers.worker.eventually("the task runs", GOES_ON, look).await?;
    numbers.finish().await
}

/// The partition of the worker's offset record, which is where the Java producer would have put it.
async fn partition_of_offsets(numbers: &Numbers, topic: &str) -> Result<i32> {
    let key = format!(r#"["{}",{{"numbers":"{}"}}]"#, numbers.names.connector(), numbers.topic);
    let partitions = numbers.committed.partitions(topic)?.len() as i32;
    let expected = partition_of(key.as_bytes(), partitions);
    let records = numbers.committed.read(topic).await?;
    let found = records
        .iter()
        .find(|record| record.key.as_deref() == Some(key.as_bytes()));
    let found = found.with_context(|| format!("no offset under the key {key}"))?;
    ensure!(
        found.partition == expected,
        "{key} is in partition {}, Java puts it into {expected}",
        found.partition
    );
    Ok(expected)
}
