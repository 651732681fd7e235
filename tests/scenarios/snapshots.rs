//! What a snapshot holds, whatever happens to tables, transactions and connections while it runs.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use harness::change_event::Operation;
use harness::connector::ConnectorConfig;
use harness::eventually::eventually;
use harness::pipeline::{Pipeline, SOON};
use harness::stack::{Stack, killable};
use harness::tcp_proxy::TcpProxy;

/// Rows of `wide`, which is read first and takes a while: 20 kB each.
const WIDE_ROWS: i64 = 4000;
/// All of `wide`, in a debug build on a busy machine, and the time in which a silence is noticed.
pub(super) const SNAPSHOT: Duration = Duration::from_secs(180);

/// A pipeline with the table `wide`.
pub(super) async fn with_wide_table(stack: &Stack, about: &str) -> Result<Pipeline> {
    let pipeline = Pipeline::new(stack, about)?;
    let rows = format!(
        "INSERT INTO wide WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {WIDE_ROWS}) \
         SELECT id, REPEAT('wide', 5000) FROM n"
    );
    let statements = [
        "CREATE TABLE wide (id BIGINT PRIMARY KEY, text TEXT)",
        "SET cte_max_recursion_depth = 5000",
        &rows,
    ];
    pipeline.sql(statements).await?;
    Ok(pipeline)
}

/// Waits until the snapshot has come to this table, of which perhaps no row has arrived yet.
pub(super) async fn comes_to(pipeline: &Pipeline, table: &str, within: Duration) -> Result<()> {
    let line = format!("reading table table={}.{table} ", pipeline.names.database());
    let look = async || {
        ensure!(pipeline.worker.log()?.contains(&line), "it is not logged");
        Ok(())
    };
    let what = format!("the snapshot reads {table}");
    pipeline.worker.eventually(&what, within, look).await
}

/// The rows of a table by their events, each of which has to be of its own row.
pub(super) async fn rows_once(pipeline: &mut Pipeline, table: &str) -> Result<BTreeMap<i64, Operation>> {
    let mut rows = BTreeMap::new();
    for event in pipeline.events(table).await? {
        let id = event.after["id"].as_i64().context("an id")?;
        let before = rows.insert(id, event.operation);
        ensure!(
            before.is_none(),
            "row {id} of {table} came as {before:?} and {:?}",
            event.operation
        );
    }
    Ok(rows)
}

pub(super) async fn wide_came_once(pipeline: &mut Pipeline) -> Result<()> {
    let rows = rows_once(pipeline, "wide").await?;
    let missing: Vec<i64> = (1..=WIDE_ROWS).filter(|id| !rows.contains_key(id)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    // Where the fault lies: with who wrote, with how a transaction ended, or with who read.
    let again = rows_once(pipeline, "wide").await.map(|rows| rows.len());
    let written = pipeline.raw_events("wide").await?.into_iter();
    let written: Vec<_> = written
        .filter(|event| event.after["id"].as_i64().is_some_and(|id| missing.contains(&id)))
        .map(|event| (event.partition, event.offset))
        .collect();
    let log = pipeline.worker.log()?;
    bail!("rows {missing:?} are missing; a second reading has {again:?}; they are written at {written:?}\n{log}")
}

/// What online schema changes do at their end. In a view, the name of the table that was renamed away reads the one that took
/// its place, as it was when the view opened.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_replaced_before_it_is_read_is_read_as_it_is() -> Result<()> {
    let stack = killable().await?;
    let mut pipeline = with_wide_table(&stack, "replaced").await?;
    let database = pipeline.names.database().to_owned();
    pipeline
        .sql([
            "CREATE TABLE worn (id BIGINT PRIMARY KEY)",
            "INSERT INTO worn VALUES (1), (2), (3)",
        ])
        .await?;
    let age = format!(
        "SELECT TIMESTAMPDIFF(SECOND, create_time, NOW()) FROM information_schema.tables \
         WHERE table_schema = '{database}' AND table_name = 'worn'"
    );
    eventually("the tables differ in age", SOON, async || {
        let seconds = pipeline.mysql.value(&age).await?;
        ensure!(seconds.as_i64() > Some(1), "the first is {seconds} s old");
        Ok(())
    })
    .await?;
    pipeline.sql(["CREATE TABLE _ghost (id BIGINT PRIMARY KEY)"]).await?;
    let tables = format!("{database}.wide,{database}.worn");
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?.with("table.include.list", &tables);
    pipeline.create(&config).await?;
    comes_to(&pipeline, "wide", SOON).await?;
    pipeline.worker.suspend()?;
    pipeline
        .sql([
            "INSERT INTO _ghost SELECT * FROM worn",
            "INSERT INTO _ghost VALUES (4)",
            "RENAME TABLE worn TO _del, _ghost TO worn",
        ])
        .await?;
    pipeline.worker.resume()?;
    pipeline.is_streaming(SNAPSHOT).await?;
    ensure!(
        pipeline.worker.log()?.contains("goes on in a fresh view"),
        "the table was replaced too late: `wide` needs more rows"
    );
    pipeline.stop().await?;
    let rows = rows_once(&mut pipeline, "worn").await?;
    ensure!(rows.keys().eq(&[1, 2, 3, 4]), "the topic has {rows:?}");
    wide_came_once(&mut pipeline).await
}

