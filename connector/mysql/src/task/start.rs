//! [`start`]: looks at the server and the stored offset, and enters the phase that follows from them.

use std::sync::Arc;

use connector_api::{ConfigMap, ConnectError, RecordLog, TaskContext};
use tracing::{info, warn};
use uuid::Uuid;

use super::catch_up::{CatchUp, ViewAhead};
use super::guardrail::check_guardrail;
use super::parts::PhaseParts;
use super::snapshotting::Snapshotting;
use super::viewed::{Viewed, no_moment};
use super::{MySqlTask, Phase};
use crate::captured::CapturedTables;
use crate::config::{HistoryPlace, HistoryUse, MySqlConfig, SnapshotBegins};
use crate::error::MySqlError;
use crate::position::{MySqlOffset, SnapshotFrontier, source_partition};
use crate::record::{RecordContext, SchemaChangeRecords};
use crate::schema::{HistoryFile, HistoryMemory, SchemaChange, SchemaHistory, SchemaModel, SchemaOptions};
use crate::server::{
    Connection, ServerVersion, await_server_id, check_prerequisites, end_predecessors, lease_server_id, lost_position,
};
use crate::snapshot::{CapturedBy, FrontierFilter, KeyOrder, collations, order_of_frontier};
use crate::streaming::{Definitions, Unsuitable, ddl_policy};

/// Starts a task at its stored offset. Blocks until it is connected.
pub fn start(config: &ConfigMap, context: Arc<dyn TaskContext>) -> Result<MySqlTask, ConnectError> {
    // The same at every start: a server ends the dump of a predecessor when its successor comes.
    let replica_uuid = Uuid::new_v5(&Uuid::NAMESPACE_URL, context.identity().as_bytes());
    let mut config = MySqlConfig::parse(config)?;
    config.connection.task = Some(replica_uuid);
    let config = Arc::new(config);
    let stored = context.stored_offset(&source_partition(&config.topic_prefix))?;
    let stored = stored
        .map(|offset| MySqlOffset::read(&offset).map_err(MySqlError::from))
        .transpose()?;
    let mut session = Connection::open(&config.connection)?;
    check_prerequisites(&mut session, &config.purpose())?;
    end_predecessors(&mut session, replica_uuid)?;
    let server_id = match config.server_id {
        Some(server_id) => {
            await_server_id(&mut session, server_id, replica_uuid, &|| context.is_stopping())?;
            server_id
        }
        None => lease_server_id(&mut session)?,
    };
    check_guardrail(&mut session, &config)?;
    let schema_options = schema_options(&mut session, &config)?;
    let databases = database_charsets(&mut session)?;
    session.close();
    let topic_prefix = config.topic_prefix.clone();
    let starter = Starter {
        parts: PhaseParts {
            config,
            context,
            server_id,
            replica_uuid,
        },
        schema_options,
        databases,
    };
    let phase = match stored {
        None => starter.without_offset()?,
        Some(offset) => starter.at(offset)?,
    };
    Ok(MySqlTask { topic_prefix, phase })
}

/// A task that looks for its first phase.
pub(super) struct Starter {
    pub(super) parts: PhaseParts,
    pub(super) schema_options: SchemaOptions,
    /// The databases that the server has, with their default character sets.
    databases: Vec<(String, String)>,
}

/// How many moments are tried, one right after the other, until one will do.
const MOMENTS: u32 = 20;

/// What is known of tables, and what is compiled of it.
pub(super) type Known = (Definitions, CapturedTables);
/// What a first snapshot begins with.
type Begun = (Definitions, CapturedTables, Viewed, Vec<SchemaChange>);

impl Starter {
    fn without_offset(self) -> Result<Phase, ConnectError> {
        match self.parts.config.snapshot_mode.begins {
            SnapshotBegins::WithoutOffset | SnapshotBegins::AtEveryStart => self.first(),
            SnapshotBegins::Never => Err(MySqlError::position(
                "no offset is stored, and snapshot.mode takes no snapshot: it goes on from a stored offset only; set \
                 snapshot.mode=initial, or no_data to begin without rows",
            )
            .into()),
        }
    }

    fn at(self, offset: MySqlOffset) -> Result<Phase, ConnectError> {
        let mode = self.parts.config.snapshot_mode;
        if mode.replaces_lost_position
            && let Some(reason) = self.lost_position(&offset)?
        {
            warn!(%reason, "the server does not go on at the stored offset; a new snapshot takes its place, as snapshot.mode asks");
            return self.first();
        }
        if offset.snapshot.is_some() {
            return self.inside_snapshot(offset);
        }
        if mode.begins == SnapshotBegins::AtEveryStart && !self.parts.has_begun(&offset) {
            return self.again(offset);
        }
        if !mode.streams {
            info!("the snapshot is complete, and snapshot.mode asks for nothing else");
            return Ok(Phase::Finished(offset.write()));
        }
        self.streaming(offset)
    }

