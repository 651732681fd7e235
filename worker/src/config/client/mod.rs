//! Java client settings -> librdkafka's: one table, one verdict per key.
//!
//! Users have settings for the Java clients in their worker and connector configurations. Each is carried over under
//! librdkafka's name, refused by name (going on without it would be insecure or wrong), or, where it has no meaning outside
//! of a JVM, ignored with a warning. Java: `CommonClientConfigs`, `ProducerConfig`, `ConsumerConfig`, `SslConfigs`,
//! `SaslConfigs`; librdkafka: `CONFIGURATION.md`.
//!
//! One deliberate difference: a layer that says nothing about security or servers (`producer.*`, say) inherits the worker's
//! own. Kafka Connect demands that they be repeated, and a worker that works there has them repeated.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use connector_api::config::{ConfigProblem, nearest_name};

use crate::kafka::{ClientSettings, Refusal};
pub(super) use oauth::ENDPOINT;
use rules::{RECONNECT_BACKOFF_MAX_MS, RULES, Rule, TRANSACTION_TIMEOUT_MS, concerns_kind};

mod oauth;
mod rules;
mod sasl;

#[cfg(test)]
mod tests;

/// What kind of Kafka client the settings are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientKind {
    /// A producer.
    Producer,
    /// A consumer.
    Consumer,
    /// An administration client; librdkafka makes it out of a producer or consumer.
    Admin,
}

/// Settings in librdkafka's names, and what there is to say about those that were given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TranslatedClient {
    /// For librdkafka.
    pub settings: ClientSettings,
    /// Keys that are ignored, each with the reason.
    pub warnings: Vec<ConfigProblem>,
}

/// Whether `key` is a setting of a Java client.
pub(crate) fn is_client_key(key: &str) -> bool {
    RULES.iter().any(|(name, ..)| *name == key)
}

/// The names of all Java client settings.
pub(crate) fn client_keys() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|(name, ..)| *name)
}

/// Layers Java settings for one client: `layers` in rising priority. A layer that names neither servers nor a security
/// protocol keeps those of the layers below it; one that does starts afresh with security.
pub(crate) fn layer(layers: &[&BTreeMap<String, String>]) -> BTreeMap<String, String> {
    let mut merged: BTreeMap<String, String> = BTreeMap::new();
    for layer in layers {
        if layer.contains_key("security.protocol") || layer.contains_key("bootstrap.servers") {
            merged.retain(|key, _| !is_security(key));
        }
        merged.extend(layer.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    merged
}

/// Layers the settings `own` of a connector's log in Kafka, and the servers that are named for it, on those of the connector's
/// client of that kind. A log that is said to be on servers where everything is, all of them or some, starts nothing afresh.
pub(crate) fn layer_log(
    client: &BTreeMap<String, String>,
    servers: Option<&str>,
    own: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut own = own.clone();
    let known = client
        .get("bootstrap.servers")
        .map_or(BTreeSet::new(), |known| server_set(known));
    if let Some(servers) = servers.filter(|servers| !server_set(servers).is_subset(&known)) {
        own.entry("bootstrap.servers".to_owned())
            .or_insert_with(|| servers.to_owned());
    }
    layer(&[client, &own])
}

fn server_set(servers: &str) -> BTreeSet<&str> {
    servers
        .split(',')
        .map(str::trim)
        .filter(|server| !server.is_empty())
        .collect()
}

fn is_security(key: &str) -> bool {
    ["security.", "sasl.", "ssl."]
        .iter()
        .any(|prefix| key.starts_with(prefix))
}

/// Translates `java` for a client of `kind`. All problems together; their messages name their keys, too.
pub fn translate_for(
    kind: ClientKind,
    java: &BTreeMap<String, String>,
) -> Result<TranslatedClient, Vec<ConfigProblem>> {
    let mut translation = Translation::new();
    translation.all(kind, java);
    let settings = &mut translation.out.settings.0;
    settings
        .entry("reconnect.backoff.max.ms".to_owned())
        .or_insert_with(|| RECONNECT_BACKOFF_MAX_MS.to_string());
    if translation.problems.is_empty() {
        Ok(translation.out)
    } else {
        Err(translation.problems)
    }
}

impl TranslatedClient {
    /// Makes the settings fit for Kafka's transactions: a record has to be delivered within its transaction.
    pub(crate) fn fit_transactions(&mut self) {
        let milliseconds = |key| self.settings.value(key).and_then(|text| text.parse::<u64>().ok());
        let limit = milliseconds("transaction.timeout.ms").unwrap_or(TRANSACTION_TIMEOUT_MS);
        if milliseconds("delivery.timeout.ms").is_some_and(|given| given > limit) {
            self.settings = std::mem::take(&mut self.settings).with("delivery.timeout.ms", limit.to_string());
            let warning = format!(
                "`delivery.timeout.ms` is taken as {limit}, which is transaction.timeout.ms: a record is delivered within its \
                 transaction or not at all"
            );
            self.warnings.push(ConfigProblem::new("delivery.timeout.ms", warning));
        }
    }

    /// The warnings that are about a key of `java`.
    pub(crate) fn warnings_about<'a>(
        &'a self,
        java: &'a BTreeMap<String, String>,
    ) -> impl Iterator<Item = &'a ConfigProblem> {
        self.warnings.iter().filter(|warning| java.contains_key(&warning.key))
    }
}

