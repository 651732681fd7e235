//! [`ResumablePosition`]: where a new stream can begin.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::binlog_position::BinlogPosition;
use super::gtid::Gtid;
use super::gtid_set::GtidSet;

/// A position without loss or repetition (see the [module](super)).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResumablePosition {
    /// Every transaction that is completely behind us; `None` where the server has no GTIDs.
    pub gtids: Option<GtidSet>,
    /// The BEGIN of the transaction that is partly sent, or the end of the last one.
    pub binlog: BinlogPosition,
    /// The server on which `binlog` and the counts of events mean something; unknown in an offset of Debezium's.
    pub server_uuid: Option<Uuid>,
    /// What was sent of the transaction that begins at `binlog`.
    pub open: Option<PartlySent>,
    /// Transactions partly sent by an earlier server, and the captured changes sent of each. The present server has not
    /// sent their rest yet.
    pub waiting: BTreeMap<Gtid, u64>,
}

/// How much of a transaction was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartlySent {
    /// Its GTID; unknown in an offset of Debezium's and on servers without GTIDs.
    pub gtid: Option<Gtid>,
    /// Events since BEGIN, itself included, that are completely done.
    pub events: u64,
    /// Rows done of the next event.
    pub rows: u64,
    /// Row changes of captured tables that were sent; unknown in an offset of Debezium's.
    pub changes: Option<u64>,
}

impl ResumablePosition {
    /// A position between transactions.
    pub fn between(gtids: Option<GtidSet>, binlog: BinlogPosition, server_uuid: Option<Uuid>) -> Self {
        ResumablePosition {
            gtids,
            binlog,
            server_uuid,
            ..ResumablePosition::default()
        }
    }
}
