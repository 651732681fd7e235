//! [`ConnectorInfo`], [`ConnectorStatus`]: what REST tells of connectors and their tasks, in Kafka Connect's form
//! (`org.apache.kafka.connect.runtime.rest.entities`).

use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::store::ConnectorTaskId;
use crate::store::config::Properties;
use crate::store::status::{State, Status};

/// A connector as REST shows it.
#[derive(Debug, Serialize)]
pub struct ConnectorInfo {
    /// Its name.
    pub name: String,
    /// Its configuration, as it was given.
    #[serde(serialize_with = "shared")]
    pub config: Arc<Properties>,
    /// Its tasks.
    pub tasks: Vec<ConnectorTaskId>,
    /// `source`, or `unknown` without its plugin.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// One task with its configuration.
#[derive(Debug, Serialize)]
pub struct TaskInfo {
    /// Its connector and number.
    pub id: ConnectorTaskId,
    /// Its configuration.
    #[serde(serialize_with = "shared")]
    pub config: Arc<Properties>,
}

/// The states of a connector and its tasks.
#[derive(Debug, Serialize)]
pub struct ConnectorStatus {
    /// Its name.
    pub name: String,
    /// The connector itself.
    pub connector: ConnectorState,
    /// Its tasks.
    pub tasks: Vec<TaskState>,
    /// `source`, or `unknown` without its plugin.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// A connector's own state.
#[derive(Debug, Serialize)]
pub struct ConnectorState {
    /// The state.
    pub state: State,
    /// Who says so.
    pub worker_id: String,
    /// The plugin's version, if it was loaded.
    pub version: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

/// A task's state.
#[derive(Debug, Serialize)]
pub struct TaskState {
    /// Its number.
    pub id: u32,
    /// The state.
    pub state: State,
    /// Who says so.
    pub worker_id: String,
    /// The plugin's version, if it was loaded.
    pub version: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

impl ConnectorStatus {
    pub(super) fn new(name: &str, status: Status, tasks: Vec<(u32, Status)>, kind: &'static str) -> Self {
        ConnectorStatus {
            name: name.to_owned(),
            connector: ConnectorState {
                state: status.state,
                worker_id: status.worker_id,
                version: status.version,
                trace: status.trace,
            },
            tasks: tasks
                .into_iter()
                .map(|(task, status)| TaskState::new(task, status))
                .collect(),
            kind,
        }
    }
}

impl TaskState {
    pub(super) fn new(id: u32, status: Status) -> Self {
        TaskState {
            id,
            state: status.state,
            worker_id: status.worker_id,
            version: status.version,
            trace: status.trace,
        }
    }
}

fn shared<S: Serializer>(properties: &Arc<Properties>, serializer: S) -> Result<S::Ok, S::Error> {
    properties.serialize(serializer)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{ConnectorStatus, Status, TaskState};

    fn status(recorded: &Value) -> Status {
        let text = |key: &str| recorded[key].as_str().map(str::to_owned);
        Status {
            state: serde_json::from_value(recorded["state"].clone()).expect("a state"),
            trace: text("trace"),
            worker_id: text("worker_id").expect("a worker"),
            generation: 0,
            version: text("version"),
        }
    }

    fn number(recorded: &Value) -> u32 {
        recorded["id"]
            .as_u64()
            .and_then(|id| id.try_into().ok())
            .expect("a number")
    }

    /// What a real Kafka Connect 4.3.0 answered, byte for byte, failed tasks with their traces among it.
    #[test]
    fn statuses_are_written_as_recorded() {
        let mut compared = 0;
        for line in include_str!("../../tests/goldens/rest.jsonl").lines() {
            let line: Value = serde_json::from_str(line).expect("a line of JSON");
            let (path, text) = (
                line["path"].as_str().expect("a path"),
                line["resp"].as_str().expect("an answer"),
            );
            let recorded: Value = serde_json::from_str(text).expect("JSON");
            let ours = if path.contains("/tasks/") {
                serde_json::to_string(&TaskState::new(number(&recorded), status(&recorded)))
            } else if path.ends_with("/status") {
                let tasks = recorded["tasks"].as_array().expect("tasks").iter();
                serde_json::to_string(&ConnectorStatus::new(
                    recorded["name"].as_str().expect("a name"),
                    status(&recorded["connector"]),
                    tasks.map(|task| (number(task), status(task))).collect(),
                    "source",
                ))
            } else {
                continue;
            };
            assert_eq!(ours.expect("JSON"), text, "{path}");
            compared += 1;
        }
        assert!(compared >= 7, "{compared} answers");
    }
}
