//! [`JsonConverter`]: Kafka Connect's JSON converter, with and without schemas.

use std::collections::BTreeMap;

use connector_api::RecordPart;
use connector_api::config::ConfigProblem;
use connector_api::data::Schema;

use super::prepared::PreparedSchemas;
use super::{Converted, Converter, ConverterError};
use crate::json::{JsonForm, JsonPlan, JsonWriter, push_schema};
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
        let form = JsonForm {
            keeps_nulls: !settings.boolean("replace.null.with.default", true),
            numeric_decimals: settings.word("decimal.format", &["BASE64", "NUMERIC"]) == Some("NUMERIC"),
        };
        settings.finish()?;
        Ok(JsonSettings { schemas_enable, form })
    }
}

/// JSON; with `schemas.enable` every record carries its schema.
pub struct JsonConverter {
    schemas_enable: bool,
    form: JsonForm,
    prepared: PreparedSchemas<Prepared>,
    writer: JsonWriter,
}

#[derive(Debug)]
struct Prepared {
    before: Vec<u8>,
    plan: JsonPlan,
    after: &'static [u8],
}

impl JsonConverter {
    pub(super) fn new(settings: &JsonSettings) -> Self {
        JsonConverter {
            schemas_enable: settings.schemas_enable,
            form: settings.form,
            prepared: PreparedSchemas::new(),
            writer: JsonWriter::default(),
        }
    }

    fn compile(&self, schema: &Schema) -> Result<Prepared, crate::json::JsonError> {
        let mut before = Vec::new();
        if self.schemas_enable {
            before.extend_from_slice(b"{\"schema\":");
            push_schema(&mut before, schema, self.form)?;
            before.extend_from_slice(b",\"payload\":");
        }
        let after: &[u8] = if self.schemas_enable { b"}" } else { b"" };
        Ok(Prepared {
            before,
            plan: JsonPlan::compile(schema, self.form)?,
            after,
        })
    }
}

impl Converter for JsonConverter {
    fn prepare(
        &mut self,
        topic: &str,
        part: &RecordPart<'_>,
        _stopping: &dyn Fn() -> bool,
    ) -> Result<(), ConverterError> {
        let schema = part.schema;
        if self.prepared.find(ANY_TOPIC, schema).is_none() {
            let prepared = self.compile(schema).map_err(|reason| ConverterError::JsonSchema {
                topic: topic.to_owned(),
                reason,
            })?;
            self.prepared.insert(ANY_TOPIC, schema, prepared);
        }
        Ok(())
    }

    fn convert(&mut self, topic: &str, part: &RecordPart<'_>, out: &mut Vec<u8>) -> Result<Converted, ConverterError> {
        let Some(prepared) = self.prepared.find(ANY_TOPIC, part.schema) else {
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

    fn writes_nulls(&self) -> bool {
        true
    }
}
