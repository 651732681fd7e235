//! `gtid_mode` other than ON, and on its way: transactions have GTIDs, but the server cannot be asked for them by set
//! (`ON_PERMISSIVE`), so that places are files and positions, also in the middle of a transaction that has a name; and GTIDs are
//! switched off and on again under a running connector.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use harness::diary::{Diary, TABLE};
use harness::eventually::eventually;
use harness::pipeline::{Pipeline, SOON};
use harness::stack::Stack;
use harness::tcp_proxy::TcpProxy;
use serde_json::Value;

const ENTRIES: i64 = 40_000;
/// A long transaction, in a debug build on a busy machine.
const LONG: Duration = Duration::from_secs(180);

async fn offset(diary: &Diary) -> Result<Value> {
    let pipeline = &diary.pipeline;
    pipeline.rest()?.offset(pipeline.names.connector()).await
}

/// Writes one long transaction and waits until consumers see a part of it, and the stored offset names it.
async fn begins_a_long_transaction(diary: &mut Diary) -> Result<()> {
    let topic = diary.pipeline.names.topic(TABLE);
    let size = |diary: &mut Diary| -> Result<i64> { Ok(diary.pipeline.committed.ends(&topic)?.iter().sum()) };
    let before = size(diary)?;
    diary.write(ENTRIES, &"a long transaction ".repeat(12)).await?;
    let done = eventually("part of the transaction is committed", SOON, async || {
        let done = size(diary)? - before;
        ensure!(done > 0, "nothing is");
        Ok(done)
    })
    .await?;
    let stored = offset(diary).await?;
    ensure!(
        (1..ENTRIES).contains(&done) && stored["rowmill_gtid"].is_string(),
        "{done} of {ENTRIES} entries are done: not in mid-transaction: {stored}"
    );
    Ok(())
}

/// Binlog files end, and each begins with the set of what precedes it.
async fn rotates_twice(diary: &Diary) -> Result<()> {
    diary.pipeline.sql(["FLUSH BINARY LOGS", "FLUSH BINARY LOGS"]).await
}

/// At first the executed set is unknown, because no file begins with one; two rotations later it is known.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_with_a_gtid_goes_on_by_file_where_it_was() -> Result<()> {
    let options = ["--gtid-mode=ON_PERMISSIVE", "--enforce-gtid-consistency=ON"];
    let server = Stack::shared()?.with_own_mysql("by_file", &options)?;
    let proxy = TcpProxy::to(server.stack.mysql_port()?).await?;
    let port = proxy.port().to_string();
    let pipeline = Pipeline::new(&server.stack, "by_file")?;
    let mut diary = Diary::in_pipeline(&server.stack, pipeline, |config| config.with("database.port", &port)).await?;

    proxy.cut_after(4 << 20);
    diary.write(ENTRIES, &"a long transaction ".repeat(12)).await?;
    eventually("the connection is cut", SOON, async || match proxy.cuts() {
        0 => bail!("the server has not sent that much"),
        _ => Ok(()),
    })
    .await?;
    diary.arrives(LONG).await?;
    let stored = offset(&diary).await?;
    ensure!(stored["gtids"].is_null(), "the set is known already: {stored}");

    begins_a_long_transaction(&mut diary).await?;
    diary.pipeline.worker.kill()?;
    diary.pipeline.worker.start().await?;
    diary.arrives(LONG).await?;

    rotates_twice(&diary).await?;
    diary.write(10, "behind two rotations").await?;
    diary.arrives(SOON).await?;
    let stored = offset(&diary).await?;
    ensure!(stored["gtids"].is_string(), "the set is not known: {stored}");
    begins_a_long_transaction(&mut diary).await?;
    diary.pipeline.worker.kill()?;
    rotates_twice(&diary).await?;
    diary.write(10, "while the worker is down").await?;
    diary.pipeline.worker.start().await?;
    diary.arrives(LONG).await?;
    proxy.cut();
    diary.write(10, "after another cut").await?;
    let newest = diary.written;
    let event = diary.pipeline.row(TABLE, "id", newest).await?;
    event.source["gtid"].as_str().context("the change has a GTID")?;
    diary.ends_complete().await
}

