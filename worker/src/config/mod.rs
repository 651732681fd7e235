//! [`WorkerConfig`]: a worker.properties file, read once, with every problem reported at once.
//!
//! [`definition`] lists the keys, [`client`] carries Java client settings over to librdkafka, [`listener`] reads
//! addresses, [`policy`] decides what a connector may override.

pub mod client;
pub(crate) mod connector_keys;
mod definition;
mod jaas;
mod listener;
mod policy;
pub(crate) mod topic_creation;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::Duration;

use connector_api::ConfigMap;
use connector_api::config::nearest_name;

pub use client::{ClientKind, TranslatedClient};
pub use listener::{Advertised, Listener};
pub use policy::OverridePolicy;

use crate::error::ConfigError;
use crate::kafka::ClientSettings;
use definition::{Handling, Key, Kind};

/// Whether records and offsets share a Kafka transaction (KIP-618).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExactlyOnce {
    /// Tasks write offsets after their records; the config topic is written without transactions.
    Disabled,
    /// As `Disabled`, but the config topic is already written in the leader's transactions.
    Preparing,
    /// Records and offsets commit together.
    Enabled,
}

/// One of the three topics in which a worker keeps its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InternalTopic {
    /// The topic's name.
    pub name: String,
    /// Its partitions; -1 leaves the number to the broker.
    pub partitions: i32,
    /// Its replicas; -1 leaves the number to the broker.
    pub replication_factor: i32,
    /// Further topic settings (`config.storage.min.insync.replicas` and so on).
    pub settings: BTreeMap<String, String>,
}

/// Everything a worker has to know, checked.
#[derive(Clone)]
pub struct WorkerConfig {
    /// The cluster's name, prefix of all transactional ids.
    pub group_id: String,
    /// Connector configurations.
    pub config_topic: InternalTopic,
    /// Source offsets.
    pub offset_topic: InternalTopic,
    /// Connector and task states.
    pub status_topic: InternalTopic,
    /// Whether records and offsets share a transaction.
    pub exactly_once: ExactlyOnce,
    /// How long tasks may take to commit and stop.
    pub task_shutdown_timeout: Duration,
    /// How often offsets are stored without exactly-once.
    pub offset_flush_interval: Duration,
    /// How long that may take.
    pub offset_flush_timeout: Duration,
    /// Where REST listens.
    pub listeners: Vec<Listener>,
    /// How others reach this worker; its worker id.
    pub advertised: Advertised,
    /// Whether `/admin` is served.
    pub admin_endpoints: bool,
    /// Whether `topic.creation.*` of a connector is carried out.
    pub topic_creation: bool,
    /// Whether the topics a connector writes to are recorded and shown.
    pub topic_tracking: bool,
    /// Whether that record may be reset.
    pub topic_tracking_reset: bool,
    /// Which Kafka client settings a connector may override.
    pub override_policy: OverridePolicy,
    /// `Access-Control-Allow-Origin`, if any.
    pub allow_origin: Option<String>,
    /// `Access-Control-Allow-Methods`, if any.
    pub allow_methods: Option<String>,
    /// What is worth knowing about the file but no error.
    pub warnings: Vec<String>,
    /// Every property as it was given.
    properties: ConfigMap,
}

