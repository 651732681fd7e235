//! The Connect data model as Java's `toString` prints it, which is what `StringConverter` writes.
//!
//! A string is itself, a number its digits, a struct `Struct{id=1,name=a}` without its nulls. What has no text that says the
//! same twice (`byte[]` is an address in memory) or everywhere (`java.util.Date` is in a time zone) is refused by its schema.

use std::io::Write;

use connector_api::data::{Schema, SchemaType, Value, WriteError};

pub use crate::decimal::push_decimal;
use crate::json::text::{push_double, push_float, push_integer};

const CONNECT: &str = "org.apache.kafka.connect.data.";
/// Debezium hands these over as `byte[]`.
const BITS: &str = "io.debezium.data.Bits";

/// Why a Connect schema has no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} has no text that means the same every time and everywhere: use another converter")]
pub struct TextError {
    what: String,
}

/// Checks that values of `schema` have a text.
pub(crate) fn check_text(schema: &Schema) -> Result<(), TextError> {
    check(schema, "the value")
}

fn check(schema: &Schema, place: &str) -> Result<(), TextError> {
    let name = schema.name.as_deref().unwrap_or_default();
    let refused = |what: &str| {
        Err(TextError {
            what: format!("{place}, {what},"),
        })
    };
    match (&schema.schema_type, name.strip_prefix(CONNECT)) {
        (SchemaType::Map(..), _) => refused("a map"),
        (_, Some("Date" | "Time" | "Timestamp")) => refused("a java.util.Date"),
        (SchemaType::Bytes, Some("Decimal")) if scale(schema).is_none() => refused("a Decimal without a scale"),
        (SchemaType::Bytes, None) if name == BITS => refused("a BIT of several bits"),
        (SchemaType::Array(items), _) => check(items, place),
        (SchemaType::Struct(fields), _) => fields
            .iter()
            .try_for_each(|field| check(&field.schema, &format!("the field `{}`", field.name))),
        _ => Ok(()),
    }
}

/// Of a `Decimal`.
fn scale(schema: &Schema) -> Option<i32> {
    schema
        .name
        .as_deref()?
        .strip_prefix(CONNECT)
        .filter(|name| *name == "Decimal")?;
    let (_, scale) = schema.parameters.iter().find(|(key, _)| key == "scale")?;
    scale.parse().ok()
}

/// Appends the text of `value`, which is of `schema`.
///
/// # Errors
/// If the value does not fit the schema.
pub fn push_text(out: &mut Vec<u8>, schema: &Schema, value: &Value) -> Result<(), WriteError> {
    match (&schema.schema_type, value) {
        (_, Value::Null) => out.extend_from_slice(b"null"),
        (SchemaType::Boolean, Value::Boolean(value)) => {
            out.extend_from_slice(if *value { b"true" } else { b"false" });
        }
        (SchemaType::Int8 | SchemaType::Int16 | SchemaType::Int32, Value::Int32(value)) => {
            push_integer(out, i64::from(*value));
        }
        (SchemaType::Int64, Value::Int64(value)) => push_integer(out, *value),
        (SchemaType::Float32, Value::Float32(value)) if value.is_finite() => push_float(out, *value),
        (SchemaType::Float32, Value::Float32(value)) => push_double_name(out, f64::from(*value)),
        (SchemaType::Float64, Value::Float64(value)) if value.is_finite() => push_double(out, *value),
        (SchemaType::Float64, Value::Float64(value)) => push_double_name(out, *value),
        (SchemaType::String, Value::String(value)) => out.extend_from_slice(value.as_bytes()),
        (SchemaType::Bytes, Value::Bytes(value)) => match scale(schema) {
            Some(scale) => push_decimal(out, value, scale),
            // A `ByteBuffer` tells of its bytes only how many they are.
            None => write!(out, "java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]", value.len())
                .expect("a Vec takes any bytes"),
        },
        (SchemaType::Array(items), Value::Array(values)) => {
            out.push(b'[');
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    out.extend_from_slice(b", ");
                }
                push_text(out, items, value)?;
            }
            out.push(b']');
        }
        (SchemaType::Struct(fields), Value::Struct(values)) if fields.len() == values.len() => {
            out.extend_from_slice(b"Struct{");
            let pairs = fields.iter().zip(values).filter(|(_, value)| **value != Value::Null);
            for (at, (field, value)) in pairs.enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(field.name.as_bytes());
                out.push(b'=');
                push_text(out, &field.schema, value).map_err(|error| error.in_field(&field.name))?;
            }
            out.push(b'}');
        }
        _ => return Err(WriteError::new("the value is not of its schema's type")),
    }
    Ok(())
}

