//! Captured tables on which nothing happens, on a server that is busy with others: the stored offset moves on all the same,
//! or the server would purge what the connector has to ask for next.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::diary::Diary;
use harness::eventually::eventually;
use harness::pipeline::{Pipeline, SOON};
use harness::stack::Stack;
use reqwest::Method;
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
    let server = Stack::shared()?.with_own_mysql("quiet", &["--performance_schema=OFF"])?;
    let mut diary = Diary::unread(Pipeline::new(&server.stack, "quiet")?).await?;
    let mysql = diary.pipeline.mysql.clone();
    is_read_beside_a_long_statement(&server.stack, &mut diary).await?;
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
    diary.arrives(SOON).await?;
    what_was_never_there_is_added_to_the_offset(&mut diary).await?;
    diary.ends_complete().await
}

/// A server that does not say which tables are in use still says what runs. A global read lock beside it would stop all writers.
async fn is_read_beside_a_long_statement(stack: &Stack, diary: &mut Diary) -> Result<()> {
    let mysql = diary.pipeline.mysql.clone();
    let user = stack.mysql_user()?;
    let grant = format!("GRANT PROCESS ON *.* TO {user}");
    mysql
        .run([
            grant.as_str(),
            "CREATE DATABASE read_for_long",
            "CREATE TABLE read_for_long.t (id INT)",
        ])
        .await?;
    mysql.run(["INSERT INTO read_for_long.t VALUES (1)"]).await?;
    let mut session = mysql.session().await?;
    let long = tokio::spawn(async move { session.run("SELECT SLEEP(600) FROM read_for_long.t").await });
    let running = "SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%' AND time >= 2";
    let look = async || mysql.value(running).await;
    let id = eventually("the statement has been running for a while", SOON, look).await?;
    diary.read(stack, |config| config).await?;
    let log = diary.pipeline.worker.log()?;
    ensure!(
        log.contains("no global read lock beside it") && log.contains("performance_schema is off"),
        "the long statement was not seen"
    );
    mysql.run([format!("KILL {id}")]).await?;
    // Its session has ended, so that it has failed.
    drop(long.await?);
    Ok(())
}

/// Transactions that an operator declares to be purged are missing from the stored offset, and were in no binlog of this server.
/// The task stops, since it cannot know; the way out that its reason names is walked as it is named.
async fn what_was_never_there_is_added_to_the_offset(diary: &mut Diary) -> Result<()> {
    const FOREIGN: &str = "11111111-2222-3333-4444-555555555555:1-5";
    diary.pipeline.worker.kill()?;
    let purge = format!("SET GLOBAL gtid_purged = '+{FOREIGN}'");
    diary.pipeline.mysql.run([purge]).await?;
    diary.write(5, "behind what was declared").await?;
    diary.pipeline.worker.start().await?;
    let reason = diary.pipeline.failure().await?;
    for words in [FOREIGN, "add them to `gtids` in its offset"] {
        ensure!(reason.contains(words), "the reason does not say {words:?}: {reason}");
    }
    let rest = diary.pipeline.rest()?;
    let name = diary.pipeline.names.connector().to_owned();
    rest.ask(&name, "stop").await?;
    let path = format!("/connectors/{name}/offsets");
    let mut offsets = rest.read(&path).await?;
    let offset = &mut offsets["offsets"][0]["offset"];
    let stored = offset["gtids"].as_str().context("a GTID set in the offset")?;
    offset["gtids"] = format!("{stored},{FOREIGN}").into();
    let look = async || {
        let patched = rest.call(Method::PATCH, &path, Some(&offsets)).await?;
        ensure!(
            patched.status == 200,
            "PATCH {path}: {} {}",
            patched.status,
            patched.body
        );
        Ok(())
    };
    // Refused as long as the task is ending.
    diary
        .pipeline
        .worker
        .eventually("the offset is changed", SOON, look)
        .await?;
    rest.ask(&name, "resume").await?;
    diary.pipeline.is_running().await
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
    diary.arrives(SOON).await?;
    // Its topics did not exist before, and clients learn of new topics step by step.
    let log = diary.pipeline.worker.log()?;
    let errors: Vec<_> = log.lines().filter(|line| line.contains("ERROR")).collect();
    ensure!(
        errors.is_empty(),
        "errors are logged although nothing is wrong: {errors:?}"
    );
    diary.ends_complete().await
}
