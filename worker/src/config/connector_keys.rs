//! [`connector_keys`]: the keys that the worker, not the plugin, reads from a connector's configuration.
//!
//! Names, order, groups and defaults are those of Kafka Connect's `ConnectorConfig` and `SourceConnectorConfig`, since forms
//! are built from them.

use connector_api::config::{ConfigDef, ConfigKey, ConfigType, Importance, ParsedValue, Validator, Width};
use schemas::converter::class_names;

use super::header_converter;

/// The version under which Kafka Connect's own classes are reported.
pub(crate) const CONNECT_VERSION: &str = "4.3.0";

const COMMON: &str = "Common";
const ERRORS: &str = "Error Handling";
const EXACTLY_ONCE: &str = "Exactly Once Support";

/// Defaults that are not the same everywhere.
pub(crate) struct Defaults<'a> {
    pub(crate) plugin_version: &'a str,
    /// `None`: the table of a plugin, whatever worker it runs in.
    pub(crate) worker: Option<WorkerDefaults<'a>>,
}

/// What a worker uses where a connector says nothing.
pub(crate) struct WorkerDefaults<'a> {
    pub(crate) key_converter: &'a str,
    pub(crate) value_converter: &'a str,
    pub(crate) header_converter: &'a str,
}

/// The worker's keys for connectors.
pub(crate) fn connector_keys(defaults: &Defaults<'_>) -> ConfigDef {
    let mut keys = identity(defaults);
    keys.extend(converters(defaults));
    keys.extend(transforms());
    keys.extend(errors());
    keys.extend(topics_and_transactions());
    ConfigDef::new(keys)
}

fn key(name: &'static str, kind: ConfigType, doc: &'static str, title: &'static str) -> ConfigKey {
    ConfigKey::new(name, kind, doc).display_name(title)
}

fn with_default(key: ConfigKey, default: Option<&str>) -> ConfigKey {
    match default {
        Some(default) => key.default_value(default.to_owned()),
        None => key,
    }
}

fn identity(defaults: &Defaults<'_>) -> Vec<ConfigKey> {
    vec![
        key(
            "name",
            ConfigType::String,
            "The connector's name, unique among the connectors of this cluster.",
            "Connector name",
        )
        .required()
        .importance(Importance::High)
        .validator(Validator::Name)
        .in_group(COMMON, 1)
        .width(Width::Medium),
        key(
            "connector.class",
            ConfigType::String,
            "The class of the connector: its full name, its simple name, or that without the ending Connector.",
            "Connector class",
        )
        .required()
        .importance(Importance::High)
        .in_group(COMMON, 2)
        .width(Width::Long),
        key(
            "connector.plugin.version",
            ConfigType::String,
            "The version of the connector's class.",
            "Connector version",
        )
        .default_value(defaults.plugin_version.to_owned())
        .recommended([defaults.plugin_version.to_owned()])
        .in_group(COMMON, 3)
        .width(Width::Medium),
        key(
            "tasks.max",
            ConfigType::Int,
            "The largest number of tasks the connector may have.",
            "Tasks max",
        )
        .default_value("1")
        .importance(Importance::High)
        .validator(Validator::AtLeast(1))
        .in_group(COMMON, 4)
        .width(Width::Short),
        key(
            "tasks.max.enforce",
            ConfigType::Boolean,
            "Whether a connector that makes more tasks than tasks.max fails.",
            "Enforce tasks max",
        )
        .default_value("true")
        .importance(Importance::Low)
        .in_group(COMMON, 5)
        .width(Width::Short),
    ]
}

/// A key for the class of a converter.
fn converter_class(
    name: &'static str,
    doc: &'static str,
    title: &'static str,
    order: u32,
    default: Option<&str>,
    offered: impl IntoIterator<Item = &'static str>,
) -> ConfigKey {
    with_default(key(name, ConfigType::Class, doc, title), default)
        .recommended(offered)
        .importance(Importance::Low)
        .in_group(COMMON, order)
        .width(Width::Short)
}

