//! [`PrimitiveConverter`]: Kafka Connect's converters of one type each: text, bytes, a number, a boolean.
//!
//! A record whose key or value is of another type is refused by its schema, as Connect refuses it.

use std::collections::BTreeMap;

use connector_api::RecordPart;
use connector_api::config::ConfigProblem;
use connector_api::data::{Schema, SchemaType, Value, ValueCollector, WriteError};

use super::prepared::PreparedSchemas;
use super::{Converted, Converter, ConverterError};
use crate::settings::{OnlyValue, Settings};
use crate::text::{check_text, push_text};

/// The keys of `StringConverter` of which one value only is carried out.
pub(super) const ONLY: &[OnlyValue] = &[OnlyValue {
    key: "converter.encoding",
    value: "UTF-8",
}];

/// The form does not depend on the topic.
const ANY_TOPIC: &str = "";

/// What a converter writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Primitive {
    /// `StringConverter`: anything, as its text.
    Text,
    /// `ByteArrayConverter`: bytes, as they are.
    Bytes,
    /// `BooleanConverter`: one byte.
    Boolean,
    /// `ShortConverter`, and so on: big-endian.
    Int16,
    Int32,
    Int64,
    Float32,
    Float64,
}

/// A key or value of a type that the converter does not write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the converter writes {wanted} only, and this is {given}")]
pub struct TypeError {
    wanted: String,
    given: String,
}

impl TypeError {
    /// What is no bytes, and has no converter to go to.
    pub(super) fn without_delegate(schema: &Schema) -> Self {
        TypeError {
            wanted: "BYTES, without delegate.converter.type,".to_owned(),
            given: type_name(schema),
        }
    }
}

fn type_name(schema: &Schema) -> String {
    let given = match &schema.schema_type {
        SchemaType::Array(_) => "ARRAY".to_owned(),
        SchemaType::Map(..) => "MAP".to_owned(),
        SchemaType::Struct(_) => "STRUCT".to_owned(),
        plain => format!("{plain:?}").to_uppercase(),
    };
    match schema.name.as_deref() {
        None | Some("") => given,
        Some(name) => format!("{given} ({name})"),
    }
}

impl Primitive {
    /// Reads the converter's settings.
    pub(super) fn check(self, given: &BTreeMap<String, String>) -> Result<(), Vec<ConfigProblem>> {
        let mut settings = Settings::new(given);
        if self == Primitive::Text {
            settings.refuse_other_than(ONLY);
        }
        settings.finish()
    }

    /// A number of Connect's dates and times is a `java.util.Date`, and a `Decimal` no bytes.
    fn takes(self, schema: &Schema) -> Result<(), TypeError> {
        let wanted = match self {
            Primitive::Text => return Ok(()),
            Primitive::Bytes => SchemaType::Bytes,
            Primitive::Boolean => SchemaType::Boolean,
            Primitive::Int16 => SchemaType::Int16,
            Primitive::Int32 => SchemaType::Int32,
            Primitive::Int64 => SchemaType::Int64,
            Primitive::Float32 => SchemaType::Float32,
            Primitive::Float64 => SchemaType::Float64,
        };
        let name = schema.name.as_deref().unwrap_or_default();
        if schema.schema_type == wanted && !name.starts_with("org.apache.kafka.connect.data.") {
            return Ok(());
        }
        Err(TypeError {
            wanted: format!("{wanted:?}").to_uppercase(),
            given: type_name(schema),
        })
    }

    fn push(self, schema: &Schema, value: &Value, out: &mut Vec<u8>) -> Result<(), WriteError> {
        match (self, value) {
            (_, Value::Null) => return Err(WriteError::new("null has no bytes in this form")),
            (Primitive::Text, value) => push_text(out, schema, value)?,
            (Primitive::Bytes, Value::Bytes(value)) => out.extend_from_slice(value),
            (Primitive::Boolean, Value::Boolean(value)) => out.push(u8::from(*value)),
            (Primitive::Int16, Value::Int32(value)) => {
                let value = i16::try_from(*value).map_err(|error| WriteError::new(error.to_string()))?;
                out.extend_from_slice(&value.to_be_bytes());
            }
            (Primitive::Int32, Value::Int32(value)) => out.extend_from_slice(&value.to_be_bytes()),
            (Primitive::Int64, Value::Int64(value)) => out.extend_from_slice(&value.to_be_bytes()),
            (Primitive::Float32, Value::Float32(value)) => out.extend_from_slice(&value.to_be_bytes()),
            (Primitive::Float64, Value::Float64(value)) => out.extend_from_slice(&value.to_be_bytes()),
            _ => return Err(WriteError::new("the value is not of its schema's type")),
        }
        Ok(())
    }
}

/// Values of one type, without a schema.
pub struct PrimitiveConverter {
    primitive: Primitive,
    /// Those that were looked at.
    schemas: PreparedSchemas<()>,
}

impl PrimitiveConverter {
    pub(super) fn new(primitive: Primitive) -> Self {
        PrimitiveConverter {
            primitive,
            schemas: PreparedSchemas::default(),
        }
    }
}

impl Converter for PrimitiveConverter {
    fn prepare(
        &mut self,
        topic: &str,
        part: &RecordPart<'_>,
        _stopping: &dyn Fn() -> bool,
    ) -> Result<(), ConverterError> {
        let schema = part.schema;
        if self.schemas.find(ANY_TOPIC, schema).is_none() {
            let topic = || topic.to_owned();
            if self.primitive == Primitive::Text {
                check_text(schema).map_err(|reason| ConverterError::Text { topic: topic(), reason })?;
            }
            self.primitive
                .takes(schema)
                .map_err(|reason| ConverterError::Type { topic: topic(), reason })?;
            self.schemas.insert(ANY_TOPIC, schema, ());
        }
        Ok(())
    }

    fn convert(&mut self, topic: &str, part: &RecordPart<'_>, out: &mut Vec<u8>) -> Result<Converted, ConverterError> {
        if self.schemas.find(ANY_TOPIC, part.schema).is_none() {
            return Err(ConverterError::Unprepared {
                topic: topic.to_owned(),
            });
        }
        let mark = out.len();
        ValueCollector::collect(part.value)
            .and_then(|value| self.primitive.push(part.schema, &value, out))
            .map_err(|reason| {
                out.truncate(mark);
                ConverterError::Value {
                    topic: topic.to_owned(),
                    reason,
                }
            })?;
        Ok(Converted::Bytes)
    }
}
