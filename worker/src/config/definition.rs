//! [`KEYS`]: every worker property that is understood, with its type, default and meaning.
//!
//! Names and defaults are Kafka Connect's (`DistributedConfig`, `RestServerConfig`); where a default differs, its text says
//! so. A key of Kafka's own clients is not listed here but in [`super::client`].

use super::allowed_urls;

/// What a value has to look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// A whole number within these bounds.
    Number(i64, i64),
    /// `true` or `false`.
    Boolean,
    /// One of these words, in any case.
    Word(&'static [&'static str]),
}

/// What becomes of a value that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handling {
    /// It is carried out.
    Honoured,
    /// It has no meaning for this worker; said once in the log, with this reason.
    Ignored(&'static str),
    /// Carrying on without it would surprise or endanger someone; the worker does not start. The text says what to do.
    Refused(&'static str),
}

/// One worker property.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// The value in force when the key is absent; `None` where there is none.
    pub(crate) default: Option<&'static str>,
    pub(crate) handling: Handling,
    pub(crate) doc: &'static str,
}

const fn key(name: &'static str, kind: Kind, default: Option<&'static str>, doc: &'static str) -> Key {
    Key {
        name,
        kind,
        default,
        handling: Handling::Honoured,
        doc,
    }
}

const fn ignored(name: &'static str, kind: Kind, reason: &'static str) -> Key {
    Key {
        name,
        kind,
        default: None,
        handling: Handling::Ignored(reason),
        doc: reason,
    }
}

const fn refused(name: &'static str, remedy: &'static str) -> Key {
    Key {
        name,
        kind: Kind::Text,
        default: None,
        handling: Handling::Refused(remedy),
        doc: remedy,
    }
}

const MILLISECONDS: Kind = Kind::Number(0, i64::MAX);
const JVM: &str = "it only has a meaning inside a JVM";
const GROUP: &str = "this worker is the only member of its group";
const OFFSETS: &str = "offsets are stored with every commit of records, with exactly-once and without";
const PLUGINS: &str = "connectors are compiled into the worker";

