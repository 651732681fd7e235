//! [`DefinitionsReader`]: reads the definitions that a snapshot begins with, and holds no lock for it.
//!
//! `SHOW CREATE TABLE` takes a server a millisecond or more for each table, and thousands of them under a read lock are an
//! outage. So every definition is read before the lock, together with a mark of it: what `information_schema` says of the table,
//! boiled down. Under the lock only the marks are read again, with a few statements for all tables, and the definitions of
//! captured tables whose marks have changed meanwhile. What has changed of other tables is read after the lock; it may then be
//! ahead of the snapshot's position, which the statements in between, applied once more, do no harm to.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::snapshot_schema::{Locale, SnapshotSchema};
use crate::config::is_built_in;
use crate::error::MySqlError;
use crate::server::{ANSWER, Connection};
use crate::table_id::TableId;

/// `ER_NO_SUCH_TABLE` and `ER_BAD_DB_ERROR`: it was dropped since it was listed.
const IS_GONE: [u16; 2] = [1146, 1049];

/// How long the session may wait for the lock.
const IDLE: Duration = Duration::from_secs(3600);

/// How long the definition of one table may take: an ALTER or a lock of it is waited for. After that the snapshot begins anew.
const ONE_TABLE: Duration = Duration::from_secs(60);

/// What tells one definition of a table from another.
type Mark = String;

/// Definitions in the making.
pub struct DefinitionsReader<'a> {
    session: Connection,
    is_wanted: &'a dyn Fn(&TableId) -> bool,
    is_stopping: &'a dyn Fn() -> bool,
    marks: BTreeMap<TableId, Mark>,
    tables: BTreeMap<TableId, String>,
}

impl<'a> DefinitionsReader<'a> {
    /// Reads the definitions of all tables that `is_wanted`, as they are now, but none of the server's own databases.
    pub fn begin(
        mut session: Connection,
        is_wanted: &'a dyn Fn(&TableId) -> bool,
        is_stopping: &'a dyn Fn() -> bool,
    ) -> Result<Self, MySqlError> {
        show_generated_keys(&mut session);
        // The lock may have to be waited for.
        session.may_be_idle_for(IDLE)?;
        let mut reader = DefinitionsReader {
            session,
            is_wanted,
            is_stopping,
            marks: BTreeMap::new(),
            tables: BTreeMap::new(),
        };
        reader.read_again(&|_| true)?;
        Ok(reader)
    }

    /// Brings those tables up to date that `is_captured`. The caller holds a lock that keeps them from changing.
    pub fn settle(&mut self, is_captured: &dyn Fn(&TableId) -> bool) -> Result<(), MySqlError> {
        self.read_again(is_captured)
    }

    /// Those of some tables alone. What a server prints of a table depends on no default of it.
    pub fn of<'t>(&self, tables: impl Iterator<Item = &'t TableId>) -> SnapshotSchema {
        let known = tables.filter_map(|table| Some((table.clone(), self.tables.get(table)?.clone())));
        SnapshotSchema {
            server: Locale {
                charset: "utf8mb4".to_owned(),
                collation: "utf8mb4_bin".to_owned(),
            },
            databases: BTreeMap::new(),
            tables: known.collect(),
        }
    }

    /// Brings the other tables up to date and gives the definitions of all.
    pub fn finish(mut self, is_captured: &dyn Fn(&TableId) -> bool) -> Result<SnapshotSchema, MySqlError> {
        self.read_again(&|table| !is_captured(table))?;
        let server = self
            .session
            .first::<(String, String)>("SELECT @@character_set_server, @@collation_server")?
            .map(|(charset, collation)| Locale { charset, collation })
            .ok_or_else(|| MySqlError::server("the server does not tell its character set"))?;
        let databases = self.session.rows::<(String, String, String)>(
            "SELECT schema_name, default_character_set_name, default_collation_name FROM information_schema.schemata",
        )?;
        let databases = databases
            .into_iter()
            .map(|(name, charset, collation)| (name, Locale { charset, collation }));
        let schema = SnapshotSchema {
            server,
            databases: databases.collect(),
            tables: self.tables,
        };
        self.session.close();
        Ok(schema)
    }

    /// Reads what `concerns` us and is no longer as it is known to be.
    fn read_again(&mut self, concerns: &dyn Fn(&TableId) -> bool) -> Result<(), MySqlError> {
        let marks = marks(&mut self.session, &|table| (self.is_wanted)(table) && concerns(table))?;
        let known: BTreeSet<TableId> = self.marks.keys().filter(|table| concerns(table)).cloned().collect();
        for table in known.iter().filter(|table| !marks.contains_key(*table)) {
            self.forget(table);
        }
        for (table, mark) in marks {
            if self.marks.get(&table) == Some(&mark) {
                continue;
            }
            if (self.is_stopping)() {
                return Err(MySqlError::connection(
                    "the task was stopped while it read the definitions of tables",
                ));
            }
            match show_create_table(&mut self.session, &table)? {
                Some(definition) => {
                    self.tables.insert(table.clone(), definition);
                    self.marks.insert(table, mark);
                }
                None => self.forget(&table),
            }
        }
        Ok(())
    }

    fn forget(&mut self, table: &TableId) {
        self.marks.remove(table);
        self.tables.remove(table);
    }
}

