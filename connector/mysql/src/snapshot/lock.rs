//! [`ReadLock`]: keeps writers out while a view opens and the executed set is read.
//!
//! The global lock needs RELOAD. Without it the captured tables are locked one by one, which keeps writers out of *them*; a
//! transaction on other tables may then be in the view and not in the set, and is dropped when it is streamed.

use std::time::Duration;

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

impl ReadLock {
    /// Waits for the lock for at most `timeout`. `tables` are locked one by one if the global lock is not allowed.
    pub fn acquire(
        options: &ConnectionOptions,
        timeout: Duration,
        tables: &dyn Fn(&mut Connection) -> Result<Vec<TableId>, MySqlError>,
    ) -> Result<Self, MySqlError> {
        let mut connection = Connection::open(options)?;
        connection.execute(&format!("SET SESSION lock_wait_timeout = {}", timeout.as_secs().max(1)))?;
        let global = "FLUSH TABLES WITH READ LOCK";
        let (driver, runtime) = connection.driver();
        match runtime.block_on(driver.query_drop(global)) {
            Ok(()) => info!("holding the global read lock"),
            Err(SqlError::Server(refusal)) if ACCESS_DENIED.contains(&refusal.code) => {
                warn!(
                    reason = refusal.message,
                    "no global read lock; locking the captured tables instead"
                );
                let tables = tables(&mut connection)?;
                lock_tables(&mut connection, &tables)?;
            }
            Err(error) => return Err(connection.error(global, error)),
        }
        Ok(ReadLock { connection })
    }

    /// Lets writers in again.
    pub fn release(mut self) -> Result<(), MySqlError> {
        self.connection.execute("UNLOCK TABLES")?;
        self.connection.close();
        info!("released the read lock");
        Ok(())
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
