//! Statements of the user's: at the beginning of every session, and with every heartbeat.

use anyhow::{Result, ensure};
use harness::connector::ConnectorConfig;
use harness::pipeline::{Pipeline, SOON};
use harness::stack::Stack;

/// The table is written by the heartbeats alone, with what the initial statements have set.
#[tokio::test(flavor = "multi_thread")]
async fn heartbeats_run_a_statement_in_a_session_that_was_begun_as_asked() -> Result<()> {
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, "own_statements")?;
    pipeline
        .sql(["CREATE TABLE beats (id BIGINT PRIMARY KEY AUTO_INCREMENT, text VARCHAR(20), mode VARCHAR(100))"])
        .await?;
    let query = format!(
        "INSERT INTO {}.beats (text, mode) VALUES (@text, CONCAT(@@sql_mode, @@time_zone, @@autocommit))",
        pipeline.names.database()
    );
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?
        .with("database.user", "root")
        .with("database.password", "")
        .with(
            "database.initial.statements",
            "SET @text = 'a;;b'; SET sql_mode = 'ANSI', time_zone = '+05:00', autocommit = 0",
        )
        .with("heartbeat.interval.ms", "100")
        .with("heartbeat.action.query", &query);
    pipeline.create(&config).await?;
    let beat = pipeline.event("beats", SOON, |event| event.after["id"] == 3).await?;
    ensure!(
        beat.after["text"] == "a;b" && beat.after["mode"] == "+00:001",
        "{}",
        beat.after
    );

    // Too many tables are noticed at the next start.
    let limited = config
        .with("schema.history.internal.store.only.captured.tables.ddl", "true")
        .with("guardrail.collections.max", "1")
        .with("guardrail.collections.limit.action", "fail");
    pipeline.sql(["CREATE TABLE another (id BIGINT PRIMARY KEY)"]).await?;
    let name = pipeline.names.connector().to_owned();
    pipeline.rest()?.reconfigure(&name, &limited.json()).await?;
    let reason = pipeline.failure().await?;
    ensure!(reason.contains("of 2 tables"), "{reason}");
    pipeline
        .rest()?
        .reconfigure(
            &name,
            &limited.with("guardrail.collections.limit.action", "warn").json(),
        )
        .await?;

    // One that fails holds nothing up.
    pipeline
        .sql([
            "RENAME TABLE beats TO others",
            "CREATE TABLE beats (id BIGINT PRIMARY KEY)",
        ])
        .await?;
    pipeline.sql(["INSERT INTO beats VALUES (1000000)"]).await?;
    pipeline.row("beats", "id", 1_000_000).await?;
    let logged = async || {
        let log = pipeline.worker.log()?;
        ensure!(log.contains("heartbeat.action.query has failed"), "it is not logged");
        Ok(())
    };
    pipeline
        .worker
        .eventually("the failure is logged", SOON, logged)
        .await?;
    pipeline.is_running().await?;
    pipeline.stop().await
}
