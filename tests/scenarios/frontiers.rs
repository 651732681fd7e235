//! Rows that are deleted while a snapshot is interrupted inside of their table: consumers have them already, and have to be
//! reported that they are gone, whatever kind of key the table has.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use harness::change_event::{ChangeEvent, Operation};
use harness::connector::ConnectorConfig;
use harness::pipeline::{Pipeline, SOON};
use harness::stack::Stack;

const TABLE: &str = "things";
/// Enough that a snapshot is in the table for a second or two.
const ROWS: i64 = 60_000;
const DELETED: usize = 20;
/// A row that comes after all of this.
const LAST: i64 = 1_000_000;

/// A table whose row 0 has no day, and whose others have days that follow one another from 1800 on. `key` is part of its
/// definition, `message_key` the column that its records have as their key instead.
async fn deletes_are_told(about: &str, key: &str, message_key: Option<&str>) -> Result<()> {
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, about)?;
    let rows = format!(
        "INSERT INTO {TABLE} WITH RECURSIVE n (id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM n WHERE id < {}) \
         SELECT id, IF(id = 0, '0000-00-00', '1800-01-01' + INTERVAL id DAY), REPEAT('thing ', 50) FROM n",
        ROWS - 1
    );
    let create = format!("CREATE TABLE {TABLE} (id BIGINT NOT NULL, day DATE NOT NULL, text VARCHAR(400){key})");
    pipeline
        .sql(["SET sql_mode = '', cte_max_recursion_depth = 100000", &create, &rows])
        .await?;
    // A frontier is stored with each transaction.
    let mut config = ConnectorConfig::mysql(&stack, &pipeline.names)?
        .with("topic.creation.default.partitions", "1")
        .with("transaction.boundary", "interval")
        .with("transaction.boundary.interval.ms", "50");
    if let Some(column) = message_key {
        let of_table = format!("{}.{TABLE}:{column}", pipeline.names.database());
        config = config.with("message.key.columns", &of_table);
    }
    pipeline.create(&config).await?;
    let look = async || pipeline.is_in_snapshot_of(TABLE, ROWS / 10).await;
    let inside = pipeline
        .worker
        .eventually("the snapshot is inside of the table", SOON, look);
    let offset = inside.await?;
    pipeline.worker.kill()?;

    let deleted = first_ids(&mut pipeline).await?;
    let listed: Vec<String> = deleted.iter().map(ToString::to_string).collect();
    let delete = format!("DELETE FROM {TABLE} WHERE id IN ({})", listed.join(", "));
    pipeline.sql([delete]).await?;
    pipeline.resumes_snapshot(&offset).await?;
    pipeline.is_streaming(SOON).await?;
    pipeline
        .sql([format!("INSERT INTO {TABLE} VALUES ({LAST}, '1999-12-31', 'the last')")])
        .await?;
    pipeline.row(TABLE, "id", LAST).await?;
    pipeline.stop().await?;

    let events = pipeline.events(TABLE).await?;
    let query = format!("SELECT id FROM {}.{TABLE}", pipeline.names.database());
    let rows = pipeline.mysql.rows(&query).await?;
    let rows: BTreeSet<i64> = rows.iter().filter_map(|row| row["id"].as_i64()).collect();
    let folded = fold(&events);
    let differing: Vec<_> = folded.symmetric_difference(&rows).take(10).collect();
    ensure!(
        differing.is_empty(),
        "the topic folds to {} rows, the table has {}; they differ in {differing:?}",
        folded.len(),
        rows.len()
    );
    for id in deleted {
        let is_its_end = |event: &&ChangeEvent| event.operation == Operation::Delete && event.before["id"] == id;
        let ends = events.iter().filter(is_its_end).count();
        ensure!(ends == 1, "{ends} deletes of row {id}");
    }
    Ok(())
}

/// Rows that consumers have seen first, while the worker is down.
async fn first_ids(pipeline: &mut Pipeline) -> Result<Vec<i64>> {
    let mut reading = pipeline.follow(TABLE).await?;
    let what = "the first rows can be read";
    reading
        .find(what, SOON, |record| record.offset >= DELETED as i64)
        .await?;
    let events = ChangeEvent::decode_all(&reading.records[..DELETED], &mut pipeline.registry).await?;
    let id = |event: &ChangeEvent| event.after["id"].as_i64().context("a snapshot row with an id");
    events.iter().map(id).collect()
}

/// The rows that the topic makes: the newest of every key, or of every `id` where records have no key.
fn fold(events: &[ChangeEvent]) -> BTreeSet<i64> {
    let mut rows = BTreeMap::new();
    for event in events {
        let row = match event.after.is_null() {
            true => &event.before,
            false => &event.after,
        };
        let key = match event.key.is_null() {
            true => &row["id"],
            false => &event.key,
        };
        match event.after["id"].as_i64() {
            Some(id) => rows.insert(key.to_string(), id),
            None => rows.remove(&key.to_string()),
        };
    }
    rows.into_values().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn deletes_below_the_frontier_are_told() -> Result<()> {
    deletes_are_told("frontier_keyed", ", PRIMARY KEY (id)", None).await
}

/// There is no frontier in it: what consumers have of it is not known.
#[tokio::test(flavor = "multi_thread")]
async fn deletes_in_a_keyless_table_that_is_read_again_are_told() -> Result<()> {
    deletes_are_told("frontier_keyless", "", None).await
}

/// Its records have a key that the server knows nothing of.
#[tokio::test(flavor = "multi_thread")]
async fn deletes_in_a_table_with_a_key_of_its_records_only_are_told() -> Result<()> {
    deletes_are_told("frontier_chosen", "", Some("id")).await
}

/// The server's order has it before all days, while records have the first day of 1970 in its place.
#[tokio::test(flavor = "multi_thread")]
async fn the_delete_of_a_row_whose_key_is_a_zero_date_is_told() -> Result<()> {
    deletes_are_told("frontier_zero_date", ", PRIMARY KEY (day)", None).await
}
