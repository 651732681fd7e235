//! A default as JSON, in a field's `default` and in `connect.default`.

use connector_api::data::{Schema, SchemaType, Value};

use crate::json::text::{JacksonWriter, push_double, push_float, push_integer, push_string};

/// How a float's default is printed: Java widens it for the field's default but not for `connect.default`.
#[derive(Clone, Copy)]
pub(super) enum Floats {
    AsFloat,
    AsDouble,
}

/// Whether a map with these keys is an Avro map.
pub(super) fn is_avro_map_key(keys: &Schema) -> bool {
    keys.schema_type == SchemaType::String && !keys.optional
}

/// Appends a default; the error is the reason why it is none.
pub(super) fn push_default(
    out: &mut Vec<u8>,
    schema: &Schema,
    default: &Value,
    floats: Floats,
) -> Result<(), &'static str> {
    match (&schema.schema_type, default) {
        (_, Value::Null) => out.extend_from_slice(b"null"),
        (SchemaType::Boolean, Value::Boolean(value)) => {
            out.extend_from_slice(if *value { b"true" } else { b"false" });
        }
        (SchemaType::Int8 | SchemaType::Int16 | SchemaType::Int32, Value::Int32(value)) => {
            push_integer(out, i64::from(*value));
        }
        (SchemaType::Int64, Value::Int64(value)) => push_integer(out, *value),
        (SchemaType::Float32, Value::Float32(value)) => match floats {
            Floats::AsFloat => push_float(out, *value),
            Floats::AsDouble => push_double(out, f64::from(*value)),
        },
        (SchemaType::Float64, Value::Float64(value)) => push_double(out, *value),
        (SchemaType::String, Value::String(value)) => push_string(out, value, JacksonWriter::Text),
        // "Unicode code points 0-255 are mapped to unsigned 8-bit byte values 0-255" (Avro specification).
        (SchemaType::Bytes, Value::Bytes(value)) => {
            let text: String = value.iter().copied().map(char::from).collect();
            push_string(out, &text, JacksonWriter::Text);
        }
        (SchemaType::Array(items), Value::Array(values)) => {
            out.push(b'[');
            for (at, value) in values.iter().enumerate() {
                separate(out, at);
                push_default(out, items, value, floats)?;
            }
            out.push(b']');
        }
        (SchemaType::Map(keys, values), Value::Map(entries)) => push_map(out, keys, values, entries, floats)?,
        (SchemaType::Struct(_), _) => return Err("a default of a struct is not supported"),
        _ => return Err("it is of another type"),
    }
    Ok(())
}

fn push_map(
    out: &mut Vec<u8>,
    keys: &Schema,
    values: &Schema,
    entries: &[(Value, Value)],
    floats: Floats,
) -> Result<(), &'static str> {
    let [open, pair, colon, end_pair, close] = if is_avro_map_key(keys) {
        ["{", "", ":", "", "}"]
    } else {
        ["[", "[", ",", "]", "]"]
    };
    out.extend_from_slice(open.as_bytes());
    for (at, (key, value)) in entries.iter().enumerate() {
        separate(out, at);
        out.extend_from_slice(pair.as_bytes());
        push_default(out, keys, key, floats)?;
        out.extend_from_slice(colon.as_bytes());
        push_default(out, values, value, floats)?;
        out.extend_from_slice(end_pair.as_bytes());
    }
    out.extend_from_slice(close.as_bytes());
    Ok(())
}

fn separate(out: &mut Vec<u8>, at: usize) {
    if at > 0 {
        out.push(b',');
    }
}

/// Whether every nested value is of the first branch of its union, as Avro wants of a default.
pub(super) fn is_valid_default(schema: &Schema, default: &Value) -> bool {
    match (&schema.schema_type, default) {
        (SchemaType::Array(items), Value::Array(values)) => values.iter().all(|value| is_first_branch(items, value)),
        (SchemaType::Map(keys, values), Value::Map(entries)) => {
            entries.is_empty()
                || (is_avro_map_key(keys) && entries.iter().all(|(_, value)| is_first_branch(values, value)))
        }
        _ => true,
    }
}

fn is_first_branch(schema: &Schema, value: &Value) -> bool {
    let null_is_first = schema.optional && schema.default.is_none();
    (*value == Value::Null) == null_is_first && (null_is_first || is_valid_default(schema, value))
}
