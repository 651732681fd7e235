//! Memory depends on the largest row only: not on the size of a transaction, nor on how well it was compressed. A row that
//! is too large for Kafka stops the task, or is skipped, as configured.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::change_event::Operation;
use harness::connector::ConnectorConfig;
use harness::eventually::eventually;
use harness::kafka_reader::Reading;
use harness::pipeline::{Pipeline, SOON};
use harness::seed::tell;
use harness::stack::Stack;
use serde_json::json;

/// A debug build's; `scripts/bench` holds the release build to less.
const MEMORY_LIMIT: u64 = 160 << 20;
const MILLION: i64 = 1_000_000;
/// For a debug build on a busy machine.
const MILLION_ROWS: Duration = Duration::from_secs(300);

fn is_bounded(pipeline: &Pipeline) -> Result<()> {
    let peak = pipeline.worker.peak_memory()?;
    ensure!(peak < MEMORY_LIMIT, "the worker needed {} MiB", peak >> 20);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_rows_in_one_transaction() -> Result<()> {
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, "million")?;
    pipeline
        .sql(["CREATE TABLE million (id BIGINT PRIMARY KEY, text VARCHAR(20))"])
        .await?;
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?.with("topic.creation.default.partitions", "1");
    pipeline.create(&config).await?;
    pipeline.is_streaming(SOON).await?;
    pipeline
        .sql([
            "SET cte_max_recursion_depth = 2000000".to_owned(),
            format!(
                "INSERT INTO million WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {MILLION}) \
                 SELECT id, CONCAT('row ', id) FROM n"
            ),
        ])
        .await?;
    let mut reading = pipeline.follow("million").await?;
    let mut seen = 0;
    let registry = &mut pipeline.registry;
    eventually(
        "a million rows arrive, each once and in order",
        MILLION_ROWS,
        async || {
            while reading.take(Duration::from_millis(100))? > 0 {
                for record in reading.records.drain(..) {
                    let key = registry.decode(record.key.as_deref().unwrap_or_default()).await?;
                    seen += 1;
                    if key["id"] != seen {
                        // Waiting does not help.
                        return Ok(Err(format!("row {} stands where row {seen} should", key["id"])));
                    }
                }
            }
            ensure!(seen == MILLION, "{seen} have arrived");
            Ok(Ok(()))
        },
    )
    .await?
    .map_err(anyhow::Error::msg)?;
    is_bounded(&pipeline)?;
    stops_and_resumes_leave_nothing_behind(&pipeline, &mut reading).await?;
    pipeline.stop().await
}

/// Six times: stopped, rows written, resumed, read. What a session had in memory, the next one does not add to.
async fn stops_and_resumes_leave_nothing_behind(pipeline: &Pipeline, reading: &mut Reading) -> Result<()> {
    const ROWS: i64 = 100_000;
    let rest = pipeline.rest()?;
    let name = pipeline.names.connector().to_owned();
    let mut resident = Vec::new();
    for cycle in 0..6 {
        rest.ask(&name, "stop").await?;
        let look = async || {
            let status = rest.status(&name).await?;
            ensure!(status["tasks"] == json!([]), "status is {status}");
            Ok(())
        };
        pipeline.worker.eventually("there are no tasks", SOON, look).await?;
        resident.push(pipeline.worker.resident_memory()? >> 20);
        let first = MILLION + cycle * ROWS;
        let insert = format!("INSERT INTO million SELECT id + {first}, text FROM million WHERE id <= {ROWS}");
        pipeline.sql([insert]).await?;
        rest.ask(&name, "resume").await?;
        let mut seen = 0;
        eventually("the rows of a cycle arrive", MILLION_ROWS, async || {
            while reading.take(Duration::from_millis(100))? > 0 {
                seen += reading.records.drain(..).len() as i64;
            }
            ensure!(seen == ROWS, "{seen} have arrived");
            Ok(())
        })
        .await?;
    }
    tell(&format!("resident when stopped, in MiB: {resident:?}"));
    // The first one is that of the million; sessions that kept what they had added 20 MiB each.
    ensure!(
        resident[5] < resident[1] + 16,
        "resident when stopped, in MiB: {resident:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_transaction_that_expands_to_200_megabytes() -> Result<()> {
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, "expanding")?;
    pipeline
        .sql(["CREATE TABLE wide (id INT PRIMARY KEY, text MEDIUMTEXT)"])
        .await?;
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?.with("topic.creation.default.partitions", "1");
    pipeline.create(&config).await?;
    pipeline.is_streaming(SOON).await?;
    pipeline
        .sql([
            "SET SESSION binlog_transaction_compression = ON",
            "INSERT INTO wide WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 250) \
             SELECT id, REPEAT('wide ', 160000) FROM n",
        ])
        .await?;
    let mut reading = pipeline.follow("wide").await?;
    let mut sizes = Vec::new();
    eventually("all rows arrive", MILLION_ROWS, async || {
        while reading.take(Duration::from_millis(100))? > 0 {
            sizes.extend(
                reading
                    .records
                    .drain(..)
                    .map(|record| record.value.map_or(0, |value| value.len())),
            );
        }
        ensure!(sizes.len() >= 250, "{} have arrived", sizes.len());
        Ok(())
    })
    .await?;
    ensure!(
        sizes.len() == 250 && sizes.iter().all(|size| *size > 800_000),
        "{} rows: {sizes:?}",
        sizes.len()
    );
    is_bounded(&pipeline)?;
    pipeline.stop().await
}

