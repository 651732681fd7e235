//! [`View`]: the database as it was at one position of the binlog.

use std::time::Duration;

use tracing::info;

use super::identity::Names;
use super::lock::ReadLock;
use super::lock_request::{LEAST_PATIENCE, LockRequest};
use super::view_session::ViewSession;
use crate::error::MySqlError;
use crate::event_time::EventTime;
use crate::position::{BinlogPosition, GtidSet, ResumablePosition};
use crate::server::{ANSWER, Connection, ExecutedState, ServerVersion};

/// A consistent view and the position it stands at.
pub struct View {
    /// Reads tables in it.
    pub session: ViewSession,
    /// Everything up to here is in the view, and nothing behind it, unless it opened without a lock.
    pub position: ResumablePosition,
    /// If it opened without a lock: what else is known of that moment.
    pub unlocked: Option<Moment>,
    /// The server's clock when the view was opened, in whole seconds.
    pub taken_at: EventTime,
}

/// The moment in which a view opened without a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Everything that was there before the definitions of tables were read.
    pub before_definitions: GtidSet,
    /// Nothing behind this is in the view, and of what lies between the view's position and this some may be.
    pub end: BinlogPosition,
}

/// How long a view may wait for its first question. It holds no lock meanwhile.
pub(super) const IDLE: Duration = Duration::from_secs(24 * 3600);

impl View {
    /// Opens a view under a lock that is held only meanwhile. `discover` reads table definitions under the same lock, so that they
    /// are those of the position, and `copy` reads in the view's session what no view keeps.
    pub fn open<D, T>(
        request: &LockRequest<'_>,
        discover: impl FnOnce(&mut Connection) -> Result<D, MySqlError>,
        copy: impl FnOnce(&mut Connection, D) -> Result<T, MySqlError>,
    ) -> Result<(View, T), MySqlError> {
        let mut connection = Connection::open(request.options)?;
        let version = ServerVersion::read(&mut connection)?;
        connection.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
        // Both sessions rest for long: this one while the task streams up to the view, the other while a table is read.
        connection.may_be_idle_for(IDLE)?;
        let names = Names::watch(request.options, &version, IDLE)?;
        // Later the lock is lost.
        connection.answers_within(request.patience.max(LEAST_PATIENCE));
        let lock = ReadLock::acquire(request)?;
        let mut session = ViewSession::open(connection, names)?;
        let connection = session.connection();
        let state = ExecutedState::read(connection, &version)?;
        let discovered = discover(connection)?;
        let copied = copy(connection, discovered)?;
        let now: Option<i64> = connection.first("SELECT UNIX_TIMESTAMP()")?;
        lock.release()?;
        connection.answers_within(ANSWER);
        let position = ResumablePosition::between(state.gtids(), state.binlog.clone(), Some(state.server_uuid));
        info!(binlog = %position.binlog, gtids = ?position.gtids.as_ref().map(ToString::to_string), "opened a consistent view");
        Ok((
            View {
                session,
                position,
                unlocked: None,
                taken_at: EventTime::from_secs(now.unwrap_or_default()),
            },
            copied,
        ))
    }
}
