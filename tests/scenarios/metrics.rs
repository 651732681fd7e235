//! What `/metrics` tells of a task: the families that dashboards and alerts stand on, with true numbers.

use anyhow::{Result, ensure};
use harness::connector::ConnectorConfig;
use harness::diary::Diary;
use harness::eventually::eventually;
use harness::pipeline::{Pipeline, SOON};
use harness::stack::{Service, Stack, killable};

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_what_a_task_has_written_and_how_far_behind_it_is() -> Result<()> {
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, "measured")?;
    pipeline
        .sql([
            "CREATE TABLE pots (id INT PRIMARY KEY)",
            "INSERT INTO pots VALUES (1), (2), (3), (4), (5)",
        ])
        .await?;
    let created = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    pipeline
        .create(&ConnectorConfig::mysql(&stack, &pipeline.names)?)
        .await?;
    pipeline.is_streaming(SOON).await?;
    pipeline
        .sql([
            "INSERT INTO pots VALUES (6), (7)",
            "DELETE FROM pots WHERE id = 1",
            "INSERT INTO pots VALUES (8)",
        ])
        .await?;
    pipeline.row("pots", "id", 8).await?;
    let pots = pipeline.committed.read(&pipeline.names.topic("pots")).await?.len();
    ensure!(pots == 5 + 2 + 2 + 1, "{pots} records, a tombstone among them");

    let rest = pipeline.rest()?;
    let (connector, prefix) = (pipeline.names.connector(), pipeline.names.prefix());
    let task = [("connector", connector), ("task", "0")];
    // A transaction is counted after its end, which its readers may see first. Others who share the server may add definitions
    // to both at any time.
    let look = async || {
        // The topic of definitions has the connector's prefix as its name.
        let definitions = pipeline.committed.read(prefix).await?.len();
        ensure!(definitions > 0, "no definitions were published");
        let arrived = (pots + definitions) as f64;
        let metrics = rest.metrics().await?;
        let written = metrics.sample("kafka_connect_source_task_source_record_write_total", &task)?;
        ensure!(written == arrived, "{written} written, {arrived} arrived");
        Ok(metrics)
    };
    let metrics = pipeline
        .worker
        .eventually("what was written is counted", SOON, look)
        .await?;
    let above_zero = [
        "rowmill_task_bytes_total",
        "rowmill_task_transactions_total",
        "rowmill_task_transaction_commit_seconds_count",
        "rowmill_task_transaction_commit_seconds_sum",
    ];
    for name in above_zero {
        let number = metrics.sample(name, &task)?;
        ensure!(number > 0.0, "{name} is {number}");
    }
    let lag = metrics.sample("rowmill_task_lag_seconds", &task)?;
    ensure!((0.0..SOON.as_secs_f64()).contains(&lag), "the lag is {lag} s");

    let streaming = [("name", prefix), ("context", "streaming")];
    let last = metrics.sample("rowmill_last_event_timestamp_seconds", &streaming)?;
    ensure!(
        last >= created.as_secs_f64().floor() && last < created.as_secs_f64() + 2.0 * SOON.as_secs_f64(),
        "the last event is of {last}, the connector of {created:?}"
    );
    let connected = metrics.sample("debezium_metrics_Connected", &streaming)?;
    ensure!(connected == 1.0, "Connected is {connected}");
    let table = format!("{}.pots", pipeline.names.database());
    let snapshot = [("name", prefix), ("context", "snapshot"), ("table", table.as_str())];
    let rows = metrics.sample("debezium_metrics_RowsScanned", &snapshot)?;
    ensure!(rows == 5.0, "{rows} rows of the snapshot's 5");

    rest.delete(connector).await?;
    let look = async || {
        let metrics = rest.metrics().await?;
        for (name, labels) in [
            ("debezium_metrics_Connected", &streaming),
            ("rowmill_last_event_timestamp_seconds", &streaming),
            ("rowmill_task_lag_seconds", &task),
        ] {
            let left = metrics.sample(name, labels);
            ensure!(left.is_err(), "{name} of a deleted connector is still there: {left:?}");
        }
        Ok(())
    };
    pipeline
        .worker
        .eventually("no series of a deleted connector is left", SOON, look)
        .await
}

/// What a dashboard shows as an outage has to look like one.
#[tokio::test(flavor = "multi_thread")]
async fn the_lag_grows_while_nothing_can_be_delivered_and_falls_when_events_flow_again() -> Result<()> {
    let stack = killable().await?;
    let mut diary = Diary::begin(&stack, "lagging", |config| config).await?;
    let connector = diary.pipeline.names.connector().to_owned();
    let rest = diary.pipeline.rest()?;
    let lag = async || {
        let metrics = rest.metrics().await?;
        metrics.sample("rowmill_task_lag_seconds", &[("connector", &connector), ("task", "0")])
    };
    diary.write(1, "before").await?;
    diary.arrives(SOON).await?;

    stack.pause(Service::Kafka)?;
    diary.write(1, "into the pause").await?;
    // Longer than the broker's session with its controller (`broker.session.timeout.ms`), so it has to find back first.
    for seconds in [2.0, 4.0, 6.0] {
        let look = async || {
            let lag = lag().await?;
            ensure!(lag >= seconds, "the lag is {lag} s");
            Ok(())
        };
        eventually("the lag has grown", SOON, look).await?;
    }
    stack.resume(Service::Kafka)?;
    diary.arrives(SOON).await?;
    // That of the newest event, which a new one has to be first.
    let look = async || {
        diary.write(1, "after").await?;
        diary.arrives(SOON).await?;
        let lag = lag().await?;
        ensure!((0.0..2.0).contains(&lag), "the lag is {lag} s");
        Ok(())
    };
    eventually("the lag has fallen", SOON, look).await?;
    diary.ends_complete().await
}
