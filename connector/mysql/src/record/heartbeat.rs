//! [`HeartbeatRecords`]: records that say the source is alive although nothing changed.

use std::sync::{Arc, LazyLock};

use connector_api::data::{Field, Schema, SchemaType, Value};
use connector_api::{HeaderSet, Partitioning, RecordPart, SourceRecord};

use crate::event_time::EventTime;

/// Makes the heartbeats of one source.
#[derive(Debug)]
pub struct HeartbeatRecords {
    topic: String,
    key: Value,
    no_headers: Arc<HeaderSet>,
}

impl HeartbeatRecords {
    /// Heartbeats of the source called `topic_prefix`, on `topic`.
    pub fn new(topic: impl Into<String>, topic_prefix: impl Into<String>) -> Self {
        let key = Value::Struct(vec![Value::String(topic_prefix.into())]);
        HeartbeatRecords {
            topic: topic.into(),
            key,
            no_headers: Arc::default(),
        }
    }

    /// Hands the heartbeat of `at` to `send`.
    pub fn with_record<R>(&self, at: EventTime, send: impl FnOnce(&[SourceRecord<'_>]) -> R) -> R {
        let value = Value::Struct(vec![Value::Int64(at.millis())]);
        send(&[SourceRecord {
            topic: &self.topic,
            partitioning: Partitioning::Fixed(0),
            key: Some(RecordPart {
                schema: key_schema(),
                value: &self.key,
            }),
            value: Some(RecordPart {
                schema: value_schema(),
                value: &value,
            }),
            headers: &[],
            shared_headers: &self.no_headers,
            committed_at_ms: None,
        }])
    }
}

fn key_schema() -> &'static Arc<Schema> {
    static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| {
        let fields = vec![Field::new("serverName", Schema::new(SchemaType::String).shared())];
        Schema::structure("io.debezium.connector.common.ServerNameKey", fields)
            .version(1)
            .shared()
    });
    &SCHEMA
}

fn value_schema() -> &'static Arc<Schema> {
    static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| {
        let fields = vec![Field::new("ts_ms", Schema::new(SchemaType::Int64).shared())];
        Schema::structure("io.debezium.connector.common.Heartbeat", fields)
            .version(1)
            .shared()
    });
    &SCHEMA
}

#[cfg(test)]
mod tests {
    use connector_api::data::ValueCollector;

    use super::*;

    #[test]
    fn a_heartbeat_names_the_source_and_the_time() {
        let heartbeats = HeartbeatRecords::new("__debezium-heartbeat.p", "p");
        heartbeats.with_record(EventTime::from_micros(7_000), |records| {
            let [record] = records else { panic!("one record") };
            assert_eq!(
                (record.topic, record.partitioning),
                ("__debezium-heartbeat.p", Partitioning::Fixed(0))
            );
            let (key, value) = (record.key.unwrap(), record.value.unwrap());
            assert_eq!(
                ValueCollector::collect(key.value).unwrap(),
                Value::Struct(vec![Value::String("p".into())])
            );
            assert_eq!(
                ValueCollector::collect(value.value).unwrap(),
                Value::Struct(vec![Value::Int64(7)])
            );
            assert_eq!(key.schema.fields()[0].name, "serverName");
            assert_eq!(value.schema.fields()[0].name, "ts_ms");
            assert!(record.shared_headers.0.is_empty());
        });
    }
}
