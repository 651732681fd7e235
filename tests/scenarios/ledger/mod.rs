//! Every committed version exactly once, whatever happens to the worker and to Kafka, in the snapshot and after it.
//!
//! Writers keep a ledger of what they commit; the checker holds the topics against it.

mod ledgers;

use anyhow::{Context, Result, ensure};
use harness::connector::ConnectorConfig;
use harness::pipeline::Pipeline;
use harness::seed::Seed;
use harness::stack::{Stack, killable};
use harness::workload::Table;

use ledgers::Ledgers;

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

/// Transactions that the broker had not ended are in no topic for a `read_committed` consumer, and come again.
#[tokio::test(flavor = "multi_thread")]
async fn every_committed_version_arrives_once_while_kafka_is_killed() -> Result<()> {
    let seed = Seed::of_environment()?;
    let stack = killable().await?;
    let mut random = seed.stream(1);
    let mut ledgers = Ledgers::begin(&stack, "kafka_killed", seed, &ROWS, |_| ()).await?;
    let config = config(&stack, &ledgers.pipeline)?
        .with("transaction.boundary", "interval")
        .with("transaction.boundary.interval.ms", "50");
    ledgers.pipeline.create(&config).await?;
    ledgers.kill_kafka_at_frontier(&stack, ROWS[0], &mut random).await?;
    ledgers.expect_every_change().await?;
    ledgers.kill_kafka_in_stream(&stack, &mut random).await?;
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
