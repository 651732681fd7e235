//! [`PhaseParts`]: what one phase of a task hands to the next, and how the stream is started from it.

use std::sync::Arc;

use connector_api::TaskContext;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::heartbeat::Heartbeat;
use super::streaming_phase::Streaming;
use crate::captured::CapturedTables;
use crate::config::{MySqlConfig, SnapshotBegins};
use crate::error::MySqlError;
use crate::metrics::StreamMetrics;
use crate::position::MySqlOffset;
use crate::record::TransactionRecords;
use crate::streaming::{Definitions, Follower, FollowerParts, FormerFilter, Replica};

/// What every phase hands to the next.
pub(super) struct PhaseParts {
    pub(super) config: Arc<MySqlConfig>,
    pub(super) context: Arc<dyn TaskContext>,
    pub(super) server_id: u32,
    pub(super) replica_uuid: Uuid,
}

/// In an offset: by which start of the task its snapshot was begun.
const BEGUN_BY: &str = "rowmill_begun_by";

impl PhaseParts {
    /// Keys of the offsets of a snapshot that begins now.
    pub(super) fn begins(&self) -> Map<String, Value> {
        let mut carried = Map::new();
        if self.config.snapshot_mode.begins == SnapshotBegins::AtEveryStart {
            carried.insert(BEGUN_BY.to_owned(), self.context.start().into());
        }
        carried
    }

    /// Whether the snapshot of this very start has begun.
    pub(super) fn has_begun(&self, offset: &MySqlOffset) -> bool {
        let begun_by = offset.carried.get(BEGUN_BY).and_then(Value::as_str);
        begun_by == Some(self.context.start())
    }

    /// Starts the stream at `offset`.
    pub(super) fn stream(
        &self,
        offset: MySqlOffset,
        definitions: Definitions,
        captured: CapturedTables,
    ) -> Result<Streaming, MySqlError> {
        let (replica, follower) = self.follow(offset, definitions, captured)?;
        Ok(Streaming {
            replica,
            follower,
            heartbeat: Heartbeat::of(&self.config),
        })
    }

    /// Connects at `offset`.
    pub(super) fn follow(
        &self,
        offset: MySqlOffset,
        definitions: Definitions,
        captured: CapturedTables,
    ) -> Result<(Replica, Follower), MySqlError> {
        let metrics = StreamMetrics::new(self.context.connector(), &self.config.topic_prefix);
        let (replica, tracker) =
            Replica::connect(&self.config, self.server_id, self.replica_uuid, offset.position.clone())?;
        let name = self.config.topic_prefix.clone();
        let former_filter = FormerFilter::of(offset.filter, &self.config)?;
        let follower = Follower::new(FollowerParts {
            name,
            tracker,
            definitions,
            captured,
            offset,
            former_filter,
            sources: self.config.gtid_sources.clone(),
            metrics,
            transactions: TransactionRecords::of(&self.config),
        });
        Ok((replica, follower))
    }
}
