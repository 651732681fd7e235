//! [`PreparedTransactions`]: XA transactions that are prepared while a snapshot is about to begin.
//!
//! Such a transaction is in the executed set since its PREPARE, but a view shows its rows only after its COMMIT, and the stream
//! has none there: they would be lost. The global read lock does not keep it away. So it is waited for, unless it turns out that
//! it has written to no captured table.

use std::collections::BTreeSet;
use std::time::Duration;

use mysql_async::Error as SqlError;
use mysql_async::prelude::Queryable;
use tracing::{info, warn};

use super::lock::{ACCESS_DENIED, lock_tables, pause};
use crate::error::MySqlError;
use crate::schema::TableId;
use crate::server::{Connection, ConnectionOptions};

/// How often they are looked for before they count as forgotten.
const LOOKS: u32 = 60;
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// After so many looks it is tried out whether they concern captured tables.
const LOOKS_BEFORE_TRIAL: u32 = 10;
/// `ER_XAER_RMERR`: how `XA RECOVER` is refused.
const XA_REFUSED: u16 = 1401;

/// What is known of prepared transactions.
#[derive(Default)]
pub(super) struct PreparedTransactions {
    /// Those that have written to no captured table.
    harmless: BTreeSet<String>,
    looks: u32,
}

impl PreparedTransactions {
    /// Waits until none is prepared that may matter; `false` if the task is to stop.
    pub(super) fn have_ended(
        &mut self,
        connection: &mut Connection,
        options: &ConnectionOptions,
        tables: &dyn Fn(&mut Connection) -> Result<Vec<TableId>, MySqlError>,
        is_stopping: &dyn Fn() -> bool,
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
            if self.looks.is_multiple_of(LOOKS_BEFORE_TRIAL) && are_harmless(options, tables)? {
                info!(
                    names,
                    "these prepared XA transactions have written to no captured table"
                );
                self.harmless.extend(found);
                continue;
            }
            pause(BETWEEN_LOOKS, is_stopping);
            if is_stopping() {
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
        let (driver, runtime) = connection.driver();
        match runtime.block_on(driver.query::<(i64, i64, i64, String), _>(recover)) {
            Ok(found) => {
                let names: BTreeSet<String> = found.into_iter().map(|(.., name)| name).collect();
                Ok(&names - &self.harmless)
            }
            Err(SqlError::Server(refusal)) if refusal.code == XA_REFUSED || ACCESS_DENIED.contains(&refusal.code) => {
                info!(
                    "whether XA transactions are prepared cannot be seen; if this server has any on captured tables, \
                     GRANT XA_RECOVER_ADMIN ON *.* to the user: one that is prepared while the snapshot begins would be missed"
                );
                Ok(BTreeSet::new())
            }
            Err(error) => Err(connection.error(recover, error)),
        }
    }
}

/// Whether no open transaction has written to a captured table: each holds the metadata locks of its tables until it ends, and
/// a prepared one, too. Others keep the lock from us as well; then nothing is known.
fn are_harmless(
    options: &ConnectionOptions,
    tables: &dyn Fn(&mut Connection) -> Result<Vec<TableId>, MySqlError>,
) -> Result<bool, MySqlError> {
    let mut session = Connection::open(options)?;
    session.execute("SET SESSION lock_wait_timeout = 1")?;
    let tables = tables(&mut session)?;
    let locked = lock_tables(&mut session, &tables);
    session.close();
    if let Err(error) = &locked {
        warn!(reason = %error, "it cannot be told whether prepared XA transactions concern captured tables");
    }
    Ok(locked.is_ok())
}

fn still_prepared(names: &str) -> MySqlError {
    MySqlError::connection(format!(
        "the snapshot waits for prepared XA transactions to end, because a view does not show what they will commit: commit \
         or roll back {names} (XA RECOVER lists them)"
    ))
}
