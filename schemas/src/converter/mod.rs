//! [`Converter`]: from record parts to the bytes of a Kafka record.
//!
//! Converting is split in two, because no Kafka transaction may stay open while a registry is asked: a registry that is
//! away for longer than `transaction.timeout.ms` would get the producer fenced. So the worker just
//! [`convert`](Converter::convert)s, which never waits; if that says that the schema is
//! [not prepared](ConverterError::Unprepared), it commits what it holds, then calls [`prepare`](Converter::prepare), which
//! may wait for long, and converts again.

mod avro;
mod json;
mod prepared;

use std::collections::BTreeMap;
use std::sync::Arc;

use connector_api::RecordPart;
use connector_api::config::ConfigProblem;
use connector_api::data::{Schema, WriteError};
use tokio::runtime::Handle;

use crate::avro::SchemaError;
use crate::json::JsonError;
use crate::registry::RegistryError;

pub use crate::registry::Role;
pub use avro::AvroConverter;
pub use json::JsonConverter;

/// Turns record parts into bytes. One per task and role, used on the task's thread.
pub trait Converter: Send {
    /// Learns what [`convert`](Self::convert) needs to know about `schema`, registering it if need be.
    ///
    /// Blocks; must not be called from a thread of the async runtime. What can heal is asked for again, with backoff, until
    /// it succeeds or `stopping` is true.
    ///
    /// # Errors
    /// If only a person can fix it, or `stopping` ended the wait ([`ConverterError::is_stopped`]).
    fn prepare(&mut self, topic: &str, schema: &Arc<Schema>, stopping: &dyn Fn() -> bool)
    -> Result<(), ConverterError>;

    /// Appends the serialised form of `part` to `out`. Never waits.
    ///
    /// # Errors
    /// If the schema is not prepared, or the value does not fit it; `out` is then as long as before.
    fn convert(&mut self, topic: &str, part: &RecordPart<'_>, out: &mut Vec<u8>) -> Result<(), ConverterError>;

    /// Whether a null that has a schema has a form of its own, which [`convert`](Self::convert) writes; else it is no bytes at
    /// all, as a null without a schema is with every converter.
    fn writes_nulls(&self) -> bool {
        false
    }
}

/// Why a record part could not be converted, or its schema not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum ConverterError {
    /// The registry gave no id, or the wait for it was stopped.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The schema has no Avro form.
    #[error("no avro schema for topic `{topic}`: {reason}")]
    Schema {
        /// The topic.
        topic: String,
        /// What is wrong.
        reason: SchemaError,
    },
    /// The schema has no JSON form.
    #[error("no json schema for topic `{topic}`: {reason}")]
    JsonSchema {
        /// The topic.
        topic: String,
        /// What is wrong.
        reason: JsonError,
    },
    /// The value does not fit its schema.
    #[error("a record for topic `{topic}` does not fit its schema: {reason}")]
    Value {
        /// The topic.
        topic: String,
        /// Which field, and why.
        reason: WriteError,
    },
    /// The schema has to be prepared first.
    #[error("the schema of a record for topic `{topic}` is not prepared")]
    Unprepared {
        /// The topic.
        topic: String,
    },
}

impl ConverterError {
    /// Whether to begin again may help: only where a wait was cut short, since what can heal is waited for.
    pub fn is_retriable(&self) -> bool {
        self.is_stopped()
    }

    /// Whether the wait was ended by the task's own stop, which is no failure.
    pub fn is_stopped(&self) -> bool {
        matches!(self, ConverterError::Registry(RegistryError::Stopped { .. }))
    }
}

/// The converters there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Avro,
    Json,
}

impl Class {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "io.confluent.connect.avro.AvroConverter" | "AvroConverter" | "avro" | "Avro" => Some(Class::Avro),
            "org.apache.kafka.connect.json.JsonConverter" | "JsonConverter" | "json" | "Json" => Some(Class::Json),
            _ => None,
        }
    }

    fn parse_for(name: &str, role: Role) -> Result<Self, Vec<ConfigProblem>> {
        Class::parse(name).ok_or_else(|| {
            let key = match role {
                Role::Key => "key.converter",
                Role::Value => "value.converter",
            };
            let message = format!(
                "{name} is not supported; io.confluent.connect.avro.AvroConverter and \
                 org.apache.kafka.connect.json.JsonConverter are"
            );
            vec![ConfigProblem::new(key, message)]
        })
    }
}

/// The full class name of a converter, from that or an alias; `None` if there is no such converter.
pub fn full_class_name(name: &str) -> Option<&'static str> {
    Some(match Class::parse(name)? {
        Class::Avro => "io.confluent.connect.avro.AvroConverter",
        Class::Json => "org.apache.kafka.connect.json.JsonConverter",
    })
}

/// Whether names of this converter's schemas must be Avro names ([`crate::avro::name`]).
pub fn wants_avro_names(name: &str) -> bool {
    Class::parse(name) == Some(Class::Avro)
}

/// Creates a converter from its class and its settings, which come without `key.converter.` or `value.converter.`.
///
/// # Errors
/// Every problem at once. The key of an unknown class is `key.converter` or `value.converter`.
pub fn create(
    class: &str,
    role: Role,
    settings: &BTreeMap<String, String>,
    runtime: Handle,
) -> Result<Box<dyn Converter>, Vec<ConfigProblem>> {
    Ok(match Class::parse_for(class, role)? {
        Class::Avro => Box::new(AvroConverter::new(&avro::AvroSettings::read(settings)?, role, runtime)?),
        Class::Json => Box::new(JsonConverter::new(&json::JsonSettings::read(settings)?)),
    })
}

/// Every problem of a converter's settings, certificates included; asks no registry.
pub fn validate(class: &str, role: Role, settings: &BTreeMap<String, String>) -> Vec<ConfigProblem> {
    let checked = Class::parse_for(class, role).and_then(|class| match class {
        Class::Avro => avro::AvroSettings::read(settings).and_then(|settings| settings.check()),
        Class::Json => json::JsonSettings::read(settings).map(|_| ()),
    });
    checked.err().unwrap_or_default()
}

/// What is worth knowing of a converter's settings but no error: keys that are unknown or have no effect.
pub fn warnings(class: &str, settings: &BTreeMap<String, String>) -> Vec<String> {
    let Some(class) = Class::parse(class) else {
        return Vec::new();
    };
    let (carried_out, only, without_effect) = match class {
        Class::Avro => (avro::CARRIED_OUT, avro::ONLY, avro::WITHOUT_EFFECT),
        Class::Json => (json::CARRIED_OUT, json::ONLY, json::WITHOUT_EFFECT),
    };
    settings
        .keys()
        .map(String::as_str)
        // Connect itself adds the type.
        .filter(|key| *key != "converter.type" && !carried_out.contains(key))
        .filter(|key| !(class == Class::Avro && key.starts_with("request.header.")))
        .filter(|key| !only.iter().any(|only| only.key == *key))
        .map(|key| match without_effect.contains(&key) {
            true => format!("{key} has no effect here"),
            false => format!("{key} is not a known key of this converter"),
        })
        .collect()
}

#[cfg(test)]
mod tests;
