//! [`push_text`]: a value as Kafka Connect prints it in headers and in `Cast` (`org.apache.kafka.connect.data.Values.append`).
//!
//! It prints a `java.util.Date` in the time zone of its JVM; here that is UTC.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connector_api::data::{Schema, SchemaType, Value, WriteError};

use super::calendar::{CalendarTime, DAY_MS};
use super::decimal::scale;
use super::logical::Logical;

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextPlace {
    /// It is all there is.
    Alone,
    /// It stands in a list, a map or a struct, between quotes.
    Inside,
}

/// Appends the text of `value`, which is of `schema`.
///
/// # Errors
/// If the value does not fit the schema.
pub(super) fn push_text(out: &mut Vec<u8>, schema: &Schema, value: &Value, place: TextPlace) -> Result<(), WriteError> {
    if let Some(epoch_ms) = Logical::of(schema).and_then(|logical| logical.epoch_ms(value)) {
        push_time(out, epoch_ms);
        return Ok(());
    }
    match (&schema.schema_type, value) {
        (_, Value::String(text)) => push_quoted(out, text, place),
        (_, Value::Bytes(bytes)) if scale(schema).is_none() => push_quoted(out, &STANDARD.encode(bytes), place),
        (SchemaType::Array(items), Value::Array(values)) => {
            out.push(b'[');
            for (at, value) in values.iter().enumerate() {
                push_comma(out, at);
                push_text(out, items, value, TextPlace::Inside)?;
            }
            out.push(b']');
        }
        (SchemaType::Map(keys, items), Value::Map(entries)) => {
            out.push(b'{');
            for (at, (key, value)) in entries.iter().enumerate() {
                push_comma(out, at);
                push_text(out, keys, key, TextPlace::Inside)?;
                out.push(b':');
                push_text(out, items, value, TextPlace::Inside)?;
            }
            out.push(b'}');
        }
        (SchemaType::Struct(fields), Value::Struct(values)) if fields.len() == values.len() => {
            out.push(b'{');
            for (at, (field, value)) in fields.iter().zip(values).enumerate() {
                push_comma(out, at);
                push_quoted(out, &field.name, TextPlace::Inside);
                out.push(b':');
                let default = field.schema.default.as_ref().filter(|_| *value == Value::Null);
                push_text(out, &field.schema, default.unwrap_or(value), TextPlace::Inside)?;
            }
            out.push(b'}');
        }
        _ => schemas::text::push_text(out, schema, value)?,
    }
    Ok(())
}

fn push_comma(out: &mut Vec<u8>, at: usize) {
    if at > 0 {
        out.push(b',');
    }
}

fn push_quoted(out: &mut Vec<u8>, text: &str, place: TextPlace) {
    if place == TextPlace::Alone {
        return out.extend_from_slice(text.as_bytes());
    }
    out.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// Everything before the second day is a time of day to it, every midnight behind that a date.
fn push_time(out: &mut Vec<u8>, epoch_ms: i64) {
    let time = CalendarTime::of(epoch_ms);
    let year = if time.year > 0 { time.year } else { 1 - time.year };
    let date = format!("{year:04}-{:02}-{:02}", time.month, time.day);
    let CalendarTime {
        hour,
        minute,
        second,
        millisecond,
        ..
    } = time;
    let clock = format!("{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z");
    let text = match epoch_ms {
        ..DAY_MS => clock,
        _ if epoch_ms % DAY_MS == 0 => date,
        _ => format!("{date}T{clock}"),
    };
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use connector_api::data::{Field, Schema, SchemaType, Value};

    use super::{TextPlace, push_text};
    use crate::transforms::logical::Logical;

    #[track_caller]
    fn check(schema: &Schema, value: Value, expected: &str) {
        let mut out = Vec::new();
        push_text(&mut out, schema, &value, TextPlace::Alone).expect("it fits");
        assert_eq!(std::str::from_utf8(&out), Ok(expected));
    }

    #[test]
    fn values_are_printed_as_connect_prints_them() {
        let text = Schema::new(SchemaType::String).shared();
        check(&text, Value::String("a \"b\"".to_owned()), "a \"b\"");
        check(&Schema::new(SchemaType::Bytes), Value::Bytes(vec![0, 255]), "AP8=");
        check(&Schema::new(SchemaType::Float64), Value::Float64(1e10), "1.0E10");
        check(
            &Logical::Timestamp.schema(),
            Value::Int64(1_709_210_096_789),
            "2024-02-29T12:34:56.789Z",
        );
        check(&Logical::Date.schema(), Value::Int32(19_782), "2024-02-29");
        check(&Logical::Date.schema(), Value::Int32(0), "00:00:00.000Z");
        check(&Logical::Time.schema(), Value::Int32(1_001), "00:00:01.001Z");
        let list = Schema::new(SchemaType::Array(text.clone()));
        let words = ["a", "\"\\"].map(|word| Value::String(word.to_owned()));
        check(&list, Value::Array(words.to_vec()), r#"["a","\"\\"]"#);
        let number = Schema::new(SchemaType::Int32).optional().default_value(Value::Int32(5));
        let fields = vec![Field::new("t", text), Field::new("n", number.shared())];
        let row = Value::Struct(vec![Value::String("x".to_owned()), Value::Null]);
        check(&Schema::structure("s", fields), row, r#"{"t":"x","n":5}"#);
    }
}
