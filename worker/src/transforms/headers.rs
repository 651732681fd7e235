//! [`InsertHeader`] and [`DropHeaders`]: headers with one value for all records, and headers that go
//! (`org.apache.kafka.connect.transforms`).

use std::sync::Arc;

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, ParsedConfig, Validator};
use connector_api::data::{Schema, SchemaType, Value};

use super::chain::{Next, Transform, TransformError};
use super::keys::required;
use super::record::{Header, Headers, Part, Record};

/// Adds a header behind the others.
pub struct InsertHeader {
    name: String,
    schema: Arc<Schema>,
    value: Value,
}

/// Its options, without their prefix.
pub fn insert_keys() -> Vec<ConfigKey> {
    vec![
        required("header", ConfigType::String, "The name of the header.").validator(Validator::NonEmpty),
        required(
            "value.literal",
            ConfigType::String,
            "Its value: a text, a whole number, true or false.",
        )
        .validator(Validator::NonEmpty),
    ]
}

/// The transform with these options.
///
/// # Errors
/// A literal that Kafka Connect would read as something else than what it says.
pub fn build_insert(options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let option = |name| options.string(name).unwrap_or_default().to_owned();
    let text = option("value.literal");
    if !stays_as_it_is(&text) {
        let message = format!(
            "{text} is not supported: Kafka Connect reads it as another type than text and may write it otherwise; texts, whole \
             numbers, true and false are"
        );
        return Err(vec![ConfigProblem::new("value.literal", message)]);
    }
    let (schema_type, value) = literal(text);
    Ok(Box::new(InsertHeader {
        name: option("header"),
        schema: Schema::new(schema_type).shared(),
        value,
    }))
}

/// What Kafka Connect takes a literal for: of whole numbers the smallest type.
fn literal(text: String) -> (SchemaType, Value) {
    if let Ok(number) = text.parse::<i64>() {
        return match i32::try_from(number) {
            Ok(number @ -128..=127) => (SchemaType::Int8, Value::Int32(number)),
            Ok(number @ -32_768..=32_767) => (SchemaType::Int16, Value::Int32(number)),
            Ok(number) => (SchemaType::Int32, Value::Int32(number)),
            Err(_) => (SchemaType::Int64, Value::Int64(number)),
        };
    }
    match text.as_str() {
        "true" => (SchemaType::Boolean, Value::Boolean(true)),
        "false" => (SchemaType::Boolean, Value::Boolean(false)),
        _ => (SchemaType::String, Value::String(text)),
    }
}

/// Whether a literal is written as it was read: not so a fraction, a time, a list, a map or a quoted text
/// (`org.apache.kafka.connect.data.Values.parseString`).
fn stays_as_it_is(literal: &str) -> bool {
    let whole = literal.strip_prefix('-').unwrap_or(literal);
    let is_whole = whole.bytes().all(|byte| byte.is_ascii_digit());
    if is_whole {
        return literal.parse::<i64>().is_ok_and(|number| number.to_string() == literal);
    }
    let begins_as_text = literal.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let has_structure = literal.contains(['"', '\\', '{', '}', '[', ']', ',', ':']);
    let is_word_of_its_own = ["null", "nan", "infinity"].contains(&literal.to_ascii_lowercase().as_str());
    begins_as_text && !has_structure && !is_word_of_its_own && literal.trim() == literal
}

impl Transform for InsertHeader {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let more = [Header {
            name: &self.name,
            value: Part {
                schema: &self.schema,
                value: Some(&self.value),
            },
        }];
        next(&Record {
            headers: Headers::With {
                rest: &record.headers,
                more: &more,
            },
            ..*record
        });
        Ok(())
    }
}

/// Takes headers away.
pub struct DropHeaders {
    names: Vec<String>,
}

/// Its options, without their prefix.
pub fn drop_keys() -> Vec<ConfigKey> {
    vec![required("headers", ConfigType::List, "The names of the headers.").validator(Validator::NonEmpty)]
}

/// The transform with these options.
///
/// # Errors
/// None that its keys do not show.
pub fn build_drop(options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let names = options.list("headers").unwrap_or_default().to_vec();
    Ok(Box::new(DropHeaders { names }))
}

impl Transform for DropHeaders {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        next(&Record {
            headers: Headers::Without {
                rest: &record.headers,
                names: &self.names,
            },
            ..*record
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::stays_as_it_is;

    #[test]
    fn only_literals_that_are_written_as_they_are_read_are_taken() {
        for literal in ["orders", "eu-west-1", "true", "0", "-12", "9223372036854775807", "v1.2"] {
            assert!(stays_as_it_is(literal), "{literal}");
        }
        for literal in [
            "1.50",
            "007",
            "-",
            "9223372036854775808",
            "[1]",
            "{}",
            "\"x\"",
            "null",
            "NaN",
            "2024-01-01",
            "a:b",
            " a",
        ] {
            assert!(!stays_as_it_is(literal), "{literal}");
        }
    }
}
