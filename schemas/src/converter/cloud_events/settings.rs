//! [`CloudEventsSettings`]: a CloudEvents converter's settings, checked.

use std::collections::BTreeMap;

use connector_api::config::ConfigProblem;
use connector_api::data::NameAdjustment;

use super::{Attributes, DataForm, EventEncoding};
use crate::converter::avro::AvroSettings;
use crate::converter::json::JsonSettings;
use crate::registry::Role;
use crate::settings::{OnlyValue, Settings};

/// The keys that are carried out, beside those of the converters inside, which begin with `json.` and `avro.`.
pub(in crate::converter) const CARRIED_OUT: &[&str] = &[
    "data.serializer.type",
    "extension.attributes.enable",
    "schema.cloudevents.name",
    "schema.name.adjustment.mode",
    "serializer.type",
];

/// The keys of which one value only is carried out.
pub(in crate::converter) const ONLY: &[OnlyValue] = &[
    OnlyValue {
        key: "metadata.source",
        value: "value,id:generate,type:generate,traceparent:header,dataSchemaName:generate",
    },
    OnlyValue {
        key: "opentelemetry.tracing.attributes.enable",
        value: "false",
    },
];

/// A converter's settings, checked.
pub(in crate::converter) struct CloudEventsSettings {
    pub(super) encoding: EventEncoding,
    pub(super) form: DataForm,
    pub(super) event_json: JsonSettings,
    pub(super) data_json: JsonSettings,
    pub(super) avro: AvroSettings,
    pub(super) attributes: Attributes,
}

impl CloudEventsSettings {
    pub(in crate::converter) fn read(role: Role, given: &BTreeMap<String, String>) -> Result<Self, Vec<ConfigProblem>> {
        const TYPES: &[&str] = &["json", "avro"];
        if role == Role::Key {
            let message = "CloudEventsConverter is for values: a change is an event, and its key is none";
            return Err(vec![ConfigProblem::new("key.converter", message)]);
        }
        let mut settings = Settings::new(given);
        settings.refuse_other_than(ONLY);
        let is_avro = settings.word("serializer.type", TYPES) == Some("avro");
        let data_is_avro = settings.word("data.serializer.type", TYPES) == Some("avro");
        if is_avro && !data_is_avro {
            settings.problem(
                "data.serializer.type",
                "must be avro where serializer.type is: an event of Avro holds no JSON",
            );
        }
        let adjustment = match settings.word("schema.name.adjustment.mode", &["none", "avro", "avro_unicode"]) {
            Some("avro") => NameAdjustment::Avro,
            Some("avro_unicode") => NameAdjustment::AvroUnicode,
            _ => NameAdjustment::None,
        };
        let attributes = Attributes {
            extensions: settings.boolean("extension.attributes.enable", true),
            schema_name: settings.text("schema.cloudevents.name").map(str::to_owned),
            adjustment,
        };
        let inner = |prefix: &'static str| -> BTreeMap<String, String> {
            let found = given
                .iter()
                .filter_map(|(key, value)| Some((key.strip_prefix(prefix)?, value)));
            found.map(|(key, value)| (key.to_owned(), value.clone())).collect()
        };
        let data_json = inner("json.");
        let event_json = BTreeMap::from([("schemas.enable".to_owned(), "false".to_owned())]);
        let mut avro = inner("avro.");
        let registry = avro.get("schema.registry.url").map(|url| url.trim().to_owned());
        if !is_avro && !data_is_avro {
            // It is not asked.
            avro = BTreeMap::from([("schema.registry.url".to_owned(), "http://localhost".to_owned())]);
        } else if registry.is_none() {
            settings.problem("avro.schema.registry.url", "is missing: Avro needs a registry");
        }
        settings.finish()?;
        let within = |prefix: &'static str| {
            move |problems: Vec<ConfigProblem>| -> Vec<ConfigProblem> {
                let named = problems.into_iter();
                named
                    .map(|problem| ConfigProblem::new(format!("{prefix}{}", problem.key), problem.message))
                    .collect()
            }
        };
        Ok(CloudEventsSettings {
            encoding: match is_avro {
                true => EventEncoding::Avro,
                false => EventEncoding::Json,
            },
            form: match registry.filter(|_| data_is_avro) {
                Some(registry) => DataForm::Avro { registry },
                None => DataForm::Json,
            },
            event_json: JsonSettings::read(&event_json)?,
            data_json: JsonSettings::read(&data_json).map_err(within("json."))?,
            avro: AvroSettings::read(Role::Value, &avro).map_err(within("avro."))?,
            attributes,
        })
    }

    /// Builds the registry's clients, to see whether the certificates can be read.
    pub(in crate::converter) fn check(&self) -> Result<(), Vec<ConfigProblem>> {
        self.avro.check()
    }
}
