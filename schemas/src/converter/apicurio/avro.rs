//! [`ApicurioAvroConverter`]: Apicurio's Avro converter.

use std::collections::BTreeMap;

use connector_api::RecordPart;
use connector_api::config::ConfigProblem;
use connector_api::data::Schema;
use tokio::runtime::Handle;

use super::id_form::IdForm;
use super::keys::{AVRO_ONLY, ONLY};
use crate::apicurio::{Api, ApicurioSettings, Artifacts, AvroDefinition};
use crate::avro::{AvroPlan, Metadata, Names, NullDefaults, SchemaStyle, parse, schema_pieces, schema_text};
use crate::converter::avro::record_name;
use crate::converter::datums::Datums;
use crate::converter::{Converted, Converter, ConverterError, Headers};
use crate::registry::Role;
use crate::settings::Settings;

/// A converter's settings, checked.
pub(in crate::converter) struct ApicurioAvroSettings {
    registry: ApicurioSettings,
    id_form: IdForm,
    style: SchemaStyle,
}

impl ApicurioAvroSettings {
    pub(in crate::converter) fn read(role: Role, given: &BTreeMap<String, String>) -> Result<Self, Vec<ConfigProblem>> {
        let mut settings = Settings::new(given);
        settings.refuse_other_than(ONLY);
        settings.refuse_other_than(AVRO_ONLY);
        let style = SchemaStyle {
            metadata: match settings.boolean("connect.meta.data", true) {
                true => Metadata::Kept,
                false => Metadata::Dropped,
            },
            names: Names::Checked,
            field_docs: false,
        };
        let registry = ApicurioSettings::read(&mut settings);
        let api = registry.as_ref().map_or(Api::V3, |registry| registry.api);
        let id_form = IdForm::read(&mut settings, api, role);
        settings.finish()?;
        // Without an address there was a problem.
        let registry = registry.ok_or_else(Vec::new)?;
        Ok(ApicurioAvroSettings {
            registry,
            id_form,
            style,
        })
    }

    /// Builds the registry's client, to see whether the certificates can be read.
    pub(in crate::converter) fn check(&self) -> Result<(), Vec<ConfigProblem>> {
        Artifacts::new(&self.registry).map(|_| ())
    }
}

/// Avro with Apicurio Registry: an id that is not always in five bytes, and schemas in pieces.
///
/// As with [`AvroConverter`](super::super::AvroConverter), ids are remembered for as long as the converter lives.
pub struct ApicurioAvroConverter {
    role: Role,
    style: SchemaStyle,
    id_form: IdForm,
    artifacts: Artifacts,
    runtime: Handle,
    datums: Datums,
}

impl ApicurioAvroConverter {
    pub(in crate::converter) fn new(
        settings: ApicurioAvroSettings,
        role: Role,
        runtime: Handle,
    ) -> Result<Self, Vec<ConfigProblem>> {
        Ok(ApicurioAvroConverter {
            role,
            style: settings.style,
            artifacts: Artifacts::new(&settings.registry)?,
            id_form: settings.id_form,
            runtime,
            datums: Datums::default(),
        })
    }
}

impl Converter for ApicurioAvroConverter {
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
        let whole = schema_text(schema, self.style).map_err(no_schema)?;
        // Another parser's word, before a registry stores it for good.
        parse(&whole).map_err(no_schema)?;
        let pieces = schema_pieces(schema, self.style).map_err(no_schema)?;
        let plan = AvroPlan::compile(schema, NullDefaults::Substitute).map_err(no_schema)?;
        let record = record_name(schema, self.style.names);
        let artifact = self.artifacts.name(topic, self.role, record.as_deref());
        let artifact = artifact.ok_or_else(|| ConverterError::NoArtifact {
            topic: topic.to_owned(),
        })?;
        let definition = AvroDefinition {
            whole: &whole,
            pieces: &pieces,
        };
        let version = self
            .runtime
            .block_on(self.artifacts.avro(&artifact, &definition, stopping))?;
        tracing::debug!(%artifact, version = version.version, id = version.global_id, "schema known to the registry");
        let before = self.id_form.before(&version)?;
        self.datums
            .insert(topic, schema, before, plan, self.id_form.headers(&version));
        Ok(())
    }

    fn convert(&mut self, topic: &str, part: &RecordPart<'_>, out: &mut Vec<u8>) -> Result<Converted, ConverterError> {
        self.datums.convert(topic, part, out)
    }

    fn headers(&self, topic: &str, schema: &std::sync::Arc<Schema>) -> Headers<'_> {
        self.datums.headers(topic, schema)
    }
}
