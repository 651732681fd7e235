//! [`start`]: looks at the server and the stored offset, and enters the phase that follows from them.

use std::sync::Arc;

use connector_api::{ConfigMap, ConnectError, TaskContext};
use tracing::info;
use uuid::Uuid;

use super::catch_up::CatchUp;
use super::parts::PhaseParts;
use super::snapshotting::Snapshotting;
use super::viewed::{Viewed, no_moment};
use super::{MySqlTask, Phase};
use crate::captured::CapturedTables;
use crate::config::{MySqlConfig, SnapshotLocking, SnapshotMode};
use crate::error::MySqlError;
use crate::position::{MySqlOffset, SnapshotFrontier, source_partition};
use crate::record::{RecordContext, SchemaChangeRecords};
use crate::schema::{DefinitionsReader, SchemaChange, SchemaHistory, SchemaModel, SchemaOptions};
use crate::server::{
    Connection, ServerVersion, await_server_id, check_prerequisites, end_predecessors, lease_server_id,
};
use crate::snapshot::{
    CapturedBy, Copies, FrontierFilter, KeyOrder, LockRequest, TableWithoutViews, View, collations, order_of_frontier,
    tables_without_views,
};
use crate::streaming::{Definitions, Unsuitable, ddl_policy};
use crate::table_id::TableId;

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
        None => starter.first()?,
        Some(offset)
            if offset.snapshot.is_none() && starter.parts.config.snapshot_mode == SnapshotMode::InitialOnly =>
        {
            info!("the snapshot is complete, and snapshot.mode=initial_only asks for nothing else");
            Phase::Finished(offset.write())
        }
        Some(offset) if offset.snapshot.is_none() => starter.streaming(offset)?,
        Some(offset) if offset.frontier.is_some() => starter.resumed(offset)?,
        Some(_) => {
            info!("the stored offset is inside of a snapshot that cannot be resumed; it begins again");
            starter.first()?
        }
    };
    Ok(MySqlTask { topic_prefix, phase })
}

struct Starter {
    parts: PhaseParts,
    schema_options: SchemaOptions,
    /// The databases that the server has, with their default character sets.
    databases: Vec<(String, String)>,
}

/// How many moments are tried, one right after the other, until one will do.
const MOMENTS: u32 = 20;

/// What a first snapshot begins with.
type Begun = (Definitions, CapturedTables, Viewed, Vec<SchemaChange>);

/// The tables of a view.
struct Discovered {
    model: SchemaModel,
    /// The same as statements, for the history.
    statements: Vec<SchemaChange>,
    /// Tables that the view does not keep.
    copies: Copies,
}

impl Starter {
    fn record_context(&self) -> RecordContext {
        RecordContext::new(&self.parts.config, self.parts.context.task())
    }

    fn history(&self) -> Result<SchemaHistory, ConnectError> {
        let config = &self.parts.config;
        let log = self.parts.context.open_log(&config.schema_history.log)?;
        Ok(SchemaHistory::new(log, &config.topic_prefix))
    }

    fn definitions(&self, model: SchemaModel, history: SchemaHistory, context: &RecordContext) -> Definitions {
        let config = &self.parts.config;
        let records = config.records.schema_changes.then(|| SchemaChangeRecords::new(context));
        Definitions::new(model, history, config, records)
    }

