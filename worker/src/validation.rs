//! [`validate`]: every problem of a connector's configuration at once, from the worker's keys, the plugin's, the converters'
//! and the Kafka clients'. Blocks: a plugin may connect to its source.

use connector_api::ConfigMap;
use connector_api::config::{ConfigDef, ConfigInfos, ConfigValue};
use schemas::avro::name::check_namespace;
use schemas::converter::{self, Role};
use thiserror::Error;

use crate::config::connector_keys::{Defaults, WorkerDefaults, connector_keys};
use crate::config::connector_warnings::connector_warnings;
use crate::config::topic_creation::topic_creation_groups;
use crate::config::{ClientKind, ExactlyOnce, OverridePolicy, WorkerConfig};
use crate::config::{log_settings, placeholder, transforms};
use crate::connector_plugins::ConnectorPlugins;

/// A configuration that cannot even be validated.
#[derive(Debug, Clone, Error)]
pub enum ValidationError {
    /// It names no class.
    #[error("Connector config {{{0}}} contains no connector type")]
    NoClass(String),
    /// It names a class that is not there.
    #[error(
        "Failed to find any class that implements Connector and which name matches {class}, available connectors are: {known}"
    )]
    UnknownClass {
        /// The class.
        class: String,
        /// What there is.
        known: String,
    },
    /// The plugin has a fault.
    #[error("the connector panicked while it validated its configuration: {0}")]
    Panicked(String),
}

/// A validated configuration.
pub struct Validation {
    definition: ConfigDef,
    class: String,
    values: Vec<ConfigValue>,
}

impl Validation {
    /// The answer of `PUT /connector-plugins/{plugin}/config/validate`.
    pub fn infos(&self) -> ConfigInfos<'_> {
        self.definition.answer(&self.class, self.values.clone())
    }

    /// The sentence with which REST refuses the configuration; `None` if nothing is wrong.
    pub fn refusal(&self) -> Option<String> {
        let errors: Vec<&str> = self
            .values
            .iter()
            .flat_map(|value| &value.errors)
            .map(String::as_str)
            .collect();
        (!errors.is_empty()).then(|| {
            format!(
                "Connector configuration is invalid and contains the following {} error(s):\n{}\nYou can also find the \
                 above list of errors at the endpoint `/connector-plugins/{{connectorType}}/config/validate`",
                errors.len(),
                errors.join("\n")
            )
        })
    }
}

/// Validates the configuration of a connector.
pub fn validate(
    worker: &WorkerConfig,
    plugins: &ConnectorPlugins,
    config: &ConfigMap,
) -> Result<Validation, ValidationError> {
    let Some(class) = config.get("connector.class").filter(|class| !class.trim().is_empty()) else {
        let keys: Vec<String> = config
            .iter()
            .map(|(key, value)| format!("{key}={}", shown(key, value)))
            .collect();
        return Err(ValidationError::NoClass(keys.join(", ")));
    };
    let plugin = plugins
        .find(class.trim())
        .ok_or_else(|| ValidationError::UnknownClass {
            class: class.clone(),
            known: plugins.class_names(),
        })?;
    let (key_converter, value_converter) = (
        worker.property("key.converter").unwrap_or_default(),
        worker.property("value.converter").unwrap_or_default(),
    );
    let workers = connector_keys(&Defaults {
        plugin_version: plugin.version(),
        worker: Some(WorkerDefaults {
            key_converter,
            value_converter,
        }),
    });
    let mut problems = Problems {
        values: workers.validate(config),
    };
    let placeholders = placeholder::problems(config);
    problems.of_plugin(match placeholders.is_empty() {
        true => plugin.validate(config),
        false => plugin.validate_values(config),
    });
    problems.converters(worker, config);
    problems.namespaces(worker, config, &plugin.schema_namespaces(config));
    problems.invalid(transforms::problems(config));
    problems.topic_creation(worker, config);
    problems.clients(worker, config);
    for log in plugin.logs(config) {
        problems.invalid(log_settings::problems(worker, config, &log));
    }
    problems.exactly_once(worker, config);
    problems.placeholders(placeholders);
    Ok(Validation {
        definition: workers.merged(plugin.config_def()),
        class: class.clone(),
        values: problems.values,
    })
}

/// What is worth knowing about a configuration and its source but no error. Blocks: the source is asked.
pub fn check(worker: &WorkerConfig, plugins: &ConnectorPlugins, config: &ConfigMap) -> Vec<String> {
    let mut found = warnings(worker, plugins, config);
    if let Some(plugin) = config.get("connector.class").and_then(|class| plugins.find(class)) {
        found.extend(plugin.advice(config));
    }
    found
}

