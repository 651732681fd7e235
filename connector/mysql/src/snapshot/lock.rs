//! [`ReadLock`]: keeps writers out while a view opens and the executed set is read.
//!
//! Asking for a lock holds production up: who waits for one keeps every writer waiting behind it. So the user's patience
//! (`snapshot.lock.timeout.ms`) is all that the attempts may wait *together*; between them writers are left alone for twice as
//! long as they were held up; and the lock that was granted is taken back by the server when the patience is used up. A statement
//! of anybody else is never kept for longer than that, whatever becomes of us ([`LockSession`]).
//!
//! The global lock needs RELOAD, and does harm beside long statements ([`LongStatement`]). Without it the captured tables are
//! locked one by one, which keeps writers out of *them*; a transaction on other tables may then be in the view and not in the set,
//! and is dropped when it is streamed. Where that is not allowed either, the long statement is waited for, with no lock at all.

use std::time::{Duration, Instant};

use tracing::{info, warn};

use super::lock_request::{LEAST_PATIENCE, LockRequest};
use super::lock_session::{LockSession, Locked};
use super::long_statement::LongStatement;
use super::prepared::PreparedTransactions;
use crate::error::MySqlError;
use crate::server::Connection;

/// A lock held by a session of its own. Given back by [`release`](ReadLock::release), or when it is dropped.
pub struct ReadLock {
    session: LockSession,
}

/// A statement that has used a table for so long may do so for much longer.
const LONG: Duration = Duration::from_secs(1);
/// How long a long statement is waited for before the task reports its reason and begins again.
const LONGEST_STATEMENT: Duration = Duration::from_secs(120);
/// How long it may take to see what the server is doing.
const OBSERVATION: Duration = Duration::from_secs(10);
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// One attempt.
#[derive(Debug, Clone, Copy)]
struct Attempt {
    /// How long it may wait.
    wait: Duration,
    /// How long writers are left alone after it, if another one follows.
    rest: Duration,
}

/// The attempts on which `patience` is spent, the shorter ones first: most locks are granted at once.
fn attempts(patience: Duration) -> [Attempt; 4] {
    [1, 2, 3, 4].map(|tenths| {
        let wait = patience * tenths / 10;
        Attempt { wait, rest: wait * 2 }
    })
}

impl ReadLock {
    /// Waits for the lock, in several attempts. Gives up when the request `is_stopping`.
    pub fn acquire(request: &LockRequest<'_>) -> Result<Self, MySqlError> {
        let patience = request.patience.max(LEAST_PATIENCE);
        let mut observer = Connection::open(request.options)?;
        observer.answers_within(OBSERVATION);
        let mut prepared = PreparedTransactions::default();
        let mut attempts = attempts(patience).into_iter();
        let mut next = attempts.next();
        while let Some(Attempt { wait, rest }) = next
            && !(request.is_stopping)()
            && prepared.have_ended(&mut observer, request)?
        {
            let long = LongStatement::find(&mut observer, LONG)?;
            let mut session = LockSession::open(request.options, wait, patience.saturating_sub(wait))?;
            let locked = match &long {
                None => session.lock_everything(request)?,
                Some(statement) => {
                    info!(%statement, "no global read lock beside it; locking the captured tables instead");
                    session.lock_tables(request)?
                }
            };
            match (locked, long) {
                (Locked::Everything, _) if prepared.is_new_one_there(&mut observer)? => {}
                (Locked::Everything, _) => {
                    info!("holding the global read lock");
                    return Ok(ReadLock { session });
                }
                (Locked::Tables, _) => {
                    info!("holding the read locks of the captured tables");
                    return Ok(ReadLock { session });
                }
                (Locked::TimedOut, _) => {
                    drop(session);
                    warn!(
                        ?wait,
                        ?rest,
                        "something keeps the read lock from us; letting writers go on"
                    );
                    next = attempts.next();
                    if next.is_some() {
                        request.pause(rest);
                    }
                }
                (Locked::Denied(_), Some(statement)) => {
                    drop(session);
                    await_end(statement, &mut observer, request)?;
                }
                (Locked::Denied(reason), None) => return Err(may_not(&reason)),
            }
        }
        Err(not_granted(patience))
    }

    /// Lets writers in again. Fails if the lock was lost in the meantime.
    pub fn release(self) -> Result<(), MySqlError> {
        self.session.release()?;
        info!("released the read lock");
        Ok(())
    }
}

/// Waits until no long statement runs. Nothing is held meanwhile, so nobody waits for us.
fn await_end(first: LongStatement, observer: &mut Connection, request: &LockRequest<'_>) -> Result<(), MySqlError> {
    info!(statement = %first, "the snapshot begins when it has ended; with LOCK TABLES on the captured tables it need not wait");
    let began = Instant::now();
    while let Some(statement) = LongStatement::find(observer, LONG)?
        && !(request.is_stopping)()
    {
        if began.elapsed() > LONGEST_STATEMENT {
            return Err(MySqlError::connection(format!(
                "the snapshot waits for a long statement to end, because a read lock beside it would keep writers waiting: \
                 {statement}; end it (KILL), or GRANT LOCK TABLES and SELECT on the captured tables to the user, which needs no \
                 global lock"
            )));
        }
        request.pause(BETWEEN_LOOKS);
    }
    Ok(())
}

fn may_not(reason: &str) -> MySqlError {
    MySqlError::server(format!(
        "the snapshot needs a read lock for a moment: grant RELOAD on *.*, or LOCK TABLES and SELECT on the captured tables \
         ({reason})"
    ))
}

fn not_granted(patience: Duration) -> MySqlError {
    MySqlError::connection(format!(
        "no read lock for the snapshot within {} ms of waiting (snapshot.lock.timeout.ms): a transaction, statement or backup \
         holds a captured table. SHOW PROCESSLIST and information_schema.innodb_trx show long ones, XA RECOVER prepared ones; \
         end it, or raise snapshot.lock.timeout.ms",
        patience.as_millis()
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::attempts;

    /// `SET lock_wait_timeout` and the worker's own clock bound each.
    #[test]
    fn the_attempts_together_wait_for_as_long_as_the_user_allows() {
        for millis in [1000, 10_000, 300_000] {
            let patience = Duration::from_millis(millis);
            let waits: Duration = attempts(patience).iter().map(|attempt| attempt.wait).sum();
            assert_eq!(waits, patience);
        }
    }

    #[test]
    fn writers_are_held_up_for_no_more_than_half_of_the_time() {
        let attempts = attempts(Duration::from_secs(10));
        let (mut held, mut left_alone) = (Duration::ZERO, Duration::ZERO);
        for (at, attempt) in attempts.iter().enumerate() {
            held += attempt.wait;
            if at + 1 < attempts.len() {
                left_alone += attempt.rest;
                assert!(held <= left_alone, "after attempt {at}: {held:?} and {left_alone:?}");
            }
        }
        assert!(held <= left_alone, "in all: {held:?} and {left_alone:?}");
    }
}
