//! Keys of the group `History Storage`: where the history of table definitions is kept.

use connector_api::config::{ConfigType, Importance, Width};

use crate::config::definition::Handling::{CarriedOut, NoEffect, Only};
use crate::config::definition::Row;

/// The group, in the order of Debezium 3.6.3.
#[rustfmt::skip] // a table is read in columns: one key per pair of lines
pub(in crate::config) const ROWS: &[Row] = &[
    Row("schema.history.internal", ConfigType::Class, Importance::Low, Width::Long, Some("io.debezium.storage.kafka.history.KafkaSchemaHistory"), "Database schema history class", Only(&["io.debezium.storage.kafka.history.KafkaSchemaHistory", "io.debezium.storage.file.history.FileSchemaHistory", "io.debezium.relational.history.MemorySchemaHistory"], "other histories are Java code"),
        "Where the history of table definitions is kept: in a Kafka topic, in a file on the worker's machine, or in the worker's memory, where it is lost when the worker ends."),
    Row("schema.history.internal.skip.unparseable.ddl", ConfigType::Boolean, Importance::Low, Width::Short, Some("false"), "Skip DDL statements that cannot be parsed", NoEffect("a statement that touches a captured table and is not understood always stops the task; others never do"),
        "Whether a DDL statement that is not understood is skipped."),
    Row("schema.history.internal.store.only.captured.tables.ddl", ConfigType::Boolean, Importance::Low, Width::Short, Some("false"), "Store only DDL that modifies tables that are captured based on include/exclude lists", CarriedOut,
        "Whether the history keeps only DDL of captured tables."),
    Row("schema.history.internal.store.only.captured.databases.ddl", ConfigType::Boolean, Importance::Low, Width::Short, Some("false"), "Store only DDL that modifies tables of databases that are captured based on include/exclude lists", CarriedOut,
        "Whether the history keeps only DDL of captured databases."),
];
