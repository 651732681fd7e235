//! [`migrated`]: keys and values of Debezium 1.x and 2.x as those of today, for whoever brings a configuration along.
//!
//! Only what means the same today is written anew, and `snapshot.mode=never`, in whose place `no_data` has come: it began at
//! the oldest binlog file, where `no_data` begins at the present. What has no successor stays, and validation says what
//! becomes of it.

use super::former_names::today;

/// Former values, by today's name of the key (Debezium's release notes of 1.0, 2.0 and 3.0).
const VALUES: [(&str, &str, &str); 9] = [
    ("snapshot.mode", "schema_only", "no_data"),
    ("snapshot.mode", "never", "no_data"),
    ("snapshot.mode", "schema_only_recovery", "recovery"),
    ("time.precision.mode", "adaptive", "adaptive_time_microseconds"),
    ("field.name.adjustment.mode", "true", "avro"),
    ("field.name.adjustment.mode", "false", "none"),
    (
        "schema.history.internal",
        "io.debezium.relational.history.KafkaDatabaseHistory",
        "io.debezium.storage.kafka.history.KafkaSchemaHistory",
    ),
    (
        "schema.history.internal",
        "io.debezium.relational.history.FileDatabaseHistory",
        "io.debezium.storage.file.history.FileSchemaHistory",
    ),
    (
        "schema.history.internal",
        "io.debezium.relational.history.MemoryDatabaseHistory",
        "io.debezium.relational.history.MemorySchemaHistory",
    ),
];

/// Called so until Debezium 1.6; nothing else tells of it.
const DESERIALIZATION: &str = "event.deserialization.failure.handling.mode";
const PROCESSING: &str = "event.processing.failure.handling.mode";

/// The key and value of today; `None`: they are as they were.
pub fn migrated(key: &str, value: &str) -> Option<(String, String)> {
    let name = match key {
        DESERIALIZATION => PROCESSING.to_owned(),
        key => today(key).unwrap_or_else(|| key.to_owned()),
    };
    let given = value.trim();
    let known = VALUES
        .iter()
        .find(|(of, former, _)| *of == name && former.eq_ignore_ascii_case(given));
    let value = known.map_or(value, |(_, _, today)| today);
    (name != key || known.is_some()).then(|| (name, value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{DESERIALIZATION, PROCESSING, VALUES, migrated};
    use crate::config::reader::known_keys;

    fn check(key: &str, value: &str, expected: Option<(&str, &str)>) {
        let found = migrated(key, value);
        let found = found.as_ref().map(|(key, value)| (key.as_str(), value.as_str()));
        assert_eq!(found, expected, "{key}={value}");
    }

    #[test]
    fn names_and_values_become_those_of_today() {
        check("database.server.name", "shop", Some(("topic.prefix", "shop")));
        check(
            "database.history.kafka.topic",
            "history",
            Some(("schema.history.internal.kafka.topic", "history")),
        );
        check(
            "database.history.producer.sasl.mechanism",
            "PLAIN",
            Some(("schema.history.internal.producer.sasl.mechanism", "PLAIN")),
        );
        check("snapshot.mode", "Schema_Only", Some(("snapshot.mode", "no_data")));
        check("snapshot.mode", "never", Some(("snapshot.mode", "no_data")));
        check("snapshot.mode", "initial", None);
        check(
            "sanitize.field.names",
            "true",
            Some(("field.name.adjustment.mode", "avro")),
        );
        check(
            "sanitize.field.names",
            "false",
            Some(("field.name.adjustment.mode", "none")),
        );
        check(
            "database.history",
            "io.debezium.relational.history.FileDatabaseHistory",
            Some((
                "schema.history.internal",
                "io.debezium.storage.file.history.FileSchemaHistory",
            )),
        );
        check(DESERIALIZATION, "warn", Some((PROCESSING, "warn")));
        check("database.hostname", "schema_only", None);
        check("transforms.a.type", "x.Y", None);
    }

    #[test]
    fn former_values_are_of_keys_that_there_are() {
        for (key, ..) in VALUES {
            assert!(known_keys().any(|known| known.name == key), "{key}");
        }
    }
}
