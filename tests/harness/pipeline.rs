//! [`Pipeline`]: a database, a worker, the MySQL connector between them and Kafka, and readers of its topics.

use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::{Value, json};

use crate::change_event::ChangeEvent;
use crate::connector::ConnectorConfig;
use crate::kafka_reader::{KafkaReader, Reading};
use crate::mysql::Mysql;
use crate::names::Names;
use crate::registry::Registry;
use crate::rest_client::{BY_ITSELF, RestClient};
use crate::stack::Stack;
use crate::worker_process::WorkerProcess;

/// One test's own path from MySQL to Kafka.
pub struct Pipeline {
    pub names: Names,
    pub mysql: Mysql,
    pub worker: WorkerProcess,
    pub committed: KafkaReader,
    pub uncommitted: KafkaReader,
    pub registry: Registry,
}

/// From a state being wanted to it being there, on a busy machine.
pub const SOON: Duration = Duration::from_secs(60);

impl Pipeline {
    /// Everything but the connector; the worker is not started, the database not created.
    pub fn new(stack: &Stack, about: &str) -> Result<Self> {
        let names = Names::new(about);
        Ok(Pipeline {
            mysql: Mysql::of(stack)?,
            worker: WorkerProcess::new(stack, &names)?,
            committed: KafkaReader::committed(stack.kafka()?)?,
            uncommitted: KafkaReader::uncommitted(stack.kafka()?)?,
            registry: Registry::new(stack.registry()?),
            names,
        })
    }

    /// Runs statements in the test's database, which is created if it is missing.
    pub async fn sql(&self, statements: impl IntoIterator<Item = impl AsRef<str>>) -> Result<()> {
        let database = self.names.database();
        // To create it, even if it is there, is to wait for all that use a table of it.
        let known = format!("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '{database}'");
        let is_missing = self.mysql.value(&known).await? == 0;
        let mut session = self.mysql.session().await?;
        if is_missing {
            session.run(format!("CREATE DATABASE {database}")).await?;
        }
        session.run(format!("USE {database}")).await?;
        for statement in statements {
            session.run(statement).await?;
        }
        session.close().await
    }

    /// The worker's REST interface.
    pub fn rest(&self) -> Result<RestClient> {
        self.worker.rest()
    }

    /// Starts the worker, if it does not run, and creates the connector.
    pub async fn create(&mut self, config: &ConnectorConfig) -> Result<()> {
        if !self.worker.is_started() {
            self.worker.start().await?;
        }
        let created = self.rest()?.create(self.names.connector(), &config.json()).await;
        created.map(|_| ()).map_err(|error| self.worker.explain(error))
    }

    /// Waits until connector and task run.
    pub async fn is_running(&self) -> Result<()> {
        let rest = self.rest()?;
        let look = async || rest.is_running(self.names.connector()).await;
        self.worker.eventually("connector and task run", SOON, look).await
    }

    /// Waits until the task has failed for good, and answers why.
    pub async fn failure(&self) -> Result<String> {
        let rest = self.rest()?;
        let look = async || {
            let reason = rest.failure(self.names.connector()).await?;
            ensure!(!reason.contains(BY_ITSELF), "the task has not given up: {reason}");
            Ok(reason)
        };
        self.worker.eventually("the task has failed for good", SOON, look).await
    }

    /// Waits until the stored offset is one of the stream.
    pub async fn is_streaming(&self, within: Duration) -> Result<()> {
        let rest = self.rest()?;
        let look = async || {
            let offset = rest.offset(self.names.connector()).await?;
            let fields = offset.as_object().context("no offset is stored")?;
            let is_snapshot = fields.keys().any(|key| key.contains("snapshot"));
            ensure!(!is_snapshot, "the stored offset is the snapshot's: {offset}");
            Ok(())
        };
        self.worker.eventually("the snapshot is over", within, look).await
    }

    /// The stored offset, when it is inside of the snapshot of this table and consumers see at least so many of its offsets.
    pub async fn is_in_snapshot_of(&self, table: &str, visible: i64) -> Result<Value> {
        let offset = self.rest()?.offset(self.names.connector()).await?;
        let place = json!([self.names.database(), table]).to_string();
        ensure!(
            offset["rowmill_snapshot_table"] == place,
            "the stored offset is not inside of {place}: {offset}"
        );
        let seen: i64 = self.committed.ends(&self.names.topic(table))?.into_iter().sum();
        ensure!(seen >= visible, "{seen} offsets of {table} are visible, not {visible}");
        Ok(offset)
    }

