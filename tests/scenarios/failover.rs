//! MySQL fails over to a replica in the middle of a transaction that is partly in Kafka already.
//!
//! The replica logs the same transaction in other events than the source, so only the number of its row changes tells how
//! much of it is done.

use anyhow::{Result, bail, ensure};
use harness::diary::{Diary, TABLE};
use harness::eventually::eventually;
use harness::mysql::Mysql;
use harness::pipeline::SOON;
use harness::stack::{Stack, killable};
use harness::tcp_proxy::TcpProxy;

const ENTRIES: i64 = 60_000;
/// A port that refuses connections.
const NOBODY: u16 = 1;

async fn fails_over(about: &str, kill_worker: bool) -> Result<()> {
    let stack = killable().await?;
    let replica = stack.replica("replica", &["--binlog-row-event-max-size=1024"])?;
    let proxy = TcpProxy::to(stack.mysql_port()?).await?;
    let port = proxy.port().to_string();
    let mut diary = Diary::begin(&stack, about, |config| config.with("database.port", &port)).await?;
    let before = diary.pipeline.raw_size(TABLE)?;
    // A replica without what the connector has read would be refused.
    has_everything(&replica.stack, &stack).await?;
    // The cut falls into the transaction. Whoever connects afterwards meets the replica; a worker that is going to be killed
    // meets nobody until then, or it would go on with the transaction.
    proxy.cut_after(8 << 20);
    proxy.retarget(if kill_worker {
        NOBODY
    } else {
        replica.stack.mysql_port()?
    });
    diary.write(ENTRIES, &"a long transaction ".repeat(12)).await?;
    eventually("the connection is cut", SOON, async || match proxy.cuts() {
        0 => bail!("the server has not sent that much"),
        _ => Ok(()),
    })
    .await?;
    if kill_worker {
        // Markers of transactions count, too; what is open does not.
        let topic = diary.pipeline.names.topic(TABLE);
        let done = eventually("part of the transaction is committed", SOON, async || {
            let done = diary.pipeline.committed.ends(&topic)?.iter().sum::<i64>() - before;
            ensure!(done > 0, "nothing is");
            Ok(done)
        })
        .await?;
        diary.pipeline.worker.kill()?;
        proxy.retarget(replica.stack.mysql_port()?);
        ensure!(
            (1..ENTRIES).contains(&done),
            "{done} of {ENTRIES} entries are done: not in mid-transaction"
        );
    }
    promote(&replica.stack, &stack).await?;
    if kill_worker {
        diary.pipeline.worker.start().await?;
    }
    diary.pipeline.mysql = Mysql::of(&replica.stack)?;
    diary.arrives(SOON).await?;
    diary.write(50, "on the new server").await?;
    diary.ends_complete().await
}

/// Waits until the replica has what the source has executed up to here.
async fn has_everything(replica: &Stack, source: &Stack) -> Result<()> {
    let executed = Mysql::of(source)?.executed().await?;
    let replica = Mysql::of(replica)?;
    eventually("the replica has everything", SOON, async || {
        replica.is_within(&executed, &replica.executed().await?).await
    })
    .await
}

/// Waits until the replica has everything, and makes it a server of its own.
async fn promote(replica: &Stack, source: &Stack) -> Result<()> {
    has_everything(replica, source).await?;
    Mysql::of(replica)?.run(["STOP REPLICA", "RESET REPLICA ALL"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn in_mid_transaction_while_the_worker_lives() -> Result<()> {
    fails_over("failover", false).await
}

#[tokio::test(flavor = "multi_thread")]
async fn in_mid_transaction_while_the_worker_is_down() -> Result<()> {
    fails_over("failover_killed", true).await
}
