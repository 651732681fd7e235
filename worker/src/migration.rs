//! `rowmill config migrate FILE`: a connector's configuration of an older version, written with the names and values of today.
//!
//! The file is JSON, as `POST /connectors` or `PUT /connectors/{c}/config` take it, or Java properties, as a standalone worker
//! takes them. What was changed is said apart from what is written, so that the one can be read and the other stored.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use java_properties::{PropertiesError, PropertiesIter, PropertiesWriter};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::connector_plugins::ConnectorPlugins;

/// Why nothing can be written.
#[derive(Debug, Error)]
pub enum MigrationError {
    /// The file cannot be read.
    #[error("cannot read {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It begins like JSON.
    #[error("{path} is no JSON object of keys and values, nor one with such a `config`")]
    Json {
        /// The file.
        path: PathBuf,
    },
    /// It is neither JSON nor properties.
    #[error("{path} is not a Java properties file")]
    Properties {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: PropertiesError,
    },
    /// Whose names they are is not known.
    #[error("{path} names no connector of this worker in `connector.class`; there are: {known}")]
    Class {
        /// The file.
        path: PathBuf,
        /// The connectors.
        known: String,
    },
}

/// A configuration with the names and values of today.
#[derive(Debug, PartialEq, Eq)]
pub struct Migrated {
    /// In the file's form.
    pub text: String,
    /// One sentence for each change, without values that may be secret.
    pub changes: Vec<String>,
}

/// Reads a connector's configuration and writes it anew.
pub fn migrate(path: &Path, plugins: &ConnectorPlugins) -> Result<Migrated, MigrationError> {
    let text = fs::read_to_string(path).map_err(|source| MigrationError::File {
        path: path.to_owned(),
        source,
    })?;
    let file = File { path, plugins };
    match text.trim_start().starts_with('{') {
        true => file.json(&text),
        false => file.properties(&text),
    }
}

struct File<'a> {
    path: &'a Path,
    plugins: &'a ConnectorPlugins,
}

impl File<'_> {
    fn json(&self, text: &str) -> Result<Migrated, MigrationError> {
        let no_json = || MigrationError::Json {
            path: self.path.to_owned(),
        };
        let mut document: Map<String, Value> = serde_json::from_str(text).map_err(|_| no_json())?;
        let (config, changes) = match document.get("config") {
            Some(Value::Object(config)) => self.config(config)?,
            Some(_) => return Err(no_json()),
            None => self.config(&document)?,
        };
        match document.get_mut("config") {
            Some(place) => *place = Value::Object(config),
            None => document = config,
        }
        let text = serde_json::to_string_pretty(&document).map_err(|_| no_json())?;
        Ok(Migrated {
            text: text + "\n",
            changes,
        })
    }

    fn properties(&self, text: &str) -> Result<Migrated, MigrationError> {
        let wrong = |source| MigrationError::Properties {
            path: self.path.to_owned(),
            source,
        };
        let mut given = Map::new();
        PropertiesIter::new(text.as_bytes())
            .read_into(|key, value| {
                given.insert(key, Value::String(value));
            })
            .map_err(wrong)?;
        let (config, changes) = self.config(&given)?;
        let mut written = Vec::new();
        let mut writer = PropertiesWriter::new(&mut written);
        for (key, value) in &config {
            writer.write(key, value.as_str().unwrap_or_default()).map_err(wrong)?;
        }
        writer.finish().map_err(wrong)?;
        drop(writer);
        let text = String::from_utf8_lossy(&written).into_owned();
        Ok(Migrated { text, changes })
    }

    /// The keys in their order.
    fn config(&self, given: &Map<String, Value>) -> Result<(Map<String, Value>, Vec<String>), MigrationError> {
        let class = given.get("connector.class").and_then(Value::as_str).unwrap_or_default();
        let plugin = self.plugins.find(class.trim()).ok_or_else(|| MigrationError::Class {
            path: self.path.to_owned(),
            known: self.plugins.class_names(),
        })?;
        let (mut config, mut changes) = (Map::new(), Vec::new());
        for (key, value) in given {
            let Some((name, today)) = text_of(value).and_then(|text| plugin.migrated(key, &text)) else {
                config.insert(key.clone(), value.clone());
                continue;
            };
            changes.push(change(given, key, value, (&name, &today)));
            if name == *key || !given.contains_key(&name) {
                config.insert(name, Value::String(today));
            }
        }
        Ok((config, changes))
    }
}

