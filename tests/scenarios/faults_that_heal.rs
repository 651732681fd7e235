//! Servers and connections that go away and come back: events flow within 5 s of the return, none lost, none twice, and
//! nobody has to restart anything.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use harness::diary::{Diary, TABLE};
use harness::eventually::{eventually, throughout};
use harness::foreign_writer::ForeignTransaction;
use harness::pipeline::SOON;
use harness::rest_client::BY_ITSELF;
use harness::seed::tell;
use harness::stack::{Service, killable};
use harness::tcp_proxy::TcpProxy;

/// From a server's return to the events that were waiting for it, as it is promised.
const AFTER_RETURN: Duration = Duration::from_secs(5);
/// What a machine is given that runs tests: compilers, other tests and the servers' own recovery keep it busy, and a promise
/// that is kept with a second to spare would be broken by them.
const ON_A_BUSY_MACHINE: Duration = Duration::from_secs(10);

/// Events flow again after a server's return.
async fn flows_again(diary: &mut Diary, returned: Instant) -> Result<()> {
    diary.arrives(ON_A_BUSY_MACHINE).await?;
    let seconds = returned.elapsed().as_secs_f32();
    tell(&format!(
        "events flow {seconds:.1} s after the return; promised are {} s",
        AFTER_RETURN.as_secs()
    ));
    Ok(())
}

/// The task may say that it has trouble, but not that it has given up.
async fn has_not_given_up(diary: &Diary) -> Result<()> {
    let status = diary.pipeline.rest()?.status(diary.pipeline.names.connector()).await?;
    let has_given_up = status["tasks"][0]["state"] == "FAILED" && !status.to_string().contains(BY_ITSELF);
    ensure!(!has_given_up, "status is {status}");
    Ok(())
}

/// Away for longer than it takes until the task shows it: status says what is missing, and that nobody has to do anything.
#[tokio::test(flavor = "multi_thread")]
async fn mysql_killed_and_restarted() -> Result<()> {
    let stack = killable().await?;
    let mut diary = Diary::begin(&stack, "mysql_killed", |config| config).await?;
    diary.write(20, "before").await?;
    diary.arrives(SOON).await?;
    stack.kill(Service::Mysql)?;
    throughout("MySQL is away", Duration::from_secs(15), async || {
        has_not_given_up(&diary).await
    })
    .await?;
    let rest = diary.pipeline.rest()?;
    let look = async || rest.failure(diary.pipeline.names.connector()).await;
    let reason = eventually("status shows that MySQL is away", SOON, look).await?;
    let says_so = reason.contains("MySQL at 127.0.0.1") && reason.contains(BY_ITSELF);
    ensure!(says_so, "while MySQL was away, status did not say so: {reason}");
    stack.start(Service::Mysql)?;
    let returned = Instant::now();
    diary.write(20, "after").await?;
    flows_again(&mut diary, returned).await?;
    diary.ends_complete().await
}

