//! [`ScalarType`]: a type that `Cast` knows, and what a value is in it.

use connector_api::data::{Schema, SchemaType, Value};

use super::number::Number;
use crate::transforms::connect_text::{TextPlace, push_text};
use crate::transforms::decimal::scale;

/// A type without parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScalarType {
    Int8,
    Int16,
    Int32,
    Int64,
    Float32,
    Float64,
    Boolean,
    Text,
}

impl ScalarType {
    pub(super) const NAMES: [&str; 8] = [
        "int8", "int16", "int32", "int64", "float32", "float64", "boolean", "string",
    ];

    const ALL: [ScalarType; 8] = [
        ScalarType::Int8,
        ScalarType::Int16,
        ScalarType::Int32,
        ScalarType::Int64,
        ScalarType::Float32,
        ScalarType::Float64,
        ScalarType::Boolean,
        ScalarType::Text,
    ];

    /// The type of this name, in any case.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let index = Self::NAMES.iter().position(|known| known.eq_ignore_ascii_case(name))?;
        Some(Self::ALL[index])
    }

    /// # Errors
    /// Why values of `schema` cannot become such ones.
    pub(super) fn check(self, schema: &Schema) -> Result<(), String> {
        let is_number = scale(schema).is_some();
        match schema.schema_type {
            SchemaType::Array(_) | SchemaType::Map(..) | SchemaType::Struct(_) => {
                Err("is a list, a map or a struct, which cannot be cast".to_owned())
            }
            SchemaType::Bytes if !is_number && self != ScalarType::Text => {
                Err("is of bytes, which can be cast to string only".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// The schema of values that were of `schema`: without its name, with its default.
    pub(super) fn schema(self, schema: &Schema) -> Result<Schema, String> {
        let bare = Schema::new(match self {
            ScalarType::Int8 => SchemaType::Int8,
            ScalarType::Int16 => SchemaType::Int16,
            ScalarType::Int32 => SchemaType::Int32,
            ScalarType::Int64 => SchemaType::Int64,
            ScalarType::Float32 => SchemaType::Float32,
            ScalarType::Float64 => SchemaType::Float64,
            ScalarType::Boolean => SchemaType::Boolean,
            ScalarType::Text => SchemaType::String,
        });
        let default = schema.default.clone().map(|default| self.cast(schema, default));
        Ok(Schema {
            optional: schema.optional,
            default: default.transpose()?,
            ..bare
        })
    }

    /// The value in this type, by Java's conversions.
    ///
    /// # Errors
    /// Why it cannot be; not the value.
    pub(super) fn cast(self, schema: &Schema, value: Value) -> Result<Value, String> {
        if value == Value::Null {
            return Ok(Value::Null);
        }
        if self == ScalarType::Text {
            return text(schema, value).map(Value::String);
        }
        if let Value::String(text) = &value {
            return self.read(text).ok_or_else(|| {
                format!(
                    "has a text that is no {}, or one that is out of its range",
                    Self::NAMES[self as usize]
                )
            });
        }
        let number = match value {
            Value::Boolean(value) => Number::Whole(i64::from(value)),
            Value::Int32(value) => Number::Whole(i64::from(value)),
            Value::Int64(value) => Number::Whole(value),
            Value::Float32(value) => Number::Single(value),
            Value::Float64(value) => Number::Double(value),
            Value::Bytes(unscaled) => match scale(schema) {
                Some(scale) => Number::decimal(&unscaled, scale),
                None => return Err("is of bytes, which can be cast to string only".to_owned()),
            },
            _ => return Err("is not of its schema's type".to_owned()),
        };
        Ok(match self {
            ScalarType::Int8 => Value::Int32(i32::from(number.int32() as i8)),
            ScalarType::Int16 => Value::Int32(i32::from(number.int32() as i16)),
            ScalarType::Int32 => Value::Int32(number.int32()),
            ScalarType::Int64 => Value::Int64(number.int64()),
            ScalarType::Float32 => Value::Float32(number.float32()),
            ScalarType::Float64 => Value::Float64(number.float64()),
            ScalarType::Boolean | ScalarType::Text => Value::Boolean(number.int64() != 0),
        })
    }

    /// As `Byte.parseByte`, `Float.parseFloat` and the like read a text.
    fn read(self, text: &str) -> Option<Value> {
        match self {
            ScalarType::Int8 => text.parse::<i8>().ok().map(|number| Value::Int32(number.into())),
            ScalarType::Int16 => text.parse::<i16>().ok().map(|number| Value::Int32(number.into())),
            ScalarType::Int32 => text.parse().ok().map(Value::Int32),
            ScalarType::Int64 => text.parse().ok().map(Value::Int64),
            ScalarType::Float32 => float_text(text)?.parse().ok().map(Value::Float32),
            ScalarType::Float64 => float_text(text)?.parse().ok().map(Value::Float64),
            ScalarType::Boolean | ScalarType::Text => Some(Value::Boolean(text.eq_ignore_ascii_case("true"))),
        }
    }
}

/// What of `text` Java takes for a floating-point number, in a form that Rust takes, too. Java's hexadecimal ones are none here.
fn float_text(text: &str) -> Option<&str> {
    let text = text.trim_matches(|c| c <= ' ');
    let unsigned = text.trim_start_matches(['+', '-']);
    if ["NaN", "Infinity"].contains(&unsigned) {
        return Some(text);
    }
    let is_number = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    is_number.then(|| text.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(text))
}

fn text(schema: &Schema, value: Value) -> Result<String, String> {
    if let Value::String(text) = value {
        return Ok(text);
    }
    let mut bytes = Vec::new();
    push_text(&mut bytes, schema, &value, TextPlace::Alone).map_err(|error| format!("has no text: {error}"))?;
    String::from_utf8(bytes).map_err(|_| "has no text".to_owned())
}

#[cfg(test)]
mod tests {
    use connector_api::data::{Schema, SchemaType, Value};

    use super::ScalarType::{self, Boolean, Float32, Float64, Int8, Int16, Int32, Int64, Text};

    #[track_caller]
    fn check(from: SchemaType, value: Value, to: ScalarType, expected: Option<Value>) {
        assert_eq!(to.cast(&Schema::new(from), value).ok(), expected);
    }

    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    #[test]
    fn values_are_cast_as_java_casts_them() {
        check(SchemaType::Int64, Value::Int64(300), Int8, Some(Value::Int32(44)));
        check(SchemaType::Int64, Value::Int64(1 << 32), Int32, Some(Value::Int32(0)));
        check(
            SchemaType::Float64,
            Value::Float64(1e20),
            Int64,
            Some(Value::Int64(i64::MAX)),
        );
        check(
            SchemaType::Float64,
            Value::Float64(70_000.9),
            Int16,
            Some(Value::Int32(4_464)),
        );
        check(
            SchemaType::Float64,
            Value::Float64(f64::NAN),
            Int32,
            Some(Value::Int32(0)),
        );
        check(
            SchemaType::Float64,
            Value::Float64(0.9),
            Boolean,
            Some(Value::Boolean(false)),
        );
        check(
            SchemaType::Boolean,
            Value::Boolean(true),
            Float32,
            Some(Value::Float32(1.0)),
        );
        check(SchemaType::Int32, Value::Int32(7), Text, Some(text("7")));
        check(SchemaType::Boolean, Value::Boolean(true), Text, Some(text("true")));
        check(SchemaType::Bytes, Value::Bytes(vec![0]), Text, Some(text("AA==")));
        check(SchemaType::Int32, Value::Null, Text, Some(Value::Null));
    }

    #[test]
    fn texts_are_read_as_java_reads_them() {
        check(SchemaType::String, text("+12"), Int8, Some(Value::Int32(12)));
        check(SchemaType::String, text("128"), Int8, None);
        check(SchemaType::String, text(" 1"), Int32, None);
        check(SchemaType::String, text(" 1.5f "), Float64, Some(Value::Float64(1.5)));
        check(
            SchemaType::String,
            text("-Infinity"),
            Float32,
            Some(Value::Float32(f32::NEG_INFINITY)),
        );
        check(SchemaType::String, text("inf"), Float64, None);
        check(SchemaType::String, text("TRUE"), Boolean, Some(Value::Boolean(true)));
        check(SchemaType::String, text("1"), Boolean, Some(Value::Boolean(false)));
    }
}
