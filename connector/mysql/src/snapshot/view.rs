//! [`View`]: the database as it was at one position of the binlog.

use std::time::Duration;

use tracing::info;

use super::identity::Names;
use super::lock::ReadLock;
use super::lock_request::{LEAST_PATIENCE, LockRequest};
use super::view_session::ViewSession;
use crate::error::MySqlError;
use crate::event_time::EventTime;
use crate::position::ResumablePosition;
use crate::server::{ANSWER, Connection, ConnectionOptions, ExecutedState, ServerVersion};
use crate::table_id::TableId;

/// A consistent view and the position it stands at.
pub struct View {
    /// Reads tables in it.
    pub session: ViewSession,
    /// Everything up to here is in the view, nothing behind it.
    pub position: ResumablePosition,
    /// The server's clock when the view was opened, in whole seconds.
    pub taken_at: EventTime,
}

/// How long a view may wait for its first question. It holds no lock meanwhile.
const IDLE: Duration = Duration::from_secs(24 * 3600);

impl View {
    /// Opens a view under a lock that is held only meanwhile. `discover` reads table definitions in the view's session under
    /// the same lock, so that they are those of the position.
    pub fn open<T>(
        options: &ConnectionOptions,
        lock_timeout: Duration,
        tables: &dyn Fn(&mut Connection) -> Result<Vec<TableId>, MySqlError>,
        is_stopping: &dyn Fn() -> bool,
        discover: impl FnOnce(&mut Connection) -> Result<T, MySqlError>,
    ) -> Result<(View, T), MySqlError> {
        let mut connection = Connection::open(options)?;
        let version = ServerVersion::read(&mut connection)?;
        connection.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
        // Both sessions rest for long: this one while the task streams up to the view, the other while a table is read.
        connection.may_be_idle_for(IDLE)?;
        let names = Names::watch(options, &version, IDLE)?;
        // Later the lock is lost.
        connection.answers_within(lock_timeout.max(LEAST_PATIENCE));
        let lock = ReadLock::acquire(&LockRequest {
            options,
            patience: lock_timeout,
            tables,
            is_stopping,
        })?;
        let mut session = ViewSession::open(connection, names)?;
        let connection = session.connection();
        let state = ExecutedState::read(connection, &version)?;
        let discovered = discover(connection)?;
        let now: Option<i64> = connection.first("SELECT UNIX_TIMESTAMP()")?;
        lock.release()?;
        connection.answers_within(ANSWER);
        let position = ResumablePosition::between(state.gtids(), state.binlog.clone(), Some(state.server_uuid));
        info!(binlog = %position.binlog, gtids = ?position.gtids.as_ref().map(ToString::to_string), "opened a consistent view");
        Ok((
            View {
                session,
                position,
                taken_at: EventTime::from_secs(now.unwrap_or_default()),
            },
            discovered,
        ))
    }
}
