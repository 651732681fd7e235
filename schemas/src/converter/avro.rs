//! [`AvroConverter`]: Confluent's Avro converter.

use std::borrow::Cow;
use std::collections::BTreeMap;

use connector_api::RecordPart;
use connector_api::config::ConfigProblem;
use connector_api::data::{Schema, SchemaType};
use tokio::runtime::Handle;

use super::datums::Datums;
use super::{Converted, Converter, ConverterError};
use crate::avro::name::scrubbed;
use crate::avro::{AvroPlan, Metadata, Names, NullDefaults, SchemaStyle, parse, schema_text};
use crate::registry::{Registry, RegistrySettings, Role, SubjectNames};
use crate::settings::{OnlyValue, Settings};
use crate::wire_format;

/// The keys that are carried out.
pub(super) const CARRIED_OUT: &[&str] = &[
    "auto.register.schemas",
    "basic.auth.credentials.source",
    "basic.auth.user.info",
    "bearer.auth.credentials.source",
    "bearer.auth.token",
    "connect.meta.data",
    "discard.type.doc.default",
    // It is about enumerations, which no schema here has: see the refusal of parameters that steer the converter.
    "enhanced.avro.schema.support",
    "http.connect.timeout.ms",
    "http.read.timeout.ms",
    "ignore.default.for.nullables",
    "key.subject.name.strategy",
    "normalize.schemas",
    "proxy.host",
    "proxy.port",
    "schema.registry.basic.auth.user.info",
    "schema.registry.ssl.endpoint.identification.algorithm",
    "schema.registry.ssl.key.password",
    "schema.registry.ssl.keystore.certificate.chain",
    "schema.registry.ssl.keystore.key",
    "schema.registry.ssl.keystore.location",
    "schema.registry.ssl.keystore.password",
    "schema.registry.ssl.keystore.type",
    "schema.registry.ssl.truststore.certificates",
    "schema.registry.ssl.truststore.location",
    "schema.registry.ssl.truststore.password",
    "schema.registry.ssl.truststore.type",
    "schema.registry.url",
    "scrub.invalid.names",
    "use.latest.version",
    "use.schema.id",
    "value.subject.name.strategy",
];

/// The keys of which one value only is carried out.
pub(super) const ONLY: &[OnlyValue] = &[OnlyValue {
    key: "context.name.strategy",
    value: "io.confluent.kafka.serializers.context.NullContextNameStrategy",
}];

/// The keys that change nothing for a source, or nothing here.
pub(super) const WITHOUT_EFFECT: &[&str] = &[
    // They are about maps, sums and Java's own classes, which no record here has.
    "allow.optional.map.keys",
    "generalized.sum.type.support",
    "schema.reflection",
    "flatten.singleton.unions",
    "flatten.unions",
    "id.compatibility.strict",
    "latest.compatibility.strict",
    "max.schemas.per.subject",
    "missing.cache.size",
    "missing.id.cache.ttl.sec",
    "missing.schema.cache.ttl.sec",
    "schemas.cache.config",
    "schemas.cache.size",
];

/// Whether names that Avro does not allow are written as others.
pub(super) const SCRUB: &str = "scrub.invalid.names";
/// The first struct without a name, which no other precedes.
const UNNAMED: &str = "io.confluent.connect.avro.ConnectDefault";

/// A converter's settings, checked.
pub(super) struct AvroSettings {
    registry: RegistrySettings,
    nulls: NullDefaults,
    style: SchemaStyle,
    subjects: SubjectNames,
}

