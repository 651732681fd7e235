//! Reads the recordings of Kafka Connect's converters in `tests/goldens/` into schemas and values.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connector_api::data::{Field, Schema, SchemaType, Value};
use serde_json::Value as Json;

/// One value that went through Kafka Connect's converters.
pub(crate) struct Recording {
    pub(crate) schema: Schema,
    pub(crate) value: Value,
    pub(crate) avro_schema: &'static str,
    pub(crate) avro_datum: &'static str,
    pub(crate) json_with_schema: &'static str,
    pub(crate) json: &'static str,
}

pub(crate) fn recordings() -> Vec<Recording> {
    include_str!("../tests/goldens/converters.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(recording)
        .collect()
}

fn recording(line: &'static str) -> Recording {
    let columns: Vec<&str> = line.split('\t').collect();
    let [input, avro_schema, avro_datum, json_with_schema, json] = columns[..] else {
        panic!("five columns: {line}")
    };
    let input: Json = serde_json::from_str(input).unwrap();
    let schema = connect_schema(&input["schema"]);
    let value = connect_value(&schema, &input["payload"]);
    Recording {
        schema,
        value,
        avro_schema,
        avro_datum,
        json_with_schema,
        json,
    }
}

/// A schema from the form in which `JsonConverter` writes it.
fn connect_schema(json: &Json) -> Schema {
    let child = |key: &str| Arc::new(connect_schema(&json[key]));
    let schema_type = match json["type"].as_str().unwrap() {
        "int8" => SchemaType::Int8,
        "int16" => SchemaType::Int16,
        "int32" => SchemaType::Int32,
        "int64" => SchemaType::Int64,
        "float" => SchemaType::Float32,
        "double" => SchemaType::Float64,
        "boolean" => SchemaType::Boolean,
        "string" => SchemaType::String,
        "bytes" => SchemaType::Bytes,
        "array" => SchemaType::Array(child("items")),
        "map" => SchemaType::Map(child("keys"), child("values")),
        "struct" => SchemaType::Struct(
            json["fields"]
                .as_array()
                .unwrap()
                .iter()
                .map(|field| Field::new(field["field"].as_str().unwrap(), Arc::new(connect_schema(field))))
                .collect(),
        ),
        other => panic!("unknown type {other}"),
    };
    let text = |key: &str| json[key].as_str().map(str::to_owned);
    let mut schema = Schema::new(schema_type);
    schema.optional = json["optional"].as_bool().unwrap();
    schema.name = text("name");
    schema.doc = text("doc");
    schema.version = json["version"].as_i64().map(|version| version as i32);
    if let Some(parameters) = json["parameters"].as_object() {
        schema.parameters = parameters
            .iter()
            .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
            .collect();
    }
    schema.default = json.get("default").map(|default| connect_value(&schema, default));
    schema
}

fn connect_value(schema: &Schema, json: &Json) -> Value {
    if json.is_null() {
        return Value::Null;
    }
    match &schema.schema_type {
        SchemaType::Int8 | SchemaType::Int16 | SchemaType::Int32 => Value::Int32(json.as_i64().unwrap() as i32),
        SchemaType::Int64 => Value::Int64(json.as_i64().unwrap()),
        SchemaType::Float32 => Value::Float32(json.as_f64().unwrap() as f32),
        // Reading by way of a BigDecimal, as JsonConverter does, loses the sign of zero.
        SchemaType::Float64 => Value::Float64(json.as_f64().unwrap() + 0.0),
        SchemaType::Boolean => Value::Boolean(json.as_bool().unwrap()),
        SchemaType::String => Value::String(json.as_str().unwrap().to_owned()),
        SchemaType::Bytes => Value::Bytes(STANDARD.decode(json.as_str().unwrap()).unwrap()),
        SchemaType::Array(items) => Value::Array(
            json.as_array()
                .unwrap()
                .iter()
                .map(|item| element(items, item))
                .collect(),
        ),
        SchemaType::Map(keys, values) => Value::Map(match json {
            Json::Object(entries) => entries
                .iter()
                .map(|(key, value)| (Value::String(key.clone()), element(values, value)))
                .collect(),
            _ => json
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| (connect_value(keys, &entry[0]), element(values, &entry[1])))
                .collect(),
        }),
        SchemaType::Struct(fields) => Value::Struct(
            fields
                .iter()
                .map(|field| connect_value(&field.schema, &json[&field.name]))
                .collect(),
        ),
    }
}

