//! [`AlterationReader`]: whether captured tables were altered between two positions of the binlog.
//!
//! A server knows the present definitions of its tables alone. They are those of an earlier position if nothing in between has
//! changed them.

use std::time::Duration;

use uuid::Uuid;

use super::definitions::Definitions;
use crate::binlog::dump_request::StreamOptions;
use crate::binlog::stream::BinlogStream;
use crate::binlog::transaction::{Step, TransactionTracker};
use crate::config::GtidSources;
use crate::error::MySqlError;
use crate::position::{ResumablePosition, StreamedPosition};
use crate::server::{Connection, ExecutedState, ServerVersion, dump_start};

/// Reads statements, and no rows.
pub struct AlterationReader<'a> {
    /// How to be a replica.
    pub options: StreamOptions,
    /// Whose transactions are wanted.
    pub sources: &'a GtidSources,
    /// The present definitions.
    pub definitions: &'a Definitions,
    /// Whether it is to be given up.
    pub is_stopping: &'a dyn Fn() -> bool,
}

/// How often the server says that it has nothing more to send.
const HEARTBEAT: Duration = Duration::from_millis(50);

impl AlterationReader<'_> {
    /// Where the first statement between `from` and `to` stands that concerns captured tables.
    pub fn first_between(
        self,
        from: &ResumablePosition,
        to: &ResumablePosition,
    ) -> Result<Option<StreamedPosition>, MySqlError> {
        // Of a transaction that is partly sent, all is read: rows do not matter here.
        let from = ResumablePosition::between(from.gtids.clone(), from.binlog.clone(), from.server_uuid);
        let mut session = Connection::open(&self.options.connection)?;
        let version = ServerVersion::read(&mut session)?;
        let state = ExecutedState::read(&mut session, &version)?;
        session.close();
        let is_wanted = |source: &Uuid| self.sources.has(source);
        let from = from.past(&state.purged, &is_wanted);
        let start = dump_start(&from, &state, &is_wanted)?;
        let options = StreamOptions {
            heartbeat: HEARTBEAT,
            ..self.options
        };
        let mut stream = BinlogStream::open(options, &start)?;
        let mut tracker = TransactionTracker::resume(from, &start, stream.server_uuid())?;
        while !tracker.has_passed(to) {
            if (self.is_stopping)() {
                return Err(MySqlError::connection(
                    "the task was stopped while it read the binlog for statements",
                ));
            }
            let Some(event) = stream.next_event(HEARTBEAT)? else {
                continue;
            };
            if let Step::Definition(query) = tracker.accept(&event)?
                // A statement that does not fit the present definitions has changed them.
                && self.definitions.would_concern_captured(query).unwrap_or(true)
            {
                return Ok(Some(tracker.streamed().clone()));
            }
            tracker.definition_done();
        }
        Ok(None)
    }
}
