//! Names that keys had in Debezium 1.x, and what they are called today.
//!
//! Debezium of today does not know them: a filter under its former name filters nothing, without a word. A configuration whose
//! only filters are such is refused, with the name to write. All others run as they do in Debezium, and are warned about.

use connector_api::ConfigMap;
use connector_api::config::ConfigProblem;

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

/// Lists that decide what is published: whoever has one of them under its name of today is not surprised by one that is left
/// under its former name.
const FILTERS: [&[&str]; 2] = [
    &[
        "database.include.list",
        "database.exclude.list",
        "table.include.list",
        "table.exclude.list",
    ],
    &["column.include.list", "column.exclude.list"],
];

/// Refuses each former name of a filter, unless there is a filter of its kind under a name of today.
pub(super) fn problems(config: &ConfigMap) -> Vec<ConfigProblem> {
    let missing = |key: &&String| {
        let today = today(key)?;
        let alike = FILTERS.iter().find(|lists| lists.contains(&today.as_str()))?;
        let is_given = alike.iter().any(|list| config.contains_key(*list));
        (!is_given).then_some(today)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::reader::known_keys;

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
    fn a_filter_under_its_former_name_is_refused_unless_one_of_its_kind_has_a_name_of_today() {
        let refused = |pairs: &[(&str, &str)]| -> Vec<String> {
            let check = |problem: ConfigProblem| {
                let today = today(&problem.key).expect("a former name");
                assert!(problem.message.contains(&format!("`{today}`")), "{}", problem.message);
                problem.key
            };
            problems(&map(pairs)).into_iter().map(check).collect()
        };
        let former = [
            ("database.whitelist", "shop"),
            ("table.blacklist", "shop.a"),
            ("column.blacklist", "shop.b.secret"),
            ("database.history.producer.sasl.mechanism", "PLAIN"),
            ("database.history.internal.kafka.bootstrap.servers", "k:1"),
            ("database.server.name", "a required key says it itself"),
            ("transaction.topic", "boundaries"),
        ];
        assert_eq!(
            refused(&former),
            ["column.blacklist", "database.whitelist", "table.blacklist"]
        );
        let with = |today| refused(&[&former[..], &[(today, "shop.a")]].concat());
        assert_eq!(with("table.include.list"), ["column.blacklist"]);
        assert_eq!(with("column.include.list"), ["database.whitelist", "table.blacklist"]);
    }
}
