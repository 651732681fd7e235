//! [`Replica`]: the connection that events come from, made anew when it breaks.
//!
//! A lost connection is replaced in place: the stream is asked for again from where the follower stands, in the middle of a
//! transaction, too, and nothing that was sent is forgotten. Only when that has failed for a while is the failure
//! reported, so that the task's status tells it; the attempts go on in any case.

use std::time::{Duration, Instant};

use connector_api::{Flow, RecordSink, TaskError};
use tracing::{info, warn};
use uuid::Uuid;

use super::follower::Follower;
use super::reconnects::Reconnects;
use super::takeovers::Takeovers;
use crate::binlog::dump_request::StreamOptions;
use crate::binlog::stream::{BinlogStream, StreamEvent};
use crate::binlog::transaction::TransactionTracker;
use crate::config::{GtidSources, MySqlConfig};
use crate::error::{ErrorKind, MySqlError};
use crate::position::ResumablePosition;
use crate::server::{
    Connection, ConnectionOptions, DumpStart, ExecutedState, ServerVersion, dump_start, has_binlog, lost_position,
};

/// A stream that is opened anew when it breaks.
pub struct Replica {
    connection: ConnectionOptions,
    options: StreamOptions,
    sources: GtidSources,
    link: Link,
    takeovers: Takeovers,
    reconnects: Reconnects,
    /// Whether a new snapshot takes the place of a position that the server has lost.
    replaces_lost_position: bool,
}

/// The connection, or since when there is none.
#[allow(clippy::large_enum_variant, reason = "one value per task")]
enum Link {
    Up(Upstream),
    Down { since: Instant, next_attempt: Instant },
}

/// A stream, and whether it has brought anything.
struct Upstream {
    stream: BinlogStream,
    has_brought_events: bool,
}

/// What one round brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// More may be there.
    More,
    /// Nothing more right now.
    Idle,
}

/// A failure that has lasted so long is reported.
const REPORT_AFTER: Duration = Duration::from_secs(10);
/// Events handled before the caller may look around.
const EVENTS_PER_ROUND: usize = 4096;

impl Replica {
    /// Connects and asks for what follows `position`.
    pub fn connect(
        config: &MySqlConfig,
        server_id: u32,
        replica_uuid: Uuid,
        position: ResumablePosition,
    ) -> Result<(Self, TransactionTracker), MySqlError> {
        let options = stream_options(config, server_id, replica_uuid);
        let sources = config.gtid_sources.clone();
        let (stream, tracker) = open(&config.connection, &options, &sources, position)?;
        Ok((
            Replica {
                connection: config.connection.clone(),
                options,
                sources,
                link: Link::Up(Upstream::new(stream)),
                takeovers: Takeovers::default(),
                reconnects: Reconnects::default(),
                replaces_lost_position: config.snapshot_mode.replaces_lost_position,
            },
            tracker,
        ))
    }

    /// Hands what is there to the follower, waiting at most `wait` for the first event.
    pub fn run_once(
        &mut self,
        follower: &mut Follower,
        sink: &mut dyn RecordSink,
        wait: Duration,
    ) -> Result<Round, TaskError> {
        self.run_until(follower, sink, wait, &|_| false)
    }

    /// The same, but no event further than where `is_far_enough`.
    pub fn run_until(
        &mut self,
        follower: &mut Follower,
        sink: &mut dyn RecordSink,
        wait: Duration,
        is_far_enough: &dyn Fn(&TransactionTracker) -> bool,
    ) -> Result<Round, TaskError> {
        match &mut self.link {
            Link::Up(upstream) => match pump(upstream, follower, sink, wait, is_far_enough) {
                Ok(round) => Ok(round),
                Err(Interrupted::Stream(error)) if error.is_retriable() => {
                    if upstream.stream.needs_place() {
                        follower.leave_gtids();
                    }
                    if upstream.has_brought_events {
                        self.reconnects.forget();
                    }
                    self.lost(&error);
                    Ok(Round::Idle)
                }
                Err(Interrupted::Stream(error)) => Err(self.unless_replaced(error, follower).into()),
                Err(Interrupted::Task(error)) => Err(error),
            },
            Link::Down { next_attempt, .. } => {
                let pause = next_attempt.saturating_duration_since(Instant::now());
                if pause > wait {
                    std::thread::sleep(wait);
                    return Ok(Round::Idle);
                }
                std::thread::sleep(pause);
                self.reconnect(follower)
            }
        }
    }

    /// Whether there is a connection.
    pub fn is_up(&self) -> bool {
        matches!(self.link, Link::Up(_))
    }

    fn lost(&mut self, error: &MySqlError) {
        let now = Instant::now();
        let pause = self.reconnects.pause();
        let wait = match error.kind() {
            ErrorKind::TakenOver => self.takeovers.note(now).max(pause),
            _ => pause,
        };
        warn!(reason = %error, ?wait, "lost the binlog stream; connecting again");
        let next_attempt = now + wait;
        self.link = Link::Down {
            since: next_attempt,
            next_attempt,
        };
    }