/// As `Double.toString` names what is no number.
fn push_double_name(out: &mut Vec<u8>, value: f64) {
    out.extend_from_slice(match (value.is_nan(), value < 0.0) {
        (true, _) => b"NaN",
        (false, true) => b"-Infinity",
        (false, false) => b"Infinity",
    });
}

#[cfg(test)]
mod tests {
    use connector_api::data::{Field, Schema, SchemaType, Value};

    use super::{check_text, push_text};

    fn decimal() -> Schema {
        Schema::new(SchemaType::Bytes)
            .named("org.apache.kafka.connect.data.Decimal")
            .parameter("scale", "2")
    }

    fn check(schema: &Schema, value: Value, expected: &str) {
        let mut out = Vec::new();
        check_text(schema).expect("it has a text");
        push_text(&mut out, schema, &value).expect("it fits");
        assert_eq!(std::str::from_utf8(&out), Ok(expected));
    }

    #[test]
    fn values_are_printed_as_java_prints_them() {
        let text = |value: &str| Value::String(value.to_owned());
        check(&Schema::new(SchemaType::String), text("a \"b\" {"), "a \"b\" {");
        check(&Schema::new(SchemaType::Int64), Value::Int64(-7), "-7");
        check(&Schema::new(SchemaType::Float64), Value::Float64(1e10), "1.0E10");
        check(&Schema::new(SchemaType::Float64), Value::Float64(f64::NAN), "NaN");
        check(&Schema::new(SchemaType::Boolean), Value::Boolean(true), "true");
        check(
            &Schema::new(SchemaType::Bytes),
            Value::Bytes(vec![1, 2, 3]),
            "java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]",
        );
        check(&decimal(), Value::Bytes(vec![0xff, 0x85]), "-1.23");
        let inner = Schema::structure("i", vec![Field::new("d", decimal().shared())])
            .optional()
            .shared();
        let schema = Schema::structure(
            "s",
            vec![
                Field::new(
                    "n",
                    Schema::new(SchemaType::Int32)
                        .optional()
                        .default_value(Value::Int32(5))
                        .shared(),
                ),
                Field::new("t", Schema::new(SchemaType::String).shared()),
                Field::new("i", inner),
                Field::new(
                    "a",
                    Schema::new(SchemaType::Array(Schema::new(SchemaType::Int32).shared())).shared(),
                ),
            ],
        );
        let value = Value::Struct(vec![
            Value::Null,
            text("x{"),
            Value::Struct(vec![Value::Bytes(vec![100])]),
            Value::Array(vec![Value::Int32(1), Value::Int32(2)]),
        ]);
        check(&schema, value, "Struct{t=x{,i=Struct{d=1.00},a=[1, 2]}");
        let mut out = Vec::new();
        assert!(push_text(&mut out, &schema, &Value::Struct(vec![])).is_err());
    }

    #[test]
    fn what_has_no_text_is_refused_by_its_schema() {
        for schema in [
            Schema::new(SchemaType::Bytes).named("io.debezium.data.Bits"),
            Schema::new(SchemaType::Int32).named("org.apache.kafka.connect.data.Date"),
            Schema::new(SchemaType::Bytes).named("org.apache.kafka.connect.data.Decimal"),
            Schema::new(SchemaType::Map(
                Schema::new(SchemaType::String).shared(),
                Schema::new(SchemaType::String).shared(),
            )),
        ] {
            let structure = Schema::structure("s", vec![Field::new("f", schema.shared())]);
            let error = check_text(&structure).expect_err("it has no text").to_string();
            assert!(error.contains("the field `f`"), "{error}");
        }
    }
}
