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
    /// In the worker's memory.
    Memory,
}

impl fmt::Display for HistoryPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HistoryPlace::Topic(log) => write!(f, "topic {}", log.topic),
            HistoryPlace::File(path) => write!(f, "file {}", path.display()),
            HistoryPlace::Memory => f.write_str("the worker's memory"),
        }
    }
}

impl SchemaHistoryConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let place = match class(reader) {
            HistoryClass::File => HistoryPlace::File(reader.required("schema.history.internal.file.filename").into()),
            HistoryClass::Memory => HistoryPlace::Memory,
            HistoryClass::Topic => {
                reader.required(HISTORY_TOPIC);
                HistoryPlace::Topic(log_options(reader))
            }
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
    (class(&reader) == HistoryClass::Topic).then(|| log_options(&reader))
}

/// Which of Debezium's classes keeps a history.
#[derive(PartialEq, Eq)]
enum HistoryClass {
    Topic,
    File,
    Memory,
}

fn class(reader: &Reader<'_>) -> HistoryClass {
    let class = reader.text("schema.history.internal");
    let is = |name: &str| class.eq_ignore_ascii_case(name);
    if is(FILE_HISTORY) {
        HistoryClass::File
    } else if is(MEMORY_HISTORY) {
        HistoryClass::Memory
    } else {
        HistoryClass::Topic
    }
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
pub(super) const MEMORY_HISTORY: &str = "io.debezium.relational.history.MemorySchemaHistory";
const HISTORY_TOPIC: &str = "schema.history.internal.kafka.topic";
/// What the keys of the history's clients begin with.
pub const HISTORY_PRODUCER: &str = "schema.history.internal.producer.";
pub const HISTORY_CONSUMER: &str = "schema.history.internal.consumer.";