/// As a connector is given it.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// What becomes of a key. Former values are words of Debezium's, and no secrets; others are not shown.
fn change(given: &Map<String, Value>, key: &str, value: &Value, (name, today): (&str, &str)) -> String {
    let is_same_value = text_of(value).is_some_and(|text| text == today);
    match (name == key, is_same_value) {
        (true, _) => format!("`{key}={}` is `{key}={today}`", text_of(value).unwrap_or_default()),
        (false, _) if given.contains_key(name) => {
            format!("`{key}` is left out: `{name}`, as it is called today, is there as well")
        }
        (false, true) => format!("`{key}` is `{name}`"),
        (false, false) => format!("`{key}={}` is `{name}={today}`", text_of(value).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use connector_api::config::{ConfigDef, ConfigValue};
    use connector_api::example::NumbersConnector;
    use connector_api::{ConfigMap, ConnectError, SourceConnector, SourceTask, TaskContext};

    use super::{Migrated, MigrationError, migrate};
    use crate::connector_plugins::ConnectorPlugins;

    /// Numbers, whose keys had other names once.
    struct Renamed;

    impl SourceConnector for Renamed {
        fn class(&self) -> &'static str {
            "io.example.RenamedConnector"
        }
        fn version(&self) -> &'static str {
            NumbersConnector.version()
        }
        fn config_def(&self) -> &ConfigDef {
            NumbersConnector.config_def()
        }
        fn validate(&self, config: &ConfigMap) -> Vec<ConfigValue> {
            NumbersConnector.validate(config)
        }
        fn task_configs(&self, config: &ConfigMap, max_tasks: usize) -> Result<Vec<ConfigMap>, ConnectError> {
            NumbersConnector.task_configs(config, max_tasks)
        }
        fn task_class(&self) -> &'static str {
            NumbersConnector.task_class()
        }
        fn start_task(
            &self,
            config: &ConfigMap,
            context: Arc<dyn TaskContext>,
        ) -> Result<Box<dyn SourceTask>, ConnectError> {
            NumbersConnector.start_task(config, context)
        }
        fn migrated(&self, key: &str, value: &str) -> Option<(String, String)> {
            let (name, value) = match (key, value) {
                ("old.topic", value) => ("topic", value),
                ("batch", "many") => ("batch", "1000"),
                ("old.batches", "true") => ("batch", "10"),
                _ => return None,
            };
            Some((name.to_owned(), value.to_owned()))
        }
    }

    fn migrated(name: &str, text: &str) -> Result<Migrated, MigrationError> {
        let path = std::env::temp_dir().join(format!("rowmill-migration-{}-{name}", std::process::id()));
        std::fs::write(&path, text).expect("a file");
        let plugins = ConnectorPlugins::new([Arc::new(Renamed) as Arc<dyn SourceConnector>]);
        let migrated = migrate(&path, &plugins);
        std::fs::remove_file(&path).expect("the file is ours");
        migrated
    }

    #[test]
    fn json_keeps_its_form_and_order() {
        let given = r#"{"name": "c", "config": {"connector.class": "Renamed", "old.topic": "canary", "batch": "many",
            "tasks.max": 1, "none": null}}"#;
        let changed = migrated("a.json", given).expect("a configuration");
        let written: serde_json::Value = serde_json::from_str(&changed.text).expect("JSON");
        assert_eq!(
            written.to_string(),
            r#"{"name":"c","config":{"connector.class":"Renamed","topic":"canary","batch":"1000","tasks.max":1,"none":null}}"#
        );
        let changes = ["`old.topic` is `topic`", "`batch=many` is `batch=1000`"];
        assert_eq!(changed.changes, changes);
        let flat = r#"{"connector.class": "Renamed", "old.batches": true, "old.topic": "canary", "topic": "t"}"#;
        let changed = migrated("b.json", flat).expect("a configuration");
        let written: serde_json::Value = serde_json::from_str(&changed.text).expect("JSON");
        assert_eq!(
            written.to_string(),
            r#"{"connector.class":"Renamed","batch":"10","topic":"t"}"#
        );
        let changes = [
            "`old.batches=true` is `batch=10`",
            "`old.topic` is left out: `topic`, as it is called today, is there as well",
        ];
        assert_eq!(changed.changes, changes);
    }

    #[test]
    fn properties_stay_properties() {
        let given = "connector.class=io.example.RenamedConnector\nold.topic=h\n";
        let changed = migrated("a.properties", given).expect("a configuration");
        assert!(changed.text.contains("\ntopic=h"), "{}", changed.text);
        assert_eq!(changed.changes.len(), 1);
    }

    #[test]
    fn what_is_no_configuration_is_said() {
        for (text, part) in [
            ("{\"config\": 1}", "is no JSON object"),
            ("{", "is no JSON object"),
            ("{\"connector.class\": \"x.Y\"}", "names no connector"),
            ("a=b", "names no connector"),
        ] {
            let error = migrated("wrong", text).expect_err(text).to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
