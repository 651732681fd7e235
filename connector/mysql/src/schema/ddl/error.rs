//! [`DdlError`]: a statement that could not be understood.

use thiserror::Error;

use crate::table_id::TableId;

/// A statement that could not be understood, and the tables it is known to touch.
///
/// Whether it matters depends on those tables: one that touches no captured table never stops anything.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct DdlError {
    /// What was expected where, without the statement.
    pub reason: String,
    /// The tables that the statement changes, as far as they could be read.
    pub tables: Vec<TableId>,
}

impl DdlError {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        DdlError {
            reason: reason.into(),
            tables: Vec::new(),
        }
    }
}
