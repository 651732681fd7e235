//! [`Viewed`]: a view as a snapshot reads it, with what is known of the moment in which it opened.

use tracing::info;

use super::parts::PhaseParts;
use crate::captured::CapturedTables;
use crate::error::MySqlError;
use crate::event_time::EventTime;
use crate::position::ResumablePosition;
use crate::snapshot::{Copies, Moment, TouchedKeys, View, ViewSession};
use crate::streaming::{Definitions, GapReader, Unsuitable, stream_options};
use crate::table_id::TableId;

/// A view as a snapshot reads it.
pub(super) struct Viewed {
    pub(super) session: ViewSession,
    /// From here on the stream follows.
    pub(super) position: ResumablePosition,
    /// The moment in which it opened, if that was without a lock and is not [settled](Viewed::settle) yet.
    pub(super) unlocked: Option<Moment>,
    pub(super) taken_at: EventTime,
    /// The tables that the session does not show as they were.
    pub(super) copies: Copies,
    /// The rows that the stream brings, all of them.
    pub(super) touched: TouchedKeys,
}

impl Viewed {
    pub(super) fn new(view: View, copies: Copies) -> Self {
        Viewed {
            session: view.session,
            position: view.position,
            unlocked: view.unlocked,
            taken_at: view.taken_at,
            copies,
            touched: TouchedKeys::default(),
        }
    }

    /// Finds out which rows were changed while the view opened without a lock, of the captured tables that the snapshot is to
    /// read. `definitions` are those in the view.
    pub(super) fn settle(
        &mut self,
        parts: &PhaseParts,
        definitions: &mut Definitions,
        captured: &mut CapturedTables,
        is_read: &dyn Fn(&TableId) -> bool,
    ) -> Result<Result<(), Unsuitable>, MySqlError> {
        let Some(moment) = &self.unlocked else {
            return Ok(Ok(()));
        };
        let config = &parts.config;
        let reads_rows = config.snapshot_mode.reads_rows;
        let reader = GapReader {
            options: stream_options(config, parts.server_id, parts.replica_uuid),
            sources: &config.gtid_sources,
            definitions,
            captured,
            is_read: &|table| reads_rows && config.snapshot_reads.has(table) && is_read(table),
            is_streamed: config.snapshot_mode.streams,
            is_stopping: &|| parts.context.is_stopping(),
        };
        match reader.read(&self.position, moment)? {
            Ok(gap) => {
                self.position.binlog = gap.begins_at;
                self.touched = gap.touched;
                self.unlocked = None;
                Ok(Ok(()))
            }
            Err(unsuitable) => {
                info!(reason = unsuitable.0, "the moment in which the view opened will not do");
                Ok(Err(unsuitable))
            }
        }
    }
}

/// No moment was found in which a view could open.
pub(super) fn no_moment(Unsuitable(reason): Unsuitable) -> MySqlError {
    MySqlError::connection(format!(
        "the snapshot has found no moment to begin in without a lock: {reason} while its view opened; it tries again. If this \
         repeats, let it begin when fewer changes are made, or set snapshot.locking.mode=minimal, which keeps writers out for a \
         moment"
    ))
}
