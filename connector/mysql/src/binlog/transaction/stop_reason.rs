//! Why a [`TransactionTracker`] stops: each reason with its place and the way out.

use super::TransactionTracker;
use crate::error::MySqlError;

impl TransactionTracker {
    pub(super) fn broken(&self, what: &str) -> MySqlError {
        MySqlError::decode(format!(
            "{what} where the transaction at {} should go on: part of the transaction is missing from the binlog; \
             look at the place with mysqlbinlog, and take a new snapshot if changes were lost",
            self.streamed
        ))
        .at(&self.streamed)
    }

    pub(super) fn without_beginning(&self, what: &str) -> MySqlError {
        MySqlError::decode(format!(
            "{what} without a transaction at {}: the beginning of the transaction is missing from the binlog; look at the \
             place with mysqlbinlog, and take a new snapshot if changes were lost",
            self.streamed
        ))
        .at(&self.streamed)
    }

    pub(super) fn xa_change(&self, statement: &str) -> MySqlError {
        MySqlError::decode(format!(
            "an XA transaction in two phases ({statement}) changes a captured table at {}: its rows stand in the binlog before \
             it is known whether it commits, so they are not streamed; change captured tables in ordinary transactions or commit in one \
             phase (XA COMMIT .. ONE PHASE), and take a new snapshot to go on behind this one",
            self.streamed
        ))
        .at(&self.streamed)
    }

    pub(super) fn rolled_back(&self, statement: &str) -> MySqlError {
        MySqlError::decode(format!(
            "{statement} at {} takes back rows of captured tables that were streamed already; this happens when a \
             transaction mixes transactional and other tables; take a new snapshot to go on",
            self.streamed
        ))
        .at(&self.streamed)
    }

    pub(super) fn incident(&self, message: &[u8]) -> MySqlError {
        MySqlError::decode(format!(
            "the server reports at {} that changes may be missing from its binlog ({}); take a new snapshot to go on",
            self.streamed,
            String::from_utf8_lossy(message)
        ))
        .at(&self.streamed)
    }

    pub(super) fn unknown(&self, type_code: u8) -> MySqlError {
        MySqlError::decode(format!(
            "the event at {} is of type {type_code}, which this version does not know and which may not be skipped",
            self.streamed
        ))
        .at(&self.streamed)
    }
}
