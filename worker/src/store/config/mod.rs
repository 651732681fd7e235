//! [`ConfigStore`]: the config topic, written through the leader's transactions and read back.
//!
//! A write returns when the reader has seen it, so whoever asked finds what was written. The order inside a transaction is
//! Kafka Connect's: target state before connector; task configurations, and in a transaction of its own the commit.

mod record;
mod state;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tracing::{debug, warn};

pub use record::{ConfigRecord, Properties, RestartRequest, SessionKey, TargetState};
pub use state::{ClusterConfig, ConnectorView};

use super::topic_log::{LogView, TopicLog};
use super::{ConnectorTaskId, StoreError};
use crate::config::{ClientKind, WorkerConfig};
use crate::kafka::{Guarantee, Isolation, LogRecord};
use writer::ConfigWriter;

/// How long a write may take to come back out of the log.
const READ_BACK: Duration = Duration::from_secs(30);

/// Reads and writes the config topic.
pub struct ConfigStore {
    topic: String,
    state: watch::Receiver<Arc<ClusterConfig>>,
    writer: ConfigWriter,
    log: TopicLog,
}

impl ConfigStore {
    /// Takes the leader's transactional id, then begins to read. In this order: what a predecessor left open is settled
    /// before the log is read.
    pub(crate) async fn open(config: &WorkerConfig) -> Result<Self, StoreError> {
        let topic = config.config_topic.name.clone();
        let guarantee = match config.has_leader_transactions() {
            true => Guarantee::ExactlyOnce {
                transactional_id: config.leader_transactional_id(),
            },
            false => Guarantee::AtLeastOnce,
        };
        let writer =
            ConfigWriter::start(config.internal_client(ClientKind::Producer)?, topic.clone(), guarantee).await?;
        let (published, state) = watch::channel(Arc::default());
        let view = ConfigView {
            config: ClusterConfig::default(),
            published,
        };
        let log = TopicLog::open(
            config.internal_client(ClientKind::Consumer)?,
            &topic,
            Isolation::ReadCommitted,
            view,
        );
        Ok(ConfigStore {
            topic,
            state,
            writer,
            log,
        })
    }

    /// The log, to wait for.
    pub(crate) fn log(&self) -> &TopicLog {
        &self.log
    }

    /// What the topic says now.
    pub fn current(&self) -> Arc<ClusterConfig> {
        self.state.borrow().clone()
    }

    /// What the topic says, to follow.
    pub fn follow(&self) -> watch::Receiver<Arc<ClusterConfig>> {
        self.state.clone()
    }

    /// Creates or changes a connector; `target` is written first, in the same transaction, when it is given.
    pub async fn put_connector(
        &self,
        name: &str,
        properties: Properties,
        target: Option<TargetState>,
    ) -> Result<(), StoreError> {
        let target = target.map(|target| ConfigRecord::TargetState(name.to_owned(), Some(target)));
        let connector = ConfigRecord::Connector(name.to_owned(), Some(Arc::new(properties)));
        self.write(target.into_iter().chain([connector]).collect()).await
    }

    /// Deletes a connector. Its offsets, and the count of its fenced tasks, stay.
    pub async fn delete_connector(&self, name: &str) -> Result<(), StoreError> {
        let records = vec![
            ConfigRecord::Connector(name.to_owned(), None),
            ConfigRecord::TargetState(name.to_owned(), None),
        ];
        self.write(records).await
    }

    /// Replaces a connector's tasks: their configurations in one transaction, the commit that counts them in the next.
    pub async fn put_tasks(&self, name: &str, tasks: Vec<Properties>) -> Result<(), StoreError> {
        let count = u32::try_from(tasks.len()).unwrap_or(u32::MAX);
        let records: Vec<ConfigRecord> = (0..count)
            .zip(tasks)
            .map(|(number, properties)| {
                ConfigRecord::Task(ConnectorTaskId::new(name, number), Some(Arc::new(properties)))
            })
            .collect();
        if !records.is_empty() {
            self.write(records).await?;
        }
        self.write(vec![ConfigRecord::Commit(name.to_owned(), Some(count))])
            .await
    }

    /// Writes one record.
    pub async fn put(&self, record: ConfigRecord) -> Result<(), StoreError> {
        self.write(vec![record]).await
    }

    /// Writes `records` in one transaction and waits until the reader has seen the last of them.
    async fn write(&self, records: Vec<ConfigRecord>) -> Result<(), StoreError> {
        let Some(last) = records.last().map(ConfigRecord::key) else {
            return Ok(());
        };
        let mut state = self.state.clone();
        let before = state.borrow_and_update().last_seen(&last);
        self.writer.write(records).await?;
        let seen = state.wait_for(|config| config.last_seen(&last) > before);
        match tokio::time::timeout(READ_BACK, seen).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err(StoreError::Stopping),
            Err(_) => Err(StoreError::NotReadBack {
                topic: self.topic.clone(),
                seconds: READ_BACK.as_secs(),
            }),
        }
    }
}

struct ConfigView {
    config: ClusterConfig,
    published: watch::Sender<Arc<ClusterConfig>>,
}

impl LogView for ConfigView {
    fn clear(&mut self) {
        self.config = ClusterConfig::default();
    }

    fn apply(&mut self, record: LogRecord<'_>) {
        let Some(key) = record.key else { return };
        match ConfigRecord::decode(key, record.value) {
            Ok(Some(decoded)) => self.config.apply(decoded, record.offset),
            Ok(None) => debug!(key = %String::from_utf8_lossy(key), "keeping a foreign record of the config topic"),
            Err(error) => warn!(%error, offset = record.offset, "ignoring a record"),
        }
    }

    fn publish(&mut self) {
        self.published.send_replace(Arc::new(self.config.clone()));
    }
}
