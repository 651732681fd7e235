//! Reading single fields of a value that is on its way: [`read_field`], [`read_field_or`], [`with_struct`], and where a field is: [`position`].

use connector_api::data::{FieldRef, Schema, Value, ValueCollector, WriteError, WriteValue};

/// The place of the field called `name`.
pub fn position(schema: &Schema, name: &str) -> Option<usize> {
    schema.fields().iter().position(|field| field.name == name)
}

/// An owned copy of the field at `index`. A null stays null, whatever its default.
pub fn read_field(value: &dyn WriteValue, index: usize) -> Result<Value, WriteError> {
    let mut collector = ValueCollector::default();
    value.write_field(index, &mut collector)?;
    collector.finish()
}

/// The same, but a null becomes `default`, if there is one.
pub fn read_field_or(value: &dyn WriteValue, index: usize, default: Option<&Value>) -> Result<Value, WriteError> {
    Ok(match (read_field(value, index)?, default) {
        (Value::Null, Some(default)) => default.clone(),
        (value, _) => value,
    })
}

/// Hands the struct at `index` to `look`; `None` if it is null. Borrowed where the value can tell, copied else.
pub fn with_struct<R>(
    value: &dyn WriteValue,
    index: usize,
    look: impl FnOnce(Option<&dyn WriteValue>) -> R,
) -> Result<R, WriteError> {
    match value.field(index) {
        FieldRef::Null => Ok(look(None)),
        FieldRef::Struct(inner) => Ok(look(Some(inner))),
        FieldRef::Written => match read_field(value, index)? {
            Value::Null => Ok(look(None)),
            owned => Ok(look(Some(&owned))),
        },
    }
}
