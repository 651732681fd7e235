//! [`ReplaceField`]: fields left out or renamed (`org.apache.kafka.connect.transforms.ReplaceField`).

use std::sync::Arc;

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, ParsedConfig};
use connector_api::data::{Field, Schema, SchemaMap};

use super::chain::{Next, Transform, TransformError};
use super::key_or_value::KeyOrValue;
use super::keys::replace_null_with_default;
use super::record::{Part, Record};
use super::shape::{Origin, Shape, Shaped, require_struct, struct_like};

/// The transform.
pub struct ReplaceField {
    target: KeyOrValue,
    wanted: FieldSettings,
    known: SchemaMap<(Arc<Schema>, Shape)>,
}

struct FieldSettings {
    exclude: Vec<String>,
    include: Vec<String>,
    /// Each field with its new name.
    renames: Vec<(String, String)>,
    defaults: bool,
}

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let list = |name, doc| ConfigKey::new(name, ConfigType::List, doc).default_value("");
    vec![
        list("exclude", "Fields to leave out."),
        list(
            "include",
            "If there are any: the only fields that stay, unless they are excluded.",
        ),
        list("renames", "Pairs `OLD:NEW` of names."),
        replace_null_with_default(),
    ]
}

/// The transform with these options.
///
/// # Errors
/// What is wrong with which of them.
pub fn build(target: KeyOrValue, options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let list = |name: &str| options.list(name).unwrap_or_default().to_vec();
    let rename = |pair: String| match pair.split_once(':') {
        Some((old, new)) if !new.contains(':') => Ok((old.trim().to_owned(), new.trim().to_owned())),
        _ => Err(vec![ConfigProblem::new(
            "renames",
            format!("`{pair}` is no pair OLD:NEW"),
        )]),
    };
    Ok(Box::new(ReplaceField {
        target,
        wanted: FieldSettings {
            exclude: list("exclude"),
            include: list("include"),
            renames: list("renames").into_iter().map(rename).collect::<Result<_, _>>()?,
            defaults: options.boolean("replace.null.with.default").unwrap_or(true),
        },
        known: SchemaMap::default(),
    }))
}

impl Transform for ReplaceField {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let Some((schema, value)) = self.target.present(record) else {
            next(record);
            return Ok(());
        };
        let wanted = &self.wanted;
        let (schema, shape) = self.known.find_or(schema, || wanted.of(schema))?;
        let part = Part {
            schema,
            value: Some(&Shaped::new(shape, value)),
        };
        next(&self.target.replaced(record, Some(part)));
        Ok(())
    }
}

/// What is left of `schema` without the fields of these names; a null in another one becomes its default.
pub(super) fn without(schema: &Schema, names: Vec<String>) -> Result<(Arc<Schema>, Shape), TransformError> {
    let wanted = FieldSettings {
        exclude: names,
        include: Vec::new(),
        renames: Vec::new(),
        defaults: true,
    };
    wanted.of(schema)
}

impl FieldSettings {
    fn of(&self, schema: &Schema) -> Result<(Arc<Schema>, Shape), TransformError> {
        require_struct(schema)?;
        let (mut fields, mut origins) = (Vec::new(), Vec::new());
        for (index, field) in schema.fields().iter().enumerate() {
            let is_included = self.include.is_empty() || self.include.contains(&field.name);
            if !is_included || self.exclude.contains(&field.name) {
                continue;
            }
            let renamed = self.renames.iter().find(|(old, _)| *old == field.name);
            let name = renamed.map_or(&field.name, |(_, new)| new);
            fields.push(Field::new(name, Arc::clone(&field.schema)));
            origins.push(Origin::input(schema, index, self.defaults));
        }
        Ok((struct_like(schema, fields)?, Shape { fields: origins }))
    }
}
