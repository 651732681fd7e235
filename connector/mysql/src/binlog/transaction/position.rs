//! Where the stream of a [`TransactionTracker`] stands, and from where another could go on.

use super::{State, Step, TransactionTracker};
use crate::binlog::event::EventHeader;
use crate::binlog::stream::StreamEvent;
use crate::error::MySqlError;
use crate::position::{BinlogPosition, Gtid, GtidSet, ResumablePosition, StreamedPosition};

impl TransactionTracker {
    /// From where a stream could resume now: between two events, two row changes, or before a definition.
    pub fn position(&self) -> ResumablePosition {
        match &self.state {
            State::Open(open) if open.is_touched() => ResumablePosition {
                gtids: self.gtids.clone(),
                binlog: open.begin.clone(),
                server_uuid: Some(self.server_uuid),
                open: Some(open.partly_sent()),
                waiting: self.resume.waiting(),
            },
            _ => {
                let left = self.resume.left_at(&self.boundary);
                ResumablePosition {
                    gtids: self.gtids.clone(),
                    binlog: left.binlog,
                    server_uuid: self.boundary_server,
                    open: left.open,
                    waiting: left.waiting,
                }
            }
        }
    }

    /// Where Debezium would store the definition of the last [`Step::Definition`]: the executed set *without* it, and its end,
    /// or inside of a transaction the place in that.
    pub fn definition_position(&self) -> ResumablePosition {
        let mut position = self.position();
        position.server_uuid = Some(self.server_uuid);
        match &self.state {
            State::Open(open) => {
                position.binlog.clone_from(&open.begin);
                position.open = Some(open.partly_sent());
            }
            _ => position.binlog.clone_from(&self.streamed.binlog),
        }
        position
    }

    /// Whether everything up to `position`, which may be another server's, is behind us.
    pub fn has_passed(&self, position: &ResumablePosition) -> bool {
        if matches!(self.state, State::Open(_)) {
            return false;
        }
        match (&self.gtids, &position.gtids) {
            (Some(behind_us), Some(wanted)) => behind_us.contains_set(wanted),
            _ => self.streamed.binlog >= position.binlog,
        }
    }

    /// How far the stream was read, for logs and errors.
    pub fn streamed(&self) -> &StreamedPosition {
        &self.streamed
    }

    /// The transaction the stream stands in, or the last one; `None` if it is anonymous.
    pub fn gtid(&self) -> Option<&Gtid> {
        self.streamed.gtid.as_ref()
    }

    /// Whether a transaction is open.
    pub fn is_in_transaction(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    /// When the transaction was committed where it was executed first, in microseconds since the epoch. Without GTIDs, the
    /// second in which the event's statement began, as Debezium has it.
    pub fn commit_time_us(&self, header: &EventHeader) -> u64 {
        self.committed_at_us.unwrap_or(u64::from(header.timestamp) * 1_000_000)
    }
}

/// Moving on.
impl TransactionTracker {
    pub(super) fn follow(&mut self, event: &StreamEvent<'_>) {
        let binlog = &mut self.streamed.binlog;
        if binlog.file != event.file {
            binlog.file.clear();
            binlog.file.push_str(event.file);
        }
        binlog.position = event.end;
    }

    pub(super) fn rotate<'e, 'a>(&mut self, file: &str, position: u64) -> Result<Step<'e, 'a>, MySqlError> {
        let step = self.outside("a new binlog file")?;
        self.boundary = BinlogPosition::new(file, position);
        self.boundary_server = Some(self.server_uuid);
        Ok(step)
    }

    /// A file begins with the set of everything before it. Where transactions were followed by file and position because
    /// GTIDs were off, that is how the set becomes known again once they are on.
    pub(super) fn previous_gtids<'e, 'a>(&mut self, encoded: &[u8]) -> Result<Step<'e, 'a>, MySqlError> {
        if self.gtids.is_none() && self.resume.is_done() && matches!(self.state, State::Between) {
            self.gtids = GtidSet::decode(encoded).filter(|set| !set.is_empty());
        }
        Ok(Step::Pass)
    }
}
