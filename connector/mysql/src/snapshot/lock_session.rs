//! [`LockSession`]: a session that asks for a lock, and can always be rid of it.
//!
//! A lock lives as long as its session, and a session may outlive every wish of ours: `FLUSH TABLES WITH READ LOCK` that fails by
//! its time-out *keeps* the lock that it has so far; a worker may be suspended or vanish while it holds one; an answer may never
//! arrive. So three clocks bound it. The server's `lock_wait_timeout` ends the statement, also when nobody is there any more. Ours
//! ends the session when the statement takes longer, which it may, as it waits for several locks in turn. And the server's
//! `wait_timeout` ends a session that holds the lock and asks for nothing.

use std::time::{Duration, Instant};

use mysql_async::Error as SqlError;
use tracing::{info, warn};

use super::lock_request::LockRequest;
use crate::error::MySqlError;
use crate::server::{ACCESS_DENIED, Connection, ConnectionOptions};
use crate::table_id::TableId;

/// `ER_LOCK_WAIT_TIMEOUT`.
const LOCK_WAIT_TIMEOUT: u16 = 1205;
/// `ER_NO_SUCH_TABLE` and `ER_BAD_DB_ERROR`.
const NO_SUCH_TABLE: [u16; 2] = [1146, 1049];
/// How much later than the server we give a statement up.
const GRACE: Duration = Duration::from_millis(250);
/// How long the answer to `UNLOCK TABLES` is waited for.
const UNLOCKING: Duration = Duration::from_secs(2);

/// A session for one attempt. Whatever it holds is given back when it is dropped.
pub(super) struct LockSession {
    /// `None` once a statement of it came to no end.
    connection: Option<Connection>,
    id: u32,
    options: ConnectionOptions,
    wait: Duration,
}

/// What came of asking.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Locked {
    /// No transaction commits.
    Everything,
    /// None that wrote to a captured table is open, prepared ones included.
    Tables,
    TimedOut,
    /// The account may not, and why.
    Denied(String),
}

impl LockSession {
    /// A session whose statements may wait for `wait`, and which may then hold what it got for `hold`.
    pub(super) fn open(options: &ConnectionOptions, wait: Duration, hold: Duration) -> Result<Self, MySqlError> {
        let mut connection = Connection::open(options)?;
        let seconds = wait.as_millis().div_ceil(1000).max(1);
        connection.execute(&format!("SET SESSION lock_wait_timeout = {seconds}"))?;
        connection.may_be_idle_for(hold)?;
        Ok(LockSession {
            id: connection.id(),
            connection: Some(connection),
            options: options.clone(),
            wait,
        })
    }

    /// Asks for the global lock, and for those of the captured tables if it is not allowed.
    pub(super) fn lock_everything(&mut self, request: &LockRequest<'_>) -> Result<Locked, MySqlError> {
        let locked = self.ask("FLUSH TABLES WITH READ LOCK", Locked::Everything, request.is_stopping)?;
        let Locked::Denied(reason) = locked else {
            return Ok(locked);
        };
        warn!(reason, "no global read lock; locking the captured tables instead");
        self.lock_tables(request)
    }

    /// Asks for locks on the captured tables, one by one. They flush nothing, and only a transaction that has written to one of
    /// these tables keeps them from us.
    pub(super) fn lock_tables(&mut self, request: &LockRequest<'_>) -> Result<Locked, MySqlError> {
        let Some(connection) = &mut self.connection else {
            return Ok(Locked::TimedOut);
        };
        let tables: Vec<TableId> = (request.tables)(connection)?;
        if tables.is_empty() {
            return Ok(Locked::Tables);
        }
        let locks: Vec<String> = tables.iter().map(|table| format!("{} READ", table.quoted())).collect();
        self.ask(
            &format!("LOCK TABLES {}", locks.join(", ")),
            Locked::Tables,
            request.is_stopping,
        )
    }

    fn ask(&mut self, sql: &str, granted: Locked, is_stopping: &dyn Fn() -> bool) -> Result<Locked, MySqlError> {
        let Some(connection) = &mut self.connection else {
            return Ok(Locked::TimedOut);
        };
        let (began, limit) = (Instant::now(), self.wait + GRACE);
        match connection.execute_while(sql, &|| began.elapsed() < limit && !is_stopping()) {
            Some(Ok(())) => Ok(granted),
            Some(Err(SqlError::Server(refusal))) if refusal.code == LOCK_WAIT_TIMEOUT => Ok(Locked::TimedOut),
            Some(Err(SqlError::Server(refusal))) if ACCESS_DENIED.contains(&refusal.code) => {
                Ok(Locked::Denied(refusal.message))
            }
            Some(Err(SqlError::Server(refusal))) if NO_SUCH_TABLE.contains(&refusal.code) => {
                Err(MySqlError::connection(format!(
                    "a table was dropped while the snapshot asked for its lock; it asks again ({})",
                    refusal.message
                )))
            }
            Some(Err(error)) => Err(connection.error(sql, error)),
            None => {
                self.connection = None;
                Ok(Locked::TimedOut)
            }
        }
    }

    /// Lets writers in again. Succeeds only if the session has held its lock until now.
    pub(super) fn release(mut self) -> Result<(), MySqlError> {
        match self.unlock() {
            true => Ok(()),
            false => Err(MySqlError::connection(
                "the server has taken the read lock back before the snapshot's view was complete, so it begins again; if this \
                 repeats, raise snapshot.lock.timeout.ms",
            )),
        }
    }

    /// Whether the session was there and has given back what it held.
    fn unlock(&mut self) -> bool {
        let Some(mut connection) = self.connection.take() else {
            return false;
        };
        let began = Instant::now();
        let unlocked = connection.execute_while("UNLOCK TABLES", &|| began.elapsed() < UNLOCKING);
        let is_done = matches!(unlocked, Some(Ok(())));
        if is_done {
            connection.close();
            self.id = 0;
        }
        is_done
    }
}

impl Drop for LockSession {
    fn drop(&mut self) {
        if self.id == 0 || self.unlock() {
            return;
        }
        // It does not answer; to the server it may hold a lock, or wait for one.
        let killed = Connection::open(&self.options).and_then(|mut connection| {
            let killed = connection.execute(&format!("KILL {}", self.id));
            connection.close();
            killed
        });
        let session = self.id;
        match killed {
            Ok(()) => info!(session, "ended the session of a lock that was not granted in time"),
            Err(error) => {
                info!(session, %error, "the session of a lock could not be ended; if it is still there, its time-outs end it")
            }
        }
    }
}
