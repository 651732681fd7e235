use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::record::{State, Status, StatusKey, StatusValue};
use super::{StatusTable, TopicStatus};
use crate::store::ConnectorTaskId;

/// A record that a real Kafka Connect 4.3.0 wrote.
pub(crate) struct Recorded {
    pub(crate) partition: i64,
    pub(crate) key: Vec<u8>,
    pub(crate) value: Option<Vec<u8>>,
}

/// What a real Kafka Connect 4.3.0 wrote to `topic`.
pub(crate) fn recorded(topic: &str) -> Vec<Recorded> {
    let lines = include_str!("../../../tests/goldens/connect-topics.jsonl").lines();
    let bytes = |value: &Value| value.as_str().map(|text| STANDARD.decode(text).expect("base64"));
    lines
        .map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"))
        .filter(|record| record["topic"] == topic)
        .map(|record| Recorded {
            partition: record["partition"].as_i64().expect("a partition"),
            key: bytes(&record["key_b64"]).expect("a key"),
            value: bytes(&record["value_b64"]),
        })
        .collect()
}

fn status(worker: &str, generation: i32) -> Status {
    Status {
        state: State::Running,
        trace: None,
        worker_id: worker.to_owned(),
        generation,
        version: None,
    }
}

#[test]
fn recorded_statuses_keep_their_bytes_and_partitions() {
    let records = recorded("connect-rec-status");
    assert!(records.len() > 50, "{} records", records.len());
    for record in records {
        let key = StatusKey::decode(&record.key).expect("a status key");
        assert_eq!(key.encode(), record.key);
        assert_eq!(
            i64::from(crate::kafka::partition_for_key(&record.key, 3)),
            record.partition
        );
        let value = StatusValue::decode(&key, record.value.as_deref()).expect("a status");
        assert_eq!(value.map(|value| value.encode().expect("JSON")), record.value);
    }
}

#[test]
fn names_with_dashes_and_colons_are_told_apart() {
    for key in [
        StatusKey::Connector("a-0".to_owned()),
        StatusKey::Task(ConnectorTaskId::new("a-0", 1)),
        StatusKey::Topic {
            topic: "t.connector-x".to_owned(),
            connector: "c:connector-d".to_owned(),
        },
    ] {
        assert_eq!(StatusKey::decode(&key.encode()), Some(key));
    }
    for foreign in ["", "status-task-a", "status-task-a-x", "status-topic-t", "other"] {
        assert_eq!(StatusKey::decode(foreign.as_bytes()), None, "{foreign}");
    }
}

#[test]
fn a_status_of_an_older_worker_without_a_version_is_read() {
    let key = StatusKey::Connector("c".to_owned());
    let value = br#"{"state":"RUNNING","worker_id":"w:1","generation":1}"#;
    assert_eq!(
        StatusValue::decode(&key, Some(value)),
        Some(Some(StatusValue::Status(status("w:1", 1))))
    );
    assert_eq!(StatusValue::decode(&key, Some(b"{")), None);
}

#[test]
fn the_table_is_the_latest_of_each_key() {
    let mut table = StatusTable::default();
    let id = ConnectorTaskId::new("c", 0);
    table.apply(StatusKey::Task(id.clone()), Some(StatusValue::Status(status("w:1", 3))));
    table.apply(
        StatusKey::Connector("c".to_owned()),
        Some(StatusValue::Status(status("w:1", 7))),
    );
    let topic = TopicStatus {
        name: "t".to_owned(),
        connector: "c".to_owned(),
        task: 0,
        discover_timestamp: 1,
    };
    let topic_key = StatusKey::Topic {
        topic: "t".to_owned(),
        connector: "c".to_owned(),
    };
    table.apply(topic_key.clone(), Some(StatusValue::Topic(topic)));
    assert_eq!((table.newest_generation(), table.topics["c"].len()), (7, 1));
    table.apply(StatusKey::Task(id.clone()), None);
    table.apply(topic_key, None);
    assert!(table.status(&StatusKey::Task(id)).is_none() && table.topics["c"].is_empty());
}

/// The states of connector and task after `running` and a later word of state `state`.
fn after(running: &Status, state: State, word: Status) -> [State; 2] {
    let id = ConnectorTaskId::new("c", 0);
    let word = Status { state, ..word };
    let mut table = StatusTable::default();
    for status in [running, &word] {
        for key in [StatusKey::Task(id.clone()), StatusKey::Connector("c".to_owned())] {
            table.apply(key, Some(StatusValue::Status(status.clone())));
        }
    }
    [table.connectors["c"].state, table.tasks[&id].state]
}

/// A worker that was suspended wakes up when its successor runs the task, and finds its producer fenced.
#[test]
fn what_a_predecessor_still_says_does_not_hide_the_successor() {
    let running = status("new:1", 4);
    for state in [State::Failed, State::Restarting, State::Running, State::Unassigned] {
        let states = after(&running, state, status("old:1", 3));
        assert_eq!(states, [State::Running; 2], "{state:?}");
        assert_eq!(
            after(&running, state, status("new:1", 3)),
            states,
            "{state:?}, from the same address"
        );
    }
    assert_eq!(after(&running, State::Failed, status("new:1", 4)), [State::Failed; 2]);
    assert_eq!(
        after(&running, State::Failed, status("newest:1", 5)),
        [State::Failed; 2]
    );
}

#[test]
fn a_farewell_of_the_same_generation_does_not_hide_the_successor_of_a_task() {
    let running = status("new:1", 4);
    assert_eq!(
        after(&running, State::Unassigned, status("old:1", 4))[1],
        State::Running
    );
    assert_eq!(
        after(&running, State::Unassigned, status("old:1", 5))[1],
        State::Unassigned
    );
    assert_eq!(
        after(&running, State::Unassigned, status("new:1", 4))[1],
        State::Unassigned
    );
}