/// Step by step, as MySQL wants it.
async fn switches_to(diary: &Diary, modes: &[&str]) -> Result<()> {
    let switch = |mode: &&str| format!("SET GLOBAL gtid_mode = {mode}");
    diary.pipeline.mysql.run(modes.iter().map(switch)).await
}

const OFF: [&str; 2] = ["ON_PERMISSIVE", "OFF_PERMISSIVE"];
const ON: [&str; 2] = ["ON_PERMISSIVE", "ON"];

#[tokio::test(flavor = "multi_thread")]
async fn gtids_are_switched_off_and_on_again_under_the_stream() -> Result<()> {
    let server = Stack::shared()?.with_own_mysql("gtid_mode", &[])?;
    let mut diary = Diary::begin(&server.stack, "gtid_mode", |config| config).await?;
    diary.write(10, "by set").await?;
    diary.arrives(SOON).await?;

    switches_to(&diary, &OFF).await?;
    diary.write(10, "anonymous").await?;
    diary.arrives(SOON).await?;
    diary.pipeline.is_running().await?;
    let stored = offset(&diary).await?;
    ensure!(stored["gtids"].is_null(), "a set does not say where this is: {stored}");
    diary.pipeline.worker.kill()?;
    diary.pipeline.worker.start().await?;
    diary.write(10, "after a restart without GTIDs").await?;
    diary.arrives(SOON).await?;
    let table = format!("ALTER TABLE {TABLE} ADD COLUMN mood INT, ALGORITHM=INSTANT");
    diary
        .pipeline
        .sql([&table, &format!("ALTER TABLE {TABLE} DROP COLUMN mood")])
        .await?;

    // Not streamed yet when GTIDs are on again: the server does not send them then, and the error says how it would.
    diary.pipeline.worker.kill()?;
    diary.write(10, "while the worker is down").await?;
    switches_to(&diary, &ON).await?;
    diary.pipeline.worker.start().await?;
    let reason = diary.pipeline.failure().await?;
    ensure!(
        reason.contains("SET GLOBAL gtid_mode = ON_PERMISSIVE"),
        "the way out is not in: {reason}"
    );
    switches_to(&diary, &["ON_PERMISSIVE"]).await?;
    let rest = diary.pipeline.rest()?;
    rest.restart_failed(diary.pipeline.names.connector()).await?;
    diary.arrives(SOON).await?;

    switches_to(&diary, &["ON"]).await?;
    diary.write(10, "by set again").await?;
    diary.pipeline.sql(["FLUSH BINARY LOGS"]).await?;
    diary.write(10, "behind a rotation").await?;
    diary.arrives(SOON).await?;
    let stored = offset(&diary).await?;
    ensure!(stored["gtids"].is_string(), "the set is not known: {stored}");

    // Off and on again while nobody looks: by set, the server would begin behind these.
    diary.pipeline.worker.kill()?;
    switches_to(&diary, &OFF).await?;
    diary.write(10, "in files that a server leaves out").await?;
    switches_to(&diary, &ON).await?;
    diary.write(10, "with GTIDs again").await?;
    diary.pipeline.worker.start().await?;
    let reason = diary.pipeline.failure().await?;
    ensure!(
        reason.contains("SET GLOBAL gtid_mode = ON_PERMISSIVE"),
        "the way out is not in: {reason}"
    );
    switches_to(&diary, &["ON_PERMISSIVE"]).await?;
    let rest = diary.pipeline.rest()?;
    rest.restart_failed(diary.pipeline.names.connector()).await?;
    diary.arrives(SOON).await?;
    switches_to(&diary, &["ON"]).await?;
    diary.write(10, "the end").await?;
    diary.ends_complete().await
}
