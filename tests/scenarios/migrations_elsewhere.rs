//! Statements about tables that are not captured: other applications migrate as often as they like, and nobody waits for it.

use anyhow::{Result, ensure};
use harness::connector::ConnectorConfig;
use harness::kafka_reader::Record;
use harness::pipeline::{Pipeline, SOON};
use harness::stack::Stack;

/// Statements, and rows between them.
const TURNS: i64 = 300;
/// Kafka transactions in which the rows may come: they are cut by size and age, on a busy machine.
const TRANSACTIONS: i64 = 30;

#[tokio::test(flavor = "multi_thread")]
async fn statements_about_other_tables_cut_no_transaction_and_are_in_the_history() -> Result<()> {
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, "elsewhere")?;
    let database = pipeline.names.database().to_owned();
    let other = format!("{database}.other");
    let table = format!("{database}.numbers");
    pipeline
        .sql([
            format!("CREATE TABLE {table} (id INT PRIMARY KEY)"),
            format!("CREATE TABLE {other} (id INT PRIMARY KEY, a INT)"),
        ])
        .await?;
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?.with("table.include.list", &table);
    pipeline.create(&config).await?;
    pipeline.is_streaming(SOON).await?;
    let history = pipeline.names.history_topic();
    // Those of other databases are recorded, too.
    let recorded = async |pipeline: &Pipeline| -> Result<i64> {
        let records = pipeline.committed.read(&history).await?;
        let is_ours = |record: &Record| {
            let text = String::from_utf8_lossy(record.value.as_deref().unwrap_or_default());
            text.contains(&other)
        };
        Ok(records.iter().filter(|record| is_ours(record)).count() as i64)
    };
    let before = recorded(&pipeline).await?;
    pipeline.worker.kill()?;

    // All of it is there when the stream goes on.
    let statements = (1..=TURNS).flat_map(|turn| {
        let elsewhere = match turn % 3 {
            0 => format!("ALTER TABLE {other} ADD c{turn} INT"),
            1 => format!("CREATE INDEX i ON {other} (a)"),
            _ => format!("DROP INDEX i ON {other}"),
        };
        [format!("INSERT INTO {table} VALUES ({turn})"), elsewhere]
    });
    pipeline.sql(statements).await?;
    pipeline.sql([format!("INSERT INTO {table} VALUES (0)")]).await?;
    pipeline.worker.start().await?;
    pipeline.row("numbers", "id", 0).await?;
    pipeline.stop().await?;

    let recorded = recorded(&pipeline).await? - before;
    ensure!(
        recorded == TURNS,
        "the history has {recorded} of {TURNS} statements that precede the stored offset"
    );
    let topic = pipeline.names.topic("numbers");
    let records = pipeline.committed.read(&topic).await?.len() as i64;
    ensure!(records == TURNS + 1, "{records} records of {} rows", TURNS + 1);
    let ends: i64 = pipeline.committed.ends(&topic)?.into_iter().sum();
    let markers = ends - records;
    ensure!(
        markers <= TRANSACTIONS,
        "{markers} markers of transactions stand among {records} records"
    );
    Ok(())
}
