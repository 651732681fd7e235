//! [`SchemaHistory`]: the topic in which every statement is remembered, with the position it stands at.
//!
//! Rows are decoded with the definition in force at their position, and the server knows only the present one. So every
//! statement about captured tables is appended, and awaited, *before* rows are produced with the definition it brings; one about
//! others is written before an offset behind it is stored. After a restart the model is what the records in force at the stored
//! offset make of it ([`history_order`](super::history_order)). A crash in between repeats records, which does no harm.
//!
//! The topic may be shared: records of other connectors are passed over.

use connector_api::{ConnectError, RecordLog, SourceOffset};
use serde_json::{Map, Value};

use super::change::{Audience, SchemaChange, TableChange};
use super::ddl::{SqlMode, parse};
use super::history_order::HistoryPosition;
use super::history_record::{HistoryRecord, HistoryRecordError};
use super::history_stragglers::Stragglers;
use super::statements::{DdlPolicy, Session};
use super::table::TableSchema;
use super::tables::{SchemaModel, SchemaOptions};
use crate::position::source_partition;
use crate::table_id::TableId;

/// Keys of our own in an offset; they are nothing to a reader of the history.
const OWN_KEYS: &str = "rowmill_";

/// A connector's schema history.
pub struct SchemaHistory {
    log: Box<dyn RecordLog>,
    source: Map<String, Value>,
}

/// What was read from the history.
#[derive(Debug)]
pub struct Recovered {
    /// All tables as of the stored offset.
    pub model: SchemaModel,
    /// Records of this connector that were seen.
    pub records: u64,
    /// Records that were in force.
    pub applied: u64,
}

impl SchemaHistory {
    /// The history of the connector with this `topic.prefix`, kept in `log`.
    pub fn new(log: Box<dyn RecordLog>, topic_prefix: &str) -> Self {
        SchemaHistory {
            log,
            source: source_partition(topic_prefix).0,
        }
    }

    /// Appends what `changes` are, at `position`: the offset from which the stream would bring the statement again, so the
    /// one before its own GTID. Returns when all in-sync replicas have them. Changes that are not to be stored are not.
    pub fn record(
        &mut self,
        changes: &[SchemaChange],
        position: &SourceOffset,
        ts_ms: i64,
    ) -> Result<(), ConnectError> {
        let records = self.records(changes, position, ts_ms);
        self.log.append_all(&records)
    }

    /// The same of changes that no row of the stream depends on: returns at once. They are safe before an offset behind them is
    /// stored.
    pub fn record_before_offset(
        &mut self,
        changes: &[SchemaChange],
        position: &SourceOffset,
        ts_ms: i64,
    ) -> Result<(), ConnectError> {
        let records = self.records(changes, position, ts_ms);
        self.log.append_before_offset(&records)
    }

    fn records(&self, changes: &[SchemaChange], position: &SourceOffset, ts_ms: i64) -> Vec<Vec<u8>> {
        let known = position.0.iter().filter(|(key, _)| !key.starts_with(OWN_KEYS));
        let position: Map<String, Value> = known.map(|(key, value)| (key.clone(), value.clone())).collect();
        let stored = changes.iter().filter(|change| change.audience != Audience::Topic);
        stored
            .map(|change| {
                let record = HistoryRecord {
                    source: self.source.clone(),
                    position: position.clone(),
                    ts_ms: Some(ts_ms),
                    database: Some(change.database.clone()),
                    ddl: Some(change.ddl.clone()),
                    changes: Some(change.changes.clone()),
                };
                record.encode()
            })
            .collect()
    }

