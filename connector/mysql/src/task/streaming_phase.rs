//! [`Streaming`]: the phase that follows the binlog, for as long as the task lives.

use std::time::{Duration, Instant};

use connector_api::{Progress, RecordSink, TaskError};

use crate::config::HeartbeatConfig;
use crate::event_time::EventTime;
use crate::position::MySqlOffset;
use crate::record::HeartbeatRecords;
use crate::streaming::{Follower, Replica, Round};

/// A stream and its follower.
pub(super) struct Streaming {
    replica: Replica,
    follower: Follower,
    heartbeat: Option<Heartbeat>,
}

struct Heartbeat {
    records: HeartbeatRecords,
    interval: Duration,
    last: Instant,
}

impl Streaming {
    pub(super) fn new(replica: Replica, follower: Follower, heartbeat: Option<&HeartbeatConfig>, prefix: &str) -> Self {
        let heartbeat = heartbeat.map(|config| Heartbeat {
            records: HeartbeatRecords::new(&config.topic, prefix),
            interval: config.interval,
            last: Instant::now(),
        });
        Streaming {
            replica,
            follower,
            heartbeat,
        }
    }

    pub(super) fn run_once(&mut self, sink: &mut dyn RecordSink, wait: Duration) -> Result<Progress, TaskError> {
        let round = self.replica.run_once(&mut self.follower, sink, wait)?;
        self.follower.metrics().connected(self.replica.is_up());
        self.beat(sink)?;
        Ok(match round {
            Round::More => Progress::More,
            Round::Idle => Progress::Idle,
        })
    }

    pub(super) fn offset(&self) -> MySqlOffset {
        self.follower.offset()
    }

    fn beat(&mut self, sink: &mut dyn RecordSink) -> Result<(), TaskError> {
        let Some(heartbeat) = self
            .heartbeat
            .as_mut()
            .filter(|heartbeat| heartbeat.last.elapsed() >= heartbeat.interval)
        else {
            return Ok(());
        };
        heartbeat.last = Instant::now();
        let follower = &self.follower;
        let sent = heartbeat.records.with_record(EventTime::now(), |records| {
            sink.send(records, &|| follower.offset().write())
        });
        sent.map(|_| ()).map_err(TaskError::Sink)
    }
}
