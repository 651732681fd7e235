//! [`ReadLock`]: keeps writers out while a view opens and the executed set is read.
//!
//! The global lock needs RELOAD. Without it the captured tables are locked one by one, which keeps writers out of *them*; a
//! transaction on other tables may then be in the view and not in the set, and is dropped when it is streamed.

use std::time::{Duration, Instant};

use mysql_async::Error as SqlError;
use mysql_async::prelude::Queryable;
use tracing::{info, warn};

use super::prepared::PreparedTransactions;
use crate::error::MySqlError;
use crate::schema::TableId;
use crate::server::{Connection, ConnectionOptions};

/// A lock held by a session of its own. Given back by [`release`](ReadLock::release), or by the server when it is dropped.
pub struct ReadLock {
    connection: Connection,
}

/// "Access denied; you need the RELOAD privilege", and its relatives for accounts and databases.
pub(super) const ACCESS_DENIED: [u16; 4] = [1227, 1044, 1045, 1142];
/// `ER_LOCK_WAIT_TIMEOUT`.
const LOCK_WAIT_TIMEOUT: u16 = 1205;

/// How long the attempts wait, and how long writers are left alone after each. A lock that is waited for keeps every writer
/// of the server waiting behind it, so the first attempts are short.
const ATTEMPTS: [(Duration, Duration); 5] = [
    (Duration::from_secs(1), Duration::from_secs(2)),
    (Duration::from_secs(2), Duration::from_secs(4)),
    (Duration::from_secs(4), Duration::from_secs(8)),
    (Duration::from_secs(8), Duration::from_secs(16)),
    (Duration::MAX, Duration::from_secs(30)),
];

impl ReadLock {
    /// Waits for the lock, several times, for at most `timeout` each. `tables` are locked one by one if the global lock is
    /// not allowed. Gives up when `is_stopping`.
    pub fn acquire(
        options: &ConnectionOptions,
        timeout: Duration,
        tables: &dyn Fn(&mut Connection) -> Result<Vec<TableId>, MySqlError>,
        is_stopping: &dyn Fn() -> bool,
    ) -> Result<Self, MySqlError> {
        let mut connection = Connection::open(options)?;
        let mut prepared = PreparedTransactions::default();
        let mut attempts = ATTEMPTS.into_iter();
        let mut attempt = attempts.next();
        while let Some((patience, rest)) = attempt
            && !is_stopping()
        {
            if !prepared.have_ended(&mut connection, options, tables, is_stopping)? {
                break;
            }
            let patience = patience.min(timeout).max(Duration::from_secs(1));
            match try_lock(&mut connection, patience, tables)? {
                Attempt::Global if prepared.is_new_one_there(&mut connection)? => {
                    connection.execute("UNLOCK TABLES")?;
                }
                Attempt::Global | Attempt::Tables => return Ok(ReadLock { connection }),
                Attempt::TimedOut => {
                    attempt = attempts.next();
                    warn!(
                        ?patience,
                        ?rest,
                        "a statement keeps the read lock from us; letting writers go on for a while"
                    );
                    pause(rest, is_stopping);
                }
            }
        }
        Err(MySqlError::connection(
            "no read lock for the snapshot: some statement or backup holds the tables; look for long ones with SHOW PROCESSLIST, for prepared transactions with XA RECOVER, \
             or raise snapshot.lock.timeout.ms",
        ))
    }

    /// Lets writers in again.
    pub fn release(mut self) -> Result<(), MySqlError> {
        self.connection.execute("UNLOCK TABLES")?;
        self.connection.close();
        info!("released the read lock");
        Ok(())
    }
}

enum Attempt {
    /// No transaction commits.
    Global,
    /// None that wrote to a captured table is open, prepared ones included.
    Tables,
    TimedOut,
}

fn try_lock(
    connection: &mut Connection,
    patience: Duration,
    tables: &dyn Fn(&mut Connection) -> Result<Vec<TableId>, MySqlError>,
) -> Result<Attempt, MySqlError> {
    connection.execute(&format!("SET SESSION lock_wait_timeout = {}", patience.as_secs()))?;
    let global = "FLUSH TABLES WITH READ LOCK";
    let (driver, runtime) = connection.driver();
    match runtime.block_on(driver.query_drop(global)) {
        Ok(()) => {
            info!("holding the global read lock");
            Ok(Attempt::Global)
        }
        Err(SqlError::Server(refusal)) if refusal.code == LOCK_WAIT_TIMEOUT => Ok(Attempt::TimedOut),
        Err(SqlError::Server(refusal)) if ACCESS_DENIED.contains(&refusal.code) => {
            warn!(
                reason = refusal.message,
                "no global read lock; locking the captured tables instead"
            );
            let tables = tables(connection)?;
            lock_tables(connection, &tables)?;
            Ok(Attempt::Tables)
        }
        Err(error) => Err(connection.error(global, error)),
    }
}

/// Rests, but not longer than the task is wanted.
pub(super) fn pause(rest: Duration, is_stopping: &dyn Fn() -> bool) {
    let until = Instant::now() + rest;
    while Instant::now() < until && !is_stopping() {
        std::thread::sleep(Duration::from_millis(100));
    }
}

pub(super) fn lock_tables(connection: &mut Connection, tables: &[TableId]) -> Result<(), MySqlError> {
    if tables.is_empty() {
        return Ok(());
    }
    let locks: Vec<String> = tables.iter().map(|table| format!("{} READ", quoted(table))).collect();
    connection.execute(&format!("LOCK TABLES {}", locks.join(", "))).map_err(|error| {
        MySqlError::server(format!(
            "the snapshot needs a read lock for a moment: grant RELOAD on *.*, or LOCK TABLES and SELECT on the captured \
             tables ({error})"
        ))
    })
}

/// `` `database`.`table` ``.
pub(super) fn quoted(table: &TableId) -> String {
    format!("{}.{}", quoted_name(&table.database), quoted_name(&table.table))
}

/// `` `name` ``, with backticks in it doubled.
pub(super) fn quoted_name(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
