//! [`ConfigRecord`]: one record of the config topic, and its bytes.

use std::sync::Arc;

use connector_api::ConfigMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::store::ConnectorTaskId;

/// A configuration as it is stored: in the order in which it was given. Comparing ignores the order.
#[derive(Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Properties(Map<String, Value>);

/// Passwords are among the values, so only the keys are shown.
impl std::fmt::Debug for Properties {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Properties {
    /// The value of `key`.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(Value::as_str)
    }

    /// Sets `key`, at the end if it is new.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.0.insert(key.to_owned(), Value::String(value.into()));
    }

    /// What was given, a null as `None`: it is kept for whoever compares what is stored with what was sent.
    pub fn from_values(values: Vec<(String, Option<String>)>) -> Self {
        let values = values.into_iter();
        Properties(
            values
                .map(|(key, value)| (key, value.map_or(Value::Null, Value::String)))
                .collect(),
        )
    }

    /// Removes `key`.
    pub fn remove(&mut self, key: &str) {
        self.0.shift_remove(key);
    }

    /// As connectors take it. A key whose value is null counts as absent.
    pub fn to_map(&self) -> ConfigMap {
        self.0
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect()
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Properties {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(pairs: T) -> Self {
        Properties(
            pairs
                .into_iter()
                .map(|(key, value)| (key.into(), Value::String(value.into())))
                .collect(),
        )
    }
}

/// What the user wants a connector to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TargetState {
    /// Its tasks run.
    #[default]
    Started,
    /// Its tasks exist and rest.
    Paused,
    /// It has no tasks; its offsets may be changed.
    Stopped,
}

/// A wish to start a connector, and perhaps its tasks, again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RestartRequest {
    /// The tasks too.
    pub include_tasks: bool,
    /// Only what has failed.
    pub only_failed: bool,
}

/// The key by which workers sign their calls to each other; written by each new leader.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SessionKey {
    /// The key's bytes in base64.
    pub key: String,
    /// Always HmacSHA256.
    pub algorithm: String,
    /// Milliseconds since the epoch.
    pub creation_timestamp: i64,
    /// The generation of the worker that wrote it. Ours: Kafka Connect writes none, and does not mind one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<i32>,
}

/// A secret: only its age is shown.
impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SessionKey(created {})", self.creation_timestamp)
    }
}

/// One record. A record without a value takes its key back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigRecord {
    /// `connector-<name>`; without a value: the connector was deleted.
    Connector(String, Option<Arc<Properties>>),
    /// `task-<name>-<number>`; in force only from the next [`Commit`](Self::Commit) on.
    Task(ConnectorTaskId, Option<Arc<Properties>>),
    /// `commit-<name>`: the connector has this many tasks, whose configurations precede.
    Commit(String, Option<u32>),
    /// `target-state-<name>`.
    TargetState(String, Option<TargetState>),
    /// `tasks-fencing-<name>`: the producers of all earlier tasks are fenced; so many tasks may start.
    TasksFencing(String, Option<u32>),
    /// `restart-connector-<name>`.
    Restart(String, Option<RestartRequest>),
    /// `session-key`.
    SessionKey(Option<SessionKey>),
    /// `logger-cluster-<namespace>`: the level of a logger on all workers.
    Logger(String, Option<String>),
}

/// A record with a key of ours whose value is not what it should be.
#[derive(Debug, Error)]
#[error("record `{key}` of the config topic is malformed")]
pub struct MalformedRecord {
    key: String,
    source: serde_json::Error,
}

#[derive(Serialize, Deserialize)]
struct PropertiesValue {
    properties: Map<String, Value>,
}

