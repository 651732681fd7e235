//! [`Converter`]: from record parts to the bytes of a Kafka record.
//!
//! Converting is split in two, because no Kafka transaction may stay open while a registry is asked: a registry that is
//! away for longer than `transaction.timeout.ms` would get the producer fenced. So the worker just
//! [`convert`](Converter::convert)s, which never waits; if that says that the schema is
//! [not prepared](ConverterError::Unprepared), it commits what it holds, then calls [`prepare`](Converter::prepare), which
//! may wait for long, and converts again.

mod apicurio;
mod avro;
mod binary_data;
mod class;
mod cloud_events;
mod datums;
mod header;
mod json;
mod prepared;
mod primitive;

use std::collections::BTreeMap;
use std::sync::Arc;

use connector_api::RecordPart;
use connector_api::config::ConfigProblem;
use connector_api::data::{Schema, WriteError};
use tokio::runtime::Handle;

use crate::apicurio::ApicurioError;
use crate::avro::SchemaError;
use crate::json::JsonError;
use crate::registry::RegistryError;
use crate::settings::OnlyValue;
use crate::text::TextError;

pub use crate::registry::Role;
pub use apicurio::{ApicurioAvroConverter, ExtJsonConverter};
use apicurio::{ApicurioAvroSettings, ExtJsonSettings, Fate};
pub use avro::AvroConverter;
pub use binary_data::BinaryDataConverter;
use class::Class;
pub use class::class_names;
pub use cloud_events::CloudEventsConverter;
use cloud_events::CloudEventsSettings;
pub use header::{create_for_headers, header_class_names};
pub use json::JsonConverter;
use primitive::Primitive;
pub use primitive::{PrimitiveConverter, TypeError};

/// Turns record parts into bytes. One per task and role, used on the task's thread.
pub trait Converter: Send {
    /// Learns what [`convert`](Self::convert) needs to know about the schema of `part`, registering it if need be.
    ///
    /// Blocks; must not be called from a thread of the async runtime. What can heal is asked for again, with backoff, until
    /// it succeeds or `stopping` is true.
    ///
    /// # Errors
    /// If only a person can fix it, or `stopping` ended the wait ([`ConverterError::is_stopped`]).
    fn prepare(
        &mut self,
        topic: &str,
        part: &RecordPart<'_>,
        stopping: &dyn Fn() -> bool,
    ) -> Result<(), ConverterError>;

    /// Appends the serialised form of `part` to `out`. Never waits.
    ///
    /// # Errors
    /// If the schema is not prepared, or the value does not fit it; `out` is then as long as before.
    fn convert(&mut self, topic: &str, part: &RecordPart<'_>, out: &mut Vec<u8>) -> Result<Converted, ConverterError>;

    /// Whether a null that has a schema has a form of its own, which [`convert`](Self::convert) writes; else it is no bytes at
    /// all, as a null without a schema is with every converter.
    fn writes_nulls(&self) -> bool {
        false
    }

    /// Headers of a record whose part of this schema has been converted, behind those that it has anyway.
    fn headers(&self, _topic: &str, _schema: &Arc<Schema>) -> Headers<'_> {
        &[]
    }
}

/// Names and values of headers, in order.
pub type Headers<'a> = &'a [(String, Vec<u8>)];

/// What a record part has become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Converted {
    /// The bytes that were appended.
    Bytes,
    /// A null: this converter has nothing to say of such parts.
    Null,
}

/// Why a record part could not be converted, or its schema not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum ConverterError {
    /// The registry gave no id, or the wait for it was stopped.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Apicurio Registry gave no version of an artifact, or the wait for it was stopped.
    #[error(transparent)]
    Apicurio(#[from] ApicurioError),
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
    /// Its subject is named by a record, and it is none.
    #[error(
        "no subject for topic `{topic}`: only a record has a name, and this is none or may be null; use TopicNameStrategy"
    )]
    NoSubject {
        /// The topic.
        topic: String,
    },
    /// Its artifact is named by a record, and it is none.
    #[error(
        "no artifact for topic `{topic}`: only a record has a name, and this is none or may be null; use TopicIdStrategy"
    )]
    NoArtifact {
        /// The topic.
        topic: String,
    },
    /// The schema has values without a text.
    #[error("no text for records of topic `{topic}`: {reason}")]
    Text {
        /// The topic.
        topic: String,
        /// What has none.
        reason: TextError,
    },
    /// The converter is for another type.
    #[error("a record for topic `{topic}` cannot be converted: {reason}")]
    Type {
        /// The topic.
        topic: String,
        /// Both types.
        reason: TypeError,
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
        matches!(
            self,
            ConverterError::Registry(RegistryError::Stopped { .. })
                | ConverterError::Apicurio(ApicurioError::Stopped { .. })
        )
    }
}

/// Whether names of this converter's schemas must be Avro names ([`crate::avro::name`]).
pub fn wants_avro_names(class: &str, settings: &BTreeMap<String, String>) -> bool {
    let scrubs = settings
        .get(avro::SCRUB)
        .is_some_and(|given| given.trim().eq_ignore_ascii_case("true"));
    match Class::parse(class) {
        Some(Class::Avro) => !scrubs,
        Some(Class::ApicurioAvro) => true,
        Some(Class::BinaryData) => {
            binary_data::delegate(settings).is_some_and(|(class, inside)| wants_avro_names(class, &inside))
        }
        _ => false,
    }
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
        Class::ApicurioAvro => Box::new(ApicurioAvroConverter::new(
            ApicurioAvroSettings::read(role, settings)?,
            role,
            runtime,
        )?),
        Class::ApicurioJson => Box::new(ExtJsonConverter::new(ExtJsonSettings::read(settings)?, role, runtime)?),
        Class::Avro => Box::new(AvroConverter::new(
            &avro::AvroSettings::read(role, settings)?,
            role,
            runtime,
        )?),
        Class::BinaryData => Box::new(BinaryDataConverter::new(role, settings, runtime)?),
        Class::CloudEvents => {
            let settings = CloudEventsSettings::read(role, settings)?;
            Box::new(CloudEventsConverter::new(settings, &runtime)?)
        }
        Class::Json => Box::new(JsonConverter::new(&json::JsonSettings::read(settings)?)),
        Class::Primitive(primitive) => {
            primitive.check(settings)?;
            Box::new(PrimitiveConverter::new(primitive))
        }
    })
}

