//! Statuses: the states of connectors and tasks, and the topics a connector writes to.
//!
//! [`StatusStore`] answers from what its reader has seen, and writes through a queue that keeps only the newest status of
//! each key: a broker that is away delays a status, and neither blocks the worker nor fills its memory.
//!
//! A worker that was suspended and has a successor by now does not know it yet when it wakes up, and what it says then must
//! not hide what the successor says. So what was said under a higher generation stands: nothing is written over it (Kafka
//! Connect's `putSafe`), and a record that came too late for that is ignored by whoever reads.

mod record;
mod writer;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

pub use record::{State, Status, StatusKey, TopicStatus};

use super::topic_log::{LogView, TopicLog};
use super::{ConnectorTaskId, StoreError};
use crate::kafka::{ClientSettings, Isolation, LogProducer, LogRecord};
use record::StatusValue;
use writer::StatusWriter;

/// What the status topic says.
#[derive(Debug, Clone, Default)]
pub struct StatusTable {
    connectors: BTreeMap<String, Status>,
    tasks: BTreeMap<ConnectorTaskId, Status>,
    topics: BTreeMap<String, BTreeMap<String, TopicStatus>>,
}

impl StatusTable {
    /// Takes one record. Malformed records and foreign keys are ignored.
    fn apply(&mut self, key: StatusKey, value: Option<StatusValue>) {
        match (key, value) {
            (StatusKey::Connector(name), Some(StatusValue::Status(status))) => {
                if !status.is_overtaken_by(self.connectors.get(&name)) {
                    self.connectors.insert(name, status);
                }
            }
            (StatusKey::Connector(name), None) => {
                self.connectors.remove(&name);
            }
            (StatusKey::Task(id), Some(StatusValue::Status(status))) => {
                let known = self.tasks.get(&id);
                if !status.is_overtaken_by(known) && !status.is_late_farewell(known) {
                    self.tasks.insert(id, status);
                }
            }
            (StatusKey::Task(id), None) => {
                self.tasks.remove(&id);
            }
            (StatusKey::Topic { topic, connector }, Some(StatusValue::Topic(status))) => {
                self.topics.entry(connector).or_default().insert(topic, status);
            }
            (StatusKey::Topic { topic, connector }, None) => {
                if let Some(topics) = self.topics.get_mut(&connector) {
                    topics.remove(&topic);
                }
            }
            (_, Some(_)) => {}
        }
    }

    fn status(&self, key: &StatusKey) -> Option<&Status> {
        match key {
            StatusKey::Connector(name) => self.connectors.get(name),
            StatusKey::Task(id) => self.tasks.get(id),
            StatusKey::Topic { .. } => None,
        }
    }

    fn newest_generation(&self) -> i32 {
        self.connectors
            .values()
            .chain(self.tasks.values())
            .map(|status| status.generation)
            .max()
            .unwrap_or(0)
    }
}

/// Reads and writes statuses.
pub struct StatusStore {
    table: Arc<RwLock<StatusTable>>,
    writer: StatusWriter,
    log: TopicLog,
}

impl StatusStore {
    /// Begins to read `topic`, which has `partitions` partitions.
    pub(crate) fn open(consumer: ClientSettings, producer: LogProducer, topic: &str, partitions: i32) -> Self {
        let table = Arc::default();
        let view = StatusView {
            table: Arc::clone(&table),
        };
        StatusStore {
            table,
            writer: StatusWriter::start(producer, topic.to_owned(), partitions),
            // Statuses are written without transactions.
            log: TopicLog::open(consumer, topic, Isolation::ReadUncommitted, view),
        }
    }

    /// The log, to wait for.
    pub(crate) fn log(&self) -> &TopicLog {
        &self.log
    }

    fn table(&self) -> std::sync::RwLockReadGuard<'_, StatusTable> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The status of a connector.
    pub fn connector(&self, name: &str) -> Option<Status> {
        self.table().connectors.get(name).cloned()
    }

    /// The status of a task.
    pub fn task(&self, id: &ConnectorTaskId) -> Option<Status> {
        self.table().tasks.get(id).cloned()
    }

    /// The statuses of a connector's tasks, by number.
    pub fn tasks(&self, connector: &str) -> Vec<(u32, Status)> {
        let table = self.table();
        let from = ConnectorTaskId::new(connector, 0);
        let tasks = table
            .tasks
            .range(from..)
            .take_while(|(id, _)| id.connector == connector);
        tasks.map(|(id, status)| (id.task, status.clone())).collect()
    }

    /// The topics a connector has written to.
    pub fn topics(&self, connector: &str) -> Vec<String> {
        self.table()
            .topics
            .get(connector)
            .map(|topics| topics.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// The highest generation that any status carries.
    pub fn newest_generation(&self) -> i32 {
        self.table().newest_generation()
    }

    /// Writes a status unless one of a higher generation is known. A worker that starts has the highest.
    pub fn put(&self, key: StatusKey, status: Status) {
        if !status.is_overtaken_by(self.table().status(&key)) {
            self.writer.put(key, Some(StatusValue::Status(status)));
        }
    }

    /// Takes back whatever is stored under `key`.
    pub fn delete(&self, key: StatusKey) {
        self.writer.put(key, None);
    }

    /// Takes back everything about a connector.
    pub fn delete_connector(&self, connector: &str) {
        self.delete(StatusKey::Connector(connector.to_owned()));
        for (task, _) in self.tasks(connector) {
            self.delete(StatusKey::Task(ConnectorTaskId::new(connector, task)));
        }
        self.reset_topics(connector);
    }

    /// Records that a task writes to `topic`. Cheap when it is known already.
    pub fn put_topic(&self, id: &ConnectorTaskId, topic: &str, discovered_ms: i64) {
        let known = self
            .table()
            .topics
            .get(&id.connector)
            .is_some_and(|topics| topics.contains_key(topic));
        if !known {
            let status = TopicStatus {
                name: topic.to_owned(),
                connector: id.connector.clone(),
                task: id.task,
                discover_timestamp: discovered_ms,
            };
            let key = StatusKey::Topic {
                topic: topic.to_owned(),
                connector: id.connector.clone(),
            };
            self.writer.put(key, Some(StatusValue::Topic(status)));
        }
    }

    /// Forgets the topics a connector has written to.
    pub fn reset_topics(&self, connector: &str) {
        for topic in self.topics(connector) {
            self.delete(StatusKey::Topic {
                topic,
                connector: connector.to_owned(),
            });
        }
    }

    /// Waits until everything put so far is stored, for at most `longest`.
    pub async fn flush(&self, longest: Duration) -> Result<(), StoreError> {
        self.writer.flush(longest).await
    }
}

struct StatusView {
    table: Arc<RwLock<StatusTable>>,
}

impl LogView for StatusView {
    fn clear(&mut self) {
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = StatusTable::default();
    }

    fn apply(&mut self, record: LogRecord<'_>) {
        let Some(key) = record.key.and_then(StatusKey::decode) else {
            return;
        };
        let Some(value) = StatusValue::decode(&key, record.value) else {
            return;
        };
        self.table
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .apply(key, value);
    }

    fn publish(&mut self) {}
}
