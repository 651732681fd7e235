//! [`LockRequest`]: what a read lock is asked for with, in every attempt.

use std::time::{Duration, Instant};

use crate::error::MySqlError;
use crate::server::{Connection, ConnectionOptions};
use crate::table_id::TableId;

/// The server counts its time-outs in seconds.
pub(super) const LEAST_PATIENCE: Duration = Duration::from_secs(1);

/// What a lock is asked for with.
pub struct LockRequest<'a> {
    /// The server.
    pub options: &'a ConnectionOptions,
    /// How long writers may be held up: `snapshot.lock.timeout.ms`.
    pub patience: Duration,
    /// The captured tables, to be locked one by one if need be.
    pub tables: &'a dyn Fn(&mut Connection) -> Result<Vec<TableId>, MySqlError>,
    /// Whether it is to be given up.
    pub is_stopping: &'a dyn Fn() -> bool,
}

impl LockRequest<'_> {
    /// Rests between two attempts, but not longer than the lock is wanted.
    pub(super) fn pause(&self, rest: Duration) {
        let until = Instant::now() + rest;
        while Instant::now() < until && !(self.is_stopping)() {
            std::thread::sleep(Duration::from_millis(100).min(rest));
        }
    }
}
