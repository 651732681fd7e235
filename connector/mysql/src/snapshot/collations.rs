//! [`collations`]: how the server orders the text columns of a table.

use std::collections::HashMap;

use super::key_collector::hex;
use crate::error::MySqlError;
use crate::schema::TableId;
use crate::server::Connection;

/// Character set and collation of every text column of `table`, by the column's name.
pub fn collations(
    connection: &mut Connection,
    table: &TableId,
) -> Result<HashMap<String, (String, String)>, MySqlError> {
    let rows: Vec<(String, String, String)> = connection.rows(&format!(
        "SELECT column_name, character_set_name, collation_name FROM information_schema.columns \
         WHERE table_schema = _utf8mb4 x'{}' AND table_name = _utf8mb4 x'{}' AND collation_name IS NOT NULL",
        hex(table.database.as_bytes()),
        hex(table.table.as_bytes())
    ))?;
    Ok(rows
        .into_iter()
        .map(|(column, charset, collation)| (column, (charset, collation)))
        .collect())
}
