//! [`Gap`]: what was committed while a snapshot's view opened without a lock.
//!
//! It is read before the view's rows are, from the view's position to its end, and once more by the stream, which sends it. Here
//! only keys are taken down, those of rows that the snapshot is to read. What cannot be told from keys makes the moment
//! unsuitable, and another one is waited for: a definition that changed, rows without a key, more rows than can be held, the
//! end of an XA transaction.

use std::time::{Duration, Instant};

use tracing::info;

use super::definitions::Definitions;
use super::layouts::{Layout, LayoutRows, Layouts};
use super::row_change::{ImageSpans, RowChanges};
use crate::binlog::dump_request::StreamOptions;
use crate::binlog::event::{BinlogEvent, RowsEvent};
use crate::binlog::stream::{BinlogStream, StreamEvent};
use crate::binlog::table_map::TableMapEvent;
use crate::binlog::transaction::{Step, TransactionTracker};
use crate::captured::CapturedTables;
use crate::config::GtidSources;
use crate::error::MySqlError;
use crate::position::{BinlogPosition, ResumablePosition};
use crate::server::DumpStart;
use crate::snapshot::{Moment, TouchedKeys, identity};
use crate::table_id::TableId;

/// What was committed, as far as a snapshot has to know.
pub struct Gap {
    /// The rows that were changed.
    pub touched: TouchedKeys,
    /// Where the first transaction begins, or where the gap ends if there is none: everything before is in the set.
    pub begins_at: BinlogPosition,
}

/// The moment in which the view opened will not do, and why. In another moment it may.
#[derive(Debug, PartialEq, Eq)]
pub struct Unsuitable(pub String);

/// Reads a gap.
pub struct GapReader<'a> {
    /// How to be a replica.
    pub options: StreamOptions,
    /// Whose transactions are wanted.
    pub sources: &'a GtidSources,
    /// The definitions in the view.
    pub definitions: &'a mut Definitions,
    /// What is compiled of them.
    pub captured: &'a mut CapturedTables,
    /// Which captured tables the snapshot is to read.
    pub is_read: &'a dyn Fn(&TableId) -> bool,
    /// Whether the stream follows the snapshot.
    pub is_streamed: bool,
    /// Whether it is to be given up.
    pub is_stopping: &'a dyn Fn() -> bool,
}

/// How often the server says that it has nothing more to send.
const HEARTBEAT: Duration = Duration::from_millis(50);
/// How long reading a gap may take. It is as long as a view takes to open.
const LONGEST: Duration = Duration::from_secs(120);

