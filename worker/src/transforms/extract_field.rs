//! [`ExtractField`]: one field in the place of the struct around it
//! (`org.apache.kafka.connect.transforms.ExtractField`).

use std::sync::Arc;

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, Importance, ParsedConfig, Validator};
use connector_api::data::{FieldRef, Schema, SchemaMap, Value, WriteValue};

use super::chain::{Next, Transform, TransformError};
use super::field_path::FieldPath;
use super::key_or_value::KeyOrValue;
use super::keys::{replace_null_with_default, required};
use super::reading::{read_field, with_struct};
use super::record::{Part, Record};

/// The transform.
pub struct ExtractField {
    target: KeyOrValue,
    field: FieldPath,
    defaults: bool,
    /// The places of the field's path, and its schema.
    known: SchemaMap<(Vec<usize>, Arc<Schema>)>,
}

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let doc = "How the field is named: V1 by its name, V2 by the way to it, with dots between the names and backticks around a name \
               with dots.";
    vec![
        required("field", ConfigType::String, "The field to take out.").importance(Importance::Medium),
        ConfigKey::new("field.syntax.version", ConfigType::String, doc)
            .default_value("V1")
            .importance(Importance::High)
            .validator(Validator::OneOfIgnoreCase(&["V1", "V2"])),
        replace_null_with_default(),
    ]
}

/// The transform with these options.
///
/// # Errors
/// What is wrong with which of them.
pub fn build(target: KeyOrValue, options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let option = |name| options.string(name).unwrap_or_default();
    let field = match option("field.syntax.version").eq_ignore_ascii_case("V2") {
        true => FieldPath::parse(option("field")).map_err(|reason| vec![ConfigProblem::new("field", reason)])?,
        false => FieldPath::name(option("field")),
    };
    Ok(Box::new(ExtractField {
        target,
        field,
        defaults: options.boolean("replace.null.with.default").unwrap_or(true),
        known: SchemaMap::default(),
    }))
}

impl Transform for ExtractField {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let Some(part) = self.target.part(record) else {
            next(record);
            return Ok(());
        };
        let (field, target, defaults) = (&self.field, self.target, self.defaults);
        let (places, schema) = self.known.find_or(part.schema, || {
            let (places, schema) = field.find(part.schema)?;
            Ok::<_, TransformError>((places, Arc::clone(schema)))
        })?;
        let mut hand_on = |value: Option<&dyn WriteValue>| {
            next(&target.replaced(record, Some(Part { schema, value })));
        };
        let default = schema.default.as_ref().filter(|_| defaults);
        match part.value {
            Some(value) => extract(value, places, default, &mut hand_on),
            None => {
                hand_on(None);
                Ok(())
            }
        }
    }
}

/// Hands on what lies at the end of `places`; of a struct on the way that is null, nothing.
fn extract(
    value: &dyn WriteValue,
    places: &[usize],
    default: Option<&Value>,
    hand_on: &mut dyn FnMut(Option<&dyn WriteValue>),
) -> Result<(), TransformError> {
    let Some((&index, inner)) = places.split_first() else {
        hand_on(Some(value));
        return Ok(());
    };
    if !inner.is_empty() {
        return with_struct(value, index, |found| match found {
            Some(found) => extract(found, inner, default, hand_on),
            None => {
                hand_on(None);
                Ok(())
            }
        })?;
    }
    let null = default.map(|default| default as &dyn WriteValue);
    match value.field(index) {
        FieldRef::Null => hand_on(null),
        FieldRef::Struct(inner) => hand_on(Some(inner)),
        FieldRef::Written => match read_field(value, index)? {
            Value::Null => hand_on(null),
            value => hand_on(Some(&value)),
        },
    }
    Ok(())
}
