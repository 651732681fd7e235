//! [`ExtractNewRecordState`]: of an envelope only the row (`io.debezium.transforms.ExtractNewRecordState`).
//!
//! An envelope's schema is compiled once: where its rows are, and what is added to them. Then a row is handed on as it lies in
//! the envelope, or field by field with more behind it; nothing of it is copied.

mod dropped_fields;
mod field_reference;
mod keys;
mod unwrapped;

use std::sync::Arc;

use connector_api::data::{Schema, SchemaMap, Value, ValueWriter, WriteError, WriteValue};

use super::chain::{Next, Transform, TransformError};
use super::envelope::is_envelope;
use super::reading::{is_blank, read_field, with_struct};
use super::record::{Header, Headers, Part, Record};
use super::shape::Shaped;
use dropped_fields::DroppedFields;
use field_reference::FieldReference;
pub use keys::{build, keys, unlisted_keys};
use unwrapped::{Added, Unwrapped};

/// What becomes of deletes and of the tombstones behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deletes {
    /// Neither.
    Drop,
    /// A delete becomes a record whose value is null but has its schema; the connector's own tombstone is dropped.
    Tombstone,
    /// The same, without a schema.
    DeleteToTombstone,
    /// A delete becomes the row it took, marked; the tombstone is dropped.
    Rewrite,
    /// The same, and the tombstone follows.
    RewriteWithTombstone,
}

impl Deletes {
    fn marks_rows(self) -> bool {
        matches!(self, Deletes::Rewrite | Deletes::RewriteWithTombstone)
    }
}

/// The transform.
pub struct ExtractNewRecordState {
    deletes: Deletes,
    wanted: Additions,
    dropped: Option<DroppedFields>,
    known: SchemaMap<Unwrapped>,
    /// The headers that the newest delete got, until its tombstone comes.
    of_delete: Vec<OwnHeader>,
}

/// What of the envelope is wanted beside the row.
struct Additions {
    fields: Vec<FieldReference>,
    headers: Vec<FieldReference>,
    /// The field of the row that names the topic.
    route_by: Option<String>,
    /// Whether nulls of rows that are marked become their defaults.
    fills_nulls: bool,
}

/// A header that this transform has added.
struct OwnHeader {
    name: String,
    schema: Arc<Schema>,
    value: Value,
}

impl Transform for ExtractNewRecordState {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let Some((schema, envelope)) = record.value.and_then(|part| Some((part.schema, part.value?))) else {
            self.tombstone(record, next);
            return Ok(());
        };
        if !is_envelope(schema) {
            next(record);
            return Ok(());
        }
        let (deletes, wanted) = (self.deletes, &self.wanted);
        let unwrapped = self
            .known
            .find_or(schema, || Unwrapped::compile(schema, wanted, deletes.marks_rows()))?;
        let event = Event {
            record,
            envelope,
            headers: unwrapped.own_headers(envelope)?,
            unwrapped,
        };
        let mut result = Ok(());
        let dropped = &mut self.dropped;
        let next: &mut Next<'_> = &mut |record| match dropped {
            Some(dropped) => result = dropped.apply(record, next),
            None => next(record),
        };
        let is_delete = with_struct(envelope, unwrapped.after, |after| match after {
            Some(row) => event.hand_on(row, &unwrapped.present, next).map(|()| false),
            None => with_struct(envelope, unwrapped.before, |before| match before {
                Some(row) => event.delete(row, deletes, next).map(|()| true),
                // A truncated table has no row.
                None => Ok(false),
            })?,
        })??;
        if is_delete && deletes == Deletes::RewriteWithTombstone {
            self.of_delete = event.headers;
        }
        result
    }
}

impl ExtractNewRecordState {
    /// Debezium's tombstone shares the headers of the delete before it, with what was added to them.
    fn tombstone(&mut self, record: &Record<'_>, next: &mut Next<'_>) {
        if self.deletes != Deletes::RewriteWithTombstone {
            return;
        }
        let mut own = std::mem::take(&mut self.of_delete);
        let operation = self.wanted.headers.iter().filter(|header| header.is_operation());
        own.extend(operation.map(|header| OwnHeader {
            name: header.name.clone(),
            schema: Arc::clone(unwrapped::required_text()),
            value: Value::String("d".to_owned()),
        }));
        let more = shown(&own);
        next(&Record {
            headers: with(&record.headers, &more),
            ..*record
        });
    }
}

/// An envelope on its way.
struct Event<'a> {
    record: &'a Record<'a>,
    envelope: &'a dyn WriteValue,
    headers: Vec<OwnHeader>,
    unwrapped: &'a Unwrapped,
}

impl Event<'_> {
    fn delete(&self, row: &dyn WriteValue, deletes: Deletes, next: &mut Next<'_>) -> Result<(), TransformError> {
        match deletes {
            Deletes::Drop => Ok(()),
            Deletes::Rewrite | Deletes::RewriteWithTombstone => self.hand_on(row, &self.unwrapped.gone, next),
            Deletes::DeleteToTombstone => self.send(row, None, next),
            Deletes::Tombstone => {
                let null = Part {
                    schema: &self.unwrapped.row,
                    value: None,
                };
                self.send(row, Some(null), next)
            }
        }
    }

    /// The row, with what is added to it.
    fn hand_on(&self, row: &dyn WriteValue, added: &Added, next: &mut Next<'_>) -> Result<(), TransformError> {
        let extras = |number: usize, writer: &mut dyn ValueWriter| match added.places.get(number) {
            Some(place) => place.write(self.envelope, writer),
            None => Err(WriteError::new("no such field was added")),
        };
        let shaped;
        let value: &dyn WriteValue = match &added.shape {
            None => row,
            Some(shape) => {
                shaped = Shaped {
                    shape,
                    input: row,
                    extras: &extras,
                };
                &shaped
            }
        };
        let value = Part {
            schema: &added.schema,
            value: Some(value),
        };
        self.send(row, Some(value), next)
    }

    fn send(&self, row: &dyn WriteValue, value: Option<Part<'_>>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let topic = self.topic(row)?;
        let more = shown(&self.headers);
        next(&Record {
            topic: topic.as_deref().unwrap_or(self.record.topic),
            value,
            headers: with(&self.record.headers, &more),
            ..*self.record
        });
        Ok(())
    }

    /// That in the field to route by, unless it is blank.
    fn topic(&self, row: &dyn WriteValue) -> Result<Option<String>, TransformError> {
        let Some(index) = self.unwrapped.route_by else {
            return Ok(None);
        };
        match read_field(row, index)? {
            Value::String(topic) if !is_blank(&topic) => Ok(Some(topic)),
            _ => Ok(None),
        }
    }
}

fn shown(own: &[OwnHeader]) -> Vec<Header<'_>> {
    own.iter()
        .map(|header| Header {
            name: &header.name,
            value: Part {
                schema: &header.schema,
                value: (header.value != Value::Null).then_some(&header.value as &dyn WriteValue),
            },
        })
        .collect()
}

fn with<'a>(rest: &'a Headers<'a>, more: &'a [Header<'a>]) -> Headers<'a> {
    match more {
        [] => *rest,
        more => Headers::With { rest, more },
    }
}
