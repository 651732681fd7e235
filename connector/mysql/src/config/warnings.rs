//! What is worth knowing about a configuration that is accepted: keys without effect, and keys nobody knows.

use connector_api::ConfigMap;
use connector_api::config::nearest_name;

use super::column_converters::is_of_a_converter;
use super::definition::{Handling, Undeclared};
use super::former_names::today;
use super::reader::{family_of, known_keys};
use super::schema_history::MEMORY_HISTORY;
use super::snapshot_reads;

/// Keys that belong to the worker, by name or beginning (Kafka Connect's `ConnectorConfig` and `SourceConnectorConfig`).
const WORKER_KEYS: [&str; 20] = [
    "name",
    "connector.class",
    "connector.plugin.version",
    "tasks.max",
    "tasks.max.enforce",
    "task.class",
    "key.converter",
    "value.converter",
    "header.converter",
    "transforms",
    "predicates",
    "config.action.reload",
    "errors.",
    "topic.creation.",
    "exactly.once.support",
    "transaction.boundary",
    "offsets.storage.topic",
    "producer.override.",
    "admin.override.",
    "consumer.override.",
];

/// One sentence per key that is set but does nothing, in the order of the keys, and one for what is in the way of itself.
pub fn warnings(config: &ConfigMap) -> Vec<String> {
    let converters = config.get("converters").map(String::as_str);
    let others = config.iter().filter(|(key, _)| !is_of_a_converter(key, converters));
    let keys = others.filter_map(|(key, value)| warning(key, value.trim()));
    keys.chain(shared_history(config))
        .chain(longer_lock(config))
        .chain(unhashed(config))
        .chain(snapshot_reads::warnings(config))
        .chain(idle_action(config))
        .chain(forgetful_history(config))
        .chain(shared_topics(config))
        .chain(kept_events(config))
        .chain(plain_login(config))
        .collect()
}

/// Without TLS a password is as safe as the network.
fn plain_login(config: &ConfigMap) -> Option<String> {
    const MODE: &str = "database.ssl.mode";
    const MEANT: &str = "driver.allowPublicKeyRetrieval";
    let is = |key: &str, value: &str| {
        config
            .get(key)
            .is_some_and(|given| given.trim().eq_ignore_ascii_case(value))
    };
    (is(MODE, "disabled") && !is(MEANT, "true")).then(|| {
        format!(
            "`{MODE}=disabled`: a password that the server has not cached goes to whoever answers at its address, encrypted with a \
             key that comes from there, too; use TLS (`{MODE}=preferred`), or say with `{MEANT}=true` that the network is trusted"
        )
    })
}

/// A start with an offset needs the definitions.
fn forgetful_history(config: &ConfigMap) -> Option<String> {
    const KEY: &str = "schema.history.internal";
    let given = config.get(KEY)?.trim();
    given.eq_ignore_ascii_case(MEMORY_HISTORY).then(|| {
        format!(
            "`{KEY}`: a history in memory is lost when the worker ends, and the task then stops, or takes another snapshot with \
             `snapshot.mode=when_needed`; keep it in a topic or a file"
        )
    })
}

/// Names without databases are not unique.
fn shared_topics(config: &ConfigMap) -> Option<String> {
    const KEY: &str = "topic.naming.strategy";
    config
        .get(KEY)
        .filter(|class| class.trim().ends_with(".SchemaTopicNamingStrategy"))?;
    Some(format!(
        "`{KEY}`: this strategy leaves the database out of names, so tables of several databases that are called alike share a \
         topic; without the key their topics are named by database and table"
    ))
}

/// Debezium leaves out what it cannot read.
fn kept_events(config: &ConfigMap) -> Vec<String> {
    let keys = [
        "event.processing.failure.handling.mode",
        "event.deserialization.failure.handling.mode",
    ];
    let is_lenient = |key: &&str| {
        config
            .get(*key)
            .is_some_and(|mode| !matches!(mode.trim().to_ascii_lowercase().as_str(), "" | "fail"))
    };
    keys.into_iter()
        .filter(is_lenient)
        .map(|key| format!("`{key}` has no effect: rows that cannot be read stop the task in every mode"))
        .collect()
}

/// Without heartbeats there is no moment for it.
fn idle_action(config: &ConfigMap) -> Option<String> {
    const INTERVAL: &str = "heartbeat.interval.ms";
    config
        .get("heartbeat.action.query")
        .filter(|query| !query.trim().is_empty())?;
    let is_off = config
        .get(INTERVAL)
        .is_none_or(|interval| matches!(interval.trim(), "" | "0"));
    is_off.then(|| format!("`heartbeat.action.query` has no effect: set `{INTERVAL}` to how often it is to run"))
}

/// Which columns both name, only the tables tell.
fn unhashed(config: &ConfigMap) -> Option<String> {
    let has_hash = config.keys().any(|key| key.starts_with("column.mask.hash."));
    let first = config.keys().find(|key| {
        key.starts_with("column.truncate.to.")
            || ["column.propagate.source.type", "datatype.propagate.source.type"].contains(&key.as_str())
    });
    let first = first.filter(|_| has_hash)?;
    Some(format!(
        "a column that both `{first}` and `column.mask.hash.*` name is not hashed, as in Debezium: name those to be hashed in the latter \
         alone; the log names the columns"
    ))
}

fn longer_lock(config: &ConfigMap) -> Option<String> {
    const LOCKING: &str = "snapshot.locking.mode";
    let given = config.get(LOCKING)?.trim();
    given.eq_ignore_ascii_case("extended").then(|| {
        format!(
            "`{LOCKING}=extended` locks like `minimal`: a table that is altered, truncated or replaced while the snapshot runs makes \
             it go on in a fresh view, which needs no lock"
        )
    })
}

/// The history passes over records that are not its own, so this works.
fn shared_history(config: &ConfigMap) -> Option<String> {
    const HISTORY: &str = "schema.history.internal.kafka.topic";
    let (history, prefix) = (config.get(HISTORY)?, config.get("topic.prefix")?);
    (history.trim() == prefix.trim() && config.get("include.schema.changes").is_none_or(|given| !given.trim().eq_ignore_ascii_case("false"))).then(|| {
        format!(
            "`{HISTORY}` is the topic of published schema changes as well, which is named by `topic.prefix`: their readers get \
             the history's records, too; give the history a topic of its own, or set `include.schema.changes=false`"
        )
    })
}

fn warning(key: &str, value: &str) -> Option<String> {
    if let Some(known) = known_keys().find(|known| known.name == key) {
        let changed = !value.is_empty() && !value.eq_ignore_ascii_case(known.default.unwrap_or_default());
        return match known.handling {
            Handling::NoEffect(why) if changed => Some(format!("`{key}` has no effect: {why}")),
            _ => None,
        };
    }
    if is_the_workers(key) {
        return None;
    }
    match family_of(key) {
        Some(Undeclared(.., Handling::NoEffect(why), _)) => Some(format!("`{key}` has no effect: {why}")),
        Some(_) => None,
        None if let Some(today) = today(key) => Some(format!(
            "`{key}` has no effect: it is called `{today}` since Debezium 2.0"
        )),
        None => Some(match nearest_name(key, known_keys().map(|known| known.name)) {
            Some(meant) => format!("`{key}` is unknown; did you mean `{meant}`?"),
            None => format!("`{key}` is unknown"),
        }),
    }
}

fn is_the_workers(key: &str) -> bool {
    let below = |own: &str| own.ends_with('.') || key.as_bytes().get(own.len()) == Some(&b'.');
    WORKER_KEYS
        .iter()
        .any(|own| key == *own || (key.starts_with(own) && below(own)))
}
