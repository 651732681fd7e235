//! [`ValueToKey`]: a key made of fields of the value (`org.apache.kafka.connect.transforms.ValueToKey`).

use std::sync::Arc;

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, ParsedConfig, Validator};
use connector_api::data::{Field, Schema, SchemaMap, SchemaType};

use super::chain::{Next, Transform, TransformError};
use super::key_or_value::KeyOrValue;
use super::keys::{replace_null_with_default, required};
use super::reading::position;
use super::record::{Part, Record};
use super::shape::{Origin, Shape, Shaped, require_struct};

/// The transform.
pub struct ValueToKey {
    fields: Vec<String>,
    defaults: bool,
    known: SchemaMap<(Arc<Schema>, Shape)>,
}

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let doc = "The fields of the value that form the key.";
    vec![
        required("fields", ConfigType::List, doc).validator(Validator::NonEmpty),
        replace_null_with_default(),
    ]
}

/// The transform with these options.
///
/// # Errors
/// None that its keys do not show.
pub fn build(options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    Ok(Box::new(ValueToKey {
        fields: options.list("fields").unwrap_or_default().to_vec(),
        defaults: options.boolean("replace.null.with.default").unwrap_or(true),
        known: SchemaMap::default(),
    }))
}

impl Transform for ValueToKey {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let Some((schema, value)) = KeyOrValue::Value.present(record) else {
            return Err(TransformError::new(
                "it has no value to take a key from, as tombstones; let a predicate (RecordIsTombstone, negated) keep them out",
            ));
        };
        let (fields, defaults) = (&self.fields, self.defaults);
        let (schema, shape) = self.known.find_or(schema, || key_of(schema, fields, defaults))?;
        let key = Part {
            schema,
            value: Some(&Shaped::new(shape, value)),
        };
        next(&KeyOrValue::Key.replaced(record, Some(key)));
        Ok(())
    }
}

fn key_of(schema: &Schema, names: &[String], defaults: bool) -> Result<(Arc<Schema>, Shape), TransformError> {
    require_struct(schema)?;
    let (mut fields, mut origins) = (Vec::new(), Vec::new());
    for name in names {
        let index = position(schema, name).ok_or_else(|| TransformError::new(format!("it has no field `{name}`")))?;
        fields.push(Field::new(name, Arc::clone(&schema.fields()[index].schema)));
        origins.push(Origin::input(schema, index, defaults));
    }
    let key = Schema::new(SchemaType::Struct(fields)).shared();
    Ok((key, Shape { fields: origins }))
}
