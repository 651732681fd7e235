//! [`Omissions`]: rows of captured tables whose definition is not known, left out because `inconsistent.schema.handling.mode`
//! asks for that. None is left out unseen: the log names table and transaction, and a metric counts the events.

use std::collections::BTreeSet;

use tracing::warn;

use crate::config::UndefinedRows;
use crate::metrics::StreamMetrics;
use crate::position::StreamedPosition;
use crate::table_id::TableId;

/// What is left out of one stream.
pub(super) struct Omissions {
    mode: UndefinedRows,
    /// The tables that were warned of.
    warned: BTreeSet<TableId>,
}

impl Omissions {
    pub(super) fn new(mode: UndefinedRows) -> Self {
        Omissions {
            mode,
            warned: BTreeSet::new(),
        }
    }

    /// The rows of an event are left out.
    pub(super) fn note(&mut self, table: &TableId, place: &StreamedPosition, metrics: &StreamMetrics) {
        metrics.erroneous();
        let is_first = !self.warned.contains(table);
        if is_first {
            self.warned.insert(table.clone());
        }
        if is_first || self.mode == UndefinedRows::LeaveOut {
            warn!(
                %table,
                %place,
                "left out rows of a captured table whose definition is not in the schema history, as \
                 inconsistent.schema.handling.mode asks; exclude the table, or take a new snapshot"
            );
        }
    }
}
