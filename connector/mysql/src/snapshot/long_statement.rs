//! [`LongStatement`]: what would keep the global read lock from us.
//!
//! `FLUSH TABLES WITH READ LOCK` first stops every writer of the server and then waits until no statement uses a table. Beside a
//! statement of minutes it waits in vain, and it does not end with its time-out: the table of that statement stays marked as
//! flushed, and *every* later statement about it waits for the long one ("Waiting for table flush"), whether or not the session
//! that asked for the lock is still there. So a global lock is not asked for while such a statement is in sight.

use std::fmt;
use std::time::Duration;

use tracing::info;

use crate::error::MySqlError;
use crate::server::{ACCESS_DENIED, Connection};

/// A session that has been using a table for a while, with one statement or by holding it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LongStatement {
    session: u64,
    seconds: u64,
    /// With the word for it.
    table: String,
}

impl LongStatement {
    /// The oldest one that has been going on for `at_least`, in whole seconds. Where the account may not see other sessions, none
    /// is seen.
    pub(super) fn find(connection: &mut Connection, at_least: Duration) -> Result<Option<LongStatement>, MySqlError> {
        let is_instrumented = connection.first::<u8>("SELECT @@performance_schema")? != Some(0);
        let statement = match is_instrumented {
            true => tables_in_use(at_least),
            false => statements(at_least),
        };
        match connection.rows_if_allowed::<(u64, u64, String)>(&statement)? {
            Ok(found) => {
                if found.is_empty() && !is_instrumented {
                    info!(
                        "performance_schema is off: of other accounts' long statements, those are seen that run now, if the \
                         user may see them (GRANT PROCESS ON *.*)"
                    );
                }
                Ok(found.into_iter().next().map(|(session, seconds, table)| LongStatement {
                    session,
                    seconds,
                    table,
                }))
            }
            Err(refusal) if ACCESS_DENIED.contains(&refusal.code) => {
                info!(
                    "whether long statements run cannot be seen; if this server has any, GRANT SELECT ON performance_schema.* to \
                     the user: a read lock that waits for one keeps writers waiting"
                );
                Ok(None)
            }
            Err(refusal) => Err(connection.refused(&statement, refusal)),
        }
    }
}

/// Who has tables in use, by a statement or a transaction.
fn tables_in_use(at_least: Duration) -> String {
    // Appliers of a replica count their lag as time, and hold a table for no longer than a row.
    format!(
        "SELECT threads.processlist_id, threads.processlist_time, \
         CONCAT('table ', tables.object_schema, '.', tables.object_name) \
         FROM performance_schema.table_handles tables \
         JOIN performance_schema.threads threads ON threads.thread_id = tables.owner_thread_id \
         WHERE threads.processlist_id <> CONNECTION_ID() AND threads.processlist_time >= {} \
         AND threads.name NOT LIKE '%replica%' AND threads.name NOT LIKE '%slave%' \
         AND tables.object_schema <> 'performance_schema' \
         ORDER BY threads.processlist_time DESC LIMIT 1",
        at_least.as_secs()
    )
}

/// Which statements run, on a server that does not say what tables they use: any may use one.
fn statements(at_least: Duration) -> String {
    format!(
        "SELECT id, time, 'unknown tables (performance_schema is off)' FROM information_schema.processlist \
         WHERE command IN ('Query', 'Execute') AND id <> CONNECTION_ID() AND time >= {} ORDER BY time DESC LIMIT 1",
        at_least.as_secs()
    )
}

impl fmt::Display for LongStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LongStatement {
            session,
            seconds,
            table,
        } = self;
        write!(
            f,
            "session {session} of the server has been using {table} for {seconds} s"
        )
    }
}
