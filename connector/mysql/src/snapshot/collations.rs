//! [`collations`]: how the server orders the text columns of a table.

use std::collections::HashMap;

use super::key_collector::hex;
use crate::error::MySqlError;
use crate::schema::{Column, ColumnType, TableSchema};
use crate::server::Connection;

/// Character set and collation of every text column of `table`, by the column's name. Asked for only where the order of the
/// table's key depends on it.
pub fn collations(
    connection: &mut Connection,
    table: &TableSchema,
) -> Result<HashMap<String, (String, String)>, MySqlError> {
    let is_text = |column: &Column| matches!(ColumnType::of(column), Ok(ColumnType::Text { .. }));
    let is_of_key = |column: &Column| table.key.iter().any(|name| column.name.eq_ignore_ascii_case(name));
    if !table.columns.iter().any(|column| is_of_key(column) && is_text(column)) {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, String, String)> = connection.rows(&format!(
        "SELECT column_name, character_set_name, collation_name FROM information_schema.columns \
         WHERE table_schema = _utf8mb4 x'{}' AND table_name = _utf8mb4 x'{}' AND collation_name IS NOT NULL",
        hex(table.id.database.as_bytes()),
        hex(table.id.table.as_bytes())
    ))?;
    Ok(rows
        .into_iter()
        .map(|(column, charset, collation)| (column, (charset, collation)))
        .collect())
}
