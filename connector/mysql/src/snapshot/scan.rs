//! [`TableScan`]: one table on its way through the snapshot, from the view or from a copy of it.

use std::collections::VecDeque;
use std::time::Duration;

use super::copies::Copy;
use super::reader::{Fetched, TableReader};
use super::row_batch::RowBatch;
use super::scan_plan::ScanPlan;
use super::scanned_rows::ScannedRows;
use super::touched_keys::LeftOut;
use super::view_session::ViewSession;
use crate::captured::CapturedTable;
use crate::error::MySqlError;
use crate::position::TablePlace;
use crate::server::ConnectionOptions;
use crate::table_id::TableId;

/// A scan in progress. It owns the view's session until the table is read.
pub struct TableScan {
    rows: ScannedRows,
    source: Source,
    /// Rows that the stream brings, all of them.
    left_out: Option<LeftOut>,
}

/// Where rows come from.
enum Source {
    View(TableReader),
    /// Rows that were read when the view opened.
    Copy {
        batches: VecDeque<RowBatch>,
        /// Not needed meanwhile.
        view: ViewSession,
    },
}

/// What a scan has next.
pub enum Step {
    /// A row is there; [`ScannedRows::current`] has it.
    Row,
    /// Nothing in the time given.
    Nothing,
    /// The table is read.
    End,
}

impl TableScan {
    /// Starts reading `table` in the view, behind `resumed` if an earlier attempt came that far.
    pub fn start(
        view: ViewSession,
        options: &ConnectionOptions,
        table: &CapturedTable,
        plan: ScanPlan,
        resumed: TablePlace,
    ) -> Result<Self, MySqlError> {
        let select = plan.select(table, &resumed)?;
        Ok(TableScan {
            source: Source::View(TableReader::start(view, options, &table.schema.id, select)),
            rows: ScannedRows::new(table, plan.into_order(), resumed)?,
            left_out: None,
        })
    }

    /// Starts reading `copy`, which is of `table`, in the same way.
    pub fn start_copy(
        mut view: ViewSession,
        copy: Copy,
        table: &CapturedTable,
        plan: ScanPlan,
        resumed: TablePlace,
    ) -> Result<Self, MySqlError> {
        let rows = ScannedRows::new(table, plan.into_order(), resumed)?;
        let batches = copy.behind(&rows, &mut view)?;
        Ok(TableScan {
            source: Source::Copy { batches, view },
            rows,
            left_out: None,
        })
    }

    /// The same without these rows.
    #[must_use]
    pub fn without(self, left_out: Option<LeftOut>) -> Self {
        TableScan { left_out, ..self }
    }

    /// The table.
    pub fn table(&self) -> &TableId {
        self.rows.table()
    }

    /// The rows.
    pub fn rows(&self) -> &ScannedRows {
        &self.rows
    }

    /// Makes sure that the next row is there and that it is known whether another follows.
    pub fn advance(&mut self, wait: Duration) -> Result<Step, MySqlError> {
        loop {
            if let Some(step) = self.rows.next_step() {
                return Ok(step);
            }
            match self.source.next(wait)? {
                Fetched::Nothing => return Ok(Step::Nothing),
                Fetched::End => self.rows.end(),
                Fetched::Rows(batch) => {
                    let batch = self.read_here(batch)?;
                    if !batch.is_empty() {
                        self.rows.follow(batch);
                    }
                }
            }
        }
    }

    /// The rows that the snapshot sends.
    fn read_here(&self, mut batch: RowBatch) -> Result<RowBatch, MySqlError> {
        if let Some(left_out) = &self.left_out {
            let left = batch.leave_out(|batch, row| left_out.has(&self.rows.row(batch, row)));
            left.map_err(|error| {
                let table = self.table();
                MySqlError::decode(format!("a key of {table} cannot be read"))
                    .at(table)
                    .caused_by(error)
            })?;
        }
        Ok(batch)
    }

    /// The next row was sent.
    pub fn sent(&mut self) {
        self.rows.sent();
    }

    /// Gives the session back once everything was read. The last row may still wait to be sent.
    pub fn release(self) -> Result<(ScannedRows, ViewSession), MySqlError> {
        let view = match self.source {
            Source::View(reader) => reader.finish()?,
            Source::Copy { view, .. } => view,
        };
        Ok((self.rows, view))
    }
}

impl Source {
    fn next(&mut self, wait: Duration) -> Result<Fetched, MySqlError> {
        match self {
            Source::View(reader) => reader.next(wait),
            Source::Copy { batches, .. } => Ok(batches.pop_front().map_or(Fetched::End, Fetched::Rows)),
        }
    }
}
