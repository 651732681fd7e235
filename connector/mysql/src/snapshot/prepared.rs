//! [`PreparedTransactions`]: XA transactions that are prepared while a snapshot is about to begin.
//!
//! Such a transaction is in the executed set since its PREPARE, but a view shows its rows only after its COMMIT, and the stream
//! has none there: they would be lost. The global read lock does not keep it away. So it is waited for, unless it turns out that
//! it has written to no captured table.

use std::collections::BTreeSet;
use std::time::Duration;

use tracing::{info, warn};

use super::lock_request::LockRequest;
use super::lock_session::{LockSession, Locked};
use crate::error::MySqlError;
use crate::server::{ACCESS_DENIED, Connection};

/// How often they are looked for before they count as forgotten.
const LOOKS: u32 = 60;
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// After so many looks it is tried out whether they concern captured tables.
const LOOKS_BEFORE_TRIAL: u32 = 10;
/// How long the trial may wait for its locks.
const TRIAL: Duration = Duration::from_secs(1);
/// `ER_XAER_RMERR`: how `XA RECOVER` is refused.
const XA_REFUSED: u16 = 1401;

/// What is known of prepared transactions.
#[derive(Default)]
pub(super) struct PreparedTransactions {
    /// Those that have written to no captured table.
    harmless: BTreeSet<String>,
    looks: u32,
    /// Whether it must not be tried out which ones matter, because that takes locks.
    is_untried: bool,
}

impl PreparedTransactions {
    /// Nothing is known, and no lock may be taken to know more: all of them matter.
    pub(super) fn untried() -> Self {
        PreparedTransactions {
            is_untried: true,
            ..PreparedTransactions::default()
        }
    }

    /// Waits until none is prepared that may matter; `false` if the task is to stop.
    pub(super) fn have_ended(
        &mut self,
        connection: &mut Connection,
        request: &LockRequest<'_>,
    ) -> Result<bool, MySqlError> {
        loop {
            let found = self.new_ones(connection)?;
            if found.is_empty() {
                return Ok(true);
            }
            let names = found.iter().cloned().collect::<Vec<_>>().join(", ");
            match self.looks {
                0 => info!(names, "the snapshot waits for prepared XA transactions to end"),
                LOOKS.. => return Err(still_prepared(&names)),
                _ => {}
            }
            self.looks += 1;
            if !self.is_untried && self.looks.is_multiple_of(LOOKS_BEFORE_TRIAL) && are_harmless(request)? {
                info!(
                    names,
                    "these prepared XA transactions have written to no captured table"
                );
                self.harmless.extend(found);
                continue;
            }
            request.pause(BETWEEN_LOOKS);
            if (request.is_stopping)() {
                return Ok(false);
            }
        }
    }

    /// Whether one is prepared that was not there before.
    pub(super) fn is_new_one_there(&self, connection: &mut Connection) -> Result<bool, MySqlError> {
        Ok(!self.new_ones(connection)?.is_empty())
    }

    fn new_ones(&self, connection: &mut Connection) -> Result<BTreeSet<String>, MySqlError> {
        let recover = "XA RECOVER CONVERT XID";
        match connection.rows_if_allowed::<(i64, i64, i64, String)>(recover)? {
            Ok(found) => {
                let names: BTreeSet<String> = found.into_iter().map(|(.., name)| name).collect();
                Ok(&names - &self.harmless)
            }
            Err(refusal) if refusal.code == XA_REFUSED || ACCESS_DENIED.contains(&refusal.code) => {
                info!(
                    "whether XA transactions are prepared cannot be seen; if this server has any on captured tables, \
                     GRANT XA_RECOVER_ADMIN ON *.* to the user: one that is prepared while the snapshot begins would be missed"
                );
                Ok(BTreeSet::new())
            }
            Err(refusal) => Err(connection.refused(recover, refusal)),
        }
    }
}

/// Whether no open transaction has written to a captured table: each holds the metadata locks of its tables until it ends, and
/// a prepared one, too. Others keep the lock from us as well; then nothing is known.
fn are_harmless(request: &LockRequest<'_>) -> Result<bool, MySqlError> {
    let mut session = LockSession::open(request.options, TRIAL, TRIAL)?;
    let locked = session.lock_tables(request)?;
    if let Locked::TimedOut | Locked::Denied(_) = &locked {
        warn!(reason = ?locked, "it is not known whether prepared XA transactions concern captured tables");
    }
    Ok(locked == Locked::Tables)
}

fn still_prepared(names: &str) -> MySqlError {
    MySqlError::connection(format!(
        "the snapshot waits for prepared XA transactions to end, because a view does not show what they will commit: commit \
         or roll back {names} (XA RECOVER lists them)"
    ))
}
