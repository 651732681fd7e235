//! Every committed version exactly once, whatever happens to the worker, in the snapshot and after it.
//!
//! Writers keep a ledger of what they commit; the checker holds the topics against it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::checker::Checker;
use harness::connector::ConnectorConfig;
use harness::eventually::moment;
use harness::ledger::Ledger;
use harness::pipeline::Pipeline;
use harness::seed::Seed;
use harness::stack::Stack;
use harness::workload::{TABLES, Table, Until, Workload, Writer};
use rand::Rng;
use rand::rngs::StdRng;
use tokio::task::JoinHandle;

/// The whole stream behind writers, in a debug build on a busy machine.
const CATCH_UP: Duration = Duration::from_secs(180);
const WRITERS: i64 = 3;

/// Writers at work beside a pipeline.
struct Ledgers {
    pipeline: Pipeline,
    workload: Workload,
    writers: Vec<JoinHandle<Result<Writer>>>,
    stop: Arc<AtomicBool>,
    is_streaming: Arc<AtomicBool>,
    /// The tables without a key inside of which the snapshot was killed.
    read_again: Vec<Table>,
}

impl Ledgers {
    /// Tables with rows, and writers that write; no connector yet.
    async fn begin(
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
    async fn kill_in_snapshot(&mut self, of: (Table, i64), kills: u32, random: &mut StdRng) -> Result<()> {
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
    async fn kill_at_frontier(&mut self, of: (Table, i64), random: &mut StdRng) -> Result<()> {
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

    async fn grows_to(&self, table: &str, target: i64) -> Result<()> {
        let look = async || {
            let size = self.pipeline.raw_size(table)?;
            ensure!(size >= target, "{table} has {size} of {target}");
            Ok(())
        };
        self.pipeline.worker.eventually("the topic grows", CATCH_UP, look).await
    }

    /// Kills the worker at random moments while it streams.
    async fn kill_in_stream(&mut self, kills: u32, random: &mut StdRng) -> Result<()> {
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
    async fn expect_every_change(&self) -> Result<()> {
        self.pipeline.is_streaming(CATCH_UP).await?;
        self.is_streaming.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// Ends the writers, waits until their last change is in the topics, and checks all of them.
    async fn check(mut self) -> Result<()> {
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

/// Keyless rows have no partition of their own: only one partition keeps them in order.
fn config(stack: &Stack, pipeline: &Pipeline) -> Result<ConnectorConfig> {
    Ok(ConnectorConfig::mysql(stack, &pipeline.names)?
        .with("topic.creation.groups", "keyless")
        .with("topic.creation.keyless.include", ".*keyless")
        .with("topic.creation.keyless.partitions", "1")
        .with("topic.creation.keyless.replication.factor", "1"))
}

const ROWS: [(Table, i64); 4] = [
    (Table::Integers, 90_000),
    (Table::Composite, 2000),
    (Table::Texts, 2000),
    (Table::Keyless, 300),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_committed_version_arrives_once_while_the_worker_is_killed() -> Result<()> {
    let seed = Seed::of_environment()?;
    let stack = Stack::shared()?;
    let mut random = seed.stream(1);
    let mut ledgers = Ledgers::begin(&stack, "ledger", seed, &ROWS, |_| ()).await?;
    let config = config(&stack, &ledgers.pipeline)?;
    ledgers.pipeline.create(&config).await?;
    ledgers.kill_in_snapshot(ROWS[0], 2, &mut random).await?;
    ledgers.expect_every_change().await?;
    ledgers.kill_in_stream(4, &mut random).await?;
    ledgers.check().await.with_context(|| seed.to_string())
}

/// No GTIDs: places are files and offsets. No RELOAD: the snapshot locks the captured tables one by one.
#[tokio::test(flavor = "multi_thread")]
async fn every_committed_version_arrives_once_by_file_and_offset_and_with_few_privileges() -> Result<()> {
    let seed = Seed::of_environment()?;
    let options = ["--gtid-mode=OFF", "--enforce-gtid-consistency=OFF"];
    let server = Stack::shared()?.with_own_mysql("plain", &options)?;
    let stack = &server.stack;
    let mut random = seed.stream(1);
    let mut ledgers = Ledgers::begin(stack, "plain", seed, &ROWS, |_| ()).await?;
    let privileges = "SELECT, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT, LOCK TABLES";
    let mysql = &ledgers.pipeline.mysql;
    mysql
        .run([
            "CREATE USER modest IDENTIFIED BY 'modest-password'",
            &format!("GRANT {privileges} ON *.* TO modest"),
        ])
        .await?;
    ensure!(
        mysql.value("SELECT @@GLOBAL.gtid_mode").await? == "OFF",
        "the server has GTIDs"
    );
    let config = config(stack, &ledgers.pipeline)?
        .with("database.user", "modest")
        .with("database.password", "modest-password");
    ledgers.pipeline.create(&config).await?;
    ledgers.kill_in_snapshot(ROWS[0], 1, &mut random).await?;
    ledgers.expect_every_change().await?;
    ledgers.kill_in_stream(3, &mut random).await?;
    let offset = ledgers
        .pipeline
        .rest()?
        .offset(ledgers.pipeline.names.connector())
        .await?;
    ensure!(
        offset["file"].is_string() && offset["gtids"].is_null(),
        "the stored offset is {offset}"
    );
    let log = ledgers.pipeline.worker.log()?;
    ensure!(
        log.contains("holding the read locks of the captured tables") && !log.contains("holding the global read lock"),
        "the snapshot had another lock than that of its tables"
    );
    ledgers.check().await.with_context(|| seed.to_string())
}

/// Frontiers in keys of two columns, in keys whose order only the server's collation knows, and in a table that has none and
/// is read again.
#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_killed_in_tables_of_every_kind_of_key_is_resumed() -> Result<()> {
    let seed = Seed::of_environment()?;
    let stack = Stack::shared()?;
    let mut random = seed.stream(1);
    let big = [
        (Table::Composite, 60_000),
        (Table::Texts, 60_000),
        (Table::Keyless, 60_000),
    ];
    let mut ledgers = Ledgers::begin(&stack, "frontiers", seed, &big, |_| ()).await?;
    // A frontier is stored with each transaction.
    let config = config(&stack, &ledgers.pipeline)?
        .with("transaction.boundary", "interval")
        .with("transaction.boundary.interval.ms", "50");
    ledgers.pipeline.create(&config).await?;
    for table in big {
        ledgers.kill_at_frontier(table, &mut random).await?;
    }
    ledgers.expect_every_change().await?;
    ledgers.check().await.with_context(|| seed.to_string())
}

/// Views that open beside writers, one for each kill, and no privilege for any lock. Rows of a key that is no order are left out of
/// none of them: each view waits for a moment in which the table without a key rests.
#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_without_a_lock_has_every_row_once_while_the_worker_is_killed() -> Result<()> {
    let seed = Seed::of_environment()?;
    let stack = Stack::shared()?;
    let mut random = seed.stream(1);
    let mut ledgers = Ledgers::begin(&stack, "unlocked", seed, &ROWS, |_| ()).await?;
    let database = ledgers.pipeline.names.database().to_owned();
    let user = &database;
    let mysql = &ledgers.pipeline.mysql;
    mysql
        .run([
            format!("CREATE USER {user} IDENTIFIED BY 'no-lock'"),
            format!("GRANT REPLICATION SLAVE, REPLICATION CLIENT, XA_RECOVER_ADMIN ON *.* TO {user}"),
            format!("GRANT SELECT ON {database}.* TO {user}"),
        ])
        .await?;
    let config = config(&stack, &ledgers.pipeline)?
        .with("database.user", user)
        .with("database.password", "no-lock")
        .with("snapshot.locking.mode", "none");
    ledgers.pipeline.create(&config).await?;
    ledgers.kill_in_snapshot(ROWS[0], 3, &mut random).await?;
    ledgers.expect_every_change().await?;
    ledgers.kill_in_stream(2, &mut random).await?;
    let log = ledgers.pipeline.worker.log()?;
    ensure!(
        log.matches("opened a view without a lock").count() >= 4 && !log.contains("holding the"),
        "the views had a lock, or there were too few"
    );
    ledgers.check().await.with_context(|| seed.to_string())
}

/// Debezium lost a record in three of four such runs: the create of a key change, or a tombstone.
#[tokio::test(flavor = "multi_thread")]
async fn huge_transactions_with_key_changes_and_deletes_survive_kills() -> Result<()> {
    let seed = Seed::of_environment()?;
    let stack = Stack::shared()?;
    let mut random = seed.stream(1);
    let rows = [
        (Table::Integers, 2000),
        (Table::Composite, 2000),
        (Table::Texts, 2000),
        (Table::Keyless, 300),
    ];
    let ledgers = Ledgers::begin(&stack, "huge", seed, &rows, |workload| {
        workload.statements_per_transaction = 2000..=4000;
    });
    let mut ledgers = ledgers.await?;
    let config = config(&stack, &ledgers.pipeline)?;
    ledgers.pipeline.create(&config).await?;
    ledgers.expect_every_change().await?;
    ledgers.kill_in_stream(6, &mut random).await?;
    ledgers.check().await.with_context(|| seed.to_string())
}

/// The writers and the checker, without a worker that suffers: if this fails, the others mean nothing.
#[tokio::test(flavor = "multi_thread")]
async fn every_committed_version_arrives_once_in_peace() -> Result<()> {
    let seed = Seed::of_environment()?;
    let stack = Stack::shared()?;
    let rows = [
        (Table::Integers, 3000),
        (Table::Composite, 300),
        (Table::Texts, 300),
        (Table::Keyless, 100),
    ];
    let mut ledgers = Ledgers::begin(&stack, "peace", seed, &rows, |_| ()).await?;
    let config = config(&stack, &ledgers.pipeline)?;
    ledgers.pipeline.create(&config).await?;
    ledgers.expect_every_change().await?;
    let table = Table::Texts.name();
    ledgers.grows_to(table, ledgers.pipeline.raw_size(table)? + 300).await?;
    ledgers.check().await.with_context(|| seed.to_string())
}
