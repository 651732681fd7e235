//! [`HeaderFrom`]: fields copied or moved into headers (`org.apache.kafka.connect.transforms.HeaderFrom`).

use std::sync::Arc;

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, ParsedConfig, Validator};
use connector_api::data::{Schema, SchemaMap, Value, WriteValue};

use super::chain::{Next, Transform, TransformError};
use super::key_or_value::KeyOrValue;
use super::keys::{replace_null_with_default, required};
use super::reading::{position, read_field_or};
use super::record::{Header, Headers, Part, Record};
use super::shape::{Origin, Shape, Shaped, require_struct, struct_like};

/// The transform.
pub struct HeaderFrom {
    target: KeyOrValue,
    wanted: HeaderSettings,
    known: SchemaMap<Divided>,
}

struct HeaderSettings {
    /// Each field with its header.
    pairs: Vec<(String, String)>,
    moves: bool,
    defaults: bool,
}

/// A struct whose fields go into headers.
struct Divided {
    headers: Vec<FieldHeader>,
    /// What is left of the struct, if fields are moved.
    rest: Option<(Arc<Schema>, Shape)>,
}

/// A field that goes into a header.
struct FieldHeader {
    name: String,
    index: usize,
    schema: Arc<Schema>,
    default: Option<Value>,
}

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let list = |name, doc| required(name, ConfigType::List, doc).validator(Validator::NonEmpty);
    vec![
        list("fields", "The fields."),
        list("headers", "The names of their headers, in the same order."),
        required(
            "operation",
            ConfigType::String,
            "copy leaves the fields where they are, move takes them away from there.",
        )
        .validator(Validator::OneOf(&["move", "copy"])),
        replace_null_with_default(),
    ]
}

/// The transform with these options.
///
/// # Errors
/// What is wrong with which of them.
pub fn build(target: KeyOrValue, options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let list = |name: &str| options.list(name).unwrap_or_default();
    let (fields, headers) = (list("fields"), list("headers"));
    if fields.len() != headers.len() {
        let message = format!(
            "{} fields have {} headers; name one for each",
            fields.len(),
            headers.len()
        );
        return Err(vec![ConfigProblem::new("headers", message)]);
    }
    Ok(Box::new(HeaderFrom {
        target,
        wanted: HeaderSettings {
            pairs: fields.iter().cloned().zip(headers.iter().cloned()).collect(),
            moves: options.string("operation") == Some("move"),
            defaults: options.boolean("replace.null.with.default").unwrap_or(true),
        },
        known: SchemaMap::default(),
    }))
}

impl Transform for HeaderFrom {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let Some((schema, value)) = self.target.present(record) else {
            return Err(TransformError::new(
                "it has nothing whose fields could become headers, as tombstones; let a predicate (RecordIsTombstone, negated) \
                 keep them out",
            ));
        };
        let wanted = &self.wanted;
        let divided = self.known.find_or(schema, || wanted.of(schema))?;
        let mut values = Vec::with_capacity(divided.headers.len());
        for header in &divided.headers {
            values.push(read_field_or(value, header.index, header.default.as_ref())?);
        }
        let more: Vec<Header<'_>> = divided
            .headers
            .iter()
            .zip(&values)
            .map(|(header, value)| header.with(value))
            .collect();
        let headers = Headers::With {
            rest: &record.headers,
            more: &more,
        };
        let shaped;
        let part = match &divided.rest {
            None => Part {
                schema,
                value: Some(value),
            },
            Some((schema, shape)) => {
                shaped = Shaped::new(shape, value);
                Part {
                    schema,
                    value: Some(&shaped),
                }
            }
        };
        next(&self.target.replaced(&Record { headers, ..*record }, Some(part)));
        Ok(())
    }
}

impl FieldHeader {
    fn with<'a>(&'a self, value: &'a Value) -> Header<'a> {
        Header {
            name: &self.name,
            value: Part {
                schema: &self.schema,
                value: (*value != Value::Null).then_some(value as &dyn WriteValue),
            },
        }
    }
}

impl HeaderSettings {
    fn of(&self, schema: &Schema) -> Result<Divided, TransformError> {
        require_struct(schema)?;
        let mut headers = Vec::new();
        for (field, header) in &self.pairs {
            let index =
                position(schema, field).ok_or_else(|| TransformError::new(format!("it has no field `{field}`")))?;
            let field = &schema.fields()[index].schema;
            headers.push(FieldHeader {
                name: header.clone(),
                index,
                schema: Arc::clone(field),
                default: field.default.clone().filter(|_| self.defaults),
            });
        }
        if !self.moves {
            return Ok(Divided { headers, rest: None });
        }
        let (mut fields, mut origins) = (Vec::new(), Vec::new());
        for (index, field) in schema.fields().iter().enumerate() {
            if !headers.iter().any(|header| header.index == index) {
                fields.push(field.clone());
                origins.push(Origin::input(schema, index, self.defaults));
            }
        }
        let rest = (struct_like(schema, fields)?, Shape { fields: origins });
        Ok(Divided {
            headers,
            rest: Some(rest),
        })
    }
}
