//! [`SnapshotSchema`]: the definitions a snapshot begins with, read while the server stands still.
//!
//! What is read becomes the statements with which the incumbent begins its history: the server's character set, a DROP for
//! every table, and per database DROP, CREATE, USE and every table as `SHOW CREATE TABLE` prints it. They are applied and
//! recorded like streamed ones.

use std::collections::BTreeMap;

use super::change::SchemaChange;
use super::statements::{DdlPolicy, Session, quoted_id, quoted_name};
use super::table::TableId;
use super::tables::SchemaModel;
use crate::config::is_built_in;
use crate::error::MySqlError;
use crate::server::Connection;

/// A default character set and collation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locale {
    /// The character set.
    pub charset: String,
    /// The collation.
    pub collation: String,
}

/// The definitions that a server has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotSchema {
    /// The server's defaults.
    pub server: Locale,
    /// The databases' defaults.
    pub databases: BTreeMap<String, Locale>,
    /// The tables and what `SHOW CREATE TABLE` says of them, in the order of their names.
    pub tables: BTreeMap<TableId, String>,
}

impl SnapshotSchema {
    /// The statements, each with the database it belongs to.
    pub fn statements(&self) -> Vec<(String, String)> {
        let Locale { charset, collation } = &self.server;
        let server = format!("SET character_set_server={charset}, collation_server={collation}");
        let mut statements = vec![(String::new(), server)];
        for table in self.tables.keys() {
            statements.push((
                table.database.clone(),
                format!("DROP TABLE IF EXISTS {}", quoted_id(table)),
            ));
        }
        let mut begun: Option<&str> = None;
        for (table, definition) in &self.tables {
            let database = table.database.as_str();
            if begun != Some(database) {
                begun = Some(database);
                statements.extend(self.begin_database(database).map(|ddl| (database.to_owned(), ddl)));
            }
            statements.push((database.to_owned(), definition.clone()));
        }
        statements
    }

    fn begin_database(&self, database: &str) -> [String; 3] {
        let name = quoted_name(database);
        let locale = self
            .databases
            .get(database)
            .map_or(String::new(), |Locale { charset, collation }| {
                format!(" CHARSET {charset} COLLATE {collation}")
            });
        [
            format!("DROP DATABASE IF EXISTS {name}"),
            format!("CREATE DATABASE {name}{locale}"),
            format!("USE {name}"),
        ]
    }

    /// Applies all statements to `model` and says what they did, in order.
    ///
    /// # Errors
    /// If a captured table's definition cannot be understood.
    pub fn apply(&self, model: &mut SchemaModel, policy: DdlPolicy<'_>) -> Result<Vec<SchemaChange>, MySqlError> {
        let mut changes = Vec::new();
        for (database, ddl) in self.statements() {
            let session = Session {
                database: &database,
                ..Session::default()
            };
            changes.extend(policy.apply(model, &ddl, session)?);
        }
        Ok(changes)
    }
}

/// Reads the definitions of all tables that `is_wanted`, but none of the server's own databases. The caller holds the lock
/// that keeps them from changing.
pub fn discover(
    connection: &mut Connection,
    is_wanted: impl Fn(&TableId) -> bool,
) -> Result<SnapshotSchema, MySqlError> {
    show_generated_keys(connection);
    let server = connection
        .first::<(String, String)>("SELECT @@character_set_server, @@collation_server")?
        .map(|(charset, collation)| Locale { charset, collation })
        .ok_or_else(|| MySqlError::server("the server does not tell its character set"))?;
    let databases = connection.rows::<(String, String, String)>(
        "SELECT schema_name, default_character_set_name, default_collation_name FROM information_schema.schemata",
    )?;
    let databases = databases
        .into_iter()
        .map(|(name, charset, collation)| (name, Locale { charset, collation }));
    let mut tables = BTreeMap::new();
    for table in list_tables(connection)?.into_iter().filter(is_wanted) {
        let definition = show_create_table(connection, &table)?;
        tables.insert(table, definition);
    }
    Ok(SnapshotSchema {
        server,
        databases: databases.collect(),
        tables,
    })
}

/// Every base table outside of the server's own databases.
fn list_tables(connection: &mut Connection) -> Result<Vec<TableId>, MySqlError> {
    let names = connection.rows::<(String, String)>(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'",
    )?;
    let tables = names.into_iter().filter(|(database, _)| !is_built_in(database));
    Ok(tables.map(|(database, table)| TableId::new(database, table)).collect())
}

fn show_create_table(connection: &mut Connection, table: &TableId) -> Result<String, MySqlError> {
    let definition = connection.first::<(String, String)>(&format!("SHOW CREATE TABLE {}", quoted_id(table)))?;
    definition
        .map(|(_, definition)| definition)
        .ok_or_else(|| MySqlError::schema(format!("the server does not tell the definition of table {table}")))
}

/// Rows have the columns of generated invisible primary keys, so definitions must too. A server may hide them by default;
/// one that does not know the setting has none.
fn show_generated_keys(connection: &mut Connection) {
    let shown = connection.execute("SET SESSION show_gipk_in_create_table_and_information_schema = ON");
    if let Err(error) = shown {
        tracing::debug!(%error, "generated invisible primary keys cannot be made visible");
    }
}

#[cfg(test)]
mod tests;