#[derive(Serialize, Deserialize)]
struct CommitValue {
    tasks: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct FencingValue {
    task_count: u32,
}

#[derive(Serialize, Deserialize)]
struct LoggerValue {
    level: String,
}

/// Workers older than 3.5 know only STARTED and PAUSED; they read `state`, newer ones `state.v2`.
#[derive(Serialize, Deserialize)]
struct TargetStateValue {
    state: OldTargetState,
    #[serde(rename = "state.v2", default, skip_serializing_if = "Option::is_none")]
    state_v2: Option<NewTargetState>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum OldTargetState {
    Started,
    Paused,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum NewTargetState {
    Started,
    Paused,
    Stopped,
}

impl ConfigRecord {
    /// Reads a record. `None`: the key is none of Kafka Connect's, or of a kind we do not know.
    pub fn decode(key: &[u8], value: Option<&[u8]>) -> Result<Option<Self>, MalformedRecord> {
        let Ok(key) = std::str::from_utf8(key) else {
            return Ok(None);
        };
        let malformed = |source| MalformedRecord {
            key: key.to_owned(),
            source,
        };
        let record = if let Some(name) = key.strip_prefix("connector-") {
            ConfigRecord::Connector(name.to_owned(), properties(value).map_err(malformed)?)
        } else if let Some(id) = key.strip_prefix("task-") {
            let Some((connector, task)) = id.rsplit_once('-') else {
                return Ok(None);
            };
            let Ok(task) = task.parse() else { return Ok(None) };
            ConfigRecord::Task(
                ConnectorTaskId::new(connector, task),
                properties(value).map_err(malformed)?,
            )
        } else if let Some(name) = key.strip_prefix("commit-") {
            let commit: Option<CommitValue> = parse(value).map_err(malformed)?;
            ConfigRecord::Commit(name.to_owned(), commit.map(|commit| commit.tasks))
        } else if let Some(name) = key.strip_prefix("target-state-") {
            let state: Option<TargetStateValue> = parse(value).map_err(malformed)?;
            ConfigRecord::TargetState(name.to_owned(), state.map(TargetState::from))
        } else if let Some(name) = key.strip_prefix("tasks-fencing-") {
            let fencing: Option<FencingValue> = parse(value).map_err(malformed)?;
            ConfigRecord::TasksFencing(name.to_owned(), fencing.map(|fencing| fencing.task_count))
        } else if let Some(name) = key.strip_prefix("restart-connector-") {
            ConfigRecord::Restart(name.to_owned(), parse(value).map_err(malformed)?)
        } else if let Some(namespace) = key.strip_prefix("logger-cluster-") {
            let logger: Option<LoggerValue> = parse(value).map_err(malformed)?;
            ConfigRecord::Logger(namespace.to_owned(), logger.map(|logger| logger.level))
        } else if key == "session-key" {
            ConfigRecord::SessionKey(parse(value).map_err(malformed)?)
        } else {
            return Ok(None);
        };
        Ok(Some(record))
    }

    /// The record's key.
    pub fn key(&self) -> String {
        match self {
            ConfigRecord::Connector(name, _) => format!("connector-{name}"),
            ConfigRecord::Task(id, _) => format!("task-{id}"),
            ConfigRecord::Commit(name, _) => format!("commit-{name}"),
            ConfigRecord::TargetState(name, _) => format!("target-state-{name}"),
            ConfigRecord::TasksFencing(name, _) => format!("tasks-fencing-{name}"),
            ConfigRecord::Restart(name, _) => format!("restart-connector-{name}"),
            ConfigRecord::SessionKey(_) => "session-key".to_owned(),
            ConfigRecord::Logger(namespace, _) => format!("logger-cluster-{namespace}"),
        }
    }

    /// The record's value, fields in Kafka Connect's order.
    pub fn value(&self) -> Result<Option<Vec<u8>>, serde_json::Error> {
        match self {
            ConfigRecord::Connector(_, properties) | ConfigRecord::Task(_, properties) => {
                json(properties.as_ref().map(|properties| PropertiesValue {
                    properties: properties.0.clone(),
                }))
            }
            ConfigRecord::Commit(_, tasks) => json(tasks.map(|tasks| CommitValue { tasks })),
            ConfigRecord::TargetState(_, state) => json(state.map(TargetStateValue::from)),
            ConfigRecord::TasksFencing(_, count) => json(count.map(|task_count| FencingValue { task_count })),
            ConfigRecord::Restart(_, request) => json(*request),
            ConfigRecord::SessionKey(session_key) => json(session_key.as_ref()),
            ConfigRecord::Logger(_, level) => json(level.clone().map(|level| LoggerValue { level })),
        }
    }
}

fn properties(value: Option<&[u8]>) -> Result<Option<Arc<Properties>>, serde_json::Error> {
    Ok(parse::<PropertiesValue>(value)?.map(|value| Arc::new(Properties(value.properties))))
}

fn parse<T: for<'a> Deserialize<'a>>(value: Option<&[u8]>) -> Result<Option<T>, serde_json::Error> {
    value.map(serde_json::from_slice).transpose()
}

fn json(value: Option<impl Serialize>) -> Result<Option<Vec<u8>>, serde_json::Error> {
    value.map(|value| serde_json::to_vec(&value)).transpose()
}

impl From<TargetStateValue> for TargetState {
    fn from(value: TargetStateValue) -> Self {
        match (value.state_v2, value.state) {
            (Some(NewTargetState::Started), _) | (None, OldTargetState::Started) => TargetState::Started,
            (Some(NewTargetState::Paused), _) | (None, OldTargetState::Paused) => TargetState::Paused,
            (Some(NewTargetState::Stopped), _) => TargetState::Stopped,
        }
    }
}

impl From<TargetState> for TargetStateValue {
    fn from(state: TargetState) -> Self {
        let (state, state_v2) = match state {
            TargetState::Started => (OldTargetState::Started, NewTargetState::Started),
            TargetState::Paused => (OldTargetState::Paused, NewTargetState::Paused),
            TargetState::Stopped => (OldTargetState::Paused, NewTargetState::Stopped),
        };
        TargetStateValue {
            state,
            state_v2: Some(state_v2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ConfigRecord, Properties, TargetState};
    use crate::store::ConnectorTaskId;
    use crate::store::status::tests::recorded;

    #[test]
    fn recorded_configs_keep_their_bytes() {
        let records = recorded("connect-rec-configs");
        assert!(records.len() > 50, "{} records", records.len());
        for record in records {
            let key = String::from_utf8_lossy(&record.key).into_owned();
            let decoded = ConfigRecord::decode(&record.key, record.value.as_deref()).expect("well-formed");
            let decoded = decoded.unwrap_or_else(|| panic!("{key} is unknown"));
            assert_eq!(decoded.key(), key);
            assert_eq!(decoded.value().expect("JSON"), record.value, "{key}");
        }
    }

    #[test]
    fn stopped_looks_paused_to_older_workers_and_their_records_are_read() {
        let stopped = ConfigRecord::TargetState("c".to_owned(), Some(TargetState::Stopped));
        let value = stopped.value().unwrap().unwrap();
        assert_eq!(
            String::from_utf8(value).unwrap(),
            r#"{"state":"PAUSED","state.v2":"STOPPED"}"#
        );
        for (value, state) in [
            (r#"{"state":"STARTED"}"#, TargetState::Started),
            (r#"{"state":"PAUSED"}"#, TargetState::Paused),
            (r#"{"state":"PAUSED","state.v2":"STOPPED"}"#, TargetState::Stopped),
        ] {
            let decoded = ConfigRecord::decode(b"target-state-c", Some(value.as_bytes())).unwrap();
            assert_eq!(
                decoded,
                Some(ConfigRecord::TargetState("c".to_owned(), Some(state))),
                "{value}"
            );
        }
    }

    #[test]
    fn foreign_keys_are_ignored_and_malformed_values_named() {
        for foreign in ["", "zzz", "task-c", "task-c-x", "rowmill-something"] {
            assert!(
                ConfigRecord::decode(foreign.as_bytes(), Some(b"{")).is_ok_and(|record| record.is_none()),
                "{foreign}"
            );
        }
        for (key, value) in [
            ("connector-c", "[]"),
            ("commit-c", r#"{"tasks":-1}"#),
            ("target-state-c", r#"{"state":"WAT"}"#),
        ] {
            let error = ConfigRecord::decode(key.as_bytes(), Some(value.as_bytes())).expect_err(value);
            assert!(error.to_string().contains(key));
        }
    }

    #[test]
    fn a_task_of_a_name_with_dashes_is_told_by_the_last_one() {
        let decoded = ConfigRecord::decode(b"task-a-1-0", Some(br#"{"properties":{}}"#)).unwrap();
        let expected = ConfigRecord::Task(ConnectorTaskId::new("a-1", 0), Some(Properties::default().into()));
        assert_eq!(decoded, Some(expected));
    }

    #[test]
    fn properties_compare_without_order_and_print_without_values() {
        let one: Properties = [("a", "1"), ("password", "canary")].into_iter().collect();
        let other: Properties = [("password", "canary"), ("a", "1")].into_iter().collect();
        assert_eq!(one, other);
        assert!(!format!("{one:?}").contains("canary"));
    }
}
