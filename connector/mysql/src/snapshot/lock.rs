//! [`ReadLock`]: keeps writers out while a view opens and the executed set is read.
//!
//! The global lock needs RELOAD. Without it the captured tables are locked one by one, which keeps writers out of *them*; a
//! transaction on other tables may then be in the view and not in the set, and is dropped when it is streamed.

use std::time::{Duration, Instant};

use mysql_async::Error as SqlError;
use mysql_async::prelude::Queryable;
use tracing::{info, warn};

use crate::error::MySqlError;
use crate::schema::TableId;
use crate::server::{Connection, ConnectionOptions};

/// A lock held by a session of its own. Given back by [`release`](ReadLock::release), or by the server when it is dropped.
pub struct ReadLock {
    connection: Connection,
}

/// "Access denied; you need the RELOAD privilege", and its relatives for accounts and databases.
const ACCESS_DENIED: [u16; 4] = [1227, 1044, 1045, 1142];
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
        let mut looks = 0;
        let mut attempts = ATTEMPTS.into_iter();
        let mut attempted = attempts.next();
        while let Some((patience, rest)) = attempted {
            let patience = patience.min(timeout).max(Duration::from_secs(1));
            match attempt(&mut connection, patience, tables)? {
                Attempt::Locked => {
                    let Some(prepared) = prepared(&mut connection)? else {
                        return Ok(ReadLock { connection });
                    };
                    connection.execute("UNLOCK TABLES")?;
                    if looks == 0 {
                        info!(prepared, "the snapshot waits for prepared XA transactions to end");
                    }
                    looks += 1;
                    if looks == LOOKS_FOR_XA {
                        return Err(still_prepared(&prepared));
                    }
                    pause(BETWEEN_LOOKS, is_stopping);
                }
                Attempt::TimedOut => {
                    attempted = attempts.next();
                    warn!(
                        ?patience,
                        ?rest,
                        "a statement keeps the read lock from us; letting writers go on for a while"
                    );
                    pause(rest, is_stopping);
                }
            }
            if is_stopping() {
                break;
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

/// An XA transaction that is prepared by now is in the executed set, and not in a view: it would be lost.
const LOOKS_FOR_XA: u32 = 60;
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// `ER_XAER_RMERR`: how `XA RECOVER` is refused.
const XA_REFUSED: u16 = 1401;

/// The identifiers of prepared XA transactions, if there are any.
fn prepared(connection: &mut Connection) -> Result<Option<String>, MySqlError> {
    let recover = "XA RECOVER CONVERT XID";
    let (driver, runtime) = connection.driver();
    match runtime.block_on(driver.query::<(i64, i64, i64, String), _>(recover)) {
        Ok(found) if found.is_empty() => Ok(None),
        Ok(found) => {
            let names: Vec<String> = found.into_iter().map(|(.., name)| name).collect();
            Ok(Some(names.join(", ")))
        }
        Err(SqlError::Server(refusal)) if refusal.code == XA_REFUSED || ACCESS_DENIED.contains(&refusal.code) => {
            warn!(
                "whether XA transactions are prepared cannot be seen; if this server has any on captured tables, \
                 GRANT XA_RECOVER_ADMIN ON *.* to the user: one that is prepared while the snapshot begins would be missed"
            );
            Ok(None)
        }
        Err(error) => Err(connection.error(recover, error)),
    }
}

fn still_prepared(names: &str) -> MySqlError {
    MySqlError::connection(format!(
        "the snapshot waits for prepared XA transactions to end, because a view does not show what they will commit: commit \
         or roll back {names} (XA RECOVER lists them)"
    ))
}

enum Attempt {
    Locked,
    TimedOut,
}

fn attempt(
    connection: &mut Connection,
    patience: Duration,
    tables: &dyn Fn(&mut Connection) -> Result<Vec<TableId>, MySqlError>,
) -> Result<Attempt, MySqlError> {
    connection.execute(&format!("SET SESSION lock_wait_timeout = {}", patience.as_secs()))?;
    let global = "FLUSH TABLES WITH READ LOCK";
    let (driver, runtime) = connection.driver();
    match runtime.block_on(driver.query_drop(global)) {
        Ok(()) => info!("holding the global read lock"),
        Err(SqlError::Server(refusal)) if refusal.code == LOCK_WAIT_TIMEOUT => return Ok(Attempt::TimedOut),
        Err(SqlError::Server(refusal)) if ACCESS_DENIED.contains(&refusal.code) => {
            warn!(
                reason = refusal.message,
                "no global read lock; locking the captured tables instead"
            );
            let tables = tables(connection)?;
            lock_tables(connection, &tables)?;
        }
        Err(error) => return Err(connection.error(global, error)),
    }
    Ok(Attempt::Locked)
}

/// Rests, but not longer than the task is wanted.
fn pause(rest: Duration, is_stopping: &dyn Fn() -> bool) {
    let until = Instant::now() + rest;
    while Instant::now() < until && !is_stopping() {
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn lock_tables(connection: &mut Connection, tables: &[TableId]) -> Result<(), MySqlError> {
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
