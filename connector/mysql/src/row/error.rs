//! [`RowError`]: why the rows of a table cannot be read.

use thiserror::Error;

use crate::schema::TableId;

/// Rows that cannot be read. None of these heals by itself, and none contains a value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RowError {
    /// What is known of the table is not what the server sends: decoding would shift or misread columns.
    #[error(
        "table definition does not match the rows of {table}: {detail}; the table was changed without a statement in the \
         binlog (sql_log_bin=0?), or a statement was misunderstood: compare SHOW CREATE TABLE, and take a new snapshot"
    )]
    Definition {
        /// The table.
        table: TableId,
        /// Which column, what is known and what came.
        detail: String,
    },
    /// A column has a form that is not read.
    #[error("column `{column}` of {table}: {reason}")]
    Unsupported {
        /// The table.
        table: TableId,
        /// The column.
        column: String,
        /// What is not supported, and the way out.
        reason: &'static str,
    },
    /// A row lacks columns.
    #[error(
        "a row of {table} lacks column `{column}`: it was written with binlog_row_image other than FULL \
         (a session can set it); set it to FULL everywhere, and start again with a new snapshot"
    )]
    PartialImage {
        /// The table.
        table: TableId,
        /// The first column that is missing.
        column: String,
    },
    /// The bytes end within a row.
    #[error("a row of {table} ends within column `{column}`")]
    Truncated {
        /// The table.
        table: TableId,
        /// The column.
        column: String,
    },
}
