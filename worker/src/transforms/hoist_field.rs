//! [`HoistField`]: a struct with one field around what there is (`org.apache.kafka.connect.transforms.HoistField`).

use std::convert::Infallible;
use std::sync::Arc;

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, Importance, ParsedConfig};
use connector_api::data::{Field, FieldRef, Schema, SchemaMap, SchemaType, ValueWriter, WriteError, WriteValue};

use super::chain::{Next, Transform, TransformError};
use super::key_or_value::KeyOrValue;
use super::keys::required;
use super::record::{Part, Record};

/// The transform.
pub struct HoistField {
    target: KeyOrValue,
    field: String,
    known: SchemaMap<Arc<Schema>>,
}

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    vec![required("field", ConfigType::String, "The name of the field.").importance(Importance::Medium)]
}

/// The transform with these options.
///
/// # Errors
/// None that its keys do not show.
pub fn build(target: KeyOrValue, options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    Ok(Box::new(HoistField {
        target,
        field: options.string("field").unwrap_or_default().to_owned(),
        known: SchemaMap::default(),
    }))
}

impl Transform for HoistField {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let Some(part) = self.target.part(record) else {
            return Err(TransformError::new(
                "it has neither a value nor a schema to put into a field, as tombstones; let a predicate \
                 (RecordIsTombstone, negated) keep them out",
            ));
        };
        let field = &self.field;
        let Ok(schema) = self.known.find_or(part.schema, || {
            let field = Field::new(field, Arc::clone(part.schema));
            Ok::<_, Infallible>(Schema::new(SchemaType::Struct(vec![field])).shared())
        });
        let hoisted = Part {
            schema,
            value: Some(&Hoisted(part.value)),
        };
        next(&self.target.replaced(record, Some(hoisted)));
        Ok(())
    }
}

/// A value in the only field of a struct.
struct Hoisted<'a>(Option<&'a dyn WriteValue>);

impl WriteValue for Hoisted<'_> {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        writer.begin_struct()?;
        self.write_field(0, writer)?;
        writer.end_struct()
    }

    fn write_field(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match (index, self.0) {
            (0, Some(value)) => value.write(writer),
            (0, None) => writer.null(),
            _ => Err(WriteError::new(format!("the struct has one field, none at {index}"))),
        }
    }

    fn field(&self, _index: usize) -> FieldRef<'_> {
        match self.0 {
            Some(_) => FieldRef::Written,
            None => FieldRef::Null,
        }
    }
}