    fn reconnect(&mut self, follower: &mut Follower) -> Result<Round, TaskError> {
        let position = follower.tracker().position();
        match open(&self.connection, &self.options, &self.sources, position) {
            Ok((stream, tracker)) => {
                info!(position = %tracker.streamed(), "the binlog stream goes on");
                follower.restart(tracker);
                self.link = Link::Up(Upstream::new(stream));
                Ok(Round::More)
            }
            Err(error) if error.is_retriable() => self.postpone(error),
            Err(error) => Err(self.unless_replaced(error, follower).into()),
        }
    }

    /// A position that the server has lost is no reason to stop if the next start answers it with a new snapshot.
    fn unless_replaced(&self, error: MySqlError, follower: &Follower) -> MySqlError {
        if !self.replaces_lost_position || error.kind() != ErrorKind::Position {
            return error;
        }
        let lost = Connection::open(&self.connection).and_then(|mut session| {
            let lost = lost_position(&mut session, &follower.tracker().position(), &|source| {
                self.sources.has(source)
            });
            session.close();
            lost
        });
        match lost {
            Ok(None) => error,
            Ok(Some(reason)) => MySqlError::connection(format!(
                "{reason}; the task starts again with a new snapshot, as snapshot.mode asks"
            )),
            Err(error) => error,
        }
    }

    fn postpone(&mut self, error: MySqlError) -> Result<Round, TaskError> {
        let Link::Down { since, next_attempt } = &mut self.link else {
            return Ok(Round::Idle);
        };
        if since.elapsed() > REPORT_AFTER {
            return Err(error.into());
        }
        *next_attempt = Instant::now() + self.reconnects.pause();
        Ok(Round::Idle)
    }
}

impl Upstream {
    fn new(stream: BinlogStream) -> Self {
        Upstream {
            stream,
            has_brought_events: false,
        }
    }

    fn next_event(&mut self, wait: Duration) -> Result<Option<StreamEvent<'_>>, MySqlError> {
        let next = self.stream.next_event(wait)?;
        // A server begins every dump with the head of a file, before it looks for what was asked for.
        self.has_brought_events |= next.as_ref().is_some_and(|next| !next.event.is_head_of_file());
        Ok(next)
    }
}

/// A silent server is noticed within two to three of these.
const LONGEST_HEARTBEAT: Duration = Duration::from_secs(2);

/// How to be a replica.
pub fn stream_options(config: &MySqlConfig, server_id: u32, replica_uuid: Uuid) -> StreamOptions {
    StreamOptions {
        connection: config.connection.clone(),
        server_id,
        replica_uuid,
        heartbeat: config.keep_alive_interval.mul_f32(0.8).min(LONGEST_HEARTBEAT),
        net_write_timeout: config.net_write_timeout,
        net_read_timeout: config.net_read_timeout,
    }
}

/// Why a round ended early.
enum Interrupted {
    Stream(MySqlError),
    Task(TaskError),
}

fn pump(
    upstream: &mut Upstream,
    follower: &mut Follower,
    sink: &mut dyn RecordSink,
    wait: Duration,
    is_far_enough: &dyn Fn(&TransactionTracker) -> bool,
) -> Result<Round, Interrupted> {
    let mut wait = wait;
    for _ in 0..EVENTS_PER_ROUND {
        if is_far_enough(follower.tracker()) {
            break;
        }
        let event = upstream.next_event(wait).map_err(Interrupted::Stream)?;
        let Some(event) = event else { return Ok(Round::Idle) };
        if follower.handle(&event, sink).map_err(Interrupted::Task)? == Flow::Return {
            break;
        }
        wait = Duration::ZERO;
    }
    Ok(Round::More)
}

fn open(
    connection: &ConnectionOptions,
    options: &StreamOptions,
    sources: &GtidSources,
    position: ResumablePosition,
) -> Result<(BinlogStream, TransactionTracker), MySqlError> {
    let mut session = Connection::open(connection)?;
    let version = ServerVersion::read(&mut session)?;
    let state = ExecutedState::read(&mut session, &version)?;
    let has_place = position.server_uuid == Some(state.server_uuid) && has_binlog(&mut session, &position.binlog.file)?;
    session.close();
    let is_wanted = |source: &Uuid| sources.has(source);
    let position = position.past(&state.purged, &is_wanted);
    let start = dump_start(&position, &state, &is_wanted)?;
    sources.are_decided()?;
    let mut stream = BinlogStream::open(options.clone(), &start)?;
    if has_place && matches!(start, DumpStart::AllBut(_)) {
        stream.goes_on_in(position.binlog.clone());
    }
    let tracker = TransactionTracker::resume(position, &start, stream.server_uuid())?;
    Ok((stream, tracker))
}