impl WorkerConfig {
    /// Reads and checks a file in Java's properties format.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let file = File::open(path).map_err(|source| ConfigError::File {
            path: path.to_owned(),
            source,
        })?;
        let mut properties = ConfigMap::new();
        java_properties::PropertiesIter::new(BufReader::new(file))
            .read_into(|key, value| {
                properties.insert(key, value);
            })
            .map_err(|source| ConfigError::Syntax {
                path: path.to_owned(),
                source,
            })?;
        Self::from_properties(properties)
    }

    /// Checks properties; an error lists every problem.
    pub fn from_properties(properties: ConfigMap) -> Result<Self, ConfigError> {
        let mut reader = Reader {
            properties: &properties,
            problems: Vec::new(),
            warnings: Vec::new(),
        };
        reader.look_at_every_key();
        let config = WorkerConfig {
            group_id: reader.required("group.id"),
            config_topic: reader.topic("config.storage", Some(1)),
            offset_topic: reader.topic("offset.storage", None),
            status_topic: reader.topic("status.storage", None),
            exactly_once: reader.exactly_once(),
            task_shutdown_timeout: reader.milliseconds("task.shutdown.graceful.timeout.ms"),
            offset_flush_interval: reader.milliseconds("offset.flush.interval.ms"),
            offset_flush_timeout: reader.milliseconds("offset.flush.timeout.ms"),
            listeners: reader.listeners(),
            advertised: Advertised::default(),
            admin_endpoints: reader.admin_endpoints(),
            topic_creation: reader.boolean("topic.creation.enable"),
            topic_tracking: reader.boolean("topic.tracking.enable"),
            topic_tracking_reset: reader.boolean("topic.tracking.allow.reset"),
            override_policy: reader.override_policy(),
            allow_origin: reader.non_empty("access.control.allow.origin"),
            allow_methods: reader.non_empty("access.control.allow.methods"),
            warnings: Vec::new(),
            properties: ConfigMap::new(),
        };
        reader.required("key.converter");
        reader.required("value.converter");
        reader.check_clients();
        let advertised = reader.advertised(&config.listeners);
        let Reader { problems, warnings, .. } = reader;
        if problems.is_empty() {
            Ok(WorkerConfig {
                advertised,
                warnings,
                properties,
                ..config
            })
        } else {
            Err(ConfigError::Invalid { problems })
        }
    }

    /// `host:port`, by which status records and REST answers name this worker.
    pub fn worker_id(&self) -> String {
        self.advertised.to_string()
    }

    /// The transactional id of the leader of this cluster; who holds it may write the config topic.
    pub fn leader_transactional_id(&self) -> String {
        format!("connect-cluster-{}", self.group_id)
    }

    /// Whether the config topic is written in the leader's transactions.
    pub fn has_leader_transactions(&self) -> bool {
        self.exactly_once != ExactlyOnce::Disabled
    }

    /// A property as it was given.
    pub fn property(&self, key: &str) -> Option<&str> {
        self.properties.get(key).map(String::as_str)
    }

    /// The class of a converter and its settings: the connector's if it names one, else the worker's. `key` is
    /// `key.converter` or `value.converter`. As in Kafka Connect, settings without the class count for nothing.
    pub(crate) fn converter(&self, key: &str, connector: &ConfigMap) -> (String, ConfigMap) {
        let from = if connector.contains_key(key) {
            connector
        } else {
            &self.properties
        };
        (
            from.get(key).cloned().unwrap_or_default(),
            below(from, &format!("{key}.")),
        )
    }

    /// The properties below `prefix`, without it, e.g. `value.converter.`.
    pub fn below(&self, prefix: &str) -> ConfigMap {
        below(&self.properties, prefix)
    }

    /// Settings of a client for the worker's own topics.
    pub fn internal_client(&self, kind: ClientKind) -> Result<ClientSettings, ConfigError> {
        self.translate(kind, &top_level(&self.properties))
    }

    /// Settings of a client for a connector: the worker's, then those of its prefix (`producer.` and so on), then
    /// `overrides` (`producer.override.*` of the connector, without the prefix; already allowed by the policy).
    pub fn connector_client(&self, kind: ClientKind, overrides: &ConfigMap) -> Result<ClientSettings, ConfigError> {
        self.translate(
            kind,
            &client::layer(&[&top_level(&self.properties), &self.below(prefix(kind)), overrides]),
        )
    }

    fn translate(&self, kind: ClientKind, java: &ConfigMap) -> Result<ClientSettings, ConfigError> {
        let settings = client::translate_for(kind, java)
            .map_err(|problems| ConfigError::Invalid { problems })?
            .settings;
        Ok(match kind {
            // Readers name their partitions themselves and never join a group; librdkafka wants the name all the same.
            ClientKind::Consumer => settings.with("group.id", self.group_id.clone()),
            ClientKind::Producer | ClientKind::Admin => settings,
        })
    }
}

