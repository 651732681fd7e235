//! [`AvroConverter`]: Confluent's Avro converter.

use std::collections::BTreeMap;
use std::sync::Arc;

use connector_api::RecordPart;
use connector_api::config::ConfigProblem;
use connector_api::data::Schema;
use tokio::runtime::Handle;

use super::prepared::PreparedSchemas;
use super::{Converter, ConverterError};
use crate::avro::{AvroPlan, AvroWriter, NullDefaults, parse, schema_text};
use crate::registry::{Registry, RegistrySettings, Role, Subject};
use crate::settings::{OnlyValue, Settings};
use crate::wire_format;

/// The keys that are carried out.
pub(super) const CARRIED_OUT: &[&str] = &[
    "auto.register.schemas",
    "basic.auth.credentials.source",
    "basic.auth.user.info",
    "bearer.auth.credentials.source",
    "bearer.auth.token",
    "http.connect.timeout.ms",
    "http.read.timeout.ms",
    "ignore.default.for.nullables",
    "key.subject.name.strategy",
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
    "value.subject.name.strategy",
];

/// The keys of which one value only is carried out.
pub(super) const ONLY: &[OnlyValue] = &[
    OnlyValue {
        key: "allow.optional.map.keys",
        value: "false",
    },
    OnlyValue {
        key: "connect.meta.data",
        value: "true",
    },
    OnlyValue {
        key: "discard.type.doc.default",
        value: "false",
    },
    OnlyValue {
        key: "enhanced.avro.schema.support",
        value: "false",
    },
    OnlyValue {
        key: "generalized.sum.type.support",
        value: "false",
    },
    OnlyValue {
        key: "normalize.schemas",
        value: "false",
    },
    OnlyValue {
        key: "schema.reflection",
        value: "false",
    },
    OnlyValue {
        key: "scrub.invalid.names",
        value: "false",
    },
    OnlyValue {
        key: "use.latest.version",
        value: "false",
    },
    OnlyValue {
        key: "use.schema.id",
        value: "-1",
    },
    OnlyValue {
        key: "context.name.strategy",
        value: "io.confluent.kafka.serializers.context.NullContextNameStrategy",
    },
];

/// The keys that change nothing for a source, or nothing here.
pub(super) const WITHOUT_EFFECT: &[&str] = &[
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

const TOPIC_NAME_STRATEGIES: [&str; 2] = [
    "io.confluent.kafka.serializers.subject.TopicNameStrategy",
    "TopicNameStrategy",
];

/// A converter's settings, checked.
pub(super) struct AvroSettings {
    registry: RegistrySettings,
    nulls: NullDefaults,
}

impl AvroSettings {
    pub(super) fn read(given: &BTreeMap<String, String>) -> Result<Self, Vec<ConfigProblem>> {
        let mut settings = Settings::new(given);
        settings.refuse_other_than(ONLY);
        for key in ["key.subject.name.strategy", "value.subject.name.strategy"] {
            if let Some(other) = settings
                .text(key)
                .filter(|given| !TOPIC_NAME_STRATEGIES.contains(given))
            {
                settings.problem(
                    key,
                    format!("{other} is not supported; {} is", TOPIC_NAME_STRATEGIES[0]),
                );
            }
        }
        let nulls = match settings.boolean("ignore.default.for.nullables", false) {
            true => NullDefaults::KeepNull,
            false => NullDefaults::Substitute,
        };
        let registry = RegistrySettings::read(&mut settings);
        settings.finish()?;
        Ok(AvroSettings { registry, nulls })
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
    registry: Registry,
    runtime: Handle,
    prepared: PreparedSchemas<Prepared>,
    writer: AvroWriter,
}

#[derive(Debug)]
struct Prepared {
    header: [u8; 5],
    plan: AvroPlan,
}

impl AvroConverter {
    pub(super) fn new(settings: &AvroSettings, role: Role, runtime: Handle) -> Result<Self, Vec<ConfigProblem>> {
        Ok(AvroConverter {
            role,
            nulls: settings.nulls,
            registry: Registry::new(&settings.registry)?,
            runtime,
            prepared: PreparedSchemas::new(),
            writer: AvroWriter::default(),
        })
    }
}

impl Converter for AvroConverter {
    fn prepare(
        &mut self,
        topic: &str,
        schema: &Arc<Schema>,
        stopping: &dyn Fn() -> bool,
    ) -> Result<(), ConverterError> {
        if self.prepared.find(topic, schema).is_some() {
            return Ok(());
        }
        let no_schema = |reason| ConverterError::Schema {
            topic: topic.to_owned(),
            reason,
        };
        let text = schema_text(schema).map_err(no_schema)?;
        // Another parser's word, before a registry stores it for good.
        parse(&text).map_err(no_schema)?;
        let plan = AvroPlan::compile(schema, self.nulls).map_err(no_schema)?;
        let subject = Subject::of_topic(topic, self.role);
        let id = self
            .runtime
            .block_on(self.registry.schema_id(&subject, &text, stopping))?;
        tracing::debug!(%subject, id = id.0, "schema known to the registry");
        self.prepared.insert(
            topic,
            schema,
            Prepared {
                header: wire_format::header(id),
                plan,
            },
        );
        Ok(())
    }

    fn convert(&mut self, topic: &str, part: &RecordPart<'_>, out: &mut Vec<u8>) -> Result<(), ConverterError> {
        let Some(prepared) = self.prepared.find(topic, part.schema) else {
            return Err(ConverterError::Unprepared {
                topic: topic.to_owned(),
            });
        };
        let mark = out.len();
        out.extend_from_slice(&prepared.header);
        self.writer.write(&prepared.plan, part.value, out).map_err(|reason| {
            out.truncate(mark);
            ConverterError::Value {
                topic: topic.to_owned(),
                reason,
            }
        })
    }
}
