//! Source offsets: their bytes, and [`OffsetStore`], what the topic says about every connector.
//!
//! A record's key is `["<connector>",<partition>]`, its value the offset, both compact JSON: exactly the bytes that Kafka
//! Connect's `JsonConverter` writes without schemas, because the key's bytes choose the partition of the topic. A record
//! without a value takes the offset back.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use connector_api::{ConnectError, SourceOffset, SourcePartition};
use serde_json::{Map, Value};
use tracing::warn;

use super::topic_log::{LogView, TopicLog};
use crate::kafka::{ClientSettings, Isolation, LogRecord};

/// The key under which the offset of `connector`'s `partition` is stored.
pub fn encode_key(connector: &str, partition: &SourcePartition) -> Vec<u8> {
    Value::Array(vec![Value::from(connector), Value::Object(partition.0.clone())])
        .to_string()
        .into_bytes()
}

/// The connector and partition of a stored key; `None` if it is not one of Kafka Connect's.
pub fn decode_key(key: &[u8]) -> Option<(String, Option<SourcePartition>)> {
    let Ok(Value::Array(parts)) = serde_json::from_slice(key) else {
        return None;
    };
    let mut parts = parts.into_iter();
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Value::String(connector)), Some(Value::Object(partition)), None) => {
            Some((connector, Some(SourcePartition(partition))))
        }
        // Written by Kafka Connect when an offset is altered without naming a partition.
        (Some(Value::String(connector)), Some(Value::Null), None) => Some((connector, None)),
        _ => None,
    }
}

/// The value under which `offset` is stored.
pub fn encode_value(offset: &SourceOffset) -> Vec<u8> {
    Value::Object(offset.0.clone()).to_string().into_bytes()
}

/// The offset of a stored value.
pub fn decode_value(value: &[u8]) -> Result<SourceOffset, ConnectError> {
    serde_json::from_slice::<Map<String, Value>>(value).map(SourceOffset).map_err(|error| {
        ConnectError::fatal(
            "the stored offset is not a JSON object; reset it with DELETE /connectors/{connector}/offsets while the connector is stopped",
        )
        .caused_by(error)
    })
}

/// Offsets of one connector by the JSON text of their partition.
type Partitions = BTreeMap<String, (SourcePartition, SourceOffset)>;

/// What the topic says, and how far it was read to say so.
#[derive(Default)]
struct Known {
    connectors: BTreeMap<String, Partitions>,
    /// Behind the newest record of each of the topic's partitions.
    read_up_to: BTreeMap<i32, i64>,
}

/// The offsets of every connector, as far as transactions have committed.
pub struct OffsetStore {
    known: Arc<RwLock<Known>>,
    log: TopicLog,
}

impl OffsetStore {
    /// Begins to read `topic`.
    pub(crate) fn open(consumer: ClientSettings, topic: &str) -> Self {
        let known = Arc::default();
        let view = OffsetView {
            known: Arc::clone(&known),
        };
        OffsetStore {
            known,
            log: TopicLog::open(consumer, topic, Isolation::ReadCommitted, view),
        }
    }

    /// The log, to wait for.
    pub(crate) fn log(&self) -> &TopicLog {
        &self.log
    }

    /// Every partition of `connector` with its offset.
    pub fn offsets(&self, connector: &str) -> Vec<(SourcePartition, SourceOffset)> {
        self.offsets_so_far(connector).0
    }

    /// The same, and behind which offset of each of the topic's partitions something could be that says otherwise.
    pub fn offsets_so_far(&self, connector: &str) -> (Vec<(SourcePartition, SourceOffset)>, BTreeMap<i32, i64>) {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let offsets = known
            .connectors
            .get(connector)
            .map(|partitions| partitions.values().cloned().collect())
            .unwrap_or_default();
        (offsets, known.read_up_to.clone())
    }
}

struct OffsetView {
    known: Arc<RwLock<Known>>,
}

impl LogView for OffsetView {
    fn clear(&mut self) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Known::default();
    }

    fn apply(&mut self, record: LogRecord<'_>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.read_up_to.insert(record.partition, record.offset + 1);
        let Some((connector, Some(partition))) = record.key.and_then(decode_key) else {
            return;
        };
        let name = Value::Object(partition.0.clone()).to_string();
        let partitions = known.connectors.entry(connector.clone()).or_default();
        match record.value.map(decode_value) {
            None => {
                partitions.remove(&name);
            }
            Some(Ok(offset)) => {
                partitions.insert(name, (partition, offset));
            }
            Some(Err(error)) => warn!(connector, offset = record.offset, %error, "ignoring a stored offset"),
        }
    }

    fn publish(&mut self) {}
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{SourceOffset, SourcePartition, decode_key, decode_value, encode_key, encode_value};
    use crate::store::status::tests::recorded;

    #[test]
    fn recorded_offsets_keep_their_bytes() {
        let records = recorded("connect-rec-offsets");
        assert!(records.len() > 10, "{} records", records.len());
        for record in records {
            let (connector, partition) = decode_key(&record.key).expect("a key of Kafka Connect's");
            if let Some(partition) = partition {
                assert_eq!(encode_key(&connector, &partition), record.key);
            }
            if let Some(value) = record.value {
                assert_eq!(encode_value(&decode_value(&value).expect("an offset")), value);
            }
        }
    }

    #[test]
    fn the_key_is_the_text_kafka_connect_writes() {
        let key = encode_key("c \"1\"", &SourcePartition::single("server", "p"));
        assert_eq!(String::from_utf8(key).unwrap(), r#"["c \"1\"",{"server":"p"}]"#);
    }

    #[test]
    fn foreign_keys_are_no_offsets() {
        for key in ["", "x", "{}", "[]", r#"["c"]"#, r#"[1,{}]"#, r#"["c",{},1]"#] {
            assert!(decode_key(key.as_bytes()).is_none(), "{key}");
        }
    }

    #[test]
    fn an_offset_that_is_no_object_is_refused_with_the_way_out() {
        let error = decode_value(b"7").expect_err("not an object").to_string();
        assert!(error.contains("DELETE /connectors/"), "{error}");
        let Ok(SourceOffset(map)) = decode_value(br#"{"file":"x","pos":4}"#) else {
            panic!("an object")
        };
        assert_eq!(map.get("pos"), Some(&json!(4)));
    }
}
