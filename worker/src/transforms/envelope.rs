//! What Debezium's transforms know of an envelope: how to tell one, and one with another operation in it.

use connector_api::data::{FieldRef, Schema, ValueWriter, WriteError, WriteValue};

/// Debezium tells an envelope by the name of its schema.
pub(super) fn is_envelope(schema: &Schema) -> bool {
    schema.name.as_deref().is_some_and(|name| name.ends_with(".Envelope"))
}

/// A struct with another text in one of its fields.
pub(super) struct WithText<'a> {
    pub(super) value: &'a dyn WriteValue,
    pub(super) fields: usize,
    pub(super) index: usize,
    pub(super) text: &'a str,
}

impl WriteValue for WithText<'_> {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        writer.begin_struct()?;
        for index in 0..self.fields {
            self.write_field(index, writer)?;
        }
        writer.end_struct()
    }

    fn write_field(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match index == self.index {
            true => writer.string(self.text),
            false => self.value.write_field(index, writer),
        }
    }

    fn field(&self, index: usize) -> FieldRef<'_> {
        match index == self.index {
            true => FieldRef::Written,
            false => self.value.field(index),
        }
    }
}