impl AvroSettings {
    pub(super) fn read(role: Role, given: &BTreeMap<String, String>) -> Result<Self, Vec<ConfigProblem>> {
        let mut settings = Settings::new(given);
        settings.refuse_other_than(ONLY);
        let mut names = |key| {
            let class = settings.text(key).unwrap_or("TopicNameStrategy");
            SubjectNames::parse(class).unwrap_or_else(|| {
                settings.problem(
                    key,
                    format!(
                        "{class} is not supported; there are TopicNameStrategy, RecordNameStrategy and TopicRecordNameStrategy \
                         of io.confluent.kafka.serializers.subject"
                    ),
                );
                SubjectNames::Topic
            })
        };
        let (keys, values) = (names("key.subject.name.strategy"), names("value.subject.name.strategy"));
        let style = SchemaStyle {
            metadata: match settings.boolean("connect.meta.data", true) {
                true => Metadata::Kept,
                false => Metadata::Dropped,
            },
            names: match settings.boolean(SCRUB, false) {
                true => Names::Scrubbed,
                false => Names::Checked,
            },
            field_docs: settings.boolean("discard.type.doc.default", false),
        };
        let nulls = match settings.boolean("ignore.default.for.nullables", false) {
            true => NullDefaults::KeepNull,
            false => NullDefaults::Substitute,
        };
        let registry = RegistrySettings::read(&mut settings);
        settings.finish()?;
        Ok(AvroSettings {
            registry,
            nulls,
            style,
            subjects: match role {
                Role::Key => keys,
                Role::Value => values,
            },
        })
    }

    /// Builds the registry's clients, to see whether the certificates can be read.
    pub(super) fn check(&self) -> Result<(), Vec<ConfigProblem>> {
        Registry::new(&self.registry).map(|_| ())
    }
}

/// Avro with a schema registry, in Confluent's wire format.
///
/// Ids are remembered for as long as the converter lives and no longer: who empties a registry restarts the connector, as
/// with the original, and gets new ids.
pub struct AvroConverter {
    role: Role,
    nulls: NullDefaults,
    style: SchemaStyle,
    subjects: SubjectNames,
    registry: Registry,
    runtime: Handle,
    datums: Datums,
}

impl AvroConverter {
    pub(super) fn new(settings: &AvroSettings, role: Role, runtime: Handle) -> Result<Self, Vec<ConfigProblem>> {
        Ok(AvroConverter {
            role,
            nulls: settings.nulls,
            style: settings.style,
            subjects: settings.subjects,
            registry: Registry::new(&settings.registry)?,
            runtime,
            datums: Datums::default(),
        })
    }
}

/// The name that Avro gives a record; a union of a record and null has none.
pub(super) fn record_name(schema: &Schema, names: Names) -> Option<Cow<'_, str>> {
    match (&schema.schema_type, schema.optional, schema.name.as_deref(), names) {
        (SchemaType::Struct(_), false, None, _) => Some(UNNAMED.into()),
        (SchemaType::Struct(_), false, Some(name), Names::Checked) => Some(name.into()),
        (SchemaType::Struct(_), false, Some(name), Names::Scrubbed) => Some(scrubbed(name).into()),
        _ => None,
    }
}

impl Converter for AvroConverter {
    fn prepare(
        &mut self,
        topic: &str,
        part: &RecordPart<'_>,
        stopping: &dyn Fn() -> bool,
    ) -> Result<(), ConverterError> {
        let schema = part.schema;
        if self.datums.knows(topic, schema) {
            return Ok(());
        }
        let no_schema = |reason| ConverterError::Schema {
            topic: topic.to_owned(),
            reason,
        };
        let text = schema_text(schema, self.style).map_err(no_schema)?;
        // Another parser's word, before a registry stores it for good.
        parse(&text).map_err(no_schema)?;
        let plan = AvroPlan::compile(schema, self.nulls).map_err(no_schema)?;
        let record = record_name(schema, self.style.names);
        let subject = self.subjects.subject(topic, self.role, record.as_deref());
        let subject = subject.ok_or_else(|| ConverterError::NoSubject {
            topic: topic.to_owned(),
        })?;
        let id = self
            .runtime
            .block_on(self.registry.schema_id(&subject, &text, stopping))?;
        tracing::debug!(%subject, id = id.0, "schema known to the registry");
        self.datums
            .insert(topic, schema, wire_format::header(id), plan, Vec::new());
        Ok(())
    }

    fn convert(&mut self, topic: &str, part: &RecordPart<'_>, out: &mut Vec<u8>) -> Result<Converted, ConverterError> {
        self.datums.convert(topic, part, out)
    }
}
