//! [`JsonConverter`]: Kafka Connect's JSON converter, with and without schemas.

use std::collections::BTreeMap;
use std::sync::Arc;

use connector_api::RecordPart;
use connector_api::config::ConfigProblem;
use connector_api::data::Schema;

use super::prepared::PreparedSchemas;
use super::{Converter, ConverterError};
use crate::json::{JsonPlan, JsonWriter, push_schema};
use crate::settings::{OnlyValue, Settings};

/// The keys that are carried out.
pub(super) const CARRIED_OUT: &[&str] = &["schemas.enable"];

/// The keys of which one value only is carried out.
pub(super) const ONLY: &[OnlyValue] = &[
    OnlyValue {
        key: "decimal.format",
        value: "BASE64",
    },
    OnlyValue {
        key: "replace.null.with.default",
        value: "true",
    },
];

/// The keys that change nothing for a source.
pub(super) const WITHOUT_EFFECT: &[&str] = &["schema.content", "schemas.cache.size"];

/// The form does not depend on the topic.
const ANY_TOPIC: &str = "";

/// A converter's settings, checked.
pub(super) struct JsonSettings {
    schemas_enable: bool,
}

impl JsonSettings {
    pub(super) fn read(given: &BTreeMap<String, String>) -> Result<Self, Vec<ConfigProblem>> {
        let mut settings = Settings::new(given);
        settings.refuse_other_than(ONLY);
        let schemas_enable = settings.boolean("schemas.enable", true);
        settings.finish()?;
        Ok(JsonSettings { schemas_enable })
    }
}

/// JSON; with `schemas.enable` every record carries its schema.
pub struct JsonConverter {
    schemas_enable: bool,
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
            prepared: PreparedSchemas::new(),
            writer: JsonWriter::default(),
        }
    }

    fn compile(&self, schema: &Schema) -> Result<Prepared, crate::json::JsonError> {
        let mut before = Vec::new();
        if self.schemas_enable {
            before.extend_from_slice(b"{\"schema\":");
            push_schema(&mut before, schema)?;
            before.extend_from_slice(b",\"payload\":");
        }
        let after: &[u8] = if self.schemas_enable { b"}" } else { b"" };
        Ok(Prepared {
            before,
            plan: JsonPlan::compile(schema)?,
            after,
        })
    }
}

impl Converter for JsonConverter {
    fn prepare(
        &mut self,
        topic: &str,
        schema: &Arc<Schema>,
        _stopping: &dyn Fn() -> bool,
    ) -> Result<(), ConverterError> {
        if self.prepared.find(ANY_TOPIC, schema).is_none() {
            let prepared = self.compile(schema).map_err(|reason| ConverterError::JsonSchema {
                topic: topic.to_owned(),
                reason,
            })?;
            self.prepared.insert(ANY_TOPIC, schema, prepared);
        }
        Ok(())
    }

    fn convert(&mut self, topic: &str, part: &RecordPart<'_>, out: &mut Vec<u8>) -> Result<(), ConverterError> {
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
        Ok(())
    }

    fn writes_nulls(&self) -> bool {
        true
    }
}
