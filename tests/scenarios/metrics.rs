//! What `/metrics` tells of a task that runs: the families that dashboards and alerts stand on, with true numbers.

use anyhow::{Context, Result, ensure};
use harness::connector::ConnectorConfig;
use harness::pipeline::{Pipeline, SOON};
use harness::stack::Stack;

/// The number of the one sample with this name and all of these labels.
fn sample(text: &str, name: &str, labels: &[(&str, &str)]) -> Result<f64> {
    let labels: Vec<String> = labels.iter().map(|(key, value)| format!("{key}=\"{value}\"")).collect();
    let mut found = text.lines().filter_map(|line| {
        let (told, number) = line.strip_prefix(name)?.strip_prefix('{')?.rsplit_once("} ")?;
        labels
            .iter()
            .all(|label| told.split(',').any(|told| told == label))
            .then_some(number)
    });
    let number = found
        .next()
        .with_context(|| format!("no {name} with {labels:?} in\n{text}"))?;
    ensure!(found.next().is_none(), "several {name} with {labels:?} in\n{text}");
    number.parse().with_context(|| format!("{name} {number}"))
}

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
    // The topic of definitions has the connector's prefix as its name.
    let definitions = pipeline.committed.read(pipeline.names.prefix()).await?.len();
    ensure!(definitions > 0, "no definitions were published");
    let arrived = (pots + definitions) as f64;

    let rest = pipeline.rest()?;
    let (connector, prefix) = (pipeline.names.connector(), pipeline.names.prefix());
    let task = [("connector", connector), ("task", "0")];
    // A transaction is counted after its end, which its readers may see first.
    let look = async || {
        let text = rest.read_text("/metrics").await?;
        let written = sample(&text, "kafka_connect_source_task_source_record_write_total", &task)?;
        ensure!(written == arrived, "{written} written, {arrived} arrived");
        Ok(text)
    };
    let text = pipeline
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
        let number = sample(&text, name, &task)?;
        ensure!(number > 0.0, "{name} is {number}");
    }
    let lag = sample(&text, "rowmill_task_lag_seconds", &task)?;
    ensure!((0.0..SOON.as_secs_f64()).contains(&lag), "the lag is {lag} s");

    let streaming = [("name", prefix), ("context", "streaming")];
    let last = sample(&text, "rowmill_last_event_timestamp_seconds", &streaming)?;
    ensure!(
        last >= created.as_secs_f64().floor() && last < created.as_secs_f64() + 2.0 * SOON.as_secs_f64(),
        "the last event is of {last}, the connector of {created:?}"
    );
    let connected = sample(&text, "debezium_metrics_Connected", &streaming)?;
    ensure!(connected == 1.0, "Connected is {connected}");
    let table = format!("{}.pots", pipeline.names.database());
    let snapshot = [("name", prefix), ("context", "snapshot"), ("table", table.as_str())];
    let rows = sample(&text, "debezium_metrics_RowsScanned", &snapshot)?;
    ensure!(rows == 5.0, "{rows} rows of the snapshot's 5");
    Ok(())
}
