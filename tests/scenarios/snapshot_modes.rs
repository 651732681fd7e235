//! When a snapshot is taken again, by which statements, and what a start without a schema history does.

use anyhow::{Context, Result, ensure};
use harness::change_event::{ChangeEvent, Operation};
use harness::connector::ConnectorConfig;
use harness::diary::{Diary, TABLE};
use harness::eventually::eventually;
use harness::mysql::Mysql;
use harness::pipeline::{Pipeline, SOON};
use harness::stack::{Stack, killable};

fn config(stack: &Stack, diary: &Diary, mode: &str) -> Result<ConnectorConfig> {
    let config = ConnectorConfig::mysql(stack, &diary.pipeline.names)?;
    Ok(config
        .with("topic.creation.default.partitions", "1")
        .with("snapshot.mode", mode))
}

async fn reconfigure(diary: &Diary, config: &ConnectorConfig) -> Result<()> {
    let name = diary.pipeline.names.connector();
    diary
        .pipeline
        .rest()?
        .reconfigure(name, &config.json())
        .await
        .map(|_| ())
}

/// The operations and numbers of the table's events behind the first `known`.
async fn events_behind(diary: &mut Diary, known: usize) -> Result<Vec<(Operation, i64)>> {
    let events = diary.pipeline.events(TABLE).await?;
    let behind = events
        .iter()
        .skip(known)
        .map(|event| Ok((event.operation, event.key["id"].as_i64().context("an id")?)));
    behind.collect()
}

/// Waits for the snapshot whose last row is this one.
async fn snapshot_ends(diary: &mut Diary, last: i64) -> Result<()> {
    let is_it = |event: &ChangeEvent| event.source["snapshot"] == "last" && event.after["id"] == last;
    diary.pipeline.event(TABLE, SOON, is_it).await.map(|_| ())
}

fn all(operation: Operation, ids: impl IntoIterator<Item = i64>) -> Vec<(Operation, i64)> {
    ids.into_iter().map(|id| (operation, id)).collect()
}

/// What is in the binlog now is nowhere afterwards.
async fn purge(stack: &Stack) -> Result<()> {
    let server = Mysql::of(stack)?;
    // What still sends a binlog keeps it from being purged.
    server.end_dumps(SOON).await?;
    server
        .run(["FLUSH BINARY LOGS", "PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 DAY"])
        .await
}

