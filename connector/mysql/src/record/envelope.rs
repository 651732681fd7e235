//! [`EnvelopeValue`]: a change's value, the row before and after with where it comes from.
//!
//! Written once per record; it borrows both rows and the `source` block and allocates nothing.

use std::sync::Arc;

use connector_api::data::{Field, FieldRef, Schema, SchemaType, ValueWriter, WriteError, WriteValue};

use super::source_info::{SourceInfo, source_schema};
use super::transaction::{TransactionPlace, block_schema};
use crate::event_time::EventTime;

/// What happened to a row, as `op` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `c`: inserted.
    Create,
    /// `u`: updated.
    Update,
    /// `d`: deleted.
    Delete,
    /// `r`: read by a snapshot.
    Read,
    /// `t`: the table was emptied.
    Truncate,
}

impl Operation {
    /// The letter in `op`.
    pub fn letter(self) -> &'static str {
        match self {
            Operation::Create => "c",
            Operation::Update => "u",
            Operation::Delete => "d",
            Operation::Read => "r",
            Operation::Truncate => "t",
        }
    }
}

/// The value of a change.
#[derive(Clone, Copy)]
pub struct EnvelopeValue<'a> {
    /// The row before: null for inserts and reads, and where a table was emptied.
    pub before: Option<&'a dyn WriteValue>,
    /// The row after: null for deletes, and where a table was emptied.
    pub after: Option<&'a dyn WriteValue>,
    /// Where the change comes from.
    pub source: &'a SourceInfo<'a>,
    /// Its place in its transaction, if that is told.
    pub transaction: Option<TransactionPlace<'a>>,
    /// What happened.
    pub operation: Operation,
    /// When the connector handled it.
    pub handled_at: EventTime,
}

impl EnvelopeValue<'_> {
    const FIELDS: usize = 8;
}

impl<'a> WriteValue for EnvelopeValue<'a> {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        writer.begin_struct()?;
        for index in 0..Self::FIELDS {
            self.write_field(index, writer)?;
        }
        writer.end_struct()
    }

    fn write_field(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match index {
            0 => write_row(self.before, writer).map_err(|error| error.in_field("before")),
            1 => write_row(self.after, writer).map_err(|error| error.in_field("after")),
            2 => self.source.write(writer),
            3 => match &self.transaction {
                Some(place) => place.write(writer),
                None => writer.null(),
            },
            4 => writer.string(self.operation.letter()),
            5 => writer.int64(self.handled_at.millis()),
            6 => writer.int64(self.handled_at.micros()),
            7 => writer.int64(self.handled_at.nanos()),
            _ => Err(WriteError::new(format!("the envelope has no field {index}"))),
        }
    }

    fn field(&self, index: usize) -> FieldRef<'_> {
        let row = |row: Option<&'a dyn WriteValue>| row.map_or(FieldRef::Null, FieldRef::Struct);
        match index {
            0 => row(self.before),
            1 => row(self.after),
            2 => FieldRef::Struct(self.source),
            _ => FieldRef::Written,
        }
    }
}

fn write_row(row: Option<&dyn WriteValue>, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
    match row {
        Some(row) => row.write(writer),
        None => writer.null(),
    }
}

/// The envelope called `name` around rows of the schema `row`, which has to be optional.
pub fn envelope_schema(name: impl Into<String>, row: &Arc<Schema>) -> Arc<Schema> {
    let optional_long = Schema::new(SchemaType::Int64).optional().shared();
    let fields = vec![
        Field::new("before", Arc::clone(row)),
        Field::new("after", Arc::clone(row)),
        Field::new("source", Arc::clone(source_schema())),
        Field::new("transaction", Arc::clone(block_schema())),
        Field::new("op", Schema::new(SchemaType::String).shared()),
        Field::new("ts_ms", Arc::clone(&optional_long)),
        Field::new("ts_us", Arc::clone(&optional_long)),
        Field::new("ts_ns", optional_long),
    ];
    Schema::structure(name, fields).version(2).shared()
}
