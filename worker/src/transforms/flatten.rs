//! [`Flatten`]: structs within structs as one, their fields named by the way to them (`org.apache.kafka.connect.transforms.Flatten`).

use std::sync::Arc;

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, ParsedConfig};
use connector_api::data::{Field, Schema, SchemaMap, SchemaType, Value, ValueWriter, WriteError, WriteValue};

use super::chain::{Next, Transform, TransformError};
use super::key_or_value::KeyOrValue;
use super::or_else::OrElse;
use super::reading::with_struct;
use super::record::{Part, Record};
use super::shape::{require_struct, struct_like};

/// The transform.
pub struct Flatten {
    target: KeyOrValue,
    delimiter: String,
    known: SchemaMap<(Arc<Schema>, Vec<Branch>)>,
}

/// A field of a struct that is flattened.
enum Branch {
    /// It stays one, with what takes the place of its null.
    Leaf(Option<Value>),
    /// A struct, and how many fields come of it.
    Struct(Vec<Branch>, usize),
}

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let doc = "What stands between the names of the structs and of the field.";
    vec![ConfigKey::new("delimiter", ConfigType::String, doc).default_value(".")]
}

/// The transform with these options.
///
/// # Errors
/// None that its keys do not show.
pub fn build(target: KeyOrValue, options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    Ok(Box::new(Flatten {
        target,
        delimiter: options.string("delimiter").unwrap_or(".").to_owned(),
        known: SchemaMap::default(),
    }))
}

impl Transform for Flatten {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let Some((schema, value)) = self.target.present(record) else {
            next(record);
            return Ok(());
        };
        let delimiter = &self.delimiter;
        let (schema, branches) = self.known.find_or(schema, || {
            require_struct(schema)?;
            let mut fields = Vec::new();
            let from = Outer {
                path: "",
                optional: schema.optional,
                default: schema.default.as_ref(),
            };
            let branches = from.branches(schema, delimiter, &mut fields)?;
            Ok::<_, TransformError>((struct_like(schema, fields)?, branches))
        })?;
        let part = Part {
            schema,
            value: Some(&Flat { branches, value }),
        };
        next(&self.target.replaced(record, Some(part)));
        Ok(())
    }
}

/// What the structs around a field say of it.
struct Outer<'a> {
    path: &'a str,
    /// Whether one of them may be null.
    optional: bool,
    default: Option<&'a Value>,
}

impl Outer<'_> {
    fn branches(
        &self,
        schema: &Schema,
        delimiter: &str,
        fields: &mut Vec<Field>,
    ) -> Result<Vec<Branch>, TransformError> {
        let each = schema.fields().iter().enumerate().map(|(index, field)| {
            let path = match self.path {
                "" => field.name.clone(),
                path => format!("{path}{delimiter}{}", field.name),
            };
            let given = &*field.schema;
            let of_struct = match self.default {
                Some(Value::Struct(values)) => values.get(index).filter(|value| **value != Value::Null),
                _ => None,
            };
            let inner = Outer {
                path: &path,
                optional: self.optional || given.optional,
                default: given.default.as_ref().or(of_struct),
            };
            match &given.schema_type {
                SchemaType::Struct(_) => {
                    let before = fields.len();
                    let branches = inner.branches(given, delimiter, fields)?;
                    Ok(Branch::Struct(branches, fields.len() - before))
                }
                SchemaType::Map(..) => Err(TransformError::new(format!(
                    "field `{path}` is a map, which has no place in a flat struct"
                ))),
                _ => {
                    let flat = Schema {
                        optional: inner.optional,
                        default: inner.default.cloned(),
                        ..given.clone()
                    };
                    fields.push(Field::new(&path, flat.shared()));
                    Ok(Branch::Leaf(given.default.clone()))
                }
            }
        });
        each.collect()
    }
}

/// A struct with the fields of those within it.
struct Flat<'a> {
    branches: &'a [Branch],
    value: &'a dyn WriteValue,
}

impl Flat<'_> {
    fn write_leaf(
        &self,
        index: usize,
        default: Option<&Value>,
        writer: &mut dyn ValueWriter,
    ) -> Result<(), WriteError> {
        match default {
            Some(default) => self.value.write_field(index, &mut OrElse { writer, default }),
            None => self.value.write_field(index, writer),
        }
    }

    fn write_fields(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        for (index, branch) in self.branches.iter().enumerate() {
            match branch {
                Branch::Leaf(default) => self.write_leaf(index, default.as_ref(), writer)?,
                Branch::Struct(branches, leaves) => with_struct(self.value, index, |inner| match inner {
                    Some(value) => Flat { branches, value }.write_fields(writer),
                    None => (0..*leaves).try_for_each(|_| writer.null()),
                })??,
            }
        }
        Ok(())
    }
}

impl WriteValue for Flat<'_> {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        writer.begin_struct()?;
        self.write_fields(writer)?;
        writer.end_struct()
    }

    fn write_field(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        let mut before = 0;
        for (at, branch) in self.branches.iter().enumerate() {
            let leaves = match branch {
                Branch::Leaf(_) => 1,
                Branch::Struct(_, leaves) => *leaves,
            };
            if index < before + leaves {
                return match branch {
                    Branch::Leaf(default) => self.write_leaf(at, default.as_ref(), writer),
                    Branch::Struct(branches, _) => with_struct(self.value, at, |inner| match inner {
                        Some(value) => Flat { branches, value }.write_field(index - before, writer),
                        None => writer.null(),
                    })?,
                };
            }
            before += leaves;
        }
        Err(WriteError::new(format!(
            "the struct has {before} fields, none at {index}"
        )))
    }
}
