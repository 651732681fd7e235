//! A server of many tables, on which some come and go.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::pipeline::SOON;
use harness::tcp_proxy::{Hearing, TcpProxy};

use super::disturbance::Disturbance;
use super::phase::Phase;
use super::report::{all, bearable, is_ours};
use super::site::Site;
use super::{BOUND, FULL, is_said};

/// A request is answered, on a busy machine.
const PROMPTLY: Duration = Duration::from_secs(5);

/// A sixth of them captured.
async fn with_many_tables(about: &str, tables: i64) -> Result<Site> {
    let site = Site::begin(about, FULL).await?;
    let creates = (0..tables).map(|n| {
        let database = if n % 6 == 0 { &site.database } else { &site.other };
        format!(
            "CREATE TABLE {database}.many_{n} (id BIGINT PRIMARY KEY, a INT, b VARCHAR(20) NOT NULL, UNIQUE KEY (a))"
        )
    });
    let creates: Vec<String> = creates.collect();
    site.pipeline.mysql.run(creates).await?;
    Ok(site)
}

/// Definitions are read before and after the lock, not under it. A table that is gone when its turn comes is none of the
/// snapshot's.
#[tokio::test(flavor = "multi_thread")]
async fn many_tables_do_not_make_the_lock_last_and_may_be_dropped_meanwhile() -> Result<()> {
    let tables = if all() { 3000 } else { 1000 };
    let mut site = with_many_tables("many", tables).await?;
    if !is_ours() {
        // What follows is about our own statements.
        let config = site.fresh_connector(0, site.stack.mysql_port()?)?;
        let pulse = site.pulse(Vec::new()).await?;
        site.pipeline.create(&config).await?;
        site.pipeline.is_streaming(SOON * 15).await?;
        return bearable(&format!("{tables} tables"), &pulse.stop().await?, BOUND);
    }
    let (database, other) = (site.database.clone(), site.other.clone());
    let gone = format!("{database}_zz");
    let creates = [
        format!("CREATE DATABASE {gone}"),
        format!("CREATE TABLE {gone}.t (id INT)"),
    ];
    site.pipeline.mysql.run(creates).await?;

    let proxy = TcpProxy::to(site.stack.mysql_port()?).await?;
    let config = site.fresh_connector(0, proxy.port())?;
    let pulse = site.pulse(Vec::new()).await?;
    // None of these tables is captured. The first was listed and is read before the lock, the second has changed since and is read
    // again behind the lock, the third goes while rows are read.
    let begins = format!("SHOW CREATE TABLE `{gone}`.`t`");
    let heard = proxy.listen_for(&begins, Hearing::Hold)?;
    site.pipeline.create(&config).await?;
    is_said(heard, &begins).await?;
    let changes = [
        format!("DROP DATABASE {gone}"),
        format!("ALTER TABLE {other}.many_1 ADD c INT"),
        format!("CREATE TABLE {other}.new (id INT)"),
    ];
    site.pipeline.mysql.run(changes).await?;
    for (statement, table) in [
        (format!("SHOW CREATE TABLE `{other}`.`many_1`"), "many_1"),
        (Phase::Reads.statement().to_owned(), "new"),
    ] {
        let heard = proxy.listen_for(&statement, Hearing::Hold)?;
        proxy.release();
        is_said(heard, &statement).await?;
        let drop = format!("DROP TABLE {other}.{table}");
        site.pipeline.mysql.run([drop]).await?;
    }
    proxy.release();
    site.pipeline.is_streaming(SOON * 15).await?;
    let log = site.pipeline.worker.log()?;
    // The application's ALTERs may be a reason to open another view.
    let is_failure = |line: &&str| line.contains("task failed") && !line.contains("goes on in a fresh view");
    let failure = log.lines().find(is_failure);
    ensure!(failure.is_none(), "it has failed in between: {failure:?}");
    let case = format!("{tables} tables, a sixth of them captured");
    bearable(&case, &pulse.stop().await?, BOUND)?;

    site.pipeline.rest()?.delete(site.pipeline.names.connector()).await?;
    site.has_no_sessions().await?;
    for (number, disturbance) in [(1, Disturbance::ConnectorStopped), (2, Disturbance::ConnectorDeleted)] {
        is_interrupted_while_it_announces(&mut site, number, disturbance, 2 * tables)
            .await
            .with_context(|| format!("{disturbance:?}"))?;
    }
    // Later snapshots of this server would read them all.
    let drops = [database, other].map(|database| format!("DROP DATABASE {database}"));
    site.pipeline.mysql.run(drops).await?;
    site.pipeline.stop().await
}

/// The history gets a record of every table before the first row. The end of that is not waited for, and the next start begins it anew.
async fn is_interrupted_while_it_announces(
    site: &mut Site,
    number: usize,
    disturbance: Disturbance,
    statements: i64,
) -> Result<()> {
    let table = format!("{}.many_0", site.database);
    // One record in a request, and one request after the other, make it last.
    let config = site
        .fresh_connector(number, site.stack.mysql_port()?)?
        .with("table.include.list", &table)
        .with("schema.history.internal.producer.batch.size", "1")
        .with(
            "schema.history.internal.producer.max.in.flight.requests.per.connection",
            "1",
        );
    site.pipeline.create(&config).await?;
    let history = site.pipeline.names.history_topic();
    let recorded = async || anyhow::Ok(site.pipeline.committed.ends(&history)?.into_iter().sum::<i64>());
    let look = async || {
        ensure!(recorded().await? > 0, "the history is empty");
        Ok(())
    };
    let worker = &site.pipeline.worker;
    worker.eventually("the history is being written", SOON, look).await?;
    let connector = site.pipeline.names.connector();
    let rest = site.pipeline.rest()?.with_patience(PROMPTLY)?;
    match disturbance {
        Disturbance::ConnectorDeleted => rest.delete(connector).await?,
        _ => rest.ask(connector, "stop").await?,
    }
    site.has_no_sessions().await?;
    let records = recorded().await?;
    ensure!(
        records < statements,
        "{records} records are in the history: all of it was waited for"
    );
    match disturbance {
        Disturbance::ConnectorDeleted => site.pipeline.create(&config).await?,
        _ => rest.ask(connector, "resume").await?,
    }

    // What is in the history twice is read like what is there once.
    let topic = format!("{}.{table}", site.pipeline.names.prefix());
    for row in [2 * number - 1, 2 * number] {
        let insert = format!("INSERT INTO {table} (id, b) VALUES ({row}, 'after')");
        site.pipeline.mysql.run([insert]).await?;
        let look = async || {
            let records = site.pipeline.committed.read(&topic).await?.len();
            ensure!(records == row, "{records} records of {topic}, not {row}");
            Ok(())
        };
        let worker = &site.pipeline.worker;
        worker.eventually("a row arrives", SOON, look).await?;
        site.pipeline.worker.kill()?;
        site.pipeline.worker.start().await?;
    }
    site.pipeline.rest()?.delete(site.pipeline.names.connector()).await?;
    site.has_no_sessions().await
}
