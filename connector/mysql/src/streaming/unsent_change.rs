//! Why the stream cannot go on, with the table and the place in the binlog.

use connector_api::{SinkError, TaskError};

use crate::binlog::event::QueryEvent;
use crate::binlog::transaction::TransactionTracker;
use crate::error::MySqlError;
use crate::record::{RowImages, TableRecords};
use crate::schema::Footprint;
use crate::snapshot::KeyCollector;
use crate::table_id::TableId;

/// What helps behind a change whose rows are not in the binlog.
const LOGGED_AS_TEXT: &str = "set binlog_format=ROW for the session or account that runs such statements; to go on behind \
                              this one, stop the connector, delete its offsets and resume it, which takes a new snapshot";

/// A change of rows of captured tables that is a statement in the binlog.
pub(super) fn changed_by_text(
    tables: &[TableId],
    query: &QueryEvent<'_>,
    footprint: &Footprint,
    tracker: &TransactionTracker,
) -> MySqlError {
    let tables: Vec<String> = tables.iter().map(ToString::to_string).collect();
    MySqlError::decode(format!(
        "rows of {} were changed by a statement that is logged as text, so the changed rows are not in the binlog: {}; \
         {LOGGED_AS_TEXT}",
        tables.join(", "),
        quoted(query, footprint, tracker)
    ))
    .at(tracker.streamed())
}

/// A statement in the binlog that may have changed rows of captured tables.
pub(super) fn perhaps_changed_by_text(
    query: &QueryEvent<'_>,
    footprint: &Footprint,
    why: &str,
    tracker: &TransactionTracker,
) -> MySqlError {
    let tables: Vec<String> = footprint.writes.iter().flatten().map(ToString::to_string).collect();
    let writes = match tables.is_empty() {
        true => String::new(),
        false => format!(", which writes to {},", tables.join(", ")),
    };
    MySqlError::decode(format!(
        "a statement that is logged as text{writes} may have changed captured tables: {why}; its rows are not in the binlog: \
         {}; {LOGGED_AS_TEXT}",
        quoted(query, footprint, tracker)
    ))
    .at(tracker.streamed())
}

/// A statement without its values, and its place.
fn quoted(query: &QueryEvent<'_>, footprint: &Footprint, tracker: &TransactionTracker) -> String {
    let database = match query.database {
        "" => String::new(),
        database => format!(", run in database {database}"),
    };
    format!("\"{}\"{database}, at {}", footprint.outline, tracker.streamed())
}

/// A change that the worker did not take, with its place.
pub(super) fn unsent(
    error: SinkError,
    table: &TableId,
    images: RowImages<'_>,
    records: &TableRecords,
    tracker: &TransactionTracker,
) -> TaskError {
    let key = key_of(images, records);
    let place = tracker.streamed();
    error.at(format!("of {table} with the key {key}, at {place}")).into()
}

/// The key of a change as text, for an error.
fn key_of(images: RowImages<'_>, records: &TableRecords) -> String {
    let row = match images {
        RowImages::Read(row) | RowImages::Insert(row) | RowImages::Delete(row) => row,
        RowImages::Update { after, .. } => after,
    };
    match KeyCollector::collect(row, records.key_columns()) {
        Ok(key) if !key.is_empty() => key.join(", "),
        _ => "(none)".to_owned(),
    }
}
