//! [`Definitions`]: what is known of tables, kept in step with the stream, the schema history and the schema-change topic.

use std::collections::BTreeSet;
use std::sync::Arc;

use connector_api::{ConnectError, Flow, OffsetFn, RecordSink, TaskError};
use tracing::{info, warn};

use super::layouts::LayoutRows;
use crate::binlog::event::QueryEvent;
use crate::binlog::table_map::TableMap;
use crate::config::{MySqlConfig, UndefinedRows};
use crate::error::MySqlError;
use crate::event_time::EventTime;
use crate::position::{MySqlOffset, StreamedPosition};
use crate::record::{
    SchemaChange as PublishedChange, SchemaChangeRecords, SnapshotMarker, SourceInfo, TableChange as PublishedTable,
};
use crate::schema::ddl::{Dialect, SqlMode, truncated_table};
use crate::schema::{
    Audience, DdlPolicy, Named, SchemaChange, SchemaHistory, SchemaModel, Session, Subject, TableChange, TableSchema,
    as_mapped, charset_of_collation, has_doubtful_members,
};
use crate::server::{Connection, SideEffects, Suspects, side_effects};
use crate::table_id::TableId;

/// All that is known of tables at the stream's position.
pub struct Definitions {
    model: SchemaModel,
    history: SchemaHistory,
    config: Arc<MySqlConfig>,
    /// `include.schema.changes`.
    records: Option<SchemaChangeRecords>,
    /// The tables that a warning of doubtful members was logged for.
    doubted: BTreeSet<TableId>,
}

impl Definitions {
    /// What `model` says, to be kept in step.
    pub fn new(
        model: SchemaModel,
        history: SchemaHistory,
        config: &Arc<MySqlConfig>,
        records: Option<SchemaChangeRecords>,
    ) -> Self {
        Definitions {
            model,
            history,
            config: Arc::clone(config),
            records,
            doubted: BTreeSet::new(),
        }
    }

    /// The table called so by an event, as the model spells it.
    pub fn named(&self, database: &str, table: &str) -> TableId {
        self.model.folded(&TableId::new(database, table))
    }

    /// Whether the table is captured.
    pub fn captures(&self, table: &TableId) -> bool {
        self.config.tables.captures(table)
    }

    /// What becomes of rows of captured tables whose definition is not known.
    pub fn undefined_rows(&self) -> UndefinedRows {
        self.config.undefined_rows
    }

    /// Whether the lists of captured tables could tell of every name that they were asked about.
    pub fn are_decided(&self) -> Result<(), MySqlError> {
        self.config.tables.decided()
    }

    /// Whether a table that is known of the database is captured.
    pub fn captures_in(&self, database: &str) -> bool {
        let mut tables = self.model.tables().filter(|table| table.id.database == database);
        self.may_capture_in(database) && tables.any(|table| self.captures(&table.id))
    }

    /// Whether a table of the database may be captured.
    pub fn may_capture_in(&self, database: &str) -> bool {
        is_unreadable(database) || self.config.tables.captures_database(database)
    }

