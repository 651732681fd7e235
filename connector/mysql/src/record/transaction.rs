//! [`TransactionRecords`]: where transactions begin and end, as records of a topic of their own, and [`TransactionPlace`], the
//! place of a change in its transaction (`provide.transaction.metadata`).

use std::sync::{Arc, LazyLock};

use connector_api::data::{Field, Schema, SchemaType, Value, ValueWriter, WriteError};
use connector_api::{HeaderSet, Partitioning, RecordPart, SourceRecord};

use super::topic::TopicNames;
use crate::config::MySqlConfig;
use crate::event_time::EventTime;
use crate::table_id::TableId;

/// The `transaction` block of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransactionPlace<'a> {
    /// The transaction.
    pub id: &'a str,
    /// The change's number among all of the transaction, from 1.
    pub total_order: i64,
    /// The same among those of its table.
    pub collection_order: i64,
}

impl TransactionPlace<'_> {
    /// The place of the change behind this one, which is of the same table.
    #[must_use]
    pub fn next(self) -> Self {
        TransactionPlace {
            total_order: self.total_order + 1,
            collection_order: self.collection_order + 1,
            ..self
        }
    }

    pub(super) fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        writer.begin_struct()?;
        writer.string(self.id)?;
        writer.int64(self.total_order)?;
        writer.int64(self.collection_order)?;
        writer.end_struct()
    }
}

/// Makes the records of boundaries of one task.
#[derive(Debug)]
pub struct TransactionRecords {
    topic: String,
    key: Arc<Schema>,
    value: Arc<Schema>,
    no_headers: Arc<HeaderSet>,
}

impl TransactionRecords {
    /// `None` if boundaries are not published.
    pub fn of(config: &MySqlConfig) -> Option<Self> {
        let ending = config.records.transaction_topic.as_deref()?;
        let named = |name: &str| {
            let name = format!("io.debezium.connector.common.{name}");
            config.records.schema_names.schema_name(&name).into_owned()
        };
        let options = &config.records;
        let topics = TopicNames::new(&config.topic_prefix, &options.topic_delimiter, options.topic_naming);
        Some(TransactionRecords {
            topic: topics.transactions(ending),
            key: Schema::structure(named("TransactionMetadataKey"), key_fields())
                .version(1)
                .shared(),
            value: Schema::structure(named("TransactionMetadataValue"), value_fields())
                .version(1)
                .shared(),
            no_headers: Arc::default(),
        })
    }

    /// Hands the record of the beginning of `id` to `send`.
    pub fn with_begin<R>(&self, id: &str, at: EventTime, send: impl FnOnce(SourceRecord<'_>) -> R) -> R {
        self.with_record(id, [text("BEGIN"), text(id), Value::Null, Value::Null], at, send)
    }

    /// Hands the record of the end of `id` to `send`. `counts` are the changes of each table.
    pub fn with_end<R>(
        &self,
        id: &str,
        counts: &[(&TableId, i64)],
        at: EventTime,
        send: impl FnOnce(SourceRecord<'_>) -> R,
    ) -> R {
        let all = counts.iter().map(|(_, count)| count).sum();
        let each = counts
            .iter()
            .map(|(table, count)| Value::Struct(vec![Value::String(table.to_string()), Value::Int64(*count)]));
        let fields = [text("END"), text(id), Value::Int64(all), Value::Array(each.collect())];
        self.with_record(id, fields, at, send)
    }

    fn with_record<R>(
        &self,
        id: &str,
        fields: [Value; 4],
        at: EventTime,
        send: impl FnOnce(SourceRecord<'_>) -> R,
    ) -> R {
        let key = Value::Struct(vec![text(id)]);
        let value = Value::Struct(fields.into_iter().chain([Value::Int64(at.millis())]).collect());
        send(SourceRecord {
            topic: &self.topic,
            partitioning: Partitioning::ByKey,
            key: Some(RecordPart {
                schema: &self.key,
                value: &key,
            }),
            value: Some(RecordPart {
                schema: &self.value,
                value: &value,
            }),
            headers: &[],
            shared_headers: &self.no_headers,
            committed_at_ms: Some(at.millis()),
        })
    }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn key_fields() -> Vec<Field> {
    vec![Field::new("id", Schema::new(SchemaType::String).shared())]
}

fn value_fields() -> Vec<Field> {
    let (text, long) = (Schema::new(SchemaType::String).shared(), Schema::new(SchemaType::Int64));
    let count = vec![
        Field::new("data_collection", Arc::clone(&text)),
        Field::new("event_count", long.clone().shared()),
    ];
    let count = Schema::structure("event.collection", count)
        .version(1)
        .optional()
        .shared();
    vec![
        Field::new("status", Arc::clone(&text)),
        Field::new("id", text),
        Field::new("event_count", long.clone().optional().shared()),
        Field::new(
            "data_collections",
            Schema::new(SchemaType::Array(count)).optional().shared(),
        ),
        Field::new("ts_ms", long.shared()),
    ]
}

/// The schema of the block. It is in every envelope, although it stays null without transaction metadata.
pub(super) fn block_schema() -> &'static Arc<Schema> {
    static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| {
        let long = Schema::new(SchemaType::Int64).shared();
        let fields = vec![
            Field::new("id", Schema::new(SchemaType::String).shared()),
            Field::new("total_order", Arc::clone(&long)),
            Field::new("data_collection_order", long),
        ];
        Schema::structure("event.block", fields).version(1).optional().shared()
    });
    &SCHEMA
}
