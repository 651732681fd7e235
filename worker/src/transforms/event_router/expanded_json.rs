//! [`ExpandedJson`]: a payload that is JSON text as the values it holds, with a schema read off from them
//! (`table.expand.json.payload`).
//!
//! A schema is kept for as long as payloads of its shape come, so that a converter meets each of them once.

use std::sync::Arc;

use connector_api::data::{Field, Schema, SchemaType, Value};
use serde_json::{Map, Value as Json};

/// Reads payloads.
pub(super) struct ExpandedJson {
    /// Whether a null is a field of its own, without a value, or none.
    pub(super) keeps_nulls: bool,
    /// The newest last.
    pub(super) known: Vec<Arc<Schema>>,
}

/// Shapes that are kept.
const MOST_KNOWN: usize = 1_000;

impl ExpandedJson {
    /// The values in `text`, with their schema; `name` is that of the column.
    ///
    /// # Errors
    /// Why it has to stay a text, in one of a few sentences.
    pub(super) fn expand(&mut self, name: &str, text: &str) -> Result<(Arc<Schema>, Value), String> {
        if !text.starts_with('{') {
            return Err("it is no JSON object".to_owned());
        }
        let json: Json = serde_json::from_str(text).map_err(|_| "it is no valid JSON")?;
        let schema = self.schema(Some(name), &json)?.ok_or("there is no type for it")?;
        let value = value(&schema, &json)?;
        let known = self.known.iter().rev().find(|known| ***known == schema).map(Arc::clone);
        let schema = known.unwrap_or_else(|| {
            if self.known.len() >= MOST_KNOWN {
                self.known.drain(..MOST_KNOWN / 2);
            }
            let schema = schema.shared();
            self.known.push(Arc::clone(&schema));
            schema
        });
        Ok((schema, value))
    }

    /// `None`: nothing can be said of it, a null or a list with nothing in it.
    fn schema(&self, name: Option<&str>, json: &Json) -> Result<Option<Schema>, String> {
        let schema_type = match json {
            Json::Null if self.keeps_nulls => SchemaType::Bytes,
            Json::Null => return Ok(None),
            Json::Bool(_) => SchemaType::Boolean,
            Json::String(_) => SchemaType::String,
            Json::Number(number) => match number.as_i64() {
                Some(whole) if i32::try_from(whole).is_ok() => SchemaType::Int32,
                Some(_) => SchemaType::Int64,
                None if number.is_u64() => return Err("it has a whole number of more than 64 bits".to_owned()),
                None => SchemaType::Float64,
            },
            Json::Array(items) => match self.items(name, items)? {
                Some(schema) => SchemaType::Array(schema.shared()),
                None => return Ok(None),
            },
            Json::Object(fields) => return self.structure(name, fields).map(Some),
        };
        Ok(Some(Schema::new(schema_type).optional()))
    }

    fn structure(&self, name: Option<&str>, fields: &Map<String, Json>) -> Result<Schema, String> {
        let mut known = Vec::new();
        for (field, json) in fields {
            let path = match name {
                Some(name) => format!("{name}.{field}"),
                None => field.clone(),
            };
            if let Some(schema) = self.schema(Some(&path), json)? {
                known.push(Field::new(field, schema.shared()));
            }
        }
        let schema = Schema::new(SchemaType::Struct(known)).optional();
        Ok(match name {
            Some(name) => schema.named(name),
            None => schema,
        })
    }

    /// What the items of a list have in common: of objects every field that one of them has.
    fn items(&self, name: Option<&str>, items: &[Json]) -> Result<Option<Schema>, String> {
        let mut common: Option<Schema> = None;
        let mut is_empty = true;
        for item in items {
            is_empty = false;
            if item.is_null() {
                continue;
            }
            let Some(schema) = self.schema(name.filter(|_| item.is_object()), item)? else {
                return Err("it has a list in a list with nothing in it".to_owned());
            };
            common = Some(match common {
                None => schema,
                Some(known) => merged(known, schema)?,
            });
        }
        match common {
            None if !is_empty => Err("it has a list of nulls".to_owned()),
            common => Ok(common),
        }
    }
}

