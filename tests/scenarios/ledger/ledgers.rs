//! [`Ledgers`]: writers that keep ledgers beside a pipeline, kills at random places, and the check of all topics in the end.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::checker::Checker;
use harness::eventually::moment;
use harness::ledger::Ledger;
use harness::pipeline::Pipeline;
use harness::seed::Seed;
use harness::stack::{Service, Stack};
use harness::workload::{TABLES, Table, Until, Workload, Writer};
use rand::Rng;
use rand::rngs::StdRng;
use tokio::task::JoinHandle;

/// The whole stream behind writers, in a debug build on a busy machine.
const CATCH_UP: Duration = Duration::from_secs(180);
const WRITERS: i64 = 3;

/// Writers at work beside a pipeline.
pub(super) struct Ledgers {
    pub(super) pipeline: Pipeline,
    workload: Workload,
    writers: Vec<JoinHandle<Result<Writer>>>,
    stop: Arc<AtomicBool>,
    is_streaming: Arc<AtomicBool>,
    /// The tables without a key inside of which the snapshot was killed.
    read_again: Vec<Table>,
}

impl Ledgers {
    /// Tables with rows, and writers that write; no connector yet.
    pub(super) async fn begin(
        stack: &Stack,
        about: &str,
        seed: Seed,
        rows: &[(Table, i64)],
        adapt: impl FnOnce(&mut Workload),
    ) -> Result<Ledgers> {
        let pipeline = Pipeline::new(stack, about)?;
        let database = pipeline.names.database();
        let (mut workload, owners) = Workload::prepare(pipeline.mysql.clone(), database, WRITERS, rows).await?;
        adapt(&mut workload);
        let (stop, is_streaming) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let mut writers = Vec::new();
        for (index, mut owner) in owners.into_iter().enumerate() {
            owner.streams_when(&is_streaming);
            let (workload, until) = (workload.clone(), Until::Flagged(Arc::clone(&stop)));
            let random = seed.stream(100 + index as u64);
            writers.push(tokio::spawn(async move { workload.write(owner, random, until).await }));
        }
        Ok(Ledgers {
            pipeline,
            workload,
            writers,
            stop,
            is_streaming,
            read_again: Vec::new(),
        })
    }

    async fn kill_and_restart(&mut self) -> Result<()> {
        self.pipeline.worker.kill()?;
        self.pipeline.worker.start().await
    }

    /// Kills the worker `kills` times inside the snapshot of a big table, at random places.
    pub(super) async fn kill_in_snapshot(&mut self, of: (Table, i64), kills: u32, random: &mut StdRng) -> Result<()> {
        let (table, rows) = (of.0.name(), of.1);
        let share = rows / i64::from(kills + 1);
        for kill in 0..i64::from(kills) {
            // Whoever looks and kills needs a moment, in which the snapshot goes on: the last part of a share is left to it.
            let place = kill * share + random.random_range(share / 10..share / 2);
            self.grows_to(table, place).await?;
            self.pipeline.worker.kill()?;
            let size = self.pipeline.raw_size(table)?;
            ensure!(
                size < rows,
                "the kill came too late, after {size} rows: {table} needs more rows"
            );
            self.pipeline.worker.start().await?;
        }
        Ok(())
    }

    /// Kills the worker once while the stored offset is inside of a table, at a random place that consumers see.
    pub(super) async fn kill_at_frontier(&mut self, of: (Table, i64), random: &mut StdRng) -> Result<()> {
        let (table, rows) = of;
        let visible = random.random_range(1..rows / 3);
        let look = async || {
            let offset = self.pipeline.is_in_snapshot_of(table.name(), visible).await?;
            ensure!(
                !table.is_keyed() || offset["rowmill_snapshot_key"] != "[]",
                "the stored offset has no key: {offset}"
            );
            Ok(offset)
        };
        let what = format!("the snapshot is inside of {}", table.name());
        let offset = self.pipeline.worker.eventually(&what, CATCH_UP, look).await?;
        self.pipeline.worker.kill()?;
        if !table.is_keyed() {
            self.read_again.push(table);
        }
        self.pipeline.resumes_snapshot(&offset).await
    }

    /// Kills Kafka once while the stored offset is inside of a table, at a random place that consumers see, and brings it back.
    pub(super) async fn kill_kafka_at_frontier(
        &self,
        stack: &Stack,
        of: (Table, i64),
        random: &mut StdRng,
    ) -> Result<()> {
        let (table, rows) = (of.0.name(), of.1);
        let visible = random.random_range(1..rows / 3);
        let look = async || self.pipeline.is_in_snapshot_of(table, visible).await;
        let what = format!("the snapshot is inside of {table}");
        self.pipeline.worker.eventually(&what, CATCH_UP, look).await?;
        stack.kill(Service::Kafka)?;
        stack.start(Service::Kafka)?;
        let size = self.pipeline.raw_size(table)?;
        ensure!(
            size < rows,
            "the kill came too late, after {size} rows: {table} needs more rows"
        );
        Ok(())
    }