fn converters(defaults: &Defaults<'_>) -> Vec<ConfigKey> {
    let worker = defaults.worker.as_ref();
    let version = |name, doc, title, order| {
        with_default(
            key(name, ConfigType::String, doc, title),
            worker.map(|_| CONNECT_VERSION),
        )
        .recommended([CONNECT_VERSION])
        .importance(Importance::Low)
        .in_group(COMMON, order)
        .width(Width::Short)
    };
    vec![
        converter_class(
            "key.converter",
            "The class that turns record keys into bytes; the worker's when absent.",
            "Key converter class",
            6,
            worker.map(|worker| worker.key_converter),
            class_names(),
        ),
        version(
            "key.converter.plugin.version",
            "The version of the key converter.",
            "Key converter version",
            7,
        ),
        converter_class(
            "value.converter",
            "The class that turns record values into bytes; the worker's when absent.",
            "Value converter class",
            8,
            worker.map(|worker| worker.value_converter),
            class_names(),
        ),
        version(
            "value.converter.plugin.version",
            "The version of the value converter.",
            "Value converter version",
            9,
        ),
        converter_class(
            "header.converter",
            "The class that turns record headers into bytes; the worker's when absent.",
            "Header converter class",
            10,
            worker.map(|worker| worker.header_converter),
            header_converter::class_names(),
        ),
        version(
            "header.converter.plugin.version",
            "The version of the header converter.",
            "Header converter version",
            11,
        ),
    ]
}

fn transforms() -> Vec<ConfigKey> {
    vec![
        key(
            "transforms",
            ConfigType::List,
            "Names of the transforms that records pass through.",
            "Transforms",
        )
        .default_value("")
        .importance(Importance::Low)
        .in_group("Transforms", 12)
        .width(Width::Long),
        key(
            "predicates",
            ConfigType::List,
            "Names of the predicates that transforms refer to.",
            "Predicates",
        )
        .default_value("")
        .importance(Importance::Low)
        .in_group("Predicates", 13)
        .width(Width::Long),
        key(
            "config.action.reload",
            ConfigType::String,
            "What happens when a value of a config provider changes; there are no config providers here.",
            "Reload Action",
        )
        .default_value("restart")
        .importance(Importance::Low)
        .validator(Validator::OneOf(&["none", "restart"]))
        .in_group(COMMON, 14)
        .width(Width::Medium),
    ]
}

fn errors() -> Vec<ConfigKey> {
    let long = |name, doc, title, order, default| {
        key(name, ConfigType::Long, doc, title)
            .default_value(default)
            .in_group(ERRORS, order)
            .width(Width::Medium)
    };
    let boolean = |name, doc, title, order| {
        key(name, ConfigType::Boolean, doc, title)
            .default_value("false")
            .in_group(ERRORS, order)
            .width(Width::Short)
    };
    vec![
        long(
            "errors.retry.timeout",
            "How long what may heal (a schema registry that does not answer) is tried again before the task fails, in milliseconds; 0, \
             the default, and -1 are for as long as it takes.",
            "Retry Timeout for Errors",
            1,
            "0",
        ),
        long(
            "errors.retry.delay.max.ms",
            "The longest wait between two attempts, in milliseconds; it is never more than a second here.",
            "Maximum Delay Between Retries for Errors",
            2,
            "60000",
        ),
        key(
            "errors.tolerance",
            ConfigType::String,
            "With `none` a record that cannot be transformed or converted fails the task; with `all` its change is left out, logged \
             and counted.",
            "Error Tolerance",
        )
        .default_value("none")
        .validator(Validator::OneOf(&["none", "all"]))
        .in_group(ERRORS, 3)
        .width(Width::Short),
        boolean(
            "errors.log.enable",
            "Whether every error is logged with its stage, also one that fails the task. A change that is left out always is.",
            "Log Errors",
            4,
        ),
        boolean(
            "errors.log.include.messages",
            "Whether these lines show key and value of the record: rows, in the log.",
            "Log Error Details",
            5,
        ),
    ]
}