const TWENTY_MEGABYTES: &str = "INSERT INTO large VALUES (2, REPEAT('large ', 3500000))";

async fn large_rows(about: &str, adapt: impl FnOnce(ConnectorConfig) -> ConnectorConfig) -> Result<Pipeline> {
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, about)?;
    pipeline
        .sql(["CREATE TABLE large (id INT PRIMARY KEY, text LONGTEXT)"])
        .await?;
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?.with("topic.creation.default.partitions", "1");
    pipeline.create(&adapt(config)).await?;
    pipeline.is_streaming(SOON).await?;
    Ok(pipeline)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_20_megabytes_arrives_when_the_settings_allow_it() -> Result<()> {
    let pipeline = large_rows("large", |config| {
        config
            .with("producer.override.max.request.size", "33554432")
            .with("topic.creation.default.max.message.bytes", "33554432")
    });
    let mut pipeline = pipeline.await?;
    pipeline
        .sql(["INSERT INTO large VALUES (1, 'small')", TWENTY_MEGABYTES])
        .await?;
    let event = pipeline.row("large", "id", 2).await?;
    let length = event.after["text"].as_str().map_or(0, str::len);
    ensure!(length == 21_000_000, "it arrived with {length} bytes");
    pipeline.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_too_large_stops_the_task_behind_what_precedes_it() -> Result<()> {
    let mut pipeline = large_rows("too_large", |config| config).await?;
    pipeline
        .sql([
            "BEGIN",
            "INSERT INTO large VALUES (1, 'small')",
            TWENTY_MEGABYTES,
            "COMMIT",
        ])
        .await?;
    let reason = pipeline.failure().await?;
    for word in ["large", "max.request.size", "max.message.bytes", "message.max.bytes"] {
        ensure!(reason.contains(word), "the reason does not name {word}: {reason}");
    }
    let gtid = pipeline.mysql.value("SELECT @@server_uuid").await?;
    ensure!(
        reason.contains(gtid.as_str().unwrap_or_default()),
        "the reason names no GTID: {reason}"
    );
    ensure!(!reason.contains("large large"), "the reason shows the row: {reason}");
    let events = pipeline.events("large").await?;
    ensure!(
        events.len() == 1 && events[0].after["id"] == 1,
        "what precedes it: {} events",
        events.len()
    );
    Ok(())
}

/// `errors.tolerance=all`: each change with a record that is too large is left out, in the snapshot and in the stream, and
/// reported; all others arrive, once.
#[tokio::test(flavor = "multi_thread")]
async fn changes_that_are_too_large_are_skipped_whole_and_counted_when_errors_are_tolerated() -> Result<()> {
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, "tolerant")?;
    pipeline
        .sql([
            "CREATE TABLE large (id INT PRIMARY KEY, text LONGTEXT)",
            "INSERT INTO large VALUES (1, 'small'), (2, REPEAT('large ', 20000)), (3, 'small')",
            "CREATE TABLE masked (id INT PRIMARY KEY)",
        ])
        .await?;
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?
        .with("topic.creation.default.partitions", "1")
        .with("errors.tolerance", "all")
        .with("errors.log.enable", "true")
        .with("producer.override.max.request.size", "100000")
        .with("transforms", "mask")
        .with(
            "transforms.mask.type",
            "org.apache.kafka.connect.transforms.MaskField$Value",
        )
        .with("transforms.mask.fields", "op")
        .with("transforms.mask.predicate", "is_masked")
        .with("predicates", "is_masked")
        .with(
            "predicates.is_masked.type",
            "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
        )
        .with("predicates.is_masked.pattern", r".*\.masked");
    pipeline.create(&config).await?;
    pipeline.is_streaming(SOON).await?;
    pipeline
        .sql([
            "BEGIN",
            "INSERT INTO large VALUES (4, 'small'), (5, REPEAT('large ', 20000)), (6, 'small')",
            "UPDATE large SET text = REPEAT('large ', 20000) WHERE id = 1",
            "COMMIT",
            // A transform that masks a field takes no tombstone, and what the delete needs is yet to be learnt.
            "INSERT INTO masked VALUES (1)",
            "ALTER TABLE masked ADD more INT",
            "DELETE FROM masked",
            // The deleted row is too large, its tombstone is not.
            "DELETE FROM large WHERE id = 2",
            // Delete and tombstone of the old key would fit, and without the create they would lose the row.
            "UPDATE large SET id = 33, text = REPEAT('large ', 20000) WHERE id = 3",
            // Key and value alone would fit; with their headers they do not.
            "INSERT INTO large VALUES (9, REPEAT('x', 99700))",
            "INSERT INTO large VALUES (7, 'small')",
        ])
        .await?;
    pipeline.row("large", "id", 7).await?;
    let rest = pipeline.rest()?;
    let task = [("connector", pipeline.names.connector()), ("task", "0")];
    let look = async || {
        let metrics = rest.metrics().await?;
        let skipped = metrics.sample("kafka_connect_task_error_total_records_skipped", &task)?;
        ensure!(skipped == 11.0, "{skipped} of 11 records were skipped");
        Ok(())
    };
    pipeline
        .worker
        .eventually("what was skipped is counted", SOON, look)
        .await?;

    pipeline.worker.kill()?;
    pipeline.worker.start().await?;
    pipeline.sql(["INSERT INTO large VALUES (8, 'small')"]).await?;
    pipeline.row("large", "id", 8).await?;
    pipeline.stop().await?;
    let events = pipeline.events("large").await?;
    let arrived: Vec<_> = events
        .iter()
        .map(|event| (event.operation, event.key["id"].as_i64()))
        .collect();
    let expected = [
        (Operation::Read, Some(1)),
        (Operation::Read, Some(3)),
        (Operation::Create, Some(4)),
        (Operation::Create, Some(6)),
        (Operation::Create, Some(7)),
        (Operation::Create, Some(8)),
    ];
    ensure!(arrived == expected, "{arrived:?} have arrived");

    let log = pipeline.worker.log()?;
    let logged: Vec<&str> = log.lines().filter(|line| line.contains("skipped a change")).collect();
    let server = pipeline.mysql.value("SELECT @@server_uuid").await?;
    let topic = pipeline.names.topic("large");
    let (too_large, others): (Vec<&str>, Vec<&str>) = logged.iter().partition(|line| line.contains(&topic));
    ensure!(too_large.len() == 6, "{} are logged: {logged:?}", too_large.len());
    ensure!(
        others.len() == 1 && others[0].contains("MaskField"),
        "of tombstones is logged: {others:?}"
    );
    for line in too_large {
        for word in [topic.as_str(), "max.request.size", server.as_str().context("an UUID")?] {
            ensure!(line.contains(word), "{word} is not logged: {line}");
        }
    }
    let staged = |stage: &str| {
        log.lines()
            .filter(|line| line.contains(stage) && line.contains("ERROR"))
            .count()
    };
    let stages = [staged("stage=KAFKA_PRODUCE"), staged("stage=TRANSFORMATION")];
    ensure!(stages == [6, 1], "errors of stages are logged: {stages:?}");
    ensure!(!log.contains("large large"), "the log shows a row");
    Ok(())
}