/// The same while a transaction is on its way: it is neither cut short nor repeated.
#[tokio::test(flavor = "multi_thread")]
async fn mysql_killed_under_load() -> Result<()> {
    let stack = killable().await?;
    let mut diary = Diary::begin(&stack, "mysql_loaded", |config| config).await?;
    let size = diary.pipeline.raw_size("entries")?;
    diary.write(30_000, &"load ".repeat(30)).await?;
    eventually("the transaction has begun to arrive", SOON, async || {
        ensure!(diary.pipeline.raw_size("entries")? > size, "nothing has arrived");
        Ok(())
    })
    .await?;
    stack.kill(Service::Mysql)?;
    stack.start(Service::Mysql)?;
    diary.write(1, "after").await?;
    diary.ends_complete().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_broker_killed_and_restarted() -> Result<()> {
    let stack = killable().await?;
    let mut diary = Diary::begin(&stack, "broker_killed", |config| config).await?;
    diary.write(20, "before").await?;
    diary.arrives(SOON).await?;
    stack.kill(Service::Kafka)?;
    diary.write(20, "meanwhile").await?;
    throughout("the broker is away", Duration::from_secs(3), async || {
        has_not_given_up(&diary).await
    })
    .await?;
    stack.start(Service::Kafka)?;
    flows_again(&mut diary, Instant::now()).await?;
    diary.write(20, "after").await?;
    diary.ends_complete().await
}

/// Longer than `transaction.timeout.ms`: no transaction may be open while the task waits.
#[tokio::test(flavor = "multi_thread")]
async fn the_registry_away_while_a_new_schema_is_needed() -> Result<()> {
    let stack = killable().await?;
    let diary = Diary::begin(&stack, "registry_away", |config| {
        config.with("producer.override.transaction.timeout.ms", "3000")
    });
    let mut diary = diary.await?;
    diary.write(20, "before").await?;
    diary.arrives(SOON).await?;
    stack.kill(Service::Registry)?;
    // What needs no new schema still arrives; the transaction that does is cut before it.
    diary.write(5, "meanwhile").await?;
    diary.arrives(SOON).await?;
    diary
        .pipeline
        .sql(["ALTER TABLE entries ADD COLUMN mood VARCHAR(20) DEFAULT 'fine'"])
        .await?;
    diary
        .pipeline
        .sql([format!(
            "INSERT INTO entries VALUES ({}, 'new schema', 'curious')",
            diary.written + 1
        )])
        .await?;
    diary.written += 1;
    // The coordinator looks for timed out transactions every ten seconds.
    throughout("the registry is away", Duration::from_secs(14), async || {
        has_not_given_up(&diary).await
    })
    .await?;
    let rest = diary.pipeline.rest()?;
    let status = rest.status(diary.pipeline.names.connector()).await?;
    stack.start(Service::Registry)?;
    flows_again(&mut diary, Instant::now()).await?;
    ensure!(
        status.to_string().contains("registry"),
        "while the registry was away, status did not say so: {status}"
    );
    diary.ends_complete().await
}

/// A proxy that cuts after so many bytes of a transaction, for many such numbers.
#[tokio::test(flavor = "multi_thread")]
async fn the_connection_cut_inside_transactions() -> Result<()> {
    let stack = killable().await?;
    let proxy = TcpProxy::to(stack.mysql_port()?).await?;
    let port = proxy.port().to_string();
    let mut diary = Diary::begin(&stack, "cut", |config| config.with("database.port", &port)).await?;
    for cut in 0..10 {
        let cuts = proxy.cuts();
        // A transaction of 300 entries is some 20 kB of several row events.
        proxy.cut_after(150 + cut * 1900);
        diary.write(300, "an entry that has to arrive once,").await?;
        eventually("the connection is cut", SOON, async || match proxy.cuts() {
            now if now > cuts => Ok(()),
            _ => bail!("the server has not sent that much"),
        })
        .await?;
        diary.arrives(SOON).await?;
    }
    diary.ends_complete().await
}

/// Half-open: no end of the connection is announced, bytes just stop. Only a deadline can find out.
#[tokio::test(flavor = "multi_thread")]
async fn the_connection_fallen_silent() -> Result<()> {
    let stack = killable().await?;
    let proxy = TcpProxy::to(stack.mysql_port()?).await?;
    let port = proxy.port().to_string();
    let mut diary = Diary::begin(&stack, "silent", |config| config.with("database.port", &port)).await?;
    diary.write(20, "before").await?;
    diary.arrives(SOON).await?;
    proxy.silence();
    diary.write(20, "into the silence").await?;
    diary.arrives(SOON).await?;
    diary.write(20, "after").await?;
    diary.ends_complete().await
}

/// SIGSTOP: connections stay open, nothing answers; then everything goes on where it stood.
async fn survives_a_suspended_broker(about: &str, suspended_for: Duration) -> Result<()> {
    let stack = killable().await?;
    let mut diary = Diary::begin(&stack, about, |config| config).await?;
    stack.pause(Service::Kafka)?;
    diary.write(20, "meanwhile").await?;
    throughout("the broker is suspended", suspended_for, async || {
        has_not_given_up(&diary).await
    })
    .await?;
    stack.resume(Service::Kafka)?;
    // The broker itself has to find back into its cluster first.
    diary.arrives(SOON).await?;
    diary.ends_complete().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_broker_suspended_for_a_while() -> Result<()> {
    survives_a_suspended_broker("broker_asleep", Duration::from_secs(3)).await
}

/// For longer than a commit is waited for: the task begins again from its stored offset, and what it had under way is aborted.
#[tokio::test(flavor = "multi_thread")]
async fn the_broker_suspended_beyond_the_deadline_of_a_commit() -> Result<()> {
    survives_a_suspended_broker("broker_fast_asleep", Duration::from_secs(70)).await
}

/// A transaction that stays out of sight after Kafka was silent counts as forgotten, is taken back and sent again. Here it only
/// looks so, because others have transactions open on all its partitions: what is taken back was committed, and must not come
/// twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_seems_forgotten_is_taken_back_without_harm() -> Result<()> {
    let stack = killable().await?;
    let mut diary = Diary::begin(&stack, "seems_forgotten", |config| config).await?;
    diary.write(1, "before").await?;
    diary.arrives(SOON).await?;
    let names = &diary.pipeline.names;
    let entries = names.topic(TABLE);
    let offsets = names.storage_topic("offset");
    let mut places = vec![(entries, 0)];
    places.extend(
        diary
            .pipeline
            .committed
            .partitions(&offsets)?
            .into_iter()
            .map(|partition| (offsets.clone(), partition)),
    );
    let mut others = Vec::new();
    for (number, (topic, partition)) in places.iter().enumerate() {
        let id = names.topic(&format!("other.{number}"));
        others.push(ForeignTransaction::open(stack.kafka()?, &id, topic, *partition)?);
    }

    stack.pause(Service::Kafka)?;
    diary.write(1, "into the silence").await?;
    let rest = diary.pipeline.rest()?;
    let task = [("connector", diary.pipeline.names.connector()), ("task", "0")];
    eventually("the commit has waited for longer than two seconds", SOON, async || {
        let lag = rest.metrics().await?.sample("rowmill_task_lag_seconds", &task)?;
        ensure!(lag >= 3.0, "the lag is {lag} s");
        Ok(())
    })
    .await?;
    stack.resume(Service::Kafka)?;
    let look = async || {
        ensure!(
            diary.pipeline.worker.log()?.contains("taken back"),
            "nothing is said to be taken back"
        );
        Ok(())
    };
    diary
        .pipeline
        .worker
        .eventually("the transaction is taken back", SOON, look)
        .await?;
    for other in others {
        other.abort()?;
    }
    diary.write(1, "after").await?;
    diary.ends_complete().await
}