    /// A view and the definitions in it.
    fn view(&self) -> Result<(View, Discovered), MySqlError> {
        let config = &self.parts.config;
        let captured = |connection: &mut Connection| captured_tables(connection, config);
        let context = self.record_context();
        let is_stopping = || self.parts.context.is_stopping();
        let is_captured = |table: &TableId| config.tables.captures(table);
        let only_captured = config.schema_history.only_captured_tables;
        let is_wanted = |table: &TableId| !only_captured || is_captured(table);
        let session = Connection::open(&config.connection)?;
        let mut definitions = DefinitionsReader::begin(session, &is_wanted, &is_stopping)?;
        let request = LockRequest {
            options: &config.connection,
            patience: config.snapshot_lock_timeout,
            tables: &captured,
            is_stopping: &is_stopping,
        };
        let discover = |connection: &mut Connection| -> Result<_, MySqlError> {
            definitions.settle(&is_captured)?;
            let without_views = tables_without_views(connection, config)?;
            let mut model = SchemaModel::new(self.schema_options);
            definitions
                .of(without_views.iter().map(|found| &found.table))
                .apply(&mut model, ddl_policy(config))?;
            Ok((without_views, model))
        };
        let copy = |connection: &mut Connection, (tables, model): (Vec<TableWithoutViews>, SchemaModel)| {
            Copies::take(connection, &tables, &model, &context, request.patience)
        };
        let (view, copies) = match config.snapshot_locking {
            SnapshotLocking::WhileOpening => View::open(&request, discover, copy)?,
            SnapshotLocking::None => View::open_without_lock(&request, discover, copy)?,
        };
        let mut model = SchemaModel::new(self.schema_options);
        let schema = definitions.finish(&is_captured)?;
        let statements = schema.apply(&mut model, ddl_policy(config))?;
        config.tables.decided()?;
        let databases = schema.databases.into_iter();
        model.learn_databases(databases.map(|(database, locale)| (database, locale.charset)));
        Ok((
            view,
            Discovered {
                model,
                statements,
                copies,
            },
        ))
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
        let (definitions, captured) = self.recovered(&offset)?;
        info!(position = %offset.position.binlog, gtids = ?offset.position.gtids.as_ref().map(ToString::to_string), "resuming");
        Ok(Phase::Streaming(Box::new(self.parts.stream(
            offset,
            definitions,
            captured,
        )?)))
    }

    /// An interrupted snapshot: a fresh view, and the stream up to it.
    fn resumed(self, offset: MySqlOffset) -> Result<Phase, ConnectError> {
        let mut frontier = offset.frontier.clone().unwrap_or_default();
        let captured_by = CapturedBy::go_on(&mut frontier, &self.parts.config)?;
        let table = frontier.current.as_ref().map(|current| current.table.to_string());
        let table = table.as_deref().unwrap_or("none");
        info!(%table, "resuming an interrupted snapshot");
        let (definitions, captured) = self.recovered(&offset)?;
        let (mut view, discovered) = self.view()?;
        let order = order_in_progress(&frontier, view.session.connection(), &discovered.model)?;
        let order = order_of_frontier(&frontier, order)?;
        let mut filter = FrontierFilter::new(frontier, captured_by, order, view.session);
        // The order is that of the view; the stream begins with what was known before it.
        filter.redefine(definitions.model())?;
        let (replica, mut follower) = self.parts.follow(offset, definitions, captured)?;
        follower.set_filter(filter);
        Ok(Phase::CatchUp(Box::new(CatchUp {
            replica,
            follower,
            view_position: view.position,
            view_moment: view.unlocked,
            view_taken_at: view.taken_at,
            view_model: discovered.model,
            copies: discovered.copies,
            parts: self.parts,
        })))
    }

    /// What the history knows at `offset`.
    fn recovered(&self, offset: &MySqlOffset) -> Result<(Definitions, CapturedTables), ConnectError> {
        let mut history = self.history()?;
        let recovered = history.recover(&offset.write(), self.schema_options, ddl_policy(&self.parts.config))?;
        info!(
            records = recovered.records,
            applied = recovered.applied,
            "recovered the schema history"
        );
        if recovered.records == 0 {
            return Err(MySqlError::schema(format!(
                "an offset is stored, but the schema history topic {} is empty: restore the topic, or reset the connector's \
                 offsets for a new snapshot",
                self.parts.config.schema_history.log.topic
            ))
            .into());
        }
        let mut model = recovered.model;
        model.learn_databases(self.databases.iter().cloned());
        let context = self.record_context();
        let definitions = self.definitions(model, history, &context);
        Ok((definitions, CapturedTables::new(context)))
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

/// The captured tables by their names alone, for locks taken one by one.
fn captured_tables(connection: &mut Connection, config: &MySqlConfig) -> Result<Vec<TableId>, MySqlError> {
    let names: Vec<(String, String)> = connection
        .rows("SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'")?;
    let tables = names.into_iter().map(|(database, table)| TableId::new(database, table));
    Ok(tables.filter(|table| config.tables.captures(table)).collect())
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