/// What `JsonConverter` read for an item: unlike our writers it puts the default there, too.
fn element(schema: &Schema, json: &Json) -> Value {
    match (&schema.default, connect_value(schema, json)) {
        (Some(default), Value::Null) => default.clone(),
        (_, value) => value,
    }
}

/// A schema from its Avro form, as Confluent's `AvroData.toConnectSchema` reads it.
pub(crate) fn connect_schema_of_avro(avro: &Json) -> Schema {
    AvroReader::default().schema(avro, None)
}

#[derive(Default)]
struct AvroReader {
    records: Vec<(String, Schema)>,
}

impl AvroReader {
    fn schema(&mut self, avro: &Json, namespace: Option<&str>) -> Schema {
        match avro {
            Json::Array(branches) => {
                let branch = branches.iter().find(|branch| *branch != "null").unwrap();
                self.schema(branch, namespace).optional()
            }
            Json::String(name) => self.named(name, namespace),
            _ => self.annotated(avro, namespace),
        }
    }

    fn named(&self, name: &str, namespace: Option<&str>) -> Schema {
        Schema::new(match name {
            "boolean" => SchemaType::Boolean,
            "int" => SchemaType::Int32,
            "long" => SchemaType::Int64,
            "float" => SchemaType::Float32,
            "double" => SchemaType::Float64,
            "string" => SchemaType::String,
            "bytes" => SchemaType::Bytes,
            _ => {
                let full_name = if name.contains('.') {
                    name.to_owned()
                } else {
                    qualified(name, namespace)
                };
                return self
                    .records
                    .iter()
                    .find(|(known, _)| *known == full_name)
                    .unwrap()
                    .1
                    .clone();
            }
        })
    }

    fn annotated(&mut self, avro: &Json, namespace: Option<&str>) -> Schema {
        let own_namespace = avro["namespace"].as_str().or(namespace);
        let mut schema = match avro["type"].as_str().unwrap() {
            "record" => Schema::new(SchemaType::Struct(
                avro["fields"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|field| {
                        let schema = self.schema(&field["type"], own_namespace);
                        Field::new(field["name"].as_str().unwrap(), Arc::new(schema))
                    })
                    .collect(),
            )),
            "array" => Schema::new(SchemaType::Array(Arc::new(self.schema(&avro["items"], namespace)))),
            "map" => Schema::new(SchemaType::Map(
                Schema::new(SchemaType::String).shared(),
                Arc::new(self.schema(&avro["values"], namespace)),
            )),
            primitive => self.named(primitive, namespace),
        };
        match avro["connect.type"].as_str() {
            Some("int8") => schema.schema_type = SchemaType::Int8,
            Some("int16") => schema.schema_type = SchemaType::Int16,
            _ => {}
        }
        schema.name = avro["connect.name"].as_str().map(str::to_owned);
        schema.doc = avro["connect.doc"].as_str().map(str::to_owned);
        schema.version = avro["connect.version"].as_i64().map(|version| version as i32);
        if let Some(parameters) = avro["connect.parameters"].as_object() {
            schema.parameters = parameters
                .iter()
                .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
                .collect();
        }
        schema.default = avro
            .get("connect.default")
            .map(|default| match (&schema.schema_type, default.as_str()) {
                (SchemaType::Bytes, Some(latin1)) => Value::Bytes(latin1.chars().map(|unit| unit as u8).collect()),
                _ => connect_value(&schema, default),
            });
        if let Some(name) = avro["name"].as_str() {
            self.records.push((qualified(name, own_namespace), schema.clone()));
        }
        schema
    }
}

fn qualified(name: &str, namespace: Option<&str>) -> String {
    match namespace {
        Some(namespace) if !namespace.is_empty() => format!("{namespace}.{name}"),
        _ => name.to_owned(),
    }
}
