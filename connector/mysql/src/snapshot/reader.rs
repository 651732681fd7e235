//! [`TableReader`]: the rows of a `SELECT`, streamed from the server in batches, never the whole result in memory.
//!
//! An asynchronous task owns the session and reads ahead by at most two batches; the task's thread takes them. So the network
//! and the encoding overlap, and what is held is bounded in bytes, whatever the table's size.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use mysql_async::Row;
use mysql_async::prelude::Queryable;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::info;

use super::identity::replaced;
use super::row_batch::RowBatch;
use super::view_session::ViewSession;
use crate::error::MySqlError;
use crate::server::{Connection, ConnectionOptions, sql_error};
use crate::table_id::TableId;

/// A batch is handed over when it has this many bytes, or this many rows.
const BATCH_BYTES: usize = 512 * 1024;
const BATCH_ROWS: usize = 2048;
/// A server that has sent no row for so long is asked whether it works on one. A row may be large, and the network slow.
const SILENCE: Duration = Duration::from_secs(45);
/// How it says that it waits for us to take what it sends: since 8.0, and before.
const SENDING: [&str; 2] = ["Sending to client", "Writing to net"];
/// The command of a session whose last statement is over, so that all of it was sent.
const IDLE: &str = "Sleep";
/// Batches that wait to be taken.
const BATCHES_AHEAD: usize = 2;

/// A scan in progress.
pub struct TableReader {
    batches: mpsc::Receiver<Result<RowBatch, Interruption>>,
    reading: JoinHandle<ViewSession>,
    runtime: Handle,
    query: Arc<Query>,
}

/// What is read, and in which session.
struct Query {
    table: TableId,
    select: String,
    session: u32,
    options: ConnectionOptions,
}

/// Why a scan ends early.
enum Interruption {
    Failed(MySqlError),
    /// The server has sent nothing for [`SILENCE`], and does not say that it works.
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
    /// Starts `select`, which reads `table`, in the view's session, which is one of `options`.
    pub fn start(view: ViewSession, options: &ConnectionOptions, table: &TableId, select: String) -> Self {
        let runtime = Handle::current();
        let (sender, batches) = mpsc::channel(BATCHES_AHEAD);
        let query = Arc::new(Query {
            table: table.clone(),
            select,
            session: view.id(),
            options: options.clone(),
        });
        let reading = runtime.spawn(read(view, Arc::clone(&query), sender));
        TableReader {
            batches,
            reading,
            runtime,
            query,
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
            Ok(Some(Err(Interruption::Silent))) => Err(self.query.end_silent_session()),
        }
    }