async fn says(diary: &Diary, text: &str) -> Result<()> {
    let log = diary.pipeline.worker.log()?;
    ensure!(log.contains(text), "the log does not say {text:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn when_needed_a_snapshot_takes_the_place_of_what_is_lost() -> Result<()> {
    let stack = killable().await?;
    let mut diary = Diary::begin(&stack, "when_needed", |config| {
        config.with("snapshot.mode", "when_needed")
    })
    .await?;
    diary.write(2, "before").await?;
    diary.arrives(SOON).await?;

    // The server has the position: nothing comes twice.
    diary.pipeline.worker.kill()?;
    diary.pipeline.worker.start().await?;
    diary.write(1, "after a kill").await?;
    diary.arrives(SOON).await?;
    let expected = [all(Operation::Read, 1..=10), all(Operation::Create, 11..=13)].concat();
    ensure!(events_behind(&mut diary, 0).await? == expected);

    // It has purged it.
    diary.pipeline.worker.kill()?;
    diary.write(2, "never streamed").await?;
    purge(&stack).await?;
    diary.pipeline.worker.start().await?;
    snapshot_ends(&mut diary, 15).await?;
    diary.pipeline.is_running().await?;
    diary.write(1, "after the hole").await?;
    diary.arrives(SOON).await?;
    let expected = [all(Operation::Read, 1..=15), all(Operation::Create, 16..=16)].concat();
    let found = events_behind(&mut diary, 13).await?;
    ensure!(found == expected, "{found:?}");
    says(
        &diary,
        "does not go on at the stored offset; a new snapshot takes its place",
    )
    .await?;

    // The history is lost: another topic has nothing of this connector.
    let history = format!("{}-2", diary.pipeline.names.history_topic());
    let other_history = config(&stack, &diary, "when_needed")?.with("schema.history.internal.kafka.topic", &history);
    reconfigure(&diary, &other_history).await?;
    snapshot_ends(&mut diary, 16).await?;
    diary.write(1, "after the loss").await?;
    diary.arrives(SOON).await?;
    let expected = [all(Operation::Read, 1..=16), all(Operation::Create, 17..=17)].concat();
    let found = events_behind(&mut diary, 29).await?;
    ensure!(found == expected, "{found:?}");
    says(&diary, "the schema history is empty; a new snapshot takes the place").await?;
    diary.pipeline.stop().await
}

/// Also rows that are in no snapshot get their changes: those that were deleted before it.
#[tokio::test(flavor = "multi_thread")]
async fn always_reads_the_rows_at_every_start_and_leaves_out_no_change() -> Result<()> {
    let stack = Stack::shared()?;
    let mut diary = Diary::begin(&stack, "always", |config| config.with("snapshot.mode", "always")).await?;
    diary.write(2, "before").await?;
    diary.arrives(SOON).await?;
    let name = diary.pipeline.names.connector().to_owned();

    // A pause is no start.
    let rest = diary.pipeline.rest()?;
    rest.ask(&name, "pause").await?;
    eventually("the connector is paused", SOON, async || {
        rest.is_in(&name, "PAUSED").await
    })
    .await?;
    rest.ask(&name, "resume").await?;
    diary.write(1, "after a pause").await?;
    diary.arrives(SOON).await?;
    let expected = [all(Operation::Read, 1..=10), all(Operation::Create, 11..=13)].concat();
    ensure!(events_behind(&mut diary, 0).await? == expected);

    diary.pipeline.worker.kill()?;
    let deletion = format!("DELETE FROM {TABLE} WHERE id = 1");
    diary.pipeline.sql([deletion]).await?;
    diary.pipeline.worker.start().await?;
    snapshot_ends(&mut diary, 13).await?;
    diary.write(1, "after the second").await?;
    diary.arrives(SOON).await?;
    let deleted = [(Operation::Delete, 1), (Operation::Tombstone, 1)];
    let expected = [
        deleted.to_vec(),
        all(Operation::Read, 2..=13),
        all(Operation::Create, 14..=14),
    ]
    .concat();
    let found = events_behind(&mut diary, 13).await?;
    ensure!(found == expected, "{found:?}");
    diary.pipeline.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_writes_the_history_anew_unless_it_would_be_wrong() -> Result<()> {
    let stack = Stack::shared()?;
    let mut diary = Diary::begin(&stack, "recovery", |config| config).await?;
    diary.write(2, "before").await?;
    diary.arrives(SOON).await?;
    let mut histories = 0;
    let mut with_lost_history = |diary: &Diary, mode: &str| -> Result<ConnectorConfig> {
        histories += 1;
        let topic = format!("{}-{histories}", diary.pipeline.names.history_topic());
        Ok(config(&stack, diary, mode)?.with("schema.history.internal.kafka.topic", &topic))
    };

    let lost = with_lost_history(&diary, "initial")?;
    reconfigure(&diary, &lost).await?;
    let reason = diary.pipeline.failure().await?;
    ensure!(reason.contains("snapshot.mode=recovery"), "{reason}");

    diary.write(1, "while it is lost").await?;
    let recovered = with_lost_history(&diary, "recovery")?;
    reconfigure(&diary, &recovered).await?;
    diary.arrives(SOON).await?;
    reconfigure(&diary, &recovered.with("snapshot.mode", "initial")).await?;
    diary.write(1, "with the history of recovery").await?;
    diary.arrives(SOON).await?;

    // What the server says now is not what it said when the row was written.
    diary.pipeline.worker.kill()?;
    diary.write(1, "before the column").await?;
    let alter = format!("ALTER TABLE {TABLE} MODIFY text VARCHAR(200) FIRST");
    diary.pipeline.sql([alter]).await?;
    diary.pipeline.worker.start().await?;
    let altered = with_lost_history(&diary, "recovery")?;
    reconfigure(&diary, &altered).await?;
    let reason = diary.pipeline.failure().await?;
    ensure!(reason.contains("has changed captured tables"), "{reason}");
    Ok(())
}

const HALVED: &str = "halved";
/// Enough that a snapshot is in the table for a second or two.
const ROWS: i64 = 60_000;

/// Neither the view nor the snapshot's frontier has rows that the statement leaves out: their changes come from the stream alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_by_a_statement_of_ones_own_goes_on_inside_of_its_table() -> Result<()> {
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, "own_statement")?;
    let rows = format!(
        "INSERT INTO {HALVED} WITH RECURSIVE n (id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM n WHERE id < {}) \
         SELECT id, REPEAT('thing ', 50) FROM n",
        ROWS - 1
    );
    let create = format!("CREATE TABLE {HALVED} (id BIGINT PRIMARY KEY, text VARCHAR(400))");
    pipeline
        .sql(["SET cte_max_recursion_depth = 100000", &create, &rows])
        .await?;
    let table = format!("{}.{HALVED}", pipeline.names.database());
    let statement = format!("SELECT * FROM {table} WHERE id % 2 = 0 ORDER BY text, id DESC;");
    // A frontier is stored with each transaction.
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?
        .with("topic.creation.default.partitions", "1")
        .with("transaction.boundary", "interval")
        .with("transaction.boundary.interval.ms", "50")
        .with("snapshot.select.statement.overrides", &table)
        .with(&format!("snapshot.select.statement.overrides.{table}"), &statement);
    pipeline.create(&config).await?;
    let look = async || pipeline.is_in_snapshot_of(HALVED, ROWS / 20).await;
    let inside = pipeline
        .worker
        .eventually("the snapshot is inside of the table", SOON, look);
    let offset = inside.await?;
    pipeline.worker.kill()?;

    let (below, above) = (1, ROWS - 1);
    let update = format!("UPDATE {HALVED} SET text = 'changed' WHERE id IN ({below}, {above})");
    pipeline.sql([update]).await?;
    pipeline.resumes_snapshot(&offset).await?;
    pipeline.row(HALVED, "id", ROWS - 2).await?;
    pipeline.stop().await?;

    let events = pipeline.events(HALVED).await?;
    let of = |operation: Operation| -> Vec<i64> {
        let own = events.iter().filter(|event| event.operation == operation);
        own.filter_map(|event| event.after["id"].as_i64()).collect()
    };
    ensure!(of(Operation::Update) == [below, above], "{:?}", of(Operation::Update));
    let read = of(Operation::Read);
    ensure!(
        read.iter().copied().eq((0..ROWS).step_by(2)),
        "{} rows, not each once in order",
        read.len()
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_in_a_file_outlives_the_worker() -> Result<()> {
    let stack = Stack::shared()?;
    let folder = std::env::temp_dir().join(format!("rowmill-history-of-{}", std::process::id()));
    let file = folder.join("deeper").join("history.dat");
    let mut diary = Diary::begin(&stack, "file_history", |config| {
        config
            .with(
                "schema.history.internal",
                "io.debezium.storage.file.history.FileSchemaHistory",
            )
            .with("schema.history.internal.file.filename", &file.display().to_string())
            .without("schema.history.internal.kafka.topic")
            .without("schema.history.internal.kafka.bootstrap.servers")
    })
    .await?;
    let alter = format!("ALTER TABLE {TABLE} ADD COLUMN later INT");
    diary.pipeline.sql([alter]).await?;
    let row = format!("INSERT INTO {TABLE} VALUES (1000, 'with the column', 7)");
    diary.pipeline.sql([row]).await?;
    diary.pipeline.row(TABLE, "later", 7).await?;
    diary.pipeline.worker.kill()?;
    diary.pipeline.worker.start().await?;
    let row = format!("INSERT INTO {TABLE} VALUES (1001, 'known after a kill', 8)");
    diary.pipeline.sql([row]).await?;
    diary.pipeline.row(TABLE, "later", 8).await?;

    diary.pipeline.worker.kill()?;
    std::fs::write(&file, "something else\n")?;
    diary.pipeline.worker.start().await?;
    let reason = diary.pipeline.failure().await?;
    ensure!(reason.contains("something else than a schema history"), "{reason}");
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
