//! The compacted copy: what the broker's cleaner leaves of the topics is exactly the tables, as the writers wrote them and
//! as `SELECT` shows them.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::checker::Checker;
use harness::connector::ConnectorConfig;
use harness::difference::differences;
use harness::ledger::Ledger;
use harness::pipeline::{Pipeline, SOON};
use harness::seed::Seed;
use harness::stack::Stack;
use harness::workload::{TABLES, Table, Until, Workload, Writer};
use serde_json::json;

/// The cleaner comes by every second; a segment must be closed before it is cleaned, and other compacted topics are before it.
const CLEANED: Duration = Duration::from_secs(300);

#[tokio::test(flavor = "multi_thread")]
async fn a_compacted_topic_read_from_offset_0_is_the_table() -> Result<()> {
    let seed = Seed::of_environment()?;
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, "compacted")?;
    let rows = [(Table::Integers, 500), (Table::Composite, 200), (Table::Texts, 200)];
    let database = pipeline.names.database();
    let (workload, mut owners) = Workload::prepare(pipeline.mysql.clone(), database, 1, &rows).await?;
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?
        .with("table.exclude.list", &format!("{database}.{}", Table::Keyless.name()))
        .with("topic.creation.default.partitions", "1")
        .with("topic.creation.default.cleanup.policy", "compact")
        .with("topic.creation.default.segment.ms", "200")
        .with("topic.creation.default.min.cleanable.dirty.ratio", "0.01")
        .with("topic.creation.default.delete.retention.ms", "0");
    pipeline.create(&config).await?;
    pipeline.is_streaming(SOON).await?;
    let owner = owners.pop().context("one writer")?;
    let mut owner = workload.write(owner, seed.stream(1), Until::Transactions(150)).await?;
    for (table, version) in workload.touch(&mut owner).await? {
        if table.is_keyed() {
            pipeline.row(table.name(), "version", version).await?;
        }
    }
    let mut before = HashMap::new();
    for table in keyed() {
        before.insert(
            table,
            pipeline
                .committed
                .read(&pipeline.names.topic(table.name()))
                .await?
                .len(),
        );
    }
    for (table, before) in before {
        cleaner_has_run(&mut pipeline, &workload, &mut owner, table, before).await?;
    }
    let ledgers = owner.into_ledgers();
    pipeline.stop().await?;
    for table in keyed() {
        let checked = folds_to_the_table(&mut pipeline, table, &ledgers[&table]).await;
        checked.with_context(|| format!("{seed}: the compacted topic of {}", table.name()))?;
    }
    Ok(())
}

/// The table as the writer wrote it, and as MySQL has it.
async fn folds_to_the_table(pipeline: &mut Pipeline, table: Table, ledger: &Ledger) -> Result<()> {
    let checker = Checker {
        ledger,
        identity: table.identity(),
        keyed: true,
        read_again: false,
        left_out: 0,
        partitions: 1,
    };
    let copy = checker.fold(&pipeline.events(table.name()).await?);
    ensure!(copy == ledger.fold(), "it does not fold to what was written");
    let rows = table.select(&pipeline.mysql, pipeline.names.database()).await?;
    let found = differences(&json!(rows), &json!(copy));
    let listed: Vec<String> = found.iter().take(10).map(ToString::to_string).collect();
    ensure!(
        found.is_empty(),
        "{} columns differ from what SELECT shows:\n{}",
        found.len(),
        listed.join("\n")
    );
    Ok(())
}

fn keyed() -> impl Iterator<Item = Table> {
    TABLES.into_iter().filter(|table| table.is_keyed())
}

/// A segment is cleaned only after a younger one has begun, so something is written now and then.
async fn cleaner_has_run(
    pipeline: &mut Pipeline,
    workload: &Workload,
    owner: &mut Writer,
    table: Table,
    before: usize,
) -> Result<()> {
    let topic = pipeline.names.topic(table.name());
    let mut written = 0;
    let look = async || {
        written += 1;
        if written % 20 == 1 {
            workload.touch(owner).await?;
        }
        let now = pipeline.committed.read(&topic).await?.len();
        ensure!(now < before, "{topic} has {now} records, {before} before");
        Ok(())
    };
    pipeline.worker.eventually("the cleaner has run", CLEANED, look).await
}
