//! Why the stream cannot go on, with the table and the place in the binlog.

use std::fmt;

use connector_api::{SinkError, TaskError};

use crate::binlog::transaction::TransactionTracker;
use crate::error::MySqlError;
use crate::record::{RowImages, TableRecords};
use crate::schema::TableId;
use crate::snapshot::KeyCollector;

/// A change of rows of `table`, or of any, that is a statement in the binlog.
pub(super) fn logged_as_text(table: Option<&TableId>, tracker: &TransactionTracker) -> MySqlError {
    let table = table.map_or("a table".to_owned(), ToString::to_string);
    MySqlError::decode(format!(
        "rows of {table} were changed by a statement that is logged as text at {}, so the changed rows are not in the \
         binlog; set binlog_format=ROW for every session, and take a new snapshot",
        tracker.streamed()
    ))
}

/// An update with differences instead of documents.
pub(super) fn partial_json(table: &TableId, tracker: &TransactionTracker) -> MySqlError {
    MySqlError::decode(format!(
        "an update of {table} at {} logs only differences of JSON columns, which is not supported; unset \
         binlog_row_value_options=PARTIAL_JSON for every session, and take a new snapshot to go on behind this change",
        tracker.streamed()
    ))
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

/// Rows that cannot be read, or a statement; the error says why.
pub(super) fn undecodable(error: &dyn fmt::Display, tracker: &TransactionTracker) -> TaskError {
    MySqlError::decode(format!("{error}, at {}", tracker.streamed())).into()
}
