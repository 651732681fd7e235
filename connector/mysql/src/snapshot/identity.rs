//! [`check_identity`]: whether a table is still the one that a view has under its name.
//!
//! A view keeps rows, not names. Where a table was renamed away since the view opened and another got its name, as online
//! schema changes do, the name reads the *other* table in the view: rows of the first would be missed.

use super::key_collector::hex;
use super::lock::quoted;
use crate::error::MySqlError;
use crate::schema::TableId;
use crate::server::{Connection, ConnectionOptions};

/// Holds `table` under its name in the session of `view` until the view ends, and fails if it is not the view's own.
///
/// The view's session sees the data dictionary as of the view, a new one as it is.
///
/// # Errors
/// A retriable one if the table was replaced: the snapshot goes on in a fresh view.
pub fn check_identity(view: &mut Connection, options: &ConnectionOptions, table: &TableId) -> Result<(), MySqlError> {
    // The metadata lock of a transaction: no statement renames the table from here on.
    let hold = format!("SELECT 1 FROM {} LIMIT 0", quoted(table));
    view.execute(&hold).map_err(|error| is_gone(table).caused_by(error))?;
    let created = format!(
        "SELECT CAST(create_time AS CHAR) FROM information_schema.tables \
         WHERE table_schema = _utf8mb4 x'{}' AND table_name = _utf8mb4 x'{}'",
        hex(table.database.as_bytes()),
        hex(table.table.as_bytes())
    );
    let in_view: Option<Option<String>> = view.first(&created)?;
    let mut session = Connection::open(options)?;
    let now: Option<Option<String>> = session.first(&created)?;
    session.close();
    if in_view == now { Ok(()) } else { Err(is_gone(table)) }
}

fn is_gone(table: &TableId) -> MySqlError {
    MySqlError::connection(format!(
        "table {table} was altered, renamed or replaced since the snapshot's view opened, so it goes on in a fresh view"
    ))
}
