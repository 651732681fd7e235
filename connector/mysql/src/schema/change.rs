//! [`SchemaChange`]: a statement and what it did to tables, as the schema history and the schema-change topic hold it.

use std::sync::Arc;

use super::table::TableSchema;
use crate::table_id::TableId;

/// What a statement did to one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableChange {
    /// The table exists now, like this.
    Create(Arc<TableSchema>),
    /// The table is now like this.
    Alter {
        /// The table.
        table: Arc<TableSchema>,
        /// Its name before, if that was another.
        previous: Option<TableId>,
    },
    /// The table is gone.
    Drop(TableId),
}

/// What a statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The server's own settings.
    Server,
    /// A database.
    Database,
    /// Tables that are known.
    Tables,
    /// Something else, or tables that are not known.
    Other,
}

/// One statement about one database. A statement about several tables becomes several of these where Debezium splits
/// it (`DROP TABLE a, b`, `RENAME TABLE`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaChange {
    /// The database; empty for the server's own settings.
    pub database: String,
    /// The statement.
    pub ddl: String,
    /// What it is about.
    pub subject: Subject,
    /// Every table that the whole statement is about in this database, in the order in which `source.table` lists them.
    pub source_tables: Vec<TableId>,
    /// What it did.
    pub changes: Vec<TableChange>,
    /// What else it names: of these nothing is known, or nothing that is known has changed.
    pub named: Vec<Named>,
    /// Who reads it.
    pub audience: Audience,
}

/// Something that a statement names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// A table, perhaps one that is not known.
    Table(TableId),
    /// A database.
    Database(String),
}

/// Who reads of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The schema history, and those who read the schema-change topic.
    Everybody,
    /// The schema-change topic alone.
    Topic,
    /// The schema history alone: what is known of a table after a restart depends on it, and Debezium publishes nothing.
    History,
}