/// Every problem of a converter's settings, certificates included; asks no registry.
pub fn validate(class: &str, role: Role, settings: &BTreeMap<String, String>) -> Vec<ConfigProblem> {
    let checked = Class::parse_for(class, role).and_then(|class| match class {
        Class::ApicurioAvro => ApicurioAvroSettings::read(role, settings).and_then(|settings| settings.check()),
        Class::ApicurioJson => ExtJsonSettings::read(settings).and_then(|settings| settings.check()),
        Class::Avro => avro::AvroSettings::read(role, settings).and_then(|settings| settings.check()),
        Class::BinaryData => binary_data::check(role, settings),
        Class::CloudEvents => CloudEventsSettings::read(role, settings).and_then(|settings| settings.check()),
        Class::Json => json::JsonSettings::read(settings).map(|_| ()),
        Class::Primitive(primitive) => primitive.check(settings),
    });
    checked.err().unwrap_or_default()
}

/// What is worth knowing of a converter's settings but no error: keys that are unknown or have no effect.
pub fn warnings(class: &str, settings: &BTreeMap<String, String>) -> Vec<String> {
    let Some(class) = Class::parse(class) else {
        return Vec::new();
    };
    let mut told = warnings_of(class, settings);
    if class == Class::BinaryData
        && let Some((delegate, inside)) = binary_data::delegate(settings)
    {
        let found = warnings(delegate, &inside);
        told.extend(found.iter().map(|text| format!("{}.{text}", binary_data::DELEGATE)));
    }
    if class == Class::CloudEvents {
        let has_avro = cloud_events::has_avro_data(settings);
        for (prefix, inner, is_used) in [("json.", Class::Json, !has_avro), ("avro.", Class::Avro, has_avro)] {
            let inside = cloud_events::inside(prefix, settings);
            match is_used {
                true => told.extend(warnings_of(inner, &inside).iter().map(|text| format!("{prefix}{text}"))),
                false => told.extend(inside.keys().map(|key| format!("{prefix}{key} has no effect here"))),
            }
        }
    }
    told
}

fn warnings_of(class: Class, settings: &BTreeMap<String, String>) -> Vec<String> {
    let is = |key: &str, value: &str| {
        settings
            .get(key)
            .is_some_and(|given| given.trim().eq_ignore_ascii_case(value))
    };
    let registers = class == Class::Avro && !is("auto.register.schemas", "false");
    let has_id = settings.contains_key("use.schema.id") && !is("use.schema.id", "-1");
    let idle = [
        ("use.latest.version", is("use.latest.version", "true")),
        ("use.schema.id", has_id),
    ];
    let idle = idle
        .into_iter()
        .filter(|(_, is_asked)| registers && *is_asked)
        .map(|(key, _)| format!("{key} has no effect without auto.register.schemas=false"));
    let keys = settings
        .keys()
        .map(String::as_str)
        // Connect itself adds the type.
        .filter(|key| *key != "converter.type")
        .filter_map(|key| match fate(class, key) {
            Fate::CarriedOut => None,
            Fate::WithoutEffect => Some(format!("{key} has no effect here")),
            Fate::Unknown => Some(format!("{key} is not a known key of this converter")),
        });
    let is_apicurio = matches!(class, Class::ApicurioAvro | Class::ApicurioJson);
    let of_version_2 = is_apicurio.then(|| apicurio::of_version_2(settings)).flatten();
    keys.chain(idle).chain(of_version_2).collect()
}

fn fate(class: Class, key: &str) -> Fate {
    let (carried_out, only, without_effect): (&[&str], &[OnlyValue], &[&str]) = match class {
        Class::ApicurioAvro => return apicurio::fate_of_avro(key),
        Class::ApicurioJson => return apicurio::fate_of_json(key),
        Class::Avro if key.starts_with("request.header.") => return Fate::CarriedOut,
        Class::Avro => (avro::CARRIED_OUT, avro::ONLY, avro::WITHOUT_EFFECT),
        // Those of the converters inside.
        Class::BinaryData if key.starts_with(binary_data::DELEGATE) => return Fate::CarriedOut,
        Class::BinaryData => (&[], &[], &[]),
        Class::CloudEvents if key.starts_with("json.") || key.starts_with("avro.") => return Fate::CarriedOut,
        Class::CloudEvents => (cloud_events::CARRIED_OUT, cloud_events::ONLY, &[]),
        Class::Json => (json::CARRIED_OUT, &[], json::WITHOUT_EFFECT),
        Class::Primitive(Primitive::Text) => (&[], primitive::ONLY, &[]),
        Class::Primitive(_) => (&[], &[], &[]),
    };
    match key {
        _ if carried_out.contains(&key) || only.iter().any(|only| only.key == key) => Fate::CarriedOut,
        _ if without_effect.contains(&key) => Fate::WithoutEffect,
        _ => Fate::Unknown,
    }
}

#[cfg(test)]
mod tests;
