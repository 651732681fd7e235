//! One record of the status topic: its key, its value, and their bytes.

use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::store::ConnectorTaskId;

/// The state of a connector or task. Clients deserialise these names into closed enumerations: no name is ever invented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// Nobody runs it.
    Unassigned,
    /// It runs.
    Running,
    /// It rests, as asked.
    Paused,
    /// It cannot go on; the trace says why.
    Failed,
    /// It was asked to start again and has not done so yet.
    Restarting,
    /// It was stopped, and its tasks are gone.
    Stopped,
    /// It was deleted.
    Destroyed,
}

/// A status as it is stored, fields in Kafka Connect's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The state.
    pub state: State,
    /// Why it failed.
    #[serde(default)]
    pub trace: Option<String>,
    /// `host:port` of the worker that wrote it.
    pub worker_id: String,
    /// The generation of the group in which it was written.
    pub generation: i32,
    /// The plugin's version; null while nothing was loaded.
    #[serde(default)]
    pub version: Option<String>,
}

impl Status {
    /// Whether a later worker has spoken. Its id can be the same: workers that follow each other may share an address.
    pub(super) fn is_overtaken_by(&self, known: Option<&Status>) -> bool {
        known.is_some_and(|known| known.generation > self.generation)
    }

    /// Whether it only says that a worker no longer runs a task that another one has taken over already. Kafka Connect 4.3
    /// ignores such records when it reads, because the old owner's word may arrive after the new one's.
    pub(super) fn is_late_farewell(&self, known: Option<&Status>) -> bool {
        self.state == State::Unassigned
            && known.is_some_and(|known| {
                known.state == State::Running
                    && known.worker_id != self.worker_id
                    && known.generation >= self.generation
            })
    }
}

/// That a connector's task writes to a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicStatus {
    /// The topic.
    pub name: String,
    /// The connector.
    pub connector: String,
    /// The task's number.
    pub task: u32,
    /// When it was first seen, in milliseconds since the epoch.
    #[serde(rename = "discoverTimestamp")]
    pub discover_timestamp: i64,
}

#[derive(Serialize, Deserialize)]
struct TopicEnvelope {
    topic: TopicStatus,
}

/// What a status is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatusKey {
    /// `status-connector-<name>`.
    Connector(String),
    /// `status-task-<name>-<number>`.
    Task(ConnectorTaskId),
    /// `status-topic-<topic>:connector-<name>`.
    Topic {
        /// The topic.
        topic: String,
        /// The connector.
        connector: String,
    },
}

impl StatusKey {
    /// The key of a record; `None` for a foreign one.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        if let Some(name) = text.strip_prefix("status-connector-") {
            Some(StatusKey::Connector(name.to_owned()))
        } else if let Some(id) = text.strip_prefix("status-task-") {
            let (connector, task) = id.rsplit_once('-')?;
            Some(StatusKey::Task(ConnectorTaskId::new(connector, task.parse().ok()?)))
        } else {
            // A topic's name has no colon, a connector's may have.
            let (topic, connector) = text.strip_prefix("status-topic-")?.split_once(":connector-")?;
            Some(StatusKey::Topic {
                topic: topic.to_owned(),
                connector: connector.to_owned(),
            })
        }
    }

    /// Its bytes.
    pub(super) fn encode(&self) -> Vec<u8> {
        match self {
            StatusKey::Connector(name) => format!("status-connector-{name}"),
            StatusKey::Task(id) => format!("status-task-{id}"),
            StatusKey::Topic { topic, connector } => format!("status-topic-{topic}:connector-{connector}"),
        }
        .into_bytes()
    }
}

/// What a record of the status topic says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StatusValue {
    Status(Status),
    Topic(TopicStatus),
}

impl StatusValue {
    /// The value of a record: `Some(None)` takes the key back, `None` is malformed and to be ignored.
    pub(super) fn decode(key: &StatusKey, bytes: Option<&[u8]>) -> Option<Option<Self>> {
        let Some(bytes) = bytes else { return Some(None) };
        let decoded = match key {
            StatusKey::Connector(_) | StatusKey::Task(_) => serde_json::from_slice(bytes).map(StatusValue::Status),
            StatusKey::Topic { .. } => {
                serde_json::from_slice::<TopicEnvelope>(bytes).map(|envelope| StatusValue::Topic(envelope.topic))
            }
        };
        match decoded {
            Ok(value) => Some(Some(value)),
            Err(error) => {
                warn!(?key, %error, "ignoring a malformed status");
                None
            }
        }
    }

    /// Its bytes.
    pub(super) fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        match self {
            StatusValue::Status(status) => serde_json::to_vec(status),
            StatusValue::Topic(topic) => serde_json::to_vec(&TopicEnvelope { topic: topic.clone() }),
        }
    }
}
