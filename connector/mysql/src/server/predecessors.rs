//! [`end_predecessors`]: ends what earlier sessions of a task have left running on its server.
//!
//! A worker that vanished (killed, its machine lost, its network cut) cannot end its sessions, and a server notices that a peer is
//! gone only when it writes, after its time-out. Until then a scan keeps its table, which keeps a read lock from us and, behind
//! it, every writer from the server. A task knows its own by an attribute that all its sessions have. The next start of the task
//! ends them before it asks for anything, but for a dump: the server itself ends that one when the next dump comes, and says to
//! whoever still reads it that another reader has taken its place.
//!
//! `performance_schema.session_account_connect_attrs` needs no privilege, and nor does ending sessions of one's own account.
//! Where the Performance Schema is off, nothing is found, and the sessions end by their own time-outs.

use std::time::{Duration, Instant};

use tracing::{info, warn};
use uuid::Uuid;

use super::connection::{Connection, TASK_ATTRIBUTE};
use crate::error::MySqlError;

/// How long a session that was ended may take to end. Rolling back is no part of it: the sessions only read.
const ENDING: Duration = Duration::from_secs(10);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Ends all sessions of `task` on the server but this one, and waits until they are gone.
///
/// # Errors
/// If the server cannot be asked.
pub fn end_predecessors(session: &mut Connection, task: Uuid) -> Result<(), MySqlError> {
    let began = Instant::now();
    let mut ended = Vec::new();
    loop {
        let left = sessions_of(session, task)?;
        if left.is_empty() {
            return Ok(());
        }
        if began.elapsed() > ENDING {
            warn!(sessions = ?left, "sessions of this task that were ended are still there; they may keep locks");
            return Ok(());
        }
        for id in left.into_iter().filter(|id| !ended.contains(id)).collect::<Vec<_>>() {
            ended.push(id);
            // It may have ended by itself in the meantime; if it has not, the next look finds it.
            let killed = session.execute(&format!("KILL {id}"));
            info!(
                session = id,
                error = killed.err().map(tracing::field::display),
                "ended a session that an earlier start of this task has left behind"
            );
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
}

fn sessions_of(session: &mut Connection, task: Uuid) -> Result<Vec<u64>, MySqlError> {
    session.rows(&format!(
        "SELECT processlist_id FROM performance_schema.session_account_connect_attrs \
         WHERE attr_name = '{TASK_ATTRIBUTE}' AND attr_value = '{task}' AND processlist_id <> CONNECTION_ID() \
         AND processlist_id NOT IN (SELECT id FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%')"
    ))
}