    fn inside_snapshot(self, offset: MySqlOffset) -> Result<Phase, ConnectError> {
        match (self.parts.config.snapshot_mode.begins, &offset.frontier) {
            (SnapshotBegins::Never, _) => Err(MySqlError::position(
                "the stored offset is inside of a snapshot, and snapshot.mode takes none, so that rows would be missing; set \
                 snapshot.mode=initial until the snapshot is complete",
            )
            .into()),
            (_, Some(_)) => self.resumed(offset),
            (_, None) => {
                info!("the stored offset is inside of a snapshot that cannot be resumed; it begins again");
                self.first()
            }
        }
    }

    /// Why the server has nothing that goes on at `offset`.
    fn lost_position(&self, offset: &MySqlOffset) -> Result<Option<MySqlError>, MySqlError> {
        let config = &self.parts.config;
        let mut session = Connection::open(&config.connection)?;
        let lost = lost_position(&mut session, &offset.position, &|source| {
            config.gtid_sources.has(source)
        })?;
        session.close();
        Ok(lost)
    }

    pub(super) fn record_context(&self) -> RecordContext {
        RecordContext::new(&self.parts.config, self.parts.context.task())
    }

    pub(super) fn history(&self) -> Result<SchemaHistory, ConnectError> {
        let config = &self.parts.config;
        let log: Box<dyn RecordLog> = match &config.schema_history.place {
            HistoryPlace::Topic(log) => self.parts.context.open_log(log)?,
            HistoryPlace::File(path) => Box::new(HistoryFile::open(path)?),
            HistoryPlace::Memory => Box::new(HistoryMemory::of(self.parts.context.connector())),
        };
        Ok(SchemaHistory::new(log, &config.topic_prefix))
    }

    pub(super) fn definitions(
        &self,
        model: SchemaModel,
        history: SchemaHistory,
        context: &RecordContext,
    ) -> Definitions {
        let config = &self.parts.config;
        let records = config.records.schema_changes.then(|| SchemaChangeRecords::new(context));
        Definitions::new(model, history, config, records)
    }

    /// Nothing is stored: definitions, rows, then the stream.
    fn first(self) -> Result<Phase, ConnectError> {
        let mut attempts = 0..MOMENTS;
        loop {
            let unsuitable = match self.begun()? {
                Ok((definitions, captured, view, statements)) => {
                    let snapshot = Snapshotting::begin(self.parts, definitions, captured, view, statements);
                    return Ok(Phase::Snapshot(Box::new(snapshot)));
                }
                Err(unsuitable) => unsuitable,
            };
            if attempts.next().is_none() || self.parts.context.is_stopping() {
                return Err(no_moment(unsuitable).into());
            }
        }
    }

    /// A view for a first snapshot, with what is known of the moment in which it opened.
    fn begun(&self) -> Result<Result<Begun, Unsuitable>, ConnectError> {
        let history = self.history()?;
        let (view, discovered) = self.view()?;
        let context = self.record_context();
        let mut view = Viewed::new(view, discovered.copies);
        let mut definitions = self.definitions(discovered.model, history, &context);
        let mut captured = CapturedTables::new(context);
        let settled = view.settle(&self.parts, &mut definitions, &mut captured, &|_| true)?;
        Ok(settled.map(|()| (definitions, captured, view, discovered.statements)))
    }

    /// The stream goes on.
    fn streaming(self, offset: MySqlOffset) -> Result<Phase, ConnectError> {
        let Some((definitions, captured)) = self.known(&offset)? else {
            return self.first();
        };
        info!(position = %offset.position.binlog, gtids = ?offset.position.gtids.as_ref().map(ToString::to_string), "resuming");
        Ok(Phase::Streaming(Box::new(self.parts.stream(
            offset,
            definitions,
            captured,
        )?)))
    }

    /// A new snapshot behind a stored offset: first the stream, up to its view, so that no change is left out.
    fn again(self, offset: MySqlOffset) -> Result<Phase, ConnectError> {
        info!("snapshot.mode asks for a snapshot at every start");
        if !self.parts.config.snapshot_mode.streams {
            return self.first();
        }
        let Some((definitions, captured)) = self.known(&offset)? else {
            return self.first();
        };
        let (view, discovered) = self.view()?;
        let stream = self.parts.follow(offset, definitions, captured)?;
        let ahead = ViewAhead::new(view.position, view.unlocked, view.taken_at, discovered);
        Ok(Phase::CatchUp(Box::new(CatchUp::to_new_snapshot(
            stream,
            ahead,
            view.session,
            self.parts,
        ))))
    }

