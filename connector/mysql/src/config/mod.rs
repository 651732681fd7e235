//! The connector's configuration: Debezium's keys, read once into [`MySqlConfig`].
//!
//! A `MySqlConfig` cannot hold a value that is not carried out: what is missing, malformed, contradictory or refused is
//! reported by [`MySqlConfig::parse`], all of it at once and each with its key. What is harmless but without effect comes
//! out of [`warnings()`].

mod capture_lists;
mod column_converters;
mod column_mappings;
mod definition;
mod former_names;
mod gtid_sources;
mod keys;
mod migration;
mod parse;
mod reader;
mod regex_list;
mod schema_history;
mod snapshot_mode;
mod snapshot_reads;
mod table_filter;
mod value_modes;
mod warnings;

#[cfg(test)]
mod advice;
#[cfg(test)]
mod document;
#[cfg(test)]
mod tests;

pub use capture_lists::CaptureLists;
pub use column_converters::{ColumnConverters, Conversion, Fallback, Offered};
pub use column_mappings::{ColumnMappings, HashInput, HashMask, Mapping, digest};
pub use connector_api::data::NameAdjustment;
pub use definition::config_def;
pub use gtid_sources::GtidSources;
pub use migration::migrated;
pub use parse::validate;
pub use schema_history::{HISTORY_CONSUMER, HISTORY_PRODUCER, HistoryPlace, SchemaHistoryConfig, history_log};
pub use snapshot_mode::{HistoryUse, SnapshotBegins, SnapshotMode};
pub use snapshot_reads::SnapshotReads;
pub use table_filter::{ColumnFilter, CustomKeys, TableFilter, is_built_in};
pub use value_modes::{
    BinaryMode, DecimalMode, EarlyYears, TimePrecision, TimestampDigits, TinyIntMode, UnsignedBigintMode, ValueModes,
};
pub use warnings::warnings;
#[cfg(test)]
pub use {regex_list::RegexList, table_filter::NameFilter};

use std::time::Duration;

use crate::server::{ConnectionOptions, Purpose};

/// A configuration that can be carried out.
#[derive(Debug, Clone)]
pub struct MySqlConfig {
    /// `topic.prefix`: the source's logical name.
    pub topic_prefix: String,
    /// How the server is reached.
    pub connection: ConnectionOptions,
    /// `database.server.id`; absent: lease one.
    pub server_id: Option<u32>,
    /// `connection.validation.timeout.ms`.
    pub validation_timeout: Duration,
    /// `connect.keep.alive.interval.ms`.
    pub keep_alive_interval: Duration,
    /// `binlog.net.write.timeout`; absent: the stream chooses one that outlasts a slow Kafka.
    pub net_write_timeout: Option<Duration>,
    /// `binlog.net.read.timeout`; absent: the server's.
    pub net_read_timeout: Option<Duration>,
    /// The servers whose transactions are wanted.
    pub gtid_sources: GtidSources,
    /// Which tables are captured.
    pub tables: TableFilter,
    /// The same as it was written.
    pub capture_lists: CaptureLists,
    /// Which of their columns are published.
    pub columns: ColumnFilter,
    /// `message.key.columns`.
    pub custom_keys: CustomKeys,
    /// Which of them are converted in a way of their own.
    pub converters: ColumnConverters,
    /// Which of them are published cut, masked or hashed, or with their type.
    pub mappings: ColumnMappings,
    /// `guardrail.collections.max`, and what happens beyond it.
    pub guardrail: Option<(usize, GuardrailAction)>,
    /// Which captured tables a snapshot reads, and how.
    pub snapshot_reads: SnapshotReads,
    /// `snapshot.mode`.
    pub snapshot_mode: SnapshotMode,
    /// `snapshot.locking.mode`.
    pub snapshot_locking: SnapshotLocking,
    /// `snapshot.lock.timeout.ms`.
    pub snapshot_lock_timeout: Duration,
    /// `inconsistent.schema.handling.mode`.
    pub undefined_rows: UndefinedRows,
    /// `include.schema.comments`: whether comments are part of table definitions.
    pub schema_comments: bool,
    /// `schema.history.internal.*`.
    pub schema_history: SchemaHistoryConfig,
    /// What records look like.
    pub records: RecordOptions,
    /// `heartbeat.interval.ms` and the topic; absent: no heartbeats.
    pub heartbeat: Option<HeartbeatConfig>,
}

