//! A worker is suspended, its successor takes over, and then it wakes up: it does the successor no harm, and ends.

use anyhow::{Context, Result, ensure};
use harness::diary::{Diary, TABLE};
use harness::kafka_reader::Record;
use harness::pipeline::SOON;
use harness::stack::Stack;
use harness::worker_process::WorkerProcess;
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::Value;

const SERVER_ID: u32 = 3_000_000_017;

/// It finds its connection to MySQL ended, connects again, and so ends that of its successor: both read as the same replica.
#[tokio::test(flavor = "multi_thread")]
async fn a_predecessor_that_wakes_up_and_connects_again_does_not_stop_its_successor() -> Result<()> {
    let stack = Stack::shared()?;
    let mut diary = Diary::begin(&stack, "woken", |config| {
        config.with("database.server.id", &SERVER_ID.to_string())
    })
    .await?;
    diary.write(5, "before").await?;
    diary.arrives(SOON).await?;
    let dump = dump_of(&diary).await?;
    let mut predecessor = std::mem::replace(
        &mut diary.pipeline.worker,
        WorkerProcess::new(&stack, &diary.pipeline.names)?,
    );
    predecessor.suspend()?;
    diary.pipeline.mysql.run([format!("KILL {dump}")]).await?;
    diary.pipeline.worker.start().await?;
    diary.pipeline.is_running().await?;
    diary.write(5, "with the successor").await?;
    diary.arrives(SOON).await?;

    predecessor.resume()?;
    predecessor.await_exit(SOON).await?;
    // Whatever the predecessor did in its last moments, the successor reads on, and never needs anybody.
    diary.write(5, "after the predecessor").await?;
    diary.arrives(SOON).await?;
    diary.pipeline.is_running().await?;
    let log = diary.pipeline.worker.log()?;
    ensure!(
        !log.contains("it waits for a restart"),
        "the successor has failed:\n{log}"
    );
    diary.ends_complete().await
}

/// What a suspended worker had on its way to the schema history reaches the topic when its successor has recorded the same, and
/// more. Nothing fences the writer of a history; the definition that the late record has must not win.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_predecessor_recorded_too_late_does_not_take_a_definition_back() -> Result<()> {
    let stack = Stack::shared()?;
    let mut diary = Diary::begin(&stack, "straggler", |config| config).await?;
    let pipeline = &mut diary.pipeline;
    for column in ["c1", "c2"] {
        pipeline
            .sql([format!("ALTER TABLE {TABLE} ADD COLUMN {column} INT")])
            .await?;
    }
    pipeline
        .sql([format!("INSERT INTO {TABLE} VALUES (11, '', 1, 2)")])
        .await?;
    pipeline.row(TABLE, "id", 11).await?;
    pipeline.stop().await?;

    let history = pipeline.names.history_topic();
    let records = pipeline.uncommitted.read(&history).await?;
    let adds = |record: &&Record| {
        let text = record.value.as_deref().map(String::from_utf8_lossy);
        text.is_some_and(|text| text.contains("ADD COLUMN c1"))
    };
    let late = records.iter().find(adds).context("the record of c1")?;
    let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", stack.kafka()?).create()?;
    let value = late.value.as_deref().context("a value")?;
    let sent = producer.send(BaseRecord::<(), [u8]>::to(&history).partition(0).payload(value));
    sent.map_err(|(error, _)| error)?;
    producer.flush(SOON)?;

    pipeline.worker.start().await?;
    pipeline
        .sql([format!("INSERT INTO {TABLE} VALUES (12, '', 3, 4)")])
        .await?;
    let event = pipeline.row(TABLE, "id", 12).await?;
    ensure!(event.after["c2"] == 4, "{:?}", event.after);
    pipeline.stop().await
}

/// The server's thread that sends the binlog to the connector.
async fn dump_of(diary: &Diary) -> Result<Value> {
    let mysql = &diary.pipeline.mysql;
    let look = async || {
        let replicas = mysql.rows("SHOW REPLICAS").await?;
        let own = replicas.iter().find(|replica| replica["Server_Id"] == SERVER_ID);
        let uuid = own.and_then(|own| own["Replica_UUID"].as_str());
        let uuid = uuid.with_context(|| format!("no replica {SERVER_ID} in {replicas:?}"))?;
        let threads = mysql
            .rows(&format!(
                "SELECT t.processlist_id AS id FROM performance_schema.user_variables_by_thread v \
                 JOIN performance_schema.threads t ON t.thread_id = v.thread_id \
                 WHERE v.variable_name = 'replica_uuid' AND v.variable_value = '{uuid}'"
            ))
            .await?;
        let thread = threads.first().with_context(|| format!("no thread of {uuid}"))?;
        Ok(thread["id"].clone())
    };
    diary.pipeline.worker.eventually("the binlog is read", SOON, look).await
}
