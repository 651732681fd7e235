//! [`ExtractField`]: one field in the place of the struct around it
//! (`org.apache.kafka.connect.transforms.ExtractField`).

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, Importance, ParsedConfig, Validator};
use connector_api::data::{FieldRef, Value, WriteValue};

use super::chain::{Next, Transform, TransformError};
use super::keys::{replace_null_with_default, required};
use super::reading::{position, read_field};
use super::record::{Part, Record};
use super::shape::require_struct;
use super::target::Target;

/// The transform.
pub struct ExtractField {
    target: Target,
    field: String,
    defaults: bool,
}

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let doc = "How the field is named; V1 is a single name. Paths, V2, are not supported yet.";
    vec![
        required("field", ConfigType::String, "The field to take out.").importance(Importance::Medium),
        ConfigKey::new("field.syntax.version", ConfigType::String, doc)
            .default_value("V1")
            .importance(Importance::High)
            .validator(Validator::OneOfIgnoreCase(&["V1"])),
        replace_null_with_default(),
    ]
}

/// The transform with these options.
///
/// # Errors
/// None that its keys do not show.
pub fn build(target: Target, options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    Ok(Box::new(ExtractField {
        target,
        field: options.string("field").unwrap_or_default().to_owned(),
        defaults: options.boolean("replace.null.with.default").unwrap_or(true),
    }))
}

impl Transform for ExtractField {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let Some(part) = self.target.part(record) else {
            next(record);
            return Ok(());
        };
        require_struct(part.schema)?;
        let index = position(part.schema, &self.field)
            .ok_or_else(|| TransformError::new(format!("it has no field `{}`", self.field)))?;
        let schema = &part.schema.fields()[index].schema;
        let mut hand_on = |value: Option<&dyn WriteValue>| {
            let default = schema.default.as_ref().filter(|_| self.defaults);
            let value = value.or(default.map(|default| default as &dyn WriteValue));
            next(&self.target.replaced(record, Some(Part { schema, value })));
        };
        let Some(value) = part.value else {
            hand_on(None);
            return Ok(());
        };
        match value.field(index) {
            FieldRef::Null => hand_on(None),
            FieldRef::Struct(inner) => hand_on(Some(inner)),
            FieldRef::Written => match read_field(value, index)? {
                Value::Null => hand_on(None),
                value => hand_on(Some(&value)),
            },
        }
        Ok(())
    }
}