/// The client does not split a batch that is too large for its topic, so the reason has to say what does.
#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_takes_less_than_a_batch_stops_the_task_until_batches_are_smaller() -> Result<()> {
    let pipeline = large_rows("small_topic", |config| {
        config
            .with("topic.creation.groups", "small")
            .with("topic.creation.small.include", ".*large")
            .with("topic.creation.small.max.message.bytes", "100000")
    });
    let mut pipeline = pipeline.await?;
    let rows = "INSERT INTO large WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 900) \
                SELECT id, REPEAT('row ', 250) FROM n";
    pipeline.sql([rows]).await?;
    let reason = pipeline.failure().await?;
    for word in ["large", "max.message.bytes", "producer.override.batch.size"] {
        ensure!(reason.contains(word), "the reason does not name {word}: {reason}");
    }
    let rest = pipeline.rest()?;
    let connector = pipeline.names.connector();
    let mut config = rest.read(&format!("/connectors/{connector}/config")).await?;
    config["producer.override.batch.size"] = "50000".into();
    rest.reconfigure(connector, &config).await?;
    pipeline.row("large", "id", 900).await?;
    pipeline.stop().await?;
    let events = pipeline.events("large").await?;
    let ids: Vec<_> = events.iter().filter_map(|event| event.after["id"].as_i64()).collect();
    ensure!(ids.into_iter().eq(1..=900), "{} events of 900 rows", events.len());
    Ok(())
}