    /// Reads the whole history and gives all tables as they were at `stored`.
    ///
    /// # Errors
    /// If the log cannot be read, or a record in force concerns a captured table and cannot be understood.
    pub fn recover(
        &mut self,
        stored: &SourceOffset,
        options: SchemaOptions,
        policy: DdlPolicy<'_>,
    ) -> Result<Recovered, ConnectError> {
        let unreadable = |error| ConnectError::fatal("the stored offset has no valid gtids").caused_by(error);
        let stored = HistoryPosition::read(&stored.0).map_err(unreadable)?;
        let source = &self.source;
        let mut recovered = Recovered {
            model: SchemaModel::new(options),
            records: 0,
            applied: 0,
        };
        let mut stragglers = Stragglers::default();
        let mut number = 0_u64;
        self.log.read(&mut |bytes| {
            number += 1;
            let in_record = |cause: Box<dyn std::error::Error + Send + Sync>| {
                ConnectError::fatal(format!(
                    "record {number} of the schema history cannot be applied; leave its table out with table.exclude.list, \
                     or stop the connector and delete its offsets for a new snapshot"
                ))
                .caused_by(cause)
            };
            let record = match HistoryRecord::decode(bytes) {
                Ok(record) => record,
                Err(error) if is_foreign(bytes, source, &error) => {
                    tracing::warn!(number, %error, "a record of the schema history topic is not of this connector");
                    return Ok(());
                }
                Err(error) => return Err(in_record(error.into())),
            };
            if record.source != *source {
                return Ok(());
            }
            recovered.records += 1;
            let position = HistoryPosition::read(&record.position).map_err(|error| in_record(error.into()))?;
            if !position.is_in_force_at(&stored) {
                return Ok(());
            }
            if stragglers.is_one(&position, record.ts_ms) {
                tracing::warn!(
                    number,
                    "a record of the schema history is passed over: it was handled before those in front of it, by a worker that \
                     has a successor, which has recorded the same"
                );
                return Ok(());
            }
            apply(&mut recovered.model, &record, policy).map_err(|error| in_record(error.into()))?;
            recovered.applied += 1;
            Ok(())
        })?;
        Ok(recovered)
    }
}

/// Whether bytes that are no record we understand are not meant to be one of ours.
fn is_foreign(bytes: &[u8], source: &Map<String, Value>, error: &HistoryRecordError) -> bool {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(record) => record.get("source").and_then(Value::as_object) != Some(source),
        Err(_) => matches!(error, HistoryRecordError::NotJson(_)),
    }
}

/// Applies a record: what it says about tables, or else its statement. The statement of one that says both tells which
/// indexes a table has, of which the record names only the key; if it cannot be followed, no more is known than that.
fn apply(
    model: &mut SchemaModel,
    record: &HistoryRecord,
    policy: DdlPolicy<'_>,
) -> Result<(), crate::error::MySqlError> {
    if let Some(changes) = record.changes.as_ref().filter(|changes| !changes.is_empty()) {
        if changes_no_others(model, record, changes)
            && let Err(error) = apply_statement(model, record, policy)
        {
            tracing::debug!(%error, "only the definitions of a record of the schema history are understood");
        }
        for change in changes {
            match change {
                TableChange::Create(table) => model.insert(TableSchema::clone(table)),
                TableChange::Alter { table, previous } => {
                    if let Some(previous) = previous {
                        model.remove(previous);
                    }
                    model.insert(TableSchema::clone(table));
                }
                TableChange::Drop(table) => model.remove(table),
            }
        }
        return Ok(());
    }
    apply_statement(model, record, policy)
}

/// Whether a record's statement changes no other tables than the record says. The record's database is not always the one
/// that the session was in, so that a name of the statement may be read as another table's.
fn changes_no_others(model: &SchemaModel, record: &HistoryRecord, changes: &[TableChange]) -> bool {
    let mut named: Vec<&TableId> = Vec::new();
    for change in changes {
        match change {
            TableChange::Create(table) => named.push(&table.id),
            TableChange::Alter { table, previous } => {
                named.push(&table.id);
                named.extend(previous);
            }
            TableChange::Drop(table) => named.push(table),
        }
    }
    let Some(ddl) = &record.ddl else {
        return false;
    };
    match parse(ddl, model.dialect(session_of(record))) {
        Ok(parsed) => parsed.statement.tables().iter().all(|table| named.contains(table)),
        Err(_) => false,
    }
}

/// What is known of the session that ran a record's statement.
fn session_of(record: &HistoryRecord) -> Session<'_> {
    Session {
        database: record.database.as_deref().unwrap_or(""),
        ..Session::default()
    }
}

fn apply_statement(
    model: &mut SchemaModel,
    record: &HistoryRecord,
    policy: DdlPolicy<'_>,
) -> Result<(), crate::error::MySqlError> {
    let Some(ddl) = &record.ddl else {
        return Ok(());
    };
    let session = session_of(record);
    match policy.apply_recorded(model, ddl, session) {
        // The history does not say which sql_mode a statement ran in.
        Err(error) if ddl.contains('"') => {
            let sql_mode = SqlMode {
                ansi_quotes: true,
                ..SqlMode::default()
            };
            policy
                .apply_recorded(model, ddl, Session { sql_mode, ..session })
                .map_err(|_| error)
        }
        result => result,
    }
}

#[cfg(test)]
mod tests;
