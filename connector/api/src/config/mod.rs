//! [`ConfigDef`]: the table of a component's configuration keys, and what follows from it.
//!
//! One table lists every key once: type, default, validator, one sentence of documentation, and how a form should show it.
//! Parsing, validation, `GET /connector-plugins/{class}/config` and the documents are all generated from it, so that they
//! cannot disagree. The model and its texts are those of Kafka's `org.apache.kafka.common.config.ConfigDef`: clients of
//! the REST interface show them to people.
//!
//! A worker puts its own keys for connectors (`name`, `tasks.max`, `key.converter`, ..) before a connector's with
//! [`ConfigDef::merged`]: keys keep their order and groups appear in the order of their first key.

mod key;
mod nearest;
mod parse;
mod password;
mod problem;
mod validator;
mod value;

pub use key::{ConfigKey, ConfigType, Importance, Width};
pub use nearest::nearest_name;
pub use parse::{ParsedConfig, ParsedValue};
pub use password::Password;
pub use problem::ConfigProblem;
pub use validator::Validator;
pub use value::{ConfigInfo, ConfigInfos, ConfigKeyInfo, ConfigValue};

use std::collections::{BTreeMap, HashMap};

/// A connector's or task's configuration: the strings the user gave.
pub type ConfigMap = BTreeMap<String, String>;

/// The configuration keys of a component, in the order in which they are shown.
#[derive(Debug, Clone, Default)]
pub struct ConfigDef {
    keys: Vec<ConfigKey>,
    by_name: HashMap<String, usize>,
}

impl ConfigDef {
    /// The table of these keys. Of two keys with one name the later one counts, at the place of the earlier.
    pub fn new(keys: impl IntoIterator<Item = ConfigKey>) -> Self {
        let mut def = ConfigDef::default();
        for key in keys {
            def.define(key);
        }
        def
    }

    /// Adds a key, or replaces the key of the same name.
    pub fn define(&mut self, key: ConfigKey) {
        match self.by_name.get(key.name()) {
            Some(&index) => self.keys[index] = key,
            None => {
                self.by_name.insert(key.name().to_owned(), self.keys.len());
                self.keys.push(key);
            }
        }
    }

    /// This table with `other`'s keys after its own, as a worker merges its own with a connector's.
    #[must_use]
    pub fn merged(&self, other: &ConfigDef) -> ConfigDef {
        ConfigDef::new(self.keys.iter().chain(&other.keys).cloned())
    }

    /// Every key, in order.
    pub fn keys(&self) -> &[ConfigKey] {
        &self.keys
    }

    /// The key called `name`.
    pub fn key(&self, name: &str) -> Option<&ConfigKey> {
        self.by_name.get(name).map(|&index| &self.keys[index])
    }

    /// The groups, in the order of their first key.
    pub fn groups(&self) -> Vec<&str> {
        let mut groups: Vec<&str> = Vec::new();
        for key in &self.keys {
            if !groups.contains(&key.group()) {
                groups.push(key.group());
            }
        }
        groups
    }

    /// The keys of `config` that are not in the table, each with the known key it resembles most, if any does.
    pub fn unknown<'a>(&'a self, config: &'a ConfigMap) -> Vec<(&'a str, Option<&'a str>)> {
        let unknown = config.keys().filter(|name| self.key(name).is_none());
        unknown.map(|name| (name.as_str(), self.nearest(name))).collect()
    }

    /// The key that `name` was probably meant to be.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest_name(name, self.keys.iter().map(ConfigKey::name))
    }
}

#[cfg(test)]
mod tests;