    /// Kills Kafka once while the task streams, and brings it back.
    pub(super) async fn kill_kafka_in_stream(&self, stack: &Stack, random: &mut StdRng) -> Result<()> {
        let table = TABLES[random.random_range(0..TABLES.len())].name();
        let target = self.pipeline.raw_size(table)? + random.random_range(1..400);
        self.grows_to(table, target).await?;
        stack.kill(Service::Kafka)?;
        stack.start(Service::Kafka)?;
        self.grows_to(table, target + 400).await
    }

    pub(super) async fn grows_to(&self, table: &str, target: i64) -> Result<()> {
        let look = async || {
            let size = self.pipeline.raw_size(table)?;
            ensure!(size >= target, "{table} has {size} of {target}");
            Ok(())
        };
        self.pipeline.worker.eventually("the topic grows", CATCH_UP, look).await
    }

    /// Kills the worker at random moments while it streams.
    pub(super) async fn kill_in_stream(&mut self, kills: u32, random: &mut StdRng) -> Result<()> {
        for _ in 0..kills {
            let table = TABLES[random.random_range(0..TABLES.len())].name();
            let target = self.pipeline.raw_size(table)? + random.random_range(1..400);
            self.grows_to(table, target).await?;
            moment(Duration::from_micros(random.random_range(0..150_000))).await;
            self.kill_and_restart().await?;
        }
        Ok(())
    }

    /// The snapshot is over: from now on every change must have an event of its own.
    pub(super) async fn expect_every_change(&self) -> Result<()> {
        self.pipeline.is_streaming(CATCH_UP).await?;
        self.is_streaming.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// Ends the writers, waits until their last change is in the topics, and checks all of them.
    pub(super) async fn check(mut self) -> Result<()> {
        self.stop.store(true, Ordering::SeqCst);
        let mut ledgers: HashMap<Table, Ledger> = HashMap::new();
        let mut last = HashMap::new();
        for writer in std::mem::take(&mut self.writers) {
            let mut writer = writer.await??;
            last = self.workload.touch(&mut writer).await?;
            for (table, ledger) in writer.into_ledgers() {
                ledgers.entry(table).or_default().merge(ledger);
            }
        }
        for (table, version) in last {
            let arrived = self
                .pipeline
                .event(table.name(), CATCH_UP, |event| event.after["version"] == version);
            arrived.await.context("the last change of all")?;
        }
        self.pipeline.stop().await?;
        for table in TABLES {
            let ledger = &ledgers[&table];
            let checked = self.check_table(table, ledger).await;
            checked.with_context(|| format!("{} with {} changes", table.name(), ledger.changes()))?;
        }
        Ok(())
    }

    async fn check_table(&mut self, table: Table, ledger: &Ledger) -> Result<()> {
        let left_out = rows_left_out(&self.pipeline.worker.log()?);
        let pipeline = &mut self.pipeline;
        let events = pipeline.events(table.name()).await?;
        let partitions = pipeline
            .committed
            .partitions(&pipeline.names.topic(table.name()))?
            .len() as i32;
        let checker = Checker {
            ledger,
            identity: table.identity(),
            keyed: table.is_keyed(),
            read_again: self.read_again.contains(&table),
            left_out,
            partitions,
        };
        let faults = checker.faults(&events);
        let listed: Vec<String> = faults.iter().take(10).map(ToString::to_string).collect();
        ensure!(
            faults.is_empty(),
            "{} faults in {} events:\n{}",
            faults.len(),
            events.len(),
            listed.join("\n")
        );

        let rows = table.select(&pipeline.mysql, pipeline.names.database()).await?;
        ensure!(
            ledger.fold() == rows,
            "the ledger is wrong: it does not fold to the table"
        );
        ensure!(checker.fold(&events) == rows, "the topic does not fold to the table");
        Ok(())
    }
}

/// How many rows snapshots without a lock have left out, by the worker's log.
fn rows_left_out(log: &str) -> usize {
    let lines = log
        .lines()
        .filter(|line| line.contains("committed while the view opened"));
    let rows = lines.filter_map(|line| {
        line.split("rows=")
            .nth(1)?
            .split_ascii_whitespace()
            .next()?
            .parse::<usize>()
            .ok()
    });
    rows.sum()
}