/// Every worker property with its default and meaning, for people.
pub fn property_table() -> String {
    let mut text = String::new();
    for key in definition::KEYS {
        let default = key
            .default
            .map(|default| format!(" (default: {default})"))
            .unwrap_or_default();
        let handling = match key.handling {
            Handling::Honoured => "",
            Handling::Ignored(_) => "ignored: ",
            Handling::Refused(_) => "refused: ",
        };
        text.push_str(&format!("{}{default}\n    {handling}{}\n", key.name, key.doc));
    }
    text
}

fn prefix(kind: ClientKind) -> &'static str {
    match kind {
        ClientKind::Producer => "producer.",
        ClientKind::Consumer => "consumer.",
        ClientKind::Admin => "admin.",
    }
}

fn below(properties: &ConfigMap, prefix: &str) -> ConfigMap {
    properties
        .iter()
        .filter_map(|(key, value)| Some((key.strip_prefix(prefix)?.to_owned(), value.clone())))
        .collect()
}

/// The client settings at the top of the file. Keys that are also the worker's own (`group.id`, session times) are its own.
fn top_level(properties: &ConfigMap) -> ConfigMap {
    let mut settings: ConfigMap = properties
        .iter()
        .filter(|(key, _)| client::is_client_key(key) && definition::find(key).is_none())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    settings
        .entry("bootstrap.servers".to_owned())
        .or_insert_with(|| "localhost:9092".to_owned());
    settings
}

/// Reads values and collects what is wrong with them.
struct Reader<'a> {
    properties: &'a ConfigMap,
    problems: Vec<String>,
    warnings: Vec<String>,
}

impl<'a> Reader<'a> {
    fn look_at_every_key(&mut self) {
        for (name, value) in self.properties {
            match definition::find(name) {
                Some(key) => self.look_at(key, value.trim()),
                None if client::is_client_key(name) => {}
                None if definition::PREFIXES.iter().any(|prefix| name.starts_with(prefix)) => {}
                None if name.starts_with("listeners.https.") => {}
                None => {
                    let known = definition::KEYS.iter().map(|key| key.name).chain(client::client_keys());
                    let hint = nearest_name(name, known)
                        .map(|near| format!("; did you mean `{near}`?"))
                        .unwrap_or_default();
                    self.warnings
                        .push(format!("`{name}` is not a known worker property and is ignored{hint}"));
                }
            }
        }
    }

    fn look_at(&mut self, key: &Key, value: &str) {
        let problem = match (key.handling, key.kind) {
            (Handling::Refused(_), _) if value.is_empty() => None,
            (Handling::Refused(remedy), _) => Some(remedy.to_owned()),
            (Handling::Ignored(reason), _) => {
                self.warnings.push(format!("`{}` is ignored: {reason}", key.name));
                None
            }
            (Handling::Honoured, Kind::Text) => None,
            (Handling::Honoured, Kind::Boolean) if is_boolean(value) => None,
            (Handling::Honoured, Kind::Boolean) => Some(format!("`{value}` is neither true nor false")),
            (Handling::Honoured, Kind::Number(low, high)) => match value.parse::<i64>() {
                Ok(number) if (low..=high).contains(&number) => None,
                _ => Some(format!("`{value}` is not a number from {low} to {high}")),
            },
            (Handling::Honoured, Kind::Word(words)) if words.iter().any(|word| word.eq_ignore_ascii_case(value)) => {
                None
            }
            (Handling::Honoured, Kind::Word(words)) => Some(format!("`{value}` is not one of {}", words.join(", "))),
        };
        if let Some(problem) = problem {
            self.problems.push(format!("`{}`: {problem}", key.name));
        }
    }