/// Every worker property, in the order of the documentation.
pub(crate) const KEYS: &[Key] = &[
    key(
        "group.id",
        Kind::Text,
        None,
        "names the cluster of workers; prefix of all transactional ids",
    ),
    key(
        "config.storage.topic",
        Kind::Text,
        None,
        "topic of connector configurations; compacted, one partition",
    ),
    key(
        "config.storage.replication.factor",
        Kind::Number(-1, i16::MAX as i64),
        Some("3"),
        "its replicas; -1 is the broker's default",
    ),
    key(
        "offset.storage.topic",
        Kind::Text,
        None,
        "topic of source offsets; compacted",
    ),
    key(
        "offset.storage.partitions",
        Kind::Number(-1, i32::MAX as i64),
        Some("25"),
        "its partitions; -1 is the broker's default",
    ),
    key(
        "offset.storage.replication.factor",
        Kind::Number(-1, i16::MAX as i64),
        Some("3"),
        "its replicas; -1 is the broker's default",
    ),
    key(
        "status.storage.topic",
        Kind::Text,
        None,
        "topic of connector and task states; compacted",
    ),
    key(
        "status.storage.partitions",
        Kind::Number(-1, i32::MAX as i64),
        Some("5"),
        "its partitions; -1 is the broker's default",
    ),
    key(
        "status.storage.replication.factor",
        Kind::Number(-1, i16::MAX as i64),
        Some("3"),
        "its replicas; -1 is the broker's default",
    ),
    key(
        "key.converter",
        Kind::Text,
        None,
        "class of the converter for record keys",
    ),
    key(
        "value.converter",
        Kind::Text,
        None,
        "class of the converter for record values",
    ),
    key(
        "header.converter",
        Kind::Text,
        Some("org.apache.kafka.connect.storage.SimpleHeaderConverter"),
        "class of the converter for record headers",
    ),
    key(
        "exactly.once.source.support",
        Kind::Word(&["enabled", "preparing", "disabled"]),
        Some("enabled"),
        "whether records and offsets share a transaction; Kafka Connect's default is disabled",
    ),
    ignored("offset.flush.interval.ms", MILLISECONDS, OFFSETS),
    ignored("offset.flush.timeout.ms", MILLISECONDS, OFFSETS),
    key(
        "task.shutdown.graceful.timeout.ms",
        MILLISECONDS,
        Some("5000"),
        "how long tasks may take to commit and stop",
    ),
    key(
        "listeners",
        Kind::Text,
        Some("http://127.0.0.1:8083"),
        "where REST listens; Kafka Connect's default is every address, http://:8083",
    ),
    key(
        "rest.advertised.host.name",
        Kind::Text,
        None,
        "the host others reach this worker by",
    ),
    key(
        "rest.advertised.port",
        Kind::Number(1, 65535),
        None,
        "the port others reach this worker by",
    ),
    key(
        "rest.advertised.listener",
        Kind::Word(&["http", "https"]),
        None,
        "the protocol others reach this worker by",
    ),
    key(
        "admin.listeners",
        Kind::Text,
        None,
        "empty turns /admin off; absent serves it with everything else",
    ),
    key(
        "topic.creation.enable",
        Kind::Boolean,
        Some("true"),
        "whether topic.creation.* of a connector is carried out",
    ),
    key(
        "topic.tracking.enable",
        Kind::Boolean,
        Some("true"),
        "whether GET /connectors/{c}/topics answers",
    ),
    key(
        "topic.tracking.allow.reset",
        Kind::Boolean,
        Some("true"),
        "whether the list of topics may be reset",
    ),
    key(
        "connector.client.config.override.policy",
        Kind::Word(&[
            "All",
            "None",
            "Principal",
            "Allowlist",
            "org.apache.kafka.connect.connector.policy.AllConnectorClientConfigOverridePolicy",
            "org.apache.kafka.connect.connector.policy.NoneConnectorClientConfigOverridePolicy",
            "org.apache.kafka.connect.connector.policy.PrincipalConnectorClientConfigOverridePolicy",
            "org.apache.kafka.connect.connector.policy.AllowlistConnectorClientConfigOverridePolicy",
        ]),
        Some("All"),
        "which producer.override.*, consumer.override.* and admin.override.* a connector may set",
    ),
    key(
        "connector.client.config.override.allowlist",
        Kind::Text,
        Some(""),
        "the keys that policy Allowlist allows",
    ),
    key(
        "access.control.allow.origin",
        Kind::Text,
        Some(""),
        "answered as Access-Control-Allow-Origin when not empty",
    ),
    key(
        "access.control.allow.methods",
        Kind::Text,
        Some(""),
        "answered as Access-Control-Allow-Methods when not empty",
    ),
    key(
        "config.providers",
        Kind::Text,
        Some(""),
        "aliases of what placeholders such as ${file:/a.properties:key} are looked up in; each has its class and settings in \
         config.providers.<alias>.class and .param.*",
    ),
    key(
        allowed_urls::ALLOWED,
        Kind::Text,
        Some(""),
        "URLs of authorization servers and token files that connectors may name, separated by commas; a property of the JVM for Kafka \
         Connect. What these properties use themselves is allowed",
    ),
    refused(
        "rest.extension.classes",
        "REST extensions are Java classes: protect REST by its listener's address or a proxy",
    ),
    refused(
        "response.http.headers.config",
        "extra response headers are not supported: let a proxy add them",
    ),
    ignored("connect.protocol", Kind::Text, GROUP),
    ignored("session.timeout.ms", MILLISECONDS, GROUP),
    ignored("heartbeat.interval.ms", MILLISECONDS, GROUP),
    ignored("rebalance.timeout.ms", MILLISECONDS, GROUP),
    ignored("scheduled.rebalance.max.delay.ms", MILLISECONDS, GROUP),
    ignored("worker.sync.timeout.ms", MILLISECONDS, GROUP),
    ignored("worker.unsync.backoff.ms", MILLISECONDS, GROUP),
    ignored("inter.worker.key.generation.algorithm", Kind::Text, GROUP),
    ignored("inter.worker.key.size", Kind::Text, GROUP),
    ignored("inter.worker.key.ttl.ms", MILLISECONDS, GROUP),
    ignored("inter.worker.signature.algorithm", Kind::Text, GROUP),
    ignored("inter.worker.verification.algorithms", Kind::Text, GROUP),
    ignored("plugin.path", Kind::Text, PLUGINS),
    ignored("plugin.discovery", Kind::Text, PLUGINS),
    ignored("metrics.num.samples", Kind::Text, JVM),
    ignored("metrics.recording.level", Kind::Text, JVM),
    ignored("metrics.sample.window.ms", Kind::Text, JVM),
    ignored("metric.reporters", Kind::Text, JVM),
    ignored("auto.include.jmx.reporter", Kind::Text, JVM),
    ignored("socket.connection.setup.timeout.max.ms", Kind::Text, JVM),
];

/// Prefixes below which keys belong to something else: a converter, a topic, a Kafka client.
pub(crate) const PREFIXES: &[&str] = &[
    "key.converter.",
    "value.converter.",
    "header.converter.",
    "config.storage.",
    "offset.storage.",
    "status.storage.",
    "producer.",
    "consumer.",
    "admin.",
    "config.providers.",
    "connect.metrics.",
    "metrics.context.",
];

/// The key called `name`.
pub(crate) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{KEYS, Kind};

    #[test]
    fn no_key_is_declared_twice_or_without_a_meaning() {
        let names: BTreeSet<&str> = KEYS.iter().map(|key| key.name).collect();
        assert_eq!(names.len(), KEYS.len());
        assert!(KEYS.iter().all(|key| !key.doc.is_empty()));
    }

    #[test]
    fn every_default_is_a_legal_value() {
        for key in KEYS {
            let Some(default) = key.default else { continue };
            let legal = match key.kind {
                Kind::Text => true,
                Kind::Boolean => default == "true" || default == "false",
                Kind::Number(low, high) => default.parse::<i64>().is_ok_and(|n| (low..=high).contains(&n)),
                Kind::Word(words) => words.contains(&default),
            };
            assert!(legal, "{} = {default}", key.name);
        }
    }
}
