//! The connector's [`ConfigDef`]: Debezium 3.6.3's, line for line, with what becomes of each key here.
//!
//! Clients show the table to people and write it back, so names, types, defaults, groups and orders are Debezium's
//! (a golden test compares them); the sentences are ours. [`Handling`] says whether a key is carried out. It drives
//! validation, warnings and `docs/configuration.md`.

use std::sync::OnceLock;

use connector_api::config::{ConfigDef, ConfigKey, ConfigType, Importance, Width};

use super::keys::{connection, connector, events, history};

/// A key: name, type, importance, width, default, title, handling, sentence.
pub(super) struct Row(
    pub(super) &'static str,
    pub(super) ConfigType,
    pub(super) Importance,
    pub(super) Width,
    pub(super) Option<&'static str>,
    pub(super) &'static str,
    pub(super) Handling,
    pub(super) &'static str,
);

/// A key that no form shows: name or beginning, type, default, handling, sentence.
pub(super) struct Undeclared(
    pub(super) &'static str,
    pub(super) ConfigType,
    pub(super) Option<&'static str>,
    pub(super) Handling,
    #[cfg_attr(not(test), expect(dead_code, reason = "read when docs/configuration.md is printed"))]
    pub(super)  &'static str,
);

/// What becomes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handling {
    /// It does what Debezium does with it.
    CarriedOut,
    /// Accepted, with a warning when it differs from the default; the reason why that is harmless.
    NoEffect(&'static str),
    /// Refused when it differs from the default, since records or safety depend on it; the reason.
    Refused(&'static str),
    /// Only these values are carried out, in any case; the reason why others are refused.
    Only(&'static [&'static str], &'static str),
}

/// The groups in the order Debezium shows them.
pub(super) const GROUPS: [(&str, &[Row]); 4] = [
    ("MySQL", connection::ROWS),
    ("Connector", connector::ROWS),
    ("History Storage", history::ROWS),
    ("Events", events::ROWS),
];

/// Values that Debezium's validation offers, in its order.
const RECOMMENDED: [(&str, &[&str]); 15] = [
    (
        "database.ssl.mode",
        &["verify_identity", "disabled", "preferred", "required", "verify_ca"],
    ),
    (
        "event.processing.failure.handling.mode",
        &["warn", "fail", "ignore", "skip"],
    ),
    (
        "incremental.snapshot.watermarking.strategy",
        &["insert_delete", "insert_insert"],
    ),
    ("guardrail.collections.limit.action", &["warn", "fail"]),
    ("decimal.handling.mode", &["string", "double", "precise"]),
    ("snapshot.mode", &SNAPSHOT_MODES),
    ("snapshot.query.mode", &["custom", "select_all"]),
    ("bigint.unsigned.handling.mode", &["precise", "long"]),
    ("time.precision.mode", &TIME_PRECISION_MODES),
    ("schema.name.adjustment.mode", &["none", "avro_unicode", "avro"]),
    ("snapshot.locking.mode", &SNAPSHOT_LOCKING_MODES),
    ("ddl.parser.type", &["default", "legacy"]),
    (
        "snapshot.tables.order.by.row.count",
        &["disabled", "ascending", "descending"],
    ),
    (
        "event.deserialization.failure.handling.mode",
        &["warn", "fail", "ignore", "skip"],
    ),
    ("inconsistent.schema.handling.mode", &["warn", "fail", "ignore", "skip"]),
];

const SNAPSHOT_MODES: [&str; 8] = [
    "always",
    "initial_only",
    "configuration_based",
    "when_needed",
    "initial",
    "custom",
    "no_data",
    "recovery",
];
const TIME_PRECISION_MODES: [&str; 6] = [
    "adaptive",
    "adaptive_time_microseconds",
    "isostring",
    "microseconds",
    "nanoseconds",
    "connect",
];
const SNAPSHOT_LOCKING_MODES: [&str; 6] = [
    "minimal",
    "minimal_percona",
    "custom",
    "none",
    "minimal_percona_no_table_locks",
    "extended",
];

/// Keys whose recommended values depend on another key.
const DEPENDENTS: [(&str, &[&str]); 3] = [
    ("table.ignore.builtin", &["database.include.list"]),
    ("database.include.list", &["table.include.list"]),
    ("gtid.source.includes", &["table.include.list"]),
];

/// Keys that Debezium's validation hides.
const HIDDEN: [&str; 2] = ["schema.history.internal", "gtid.source.excludes"];

/// An older name takes no place of its own in its group.
const OLDER_NAME: &str = "internal.legacy.snapshot.max.threads";

/// The connector's table of keys.
pub fn config_def() -> &'static ConfigDef {
    static DEF: OnceLock<ConfigDef> = OnceLock::new();
    DEF.get_or_init(|| ConfigDef::new(GROUPS.iter().flat_map(|(group, rows)| keys_of(group, rows))))
}