    /// The value given for `name`, or its default.
    fn value(&self, name: &str) -> Option<&'a str> {
        let given = self.properties.get(name).map(|value| value.trim());
        given.or_else(|| definition::find(name).and_then(|key| key.default))
    }

    fn required(&mut self, name: &str) -> String {
        match self.value(name).filter(|value| !value.is_empty()) {
            Some(value) => value.to_owned(),
            None => {
                self.problems.push(format!("`{name}` is missing and has no default"));
                String::new()
            }
        }
    }

    fn non_empty(&self, name: &str) -> Option<String> {
        self.value(name).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// A number that [`look_at`](Self::look_at) has already checked; a wrong one is reported there.
    fn number(&self, name: &str) -> i64 {
        self.value(name).and_then(|value| value.parse().ok()).unwrap_or(0)
    }

    fn milliseconds(&self, name: &str) -> Duration {
        Duration::from_millis(u64::try_from(self.number(name)).unwrap_or(0))
    }

    fn boolean(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    fn topic(&mut self, store: &str, partitions: Option<i32>) -> InternalTopic {
        let settings = below(self.properties, &format!("{store}."))
            .into_iter()
            .filter(|(key, _)| {
                !matches!(
                    key.as_str(),
                    "topic" | "partitions" | "replication.factor" | "cleanup.policy"
                )
            })
            .collect();
        InternalTopic {
            name: self.required(&format!("{store}.topic")),
            partitions: partitions
                .unwrap_or_else(|| self.number(&format!("{store}.partitions")).try_into().unwrap_or(-1)),
            replication_factor: self
                .number(&format!("{store}.replication.factor"))
                .try_into()
                .unwrap_or(-1),
            settings,
        }
    }

    fn exactly_once(&self) -> ExactlyOnce {
        match self
            .value("exactly.once.source.support")
            .map(str::to_lowercase)
            .as_deref()
        {
            Some("disabled") => ExactlyOnce::Disabled,
            Some("preparing") => ExactlyOnce::Preparing,
            _ => ExactlyOnce::Enabled,
        }
    }

    fn listeners(&mut self) -> Vec<Listener> {
        match Listener::parse_list(self.value("listeners").unwrap_or_default()) {
            Ok(listeners) => {
                let open = listeners.iter().find(|listener| !listener.is_loopback());
                if let Some(listener) = open.filter(|_| self.properties.contains_key("listeners")) {
                    self.warnings.push(format!(
                        "REST listens on {listener} without authentication: who reaches it controls the connectors and reads \
                         their passwords; set `listeners=http://127.0.0.1:{}` or put an authenticating proxy before it",
                        listener.port
                    ));
                }
                listeners
            }
            Err(problem) => {
                self.problems.push(format!("`listeners`: {problem}"));
                Vec::new()
            }
        }
    }

    fn advertised(&mut self, listeners: &[Listener]) -> Advertised {
        if self
            .value("rest.advertised.listener")
            .is_some_and(|listener| listener.eq_ignore_ascii_case("https"))
        {
            self.problems
                .push("`rest.advertised.listener`: https is not supported, use http".to_owned());
        }
        let port = self.value("rest.advertised.port").and_then(|port| port.parse().ok());
        Advertised::new(listeners, self.non_empty("rest.advertised.host.name"), port)
    }

    fn admin_endpoints(&mut self) -> bool {
        match self.properties.get("admin.listeners").map(|value| value.trim()) {
            None => true,
            Some("") => false,
            Some(_) => {
                self.problems.push(
                    "`admin.listeners`: a listener of its own is not supported; leave the key out, or empty to turn /admin off"
                        .to_owned(),
                );
                true
            }
        }
    }

    fn override_policy(&self) -> OverridePolicy {
        OverridePolicy::new(
            self.value("connector.client.config.override.policy")
                .unwrap_or_default(),
            self.value("connector.client.config.override.allowlist")
                .unwrap_or_default(),
        )
    }

    /// Client settings are translated when a client is made; their problems and warnings belong to the start.
    fn check_clients(&mut self) {
        let top = top_level(self.properties);
        for kind in [ClientKind::Producer, ClientKind::Consumer, ClientKind::Admin] {
            let prefix = prefix(kind);
            match client::translate_for(kind, &client::layer(&[&top, &below(self.properties, prefix)])) {
                Ok(settings) => self.warnings.extend(settings.warnings),
                Err(problems) => self.problems.extend(problems),
            }
        }
        self.warnings.sort();
        self.warnings.dedup();
        self.problems.sort();
        self.problems.dedup();
    }
}

fn is_boolean(value: &str) -> bool {
    value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false")
}
