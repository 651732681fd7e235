//! [`TableRecords`]: everything about a captured table's records that stays the same until its next DDL.
//!
//! Built once per version of the table. Converters key their plans by the identity of the schemas' `Arc`s, so a version
//! has exactly one of each. Per change nothing is allocated: the records borrow the rows, the `source` block and what is
//! here; only a change of the key builds the text of two headers.

use std::collections::HashMap;
use std::sync::Arc;

use connector_api::data::{Field, Schema, Value, WriteError, WriteValue};
use connector_api::{Header, HeaderSet, Partitioning, RecordPart, SourceRecord};

use super::change::{Change, RowImages};
use super::context::RecordContext;
use super::envelope::{EnvelopeValue, Operation, envelope_schema};
use super::error::RecordError;
use super::field::{column_schema, fallback};
use super::headers::{NEW_KEY, OLD_KEY, key_header};
use super::key_compare::KeyScratch;
use super::row_value::{KeyValue, RowValue};
use crate::config::SkippedOperations;
use crate::schema::{Column, ColumnType, TableSchema};

/// The records of one version of a table.
#[derive(Debug)]
pub struct TableRecords {
    topic: String,
    key: Option<KeyShape>,
    envelope: Arc<Schema>,
    /// The column of each field; `None`: every column, in order.
    published: Option<Vec<usize>>,
    fallbacks: Vec<Option<Value>>,
    needed: Vec<bool>,
    tombstones: bool,
    skipped: SkippedOperations,
    shared_headers: Arc<HeaderSet>,
}

#[derive(Debug)]
struct KeyShape {
    schema: Arc<Schema>,
    columns: Vec<usize>,
}

impl TableRecords {
    /// Shapes the records of `table`.
    ///
    /// # Errors
    /// A column that cannot be published; a person has to change the table or leave the column out.
    pub fn of(table: &TableSchema, context: &RecordContext) -> Result<Self, RecordError> {
        let topic = context.topics.changes(&table.id);
        let named = |part: &str| {
            context
                .options
                .schema_names
                .schema_name(&format!("{topic}.{part}"))
                .into_owned()
        };
        let columns = table.columns.iter().enumerate();
        let published: Vec<usize> = columns
            .filter(|(_, column)| context.columns.publishes(&table.id, &column.name))
            .map(|(index, _)| index)
            .collect();
        let key_columns = key_columns(table, context)?;
        if let Some(runaway) = context.columns.runaway().or_else(|| context.custom_keys.runaway()) {
            return Err(RecordError::Runaway {
                table: table.id.clone(),
                runaway: runaway.clone(),
            });
        }
        let needed: Vec<bool> = (0..table.columns.len())
            .map(|index| published.contains(&index) || key_columns.contains(&index))
            .collect();
        let schemas = column_schemas(table, &needed)?;
        let structure =
            |name, columns: &[usize]| Ok(Schema::structure(name, fields(table, columns, &schemas, context)?));
        let row = structure(named("Value"), &published)?.optional().shared();
        let key = match key_columns.is_empty() {
            true => None,
            false => Some(KeyShape {
                schema: structure(named("Key"), &key_columns)?.shared(),
                columns: key_columns,
            }),
        };
        Ok(TableRecords {
            envelope: envelope_schema(named("Envelope"), &row),
            key,
            fallbacks: schemas
                .iter()
                .map(|schema| schema.as_deref().and_then(fallback))
                .collect(),
            published: (published.len() < table.columns.len()).then_some(published),
            needed,
            topic,
            tombstones: context.options.tombstones_on_delete,
            skipped: context.options.skipped,
            shared_headers: Arc::clone(&context.shared_headers),
        })
    }

    /// The columns of the key by position, in the order of the key; empty without one.
    pub fn key_columns(&self) -> &[usize] {
        self.key.as_ref().map_or(&[], |key| &key.columns)
    }

    /// For every column of the table what a null in it becomes; `None`: it stays null.
    pub fn fallbacks(&self) -> &[Option<Value>] {
        &self.fallbacks
    }

    /// For every column of the table whether it is published or part of the key; others are never written.
    pub fn needed_columns(&self) -> &[bool] {
        &self.needed
    }

