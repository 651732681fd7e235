//! [`TableRecords`]: everything about a captured table's records that stays the same until its next DDL.
//!
//! Built once per version of the table. Converters key their plans by the identity of the schemas' `Arc`s, so a version
//! has exactly one of each. Per change nothing is allocated: the records borrow the rows, the `source` block and what is
//! here.

use std::sync::Arc;

use connector_api::data::{Schema, Value, WriteError, WriteValue};
use connector_api::{Header, HeaderSet, Partitioning, RecordPart, SourceRecord};

use super::change::{Change, RowImages};
use super::context::RecordContext;
use super::envelope::{EnvelopeValue, Operation, envelope_schema};
use super::error::RecordError;
use super::headers::{NEW_KEY, OLD_KEY};
use super::key_compare::KeyScratch;
use super::row_value::{KeyValue, PublishedColumn, RowValue};
use super::source_info::SourceInfo;
use super::table_columns::TableColumns;
use super::transaction::TransactionPlace;
use crate::config::SkippedOperations;
use crate::event_time::EventTime;
use crate::row::ColumnForm;
use crate::schema::TableSchema;

/// The records of one version of a table.
#[derive(Debug)]
pub struct TableRecords {
    topic: String,
    key: Option<KeyShape>,
    envelope: Arc<Schema>,
    /// The column of each field; `None`: every column, in order and as it is.
    published: Option<Vec<PublishedColumn>>,
    /// `None`: a column that is neither published nor part of the key. Its bytes may mean anything.
    forms: Vec<Option<ColumnForm>>,
    fallbacks: Vec<Option<Value>>,
    tombstones: bool,
    skipped: SkippedOperations,
    skips_unchanged: bool,
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
        let columns = TableColumns::of(table, context)?;
        if let Some(runaway) = context.columns.runaway().or_else(|| context.custom_keys.runaway()) {
            return Err(RecordError::Runaway {
                table: table.id.clone(),
                runaway: runaway.clone(),
            });
        }
        let row = Schema::structure(named("Value"), columns.row_fields()?)
            .optional()
            .shared();
        let key = match columns.key() {
            [] => None,
            key => Some(KeyShape {
                schema: Schema::structure(named("Key"), columns.key_fields()?).shared(),
                columns: key.to_vec(),
            }),
        };
        Ok(TableRecords {
            envelope: envelope_schema(named("Envelope"), &row),
            key,
            published: columns.published(),
            forms: columns.forms(),
            fallbacks: columns.fallbacks(),
            topic,
            tombstones: context.options.tombstones_on_delete,
            skipped: context.options.skipped,
            skips_unchanged: context.options.skips_unchanged,
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

    /// For every column of the table what its values are, if it is published or part of the key; others are never written.
    pub fn forms(&self) -> &[Option<ColumnForm>] {
        &self.forms
    }

    /// Hands the records of `change` to `send` as one slice, in order: they must not be torn apart by a cut.
    ///
    /// `None` if the operation is skipped, or an update that changes nothing that is published.
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
            RowImages::Update { before, after }
                if self.skips_unchanged && !scratch.differ(&self.row(before), &self.row(after))? =>
            {
                Ok(None)
            }
            RowImages::Update { before, after } => match &self.key {
                Some(key) if scratch.differ(&key.of(before), &key.of(after))? => {
                    Ok(Some(self.with_key_change(change, key, before, after, send)))
                }
                _ => Ok(Some(self.with_update(change, before, after, send))),
            },
            RowImages::Delete(_) if self.skipped.deletes => Ok(None),
            RowImages::Delete(row) => Ok(Some(self.with_delete(change, row, send))),
        }
    }

    /// Hands the record of a `TRUNCATE TABLE` to `send`; it has no key. `None` if there is none.
    pub fn with_truncation<R>(
        &self,
        source: &SourceInfo<'_>,
        handled_at: EventTime,
        send: impl FnOnce(&[SourceRecord<'_>]) -> R,
    ) -> Option<R> {
        if self.skipped.truncates {
            return None;
        }
        let envelope = EnvelopeValue {
            before: None,
            after: None,
            source,
            transaction: None,
            operation: Operation::Truncate,
            handled_at,
        };
        Some(send(&[self.record(source, None, Some(&envelope), &[])]))
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
        send(&[self.record(change.source, key.as_ref(), Some(&envelope), &[])])
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
        send(&[self.record(change.source, key.as_ref(), Some(&envelope), &[])])
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
        let delete = self.record(change.source, key.as_ref(), Some(&envelope), &[]);
        let tombstone = self.record(change.source, key.as_ref(), None, &[]);
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
    ) -> R {
        let (old_key, new_key) = (key.of(before), key.of(after));
        let (old_row, new_row) = (self.row(before), self.row(after));
        let gone = EnvelopeValue {
            before: Some(&old_row),
            ..self.envelope_of(change, Operation::Delete)
        };
        let come = EnvelopeValue {
            after: Some(&new_row),
            transaction: change.transaction.map(TransactionPlace::next),
            ..self.envelope_of(change, Operation::Create)
        };
        let to = [key.header(NEW_KEY, &new_key)];
        let from = [key.header(OLD_KEY, &old_key)];
        let delete = self.record(change.source, Some(&old_key), Some(&gone), &to);
        let tombstone = self.record(change.source, Some(&old_key), None, &to);
        let create = self.record(change.source, Some(&new_key), Some(&come), &from);
        match self.tombstones {
            true => send(&[delete, tombstone, create]),
            false => send(&[delete, create]),
        }
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
        let Change {
            source,
            transaction,
            handled_at,
            ..
        } = *change;
        EnvelopeValue {
            before: None,
            after: None,
            source,
            transaction,
            operation,
            handled_at,
        }
    }

    fn record<'a>(
        &'a self,
        source: &SourceInfo<'_>,
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
            committed_at_ms: Some(source.committed_at.millis()),
        }
    }
}

impl KeyShape {
    fn header<'a>(&'a self, name: &'static str, key: &'a KeyValue<'a>) -> Header<'a> {
        let value = RecordPart {
            schema: &self.schema,
            value: key,
        };
        Header { name, value }
    }

    fn of<'a>(&'a self, row: &'a dyn WriteValue) -> KeyValue<'a> {
        KeyValue {
            row,
            columns: &self.columns,
        }
    }
}

#[cfg(test)]
mod tests;
