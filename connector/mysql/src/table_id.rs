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

    /// The name in a statement: `` `database`.`table` ``.
    pub fn quoted(&self) -> String {
        format!("{}.{}", quoted_name(&self.database), quoted_name(&self.table))
    }
}

/// A name in a statement: in backticks, with those in it doubled.
pub fn quoted_name(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// `database.table`, as filters, logs and errors write it.
impl fmt::Display for TableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.database, self.table)
    }
}
