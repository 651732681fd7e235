//! Snapshots that begin beside statements and transactions of others, by accounts of many rights and of few.

use std::time::Instant;

use anyhow::{Result, ensure};
use harness::pipeline::SOON;
use harness::pulse::Felt;
use harness::tcp_proxy::{Hearing, TcpProxy};

use super::report::{all, bearable, is_ours};
use super::site::Site;
use super::{BOUND, FULL, is_said};

const WITHOUT_LOCK_TABLES: &[&str] = &["SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT ON *.*"];
const SEES_NO_STATEMENTS: &[&str] = &[
    "RELOAD, REPLICATION SLAVE, REPLICATION CLIENT ON *.*",
    "SELECT ON {database}.*",
];
/// How a session begins to lock tables by their names.
const LOCKS_TABLES: &str = "LOCK TABLES `";
const WITHOUT_RELOAD: &[&str] = &[
    "REPLICATION SLAVE, REPLICATION CLIENT ON *.*",
    "SELECT, LOCK TABLES ON {database}.*",
];

async fn a_snapshot_begins_beside_a_statement(about: &str, grants: &[&str], seconds: &[u64]) -> Result<()> {
    let mut site = Site::begin(about, grants).await?;
    let port = site.stack.mysql_port()?;
    for (number, seconds) in seconds.iter().enumerate() {
        let config = site.fresh_connector(number, port)?;
        let running = site.long_statement(*seconds).await?;
        // Who may not see statements cannot keep clear of them: their own table waits with them, in MySQL's way.
        let pulse = match grants == SEES_NO_STATEMENTS {
            true => site.pulse(Vec::new()).await?,
            false => site.pulse_in_the_table_that_is_read().await?,
        };
        let began = Instant::now();
        site.pipeline.create(&config).await?;
        site.pipeline.is_streaming(SOON * 3).await?;
        running.await??.close().await?;
        let (took, felt) = (began.elapsed(), pulse.stop().await?);
        bearable(&format!("{about}: beside a statement of {seconds} s"), &felt, BOUND)?;
        for Felt { name, held_up, .. } in felt {
            ensure!(
                held_up * 2 <= took || !is_ours(),
                "{name} was held up for {held_up:?} of {took:?}"
            );
        }
        site.pipeline.rest()?.delete(site.pipeline.names.connector()).await?;
    }
    site.pipeline.stop().await
}

fn lengths(in_the_suite: u64) -> Vec<u64> {
    if all() { vec![1, 5, 60] } else { vec![in_the_suite] }
}

/// A global lock beside it would keep the statement's table from everybody until the statement ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_begins_beside_a_long_statement_holds_nobody_up() -> Result<()> {
    a_snapshot_begins_beside_a_statement("beside", FULL, &lengths(5)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_may_lock_no_tables_waits_for_the_long_statement() -> Result<()> {
    a_snapshot_begins_beside_a_statement("patient", WITHOUT_LOCK_TABLES, &lengths(5)).await
}

/// `FLUSH TABLES WITH READ LOCK` that fails by its time-out keeps what it has: the lock that stops all writers.
#[tokio::test(flavor = "multi_thread")]
async fn attempts_at_the_lock_that_fail_leave_nothing_behind() -> Result<()> {
    a_snapshot_begins_beside_a_statement("blind", SEES_NO_STATEMENTS, &lengths(8)).await
}

/// The rights are there; it is the transaction that has to end.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_keeps_table_locks_from_us_is_waited_for() -> Result<()> {
    let mut site = Site::begin("open", WITHOUT_RELOAD).await?;
    let proxy = TcpProxy::to(site.stack.mysql_port()?).await?;
    let config = site.fresh_connector(0, proxy.port())?;
    let gone = format!("{}.gone", site.database);
    let create = format!("CREATE TABLE {gone} (id BIGINT PRIMARY KEY)");
    site.pipeline.mysql.run([create]).await?;
    let mut transaction = site.pipeline.mysql.session().await?;
    transaction.run("BEGIN").await?;
    transaction
        .run(format!("INSERT INTO {}.entries VALUES ()", site.database))
        .await?;
    let pulse = site.pulse(Vec::new()).await?;
    // Its tables are locked by their names, and one of them goes before it is.
    let heard = proxy.listen_for(LOCKS_TABLES, Hearing::Hold)?;
    site.pipeline.create(&config).await?;
    is_said(heard, LOCKS_TABLES).await?;
    site.pipeline.mysql.run([format!("DROP TABLE {gone}")]).await?;
    proxy.release();
    let worker = &site.pipeline.worker;
    let look = async || {
        ensure!(
            worker.log()?.contains("no read lock for the snapshot within"),
            "the attempts are not over"
        );
        Ok(())
    };
    worker.eventually("the attempts are over", SOON, look).await?;
    transaction.run("COMMIT").await?;
    site.pipeline.is_streaming(SOON).await?;
    bearable(
        "beside an open transaction, without RELOAD",
        &pulse.stop().await?,
        BOUND,
    )?;
    transaction.close().await?;
    site.pipeline.stop().await
}
