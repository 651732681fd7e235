//! [`SetSchemaMetadata`]: another name or version for a schema
//! (`org.apache.kafka.connect.transforms.SetSchemaMetadata`).

use std::convert::Infallible;
use std::sync::Arc;

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, Importance, ParsedConfig};
use connector_api::data::{Schema, SchemaMap};

use super::chain::{Next, Transform, TransformError};
use super::key_or_value::KeyOrValue;
use super::keys::replace_null_with_default;
use super::record::{Part, Record};

/// The transform.
pub struct SetSchemaMetadata {
    target: KeyOrValue,
    name: Option<String>,
    version: Option<i32>,
    known: SchemaMap<Arc<Schema>>,
}

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let high = |name, kind, doc| ConfigKey::new(name, kind, doc).importance(Importance::High);
    vec![
        high("schema.name", ConfigType::String, "The name that the schema gets."),
        high("schema.version", ConfigType::Int, "The version that the schema gets."),
        replace_null_with_default(),
    ]
}

/// The transform with these options.
///
/// # Errors
/// What is wrong with which of them.
pub fn build(target: KeyOrValue, options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let name = options.string("schema.name").map(str::to_owned);
    let version = options
        .number("schema.version")
        .and_then(|number| i32::try_from(number).ok());
    if name.is_none() && version.is_none() {
        let message = "neither schema.name nor schema.version is configured";
        return Err(vec![ConfigProblem::new("schema.name", message)]);
    }
    if options.boolean("replace.null.with.default") == Some(false) {
        let message = "only true is supported: whether a null stays one is the converter's own setting of this name";
        return Err(vec![ConfigProblem::new("replace.null.with.default", message)]);
    }
    Ok(Box::new(SetSchemaMetadata {
        target,
        name,
        version,
        known: SchemaMap::default(),
    }))
}

impl Transform for SetSchemaMetadata {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let Some(part) = self.target.part(record) else {
            next(record);
            return Ok(());
        };
        let (name, version) = (&self.name, self.version);
        let Ok(schema) = self.known.find_or(part.schema, || {
            let given = &**part.schema;
            let schema = Schema {
                name: name.clone().or_else(|| given.name.clone()),
                version: version.or(given.version),
                ..given.clone()
            };
            Ok::<_, Infallible>(schema.shared())
        });
        next(&self.target.replaced(record, Some(Part { schema, ..part })));
        Ok(())
    }
}