    /// Gives the session back after the end, for the next table.
    pub fn finish(self) -> Result<ViewSession, MySqlError> {
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

impl Query {
    fn failed(&self, error: mysql_async::Error) -> Interruption {
        Interruption::Failed(scan_error(&self.options.address(), &self.select, error))
    }

    /// Whether the server says of the session that it works, and not that it waits for us to take what it sends.
    fn is_at_work(&self) -> bool {
        let processes = Connection::open(&self.options).and_then(|mut connection| {
            let processes = connection.rows::<Row>("SHOW PROCESSLIST");
            connection.close();
            processes
        });
        let is_ours = |process: &Row| process.get::<u64, _>("Id") == Some(self.session.into());
        let text = |process: &Row, column| process.get::<Option<String>, _>(column).flatten().unwrap_or_default();
        processes.is_ok_and(|processes| {
            let ours = processes.iter().find(|process| is_ours(process));
            ours.is_some_and(|ours| works(&text(ours, "Command"), &text(ours, "State")))
        })
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
}

/// Whether `SHOW PROCESSLIST` says of a session that its statement is still looked for rows. What has been sent and did not come
/// never comes.
fn works(command: &str, state: &str) -> bool {
    command != IDLE && !SENDING.contains(&state)
}

async fn read(
    mut view: ViewSession,
    query: Arc<Query>,
    batches: mpsc::Sender<Result<RowBatch, Interruption>>,
) -> ViewSession {
    let held = tokio::select! {
        held = hold_if_unchanged(&mut view, &query) => held,
        // A statement that changes the table may be waited for, and nobody waits any more.
        () = batches.closed() => return view,
    };
    let sent = match held {
        Ok(()) => send_rows(&mut view, &query, &batches).await,
        Err(interruption) => Err(interruption),
    };
    if let Err(interruption) = sent {
        // A receiver that is gone wants no error either.
        if batches.send(Err(interruption)).await.is_err() {
            tracing::debug!("the scan was abandoned");
        }
    }
    view
}

/// From here on the table keeps its name, and the name means the table of the view.
async fn hold_if_unchanged(view: &mut ViewSession, query: &Arc<Query>) -> Result<(), Interruption> {
    match patiently(query, view.hold(&query.table)).await? {
        true => Ok(()),
        false => Err(Interruption::Failed(replaced(&query.table))),
    }
}

/// Runs what waits for answers on a thread where that is allowed.
async fn blocking<T: Send + 'static>(
    query: &Arc<Query>,
    ask: impl FnOnce(&Query) -> T + Send + 'static,
) -> Result<T, Interruption> {
    let query = Arc::clone(query);
    let answer = tokio::task::spawn_blocking(move || ask(&query)).await;
    answer.map_err(|error| {
        Interruption::Failed(MySqlError::connection("a question to MySQL ended unexpectedly").caused_by(error))
    })
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
    view: &mut ViewSession,
    query: &Arc<Query>,
    batches: &mpsc::Sender<Result<RowBatch, Interruption>>,
) -> Result<(), Interruption> {
    let Some(rest) = send_full_batches(view, query, batches).await? else {
        return Ok(());
    };
    // The server has sent everything. It holds the table no longer than that, however long the rest waits for its place.
    patiently(query, view.let_go()).await?;
    if !rest.is_empty() && batches.send(Ok(rest)).await.is_err() {
        tracing::debug!("the scan was abandoned at its end");
    }
    Ok(())
}

/// Sends all rows but the last, which do not fill a batch; `None` if nobody wants them any more.
async fn send_full_batches(
    view: &mut ViewSession,
    query: &Arc<Query>,
    batches: &mpsc::Sender<Result<RowBatch, Interruption>>,
) -> Result<Option<RowBatch>, Interruption> {
    let mut rows = patiently(query, view.driver().query_iter(&query.select)).await?;
    let mut batch = RowBatch::default();
    while let Some(row) = patiently(query, rows.next()).await? {
        batch.push(&row);
        // A row may be large, and the wait for a place long.
        drop(row);
        if batch.bytes() >= BATCH_BYTES || batch.len() >= BATCH_ROWS {
            let full = std::mem::take(&mut batch);
            if batches.send(Ok(full)).await.is_err() {
                return Ok(None);
            }
        }
    }
    Ok(Some(batch))
}

/// Waits for an answer for as long as the server works on it. A row may be late, and so may be the first answer of all.
async fn patiently<T>(
    query: &Arc<Query>,
    answer: impl Future<Output = Result<T, mysql_async::Error>>,
) -> Result<T, Interruption> {
    let mut answer = pin!(answer);
    loop {
        match tokio::time::timeout(SILENCE, &mut answer).await {
            Ok(received) => return received.map_err(|error| query.failed(error)),
            Err(_) if blocking(query, Query::is_at_work).await? => {}
            Err(_) => return Err(Interruption::Silent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::works;

    #[test]
    fn a_session_that_has_sent_everything_or_waits_for_us_does_not_work() {
        assert!(works("Query", "executing"));
        assert!(works("Query", "Waiting for table flush"));
        assert!(!works("Query", "Sending to client"));
        assert!(!works("Query", "Writing to net"));
        // The network has lost a result that the sockets had room for.
        assert!(!works("Sleep", ""));
    }
}
