//! [`View::open_without_lock`]: a view whose position is known by what the binlog says of the moment in which it opened.
//!
//! Two positions are read: the executed set *before* the view opens, and the end of the binlog *after* it. The storage engine
//! commits a transaction before the set has it and after the binlog has it, so everything in the set is in the view, and
//! everything in the view is before that end. What lies between may be in the view or not; the argument goes on in
//! [`crate::snapshot`]. Definitions are read just before the two, and a statement that changes one of a captured table since then
//! shows in the binlog, which is read from there.

use std::time::Duration;

use tracing::info;

use super::identity::Names;
use super::lock_request::{LEAST_PATIENCE, LockRequest};
use super::prepared::PreparedTransactions;
use super::view::{IDLE, Moment, View};
use super::view_session::ViewSession;
use crate::error::MySqlError;
use crate::event_time::EventTime;
use crate::position::ResumablePosition;
use crate::server::{Connection, ExecutedState, ServerVersion, read_end_of_binlog};

/// `ER_NO_SUCH_TABLE` and `ER_BAD_DB_ERROR`.
const IS_GONE: [u16; 2] = [1146, 1049];

impl View {
    /// Opens a view without a lock. `discover` reads table definitions, and `copy` reads in the view's session what no view
    /// keeps.
    pub fn open_without_lock<D, T>(
        request: &LockRequest<'_>,
        discover: impl FnOnce(&mut Connection) -> Result<D, MySqlError>,
        copy: impl FnOnce(&mut Connection, D) -> Result<T, MySqlError>,
    ) -> Result<(View, T), MySqlError> {
        let mut connection = Connection::open(request.options)?;
        let version = ServerVersion::read(&mut connection)?;
        connection.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
        connection.may_be_idle_for(IDLE)?;
        let names = Names::watch(request.options, &version, IDLE)?;
        let mut observer = Connection::open(request.options)?;
        await_definitions(&mut observer, request)?;
        let mut prepared = PreparedTransactions::untried();
        if !prepared.have_ended(&mut observer, request)? {
            return Err(MySqlError::connection("the task was stopped while its snapshot began"));
        }
        let before_definitions = ExecutedState::read(&mut observer, &version)?;
        let before_definitions = before_definitions.gtids().ok_or_else(without_names)?;
        let discovered = discover(&mut connection)?;
        // From here to the end as little as possible is done: it is what may be in the view or not.
        let before = ExecutedState::read(&mut observer, &version)?;
        let mut session = ViewSession::open(connection, names)?;
        let connection = session.connection();
        let copied = copy(connection, discovered)?;
        let end = read_end_of_binlog(&mut observer, &version)?;
        let now: Option<i64> = connection.first("SELECT UNIX_TIMESTAMP()")?;
        if prepared.is_new_one_there(&mut observer)? {
            return Err(MySqlError::connection(
                "an XA transaction was prepared while the snapshot's view opened without a lock; it opens another one",
            ));
        }
        observer.close();
        let position = ResumablePosition::between(before.gtids(), before.binlog, Some(before.server_uuid));
        info!(gtids = ?position.gtids.as_ref().map(ToString::to_string), %end, "opened a view without a lock");
        Ok((
            View {
                session,
                position,
                unlocked: Some(Moment {
                    before_definitions,
                    end,
                }),
                taken_at: EventTime::from_secs(now.unwrap_or_default()),
            },
            copied,
        ))
    }
}

/// Waits until statements that were about to change a captured table are through, by asking for what they need. A statement
/// that was counted by now, and gives a name to another table only later, would not be noticed ([`Names`]).
fn await_definitions(observer: &mut Connection, request: &LockRequest<'_>) -> Result<(), MySqlError> {
    let patience = request.patience.max(LEAST_PATIENCE);
    let seconds = patience.as_millis().div_ceil(1000);
    observer.execute(&format!("SET SESSION lock_wait_timeout = {seconds}"))?;
    observer.answers_within(patience + Duration::from_secs(1));
    for table in (request.tables)(observer)? {
        let statement = format!("SELECT 1 FROM {} LIMIT 0", table.quoted());
        match observer.rows_if_allowed::<i64>(&statement)? {
            Ok(_) => {}
            Err(refusal) if IS_GONE.contains(&refusal.code) => {}
            Err(refusal) => return Err(observer.refused(&statement, refusal)),
        }
    }
    Ok(())
}

fn without_names() -> MySqlError {
    MySqlError::server(
        "snapshot.locking.mode=none ties the rows of a snapshot to a position by the names of transactions, and gtid_mode of this \
         server is not ON: turn it on, or set snapshot.locking.mode=minimal, which locks for a moment",
    )
}
