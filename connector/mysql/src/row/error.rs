//! [`RowError`]: why the rows of a table cannot be read.

use thiserror::Error;

use crate::error::{ErrorPlace, MySqlError};
use crate::table_id::TableId;

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
    /// A document of which only the differences are logged.
    #[error(
        "column `{column}` of {table}: an UPDATE logged only what it changed inside of the document \
         (binlog_row_value_options=PARTIAL_JSON, which a session can set), and such differences are not applied; set it to '' for \
         the session or account that runs the UPDATE; to go on behind it, stop the connector, delete its offsets and resume it, \
         which takes a new snapshot"
    )]
    Difference {
        /// The table.
        table: TableId,
        /// The column.
        column: String,
    },
    /// Bytes that no server writes, or a later one.
    #[error("a row of {table} cannot be read: {fault}")]
    Invalid {
        /// The table.
        table: TableId,
        /// What is wrong with it.
        fault: &'static str,
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

impl RowError {
    fn place(&self) -> ErrorPlace {
        match self {
            RowError::Definition { table, .. } | RowError::Invalid { table, .. } => ErrorPlace::Table(table.clone()),
            RowError::Unsupported { table, column, .. }
            | RowError::PartialImage { table, column }
            | RowError::Difference { table, column }
            | RowError::Truncated { table, column } => ErrorPlace::Column(table.clone(), column.clone()),
        }
    }
}

impl From<RowError> for MySqlError {
    fn from(error: RowError) -> Self {
        MySqlError::decode(error.to_string()).at(error.place())
    }
}
