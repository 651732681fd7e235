//! [`Replaced`]: an envelope with other values in some of its rows' fields.

use connector_api::data::{Schema, Value, ValueWriter, WriteError, WriteValue};

use crate::transforms::reading::with_struct;

/// A value in the place of another one.
pub(super) struct Replacement {
    pub(super) outer: usize,
    pub(super) inner: usize,
    pub(super) value: Value,
}

/// The envelope.
pub(super) struct Replaced<'a> {
    pub(super) schema: &'a Schema,
    pub(super) envelope: &'a dyn WriteValue,
    pub(super) replacements: &'a [Replacement],
}

impl WriteValue for Replaced<'_> {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        writer.begin_struct()?;
        (0..self.schema.fields().len()).try_for_each(|index| self.write_field(index, writer))?;
        writer.end_struct()
    }

    fn write_field(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        if !self.replacements.iter().any(|replacement| replacement.outer == index) {
            return self.envelope.write_field(index, writer);
        }
        let fields = self.schema.fields()[index].schema.fields().len();
        with_struct(self.envelope, index, |row| {
            let Some(row) = row else { return writer.null() };
            writer.begin_struct()?;
            for inner in 0..fields {
                let found = self
                    .replacements
                    .iter()
                    .find(|one| (one.outer, one.inner) == (index, inner));
                match found {
                    Some(replacement) => replacement.value.write(writer)?,
                    None => row.write_field(inner, writer)?,
                }
            }
            writer.end_struct()
        })?
    }
}
