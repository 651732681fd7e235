//! What production feels: an application's statements beside a snapshot that begins, is disturbed and begins again.
//!
//! Single INSERTs every 20 ms into captured and other tables, and an ALTER now and then. No statement may wait for longer than the
//! user's patience with the lock (`snapshot.lock.timeout.ms`) and a second, whatever happens to the snapshot; and when a worker is
//! gone, so are its sessions.
//!
//! A run of the suite takes a minute or two of it. `scripts/production` sets `ROWMILL_PRODUCTION`: longer statements, 3,000 tables,
//! every phase and every disturbance. It names a file, to which each case appends its line of a table. With
//! `ROWMILL_PRODUCTION_OF` it is somebody else's worker that `ROWMILL_BIN` runs: what is felt is written down, and not judged.

mod begins_beside;
mod disturbance;
mod disturbed;
mod many_tables;
mod phase;
mod report;
mod site;

use std::time::Duration;

use anyhow::{Context, Result};
use harness::pipeline::SOON;
use tokio::sync::watch;

/// `snapshot.lock.timeout.ms`.
const PATIENCE: Duration = Duration::from_secs(3);
/// The longest that a statement may wait.
const BOUND: Duration = Duration::from_secs(4);
/// When a worker is gone, so are its sessions.
const SESSIONS_END: Duration = Duration::from_secs(10);
/// What a connector's account is granted.
const FULL: &[&str] =
    &["SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT, LOCK TABLES, XA_RECOVER_ADMIN ON *.*"];

/// Waits until the snapshot says what is listened for.
async fn is_said(mut heard: watch::Receiver<u64>, statement: &str) -> Result<()> {
    let reached = tokio::time::timeout(SOON, heard.changed()).await;
    reached.with_context(|| format!("the snapshot never said {statement}"))??;
    Ok(())
}
