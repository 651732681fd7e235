//! [`Change`]: one change of one row, borrowed from whoever read it.

use connector_api::data::WriteValue;

use super::source_info::SourceInfo;
use super::transaction::TransactionPlace;
use crate::event_time::EventTime;

/// The rows of one change, each a struct whose field `i` is column `i` of the table.
#[derive(Clone, Copy)]
pub enum RowImages<'a> {
    /// A row that a snapshot has read.
    Read(&'a dyn WriteValue),
    /// A row that was inserted.
    Insert(&'a dyn WriteValue),
    /// A row that was updated.
    Update {
        /// The row before.
        before: &'a dyn WriteValue,
        /// The row after.
        after: &'a dyn WriteValue,
    },
    /// A row that was deleted.
    Delete(&'a dyn WriteValue),
}

/// One change of one row.
#[derive(Clone, Copy)]
pub struct Change<'a> {
    /// The rows.
    pub images: RowImages<'a>,
    /// Where it comes from.
    pub source: &'a SourceInfo<'a>,
    /// Its place in its transaction, if that is told.
    pub transaction: Option<TransactionPlace<'a>>,
    /// When it is handled: one reading of the clock for all of its records.
    pub handled_at: EventTime,
}