    /// How the statement of an event is to be read.
    pub fn dialect<'a>(&self, query: &QueryEvent<'a>) -> Dialect<'a> {
        self.model.dialect(session_of(query))
    }

    /// Looks up on the server what a statement that is logged as text may have caused.
    pub fn side_effects(&self, suspects: &Suspects) -> Result<SideEffects, MySqlError> {
        let mut session = Connection::open(&self.config.connection)?;
        let found = side_effects(&mut session, suspects, &|table| {
            self.captures(&self.model.folded(table))
        });
        session.close();
        found
    }

    /// Everything that is known.
    pub fn model(&self) -> &SchemaModel {
        &self.model
    }

    /// What becomes of the rows that come at `place` as `map` announces them.
    pub(super) fn rows_of(&mut self, map: &TableMap, place: &StreamedPosition) -> Result<LayoutRows, MySqlError> {
        let id = self.named(&map.database, &map.table);
        let is_known = self.model.table(&id).is_some();
        match self.captures(&id) {
            false => Ok(LayoutRows::Others),
            true if is_known || self.undefined_rows() == UndefinedRows::Stop => {
                self.table(&id, map, place).map(LayoutRows::Captured)
            }
            true => Ok(LayoutRows::Undefined(id)),
        }
    }

    /// The definition of a captured table whose rows come at `place` as `map` announces them. What the map knows better is
    /// known from then on.
    fn table(
        &mut self,
        table: &TableId,
        map: &TableMap,
        place: &StreamedPosition,
    ) -> Result<Arc<TableSchema>, MySqlError> {
        let known = self.model.table(table).ok_or_else(|| {
            MySqlError::schema(format!(
                "rows of {table} at {place}, but its definition is not in the schema history: it was left out when the \
                 history was written (schema.history.internal.store.only.captured.tables.ddl) or created with \
                 SQL_LOG_BIN=0; exclude the table, take a new snapshot, or leave such rows out \
                 (inconsistent.schema.handling.mode=warn)"
            ))
            .at(table)
            .at(place)
        })?;
        match as_mapped(known, map) {
            Some(informed) => self.model.insert(informed),
            None if self.doubted.contains(table) => {}
            None => {
                if warn_of_doubtful_members(known, map) {
                    self.doubted.insert(table.clone());
                }
            }
        }
        let known = self.model.table(table).expect("it was there, or has been put in");
        Ok(Arc::clone(known))
    }

    /// What a statement of the stream did; `None` if it is recorded nowhere.
    pub fn apply(&mut self, query: &QueryEvent<'_>) -> Result<Option<Vec<SchemaChange>>, MySqlError> {
        let changes = ddl_policy(&self.config).apply(&mut self.model, &query.sql_text(), session_of(query))?;
        self.are_decided()?;
        if !query.is_readable() && changes.iter().flat_map(tables_of).any(|table| self.may_capture(table)) {
            return Err(MySqlError::schema(format!(
                "a statement about captured tables is in a character set that cannot be read (collation number {:?} of the \
                 client): {}; delete the connector's offsets and take a new snapshot, and run such statements in utf8mb4",
                query.session.character_set_client.unwrap_or_default(),
                query.sql_text()
            )));
        }
        Ok((!changes.is_empty()).then_some(changes))
    }

    /// Whether records tell the statements that changed their rows.
    pub fn records_tell_statements(&self) -> bool {
        self.config.records.includes_query
    }

    /// The captured table that a statement empties, if records tell of that.
    pub fn truncated(&self, query: &QueryEvent<'_>) -> Option<Arc<TableSchema>> {
        if self.config.records.skipped.truncates {
            return None;
        }
        let table = truncated_table(&query.sql_text(), self.dialect(query))?;
        let table = self.model.folded(&table);
        self.model
            .table(&table)
            .filter(|_| self.captures(&table))
            .map(Arc::clone)
    }

    /// Whether a statement of the stream, which is not applied yet, may concern captured tables.
    pub fn would_concern_captured(&self, query: &QueryEvent<'_>) -> Result<bool, MySqlError> {
        let mut trial = self.model.clone();
        let changes = ddl_policy(&self.config).apply(&mut trial, &query.sql_text(), session_of(query))?;
        Ok(self.concerns_captured(&changes))
    }

    /// Whether one of these changes may concern captured tables: their own, their database's, or one of the server's settings.
    pub fn concerns_captured(&self, changes: &[SchemaChange]) -> bool {
        changes.iter().any(|change| match change.subject {
            Subject::Server => true,
            Subject::Database => self.may_capture_in(&change.database),
            Subject::Tables => tables_of(change).any(|table| self.may_capture(table)),
            Subject::Other => change.named.iter().any(|named| match named {
                Named::Table(table) => self.may_capture(table),
                Named::Database(database) => self.may_capture_in(database),
            }),
        })
    }

    fn may_capture(&self, table: &TableId) -> bool {
        self.captures(table)
            || is_unreadable(&table.database)
            || is_unreadable(&table.table) && self.may_capture_in(&table.database)
    }

    /// The stream is at a position where `model` is what a fresh view shows.
    pub fn replace(&mut self, model: SchemaModel) {
        self.model = model;
    }

    /// Writes the changes to the schema history and waits until they are safe there.
    pub fn record(&mut self, changes: &[SchemaChange], at: &MySqlOffset) -> Result<(), ConnectError> {
        self.history.record(changes, &at.write(), EventTime::now().millis())?;
        info!(statements = changes.len(), position = %at.position.binlog, "recorded schema changes");
        Ok(())
    }

    /// The same of changes that concern no captured table: nobody waits until they are safe, before an offset behind them is stored.
    pub fn record_before_offset(&mut self, changes: &[SchemaChange], at: &MySqlOffset) -> Result<(), ConnectError> {
        self.history
            .record_before_offset(changes, &at.write(), EventTime::now().millis())
    }

    /// Sends the changes to the schema-change topic. `origin` is where they come from, without database and table;
    /// [`SnapshotMarker::Last`] there means that the last of them is the last record of a snapshot.
    pub fn publish(
        &self,
        changes: &[SchemaChange],
        origin: &SourceInfo<'_>,
        sink: &mut dyn RecordSink,
        before: OffsetFn<'_>,
    ) -> Result<Flow, TaskError> {
        let mut flow = Flow::Continue;
        let marks_last = origin.snapshot == SnapshotMarker::Last;
        let origin = &match marks_last {
            true => SourceInfo {
                snapshot: SnapshotMarker::Within,
                ..*origin
            },
            false => *origin,
        };
        let Some(records) = &self.records else { return Ok(flow) };
        let published: Vec<&SchemaChange> = changes
            .iter()
            .filter(|change| change.audience != Audience::History)
            .collect();
        for (index, change) in published.iter().enumerate() {
            let names = change
                .source_tables
                .iter()
                .map(|table| table.table.as_str())
                .collect::<Vec<_>>()
                .join(",");
            let is_last = marks_last && index + 1 == published.len();
            let source = SourceInfo {
                database: &change.database,
                table: names_tables(change).then_some(names.as_str()),
                snapshot: if is_last { SnapshotMarker::Last } else { origin.snapshot },
                ..*origin
            };
            let tables: Vec<PublishedTable<'_>> = change.changes.iter().map(published_table).collect();
            let record = PublishedChange {
                source: &source,
                handled_at: EventTime::now(),
                database: &change.database,
                ddl: &change.ddl,
                tables: &tables,
            };
            let sent = records
                .with_record(&record, |records| sink.send(records, before))
                .map_err(|error| TaskError::Connector(MySqlError::schema(error.to_string()).into()))?;
            if sent? == Flow::Return {
                flow = Flow::Return;
            }
        }
        Ok(flow)
    }
}