/// Bytes of the result just stop in the middle.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_falls_silent_in_a_snapshot_is_replaced() -> Result<()> {
    let stack = Stack::shared()?;
    let mut pipeline = with_wide_table(&stack, "silent_snapshot").await?;
    let proxy = TcpProxy::to(stack.mysql_port()?).await?;
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?.with("database.port", &proxy.port().to_string());
    pipeline.create(&config).await?;
    let look = async || {
        ensure!(pipeline.raw_size("wide")? > 0, "nothing of it has arrived");
        Ok(())
    };
    let what = "`wide` is being read";
    pipeline.worker.eventually(what, SOON, look).await?;
    proxy.silence();
    pipeline.is_streaming(SNAPSHOT).await?;
    ensure!(
        pipeline.worker.log()?.contains("resuming an interrupted snapshot"),
        "the silence came too late: `wide` needs more rows"
    );
    pipeline.stop().await?;
    wide_came_once(&mut pipeline).await
}

/// Its GTID is that of the PREPARE and behind us; its rows are in no view before the COMMIT.
#[tokio::test(flavor = "multi_thread")]
async fn an_xa_transaction_that_is_prepared_is_waited_for() -> Result<()> {
    let stack = killable().await?;
    let mut pipeline = Pipeline::new(&stack, "prepared")?;
    pipeline.sql(["CREATE TABLE t (id BIGINT PRIMARY KEY)"]).await?;
    // In a session that stays: without one, the transaction keeps the read lock from us, which is as good.
    let mut session = pipeline.mysql.session().await?;
    session.run(format!("USE {}", pipeline.names.database())).await?;
    for statement in [
        "XA START 'waits'",
        "INSERT INTO t VALUES (7)",
        "XA END 'waits'",
        "XA PREPARE 'waits'",
    ] {
        session.run(statement).await?;
    }
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?;
    pipeline.create(&config).await?;
    let look = async || {
        let log = pipeline.worker.log()?;
        ensure!(log.contains("prepared XA transactions"), "nothing is said of it");
        Ok(())
    };
    pipeline.worker.eventually("the snapshot waits", SOON, look).await?;
    session.run("XA COMMIT 'waits'").await?;
    pipeline.is_streaming(SOON).await?;
    pipeline.stop().await?;
    let rows = rows_once(&mut pipeline, "t").await?;
    ensure!(rows == BTreeMap::from([(7, Operation::Read)]), "the topic has {rows:?}");
    Ok(())
}

/// A server ends the dump of a reader whose identity comes again; a connector of another cluster is another reader.
#[tokio::test(flavor = "multi_thread")]
async fn two_clusters_have_a_connector_of_one_name_on_one_server() -> Result<()> {
    let stack = Stack::shared()?;
    let mut clusters = vec![Pipeline::new(&stack, "twin_a")?, Pipeline::new(&stack, "twin_b")?];
    for pipeline in &mut clusters {
        pipeline.sql(["CREATE TABLE t (id BIGINT PRIMARY KEY)"]).await?;
        let config = ConnectorConfig::mysql(&stack, &pipeline.names)?;
        pipeline.worker.start().await?;
        pipeline.rest()?.create("twin", &config.json()).await?;
        let rest = pipeline.rest()?;
        let look = async || rest.is_running("twin").await;
        pipeline.worker.eventually("connector and task run", SOON, look).await?;
    }
    for id in [1, 2] {
        for pipeline in &mut clusters {
            pipeline.sql([format!("INSERT INTO t VALUES ({id})")]).await?;
            pipeline.row("t", "id", id).await?;
        }
    }
    for mut pipeline in clusters {
        pipeline.stop().await?;
    }
    Ok(())
}
