//! What a message of Kafka's is in a recording.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use harness::kafka_reader::Record as KafkaRecord;
use harness::murmur2::partition_of;
use serde_json::{Map, Value, json};

use super::recording::Recording;

/// A time that was not the clock's: an event's own.
pub(super) fn given_time(message: &KafkaRecord) -> Option<i64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let yesterday = i64::try_from((now - Duration::from_secs(86_400)).as_millis()).unwrap_or_default();
    (message.timestamp_ms < yesterday).then_some(message.timestamp_ms)
}

/// JSON, or what a converter of plain text wrote.
pub(super) fn document(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into())
}

/// What a JsonConverter wrote, with its schema or without.
pub(super) fn json_part(recording: &mut Recording, mut document: Value) -> Value {
    let is_with_schema = |fields: &Map<String, Value>| fields.keys().eq(["schema", "payload"]);
    if document.as_object().is_some_and(is_with_schema) {
        let number = recording.schema_number(&document["schema"].to_string());
        return json!({"schema": number, "value": document["payload"].take()});
    }
    json!({"json": document})
}

/// A schema change of the mark's database, in its topic or in the history.
pub(super) fn is_of_mark(value: &Value) -> bool {
    ["json", "value"]
        .iter()
        .any(|part| value[part]["databaseName"] == "recorder")
}

/// Depends on the schema's id in the key's first bytes: where there are several, only the rule can be compared.
pub(super) fn partition(message: &KafkaRecord, partitions: i32) -> Value {
    match &message.key {
        Some(key) if partitions > 1 && partition_of(key, partitions) == message.partition => "of the key".into(),
        _ => message.partition.into(),
    }
}