/// What is worth knowing about a configuration but no error.
pub fn warnings(worker: &WorkerConfig, plugins: &ConnectorPlugins, config: &ConfigMap) -> Vec<String> {
    let plugin = config.get("connector.class").and_then(|class| plugins.find(class));
    let mut warnings = connector_warnings(worker, plugin.map(|plugin| &**plugin), config);
    if let Some(plugin) = plugin {
        warnings.extend(plugin.warnings(config));
    }
    for key in ["key.converter", "value.converter"] {
        let (class, settings) = worker.converter(key, config);
        warnings.extend(
            converter::warnings(&class, &settings)
                .into_iter()
                .map(|text| format!("{key}.{text}")),
        );
        if !config.contains_key(key) && config.keys().any(|given| given.starts_with(&format!("{key}."))) {
            warnings.push(format!(
                "`{key}.*` has no effect without `{key}`: the worker's converter is used"
            ));
        }
    }
    for kind in [ClientKind::Producer, ClientKind::Consumer, ClientKind::Admin] {
        let overrides = OverridePolicy::overrides(kind, config);
        warnings.extend(worker.override_warnings(kind, &overrides));
    }
    warnings
}

/// Values of keys that look like secrets are not repeated in messages.
fn shown<'a>(key: &str, value: &'a str) -> &'a str {
    const SECRET: [&str; 6] = ["password", "secret", "token", "jaas", "credential", "user.info"];
    let key = key.to_lowercase();
    if SECRET.iter().any(|word| key.contains(word)) {
        "[hidden]"
    } else {
        value
    }
}

struct Problems {
    values: Vec<ConfigValue>,
}

impl Problems {
    /// Adds a problem to a key, whether or not it has a definition.
    fn add(&mut self, key: &str, message: String) {
        match self.values.iter_mut().find(|value| value.name == key) {
            Some(value) => value.errors.push(message),
            None => self.values.push(ConfigValue {
                name: key.to_owned(),
                value: None,
                recommended_values: Vec::new(),
                errors: vec![message],
                visible: true,
            }),
        }
    }

    /// A plugin may mind a value of a key that is the worker's.
    fn of_plugin(&mut self, values: Vec<ConfigValue>) {
        for value in values {
            match self.values.iter_mut().find(|known| known.name == value.name) {
                Some(known) => known.errors.extend(value.errors),
                None => self.values.push(value),
            }
        }
    }

    fn invalid<K: AsRef<str>>(&mut self, problems: Vec<(K, String)>) {
        for (key, problem) in problems {
            let key = key.as_ref();
            self.add(key, format!("Invalid value for configuration {key}: {problem}"));
        }
    }

    /// What else is wrong with the value of such a key is wrong with the placeholder.
    fn placeholders(&mut self, placeholders: Vec<(&str, String)>) {
        for value in &mut self.values {
            if placeholders.iter().any(|(key, _)| *key == value.name) {
                value.errors.clear();
            }
        }
        self.invalid(placeholders);
    }

    /// A class that is not there has no value.
    fn forget_value(&mut self, key: &str) {
        for value in self.values.iter_mut().filter(|value| value.name == key) {
            value.value = None;
        }
    }

    fn converters(&mut self, worker: &WorkerConfig, config: &ConfigMap) {
        for (key, role) in [("key.converter", Role::Key), ("value.converter", Role::Value)] {
            let (class, settings) = worker.converter(key, config);
            for problem in converter::validate(&class, role, &settings) {
                let full = if problem.key == key {
                    key.to_owned()
                } else {
                    format!("{key}.{}", problem.key)
                };
                let message = format!("Invalid value for configuration {full}: {}", problem.message);
                self.add(&full, message);
                if full == key {
                    self.forget_value(key);
                }
            }
        }
    }

    /// A converter of the worker's that restricts names. One of the connector's own is known to the plugin.
    fn namespaces(&mut self, worker: &WorkerConfig, config: &ConfigMap, namespaces: &[(String, String)]) {
        let restricts =
            |key: &&str| !config.contains_key(*key) && converter::wants_avro_names(&worker.converter(key, config).0);
        if !["key.converter", "value.converter"].iter().any(restricts) {
            return;
        }
        for (key, namespace) in namespaces {
            if let Err(invalid) = check_namespace(namespace) {
                self.add(
                    key,
                    format!("Invalid value {namespace} for configuration {key}: {invalid}"),
                );
            }
        }
    }

    fn topic_creation(&mut self, worker: &WorkerConfig, config: &ConfigMap) {
        if !worker.topic_creation {
            return;
        }
        self.invalid(topic_creation_groups(config).err().unwrap_or_default());
    }

    fn clients(&mut self, worker: &WorkerConfig, config: &ConfigMap) {
        for (key, sentence) in worker.override_policy.violations(config) {
            self.add(&key, sentence);
        }
        for (kind, prefix) in [
            (ClientKind::Producer, "producer.override"),
            (ClientKind::Consumer, "consumer.override"),
            (ClientKind::Admin, "admin.override"),
        ] {
            let overrides = OverridePolicy::overrides(kind, config);
            if overrides.is_empty() {
                continue;
            }
            for problem in worker.override_problems(kind, &overrides) {
                // A problem begins with its key in backquotes.
                let key = problem.split('`').nth(1).unwrap_or_default().to_owned();
                self.add(&format!("{prefix}.{key}"), format!("{prefix}: {problem}"));
            }
        }
    }

