//! What consumers are told of transactions is true, whenever the worker is killed.

use anyhow::{Context, Result, ensure};
use harness::connector::ConnectorConfig;
use harness::pipeline::{Pipeline, SOON};
use harness::registry::Registry;
use harness::stack::Stack;
use serde_json::Value;

const ROWS: i64 = 60_000;

/// The values of a topic's records.
async fn values(pipeline: &Pipeline, topic: &str, registry: &mut Registry) -> Result<Vec<Value>> {
    let mut values = Vec::new();
    for record in pipeline.committed.read(topic).await? {
        values.push(registry.decode(record.value.as_deref().context("a value")?).await?);
    }
    Ok(values)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_is_cut_and_resumed_is_numbered_through_and_ends_once() -> Result<()> {
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, "numbered")?;
    pipeline
        .sql([
            "CREATE TABLE large (id BIGINT PRIMARY KEY, text VARCHAR(400))",
            "CREATE TABLE small (id BIGINT PRIMARY KEY)",
        ])
        .await?;
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?
        .with("topic.creation.default.partitions", "1")
        .with("provide.transaction.metadata", "true")
        .with("transaction.boundary", "interval")
        .with("transaction.boundary.interval.ms", "50");
    pipeline.create(&config).await?;
    pipeline.is_streaming(SOON).await?;
    let rows = format!(
        "INSERT INTO large WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {ROWS}) \
         SELECT id, REPEAT('thing ', 50) FROM n"
    );
    let statements = [
        "SET cte_max_recursion_depth = 100000",
        "BEGIN",
        "INSERT INTO small VALUES (1)",
        &rows,
    ];
    pipeline
        .sql(statements.into_iter().chain(["INSERT INTO small VALUES (2)", "COMMIT"]))
        .await?;
    let name = pipeline.names.connector().to_owned();
    let inside = async || {
        let offset = pipeline.rest()?.offset(&name).await?;
        ensure!(offset["rowmill_changes"].as_i64() > Some(1), "{offset}");
        ensure!(offset["transaction_id"].is_string(), "{offset}");
        Ok(())
    };
    pipeline
        .worker
        .eventually("the offset is inside of the transaction", SOON, inside)
        .await?;
    pipeline.worker.kill()?;
    pipeline.worker.start().await?;
    pipeline.row("small", "id", 2).await?;
    pipeline.sql(["INSERT INTO small VALUES (3)"]).await?;
    pipeline.row("small", "id", 3).await?;
    pipeline.stop().await?;

    let mut registry = Registry::new(stack.registry()?);
    let changes = values(&pipeline, &pipeline.names.topic("large"), &mut registry).await?;
    for (change, number) in changes.iter().zip(1..) {
        let block = &change["transaction"];
        let orders = (block["total_order"].as_i64(), block["data_collection_order"].as_i64());
        ensure!(
            orders == (Some(number + 1), Some(number)),
            "change {number} has {block}"
        );
    }
    ensure!(changes.len() as i64 == ROWS, "{} changes", changes.len());
    let topic = format!("{}.transaction", pipeline.names.prefix());
    let boundaries = values(&pipeline, &topic, &mut registry).await?;
    let id = changes[0]["transaction"]["id"].clone();
    let of_it: Vec<_> = boundaries.iter().filter(|boundary| boundary["id"] == id).collect();
    let told: Vec<_> = of_it
        .iter()
        .map(|boundary| (&boundary["status"], &boundary["event_count"]))
        .collect();
    ensure!(
        told == [(&"BEGIN".into(), &Value::Null), (&"END".into(), &(ROWS + 2).into())],
        "{told:?}"
    );
    let last: Vec<_> = boundaries
        .iter()
        .rev()
        .take(2)
        .map(|boundary| &boundary["status"])
        .collect();
    ensure!(last == ["END", "BEGIN"], "{boundaries:?}");
    Ok(())
}
