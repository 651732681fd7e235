//! Java client settings -> librdkafka's: one table, one verdict per key.
//!
//! Users have settings for the Java clients in their worker and connector configurations. Each is carried over under
//! librdkafka's name, refused by name (going on without it would be insecure or wrong), or, where it has no meaning outside
//! of a JVM, ignored with a warning. Java: `CommonClientConfigs`, `ProducerConfig`, `ConsumerConfig`, `SslConfigs`,
//! `SaslConfigs`; librdkafka: `CONFIGURATION.md`.
//!
//! One deliberate difference: a layer that says nothing about security or servers (`producer.*`, say) inherits the worker's
//! own. Kafka Connect demands that they be repeated, and a worker that works there has them repeated.

use std::collections::BTreeMap;

use connector_api::config::nearest_name;

use super::jaas;
use crate::kafka::ClientSettings;

#[cfg(test)]
mod tests;

/// The longest pause between attempts to reach a broker, whatever the settings say: a broker that comes back is to be found
/// within a second (librdkafka waits up to 10 s by default, Java 1 s).
const RECONNECT_BACKOFF_MAX_MS: i64 = 1000;

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
    pub warnings: Vec<String>,
}

/// What happens to one Java setting.
#[derive(Clone, Copy)]
enum Rule {
    /// Same meaning; this is librdkafka's name.
    As(&'static str),
    /// Same meaning, and librdkafka wants lower case.
    Lower(&'static str),
    /// Java's -1 ("the system's choice") is librdkafka's 0.
    Buffer(&'static str),
    /// Bytes, where librdkafka counts in KiB.
    Kibibytes(&'static str),
    /// At most [`RECONNECT_BACKOFF_MAX_MS`].
    Capped(&'static str),
    /// An empty text stands for `none`.
    Endpoint,
    /// Read together with the others of its family, see [`Tls`] and [`jaas`].
    Family,
    /// The worker decides this itself.
    Workers,
    /// Only meaningful in a JVM.
    Jvm,
    /// Cannot be carried out, and must not be dropped quietly. The text says what to do.
    Refuse(&'static str),
}

/// Which clients a setting concerns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    All,
    Producer,
    Consumer,
}

use For::{All, Consumer, Producer};
use Rule::{As, Buffer, Capped, Endpoint, Family, Jvm, Kibibytes, Lower, Refuse, Workers};

const NO_KERBEROS: &str = "Kerberos is not built in: use SCRAM, PLAIN or TLS client certificates";
const NO_OAUTH: &str = "OAUTHBEARER is not built in: use SCRAM, PLAIN or TLS client certificates";

/// Every client setting of Kafka 4.3 that a source worker can meet.
const RULES: &[(&str, For, Rule)] = &[
    ("bootstrap.servers", All, As("bootstrap.servers")),
    ("client.id", All, As("client.id")),
    ("client.rack", All, As("client.rack")),
    ("client.dns.lookup", All, As("client.dns.lookup")),
    ("metadata.max.age.ms", All, As("metadata.max.age.ms")),
    ("metadata.recovery.strategy", All, Lower("metadata.recovery.strategy")),
    (
        "metadata.recovery.rebootstrap.trigger.ms",
        All,
        As("metadata.recovery.rebootstrap.trigger.ms"),
    ),
    ("connections.max.idle.ms", All, As("connections.max.idle.ms")),
    ("reconnect.backoff.ms", All, Capped("reconnect.backoff.ms")),
    ("reconnect.backoff.max.ms", All, Capped("reconnect.backoff.max.ms")),
    ("retry.backoff.ms", All, As("retry.backoff.ms")),
    ("retry.backoff.max.ms", All, As("retry.backoff.max.ms")),
    ("send.buffer.bytes", All, Buffer("socket.send.buffer.bytes")),
    ("receive.buffer.bytes", All, Buffer("socket.receive.buffer.bytes")),
    (
        "socket.connection.setup.timeout.ms",
        All,
        As("socket.connection.setup.timeout.ms"),
    ),
    ("security.protocol", All, Lower("security.protocol")),
    ("security.providers", All, Jvm),
    ("sasl.mechanism", All, Family),
    ("sasl.jaas.config", All, Family),
    (
        "sasl.client.callback.handler.class",
        All,
        Refuse("a Java class cannot be loaded: use sasl.jaas.config"),
    ),
    (
        "sasl.login.callback.handler.class",
        All,
        Refuse("a Java class cannot be loaded: use sasl.jaas.config"),
    ),
    (
        "sasl.login.class",
        All,
        Refuse("a Java class cannot be loaded: use sasl.jaas.config"),
    ),
    ("sasl.kerberos.service.name", All, Refuse(NO_KERBEROS)),
    ("sasl.kerberos.kinit.cmd", All, Jvm),
    ("sasl.kerberos.ticket.renew.window.factor", All, Jvm),
    ("sasl.kerberos.ticket.renew.jitter", All, Jvm),
    ("sasl.kerberos.min.time.before.relogin", All, Jvm),
    ("sasl.login.refresh.window.factor", All, Jvm),
    ("sasl.login.refresh.window.jitter", All, Jvm),
    ("sasl.login.refresh.min.period.seconds", All, Jvm),
    ("sasl.login.refresh.buffer.seconds", All, Jvm),
    ("sasl.login.connect.timeout.ms", All, Jvm),
    ("sasl.login.read.timeout.ms", All, Jvm),
    ("sasl.login.retry.backoff.ms", All, Jvm),
    ("sasl.login.retry.backoff.max.ms", All, Jvm),
    ("sasl.oauthbearer.token.endpoint.url", All, Refuse(NO_OAUTH)),
    ("sasl.oauthbearer.scope.claim.name", All, Jvm),
    ("sasl.oauthbearer.sub.claim.name", All, Jvm),
    ("ssl.endpoint.identification.algorithm", All, Endpoint),
    ("ssl.protocol", All, Jvm),
    ("ssl.enabled.protocols", All, Jvm),
    ("ssl.provider", All, Jvm),
    ("ssl.trustmanager.algorithm", All, Jvm),
    ("ssl.keymanager.algorithm", All, Jvm),
    ("ssl.secure.random.implementation", All, Jvm),
    (
        "ssl.engine.factory.class",
        All,
        Refuse("a Java class cannot be loaded: use ssl.truststore.* and ssl.keystore.*"),
    ),
    (
        "ssl.cipher.suites",
        All,
        Refuse("cipher names of Java and OpenSSL differ: restrict the ciphers at the broker"),
    ),
    ("ssl.truststore.location", All, Family),
    ("ssl.truststore.password", All, Family),
    ("ssl.truststore.type", All, Family),
    ("ssl.truststore.certificates", All, Family),
    ("ssl.keystore.location", All, Family),
    ("ssl.keystore.password", All, Family),
    ("ssl.keystore.type", All, Family),
    ("ssl.keystore.key", All, Family),
    ("ssl.keystore.certificate.chain", All, Family),
    ("ssl.key.password", All, Family),
    ("metric.reporters", All, Jvm),
    ("metrics.num.samples", All, Jvm),
    ("metrics.recording.level", All, Jvm),
    ("metrics.sample.window.ms", All, Jvm),
    ("auto.include.jmx.reporter", All, Jvm),
    ("enable.metrics.push", All, As("enable.metrics.push")),
    ("socket.connection.setup.timeout.max.ms", All, Jvm),
    (
        "interceptor.classes",
        All,
        Refuse("a Java class cannot be loaded: remove it"),
    ),
    (
        "config.providers",
        All,
        Refuse("config providers are not supported: write the values themselves"),
    ),
    ("request.timeout.ms", Producer, As("request.timeout.ms")),
    ("request.timeout.ms", Consumer, As("socket.timeout.ms")),
    ("acks", Producer, As("acks")),
    ("batch.size", Producer, As("batch.size")),
    ("linger.ms", Producer, As("linger.ms")),
    ("buffer.memory", Producer, Kibibytes("queue.buffering.max.kbytes")),
    ("compression.type", Producer, Lower("compression.type")),
    ("compression.gzip.level", Producer, As("compression.level")),
    ("compression.lz4.level", Producer, As("compression.level")),
    ("compression.zstd.level", Producer, As("compression.level")),
    ("max.request.size", Producer, As("message.max.bytes")),
    (
        "max.in.flight.requests.per.connection",
        Producer,
        As("max.in.flight.requests.per.connection"),
    ),
    ("delivery.timeout.ms", Producer, As("delivery.timeout.ms")),
    ("retries", Producer, As("retries")),
    ("enable.idempotence", Producer, As("enable.idempotence")),
    ("transaction.timeout.ms", Producer, As("transaction.timeout.ms")),
    ("transactional.id", Producer, Workers),
    ("transaction.two.phase.commit.enable", Producer, Workers),
    ("key.serializer", Producer, Workers),
    ("value.serializer", Producer, Workers),
    ("max.block.ms", Producer, Jvm),
    ("metadata.max.idle.ms", Producer, Jvm),
    (
        "partitioner.class",
        Producer,
        Refuse("partitions are computed as Java's default partitioner does: remove it"),
    ),
    (
        "partitioner.ignore.keys",
        Producer,
        Refuse("a key's partition must stay the same: remove it"),
    ),
    ("partitioner.adaptive.partitioning.enable", Producer, Jvm),
    ("partitioner.availability.timeout.ms", Producer, Jvm),
    ("fetch.min.bytes", Consumer, As("fetch.min.bytes")),
    ("fetch.max.bytes", Consumer, As("fetch.max.bytes")),
    ("fetch.max.wait.ms", Consumer, As("fetch.wait.max.ms")),
    ("max.partition.fetch.bytes", Consumer, As("max.partition.fetch.bytes")),
    ("check.crcs", Consumer, As("check.crcs")),
    ("max.poll.records", Consumer, Jvm),
    ("default.api.timeout.ms", All, Jvm),
    ("max.poll.interval.ms", Consumer, Workers),
    ("group.id", Consumer, Workers),
    ("group.instance.id", Consumer, Workers),
    ("group.protocol", Consumer, Workers),
    ("group.remote.assignor", Consumer, Workers),
    ("session.timeout.ms", Consumer, Workers),
    ("heartbeat.interval.ms", Consumer, Workers),
    ("partition.assignment.strategy", Consumer, Workers),
    ("enable.auto.commit", Consumer, Workers),
    ("auto.commit.interval.ms", Consumer, Workers),
    ("auto.offset.reset", Consumer, Workers),
    ("isolation.level", Consumer, Workers),
    ("allow.auto.create.topics", Consumer, Workers),
    ("exclude.internal.topics", Consumer, Workers),
    ("key.deserializer", Consumer, Workers),
    ("value.deserializer", Consumer, Workers),
];

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

fn is_security(key: &str) -> bool {
    ["security.", "sasl.", "ssl."]
        .iter()
        .any(|prefix| key.starts_with(prefix))
}

/// The same for whichever kind of client, by a caller that has nowhere to report problems to: a setting that cannot be carried
/// out keeps its Java name, and the client library refuses to be created with it, by name. Nothing is dropped quietly.
pub fn translate(java: &BTreeMap<String, String>) -> AnyClient {
    let mut settings = BTreeMap::new();
    for kind in [ClientKind::Consumer, ClientKind::Producer] {
        let mut translation = Translation::new();
        translation.all(kind, java);
        settings.extend(translation.out.settings.0);
        let refused = translation
            .problems
            .iter()
            .filter_map(|problem| problem.split('`').nth(1));
        settings.extend(refused.map(|key| (key.to_owned(), java.get(key).cloned().unwrap_or_default())));
    }
    AnyClient { settings }
}

/// Settings in librdkafka's names for any kind of client.
pub struct AnyClient {
    /// For librdkafka. Holds passwords.
    pub settings: BTreeMap<String, String>,
}

/// Translates `java` for a client of `kind`. All problems together, each beginning with its key in backquotes.
pub fn translate_for(kind: ClientKind, java: &BTreeMap<String, String>) -> Result<TranslatedClient, Vec<String>> {
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

struct Translation {
    out: TranslatedClient,
    problems: Vec<String>,
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
            self.out.warnings.push(format!(
                "`{key}` is not a setting of a Kafka client and is ignored{hint}"
            ));
            return;
        }
        // Settings of the other kinds are common in one list, as in Java: passed over quietly.
        let Some((_, _, rule)) = rules.find(|(_, concerns, _)| concerns_kind(*concerns, kind)) else {
            return;
        };
        match *rule {
            As(name) => self.set(name, value),
            Lower(name) => self.set(name, &value.to_lowercase()),
            Buffer(name) => self.set(name, if value == "-1" { "0" } else { value }),
            Kibibytes(name) => match value.parse::<i64>() {
                Ok(bytes) => self.set(name, &(bytes / 1024).max(1).to_string()),
                Err(_) => self.problems.push(format!("`{key}`: `{value}` is not a number")),
            },
            Capped(name) => match value.parse::<i64>() {
                Ok(ms) => self.set(name, &ms.clamp(0, RECONNECT_BACKOFF_MAX_MS).to_string()),
                Err(_) => self.problems.push(format!("`{key}`: `{value}` is not a number")),
            },
            Endpoint => self.set(key, if value.is_empty() { "none" } else { value }),
            Family => {}
            Workers => self.out.warnings.push(format!(
                "`{key}` is set by the worker itself; the given value is ignored"
            )),
            Jvm => self
                .out
                .warnings
                .push(format!("`{key}` only has a meaning for a Java client and is ignored")),
            Refuse(remedy) => self.problems.push(format!("`{key}`: {remedy}")),
        }
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
        match java
            .get("sasl.mechanism")
            .map(|mechanism| mechanism.trim().to_uppercase())
            .as_deref()
        {
            None | Some("GSSAPI") => return self.problems.push(format!("`sasl.mechanism`: {NO_KERBEROS}")),
            Some("OAUTHBEARER") => return self.problems.push(format!("`sasl.mechanism`: {NO_OAUTH}")),
            Some(mechanism @ ("PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512")) => self.set("sasl.mechanism", mechanism),
            Some(other) => {
                return self.problems.push(format!(
                    "`sasl.mechanism`: `{other}` is unknown; PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 are supported"
                ));
            }
        }
        match java.get("sasl.jaas.config").map(|text| jaas::Credentials::parse(text)) {
            Some(Ok(credentials)) => {
                self.set("sasl.username", &credentials.username);
                self.set("sasl.password", &credentials.password);
            }
            Some(Err(problem)) => self.problems.push(format!("`sasl.jaas.config`: {problem}")),
            None => self
                .problems
                .push("`sasl.jaas.config` is missing: it carries the user name and password".to_owned()),
        }
    }

    fn tls(&mut self, java: &BTreeMap<String, String>) {
        let given = |key: &str| {
            java.get(key)
                .map(|value| value.trim())
                .filter(|value| !value.is_empty())
        };
        if let Some(pem) = given("ssl.truststore.certificates") {
            self.set("ssl.ca.pem", pem);
        }
        if let Some(path) = given("ssl.truststore.location") {
            match store_type(given("ssl.truststore.type"), path) {
                StoreType::Pem => self.set("ssl.ca.location", path),
                StoreType::Pkcs12 | StoreType::Jks => self.problems.push(format!(
                    "`ssl.truststore.location`: {path} is no PEM file; export the certificates with `keytool -exportcert -rfc` and set ssl.truststore.type=PEM"
                )),
            }
        }
        if let Some(chain) = given("ssl.keystore.certificate.chain") {
            self.set("ssl.certificate.pem", chain);
        }
        if let Some(key) = given("ssl.keystore.key") {
            self.set("ssl.key.pem", key);
        }
        if let Some(path) = given("ssl.keystore.location") {
            match store_type(given("ssl.keystore.type"), path) {
                StoreType::Pem => {
                    self.set("ssl.certificate.location", path);
                    self.set("ssl.key.location", path);
                }
                StoreType::Pkcs12 => {
                    self.set("ssl.keystore.location", path);
                    if let Some(password) = given("ssl.keystore.password") {
                        self.set("ssl.keystore.password", password);
                    }
                }
                StoreType::Jks => self.problems.push(format!(
                    "`ssl.keystore.location`: {path} is a Java keystore; convert it with `keytool -importkeystore -deststoretype PKCS12` and set ssl.keystore.type=PKCS12"
                )),
            }
        }
        if let Some(password) = given("ssl.key.password") {
            self.set("ssl.key.password", password);
        }
    }
}

fn concerns_kind(concerns: For, kind: ClientKind) -> bool {
    match concerns {
        All => true,
        Producer => kind == ClientKind::Producer,
        Consumer => kind == ClientKind::Consumer,
    }
}

enum StoreType {
    Pem,
    Pkcs12,
    Jks,
}

/// Java's default type is JKS, but its reader takes PKCS12 too; there the file's ending is the best hint.
fn store_type(given: Option<&str>, path: &str) -> StoreType {
    match given.map(str::to_uppercase).as_deref() {
        Some("PEM") => StoreType::Pem,
        Some("PKCS12") => StoreType::Pkcs12,
        _ if path.ends_with(".p12") || path.ends_with(".pfx") => StoreType::Pkcs12,
        _ => StoreType::Jks,
    }
}
