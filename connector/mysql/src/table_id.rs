//! [`TableId`]: which table.

use std::fmt;

/// A table's name within a server.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableId {
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
}

impl TableId {
    /// The table `database`.`table`.
    pub fn new(database: impl Into<String>, table: impl Into<String>) -> Self {
        TableId {
            database: database.into(),
            table: table.into(),
        }
    }
}

/// `database.table`, as filters, logs and errors write it.
impl fmt::Display for TableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.database, self.table)
    }
}