/// What an event says of the session that ran its statement.
fn session_of<'a>(query: &QueryEvent<'a>) -> Session<'a> {
    let server_collation = query.session.collation_server;
    Session {
        database: query.database,
        sql_mode: query.session.sql_mode.map(SqlMode::of_bits).unwrap_or_default(),
        // Logged where a statement declares TIMESTAMP columns.
        implicit_timestamps: query.session.explicit_defaults_for_timestamp == Some(false),
        server_charset: server_collation.and_then(|collation| charset_of_collation(collation.into())),
    }
}

/// Every table that a statement is about.
fn tables_of(change: &SchemaChange) -> impl Iterator<Item = &TableId> {
    let changed = change.changes.iter().flat_map(|change| match change {
        TableChange::Create(table) => [Some(&table.id), None],
        TableChange::Alter { table, previous } => [Some(&table.id), previous.as_ref()],
        TableChange::Drop(table) => [Some(table), None],
    });
    change.source_tables.iter().chain(changed.flatten())
}

/// Whether a name was in a character set that cannot be read.
fn is_unreadable(name: &str) -> bool {
    name.contains(char::REPLACEMENT_CHARACTER)
}

/// Whether `source.table` is a list, even an empty one: Debezium leaves it out only for databases and settings.
fn names_tables(change: &SchemaChange) -> bool {
    matches!(change.subject, Subject::Tables | Subject::Other)
}

/// Members of an ENUM or SET that a snapshot's definition cannot tell come as question marks, as with Debezium, where the
/// map does not list them. Answers whether there are any.
fn warn_of_doubtful_members(table: &TableSchema, map: &TableMap) -> bool {
    let described = table.columns.iter().zip(&map.columns);
    let mut doubtful = described.filter(|(column, mapped)| mapped.values.is_none() && has_doubtful_members(column));
    let Some((column, _)) = doubtful.next() else {
        return false;
    };
    warn!(
        table = %table.id,
        column = column.name,
        "a member of this ENUM or SET has a question mark, as SHOW CREATE TABLE prints every letter beyond U+FFFF: if it \
         stands for one, set binlog_row_metadata=FULL on the server, which tells the letters"
    );
    true
}

/// Which statements matter.
pub fn ddl_policy(config: &MySqlConfig) -> DdlPolicy<'_> {
    DdlPolicy {
        captured: &config.tables,
        only_captured_tables: config.schema_history.only_captured_tables,
        only_captured_databases: config.schema_history.only_captured_databases,
        passes_unknown_tables: config.undefined_rows != UndefinedRows::Stop,
    }
}

fn published_table(change: &TableChange) -> PublishedTable<'_> {
    match change {
        TableChange::Create(table) => PublishedTable::Create(table),
        TableChange::Alter { table, .. } => PublishedTable::Alter(table),
        TableChange::Drop(table) => PublishedTable::Drop(table),
    }
}
