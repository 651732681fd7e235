//! [`Viewpoint`]: where in the stream a snapshot's view stands, and the offsets that follow from it.

use serde_json::{Map, Value};

use crate::event_time::EventTime;
use crate::position::{MySqlOffset, ResumablePosition, SnapshotFrontier, SnapshotKind};
use crate::record::{SnapshotMarker, SourceInfo};

/// What is the same for all rows of a view.
pub(super) struct Viewpoint {
    /// Everything up to here is in the view.
    pub(super) position: ResumablePosition,
    /// The server's clock when the view was opened.
    pub(super) taken_at: EventTime,
    /// Keys of the stored offset that we do not use; they are carried along.
    pub(super) carried: Map<String, Value>,
}

impl Viewpoint {
    /// An offset inside of the snapshot; one without a frontier makes it begin again.
    pub(super) fn snapshot_offset(&self, frontier: Option<SnapshotFrontier>) -> MySqlOffset {
        MySqlOffset {
            snapshot: Some(SnapshotKind::Initial),
            frontier,
            ..self.streaming_offset()
        }
    }

    /// The offset of the view's position.
    pub(super) fn streaming_offset(&self) -> MySqlOffset {
        MySqlOffset {
            ts_sec: Some(self.taken_at.millis() / 1000),
            carried: self.carried.clone(),
            ..MySqlOffset::streaming(self.position.clone())
        }
    }

    /// What it says of its rows; whose they are is the caller's to add.
    pub(super) fn source(&self) -> SourceInfo<'_> {
        SourceInfo {
            name: "",
            committed_at: self.taken_at,
            snapshot: SnapshotMarker::Within,
            database: "",
            table: None,
            server_id: 0,
            gtid: None,
            file: &self.position.binlog.file,
            position: self.position.binlog.position,
            row: 0,
            thread: None,
            query: None,
        }
    }
}
