//! [`TableReader`]: the rows of a `SELECT`, streamed from the server in batches, never the whole result in memory.
//!
//! An asynchronous task owns the session and reads ahead by at most two batches; the task's thread takes them. So the network
//! and the encoding overlap, and what is held is bounded in bytes, whatever the table's size.

use std::time::Duration;

use mysql_async::prelude::Queryable;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::row_batch::RowBatch;
use crate::error::MySqlError;
use crate::server::Connection;

/// A batch is handed over when it has this many bytes, or this many rows.
const BATCH_BYTES: usize = 512 * 1024;
const BATCH_ROWS: usize = 2048;
/// Batches that wait to be taken.
const BATCHES_AHEAD: usize = 2;

/// A scan in progress.
pub struct TableReader {
    batches: mpsc::Receiver<Result<RowBatch, MySqlError>>,
    reading: JoinHandle<Connection>,
    runtime: Handle,
}

/// What came.
pub enum Fetched {
    /// Rows, at least one.
    Rows(RowBatch),
    /// Nothing in the time given.
    Nothing,
    /// There are no more.
    End,
}

impl TableReader {
    /// Starts `select` in the session.
    pub fn start(connection: Connection, select: String) -> Self {
        let runtime = Handle::current();
        let (sender, batches) = mpsc::channel(BATCHES_AHEAD);
        let reading = runtime.spawn(read(connection, select, sender));
        TableReader {
            batches,
            reading,
            runtime,
        }
    }

    /// The next batch, if it comes within `wait`.
    pub fn next(&mut self, wait: Duration) -> Result<Fetched, MySqlError> {
        let batches = &mut self.batches;
        let received = self
            .runtime
            .block_on(async { tokio::time::timeout(wait, batches.recv()).await });
        match received {
            Err(_) => Ok(Fetched::Nothing),
            Ok(None) => Ok(Fetched::End),
            Ok(Some(batch)) => batch.map(Fetched::Rows),
        }
    }

    /// Gives the session back after the end, for the next table.
    pub fn finish(self) -> Result<Connection, MySqlError> {
        let TableReader {
            batches,
            reading,
            runtime,
        } = self;
        drop(batches);
        runtime
            .block_on(reading)
            .map_err(|error| MySqlError::connection("the reader of a snapshot ended unexpectedly").caused_by(error))
    }
}

async fn read(
    mut connection: Connection,
    select: String,
    batches: mpsc::Sender<Result<RowBatch, MySqlError>>,
) -> Connection {
    if let Err(error) = send_rows(&mut connection, &select, &batches).await {
        let error = scan_error(&connection, &select, error);
        // A receiver that is gone wants no error either.
        if batches.send(Err(error)).await.is_err() {
            tracing::debug!("the scan was abandoned");
        }
    }
    connection
}

/// A table that was altered or dropped since the view opened cannot be read in it any more. The stream has the statement,
/// and a snapshot that is resumed in a fresh view goes on.
fn scan_error(connection: &Connection, select: &str, error: mysql_async::Error) -> MySqlError {
    const DEFINITION_CHANGED: [u16; 3] = [1412, 1146, 1054];
    match &error {
        mysql_async::Error::Server(server) if DEFINITION_CHANGED.contains(&server.code) => {
            MySqlError::connection(format!(
                "a table changed while the snapshot read it, so it goes on in a fresh view: {}",
                server.message
            ))
        }
        _ => connection.error(select, error),
    }
}

async fn send_rows(
    connection: &mut Connection,
    select: &str,
    batches: &mpsc::Sender<Result<RowBatch, MySqlError>>,
) -> Result<(), mysql_async::Error> {
    let (driver, _) = connection.driver();
    let mut rows = driver.query_iter(select).await?;
    let mut batch = RowBatch::default();
    while let Some(row) = rows.next().await? {
        batch.push(&row);
        // A row may be large, and the wait for a place long.
        drop(row);
        if batch.bytes() >= BATCH_BYTES || batch.len() >= BATCH_ROWS {
            let full = std::mem::take(&mut batch);
            if batches.send(Ok(full)).await.is_err() {
                return Ok(());
            }
        }
    }
    if !batch.is_empty() && batches.send(Ok(batch)).await.is_err() {
        tracing::debug!("the scan was abandoned at its end");
    }
    Ok(())
}