impl MySqlConfig {
    /// What the server is to be used for.
    pub fn purpose(&self) -> Purpose<'_> {
        Purpose {
            server_id: self.server_id,
            locks: self.snapshot_locking == SnapshotLocking::WhileOpening,
            captures: Box::new(|table| self.tables.captures(table)),
        }
    }
}

/// What happens when there are more tables than may be (`guardrail.collections.limit.action`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardrailAction {
    /// The log says so.
    Warn,
    /// The task stops.
    Fail,
}

/// What becomes of rows of a captured table whose definition is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndefinedRows {
    /// The task stops in front of them.
    Stop,
    /// They are left out, with a warning for every event.
    LeaveOut,
    /// They are left out, with a warning for the first event of each table.
    LeaveOutQuietly,
}

/// How the topics and schemas of tables are named, behind the prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopicNaming {
    /// By database and table.
    DatabaseAndTable,
    /// By the table alone.
    Table,
}

/// How the rows of a snapshot are tied to a position of the binlog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotLocking {
    /// By a lock that is held while the view opens: `minimal`, and `extended`, which keeps it for longer in Debezium.
    WhileOpening,
    /// By what the binlog says of the moment in which the view opened: `none`.
    None,
}

/// What records look like, for every table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordOptions {
    /// `tombstones.on.delete`.
    pub tombstones_on_delete: bool,
    /// `skipped.operations`.
    pub skipped: SkippedOperations,
    /// `skip.messages.without.change`.
    pub skips_unchanged: bool,
    /// `include.query`.
    pub includes_query: bool,
    /// `extended.headers.enabled`.
    pub extended_headers: bool,
    /// `include.schema.changes`.
    pub schema_changes: bool,
    /// `topic.transaction`, if `provide.transaction.metadata` asks for it.
    pub transaction_topic: Option<String>,
    /// `topic.delimiter`.
    pub topic_delimiter: String,
    /// `topic.naming.strategy`.
    pub topic_naming: TopicNaming,
    /// `schema.name.adjustment.mode`.
    pub schema_names: NameAdjustment,
    /// `field.name.adjustment.mode`.
    pub field_names: NameAdjustment,
    /// Which form values have.
    pub values: ValueModes,
    /// `event.converting.failure.handling.mode=fail`: a value that its form has no room for stops the task.
    pub refuses_misfits: bool,
}

impl Default for RecordOptions {
    fn default() -> Self {
        RecordOptions {
            tombstones_on_delete: true,
            skipped: SkippedOperations::default(),
            skips_unchanged: false,
            includes_query: false,
            extended_headers: true,
            schema_changes: true,
            transaction_topic: None,
            topic_delimiter: ".".to_owned(),
            topic_naming: TopicNaming::DatabaseAndTable,
            schema_names: NameAdjustment::None,
            field_names: NameAdjustment::None,
            values: ValueModes::default(),
            refuses_misfits: false,
        }
    }
}

/// Operations that give no records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkippedOperations {
    /// No records of inserts.
    pub creates: bool,
    /// No records of updates.
    pub updates: bool,
    /// No records of deletes.
    pub deletes: bool,
    /// No records of `TRUNCATE TABLE`.
    pub truncates: bool,
}

impl Default for SkippedOperations {
    fn default() -> Self {
        SkippedOperations {
            creates: false,
            updates: false,
            deletes: false,
            truncates: true,
        }
    }
}

/// Records that say the source is alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeartbeatConfig {
    /// How often at most.
    pub interval: Duration,
    /// The topic.
    pub topic: String,
    /// `heartbeat.action.query`.
    pub action: Option<String>,
}