/// Why a client of `kind` does not take its settings, translated from `java`; in Java's names. Connects
/// to nothing.
pub(crate) fn refusal(
    kind: ClientKind,
    settings: &ClientSettings,
    java: &BTreeMap<String, String>,
) -> Option<ConfigProblem> {
    let refusal = match kind {
        ClientKind::Producer => Refusal::of_producer(settings),
        ClientKind::Consumer => Refusal::of_consumer(settings),
        ClientKind::Admin => Refusal::of_admin(settings),
    }?;
    let given = refusal.settings.iter().find_map(|name| java_key(kind, name, java));
    Some(match given {
        Some(key) => about(key, format!("Kafka's client refuses the value: {}", refusal.reason)),
        None => ConfigProblem::new("", format!("Kafka's client refuses its settings: {}", refusal.reason)),
    })
}

/// A problem whose message names its key, too: it may be read without it.
pub(super) fn about(key: &str, text: impl Display) -> ConfigProblem {
    ConfigProblem::new(key, format!("`{key}`: {text}"))
}

/// The key among `java` out of which the library's setting `name` was made.
fn java_key(kind: ClientKind, name: &str, java: &BTreeMap<String, String>) -> Option<&'static str> {
    let is_meant = |rule: &Rule| {
        rule.setting()
            .is_some_and(|setting| setting == name || rules::is_alias(setting, name))
    };
    RULES
        .iter()
        .filter(|(key, concerns, rule)| concerns_kind(*concerns, kind) && java.contains_key(*key) && is_meant(rule))
        .map(|(key, ..)| *key)
        .next()
}

struct Translation {
    out: TranslatedClient,
    problems: Vec<ConfigProblem>,
}

impl Translation {
    fn new() -> Self {
        Translation {
            out: TranslatedClient::default(),
            problems: Vec::new(),
        }
    }

    fn all(&mut self, kind: ClientKind, java: &BTreeMap<String, String>) {
        for (key, value) in java {
            self.one(kind, key, value.trim());
        }
        self.sasl(java);
        self.tls(java);
    }

    fn one(&mut self, kind: ClientKind, key: &str, value: &str) {
        let mut rules = RULES.iter().filter(|(name, ..)| *name == key).peekable();
        if rules.peek().is_none() {
            let hint = nearest_name(key, client_keys())
                .map(|near| format!("; did you mean `{near}`?"))
                .unwrap_or_default();
            return self.ignored(key, &format!("is not a setting of a Kafka client and is ignored{hint}"));
        }
        // Settings of the other kinds are common in one list, as in Java: passed over quietly.
        let Some((_, _, rule)) = rules.find(|(_, concerns, _)| concerns_kind(*concerns, kind)) else {
            return;
        };
        match *rule {
            Rule::As(name) => self.set(name, value),
            Rule::Lower(name) => self.set(name, &value.to_lowercase()),
            Rule::Buffer(name) => self.set(name, if value == "-1" { "0" } else { value }),
            Rule::AtLeastOne(name) => self.set(name, if value == "0" { "1" } else { value }),
            Rule::Stronger(_, weaker) if weaker.contains(&value) => self.ignored(
                key,
                &format!("of `{value}` promises less than the idempotent producer that is always used, and is ignored"),
            ),
            Rule::Stronger(name, _) => self.set(name, value),
            Rule::Kibibytes(name) => match value.parse::<i64>() {
                Ok(bytes) => self.set(name, &(bytes / 1024).max(1).to_string()),
                Err(_) => self.problem(key, format!("`{value}` is not a number")),
            },
            Rule::Capped(name) => match value.parse::<i64>() {
                Ok(ms) => self.set(name, &ms.clamp(0, RECONNECT_BACKOFF_MAX_MS).to_string()),
                Err(_) => self.problem(key, format!("`{value}` is not a number")),
            },
            Rule::Endpoint => self.set(key, if value.is_empty() { "none" } else { value }),
            Rule::Family => {}
            Rule::Workers => self.ignored(key, "is set by the worker itself; the given value is ignored"),
            Rule::Jvm => self.ignored(key, "only has a meaning for a Java client and is ignored"),
            Rule::Refuse(remedy) => self.problem(key, remedy),
        }
    }

