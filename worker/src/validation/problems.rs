//! [`Problems`]: what is wrong with a connector's configuration, key by key, from everybody who reads it.

use connector_api::ConfigMap;
use connector_api::config::{ConfigDef, ConfigValue, Password};
use schemas::avro::name::check_namespace;
use schemas::converter::{self, Role};

use crate::concealed::{conceal, replace_words};
use crate::config::header_converter;
use crate::config::topic_creation::topic_creation_groups;
use crate::config::{ClientKind, ExactlyOnce, OverridePolicy, WorkerConfig};
use crate::transforms::configuration as transforms;

/// The values of all keys, each with its errors.
pub(super) struct Problems {
    values: Vec<ConfigValue>,
}

impl Problems {
    pub(super) fn of_worker(values: Vec<ConfigValue>) -> Self {
        Problems { values }
    }

    pub(super) fn into_values(self) -> Vec<ConfigValue> {
        self.values
    }

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
    pub(super) fn of_plugin(&mut self, values: Vec<ConfigValue>) {
        for value in values {
            match self.values.iter_mut().find(|known| known.name == value.name) {
                Some(known) => known.errors.extend(value.errors),
                None => self.values.push(value),
            }
        }
    }

    /// The chain tells what is wrong with its own keys.
    pub(super) fn transforms(&mut self, keys: &ConfigDef, config: &ConfigMap) {
        let values = keys.validate(config).into_iter();
        self.values.extend(values.map(|value| ConfigValue {
            errors: Vec::new(),
            ..value
        }));
        for problem in transforms::chain(config).err().into_iter().flatten() {
            if problem.key.ends_with(".type") {
                self.forget_value(&problem.key);
            }
            self.add(&problem.key, problem.message);
        }
    }

    pub(super) fn invalid<K: AsRef<str>>(&mut self, problems: Vec<(K, String)>) {
        for (key, problem) in problems {
            let key = key.as_ref();
            self.add(key, format!("Invalid value for configuration {key}: {problem}"));
        }
    }

    /// Comes last: keys with placeholders have their values as they were `given`, and nobody is told what they stand for in
    /// the `resolved` configuration. What else is wrong with a key of an `unresolved` one is wrong with the placeholder.
    pub(super) fn placeholders(&mut self, given: &ConfigMap, resolved: &ConfigMap, unresolved: Vec<(String, String)>) {
        for value in &mut self.values {
            if unresolved.iter().any(|(key, _)| *key == value.name) {
                value.errors.clear();
            }
            for error in &mut value.errors {
                *error = conceal(error).into_owned();
            }
            let (Some(text), Some(stands_for)) = (given.get(&value.name), resolved.get(&value.name)) else {
                continue;
            };
            if text == stands_for {
                continue;
            }
            if !stands_for.trim().is_empty() {
                for error in &mut value.errors {
                    *error = replace_words(error, stands_for.trim(), text);
                }
            }
            if value.value.as_deref().is_some_and(|shown| shown != Password::HIDDEN) {
                value.value = Some(text.clone());
            }
        }
        self.invalid(unresolved);
    }

    /// A class that is not there has no value.
    fn forget_value(&mut self, key: &str) {
        for value in self.values.iter_mut().filter(|value| value.name == key) {
            value.value = None;
        }
    }

    pub(super) fn converters(&mut self, worker: &WorkerConfig, config: &ConfigMap) {
        for (key, role) in [
            ("key.converter", Some(Role::Key)),
            ("value.converter", Some(Role::Value)),
            ("header.converter", None),
        ] {
            let (class, settings) = worker.converter(key, config);
            let found = match role {
                Some(role) => converter::validate(&class, role, &settings),
                None => header_converter::problems(&class, &settings),
            };
            for problem in found {
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
    pub(super) fn namespaces(&mut self, worker: &WorkerConfig, config: &ConfigMap, namespaces: &[(String, String)]) {
        let restricts = |key: &&str| {
            let (class, settings) = worker.converter(key, config);
            !config.contains_key(*key) && converter::wants_avro_names(&class, &settings)
        };
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

    pub(super) fn topic_creation(&mut self, worker: &WorkerConfig, config: &ConfigMap) {
        if !worker.topic_creation {
            return;
        }
        self.invalid(topic_creation_groups(config).err().unwrap_or_default());
    }

    pub(super) fn clients(&mut self, worker: &WorkerConfig, config: &ConfigMap) {
        let violations = worker.override_policy.violations(config);
        for (key, sentence) in violations.into_iter().chain(worker.endpoint_problems(config)) {
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
                self.add(
                    &format!("{prefix}.{}", problem.key),
                    format!("{prefix}: {}", problem.message),
                );
            }
        }
    }

    pub(super) fn exactly_once(&mut self, worker: &WorkerConfig, config: &ConfigMap) {
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
