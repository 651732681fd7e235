//! [`Discovered`]: the tables that a fresh view shows.

use super::start::Starter;
use crate::config::{MySqlConfig, SnapshotLocking};
use crate::error::MySqlError;
use crate::schema::{DefinitionsReader, SchemaChange, SchemaModel};
use crate::server::Connection;
use crate::snapshot::{Copies, LockRequest, TableWithoutViews, View, tables_without_views};
use crate::streaming::ddl_policy;
use crate::table_id::TableId;

/// The tables of a view.
pub(super) struct Discovered {
    pub(super) model: SchemaModel,
    /// The same as statements, for the history.
    pub(super) statements: Vec<SchemaChange>,
    /// Tables that the view does not keep.
    pub(super) copies: Copies,
}

impl Starter {
    /// A view and the definitions in it.
    pub(super) fn view(&self) -> Result<(View, Discovered), MySqlError> {
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
}

/// The captured tables by their names alone, for locks taken one by one.
fn captured_tables(connection: &mut Connection, config: &MySqlConfig) -> Result<Vec<TableId>, MySqlError> {
    Ok(tables(connection)?
        .filter(|table| config.tables.captures(table))
        .collect())
}

/// The names of all tables.
pub(super) fn tables(connection: &mut Connection) -> Result<impl Iterator<Item = TableId>, MySqlError> {
    let names: Vec<(String, String)> = connection
        .rows("SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'")?;
    Ok(names.into_iter().map(|(database, table)| TableId::new(database, table)))
}
