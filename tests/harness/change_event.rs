//! [`ChangeEvent`]: a record of a table's topic, decoded.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::kafka_reader::Record;
use crate::registry::Registry;

/// What a record says happened to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// `r`
    Read,
    /// `c`
    Create,
    /// `u`
    Update,
    /// `d`
    Delete,
    /// A record without a value.
    Tombstone,
}

/// One record. Absent parts are `Null`.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeEvent {
    pub partition: i32,
    pub offset: i64,
    /// The key's bytes, for the sake of its partition.
    pub key_bytes: Option<Vec<u8>>,
    pub key: Value,
    pub operation: Operation,
    pub before: Value,
    pub after: Value,
    pub source: Value,
    /// Header `__debezium.oldkey`.
    pub old_key: Value,
    /// Header `__debezium.newkey`.
    pub new_key: Value,
}

impl ChangeEvent {
    /// Decodes a record.
    pub async fn decode(record: &Record, registry: &mut Registry) -> Result<Self> {
        let place = || format!("record {}-{}@{}", record.topic, record.partition, record.offset);
        let key = match &record.key {
            Some(bytes) => registry.decode(bytes).await.with_context(place)?,
            None => Value::Null,
        };
        let mut envelope = match &record.value {
            Some(bytes) => registry.decode(bytes).await.with_context(place)?,
            None => Value::Null,
        };
        let operation = match (&record.value, envelope["op"].as_str()) {
            (None, _) => Operation::Tombstone,
            (Some(_), Some("r")) => Operation::Read,
            (Some(_), Some("c")) => Operation::Create,
            (Some(_), Some("u")) => Operation::Update,
            (Some(_), Some("d")) => Operation::Delete,
            (Some(_), other) => anyhow::bail!("{}: operation {other:?}", place()),
        };
        let mut part = |name: &str| envelope.get_mut(name).map(Value::take).unwrap_or_default();
        Ok(ChangeEvent {
            partition: record.partition,
            offset: record.offset,
            key_bytes: record.key.clone(),
            key,
            operation,
            before: part("before"),
            after: part("after"),
            source: part("source"),
            old_key: header(record, "__debezium.oldkey").with_context(place)?,
            new_key: header(record, "__debezium.newkey").with_context(place)?,
        })
    }

    /// Decodes all of a topic.
    pub async fn decode_all(records: &[Record], registry: &mut Registry) -> Result<Vec<Self>> {
        let mut events = Vec::with_capacity(records.len());
        for record in records {
            events.push(ChangeEvent::decode(record, registry).await?);
        }
        Ok(events)
    }

    /// `partition@offset`
    pub fn place(&self) -> String {
        format!("{}@{}", self.partition, self.offset)
    }
}

fn header(record: &Record, name: &str) -> Result<Value> {
    match record.headers.iter().find(|(header, _)| header == name) {
        Some((_, value)) => {
            serde_json::from_slice(value.as_deref().unwrap_or(b"null")).with_context(|| format!("header {name}"))
        }
        None => Ok(Value::Null),
    }
}