    fn problem(&mut self, key: &str, text: impl Display) {
        self.problems.push(about(key, text));
    }

    /// `ending` goes on behind the key.
    fn ignored(&mut self, key: &str, ending: &str) {
        let warning = ConfigProblem::new(key, format!("`{key}` {ending}"));
        self.out.warnings.push(warning);
    }

    fn set(&mut self, name: &str, value: &str) {
        self.out.settings.0.insert(name.to_owned(), value.to_owned());
    }

    fn sasl(&mut self, java: &BTreeMap<String, String>) {
        let uses_sasl = java
            .get("security.protocol")
            .is_some_and(|protocol| protocol.to_uppercase().starts_with("SASL"));
        if !uses_sasl {
            return;
        }
        match sasl::login(java) {
            Ok(settings) => settings.iter().for_each(|(name, value)| self.set(name, value)),
            Err(problem) => self.problems.push(problem),
        }
    }

    fn tls(&mut self, java: &BTreeMap<String, String>) {
        let given = |key: &str| {
            java.get(key)
                .map(|value| value.trim())
                .filter(|value| !value.is_empty())
        };
        let is_pem = |key: &str| given(key).is_some_and(|kind| kind.eq_ignore_ascii_case("PEM"));
        if let Some(pem) = given("ssl.truststore.certificates") {
            self.set("ssl.ca.pem", pem);
        }
        if let Some(path) = given("ssl.truststore.location") {
            if is_pem("ssl.truststore.type") {
                self.set("ssl.ca.location", path);
            } else {
                let password = given("ssl.truststore.password").unwrap_or_default();
                let pem = self.store("ssl.truststore.location", path, |file| {
                    key_stores::trusted(file, password)
                });
                self.set("ssl.ca.pem", &pem.unwrap_or_default());
            }
        }
        if let Some(chain) = given("ssl.keystore.certificate.chain") {
            self.set("ssl.certificate.pem", chain);
        }
        if let Some(key) = given("ssl.keystore.key") {
            self.set("ssl.key.pem", key);
        }
        let key_password = given("ssl.key.password");
        match given("ssl.keystore.location") {
            Some(path) if !is_pem("ssl.keystore.type") => {
                let password = given("ssl.keystore.password").unwrap_or_default();
                let identity = self.store("ssl.keystore.location", path, |file| {
                    key_stores::identity(file, password, key_password)
                });
                if let Some(identity) = identity {
                    self.set("ssl.certificate.pem", &identity.chain);
                    self.set("ssl.key.pem", &identity.key);
                }
                // Its key is decrypted.
                return;
            }
            Some(path) => {
                self.set("ssl.certificate.location", path);
                self.set("ssl.key.location", path);
            }
            None => {}
        }
        if let Some(password) = key_password {
            self.set("ssl.key.password", password);
        }
    }

    /// What is read from a store of Java's, whose type its content tells, as it does to Java.
    fn store<T>(
        &mut self,
        key: &str,
        path: &str,
        read: impl FnOnce(&[u8]) -> Result<T, key_stores::KeyStoreError>,
    ) -> Option<T> {
        let read = match std::fs::read(path) {
            Ok(file) => read(&file).map_err(|error| error.to_string()),
            Err(error) => Err(format!("cannot be read: {error}")),
        };
        read.map_err(|reason| self.problem(key, format!("{path} {reason}")))
            .ok()
    }
}
