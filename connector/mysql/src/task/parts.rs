//! [`PhaseParts`]: what one phase of a task hands to the next, and how the stream is started from it.

use std::sync::Arc;

use connector_api::TaskContext;
use uuid::Uuid;

use super::streaming_phase::Streaming;
use crate::captured::CapturedTables;
use crate::config::MySqlConfig;
use crate::error::MySqlError;
use crate::metrics::StreamMetrics;
use crate::position::MySqlOffset;
use crate::streaming::{Definitions, Follower, FollowerParts, FormerFilter, Replica};

/// What every phase hands to the next.
pub(super) struct PhaseParts {
    pub(super) config: Arc<MySqlConfig>,
    pub(super) context: Arc<dyn TaskContext>,
    pub(super) server_id: u32,
    pub(super) replica_uuid: Uuid,
}

impl PhaseParts {
    /// Starts the stream at `offset`.
    pub(super) fn stream(
        &self,
        offset: MySqlOffset,
        definitions: Definitions,
        captured: CapturedTables,
    ) -> Result<Streaming, MySqlError> {
        let (replica, follower) = self.follow(offset, definitions, captured)?;
        let config = &self.config;
        Ok(Streaming::new(
            replica,
            follower,
            config.heartbeat.as_ref(),
            &config.topic_prefix,
        ))
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
            metrics,
        });
        Ok((replica, follower))
    }
}
