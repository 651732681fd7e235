//! [`HistoryRecord`]: one record of the schema history topic, in Debezium's form, read and written.
//!
//! Written records have the fields, the order, the nulls and the layout of Debezium's (`HistoryRecord` and
//! `JsonTableChangeSerializer` there). Reading takes whatever releases of it wrote: unknown fields do not matter, missing
//! ones that have a meaning when absent do not either.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use thiserror::Error;

use super::change::TableChange;
use super::ddl::{quoted_text, unquoted_text};
use super::history_json::to_pretty_json;
use super::jdbc_type::jdbc_type;
use super::table::{Column, TableSchema};
use crate::table_id::TableId;

/// A record.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryRecord {
    /// Whose it is: the partition of the connector's offsets, `{"server":"<topic.prefix>"}`.
    pub source: Map<String, Value>,
    /// Where the statement stands: an offset, before the statement's own GTID.
    pub position: Map<String, Value>,
    /// When it was handled, in milliseconds.
    pub ts_ms: Option<i64>,
    /// The database; empty for the server's own settings.
    pub database: Option<String>,
    /// The statement.
    pub ddl: Option<String>,
    /// What it did to tables, if the record says so.
    pub changes: Option<Vec<TableChange>>,
}

/// A record that is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HistoryRecordError {
    /// It is not JSON.
    #[error("it is not JSON: {0}")]
    NotJson(String),
    /// A field is missing or has the wrong type.
    #[error("its {0} is missing or malformed")]
    Malformed(&'static str),
}

type Fields = Map<String, Value>;

impl HistoryRecord {
    /// The record's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut record = Fields::new();
        record.insert("source".to_owned(), Value::Object(self.source.clone()));
        record.insert("position".to_owned(), Value::Object(self.position.clone()));
        if let Some(ts_ms) = self.ts_ms {
            record.insert("ts_ms".to_owned(), ts_ms.into());
        }
        if let Some(database) = &self.database {
            record.insert("databaseName".to_owned(), database.as_str().into());
        }
        if let Some(ddl) = &self.ddl {
            record.insert("ddl".to_owned(), ddl.as_str().into());
        }
        if let Some(changes) = &self.changes {
            record.insert("tableChanges".to_owned(), changes.iter().map(change_to_json).collect());
        }
        to_pretty_json(&Value::Object(record))
    }

    /// Reads a record's bytes.
    pub fn decode(bytes: &[u8]) -> Result<HistoryRecord, HistoryRecordError> {
        let record: Value =
            serde_json::from_slice(bytes).map_err(|error| HistoryRecordError::NotJson(error.to_string()))?;
        let object = |name: &'static str| {
            record
                .get(name)
                .and_then(Value::as_object)
                .cloned()
                .ok_or(HistoryRecordError::Malformed(name))
        };
        let changes = match record.get("tableChanges") {
            None | Some(Value::Null) => None,
            Some(changes) => {
                let changes = changes
                    .as_array()
                    .ok_or(HistoryRecordError::Malformed("tableChanges"))?;
                Some(changes.iter().map(change_from_json).collect::<Result<_, _>>()?)
            }
        };
        Ok(HistoryRecord {
            source: object("source")?,
            position: object("position")?,
            ts_ms: record.get("ts_ms").and_then(Value::as_i64),
            database: text(&record, "databaseName"),
            ddl: text(&record, "ddl"),
            changes,
        })
    }
}

