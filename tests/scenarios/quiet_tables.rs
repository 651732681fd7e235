//! Captured tables on which nothing happens, on a server that is busy with others: the stored offset moves on all the same,
//! or the server would purge what the connector has to ask for next.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::diary::Diary;
use harness::pipeline::SOON;
use harness::stack::Stack;
use serde_json::json;

/// An offset that moved without records is stored every 10 s.
const STORED: Duration = Duration::from_secs(20);

/// Waits until the stored offset contains what was executed up to now.
async fn offset_catches_up(diary: &Diary, within: Duration) -> Result<()> {
    let pipeline = &diary.pipeline;
    let executed = pipeline.mysql.executed().await?;
    let rest = pipeline.rest()?;
    let look = async || {
        let offset = rest.offset(pipeline.names.connector()).await?;
        let stored = offset["gtids"].as_str().context("a GTID set in the offset")?;
        pipeline.mysql.is_within(&executed, stored).await
    };
    let worker = &pipeline.worker;
    worker.eventually("the stored offset catches up", within, look).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_offset_stays_ahead_of_the_purge_while_only_other_tables_change() -> Result<()> {
    let server = Stack::shared()?.with_own_mysql("quiet", &[])?;
    let mut diary = Diary::begin(&server.stack, "quiet", |config| config).await?;
    let mysql = diary.pipeline.mysql.clone();
    mysql
        .run(["CREATE DATABASE busy", "CREATE TABLE busy.rows (id INT PRIMARY KEY)"])
        .await?;
    offset_catches_up(&diary, STORED).await?;
    mysql.run(["INSERT INTO busy.rows VALUES (1), (2), (3)"]).await?;
    offset_catches_up(&diary, STORED).await?;
    diary.pipeline.worker.kill()?;

    // What still sends a binlog keeps it from being purged.
    mysql.end_dumps(SOON).await?;
    mysql.run(["FLUSH BINARY LOGS"]).await?;
    let status = mysql.rows("SHOW BINARY LOG STATUS").await?;
    let newest = status[0]["File"].as_str().context("the newest binlog")?;
    mysql.run([format!("PURGE BINARY LOGS TO '{newest}'")]).await?;
    let is_purged = mysql
        .value("SELECT @@GLOBAL.gtid_purged = @@GLOBAL.gtid_executed")
        .await?;
    ensure!(is_purged == 1, "the server has kept something of what was written");

    diary.write(5, "after").await?;
    diary.pipeline.worker.start().await?;
    diary.ends_complete().await
}

const BEAT: i64 = 500;

/// As Debezium writes them, at most so often; the offset that moves with them needs no turn of its own.
#[tokio::test(flavor = "multi_thread")]
async fn heartbeats_come_although_nothing_happens_and_carry_the_offset() -> Result<()> {
    let stack = Stack::shared()?;
    let diary = Diary::begin(&stack, "heartbeats", |config| {
        config
            .with("heartbeat.interval.ms", &BEAT.to_string())
            .with("table.exclude.list", ".*[.]others")
    });
    let mut diary = diary.await?;
    diary
        .pipeline
        .sql([
            "CREATE TABLE others (id INT PRIMARY KEY)",
            "INSERT INTO others VALUES (1)",
        ])
        .await?;
    offset_catches_up(&diary, SOON).await?;

    let pipeline = &mut diary.pipeline;
    let prefix = pipeline.names.prefix();
    let topic = format!("__debezium-heartbeat.{prefix}");
    let look = async || {
        let beats = pipeline.committed.read(&topic).await?;
        ensure!(beats.len() >= 5, "{} heartbeats", beats.len());
        Ok(beats)
    };
    let beats = pipeline.worker.eventually("heartbeats arrive", SOON, look).await?;
    let mut earliest = 0;
    for beat in beats {
        let key = pipeline.registry.decode(beat.key.as_deref().context("a key")?).await?;
        let value = pipeline
            .registry
            .decode(beat.value.as_deref().context("a value")?)
            .await?;
        let at = value["ts_ms"].as_i64().context("ts_ms")?;
        ensure!(key == json!({"serverName": prefix}), "the key is {key}");
        ensure!(value == json!({"ts_ms": at}), "the value is {value}");
        ensure!(beat.partition == 0 && beat.headers.is_empty(), "{beat:?}");
        ensure!(at >= earliest, "a heartbeat {} ms too early", earliest - at);
        ensure!(
            (at - beat.timestamp_ms).abs() < SOON.as_millis() as i64,
            "{at} at {}",
            beat.timestamp_ms
        );
        // The clock of the beats and that of their contents are two.
        earliest = at + BEAT - 20;
    }
    diary.write(5, "between heartbeats").await?;
    diary.ends_complete().await
}