fn topics_and_transactions() -> Vec<ConfigKey> {
    vec![
        key(
            "topic.creation.groups",
            ConfigType::List,
            "Groups of topics, each created with settings of its own; topic.creation.default.* is for the others.",
            "Topic Creation Groups",
        )
        .default_value("")
        .importance(Importance::Low)
        .in_group("Topic Creation", 1)
        .width(Width::Long),
        key(
            "exactly.once.support",
            ConfigType::String,
            "With `required` the connector is refused unless every record will be delivered exactly once.",
            "Exactly once support",
        )
        .default_value("requested")
        .validator(Validator::OneOfIgnoreCase(&["requested", "required"]))
        .in_group(EXACTLY_ONCE, 2)
        .width(Width::Short),
        key(
            "transaction.boundary",
            ConfigType::String,
            "Transactions are committed as soon as nothing is waiting; with `interval` that time bounds one while more is.",
            "Transaction Boundary",
        )
        .default_value("poll")
        .validator(Validator::Custom(supported_boundary))
        .in_group(EXACTLY_ONCE, 3)
        .width(Width::Short),
        key(
            "transaction.boundary.interval.ms",
            ConfigType::Long,
            "How long a transaction may last with transaction.boundary=interval, in milliseconds.",
            "Transaction boundary interval",
        )
        .importance(Importance::Low)
        .validator(Validator::AtLeast(0))
        .in_group(EXACTLY_ONCE, 4)
        .width(Width::Short),
        key(
            "offsets.storage.topic",
            ConfigType::String,
            "A topic of its own for this connector's offsets.",
            "Offsets topic",
        )
        .importance(Importance::Low)
        .validator(Validator::Custom(no_offsets_topic))
        .in_group("offsets.topic", 1)
        .width(Width::Long),
    ]
}

fn supported_boundary(value: &ParsedValue) -> Result<(), String> {
    match value.text().map(str::to_lowercase).as_deref() {
        None | Some("poll" | "interval") => Ok(()),
        Some("connector") => Err("no connector here defines boundaries of its own; use poll or interval".to_owned()),
        Some(_) => Err("String must be one of (case insensitive): POLL, INTERVAL".to_owned()),
    }
}

fn no_offsets_topic(value: &ParsedValue) -> Result<(), String> {
    match value.text() {
        None | Some("") => Ok(()),
        Some(_) => {
            Err("an offsets topic per connector is not supported; remove the key to use the worker's".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Defaults, WorkerDefaults, connector_keys, header_converter};

    /// What a real Kafka Connect 4.3.0 answers about its own keys: everything but the sentences must be the same.
    #[test]
    fn names_groups_types_and_defaults_are_kafka_connects() {
        let json = "org.apache.kafka.connect.json.JsonConverter";
        let defaults = Defaults {
            plugin_version: "3.6.3.Final",
            worker: Some(WorkerDefaults {
                key_converter: json,
                value_converter: json,
                header_converter: header_converter::SIMPLE,
            }),
        };
        let ours = serde_json::to_value(connector_keys(&defaults).infos()).expect("JSON");
        let golden: Value =
            serde_json::from_str(include_str!("../../tests/goldens/connector-keys.json")).expect("JSON");
        let without_sentences = |value: &Value| -> Vec<Value> {
            let mut keys = value.as_array().expect("an array").clone();
            for key in &mut keys {
                key.as_object_mut().expect("an object").remove("documentation");
            }
            keys
        };
        for (ours, theirs) in without_sentences(&ours).iter().zip(without_sentences(&golden)) {
            assert_eq!(*ours, theirs);
        }
        assert_eq!(ours.as_array().map(Vec::len), golden.as_array().map(Vec::len));
    }
}