    /// Hands the records of `change` to `send` as one slice, in order: they must not be torn apart by a cut.
    ///
    /// `None` if the operation is skipped.
    ///
    /// # Errors
    /// If a row cannot be read while keys are compared.
    pub fn with_records<R>(
        &self,
        change: &Change<'_>,
        scratch: &mut KeyScratch,
        send: impl FnOnce(&[SourceRecord<'_>]) -> R,
    ) -> Result<Option<R>, WriteError> {
        match change.images {
            RowImages::Read(row) => Ok(Some(self.with_row(change, Operation::Read, row, send))),
            RowImages::Insert(_) if self.skipped.creates => Ok(None),
            RowImages::Insert(row) => Ok(Some(self.with_row(change, Operation::Create, row, send))),
            RowImages::Update { .. } if self.skipped.updates => Ok(None),
            RowImages::Update { before, after } => match &self.key {
                Some(key) if scratch.differ(key.of(before), key.of(after))? => {
                    self.with_key_change(change, key, before, after, send).map(Some)
                }
                _ => Ok(Some(self.with_update(change, before, after, send))),
            },
            RowImages::Delete(_) if self.skipped.deletes => Ok(None),
            RowImages::Delete(row) => Ok(Some(self.with_delete(change, row, send))),
        }
    }

    fn with_row<R>(
        &self,
        change: &Change<'_>,
        operation: Operation,
        row: &dyn WriteValue,
        send: impl FnOnce(&[SourceRecord<'_>]) -> R,
    ) -> R {
        let published = self.row(row);
        let envelope = EnvelopeValue {
            after: Some(&published),
            ..self.envelope_of(change, operation)
        };
        let key = self.key_of(row);
        send(&[self.record(change, key.as_ref(), Some(&envelope), &[])])
    }

    fn with_update<R>(
        &self,
        change: &Change<'_>,
        before: &dyn WriteValue,
        after: &dyn WriteValue,
        send: impl FnOnce(&[SourceRecord<'_>]) -> R,
    ) -> R {
        let (old, new) = (self.row(before), self.row(after));
        let envelope = EnvelopeValue {
            before: Some(&old),
            after: Some(&new),
            ..self.envelope_of(change, Operation::Update)
        };
        let key = self.key_of(after);
        send(&[self.record(change, key.as_ref(), Some(&envelope), &[])])
    }

    /// A keyless row is followed by a tombstone, too, with nothing in it: so does Debezium.
    fn with_delete<R>(
        &self,
        change: &Change<'_>,
        row: &dyn WriteValue,
        send: impl FnOnce(&[SourceRecord<'_>]) -> R,
    ) -> R {
        let published = self.row(row);
        let envelope = EnvelopeValue {
            before: Some(&published),
            ..self.envelope_of(change, Operation::Delete)
        };
        let key = self.key_of(row);
        let delete = self.record(change, key.as_ref(), Some(&envelope), &[]);
        let tombstone = self.record(change, key.as_ref(), None, &[]);
        match self.tombstones {
            true => send(&[delete, tombstone]),
            false => send(&[delete]),
        }
    }

    /// A row that changes its key leaves the old one and appears under the new one.
    fn with_key_change<R>(
        &self,
        change: &Change<'_>,
        key: &KeyShape,
        before: &dyn WriteValue,
        after: &dyn WriteValue,
        send: impl FnOnce(&[SourceRecord<'_>]) -> R,
    ) -> Result<R, WriteError> {
        let (old_key, new_key) = (key.of(before), key.of(after));
        let (old_text, new_text) = (key_header(&key.schema, &old_key)?, key_header(&key.schema, &new_key)?);
        let (old_row, new_row) = (self.row(before), self.row(after));
        let gone = EnvelopeValue {
            before: Some(&old_row),
            ..self.envelope_of(change, Operation::Delete)
        };
        let come = EnvelopeValue {
            after: Some(&new_row),
            ..self.envelope_of(change, Operation::Create)
        };
        let to = [Header {
            name: NEW_KEY,
            value: &new_text,
        }];
        let from = [Header {
            name: OLD_KEY,
            value: &old_text,
        }];
        let delete = self.record(change, Some(&old_key), Some(&gone), &to);
        let tombstone = self.record(change, Some(&old_key), None, &to);
        let create = self.record(change, Some(&new_key), Some(&come), &from);
        Ok(match self.tombstones {
            true => send(&[delete, tombstone, create]),
            false => send(&[delete, create]),
        })
    }

    fn row<'a>(&'a self, row: &'a dyn WriteValue) -> RowValue<'a> {
        RowValue {
            row,
            columns: self.published.as_deref(),
        }
    }

    fn key_of<'a>(&'a self, row: &'a dyn WriteValue) -> Option<KeyValue<'a>> {
        self.key.as_ref().map(|key| key.of(row))
    }

    fn envelope_of<'a>(&self, change: &Change<'a>, operation: Operation) -> EnvelopeValue<'a> {
        let Change { source, handled_at, .. } = *change;
        EnvelopeValue {
            before: None,
            after: None,
            source,
            operation,
            handled_at,
        }
    }

    fn record<'a>(
        &'a self,
        change: &Change<'_>,
        key: Option<&'a KeyValue<'a>>,
        value: Option<&'a EnvelopeValue<'a>>,
        headers: &'a [Header<'a>],
    ) -> SourceRecord<'a> {
        let key = self.key.as_ref().zip(key);
        SourceRecord {
            topic: &self.topic,
            partitioning: Partitioning::ByKey,
            key: key.map(|(shape, key)| RecordPart {
                schema: &shape.schema,
                value: key,
            }),
            value: value.map(|envelope| RecordPart {
                schema: &self.envelope,
                value: envelope,
            }),
            headers,
            shared_headers: &self.shared_headers,
            committed_at_ms: Some(change.source.committed_at.millis()),
        }
    }
}

impl KeyShape {
    fn of<'a>(&'a self, row: &'a dyn WriteValue) -> KeyValue<'a> {
        KeyValue {
            row,
            columns: &self.columns,
        }
    }
}

/// The user's choice, else the table's own key in *key order*: `PRIMARY KEY (b, a)` is {b, a}.
fn key_columns(table: &TableSchema, context: &RecordContext) -> Result<Vec<usize>, RecordError> {
    let names = table.columns.iter().map(|column| column.name.as_str());
    let chosen = context.custom_keys.choose(&table.id, names);
    if !chosen.is_empty() {
        return Ok(chosen);
    }
    // MySQL compares column names without regard to case.
    let position = |name: &String| {
        table
            .columns
            .iter()
            .position(|column| column.name.eq_ignore_ascii_case(name))
    };
    let missing = |name: &String| RecordError::NoSuchKeyColumn {
        table: table.id.clone(),
        column: name.clone(),
    };
    table
        .key
        .iter()
        .map(|name| position(name).ok_or_else(|| missing(name)))
        .collect()
}

/// The schema of every needed column. Others may be of any type: they are never looked at.
fn column_schemas(table: &TableSchema, needed: &[bool]) -> Result<Vec<Option<Arc<Schema>>>, RecordError> {
    let schema = |(column, needed): (&Column, &bool)| {
        if !needed {
            return Ok(None);
        }
        let column_type = ColumnType::of(column).map_err(|source| RecordError::Unsupported {
            table: table.id.clone(),
            source,
        })?;
        let schema = column_schema(column, &column_type).ok_or_else(|| RecordError::Default {
            table: table.id.clone(),
            column: column.name.clone(),
            column_type: column.type_name.clone(),
        })?;
        Ok(Some(schema.shared()))
    };
    table.columns.iter().zip(needed).map(schema).collect()
}

fn fields(
    table: &TableSchema,
    columns: &[usize],
    schemas: &[Option<Arc<Schema>>],
    context: &RecordContext,
) -> Result<Vec<Field>, RecordError> {
    let mut fields = Vec::with_capacity(columns.len());
    let mut taken: HashMap<String, &str> = HashMap::new();
    for &index in columns {
        let name = &table.columns[index].name;
        let field = context.options.field_names.field_name(name).into_owned();
        if let Some(first) = taken.insert(field.clone(), name) {
            let (first, second) = (first.to_owned(), name.clone());
            return Err(RecordError::SameField {
                table: table.id.clone(),
                first,
                second,
                field,
            });
        }
        let schema = schemas[index]
            .clone()
            .expect("published columns and those of the key have a schema");
        fields.push(Field::new(field, schema));
    }
    Ok(fields)
}

#[cfg(test)]
mod tests;
