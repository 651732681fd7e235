//! [`FieldReference`]: a field of the envelope that is added to a row or to the headers, as the user names it; and [`EnvelopePlace`]:
//! where it is in envelopes of one schema.

use std::sync::Arc;

use connector_api::data::{Field, Schema, SchemaType, Value, ValueWriter, WriteError, WriteValue};

use crate::transforms::chain::TransformError;
use crate::transforms::reading::{position, read_field, with_struct};

/// One entry of `add.fields` or `add.headers`: `op`, `ts_ms`, `source.ts_ms`, each with `:NAME` behind it if it gets another
/// name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldReference {
    /// The struct that has it; `None`: the envelope.
    parent: Option<String>,
    field: String,
    /// What it is called in the row or in the headers.
    pub(super) name: String,
}

impl FieldReference {
    /// # Errors
    /// If there is more than one new name.
    pub(super) fn parse(entry: &str, prefix: &str) -> Result<Self, String> {
        let mut parts = entry.trim().split(':');
        let (path, renamed) = (parts.next().unwrap_or_default(), parts.next());
        if parts.next().is_some() {
            return Err(format!("Unexpected field name: {}", entry.trim()));
        }
        let mut path = path.split('.');
        let (first, second) = (path.next().unwrap_or_default(), path.next());
        let (parent, field) = match second {
            Some(field) => (Some(first), field),
            None => (parent_of(first), first),
        };
        let name = match (renamed, second) {
            (Some(renamed), _) => format!("{prefix}{renamed}"),
            (None, Some(field)) => format!("{prefix}{first}_{field}"),
            (None, None) => format!("{prefix}{first}"),
        };
        Ok(FieldReference {
            parent: parent.map(str::to_owned),
            field: field.to_owned(),
            name,
        })
    }

    /// Whether it says what happened.
    pub(super) fn is_operation(&self) -> bool {
        self.field == "op"
    }

    /// Where it is in envelopes of `schema`, and its own schema. `None` if nothing there is called so: then nothing is added.
    pub(super) fn find(&self, schema: &Schema) -> Result<Option<(EnvelopePlace, Arc<Schema>)>, TransformError> {
        if let Some(parent) = &self.parent {
            let outer = position(schema, parent).ok_or_else(|| {
                TransformError::new(format!("it has no field `{parent}` to take `{}` from", self.field))
            })?;
            let inner = &schema.fields()[outer].schema;
            if let Some(index) = position(inner, &self.field) {
                let own = self.own_schema(&inner.fields()[index])?;
                return Ok(Some((EnvelopePlace::Nested { outer, index }, own)));
            }
        }
        let Some(index) = position(schema, &self.field) else {
            return Ok(None);
        };
        Ok(Some((
            EnvelopePlace::Envelope(index),
            self.own_schema(&schema.fields()[index])?,
        )))
    }

    /// Like that of the field, but optional and without a default.
    fn own_schema(&self, field: &Field) -> Result<Arc<Schema>, TransformError> {
        if matches!(field.schema.schema_type, SchemaType::Struct(_)) {
            return Err(TransformError::new(format!(
                "`{}` is a struct; name one of its fields, such as `{}.ts_ms`",
                self.field, self.field
            )));
        }
        let schema = Schema {
            optional: true,
            default: None,
            ..(*field.schema).clone()
        };
        Ok(schema.shared())
    }
}

/// The struct that has a field which is named alone.
fn parent_of(field: &str) -> Option<&'static str> {
    match field {
        "id" | "data_collection_order" | "total_order" => Some("transaction"),
        "op" | "ts_ms" | "ts_us" | "ts_ns" => None,
        _ => Some("source"),
    }
}

/// Where a field is in an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EnvelopePlace {
    Envelope(usize),
    Nested { outer: usize, index: usize },
}

impl EnvelopePlace {
    /// Null if the struct around it is.
    pub(super) fn write(self, envelope: &dyn WriteValue, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match self {
            EnvelopePlace::Envelope(index) => envelope.write_field(index, writer),
            EnvelopePlace::Nested { outer, index } => with_struct(envelope, outer, |inner| match inner {
                Some(inner) => inner.write_field(index, writer),
                None => writer.null(),
            })?,
        }
    }

    pub(super) fn read(self, envelope: &dyn WriteValue) -> Result<Value, WriteError> {
        match self {
            EnvelopePlace::Envelope(index) => read_field(envelope, index),
            EnvelopePlace::Nested { outer, index } => with_struct(envelope, outer, |inner| {
                inner.map_or(Ok(Value::Null), |inner| read_field(inner, index))
            })?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FieldReference;

    #[track_caller]
    fn check(entry: &str, parent: Option<&str>, field: &str, name: &str) {
        let expected = FieldReference {
            parent: parent.map(str::to_owned),
            field: field.to_owned(),
            name: name.to_owned(),
        };
        assert_eq!(FieldReference::parse(entry, "__"), Ok(expected));
    }

    #[test]
    fn entries_name_a_field_its_struct_and_its_new_name() {
        check("op", None, "op", "__op");
        check(" table ", Some("source"), "table", "__table");
        check("source.ts_ms", Some("source"), "ts_ms", "__source_ts_ms");
        check("source.file:binlog", Some("source"), "file", "__binlog");
        check("transaction.id", Some("transaction"), "id", "__transaction_id");
        check("total_order", Some("transaction"), "total_order", "__total_order");
        check("ts_ms:when", None, "ts_ms", "__when");
        assert!(FieldReference::parse("a:b:c", "__").is_err());
    }
}