/// What `information_schema` says of a table itself.
const OF_TABLES: &str = "SELECT table_schema, table_name, \
     CONCAT_WS('|', engine, table_collation, table_comment, create_options, create_time) \
     FROM information_schema.tables WHERE table_type = 'BASE TABLE'";
/// And of its columns and its indexes. A sum of check sums does not depend on the order of rows.
const OF_PARTS: [(&str, &str); 2] = [
    (
        "columns",
        "ordinal_position, column_name, IFNULL(column_default, '~'), is_nullable, column_type, IFNULL(collation_name, '~'), \
         column_key, extra, column_comment, generation_expression",
    ),
    (
        "statistics",
        "index_name, seq_in_index, non_unique, IFNULL(column_name, '~'), IFNULL(sub_part, 0)",
    ),
];

/// The marks of every base table that `concerns` us, none of them in the server's own databases.
fn marks(session: &mut Connection, concerns: &dyn Fn(&TableId) -> bool) -> Result<BTreeMap<TableId, Mark>, MySqlError> {
    let mut marks: BTreeMap<TableId, Mark> = read_marks(session, OF_TABLES)?
        .filter(|(table, _)| !is_built_in(&table.database) && concerns(table))
        .collect();
    let databases: BTreeSet<String> = marks.keys().map(|table| quoted_text(&table.database)).collect();
    if databases.is_empty() {
        return Ok(marks);
    }
    let databases = databases.into_iter().collect::<Vec<_>>().join(", ");
    for (what, columns) in OF_PARTS {
        let statement = format!(
            "SELECT table_schema, table_name, CAST(SUM(CRC32(CONCAT_WS('|', {columns}))) AS CHAR) \
             FROM information_schema.{what} WHERE table_schema IN ({databases}) GROUP BY table_schema, table_name"
        );
        for (table, more) in read_marks(session, &statement)? {
            if let Some(mark) = marks.get_mut(&table) {
                mark.push('|');
                mark.push_str(&more);
            }
        }
    }
    Ok(marks)
}

fn read_marks(
    session: &mut Connection,
    sql: &str,
) -> Result<impl Iterator<Item = (TableId, Mark)> + use<>, MySqlError> {
    let rows = session.rows::<(String, String, Option<String>)>(sql)?;
    Ok(rows
        .into_iter()
        .map(|(database, table, mark)| (TableId::new(database, table), mark.unwrap_or_default())))
}

/// A string as SQL spells it in every SQL mode.
fn quoted_text(text: &str) -> String {
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("_utf8mb4 x'{hex}'")
}

/// `None` if the table is gone.
fn show_create_table(session: &mut Connection, table: &TableId) -> Result<Option<String>, MySqlError> {
    let statement = format!("SHOW CREATE TABLE {}", table.quoted());
    session.answers_within(ONE_TABLE);
    let shown = session.rows_if_allowed::<(String, String)>(&statement)?;
    session.answers_within(ANSWER);
    match shown {
        Ok(rows) => match rows.into_iter().next() {
            Some((_, definition)) => Ok(Some(definition)),
            None => {
                Err(MySqlError::schema(format!("the server does not tell the definition of table {table}")).at(table))
            }
        },
        Err(refusal) if IS_GONE.contains(&refusal.code) => Ok(None),
        Err(refusal) => Err(session.refused(&statement, refusal)),
    }
}

/// Rows have the columns of generated invisible primary keys, so definitions must too. A server may hide them by default;
/// one that does not know the setting has none.
fn show_generated_keys(connection: &mut Connection) {
    let shown = connection.execute("SET SESSION show_gipk_in_create_table_and_information_schema = ON");
    if let Err(error) = shown {
        tracing::debug!(%error, "generated invisible primary keys cannot be made visible");
    }
}
