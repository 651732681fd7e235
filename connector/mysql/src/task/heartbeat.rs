//! [`Heartbeat`]: what a source does from time to time although nothing changes: a record, and a statement of the user's on the
//! server (`heartbeat.action.query`), which gives the binlog something to carry.

use std::time::{Duration, Instant};

use connector_api::{OffsetFn, RecordSink, TaskError};
use tracing::warn;

use crate::config::MySqlConfig;
use crate::error::MySqlError;
use crate::event_time::EventTime;
use crate::record::HeartbeatRecords;
use crate::server::{Connection, ConnectionOptions};

/// Beats at most once in an interval.
pub(super) struct Heartbeat {
    records: HeartbeatRecords,
    interval: Duration,
    last: Instant,
    action: Option<Action>,
}

/// The statement, and the session in which it ran last.
struct Action {
    statement: String,
    options: ConnectionOptions,
    session: Option<Connection>,
}

/// The stream waits meanwhile.
const ANSWER: Duration = Duration::from_secs(10);

impl Heartbeat {
    /// `None` without an interval.
    pub(super) fn of(config: &MySqlConfig) -> Option<Self> {
        let heartbeat = config.heartbeat.as_ref()?;
        Some(Heartbeat {
            records: HeartbeatRecords::new(&heartbeat.topic, &config.topic_prefix),
            interval: heartbeat.interval,
            last: Instant::now(),
            action: heartbeat.action.as_ref().map(|statement| Action {
                statement: statement.clone(),
                options: config.connection.clone(),
                session: None,
            }),
        })
    }

    /// Beats if it is time.
    pub(super) fn beat(&mut self, sink: &mut dyn RecordSink, before: OffsetFn<'_>) -> Result<(), TaskError> {
        if self.last.elapsed() < self.interval {
            return Ok(());
        }
        self.last = Instant::now();
        // It moves nothing that the stream depends on: one that fails is tried again at the next beat, in another session.
        if let Some(action) = &mut self.action
            && let Err(error) = action.run()
        {
            warn!(reason = %error, "heartbeat.action.query has failed; the stream goes on");
        }
        let sent = self
            .records
            .with_record(EventTime::now(), |records| sink.send(records, before));
        sent.map(|_| ()).map_err(TaskError::Sink)
    }
}

impl Action {
    fn run(&mut self) -> Result<(), MySqlError> {
        let mut session = match self.session.take() {
            Some(session) => session,
            None => Connection::open(&self.options)?,
        };
        session.answers_within(ANSWER);
        session.execute(&self.statement)?;
        self.session = Some(session);
        Ok(())
    }
}
