//! [`SnapshotSchema`]: the definitions a snapshot begins with.
//!
//! What [`DefinitionsReader`](super::DefinitionsReader) reads becomes the statements with which Debezium begins its history: the server's character set, a DROP for
//! every table, and per database DROP, CREATE, USE and every table as `SHOW CREATE TABLE` prints it. They are applied and
//! recorded like streamed ones.

use std::collections::BTreeMap;

use super::change::SchemaChange;
use super::statements::{DdlPolicy, Session};
use super::tables::SchemaModel;
use crate::error::MySqlError;
use crate::table_id::{TableId, quoted_name};

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
                format!("DROP TABLE IF EXISTS {}", table.quoted()),
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

#[cfg(test)]
mod tests;
