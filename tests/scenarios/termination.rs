//! SIGTERM: the worker commits what it holds and ends within its graceful timeouts, whatever is away; nothing is lost, nothing
//! comes twice.

use std::time::Duration;

use anyhow::{Result, ensure};
use harness::diary::{Diary, TABLE};
use harness::eventually::eventually;
use harness::pipeline::SOON;
use harness::stack::{Service, killable};

/// `task.shutdown.graceful.timeout.ms` (5 s) for the tasks, the same for their statuses, and a moment.
const GRACE: Duration = Duration::from_secs(11);

#[tokio::test(flavor = "multi_thread")]
async fn in_the_middle_of_a_large_transaction() -> Result<()> {
    let stack = killable().await?;
    let mut diary = Diary::begin(&stack, "term_load", |config| config).await?;
    let size = diary.pipeline.raw_size(TABLE)?;
    diary.write(60_000, &"load ".repeat(30)).await?;
    eventually("the transaction has begun to arrive", SOON, async || {
        ensure!(diary.pipeline.raw_size(TABLE)? > size, "nothing has arrived");
        Ok(())
    })
    .await?;
    let status = diary.pipeline.worker.terminate(GRACE).await?;
    ensure!(status.success(), "ended with {status}");
    let log = diary.pipeline.worker.log()?;
    ensure!(!log.contains("did not end within"), "the task was left behind");
    diary.pipeline.worker.start().await?;
    diary.ends_complete().await
}

/// A server that is away keeps nobody from ending.
async fn ends_without(service: Service, about: &str) -> Result<()> {
    let stack = killable().await?;
    let mut diary = Diary::begin(&stack, about, |config| config).await?;
    diary.write(20, "before").await?;
    diary.arrives(SOON).await?;
    stack.kill(service)?;
    let status = diary.pipeline.worker.terminate(GRACE).await?;
    ensure!(status.success(), "ended with {status}");
    stack.start(service)?;
    diary.write(20, "after").await?;
    diary.pipeline.worker.start().await?;
    diary.ends_complete().await
}

#[tokio::test(flavor = "multi_thread")]
async fn while_mysql_is_away() -> Result<()> {
    ends_without(Service::Mysql, "term_mysql").await
}

#[tokio::test(flavor = "multi_thread")]
async fn while_kafka_is_away() -> Result<()> {
    ends_without(Service::Kafka, "term_kafka").await
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_registry_is_away() -> Result<()> {
    ends_without(Service::Registry, "term_registry").await
}
