//! [`JsonConverter`]: Kafka Connect's JSON converter, with and without schemas.

use std::collections::BTreeMap;
use std::sync::Arc;

use connector_api::RecordPart;
use connector_api::config::ConfigProblem;
use connector_api::data::Schema;

use super::prepared::PreparedSchemas;
use super::{Converted, Converter, ConverterError};
use crate::json::{JsonError, JsonForm, JsonPlan, JsonWriter, push_schema};
use crate::settings::Settings;

/// The keys that are carried out.
pub(super) const CARRIED_OUT: &[&str] = &["decimal.format", "replace.null.with.default", "schemas.enable"];

/// The keys that change nothing for a source.
pub(super) const WITHOUT_EFFECT: &[&str] = &["schema.content", "schemas.cache.size"];

/// The form does not depend on the topic.
const ANY_TOPIC: &str = "";

/// A converter's settings, checked.
pub(super) struct JsonSettings {
    schemas_enable: bool,
    form: JsonForm,
}

impl JsonSettings {
    pub(super) fn read(given: &BTreeMap<String, String>) -> Result<Self, Vec<ConfigProblem>> {
        let mut settings = Settings::new(given);
        let schemas_enable = settings.boolean("schemas.enable", true);
        let form = JsonForm::read(&mut settings);
        settings.finish()?;
        Ok(JsonSettings { schemas_enable, form })
    }
}

impl JsonForm {
    pub(super) fn read(settings: &mut Settings<'_>) -> Self {
        JsonForm {
            keeps_nulls: !settings.boolean("replace.null.with.default", true),
            numeric_decimals: settings.word("decimal.format", &["BASE64", "NUMERIC"]) == Some("NUMERIC"),
        }
    }
}

/// JSON; with `schemas.enable` every record carries its schema.
pub struct JsonConverter {
    schemas_enable: bool,
    form: JsonForm,
    documents: Documents,
}

impl JsonConverter {
    pub(super) fn new(settings: &JsonSettings) -> Self {
        JsonConverter {
            schemas_enable: settings.schemas_enable,
            form: settings.form,
            documents: Documents::default(),
        }
    }

    fn compile(&mut self, schema: &Arc<Schema>) -> Result<(), JsonError> {
        let mut before = Vec::new();
        if self.schemas_enable {
            before.extend_from_slice(b"{\"schema\":");
            push_schema(&mut before, schema, self.form)?;
            before.extend_from_slice(b",\"payload\":");
        }
        let after: &[u8] = if self.schemas_enable { b"}" } else { b"" };
        self.documents.insert(ANY_TOPIC, schema, before, after, self.form)
    }
}

impl Converter for JsonConverter {
    fn prepare(
        &mut self,
        topic: &str,
        part: &RecordPart<'_>,
        _stopping: &dyn Fn() -> bool,
    ) -> Result<(), ConverterError> {
        if self.documents.knows(ANY_TOPIC, part.schema) {
            return Ok(());
        }
        self.compile(part.schema).map_err(|reason| ConverterError::JsonSchema {
            topic: topic.to_owned(),
            reason,
        })
    }

    fn convert(&mut self, topic: &str, part: &RecordPart<'_>, out: &mut Vec<u8>) -> Result<Converted, ConverterError> {
        self.documents.convert(ANY_TOPIC, topic, part, out)
    }

    fn writes_nulls(&self) -> bool {
        true
    }
}

/// What the JSON converters have in common: a document around each value.
#[derive(Default)]
pub(super) struct Documents {
    prepared: PreparedSchemas<Prepared>,
    writer: JsonWriter,
}

#[derive(Debug)]
struct Prepared {
    before: Vec<u8>,
    plan: JsonPlan,
    after: &'static [u8],
}

impl Documents {
    pub(super) fn knows(&self, topic: &str, schema: &Arc<Schema>) -> bool {
        self.prepared.find(topic, schema).is_some()
    }

    /// `before` and `after`: what stands around every value.
    pub(super) fn insert(
        &mut self,
        topic: &str,
        schema: &Arc<Schema>,
        before: Vec<u8>,
        after: &'static [u8],
        form: JsonForm,
    ) -> Result<(), JsonError> {
        let plan = JsonPlan::compile(schema, form)?;
        self.prepared.insert(topic, schema, Prepared { before, plan, after });
        Ok(())
    }

    /// `known_for` is the topic that the schema was prepared for, `topic` the record's.
    pub(super) fn convert(
        &mut self,
        known_for: &str,
        topic: &str,
        part: &RecordPart<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Converted, ConverterError> {
        let Some(prepared) = self.prepared.find(known_for, part.schema) else {
            return Err(ConverterError::Unprepared {
                topic: topic.to_owned(),
            });
        };
        let mark = out.len();
        out.extend_from_slice(&prepared.before);
        self.writer.write(&prepared.plan, part.value, out).map_err(|reason| {
            out.truncate(mark);
            ConverterError::Value {
                topic: topic.to_owned(),
                reason,
            }
        })?;
        out.extend_from_slice(prepared.after);
        Ok(Converted::Bytes)
    }
}
