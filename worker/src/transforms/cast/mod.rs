//! [`Cast`]: fields, or all of a key or value, as another type (`org.apache.kafka.connect.transforms.Cast`).

mod number;
mod scalar;

use std::sync::Arc;

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, ParsedConfig, Validator};
use connector_api::data::{Field, Schema, SchemaMap, Value, ValueCollector, ValueWriter, WriteValue};

use super::chain::{Next, Transform, TransformError};
use super::key_or_value::KeyOrValue;
use super::keys::{replace_null_with_default, required};
use super::reading::read_field_or;
use super::record::{Part, Record};
use super::shape::{Origin, Shape, Shaped, require_struct, struct_like};
use scalar::ScalarType;

/// The transform.
pub struct Cast {
    target: KeyOrValue,
    wanted: CastSettings,
    known: SchemaMap<Casted>,
    /// Kept from record to record.
    values: Vec<Value>,
}

struct CastSettings {
    casts: Casts,
    defaults: bool,
}

enum Casts {
    Whole(ScalarType),
    Fields(Vec<(String, ScalarType)>),
}

/// What becomes of values of one schema.
struct Casted {
    schema: Arc<Schema>,
    /// `None`: the value is cast.
    shape: Option<Shape>,
    fields: Vec<CastField>,
}

/// A field that is cast.
struct CastField {
    index: usize,
    to: ScalarType,
    default: Option<Value>,
}

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let doc = "Pairs `FIELD:TYPE`, or one type for all of the key or value: int8, int16, int32, int64, float32, float64, boolean or \
               string. As in Java a number that is too large for its new type loses its highest bits.";
    vec![
        required("spec", ConfigType::List, doc).validator(Validator::NonEmpty),
        replace_null_with_default(),
    ]
}

/// The transform with these options.
///
/// # Errors
/// What is wrong with which of them.
pub fn build(target: KeyOrValue, options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let casts = Casts::parse(options.list("spec").unwrap_or_default())
        .map_err(|reason| vec![ConfigProblem::new("spec", reason)])?;
    Ok(Box::new(Cast {
        target,
        wanted: CastSettings {
            casts,
            defaults: options.boolean("replace.null.with.default").unwrap_or(true),
        },
        known: SchemaMap::default(),
        values: Vec::new(),
    }))
}

impl Casts {
    fn parse(spec: &[String]) -> Result<Self, String> {
        let mut fields: Vec<(String, ScalarType)> = Vec::new();
        for entry in spec {
            let (field, name) = match entry.split_once(':') {
                Some((field, name)) => (Some(field.trim()), name.trim()),
                None => (None, entry.trim()),
            };
            let to = ScalarType::parse(name)
                .ok_or_else(|| format!("`{entry}` names no type; there are {}", ScalarType::NAMES.join(", ")))?;
            match field {
                None if spec.len() > 1 => {
                    return Err(format!(
                        "`{entry}`, without a field, is for all of the key or value and has to stand alone"
                    ));
                }
                None => return Ok(Casts::Whole(to)),
                // The last of two for one field counts.
                Some(field) => {
                    fields.retain(|(known, _)| known != field);
                    fields.push((field.to_owned(), to));
                }
            }
        }
        Ok(Casts::Fields(fields))
    }
}

impl Transform for Cast {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let Some((schema, value)) = self.target.present(record) else {
            next(record);
            return Ok(());
        };
        let Cast {
            target, wanted, values, ..
        } = self;
        let casted = self.known.find_or(schema, || wanted.of(schema))?;
        values.clear();
        for field in &casted.fields {
            let given = &schema.fields()[field.index];
            let owned = read_field_or(value, field.index, field.default.as_ref())?;
            values.push(
                field
                    .to
                    .cast(&given.schema, owned)
                    .map_err(|reason| in_field(given, &reason))?,
            );
        }
        if let Casts::Whole(to) = wanted.casts {
            let owned = ValueCollector::collect(value)?;
            values.push(
                to.cast(schema, owned)
                    .map_err(|reason| TransformError::new(format!("it {reason}")))?,
            );
        }
        let extras = |number: usize, writer: &mut dyn ValueWriter| values[number].write(writer);
        let shaped;
        let value: &dyn WriteValue = match &casted.shape {
            None => &values[0],
            Some(shape) => {
                shaped = Shaped {
                    shape,
                    input: value,
                    extras: &extras,
                };
                &shaped
            }
        };
        let part = Part {
            schema: &casted.schema,
            value: Some(value),
        };
        next(&target.replaced(record, Some(part)));
        Ok(())
    }
}

fn in_field(field: &Field, reason: &str) -> TransformError {
    TransformError::new(format!("field `{}` {reason}", field.name))
}

impl CastSettings {
    fn of(&self, schema: &Schema) -> Result<Casted, TransformError> {
        let casts = match &self.casts {
            Casts::Fields(casts) => casts,
            Casts::Whole(to) => {
                let whole = to.check(schema).and_then(|()| to.schema(schema));
                let whole = whole.map_err(|reason| TransformError::new(format!("it {reason}")))?;
                // Of the whole the name stays, that of a time as well.
                let like = Schema {
                    name: schema.name.clone(),
                    version: schema.version,
                    doc: schema.doc.clone(),
                    parameters: schema.parameters.clone(),
                    ..whole
                };
                return Ok(Casted {
                    schema: like.shared(),
                    shape: None,
                    fields: Vec::new(),
                });
            }
        };
        require_struct(schema)?;
        let (mut fields, mut origins, mut cast_fields) = (Vec::new(), Vec::new(), Vec::new());
        for (index, field) in schema.fields().iter().enumerate() {
            let Some((_, to)) = casts.iter().find(|(name, _)| *name == field.name) else {
                fields.push(field.clone());
                origins.push(Origin::input(schema, index, self.defaults));
                continue;
            };
            let cast = to.check(&field.schema).and_then(|()| to.schema(&field.schema));
            let cast = cast.map_err(|reason| in_field(field, &reason))?;
            fields.push(Field::new(&field.name, cast.shared()));
            origins.push(Origin::Extra(cast_fields.len()));
            cast_fields.push(CastField {
                index,
                to: *to,
                default: field.schema.default.clone().filter(|_| self.defaults),
            });
        }
        let like = struct_like(schema, fields)?;
        let schema = Schema {
            optional: schema.optional,
            ..(*like).clone()
        };
        Ok(Casted {
            schema: schema.shared(),
            shape: Some(Shape { fields: origins }),
            fields: cast_fields,
        })
    }
}
