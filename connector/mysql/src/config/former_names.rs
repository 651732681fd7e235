//! Names that keys had in Debezium 1.x, and what they are called today.
//!
//! Debezium of today does not know them: a filter under its former name filters nothing, without a word. A configuration that
//! has one in the place of a key that decides what is read is refused, with the name to write; others are warned about.

use connector_api::ConfigMap;
use connector_api::config::ConfigProblem;

use super::definition::Handling;
use super::reader::known_keys;

/// The former name and the one of today (Debezium's release notes of 2.0).
const RENAMED: [(&str, &str); 13] = [
    ("database.server.name", "topic.prefix"),
    ("database.whitelist", "database.include.list"),
    ("database.blacklist", "database.exclude.list"),
    ("table.whitelist", "table.include.list"),
    ("table.blacklist", "table.exclude.list"),
    ("column.whitelist", "column.include.list"),
    ("column.blacklist", "column.exclude.list"),
    ("database.history", "schema.history.internal"),
    (
        "database.history.store.only.monitored.tables.ddl",
        "schema.history.internal.store.only.captured.tables.ddl",
    ),
    (
        "schema.history.internal.store.only.monitored.tables.ddl",
        "schema.history.internal.store.only.captured.tables.ddl",
    ),
    ("transaction.topic", "topic.transaction"),
    ("sanitize.field.names", "field.name.adjustment.mode"),
    ("database.serverTimezone", "driver.connectionTimeZone"),
];

/// Beginnings that were renamed. The longer one was never right, and is written all the same.
const FAMILIES: [(&str, &str); 2] = [
    ("database.history.internal.", "schema.history.internal."),
    ("database.history.", "schema.history.internal."),
];

/// What `key` is called today, if it is a former name.
pub(super) fn today(key: &str) -> Option<String> {
    if let Some((_, today)) = RENAMED.iter().find(|(former, _)| *former == key) {
        return Some((*today).to_owned());
    }
    let (former, today) = FAMILIES.iter().find(|(former, _)| key.starts_with(former))?;
    Some(format!("{today}{}", &key[former.len()..]))
}

/// The former name under which `config` gives the key of today.
pub(super) fn given_for<'a>(key: &str, config: &'a ConfigMap) -> Option<&'a str> {
    let mut given = config.keys().map(String::as_str);
    given.find(|former| today(former).as_deref() == Some(key))
}

/// Refuses each former name of a key that is carried out, unless the key of today is there as well. One that has to be given
/// is missing under its own name already.
pub(super) fn problems(config: &ConfigMap) -> Vec<ConfigProblem> {
    let missing = |key: &&String| {
        let today = today(key)?;
        let decides = known_keys().any(|known| known.name == today && matters(known.handling))
            || today.starts_with("schema.history.internal.producer.")
            || today.starts_with("schema.history.internal.consumer.");
        let is_asked_for = today != "topic.transaction" || has_boundaries(config);
        (decides && is_asked_for && !REQUIRED.contains(&today.as_str()) && !config.contains_key(&today))
            .then_some(today)
    };
    let former = config.keys().filter_map(|key| Some((key, missing(&key)?)));
    former
        .map(|(key, today)| ConfigProblem {
            key: key.clone(),
            message: format!(
                "The '{key}' value is invalid: the key is called `{today}` since Debezium 2.0, and this name has no effect; \
                 rename it"
            ),
        })
        .collect()
}

/// Without them the name of their topic decides nothing.
fn has_boundaries(config: &ConfigMap) -> bool {
    let given = config.get("provide.transaction.metadata");
    given.is_some_and(|given| given.trim().eq_ignore_ascii_case("true"))
}

/// These say it themselves when they are missing.
const REQUIRED: [&str; 2] = ["topic.prefix", "schema.history.internal.kafka.topic"];

fn matters(handling: Handling) -> bool {
    !matches!(handling, Handling::NoEffect(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> ConfigMap {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn every_name_of_today_is_a_key() {
        for (former, today) in RENAMED {
            let is_key = known_keys().any(|known| known.name == today) || today.starts_with("driver.");
            assert!(is_key, "{former} -> {today}");
            assert!(
                !known_keys().any(|known| known.name == former),
                "{former} is still a key"
            );
        }
    }

    #[test]
    fn a_former_name_is_refused_with_the_name_to_write() {
        let found = problems(&map(&[
            ("database.whitelist", "shop"),
            ("database.history.producer.sasl.mechanism", "PLAIN"),
            ("database.history.internal.kafka.bootstrap.servers", "k:1"),
            ("database.server.name", "required ones say it themselves"),
            (
                "database.history.kafka.recovery.attempts",
                "has no effect under either name",
            ),
            ("table.whitelist", "shop.a"),
            ("table.include.list", "shop.a"),
        ]));
        let named: Vec<(&str, bool)> = found
            .iter()
            .map(|problem| {
                let today = today(&problem.key).expect("a former name");
                (problem.key.as_str(), problem.message.contains(&format!("`{today}`")))
            })
            .collect();
        assert_eq!(
            named,
            [
                ("database.history.internal.kafka.bootstrap.servers", true),
                ("database.history.producer.sasl.mechanism", true),
                ("database.whitelist", true),
            ]
        );
    }
}
