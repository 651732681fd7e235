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
    /// Of events and data of Avro; without them there are none.
    pub(super) avro: Option<AvroSettings>,
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
            Some("none") => NameAdjustment::None,
            Some("avro_unicode") => NameAdjustment::AvroUnicode,
            _ => NameAdjustment::Avro,
        };
        let attributes = Attributes {
            extensions: settings.boolean("extension.attributes.enable", true),
            schema_name: settings.text("schema.cloudevents.name").map(str::to_owned),
            adjustment,
        };
        let data_json = inside("json.", given);
        let event_json = BTreeMap::from([("schemas.enable".to_owned(), "false".to_owned())]);
        let avro = data_is_avro.then(|| inside("avro.", given));
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
            form: match avro.as_ref().and_then(|avro| avro.get("schema.registry.url")) {
                Some(registry) => DataForm::Avro {
                    registry: without_log_in(registry.trim()),
                },
                None => DataForm::Json,
            },
            event_json: JsonSettings::read(&event_json)?,
            data_json: JsonSettings::read(&data_json).map_err(within("json."))?,
            avro: avro
                .map(|avro| AvroSettings::read(Role::Value, &avro).map_err(within("avro.")))
                .transpose()?,
            attributes,
        })
    }

    /// Builds the registry's clients, to see whether the certificates can be read.
    pub(in crate::converter) fn check(&self) -> Result<(), Vec<ConfigProblem>> {
        self.avro.as_ref().map_or(Ok(()), AvroSettings::check)
    }
}

/// The settings of a converter inside.
pub(in crate::converter) fn inside(prefix: &str, given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let found = given
        .iter()
        .filter_map(|(key, value)| Some((key.strip_prefix(prefix)?, value)));
    found.map(|(key, value)| (key.to_owned(), value.clone())).collect()
}

/// Whether data are of Avro, as far as the settings can be read.
pub(in crate::converter) fn has_avro_data(given: &BTreeMap<String, String>) -> bool {
    let data = given.get("data.serializer.type").map(|given| given.trim());
    data.is_some_and(|data| data.eq_ignore_ascii_case("avro"))
}

/// The addresses of a registry, as records may show them.
fn without_log_in(addresses: &str) -> String {
    let shown = addresses.split(',').map(|address| {
        let (scheme, rest) = address.split_once("://")?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (_, host) = authority.rsplit_once('@')?;
        Some(format!("{scheme}://{host}{path}"))
    });
    let addresses = shown.zip(addresses.split(','));
    let addresses: Vec<String> = addresses
        .map(|(shown, address)| shown.unwrap_or_else(|| address.to_owned()))
        .collect();
    addresses.join(",")
}

#[cfg(test)]
mod tests {
    use super::without_log_in;

    #[test]
    fn no_record_tells_how_to_log_in_to_the_registry() {
        for (given, shown) in [
            ("http://a:1", "http://a:1"),
            ("http://user:canary@a:1/x@y,https://b", "http://a:1/x@y,https://b"),
            ("https://canary@b/", "https://b/"),
        ] {
            assert_eq!(without_log_in(given), shown);
        }
    }
}
