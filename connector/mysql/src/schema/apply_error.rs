//! [`ApplyError`]: a statement that does not fit the tables as they are known.

use thiserror::Error;

use crate::table_id::TableId;

/// Why a statement cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ApplyError {
    /// The statement changes or copies a table that was never seen.
    #[error("the definition of table {0} is not known")]
    UnknownTable(TableId),
    /// The statement names a column that the table does not have.
    #[error("table {table} has no column `{column}`")]
    UnknownColumn {
        /// The table.
        table: TableId,
        /// The column.
        column: String,
    },
}

impl ApplyError {
    /// The table has no column of this name.
    pub(super) fn unknown_column(table: &TableId, column: &str) -> Self {
        ApplyError::UnknownColumn {
            table: table.clone(),
            column: column.to_owned(),
        }
    }
}