/// The first object that has a field says of what type it is, unless it knows of a null only.
fn merged(mut known: Schema, other: Schema) -> Result<Schema, String> {
    match (&mut known.schema_type, other.schema_type) {
        (SchemaType::Struct(fields), SchemaType::Struct(others)) => {
            for field in others {
                match fields.iter_mut().find(|known| known.name == field.name) {
                    None => fields.push(field),
                    Some(known) if known.schema.schema_type == SchemaType::Bytes => *known = field,
                    Some(_) => {}
                }
            }
            Ok(known)
        }
        (known_type, other_type) if *known_type == other_type => Ok(known),
        _ => Err("it has a list of values of several types".to_owned()),
    }
}

/// # Errors
/// If it does not fit, as the second object of a list may not.
fn value(schema: &Schema, json: &Json) -> Result<Value, String> {
    let whole = |number: &serde_json::Number| number.as_i64();
    Ok(match (&schema.schema_type, json) {
        (_, Json::Null) => Value::Null,
        (SchemaType::Boolean, Json::Bool(flag)) => Value::Boolean(*flag),
        (SchemaType::String, Json::String(text)) => Value::String(text.clone()),
        (SchemaType::Int32, Json::Number(number)) => match whole(number).and_then(|whole| i32::try_from(whole).ok()) {
            Some(number) => Value::Int32(number),
            None => return Err("its numbers differ in type".to_owned()),
        },
        (SchemaType::Int64, Json::Number(number)) => match whole(number) {
            Some(number) if i32::try_from(number).is_err() => Value::Int64(number),
            _ => return Err("its numbers differ in type".to_owned()),
        },
        (SchemaType::Float64, Json::Number(number)) if whole(number).is_none() => {
            Value::Float64(number.as_f64().ok_or("it has a number that is none")?)
        }
        (SchemaType::Array(items), Json::Array(values)) => {
            let values: Result<_, String> = values.iter().map(|item| value(items, item)).collect();
            Value::Array(values?)
        }
        (SchemaType::Struct(fields), Json::Object(values)) => {
            let each = fields.iter().map(|field| match values.get(&field.name) {
                Some(json) => value(&field.schema, json),
                None => Ok(Value::Null),
            });
            Value::Struct(each.collect::<Result<_, _>>()?)
        }
        _ => return Err("the objects of a list differ in the type of a field".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use connector_api::data::{Field, Schema, SchemaType, Value};

    use super::ExpandedJson;

    fn expand(text: &str, keeps_nulls: bool) -> Result<(Schema, Value), String> {
        let mut json = ExpandedJson {
            keeps_nulls,
            known: Vec::new(),
        };
        json.expand("p", text).map(|(schema, value)| ((*schema).clone(), value))
    }

    #[test]
    fn a_schema_is_read_off_from_the_values() {
        let optional = |schema_type| Schema::new(schema_type).optional();
        let inner = vec![
            Field::new("x", optional(SchemaType::Int32).shared()),
            Field::new("y", optional(SchemaType::Boolean).shared()),
        ];
        let inner = Schema::structure("p.l", inner).optional();
        let fields = vec![
            Field::new("n", optional(SchemaType::Int64).shared()),
            Field::new("d", optional(SchemaType::Float64).shared()),
            Field::new("l", optional(SchemaType::Array(inner.shared())).shared()),
        ];
        let expected = Schema::structure("p", fields).optional();
        let (schema, value) = expand(
            r#"{"n": 5000000000, "d": 1.5, "nothing": null, "empty": [], "l": [{"x": 1}, null, {"y": true}]}"#,
            false,
        )
        .expect("an object");
        assert_eq!(schema, expected);
        let list = [
            Value::Struct(vec![Value::Int32(1), Value::Null]),
            Value::Null,
            Value::Struct(vec![Value::Null, Value::Boolean(true)]),
        ];
        let fields = vec![
            Value::Int64(5_000_000_000),
            Value::Float64(1.5),
            Value::Array(list.to_vec()),
        ];
        assert_eq!(value, Value::Struct(fields));
        let (schema, _) = expand(r#"{"nothing": null}"#, true).expect("an object");
        assert_eq!(schema.fields()[0].schema.schema_type, SchemaType::Bytes);
    }

    #[test]
    fn what_has_no_schema_stays_a_text() {
        for text in [
            "[1]",
            "\"x\"",
            "{",
            r#"{"a": [1, "x"]}"#,
            r#"{"a": [1, 5000000000]}"#,
            r#"{"a": [null]}"#,
            r#"{"a": 18446744073709551615}"#,
            r#"{"a": [{"b": 1}, {"b": "x"}]}"#,
        ] {
            assert!(expand(text, false).is_err(), "{text}");
        }
    }
}
