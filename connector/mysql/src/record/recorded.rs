//! Comparing what is written with what Debezium was recorded to write.

use connector_api::data::{Schema, SchemaType, Value};
use serde_json::Value as Json;

/// A value as JSON under the names of its schema: bytes in hex, an unset field as the default that a converter writes.
pub(super) fn json(value: &Value, schema: &Schema) -> Json {
    match (value, &schema.schema_type) {
        (Value::Struct(values), SchemaType::Struct(fields)) => {
            let pairs = fields.iter().zip(values);
            Json::Object(
                pairs
                    .map(|(field, value)| (field.name.clone(), json(value, &field.schema)))
                    .collect(),
            )
        }
        (Value::Array(items), SchemaType::Array(item)) => items.iter().map(|value| json(value, item)).collect(),
        (Value::Null, _) => schema
            .default
            .as_ref()
            .map_or(Json::Null, |default| json(default, schema)),
        (Value::String(text), _) => text.as_str().into(),
        (Value::Bytes(bytes), _) => bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
            .into(),
        (Value::Int32(number), _) => (*number).into(),
        (Value::Int64(number), _) => (*number).into(),
        (Value::Boolean(flag), _) => (*flag).into(),
        other => panic!("{other:?}"),
    }
}
