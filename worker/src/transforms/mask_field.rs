//! [`MaskField`]: fields emptied, or all filled with one value (`org.apache.kafka.connect.transforms.MaskField`).

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, Importance, ParsedConfig, Validator};
use connector_api::data::{Field, FieldRef, Schema, SchemaMap, SchemaType, Value, ValueWriter, WriteError};

use super::chain::{Next, Transform, TransformError};
use super::key_or_value::KeyOrValue;
use super::keys::{replace_null_with_default, required};
use super::reading::read_field;
use super::record::{Part, Record};
use super::shape::{Origin, Shape, Shaped, require_struct};

/// The transform.
pub struct MaskField {
    target: KeyOrValue,
    fields: Vec<String>,
    replacement: Option<String>,
    defaults: bool,
    known: SchemaMap<Masked>,
}

/// Structs of one schema.
struct Masked {
    shape: Shape,
    /// The masked fields, each with what takes its place.
    masks: Vec<(usize, Value)>,
}

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let doc = "What takes the place of every masked number or text that is not null; without it they become 0, false or empty.";
    vec![
        required("fields", ConfigType::List, "The fields to mask.").validator(Validator::NonEmpty),
        replace_null_with_default(),
        ConfigKey::new("replacement", ConfigType::String, doc)
            .importance(Importance::Low)
            .validator(Validator::NonEmpty),
    ]
}

/// The transform with these options.
///
/// # Errors
/// None that its keys do not show.
pub fn build(target: KeyOrValue, options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    Ok(Box::new(MaskField {
        target,
        fields: options.list("fields").unwrap_or_default().to_vec(),
        replacement: options.string("replacement").map(str::to_owned),
        defaults: options.boolean("replace.null.with.default").unwrap_or(true),
        known: SchemaMap::default(),
    }))
}

impl Transform for MaskField {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let Some((schema, value)) = self.target.present(record) else {
            return Err(TransformError::new(
                "it has nothing whose fields could be masked, as tombstones; let a predicate (RecordIsTombstone, negated) \
                 keep them out",
            ));
        };
        let (fields, replacement, defaults) = (&self.fields, self.replacement.as_deref(), self.defaults);
        let masked = self
            .known
            .find_or(schema, || Masked::of(schema, fields, replacement, defaults))?;
        // A null has nothing to hide; with a default it is that, and the default is masked.
        let extras = |number: usize, writer: &mut dyn ValueWriter| -> Result<(), WriteError> {
            let (index, mask) = &masked.masks[number];
            let has_default = defaults && schema.fields()[*index].schema.default.is_some();
            let is_null = match value.field(*index) {
                FieldRef::Null => true,
                FieldRef::Struct(_) => false,
                FieldRef::Written => read_field(value, *index)? == Value::Null,
            };
            if is_null && !has_default {
                return writer.null();
            }
            connector_api::data::WriteValue::write(mask, writer)
        };
        let shaped = Shaped {
            shape: &masked.shape,
            input: value,
            extras: &extras,
        };
        let part = Part {
            schema,
            value: Some(&shaped),
        };
        next(&self.target.replaced(record, Some(part)));
        Ok(())
    }
}

impl Masked {
    fn of(
        schema: &Schema,
        fields: &[String],
        replacement: Option<&str>,
        defaults: bool,
    ) -> Result<Self, TransformError> {
        require_struct(schema)?;
        let mut masks = Vec::new();
        let mut origins = Vec::new();
        for (index, field) in schema.fields().iter().enumerate() {
            if fields.contains(&field.name) {
                origins.push(Origin::Extra(masks.len()));
                masks.push((index, mask(field, replacement)?));
            } else {
                origins.push(Origin::input(schema, index, defaults));
            }
        }
        Ok(Masked {
            shape: Shape { fields: origins },
            masks,
        })
    }
}

/// What takes the place of a value of this field.
fn mask(field: &Field, replacement: Option<&str>) -> Result<Value, TransformError> {
    let refused = |why: &str| {
        Err(TransformError::new(format!(
            "field `{}` cannot be masked: {why}",
            field.name
        )))
    };
    let Some(text) = replacement else {
        return match &field.schema.schema_type {
            SchemaType::Int8 | SchemaType::Int16 | SchemaType::Int32 => Ok(Value::Int32(0)),
            SchemaType::Int64 => Ok(Value::Int64(0)),
            SchemaType::Float32 => Ok(Value::Float32(0.0)),
            SchemaType::Float64 => Ok(Value::Float64(0.0)),
            SchemaType::Boolean => Ok(Value::Boolean(false)),
            SchemaType::String => Ok(Value::String(String::new())),
            SchemaType::Array(_) => Ok(Value::Array(Vec::new())),
            SchemaType::Map(..) => Ok(Value::Map(Vec::new())),
            SchemaType::Bytes | SchemaType::Struct(_) => {
                refused("its type is neither a number, a boolean, a text nor a list")
            }
        };
    };
    let number = |range: std::ops::RangeInclusive<i64>| text.parse().ok().filter(|number| range.contains(number));
    let masked = match &field.schema.schema_type {
        SchemaType::Int8 => number(-128..=127).map(|number| Value::Int32(number as i32)),
        SchemaType::Int16 => number(-32_768..=32_767).map(|number| Value::Int32(number as i32)),
        SchemaType::Int32 => text.parse().ok().map(Value::Int32),
        SchemaType::Int64 => text.parse().ok().map(Value::Int64),
        SchemaType::Float32 => text.parse().ok().map(Value::Float32),
        SchemaType::Float64 => text.parse().ok().map(Value::Float64),
        SchemaType::String => Some(Value::String(text.to_owned())),
        _ => return refused("only numbers and texts can have a replacement"),
    };
    match masked {
        Some(masked) => Ok(masked),
        None => refused("the replacement does not fit its type"),
    }
}
