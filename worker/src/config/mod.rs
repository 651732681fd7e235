//! [`WorkerConfig`]: a worker.properties file, read once, with every problem reported at once.
//!
//! `definition` lists the keys, `reader` reads their values, [`client`] carries Java client settings over to librdkafka,
//! `listener` reads addresses, `policy` decides what a connector may override.

mod allowed_urls;
pub mod client;
pub(crate) mod connector_keys;
pub(crate) mod connector_warnings;
mod definition;
mod error;
pub(crate) mod header_converter;
mod jaas;
mod listener;
pub(crate) mod log_settings;
mod policy;
pub(crate) mod providers;
mod reader;
pub(crate) mod topic_creation;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use connector_api::ConfigMap;
use connector_api::config::ConfigProblem;

pub use client::{ClientKind, TranslatedClient};
pub use error::ConfigError;
pub use header_converter::is_simple_header_converter;
pub use listener::{Advertised, Listener};
pub use policy::OverridePolicy;

use crate::concealed::conceal;
use crate::kafka::{ClientSettings, Guarantee};
use definition::Handling;
use providers::{ConfigProviders, Resolved};
use reader::Reader;

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

impl ExactlyOnce {
    /// What a task's producer gives.
    pub(crate) fn guarantee(self, transactional_id: impl Into<String>) -> Guarantee {
        match self {
            ExactlyOnce::Enabled => Guarantee::ExactlyOnce {
                transactional_id: transactional_id.into(),
            },
            ExactlyOnce::Disabled | ExactlyOnce::Preparing => Guarantee::AtLeastOnce,
        }
    }

    /// The same client, fit for transactions if there are any.
    fn fitted(self, mut client: TranslatedClient) -> TranslatedClient {
        if self != ExactlyOnce::Disabled {
            client.fit_transactions();
        }
        client
    }
}

/// Settings of one kind of client of a connector.
#[derive(Clone, Default)]
pub struct ConnectorClient {
    /// In Java's names; a log of the connector's own has its settings layered on top.
    pub java: ConfigMap,
    /// For the client library.
    pub settings: ClientSettings,
}

/// Settings of a connector's clients.
#[derive(Clone)]
pub struct ConnectorClients {
    pub producer: ConnectorClient,
    pub consumer: ConnectorClient,
    pub admin: ConnectorClient,
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
    /// Every property as it was given, with what its placeholders stand for.
    properties: ConfigMap,
    /// What placeholders are looked up in.
    providers: ConfigProviders,
}

impl WorkerConfig {
    /// Reads and checks a file in Java's properties format.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let file = File::open(path).map_err(|source| ConfigError::File {
            path: path.to_owned(),
            source: Arc::new(source),
        })?;
        let mut properties = ConfigMap::new();
        java_properties::PropertiesIter::new(BufReader::new(file))
            .read_into(|key, value| {
                properties.insert(key, value);
            })
            .map_err(|source| ConfigError::Syntax {
                path: path.to_owned(),
                source: Arc::new(source),
            })?;
        Self::from_properties(properties)
    }

    /// Checks properties; an error lists every problem.
    pub fn from_properties(given: ConfigMap) -> Result<Self, ConfigError> {
        let providers = ConfigProviders::new(&given).map_err(|problems| ConfigError::Invalid { problems })?;
        let Resolved {
            config: properties,
            problems: unresolved,
        } = providers.resolve(&given);
        let mut reader = Reader::new(&properties);
        reader.warnings.extend(providers.warnings());
        let config = WorkerConfig {
            group_id: reader.required("group.id"),
            config_topic: reader.topic("config.storage", Some(1)),
            offset_topic: reader.topic("offset.storage", None),
            status_topic: reader.topic("status.storage", None),
            exactly_once: reader.exactly_once(),
            task_shutdown_timeout: reader.milliseconds("task.shutdown.graceful.timeout.ms"),
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
            providers: ConfigProviders::default(),
        };
        reader.required("key.converter");
        reader.required("value.converter");
        reader.header_converter();
        reader.check_clients();
        let advertised = reader.advertised(&config.listeners);
        reader.unresolved(&unresolved);
        let Reader { problems, warnings, .. } = reader;
        if problems.is_empty() {
            Ok(WorkerConfig {
                advertised,
                warnings: warnings.iter().map(|warning| conceal(warning).into_owned()).collect(),
                properties,
                providers,
                ..config
            })
        } else {
            let concealed = |problem: &ConfigProblem| ConfigProblem::new(&problem.key, conceal(&problem.message));
            Err(ConfigError::Invalid {
                problems: problems.iter().map(concealed).collect(),
            })
        }
    }

    /// What the placeholders of a connector's configuration are looked up in.
    pub(crate) fn providers(&self) -> &ConfigProviders {
        &self.providers
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

    /// A property as it was given, or what its placeholders stand for.
    pub fn property(&self, key: &str) -> Option<&str> {
        self.properties.get(key).map(String::as_str)
    }

    /// The class of a converter and its settings: the connector's if it names one, else the worker's. `key` is
    /// `key.converter`, `value.converter` or `header.converter`. As in Kafka Connect, settings without the class count for nothing.
    pub(crate) fn converter(&self, key: &str, connector: &ConfigMap) -> (String, ConfigMap) {
        let from = if connector.contains_key(key) {
            connector
        } else {
            &self.properties
        };
        let default = || {
            definition::find(key)
                .and_then(|known| known.default)
                .unwrap_or_default()
        };
        (
            from.get(key)
                .map_or_else(|| default().to_owned(), |class| class.trim().to_owned()),
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
    pub fn connector_client(&self, kind: ClientKind, overrides: &ConfigMap) -> Result<ConnectorClient, ConfigError> {
        let java = client::layer(&[&top_level(&self.properties), &self.below(prefix(kind)), overrides]);
        let settings = self.translate(kind, &java)?;
        Ok(ConnectorClient { java, settings })
    }

    /// Keys by which a connector sends its clients for tokens where they may not go, each with a sentence.
    pub(crate) fn endpoint_problems(&self, connector: &ConfigMap) -> Vec<(String, String)> {
        allowed_urls::problems(&self.properties, connector)
    }

    /// What is wrong with a connector's overrides for one kind of client. A client is made of them, which connects to nothing.
    pub(crate) fn override_problems(&self, kind: ClientKind, overrides: &ConfigMap) -> Vec<ConfigProblem> {
        match self.connector_client(kind, overrides) {
            Ok(ConnectorClient { java, settings }) => client::refusal(kind, &settings, &java).into_iter().collect(),
            Err(ConfigError::Invalid { problems }) => problems,
            Err(other) => vec![ConfigProblem::new("", other.to_string())],
        }
    }

    /// What is worth knowing about a connector's overrides for one kind of client.
    pub(crate) fn override_warnings(&self, kind: ClientKind, overrides: &ConfigMap) -> Vec<String> {
        let java = client::layer(&[&top_level(&self.properties), &self.below(prefix(kind)), overrides]);
        client::translate_for(kind, &java)
            .map(|translated| {
                self.exactly_once
                    .fitted(translated)
                    .warnings_about(overrides)
                    .map(|warning| warning.message.clone())
                    .collect()
            })
            .unwrap_or_default()
    }

    fn translate(&self, kind: ClientKind, java: &ConfigMap) -> Result<ClientSettings, ConfigError> {
        let translated = client::translate_for(kind, java).map_err(|problems| ConfigError::Invalid { problems })?;
        let settings = self.exactly_once.fitted(translated).settings;
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