impl GapReader<'_> {
    /// Reads what lies between `position`, and with it what precedes it and follows the reading of definitions, and the end of
    /// the `moment`.
    pub fn read(
        mut self,
        position: &ResumablePosition,
        moment: &Moment,
    ) -> Result<Result<Gap, Unsuitable>, MySqlError> {
        let end = &moment.end;
        let start = DumpStart::AllBut(moment.before_definitions.clone());
        let from = ResumablePosition {
            gtids: Some(moment.before_definitions.clone()),
            ..position.clone()
        };
        let options = StreamOptions {
            heartbeat: HEARTBEAT,
            ..self.options.clone()
        };
        let mut stream = BinlogStream::open(options, &start)?;
        let mut tracker = TransactionTracker::resume(from, &start, stream.server_uuid())?;
        let mut layouts = Layouts::default();
        let (mut begins_at, mut touched) = (None, TouchedKeys::default());
        let began = Instant::now();
        loop {
            if (self.is_stopping)() || began.elapsed() > LONGEST {
                return Err(MySqlError::connection(format!(
                    "the binlog up to {end}, where the snapshot's view opened, was not read in time"
                )));
            }
            let Some(event) = stream.next_event(HEARTBEAT)? else {
                if !tracker.is_in_transaction() && stream.has_rested_at(end) {
                    break;
                }
                continue;
            };
            if is_behind(&event, end) && !tracker.is_in_transaction() {
                break;
            }
            let step = tracker.accept(&event)?;
            let is_in_view = is_in(position, &tracker);
            let is_left_out = self.sources.leave_out(tracker.gtid());
            if matches!(event.event, BinlogEvent::Gtid(_)) && !is_in_view && begins_at.is_none() {
                begins_at = Some(BinlogPosition::new(event.file, event.start));
            }
            let noted = match step {
                Step::TableMap(map) => self.announce(map, &tracker, &mut layouts).map(Ok)?,
                Step::Rows(rows) => {
                    let layout = layouts.of_rows(rows);
                    match layout.filter(|_| !is_in_view && !is_left_out && !rows.is_dummy()) {
                        Some(layout) => self.rows(rows, layout, &tracker, &mut touched)?,
                        None => Ok(()),
                    }
                }
                Step::Definition(query) if self.definitions.would_concern_captured(query)? => {
                    Err(Unsuitable("the definition of a captured table was changed".to_owned()))
                }
                Step::PreparedEnds(_) => Err(Unsuitable("a prepared XA transaction ended".to_owned())),
                _ => Ok(()),
            };
            if let Err(unsuitable) = noted {
                return Ok(Err(unsuitable));
            }
        }
        let begins_at = begins_at.unwrap_or_else(|| end.clone());
        info!(%begins_at, %end, rows = touched.len(), "read what was committed while the view opened");
        Ok(Ok(Gap { touched, begins_at }))
    }

    fn announce(
        &mut self,
        event: &TableMapEvent<'_>,
        tracker: &TransactionTracker,
        layouts: &mut Layouts,
    ) -> Result<(), MySqlError> {
        let definitions = &mut *self.definitions;
        layouts.announce(event, |map| definitions.rows_of(map, tracker.streamed()))
    }

    fn rows(
        &mut self,
        rows: &RowsEvent<'_>,
        layout: &Layout,
        tracker: &TransactionTracker,
        touched: &mut TouchedKeys,
    ) -> Result<Result<(), Unsuitable>, MySqlError> {
        let schema = match &layout.rows {
            LayoutRows::Captured(schema) if (self.is_read)(&schema.id) => schema,
            _ => return Ok(Ok(())),
        };
        let id = &schema.id;
        if !self.is_streamed {
            return Ok(Err(Unsuitable(format!(
                "rows of {id} were changed, and no stream follows that brings them,"
            ))));
        }
        let table = self.captured.table(schema)?;
        let Some(columns) = identity(table) else {
            return Ok(Err(Unsuitable(format!(
                "rows of {id} were changed, whose key does not tell which they are,"
            ))));
        };
        let unreadable = |error| MySqlError::from(error).at(tracker.streamed());
        let decoder = table.prepared(&layout.map).map_err(unreadable)?.decoder;
        let mut images = ImageSpans::default();
        let mut changes = RowChanges::of(rows, decoder, &mut images);
        while let Some(change) = changes.next().map_err(unreadable)? {
            for image in change.images() {
                let has_room = touched.touch(id, image, &columns).map_err(|error| {
                    MySqlError::decode(format!("a key of {id} cannot be read"))
                        .at(id)
                        .caused_by(error)
                })?;
                if !has_room {
                    return Ok(Err(Unsuitable("a large transaction was committed".to_owned())));
                }
            }
        }
        Ok(Ok(()))
    }
}

/// Whether the transaction in which the stream stands is certainly in the view.
fn is_in(position: &ResumablePosition, tracker: &TransactionTracker) -> bool {
    let (set, gtid) = (position.gtids.as_ref(), tracker.gtid());
    set.zip(gtid).is_some_and(|(set, gtid)| set.contains(gtid))
}

/// Whether an event begins behind `end`.
fn is_behind(event: &StreamEvent<'_>, end: &BinlogPosition) -> bool {
    BinlogPosition::new(event.file, event.start) >= *end
}
