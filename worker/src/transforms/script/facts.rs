//! [`Facts`]: a record as the variables of an expression.

use std::collections::HashMap;
use std::sync::Arc;

use cel::objects::{Key, Map};
use connector_api::data::{Schema, SchemaMap, SchemaType, Value, ValueCollector, WriteError};

use crate::transforms::decimal::scale;
use crate::transforms::record::{Part, Record};

/// What of a record an expression asks for.
pub(super) struct Facts {
    key: bool,
    value: bool,
    topic: bool,
    header: bool,
    names: SchemaMap<Names>,
}

/// The names of a struct's fields, as CEL holds them, and of the structs in them.
struct Names {
    fields: Vec<(Key, Option<Names>)>,
}

impl Facts {
    pub(super) fn new(is_asked_for: impl Fn(&str) -> bool) -> Self {
        Facts {
            key: is_asked_for("key"),
            value: is_asked_for("value"),
            topic: is_asked_for("topic"),
            header: is_asked_for("header"),
            names: SchemaMap::default(),
        }
    }

    /// Variables and their values.
    pub(super) fn of(&mut self, record: &Record<'_>) -> Result<Vec<(&'static str, cel::Value)>, WriteError> {
        let mut facts = Vec::with_capacity(4);
        if self.key {
            facts.push(("key", self.part(record.key)?));
        }
        if self.value {
            facts.push(("value", self.part(record.value)?));
        }
        if self.topic {
            facts.push(("topic", cel::Value::from(record.topic)));
        }
        if self.header {
            facts.push(("header", headers(record)?));
        }
        Ok(facts)
    }

    fn part(&mut self, part: Option<Part<'_>>) -> Result<cel::Value, WriteError> {
        let Some((schema, value)) = part.and_then(|part| Some((part.schema, part.value?))) else {
            return Ok(cel::Value::Null);
        };
        let names = self.names.find_or(schema, || Ok::<_, WriteError>(Names::of(schema)))?;
        Ok(shown(schema, names, ValueCollector::collect(value)?))
    }
}

impl Names {
    fn of(schema: &Schema) -> Self {
        let fields = schema.fields().iter().map(|field| {
            let is_struct = matches!(field.schema.schema_type, SchemaType::Struct(_));
            (
                Key::from(field.name.as_str()),
                is_struct.then(|| Names::of(&field.schema)),
            )
        });
        Names {
            fields: fields.collect(),
        }
    }
}

/// The headers by their names, each with its `value`; of two with one name the last.
fn headers(record: &Record<'_>) -> Result<cel::Value, WriteError> {
    let mut headers = HashMap::new();
    let mut result = Ok(());
    record.headers.for_each(&mut |header| {
        let Part { schema, value } = header.value;
        let value = value.map_or(Ok(cel::Value::Null), |value| {
            ValueCollector::collect(value).map(|value| shown(schema, &Names::of(schema), value))
        });
        match value {
            Ok(value) => _ = headers.insert(header.name.to_owned(), HashMap::from([("value", value)])),
            Err(error) => result = Err(error),
        }
    });
    result.map(|()| cel::Value::from(headers))
}

/// A struct as a map, a `Decimal` as the nearest double, another number, text or list as itself. A null is its default.
fn shown(schema: &Schema, names: &Names, value: Value) -> cel::Value {
    match (value, &schema.schema_type) {
        (Value::Null, _) => match &schema.default {
            Some(default) if *default != Value::Null => shown(schema, names, default.clone()),
            _ => cel::Value::Null,
        },
        (Value::Boolean(flag), _) => cel::Value::Bool(flag),
        (Value::Int32(number), _) => cel::Value::Int(i64::from(number)),
        (Value::Int64(number), _) => cel::Value::Int(number),
        (Value::Float32(number), _) => cel::Value::Float(f64::from(number)),
        (Value::Float64(number), _) => cel::Value::Float(number),
        (Value::String(text), _) => cel::Value::from(text),
        (Value::Bytes(bytes), _) => match decimal(schema, &bytes) {
            Some(number) => cel::Value::Float(number),
            None => cel::Value::from(bytes),
        },
        (Value::Struct(values), SchemaType::Struct(fields)) => {
            let each = fields.iter().zip(&names.fields).zip(values);
            let map: HashMap<Key, cel::Value> = each
                .map(|((field, (key, inner)), value)| {
                    let none = Names { fields: Vec::new() };
                    (
                        key.clone(),
                        shown(&field.schema, inner.as_ref().unwrap_or(&none), value),
                    )
                })
                .collect();
            cel::Value::Map(Map { map: Arc::new(map) })
        }
        (Value::Array(values), SchemaType::Array(items)) => {
            let names = Names::of(items);
            let each = values.into_iter().map(|value| shown(items, &names, value));
            cel::Value::from(each.collect::<Vec<_>>())
        }
        (Value::Map(entries), SchemaType::Map(_, items)) => {
            let names = Names::of(items);
            let each = entries.into_iter().filter_map(|(key, value)| match key {
                Value::String(key) => Some((Key::from(key), shown(items, &names, value))),
                _ => None,
            });
            cel::Value::Map(Map {
                map: Arc::new(each.collect()),
            })
        }
        (Value::Struct(_) | Value::Array(_) | Value::Map(_), _) => cel::Value::Null,
    }
}

fn decimal(schema: &Schema, unscaled: &[u8]) -> Option<f64> {
    let mut text = Vec::new();
    schemas::text::push_decimal(&mut text, unscaled, scale(schema)?);
    std::str::from_utf8(&text).ok()?.parse().ok()
}