/// What Debezium lists as the values of `key`.
pub(super) fn recommended(key: &str) -> &'static [&'static str] {
    find(&RECOMMENDED, key)
}

fn keys_of(group: &'static str, rows: &'static [Row]) -> impl Iterator<Item = ConfigKey> {
    let mut order = 0;
    rows.iter().map(move |row| {
        let Row(name, config_type, importance, width, default, title, _, sentence) = *row;
        order += u32::from(name != OLDER_NAME);
        let mut key = ConfigKey::new(name, config_type, sentence)
            .importance(importance)
            .in_group(group, order)
            .width(width)
            .display_name(title)
            .recommended(recommended(name).iter().copied())
            .dependents(find(&DEPENDENTS, name));
        if let Some(default) = default {
            key = key.default_value(default);
        }
        if HIDDEN.contains(&name) { key.hidden() } else { key }
    })
}

fn find(table: &'static [(&'static str, &'static [&'static str])], key: &str) -> &'static [&'static str] {
    table
        .iter()
        .find(|(name, _)| *name == key)
        .map_or(&[], |(_, values)| values)
}

#[cfg(test)]
mod tests {
    use connector_api::ConfigMap;

    use super::*;

    /// The real table, printed by Debezium 3.6.3: one key per line.
    const GOLDEN: &str = include_str!("golden/configdef.tsv");

    #[test]
    fn the_table_is_that_of_debezium_3_6_3() {
        let ours: Vec<String> = config_def().keys().iter().map(printed).collect();
        let golden: Vec<&str> = GOLDEN.lines().collect();
        assert_eq!(ours.len(), 124);
        assert_eq!(ours, golden);
    }

    /// Java prints classes and lists in its own way.
    fn printed(key: &ConfigKey) -> String {
        let default = match (key.config_type(), key.default()) {
            (_, None) => "null".to_owned(),
            (ConfigType::Class, Some(class)) => format!("class {class}"),
            (ConfigType::List, Some(items)) => format!("[{items}]"),
            (_, Some(text)) => text.to_owned(),
        };
        let upper = |word: String| word.to_ascii_uppercase();
        [
            key.name().to_owned(),
            key.config_type().name().to_owned(),
            upper(format!("{:?}", key.how_important())),
            key.group().to_owned(),
            key.order().to_string(),
            upper(format!("{:?}", key.field_width())),
            format!("req={}", key.is_required()),
            format!("def={default}"),
            key.title().to_owned(),
        ]
        .join("\t")
    }

    #[test]
    fn every_key_has_one_sentence_of_its_own() {
        for key in config_def().keys() {
            let sentence = key.documentation();
            assert!(
                sentence.ends_with('.') && sentence.len() > 20,
                "{}: {sentence}",
                key.name()
            );
        }
    }

    #[test]
    fn every_default_is_a_value_of_its_key() {
        assert!(config_def().parse(&ConfigMap::new()).is_ok());
    }

    #[test]
    fn what_is_recommended_for_a_key_includes_what_is_carried_out() {
        for Row(name, .., handling, _) in GROUPS.iter().flat_map(|(_, rows)| rows.iter()) {
            if let (Handling::Only(values, _), offered @ [_, ..]) = (handling, recommended(name)) {
                assert!(values.iter().all(|value| offered.contains(value)), "{name}");
            }
        }
    }
}