    /// An interrupted snapshot: a fresh view, and the stream up to it.
    fn resumed(self, offset: MySqlOffset) -> Result<Phase, ConnectError> {
        let mut frontier = offset.frontier.clone().unwrap_or_default();
        let captured_by = CapturedBy::go_on(&mut frontier, &self.parts.config)?;
        let table = frontier.current.as_ref().map(|current| current.table.to_string());
        let table = table.as_deref().unwrap_or("none");
        info!(%table, "resuming an interrupted snapshot");
        let Some((definitions, captured)) = self.known(&offset)? else {
            return self.first();
        };
        let (mut view, discovered) = self.view()?;
        let order = order_in_progress(&frontier, view.session.connection(), &discovered.model)?;
        let order = order_of_frontier(&frontier, order)?;
        let mut filter = FrontierFilter::new(frontier, captured_by, order, view.session);
        // The order is that of the view; the stream begins with what was known before it.
        filter.redefine(definitions.model())?;
        let stream = self.parts.follow(offset, definitions, captured)?;
        let ahead = ViewAhead::new(view.position, view.unlocked, view.taken_at, discovered);
        Ok(Phase::CatchUp(Box::new(CatchUp::to_frontier(
            stream, ahead, filter, self.parts,
        ))))
    }

    /// What is known of tables at `offset`; `None` if the schema history is lost, and a new snapshot takes its place.
    fn known(&self, offset: &MySqlOffset) -> Result<Option<Known>, ConnectError> {
        let use_of = self.parts.config.snapshot_mode.history;
        if use_of == HistoryUse::Rebuilt {
            return self.rebuilt(offset).map(Some);
        }
        if let Some(recovered) = self.recovered(offset)? {
            return Ok(Some(recovered));
        }
        let place = &self.parts.config.schema_history.place;
        match use_of {
            HistoryUse::SnapshotIfLost => {
                warn!(%place, "the schema history is empty; a new snapshot takes the place of the stored offset, as snapshot.mode asks");
                Ok(None)
            }
            HistoryUse::RebuiltIfLost | HistoryUse::Rebuilt => self.rebuilt(offset).map(Some),
            HistoryUse::Trusted => Err(MySqlError::schema(format!(
                "an offset is stored, but the schema history, {place}, is empty: restore it, set \
                 snapshot.mode=recovery to write it anew from the server's definitions, or reset the connector's offsets for a \
                 new snapshot"
            ))
            .into()),
        }
    }

    /// What the history knows at `offset`; `None` if it has no record of this connector.
    fn recovered(&self, offset: &MySqlOffset) -> Result<Option<Known>, ConnectError> {
        let mut history = self.history()?;
        let recovered = history.recover(&offset.write(), self.schema_options, ddl_policy(&self.parts.config))?;
        if recovered.records == 0 {
            return Ok(None);
        }
        info!(
            records = recovered.records,
            applied = recovered.applied,
            "recovered the schema history"
        );
        let mut model = recovered.model;
        model.learn_databases(self.databases.iter().cloned());
        let context = self.record_context();
        let definitions = self.definitions(model, history, &context);
        Ok(Some((definitions, CapturedTables::new(context))))
    }
}

fn schema_options(session: &mut Connection, config: &MySqlConfig) -> Result<SchemaOptions, MySqlError> {
    let mode: Option<i64> = session.first("SELECT @@lower_case_table_names")?;
    Ok(SchemaOptions {
        lower_case_names: mode.is_some_and(|mode| mode != 0),
        comments: config.schema_comments,
        server_version: Some(ServerVersion::read(session)?.comment_number()),
    })
}

/// The databases of the server, with their default character sets.
fn database_charsets(session: &mut Connection) -> Result<Vec<(String, String)>, MySqlError> {
    session.rows("SELECT schema_name, default_character_set_name FROM information_schema.schemata")
}

/// The order of the table in progress as the view has it; `None` if there is no such table, or its key tells no order.
fn order_in_progress(
    frontier: &SnapshotFrontier,
    connection: &mut Connection,
    view: &SchemaModel,
) -> Result<Option<KeyOrder>, MySqlError> {
    let table = frontier.current.as_ref().and_then(|current| view.table(&current.table));
    match table {
        Some(schema) => {
            let collations = collations(connection, schema)?;
            Ok(KeyOrder::of(schema, &collations))
        }
        None => Ok(None),
    }
}
