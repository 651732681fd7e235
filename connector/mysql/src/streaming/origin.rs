//! [`Origin`]: what an offset says beside the position.

use uuid::Uuid;

use super::transaction_metadata::TransactionMetadata;
use crate::binlog::event::EventHeader;
use crate::binlog::transaction::TransactionTracker;
use crate::position::{MySqlOffset, SnapshotFrontier, SnapshotKind};

/// The last event's time and server, and keys of a stored offset that we do not use and carry along.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    ts_sec: Option<i64>,
    server_id: Option<u32>,
    filter: Option<Uuid>,
    carried: serde_json::Map<String, serde_json::Value>,
}

impl Origin {
    /// That of a stored offset.
    pub(super) fn of(offset: MySqlOffset) -> Self {
        Origin {
            ts_sec: offset.ts_sec,
            server_id: offset.server_id,
            filter: offset.filter,
            carried: offset.carried,
        }
    }

    /// The lists of captured tables that every prepared XA transaction was judged by.
    pub(super) fn judged_by(&mut self, filter: Uuid) {
        self.filter = Some(filter);
    }

    /// An event was read.
    pub(super) fn note(&mut self, header: &EventHeader) {
        // What a server invents for a dump has no time.
        if header.timestamp != 0 {
            self.ts_sec = Some(i64::from(header.timestamp));
            self.server_id = Some(header.server_id);
        }
    }

    /// The offset from which the stream could resume now; inside of a snapshot with its frontier, and inside of a transaction with
    /// what is told of it.
    pub(super) fn offset(
        &self,
        tracker: &TransactionTracker,
        frontier: Option<&SnapshotFrontier>,
        metadata: Option<&TransactionMetadata>,
    ) -> MySqlOffset {
        let mut carried = self.carried.clone();
        if let Some(metadata) = metadata {
            metadata.store(&mut carried);
        }
        MySqlOffset {
            position: tracker.position(),
            ts_sec: self.ts_sec,
            server_id: self.server_id,
            snapshot: frontier.map(|_| SnapshotKind::Initial),
            snapshot_completed: false,
            frontier: frontier.cloned(),
            filter: self.filter,
            carried,
        }
    }
}
