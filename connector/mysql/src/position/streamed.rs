//! [`StreamedPosition`]: how far the stream was read. For people, never for an offset.

use std::fmt;

use super::binlog_position::BinlogPosition;
use super::gtid::Gtid;

/// The end of the last event read, and the transaction it belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamedPosition {
    /// The end of the last event.
    pub binlog: BinlogPosition,
    /// The open transaction, or the last one.
    pub gtid: Option<Gtid>,
}

/// `binlog.000002:1234, transaction uuid:7`.
impl fmt::Display for StreamedPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.binlog.fmt(f)?;
        match &self.gtid {
            Some(gtid) => write!(f, ", transaction {gtid}"),
            None => Ok(()),
        }
    }
}
