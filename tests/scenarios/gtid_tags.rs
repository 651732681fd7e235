//! GTIDs with tags (MySQL 8.3 and later): `uuid:tag:number` is a transaction like any other, in the snapshot's set, in the
//! stored offset and in the records.

use anyhow::{Context, Result, ensure};
use harness::diary::{Diary, TABLE};
use harness::eventually::eventually;
use harness::mysql::Mysql;
use harness::pipeline::{Pipeline, SOON};
use harness::stack::Stack;

/// Waits until the stored offset names exactly the transactions that the server knows.
async fn offset_is_the_executed_set(diary: &Diary) -> Result<()> {
    let pipeline = &diary.pipeline;
    let executed = pipeline.mysql.executed().await?;
    let rest = pipeline.rest()?;
    let look = async || {
        let offset = rest.offset(pipeline.names.connector()).await?;
        ensure!(offset["gtids"] == executed, "{offset} is stored, {executed} executed");
        Ok(())
    };
    let worker = &pipeline.worker;
    worker.eventually("all transactions are stored", SOON, look).await
}

/// Writes one transaction through `mysql`, waits for it, and answers the GTID that the server has given it.
async fn written_as(diary: &mut Diary, mysql: Mysql) -> Result<String> {
    diary.pipeline.mysql = mysql;
    let before = diary.pipeline.mysql.executed().await?;
    diary.write(3, "tagged").await?;
    let query = format!("SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, '{before}')");
    let gtid = diary.pipeline.mysql.value(&query).await?;
    let newest = diary.written;
    let event = diary.pipeline.row(TABLE, "id", newest).await?;
    ensure!(event.source["gtid"] == gtid, "{} was written as {gtid}", event.source);
    Ok(gtid.as_str().context("a GTID")?.to_owned())
}

async fn kill_and_restart(diary: &mut Diary) -> Result<()> {
    diary.pipeline.worker.kill()?;
    diary.pipeline.worker.start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_under_tags_arrive_once_although_the_worker_is_killed() -> Result<()> {
    let server = Stack::shared()?.with_own_mysql("tags", &[])?;
    let mut pipeline = Pipeline::new(&server.stack, "tags")?;
    let untagged = pipeline.mysql.clone();
    pipeline.mysql = untagged.tagging("early");
    let mut diary = Diary::unread(pipeline).await?;
    diary.read(&server.stack, |config| config).await?;
    offset_is_the_executed_set(&diary).await?;
    // What the snapshot has read must not come again from the stream.
    kill_and_restart(&mut diary).await?;

    for (tag, number) in [("blue", 1), ("green", 1), ("blue", 2)] {
        let gtid = written_as(&mut diary, untagged.tagging(tag)).await?;
        ensure!(
            gtid.ends_with(&format!(":{tag}:{number}")),
            "MySQL has called it {gtid}"
        );
        let gtid = written_as(&mut diary, untagged.clone()).await?;
        ensure!(gtid.matches(':').count() == 1, "MySQL has called it {gtid}");
    }

    let size = diary.pipeline.raw_size(TABLE)?;
    diary.pipeline.mysql = untagged.tagging("blue");
    diary.write(30_000, &"load ".repeat(30)).await?;
    eventually("the transaction has begun to arrive", SOON, async || {
        ensure!(diary.pipeline.raw_size(TABLE)? > size, "nothing has arrived");
        Ok(())
    })
    .await?;
    diary.pipeline.worker.kill()?;
    diary.pipeline.mysql = untagged.tagging("late");
    diary.write(20, "while the worker is down").await?;
    diary.pipeline.worker.start().await?;
    diary.arrives(SOON).await?;
    offset_is_the_executed_set(&diary).await?;
    diary.ends_complete().await
}
