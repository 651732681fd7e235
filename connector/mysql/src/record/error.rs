//! [`RecordError`]: why a table cannot become records.

use connector_api::pattern::Runaway;
use thiserror::Error;

use crate::schema::UnsupportedColumn;
use crate::table_id::TableId;

/// A table whose records cannot be shaped. A person has to change the table or the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecordError {
    /// A column of a type that is not decoded.
    #[error("table {table}: {source}")]
    Unsupported {
        /// The table.
        table: TableId,
        /// The column and the way out.
        source: UnsupportedColumn,
    },
    /// A DEFAULT clause that is not understood; a wrong default would end up in records.
    #[error(
        "table {table}: the DEFAULT of column `{column}` is not understood as {column_type}; \
         change it or leave the column out with column.exclude.list"
    )]
    Default {
        /// The table.
        table: TableId,
        /// The column.
        column: String,
        /// Its declared type.
        column_type: String,
    },
    /// A column of a type that its converter is not for.
    #[error(
        "table {table}: column `{column}` is of type {column_type}, which {selector} of its converter is not for: Debezium's converter for \
         JDBC sinks has TINYINT and BOOLEAN, FLOAT and DOUBLE (a DOUBLE of a key as float64 only) and texts, and a fallback for dates has to \
         be of the column's type; correct the option, or leave the column to no converter"
    )]
    Conversion {
        /// The table.
        table: TableId,
        /// The column.
        column: String,
        /// Its declared type.
        column_type: String,
        /// The option that names it.
        selector: &'static str,
    },
    /// Two columns whose names become one.
    #[error(
        "table {table}: columns `{first}` and `{second}` both become the field `{field}`; \
         set field.name.adjustment.mode=avro_unicode or leave one out with column.exclude.list"
    )]
    SameField {
        /// The table.
        table: TableId,
        /// The column that comes first.
        first: String,
        /// The column that comes later.
        second: String,
        /// The name that both get.
        field: String,
    },
    /// An expression for columns that is never done with a name.
    #[error("table {table}: {runaway} (column.include.list, column.exclude.list, message.key.columns)")]
    Runaway {
        /// The table.
        table: TableId,
        /// The expression and the name.
        runaway: Runaway,
    },
    /// A key of a column that the table does not have.
    #[error("table {table}: its key names the column `{column}`, which it does not have")]
    NoSuchKeyColumn {
        /// The table.
        table: TableId,
        /// The column.
        column: String,
    },
}
