//! [`SchemaChangeRecords`]: DDL as records of a topic of its own (`include.schema.changes`).
//!
//! One record per statement and database, keyed by the database, always in partition 0. Statements are rare, so values
//! are built, not borrowed.

mod schema;

use std::sync::Arc;

use connector_api::data::{Value, ValueCollector, WriteError};
use connector_api::{HeaderSet, Partitioning, RecordPart, SourceRecord};

use self::schema::{key_schema, value_schema};
use super::context::RecordContext;
use super::source_info::SourceInfo;
use crate::event_time::EventTime;
use crate::schema::{Column, TableSchema, jdbc_type};
use crate::table_id::TableId;

/// One statement.
#[derive(Debug, Clone, Copy)]
pub struct SchemaChange<'a> {
    /// Where it comes from; `table` names every table it is about, separated by commas.
    pub source: &'a SourceInfo<'a>,
    /// When it is handled.
    pub handled_at: EventTime,
    /// The database it belongs to; `""` for the server's own settings.
    pub database: &'a str,
    /// Its text.
    pub ddl: &'a str,
    /// What it did to tables; nothing for statements about databases.
    pub tables: &'a [TableChange<'a>],
}

/// What a statement did to one table.
#[derive(Debug, Clone, Copy)]
pub enum TableChange<'a> {
    /// The table exists now, like this.
    Create(&'a TableSchema),
    /// The table is now like this.
    Alter(&'a TableSchema),
    /// The table is gone.
    Drop(&'a TableId),
}

/// Makes the schema-change records of one task.
#[derive(Debug)]
pub struct SchemaChangeRecords {
    topic: String,
    shared_headers: Arc<HeaderSet>,
}

impl SchemaChangeRecords {
    /// Records on the topic named after the source.
    pub fn new(context: &RecordContext) -> Self {
        SchemaChangeRecords {
            topic: context.topics.schema_changes(),
            shared_headers: Arc::clone(&context.shared_headers),
        }
    }

    /// Hands the record of `change` to `send`.
    ///
    /// # Errors
    /// If the `source` block cannot be written.
    pub fn with_record<R>(
        &self,
        change: &SchemaChange<'_>,
        send: impl FnOnce(&[SourceRecord<'_>]) -> R,
    ) -> Result<R, WriteError> {
        let key = Value::Struct(vec![text(change.database)]);
        let value = Value::Struct(vec![
            ValueCollector::collect(change.source)?,
            Value::Int64(change.handled_at.millis()),
            text(change.database),
            Value::Null,
            text(change.ddl),
            Value::Array(change.tables.iter().map(table_change).collect()),
        ]);
        Ok(send(&[SourceRecord {
            topic: &self.topic,
            partitioning: Partitioning::Fixed(0),
            key: Some(RecordPart {
                schema: key_schema(),
                value: &key,
            }),
            value: Some(RecordPart {
                schema: value_schema(),
                value: &value,
            }),
            headers: &[],
            shared_headers: &self.shared_headers,
            committed_at_ms: Some(change.source.committed_at.millis()),
        }]))
    }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn optional_text(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| Value::String(text.to_owned()))
}

fn table_change(change: &TableChange<'_>) -> Value {
    let (kind, id, table) = match change {
        TableChange::Create(table) => ("CREATE", &table.id, table_value(table)),
        TableChange::Alter(table) => ("ALTER", &table.id, table_value(table)),
        TableChange::Drop(id) => ("DROP", *id, Value::Null),
    };
    Value::Struct(vec![
        text(kind),
        Value::String(format!("\"{}\".\"{}\"", id.database, id.table)),
        table,
    ])
}

fn table_value(table: &TableSchema) -> Value {
    let columns = table
        .columns
        .iter()
        .zip(1..)
        .map(|(column, position)| column_value(column, position));
    Value::Struct(vec![
        optional_text(table.default_charset.as_deref()),
        Value::Array(table.key.iter().map(|name| text(name)).collect()),
        Value::Array(columns.collect()),
        optional_text(table.comment.as_deref()),
    ])
}

fn column_value(column: &Column, position: i32) -> Value {
    let number = |number: Option<i32>| number.map_or(Value::Null, Value::Int32);
    let enum_values = match column.enum_values.is_empty() {
        true => Value::Null,
        false => Value::Array(
            column
                .enum_values
                .iter()
                .map(|value| Value::String(quoted(value)))
                .collect(),
        ),
    };
    Value::Struct(vec![
        text(&column.name),
        Value::Int32(jdbc_type(&column.type_name)),
        Value::Null,
        text(&column.type_name),
        text(&column.type_name),
        optional_text(column.charset.as_deref()),
        number(column.length),
        number(column.scale),
        Value::Int32(position),
        Value::Boolean(column.optional),
        Value::Boolean(column.auto_incremented),
        Value::Boolean(column.generated),
        optional_text(column.comment.as_deref()),
        optional_text(column.default.as_ref().and_then(|text| text.as_deref())),
        enum_values,
    ])
}

/// Debezium keeps the values of an ENUM as the statement spells them.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests;