    /// Starts the worker that was killed after its stored offset was seen to be `offset`, and waits until the snapshot goes on.
    /// It must do so in the table that the offset is inside of: no other one may have been finished in the meantime.
    pub async fn resumes_snapshot(&mut self, offset: &Value) -> Result<()> {
        const RESUMING: &str = "resuming an interrupted snapshot";
        let table: (String, String) =
            serde_json::from_str(offset["rowmill_snapshot_table"].as_str().unwrap_or_default())
                .with_context(|| format!("the table in progress in {offset}"))?;
        let earlier = self.worker.log()?.matches(RESUMING).count();
        self.worker.start().await?;
        let look = async || {
            let log = self.worker.log()?;
            let line = log.lines().filter(|line| line.contains(RESUMING)).nth(earlier);
            line.map(str::to_owned).context("it has not been said")
        };
        let line = self.worker.eventually("the snapshot is resumed", SOON, look).await?;
        let expected = format!("table={}.{}", table.0, table.1);
        ensure!(
            line.split_whitespace().any(|word| word == expected),
            "the kill came too late for {expected}, the table needs more rows: {line}"
        );
        Ok(())
    }

    /// Offsets that the table's topic has, open transactions and markers included; 0 as long as there is none.
    pub fn raw_size(&self, table: &str) -> Result<i64> {
        Ok(self.uncommitted.ends(&self.names.topic(table))?.into_iter().sum())
    }

    /// Follows a table's topic from its beginning, as a `read_committed` consumer.
    pub async fn follow(&self, table: &str) -> Result<Reading> {
        let topic = self.names.topic(table);
        let look = async || {
            ensure!(
                !self.committed.partitions(&topic)?.is_empty(),
                "there is no topic {topic}"
            );
            Ok(())
        };
        self.worker.eventually("the topic exists", SOON, look).await?;
        self.committed.follow(&topic)
    }

    /// All events of a table as of now.
    pub async fn events(&mut self, table: &str) -> Result<Vec<ChangeEvent>> {
        let records = self.committed.read(&self.names.topic(table)).await?;
        ChangeEvent::decode_all(&records, &mut self.registry).await
    }

    /// The same, and events of open and aborted transactions.
    pub async fn raw_events(&mut self, table: &str) -> Result<Vec<ChangeEvent>> {
        let records = self.uncommitted.read(&self.names.topic(table)).await?;
        ChangeEvent::decode_all(&records, &mut self.registry).await
    }

    /// Waits for an event of a table that satisfies `is_it`.
    pub async fn event(
        &mut self,
        table: &str,
        within: Duration,
        is_it: impl Fn(&ChangeEvent) -> bool,
    ) -> Result<ChangeEvent> {
        let mut reading = self.follow(table).await?;
        let mut looked_at = 0;
        let registry = &mut self.registry;
        let look = async || {
            reading.take(Duration::from_millis(20))?;
            while let Some(record) = reading.records.get(looked_at) {
                let event = ChangeEvent::decode(record, registry).await?;
                looked_at += 1;
                if is_it(&event) {
                    return Ok(event);
                }
            }
            anyhow::bail!("{looked_at} records of {table}, none of them it")
        };
        self.worker
            .eventually(&format!("an event of {table} arrives"), within, look)
            .await
    }

    /// Waits for the event that leaves a row with this value in this column.
    pub async fn row(&mut self, table: &str, column: &str, value: impl Into<Value>) -> Result<ChangeEvent> {
        let value = value.into();
        self.event(table, SOON, |event| event.after[column] == value)
            .await
            .with_context(|| format!("the event with {column} = {value}"))
    }

    /// SIGTERM; the worker must end with success.
    pub async fn stop(&mut self) -> Result<()> {
        let status = self.worker.terminate(Duration::from_secs(20)).await?;
        match status.success() {
            true => Ok(()),
            false => Err(self
                .worker
                .explain(anyhow!("the worker ended with {status} after SIGTERM"))),
        }
    }
}
