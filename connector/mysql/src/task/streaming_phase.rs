//! [`Streaming`]: the phase that follows the binlog, for as long as the task lives.

use std::time::Duration;

use connector_api::{Progress, RecordSink, TaskError};

use super::heartbeat::Heartbeat;
use crate::position::MySqlOffset;
use crate::streaming::{Follower, Replica, Round};

/// A stream and its follower.
pub(super) struct Streaming {
    pub(super) replica: Replica,
    pub(super) follower: Follower,
    pub(super) heartbeat: Option<Heartbeat>,
}

impl Streaming {
    pub(super) fn run_once(&mut self, sink: &mut dyn RecordSink, wait: Duration) -> Result<Progress, TaskError> {
        let round = self.replica.run_once(&mut self.follower, sink, wait)?;
        self.follower.metrics().connected(self.replica.is_up());
        if let Some(heartbeat) = &mut self.heartbeat {
            heartbeat.beat(sink, &|| self.follower.offset().write())?;
        }
        Ok(match round {
            Round::More => Progress::More,
            Round::Idle => Progress::Idle,
        })
    }

    pub(super) fn offset(&self) -> MySqlOffset {
        self.follower.offset()
    }
}
