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
    /// The BEGIN of the transaction that is partly sent, or the end of the last one. A server that cannot be asked by set is
    /// asked from here, or from a little before it ([`asked_from`](ResumablePosition::asked_from)).
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
    /// Where its GTID event begins, in the file of its BEGIN; unknown where it was not read.
    pub announced_at: Option<u64>,
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

    /// The same behind those of the `purged` transactions that nobody wants: no server need have them.
    #[must_use]
    pub fn past(mut self, purged: &GtidSet, is_wanted: &dyn Fn(&Uuid) -> bool) -> Self {
        if let Some(gtids) = &mut self.gtids {
            gtids.join(&purged.of_sources(|source| !is_wanted(source)));
        }
        self
    }

    /// From where a server sends what follows, asked by file and position: a transaction that is partly sent with its GTID
    /// event, if we know where that is, so that its name and its time come again, too.
    pub fn asked_from(&self) -> BinlogPosition {
        let is_before = |announced_at: &u64| *announced_at < self.binlog.position;
        let announced_at = self.open.as_ref().and_then(|open| open.announced_at).filter(is_before);
        BinlogPosition {
            position: announced_at.unwrap_or(self.binlog.position),
            ..self.binlog.clone()
        }
    }
}
