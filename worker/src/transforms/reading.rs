//! Reading single fields of a value that is on its way: [`read_field`], [`read_field_or`], [`with_struct`], where a field is: [`position`], and whether
//! a text holds nothing: [`is_blank`].

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

/// As Java's `trim().isEmpty()` has it, to which no space beyond ASCII is one.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|character| character <= ' ')
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

#[cfg(test)]
mod tests {
    use super::is_blank;

    /// A payload of one U+00A0 became a tombstone.
    #[test]
    fn a_text_is_blank_if_java_trims_all_of_it() {
        assert!(is_blank("") && is_blank(" \t\r\n\0 "));
        assert!(!is_blank("\u{a0}") && !is_blank("\u{2003}") && !is_blank(" x "));
    }
}