fn text(fields: &Value, name: &str) -> Option<String> {
    fields.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn change_to_json(change: &TableChange) -> Value {
    match change {
        TableChange::Create(table) => change_of("CREATE", &table.id, None, Some(table)),
        TableChange::Alter { table, previous } => change_of("ALTER", &table.id, previous.as_ref(), Some(table)),
        TableChange::Drop(id) => change_of("DROP", id, None, None),
    }
}

fn change_of(kind: &str, id: &TableId, previous: Option<&TableId>, table: Option<&Arc<TableSchema>>) -> Value {
    let mut change = Fields::new();
    change.insert("type".to_owned(), kind.into());
    change.insert("id".to_owned(), id_to_text(id).into());
    if let Some(previous) = previous {
        change.insert("previousId".to_owned(), id_to_text(previous).into());
    }
    if let Some(table) = table {
        let columns = table
            .columns
            .iter()
            .zip(1..)
            .map(|(column, position)| column_to_json(column, position));
        change.insert(
            "table".to_owned(),
            json!({
                "defaultCharsetName": table.default_charset,
                "primaryKeyColumnNames": table.key,
                "columns": columns.collect::<Vec<Value>>(),
                "attributes": [],
            }),
        );
        change.insert("comment".to_owned(), table.comment.clone().into());
    }
    Value::Object(change)
}

fn column_to_json(column: &Column, position: usize) -> Value {
    let mut fields = Fields::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("name", column.name.as_str().into());
    put("jdbcType", jdbc_type(&column.type_name).into());
    put("typeName", column.type_name.as_str().into());
    put("typeExpression", column.type_name.as_str().into());
    put("charsetName", column.charset.clone().into());
    if let Some(length) = column.length {
        put("length", length.into());
    }
    if let Some(scale) = column.scale {
        put("scale", scale.into());
    }
    put("position", position.into());
    put("optional", column.optional.into());
    put("autoIncremented", column.auto_incremented.into());
    put("generated", column.generated.into());
    put("comment", column.comment.clone().into());
    put("hasDefaultValue", column.default.is_some().into());
    if let Some(Some(default)) = &column.default {
        put("defaultValueExpression", default.as_str().into());
    }
    put(
        "enumValues",
        column.enum_values.iter().map(|value| quoted_text(value)).collect(),
    );
    Value::Object(fields)
}

fn change_from_json(change: &Value) -> Result<TableChange, HistoryRecordError> {
    let id = |name: &'static str| match change.get(name).and_then(Value::as_str) {
        Some(text) => id_from_text(text).map(Some).ok_or(HistoryRecordError::Malformed(name)),
        None => Ok(None),
    };
    let table_id = id("id")?.ok_or(HistoryRecordError::Malformed("id"))?;
    match change.get("type").and_then(Value::as_str) {
        Some("DROP") => Ok(TableChange::Drop(table_id)),
        Some("CREATE") => Ok(TableChange::Create(Arc::new(table_from_json(table_id, change)?))),
        Some("ALTER") => Ok(TableChange::Alter {
            table: Arc::new(table_from_json(table_id, change)?),
            previous: id("previousId")?,
        }),
        _ => Err(HistoryRecordError::Malformed("type")),
    }
}

fn table_from_json(id: TableId, change: &Value) -> Result<TableSchema, HistoryRecordError> {
    let table = change.get("table").ok_or(HistoryRecordError::Malformed("table"))?;
    let list = |name: &'static str| table.get(name).and_then(Value::as_array).map(Vec::as_slice);
    let columns = list("columns").ok_or(HistoryRecordError::Malformed("columns"))?;
    let key = list("primaryKeyColumnNames")
        .unwrap_or(&[])
        .iter()
        .map(|name| name.as_str().map(str::to_owned));
    let mut positioned = columns.iter().map(column_from_json).collect::<Result<Vec<_>, _>>()?;
    positioned.sort_by_key(|(position, _)| *position);
    Ok(TableSchema {
        id,
        columns: positioned.into_iter().map(|(_, column)| column).collect(),
        key: key
            .collect::<Option<_>>()
            .ok_or(HistoryRecordError::Malformed("primaryKeyColumnNames"))?,
        default_charset: text(table, "defaultCharsetName").map(|name| name.to_ascii_lowercase()),
        // Debezium writes it beside the table and reads it inside.
        comment: text(table, "comment").or_else(|| text(change, "comment")),
    })
}

fn column_from_json(fields: &Value) -> Result<(i64, Column), HistoryRecordError> {
    let required = |name: &'static str| text(fields, name).ok_or(HistoryRecordError::Malformed(name));
    let number = |name: &str| fields.get(name).and_then(Value::as_i64);
    let claim = |name: &str| fields.get(name).and_then(Value::as_bool).unwrap_or(false);
    let small = |name: &str| {
        number(name)
            .and_then(|number| i32::try_from(number).ok())
            .filter(|number| *number >= 0)
    };
    let default = text(fields, "defaultValueExpression");
    let enum_values = fields
        .get("enumValues")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let column = Column {
        name: required("name")?,
        type_name: required("typeName")?,
        length: small("length"),
        scale: small("scale"),
        charset: text(fields, "charsetName").map(|name| name.to_ascii_lowercase()),
        optional: claim("optional"),
        auto_incremented: claim("autoIncremented"),
        generated: claim("generated"),
        default: (default.is_some() || claim("hasDefaultValue")).then_some(default),
        enum_values: enum_values
            .iter()
            .map(|value| value.as_str().map(unquoted_text))
            .collect::<Option<_>>()
            .ok_or(HistoryRecordError::Malformed("enumValues"))?,
        comment: text(fields, "comment"),
    };
    Ok((
        number("position").ok_or(HistoryRecordError::Malformed("position"))?,
        column,
    ))
}

/// `"database"."table"`, with quotes in names doubled.
fn id_to_text(id: &TableId) -> String {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    format!("{}.{}", quoted(&id.database), quoted(&id.table))
}

/// Reads two names, in double quotes or bare.
fn id_from_text(text: &str) -> Option<TableId> {
    let (database, rest) = name_from_text(text)?;
    let (table, rest) = name_from_text(rest.strip_prefix('.')?)?;
    rest.is_empty().then(|| TableId::new(database, table))
}

fn name_from_text(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find('.').unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end)?;
        return Some((name.to_owned(), rest));
    };
    let mut name = String::new();
    let mut rest = quoted;
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        match after.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return Some((name, after)),
        }
    }
}

#[cfg(test)]
mod tests;
