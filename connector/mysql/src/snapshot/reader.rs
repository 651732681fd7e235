//! [`TableReader`]: the rows of a `SELECT`, streamed from the server in batches, never the whole result in memory.
//!
//! An asynchronous task owns the session and reads ahead by at most two batches; the task's thread takes them. So the network
//! and the encoding overlap, and what is held is bounded in bytes, whatever the table's size.

use std::time::Duration;

use mysql_async::prelude::Queryable;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::info;

use super::row_batch::RowBatch;
use crate::error::MySqlError;
use crate::server::{Connection, ConnectionOptions, sql_error};

/// A batch is handed over when it has this many bytes, or this many rows.
const BATCH_BYTES: usize = 512 * 1024;
const BATCH_ROWS: usize = 2048;
/// A server that sends nothing for so long in the middle of a result is gone, whatever the network says of the connection.
const SILENCE: Duration = Duration::from_secs(30);
/// Batches that wait to be taken.
const BATCHES_AHEAD: usize = 2;

/// A scan in progress.
pub struct TableReader {
    batches: mpsc::Receiver<Result<RowBatch, Interruption>>,
    reading: JoinHandle<Connection>,
    runtime: Handle,
    session: u32,
    options: ConnectionOptions,
}

/// Why a scan ends early.
enum Interruption {
    Failed(MySqlError),
    /// The server has sent nothing for [`SILENCE`].
    Silent,
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
    /// Starts `select` in the session, which is one of `options`.
    pub fn start(connection: Connection, options: &ConnectionOptions, select: String) -> Self {
        let runtime = Handle::current();
        let (sender, batches) = mpsc::channel(BATCHES_AHEAD);
        let session = connection.id();
        let reading = runtime.spawn(read(connection, select, sender));
        TableReader {
            batches,
            reading,
            runtime,
            session,
            options: options.clone(),
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
            Ok(Some(Ok(batch))) => Ok(Fetched::Rows(batch)),
            Ok(Some(Err(Interruption::Failed(error)))) => Err(error),
            Ok(Some(Err(Interruption::Silent))) => Err(self.end_silent_session()),
        }
    }

    /// To the server, the statement may still run; as long as it does, nobody gets a read lock.
    fn end_silent_session(&self) -> MySqlError {
        let ended = Connection::open(&self.options).and_then(|mut connection| {
            let ended = connection.execute(&format!("KILL {}", self.session));
            connection.close();
            ended
        });
        if let Err(error) = ended {
            info!(session = self.session, reason = %error, "the session that fell silent could not be ended");
        }
        MySqlError::connection(format!(
            "MySQL at {} has sent nothing for {} s in the middle of a table",
            self.options.address(),
            SILENCE.as_secs()
        ))
    }

    /// Gives the session back after the end, for the next table.
    pub fn finish(self) -> Result<Connection, MySqlError> {
        let TableReader {
            batches,
            reading,
            runtime,
            ..
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
    batches: mpsc::Sender<Result<RowBatch, Interruption>>,
) -> Connection {
    if let Err(error) = send_rows(&mut connection, &select, &batches).await {
        // A receiver that is gone wants no error either.
        if batches.send(Err(error)).await.is_err() {
            tracing::debug!("the scan was abandoned");
        }
    }
    connection
}

/// A table that was altered or dropped since the view opened cannot be read in it any more. The stream has the statement,
/// and a snapshot that is resumed in a fresh view goes on.
fn scan_error(address: &str, select: &str, error: mysql_async::Error) -> MySqlError {
    const DEFINITION_CHANGED: [u16; 3] = [1412, 1146, 1054];
    match &error {
        mysql_async::Error::Server(server) if DEFINITION_CHANGED.contains(&server.code) => {
            MySqlError::connection(format!(
                "a table changed while the snapshot read it, so it goes on in a fresh view: {}",
                server.message
            ))
        }
        _ => sql_error(address, select, error),
    }
}

async fn send_rows(
    connection: &mut Connection,
    select: &str,
    batches: &mpsc::Sender<Result<RowBatch, Interruption>>,
) -> Result<(), Interruption> {
    let address = connection.address().to_owned();
    let failed = |error| Interruption::Failed(scan_error(&address, select, error));
    let (driver, _) = connection.driver();
    let mut rows = driver.query_iter(select).await.map_err(failed)?;
    let mut batch = RowBatch::default();
    // The first row may take its time, if the server has to sort; behind it the rest follows.
    let mut next = rows.next().await.map_err(failed)?;
    while let Some(row) = next {
        batch.push(&row);
        // A row may be large, and the wait for a place long.
        drop(row);
        if batch.bytes() >= BATCH_BYTES || batch.len() >= BATCH_ROWS {
            let full = std::mem::take(&mut batch);
            if batches.send(Ok(full)).await.is_err() {
                return Ok(());
            }
        }
        next = match tokio::time::timeout(SILENCE, rows.next()).await {
            Ok(received) => received.map_err(failed)?,
            Err(_) => return Err(Interruption::Silent),
        };
    }
    if !batch.is_empty() && batches.send(Ok(batch)).await.is_err() {
        tracing::debug!("the scan was abandoned at its end");
    }
    Ok(())
}
