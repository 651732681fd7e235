//! [`Diary`]: a table of numbered entries and the pipeline that carries them, for tests whose subject is what happens to the
//! servers.
//!
//! Its topic has one partition, so the entries must arrive as 1, 2, 3, …, each once.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::change_event::Operation;
use crate::connector::ConnectorConfig;
use crate::pipeline::{Pipeline, SOON};
use crate::stack::Stack;

/// The table.
pub const TABLE: &str = "entries";
/// Entries that the snapshot finds.
const FIRST: i64 = 10;

/// A diary, with a connector on it.
pub struct Diary {
    pub pipeline: Pipeline,
    /// The newest entry.
    pub written: i64,
}

impl Diary {
    /// A table with a few entries, and a connector that has snapshotted it and streams.
    pub async fn begin(
        stack: &Stack,
        about: &str,
        adapt: impl FnOnce(ConnectorConfig) -> ConnectorConfig,
    ) -> Result<Diary> {
        Diary::in_pipeline(stack, Pipeline::new(stack, about)?, adapt).await
    }

    /// The same in a pipeline whose worker has properties of its own.
    pub async fn in_pipeline(
        stack: &Stack,
        pipeline: Pipeline,
        adapt: impl FnOnce(ConnectorConfig) -> ConnectorConfig,
    ) -> Result<Diary> {
        let mut diary = Diary::unread(pipeline).await?;
        diary.read(stack, adapt).await?;
        Ok(diary)
    }

    /// A table with a few entries, and no connector yet.
    pub async fn unread(pipeline: Pipeline) -> Result<Diary> {
        pipeline
            .sql([format!("CREATE TABLE {TABLE} (id BIGINT PRIMARY KEY, text LONGTEXT)")])
            .await?;
        let mut diary = Diary { pipeline, written: 0 };
        diary.write(FIRST, "before").await?;
        Ok(diary)
    }

    /// Creates the connector, and waits until it has snapshotted the table and streams.
    pub async fn read(&mut self, stack: &Stack, adapt: impl FnOnce(ConnectorConfig) -> ConnectorConfig) -> Result<()> {
        let config =
            ConnectorConfig::mysql(stack, &self.pipeline.names)?.with("topic.creation.default.partitions", "1");
        self.pipeline.create(&adapt(config)).await?;
        self.pipeline.is_streaming(SOON).await
    }

    /// Writes this many more entries in one transaction. Every text begins with `text`.
    pub async fn write(&mut self, entries: i64, text: &str) -> Result<()> {
        let mut session = self.pipeline.mysql.session().await?;
        session.run(format!("USE {}", self.pipeline.names.database())).await?;
        session.run("BEGIN").await?;
        for from in (self.written..self.written + entries).step_by(1000) {
            let to = (from + 1000).min(self.written + entries);
            let tuples: Vec<String> = (from + 1..=to).map(|id| format!("({id}, '{text} {id}')")).collect();
            session
                .run(format!("INSERT INTO {TABLE} VALUES {}", tuples.join(", ")))
                .await?;
        }
        session.run("COMMIT").await?;
        self.written += entries;
        session.close().await
    }

    /// Waits until the newest entry is visible.
    pub async fn arrives(&mut self, within: Duration) -> Result<()> {
        let newest = self.written;
        let arrived = self
            .pipeline
            .event(TABLE, within, |event| event.after["id"] == newest)
            .await;
        arrived.map(|_| ()).with_context(|| format!("entry {newest}"))
    }

    /// Ends the worker in order; every entry must have arrived once, in order, and be in the table.
    pub async fn ends_complete(mut self) -> Result<()> {
        self.arrives(SOON).await?;
        self.pipeline.stop().await?;
        let events = self.pipeline.events(TABLE).await?;
        for (event, id) in events.iter().zip(1..) {
            ensure!(
                event.after["id"] == id,
                "{} stands where entry {id} should",
                event.after["id"]
            );
            let expected = if id <= FIRST {
                Operation::Read
            } else {
                Operation::Create
            };
            ensure!(event.operation == expected, "entry {id} is a {:?}", event.operation);
        }
        ensure!(
            events.len() as i64 == self.written,
            "{} events of {} entries",
            events.len(),
            self.written
        );
        let query = format!("SELECT COUNT(*) FROM {}.{TABLE}", self.pipeline.names.database());
        let rows = self.pipeline.mysql.value(&query).await?;
        ensure!(rows == self.written, "the diary is wrong: the table has {rows} rows");
        Ok(())
    }
}
