//! [`SchemaHistoryConfig`]: where the history of table definitions is kept, and which statements it has
//! (`schema.history.internal.*`).

use std::fmt;
use std::path::PathBuf;

use connector_api::{ConfigMap, LogOptions};

use super::reader::Reader;

/// The history of table definitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaHistoryConfig {
    /// Where it is kept.
    pub place: HistoryPlace,
    /// Whether DDL of tables that are not captured is left out.
    pub only_captured_tables: bool,
    /// Whether DDL of databases that are not captured is left out.
    pub only_captured_databases: bool,
}

/// Where a schema history is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryPlace {
    /// In a topic.
    Topic(LogOptions),
    /// In a file on the worker's machine.
    File(PathBuf),
}

impl fmt::Display for HistoryPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HistoryPlace::Topic(log) => write!(f, "topic {}", log.topic),
            HistoryPlace::File(path) => write!(f, "file {}", path.display()),
        }
    }
}

impl SchemaHistoryConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let place = if is_in_file(reader) {
            HistoryPlace::File(reader.required("schema.history.internal.file.filename").into())
        } else {
            reader.required(HISTORY_TOPIC);
            HistoryPlace::Topic(log_options(reader))
        };
        SchemaHistoryConfig {
            place,
            only_captured_tables: reader.boolean("schema.history.internal.store.only.captured.tables.ddl"),
            only_captured_databases: reader.boolean("schema.history.internal.store.only.captured.databases.ddl"),
        }
    }
}

/// The history's topic and its clients, as far as they are given; `None` if it is not in a topic.
pub fn history_log(config: &ConfigMap) -> Option<LogOptions> {
    let reader = Reader::new(config);
    (!is_in_file(&reader)).then(|| log_options(&reader))
}

fn is_in_file(reader: &Reader<'_>) -> bool {
    reader
        .text("schema.history.internal")
        .eq_ignore_ascii_case(FILE_HISTORY)
}

fn log_options(reader: &Reader<'_>) -> LogOptions {
    LogOptions {
        topic: reader.text(HISTORY_TOPIC),
        bootstrap_servers: reader
            .given("schema.history.internal.kafka.bootstrap.servers")
            .map(str::to_owned),
        producer: reader.family(HISTORY_PRODUCER),
        consumer: reader.family(HISTORY_CONSUMER),
    }
}

const FILE_HISTORY: &str = "io.debezium.storage.file.history.FileSchemaHistory";
const HISTORY_TOPIC: &str = "schema.history.internal.kafka.topic";
/// What the keys of the history's clients begin with.
pub const HISTORY_PRODUCER: &str = "schema.history.internal.producer.";
pub const HISTORY_CONSUMER: &str = "schema.history.internal.consumer.";
