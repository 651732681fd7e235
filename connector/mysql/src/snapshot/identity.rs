//! Whether a table is still the one that a view has under its name.
//!
//! A view keeps rows, not names. Where a table was renamed away since the view opened and another got its name, as online
//! schema changes do, the name reads the *other* table in the view: rows of the first would be missed.

use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use super::key_collector::hex;
use super::lock::quoted;
use crate::error::MySqlError;
use crate::schema::TableId;
use crate::server::{Connection, ConnectionOptions};

/// Holds `table` under its name in the view's session until the view ends. Waits for statements that change the table.
pub(super) async fn hold(view: &mut Conn, table: &TableId) -> Result<(), mysql_async::Error> {
    // The metadata lock of a transaction: no statement renames the table from here on.
    view.query_drop(format!("SELECT 1 FROM {} LIMIT 0", quoted(table)))
        .await
}

/// When the table of this name was created, as the view's session sees it: the data dictionary is that of the view.
pub(super) async fn age_in_view(
    view: &mut Conn,
    table: &TableId,
) -> Result<Option<Option<String>>, mysql_async::Error> {
    view.query_first(created(table)).await
}

/// The same as it is now, in a session of its own. Blocks.
pub(super) fn age_now(options: &ConnectionOptions, table: &TableId) -> Result<Option<Option<String>>, MySqlError> {
    let mut session = Connection::open(options)?;
    let now = session.first(&created(table));
    session.close();
    now
}

fn created(table: &TableId) -> String {
    format!(
        "SELECT CAST(create_time AS CHAR) FROM information_schema.tables \
         WHERE table_schema = _utf8mb4 x'{}' AND table_name = _utf8mb4 x'{}'",
        hex(table.database.as_bytes()),
        hex(table.table.as_bytes())
    )
}

/// A retriable failure: the snapshot goes on in a fresh view.
pub(super) fn replaced(table: &TableId) -> MySqlError {
    MySqlError::connection(format!(
        "table {table} was altered or replaced since the snapshot's view opened, so it goes on in a fresh view"
    ))
}
