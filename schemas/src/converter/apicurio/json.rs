//! [`ExtJsonConverter`]: Apicurio's JSON converter, whose records hold the id of their schema instead of the schema.

use std::collections::BTreeMap;

use connector_api::RecordPart;
use connector_api::config::ConfigProblem;
use tokio::runtime::Handle;

use super::id_form::IdKind;
use super::keys::ONLY;
use crate::apicurio::{Api, ApicurioSettings, Artifacts};
use crate::converter::json::Documents;
use crate::converter::{Converted, Converter, ConverterError};
use crate::json::{JsonForm, push_schema};
use crate::registry::Role;
use crate::settings::Settings;

/// A converter's settings, checked.
pub(in crate::converter) struct ExtJsonSettings {
    registry: ApicurioSettings,
    id: IdKind,
    form: JsonForm,
}

impl ExtJsonSettings {
    pub(in crate::converter) fn read(given: &BTreeMap<String, String>) -> Result<Self, Vec<ConfigProblem>> {
        let mut settings = Settings::new(given);
        settings.refuse_other_than(ONLY);
        let form = JsonForm::read(&mut settings);
        let registry = ApicurioSettings::read(&mut settings);
        let api = registry.as_ref().map_or(Api::V3, |registry| registry.api);
        let id = IdKind::read(&mut settings, api);
        if registry
            .as_ref()
            .is_some_and(|registry| registry.names.are_of_records())
        {
            settings.problem(
                "apicurio.registry.artifact-resolver-strategy",
                "names artifacts by records of Avro, and ExtJsonConverter has none; use TopicIdStrategy or SimpleTopicIdStrategy \
                 of io.apicurio.registry.serde.strategy",
            );
        }
        settings.finish()?;
        // Without an address there was a problem.
        let registry = registry.ok_or_else(Vec::new)?;
        Ok(ExtJsonSettings { registry, id, form })
    }

    /// Builds the registry's client, to see whether the certificates can be read.
    pub(in crate::converter) fn check(&self) -> Result<(), Vec<ConfigProblem>> {
        Artifacts::new(&self.registry).map(|_| ())
    }
}

/// JSON beside the id of its schema: `{"schemaId":7,"payload":{..}}`. The registry has the schema as Kafka Connect's JSON
/// converter would print it into every record.
pub struct ExtJsonConverter {
    role: Role,
    id: IdKind,
    form: JsonForm,
    artifacts: Artifacts,
    runtime: Handle,
    documents: Documents,
}

impl ExtJsonConverter {
    pub(in crate::converter) fn new(
        settings: ExtJsonSettings,
        role: Role,
        runtime: Handle,
    ) -> Result<Self, Vec<ConfigProblem>> {
        Ok(ExtJsonConverter {
            role,
            id: settings.id,
            form: settings.form,
            artifacts: Artifacts::new(&settings.registry)?,
            runtime,
            documents: Documents::default(),
        })
    }
}

impl Converter for ExtJsonConverter {
    fn prepare(
        &mut self,
        topic: &str,
        part: &RecordPart<'_>,
        stopping: &dyn Fn() -> bool,
    ) -> Result<(), ConverterError> {
        let schema = part.schema;
        if self.documents.knows(topic, schema) {
            return Ok(());
        }
        let no_schema = |reason| ConverterError::JsonSchema {
            topic: topic.to_owned(),
            reason,
        };
        let mut text = Vec::new();
        push_schema(&mut text, schema, self.form).map_err(no_schema)?;
        let text = String::from_utf8_lossy(&text);
        let artifact = self.artifacts.name(topic, self.role, None);
        let artifact = artifact.ok_or_else(|| ConverterError::NoArtifact {
            topic: topic.to_owned(),
        })?;
        let version = self
            .runtime
            .block_on(self.artifacts.kafka_connect(&artifact, &text, stopping))?;
        tracing::debug!(%artifact, version = version.version, id = version.global_id, "schema known to the registry");
        let before = format!("{{\"schemaId\":{},\"payload\":", self.id.of(&version));
        self.documents
            .insert(topic, schema, before.into_bytes(), b"}", self.form)
            .map_err(no_schema)
    }

    fn convert(&mut self, topic: &str, part: &RecordPart<'_>, out: &mut Vec<u8>) -> Result<Converted, ConverterError> {
        self.documents.convert(topic, topic, part, out)
    }
}
