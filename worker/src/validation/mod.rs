//! [`validate`]: every problem of a connector's configuration at once, from the worker's keys, the plugin's, the converters'
//! and the Kafka clients'. Blocks: a plugin may connect to its source.

mod problems;

#[cfg(test)]
mod tests;

use connector_api::ConfigMap;
use connector_api::config::{ConfigDef, ConfigInfos, ConfigValue};
use schemas::converter;
use thiserror::Error;

use crate::concealed::conceal;
use crate::config::connector_keys::{Defaults, WorkerDefaults, connector_keys};
use crate::config::connector_warnings::connector_warnings;
use crate::config::header_converter;
use crate::config::log_settings;
use crate::config::providers::Resolved;
use crate::config::{ClientKind, OverridePolicy, WorkerConfig};
use crate::connector_plugins::ConnectorPlugins;
use crate::transforms::configuration as transforms;
use problems::Problems;

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

/// Validates the configuration of a connector. What its placeholders stand for is looked at and not shown.
pub fn validate(
    worker: &WorkerConfig,
    plugins: &ConnectorPlugins,
    given: &ConfigMap,
) -> Result<Validation, ValidationError> {
    let Resolved {
        config,
        problems: unresolved,
    } = worker.providers().resolve(given);
    let config = &config;
    let Some(class) = config.get("connector.class").filter(|class| !class.trim().is_empty()) else {
        let keys: Vec<String> = given
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
            header_converter: &worker.converter("header.converter", &ConfigMap::new()).0,
        }),
    });
    let mut problems = Problems::of_worker(workers.validate(config));
    problems.of_plugin(match unresolved.is_empty() {
        true => plugin.validate(config),
        false => plugin.validate_values(config),
    });
    problems.converters(worker, config);
    problems.namespaces(worker, config, &plugin.schema_namespaces(config));
    let transforms = ConfigDef::new(transforms::keys(config));
    problems.transforms(&transforms, config);
    problems.topic_creation(worker, config);
    problems.clients(worker, config);
    for log in plugin.logs(config) {
        problems.invalid(log_settings::problems(worker, config, &log));
    }
    problems.exactly_once(worker, config);
    problems.placeholders(given, config, unresolved);
    Ok(Validation {
        definition: workers.merged(&transforms).merged(plugin.config_def()),
        class: class.clone(),
        values: problems.into_values(),
    })
}

/// What is worth knowing about a configuration and its source but no error. Blocks: the source is asked.
pub fn check(worker: &WorkerConfig, plugins: &ConnectorPlugins, given: &ConfigMap) -> Vec<String> {
    let mut found = warnings(worker, plugins, given);
    let Resolved { config, problems } = worker.providers().resolve(given);
    found.extend(problems.into_iter().map(|(key, problem)| format!("`{key}`: {problem}")));
    let config = &config;
    if let Some(plugin) = config.get("connector.class").and_then(|class| plugins.find(class)) {
        found.extend(plugin.advice(config));
    }
    concealed(found)
}

/// What is worth knowing about a configuration but no error.
pub fn warnings(worker: &WorkerConfig, plugins: &ConnectorPlugins, given: &ConfigMap) -> Vec<String> {
    let config = &worker.providers().resolve(given).config;
    let plugin = config.get("connector.class").and_then(|class| plugins.find(class));
    let mut warnings = connector_warnings(worker, plugin.map(|plugin| &**plugin), config);
    if let Some(plugin) = plugin {
        warnings.extend(plugin.warnings(config));
    }
    for key in ["key.converter", "value.converter", "header.converter"] {
        let (class, settings) = worker.converter(key, config);
        let found = match key {
            "header.converter" => header_converter::settings_without_effect(&class, &settings),
            _ => converter::warnings(&class, &settings),
        };
        warnings.extend(found.into_iter().map(|text| format!("{key}.{text}")));
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
    concealed(warnings)
}

fn concealed(texts: Vec<String>) -> Vec<String> {
    texts.iter().map(|text| conceal(text).into_owned()).collect()
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