    fn exactly_once(&mut self, worker: &WorkerConfig, config: &ConfigMap) {
        let required = config
            .get("exactly.once.support")
            .is_some_and(|text| text.eq_ignore_ascii_case("required"));
        if required && worker.exactly_once != ExactlyOnce::Enabled {
            self.add(
                "exactly.once.support",
                "This worker does not deliver exactly once; set `exactly.once.source.support=enabled` in its properties"
                    .to_owned(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use connector_api::example::NumbersConnector;
    use connector_api::{ConfigMap, SourceConnector};

    use super::{ConnectorPlugins, Validation, ValidationError, WorkerConfig, validate, warnings};

    fn map(pairs: &[(&str, &str)]) -> ConfigMap {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn worker(more: &[(&str, &str)]) -> WorkerConfig {
        let mut properties = map(&[
            ("group.id", "g"),
            ("config.storage.topic", "c"),
            ("offset.storage.topic", "o"),
            ("status.storage.topic", "s"),
            ("key.converter", "org.apache.kafka.connect.json.JsonConverter"),
            ("value.converter", "org.apache.kafka.connect.json.JsonConverter"),
        ]);
        properties.extend(map(more));
        WorkerConfig::from_properties(properties).expect("valid")
    }

    fn plugins() -> ConnectorPlugins {
        ConnectorPlugins::new([Arc::new(NumbersConnector) as Arc<dyn SourceConnector>])
    }

    fn run(worker: &WorkerConfig, pairs: &[(&str, &str)]) -> Result<Validation, ValidationError> {
        validate(worker, &plugins(), &map(pairs))
    }

    fn check_error(worker: &WorkerConfig, more: &[(&str, &str)], key: &str) {
        let mut pairs = vec![("name", "n"), ("connector.class", "Numbers"), ("topic", "t")];
        pairs.extend(more);
        let validation = run(worker, &pairs).unwrap_or_else(|error| panic!("{error}"));
        let infos = validation.infos();
        let failed: Vec<&str> = infos
            .configs
            .iter()
            .filter(|config| !config.value.errors.is_empty())
            .map(|config| config.value.name.as_str())
            .collect();
        assert_eq!(failed, [key]);
        assert!(
            validation
                .refusal()
                .is_some_and(|text| text.contains("the following 1 error(s):\n"))
        );
    }

    #[test]
    fn a_configuration_without_a_class_or_with_an_unknown_one_is_refused_without_its_secrets() {
        let error = run(&worker(&[]), &[("name", "a"), ("database.password", "canary")])
            .err()
            .expect("no class");
        assert_eq!(
            error.to_string(),
            "Connector config {database.password=[hidden], name=a} contains no connector type"
        );
        let error = run(&worker(&[]), &[("connector.class", "nope.X")])
            .err()
            .expect("unknown")
            .to_string();
        assert!(error.starts_with("Failed to find any class that implements Connector and which name matches nope.X"));
    }

    #[test]
    fn a_good_configuration_has_no_error_and_the_groups_of_worker_and_plugin() {
        let validation = run(
            &worker(&[]),
            &[("name", "n"), ("connector.class", "Numbers"), ("topic", "t")],
        );
        let validation = validation.unwrap_or_else(|error| panic!("{error}"));
        assert!(validation.refusal().is_none());
        let infos = validation.infos();
        assert_eq!((infos.error_count, infos.name.as_str()), (0, "Numbers"));
        assert_eq!(infos.groups.first().copied(), Some("Common"));
    }

    #[test]
    fn each_layer_finds_its_own_problems() {
        check_error(&worker(&[]), &[("tasks.max", "0")], "tasks.max");
        check_error(&worker(&[]), &[("batch", "x")], "batch");
        check_error(&worker(&[]), &[("transforms", "unwrap")], "transforms");
        check_error(&worker(&[]), &[("predicates", "p")], "predicates");
        check_error(&worker(&[]), &[("batch", "${env:BATCH}")], "batch");
        check_error(&worker(&[]), &[("unknown", "${file:/a:b}")], "unknown");
        check_error(&worker(&[]), &[("value.converter", "x.Y")], "value.converter");
        check_error(
            &worker(&[]),
            &[("topic.creation.default.partitions", "1")],
            "topic.creation.default.replication.factor",
        );
        check_error(
            &worker(&[]),
            &[("producer.override.partitioner.class", "X")],
            "producer.override.partitioner.class",
        );
        check_error(
            &worker(&[]),
            &[("producer.override.max.request.size", "lots")],
            "producer.override.max.request.size",
        );
        check_error(
            &worker(&[("connector.client.config.override.policy", "None")]),
            &[("producer.override.linger.ms", "5")],
            "producer.override.linger.ms",
        );
        check_error(
            &worker(&[("exactly.once.source.support", "disabled")]),
            &[("exactly.once.support", "required")],
            "exactly.once.support",
        );
    }

    #[test]
    fn settings_of_a_converter_that_is_not_named_are_warned_about() {
        let config = map(&[
            ("connector.class", "Numbers"),
            ("value.converter.schemas.enable", "false"),
        ]);
        let found = warnings(&worker(&[]), &plugins(), &config);
        assert!(
            found
                .iter()
                .any(|text| text.contains("`value.converter.*` has no effect")),
            "{found:?}"
        );
    }
}
