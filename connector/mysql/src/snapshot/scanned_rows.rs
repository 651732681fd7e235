//! [`ScannedRows`]: the rows of one table on their way through the snapshot: what is sent next, and how far the frontier is.

use connector_api::data::{ValueWriter, WriteError, WriteValue};

use super::key_collector::KeyCollector;
use super::key_order::KeyOrder;
use super::row_batch::RowBatch;
use super::scan::Step;
use crate::captured::CapturedTable;
use crate::error::MySqlError;
use crate::position::{TableFrontier, TablePlace};
use crate::row::{OrderedRow, TextRowDecoder};
use crate::table_id::TableId;

/// Rows of a table, in the order of its key. The row sent last is still there, and it is known whether another follows the
/// next one: the last row of a table is marked as such.
pub struct ScannedRows {
    table: TableId,
    decoder: TextRowDecoder,
    order: Option<KeyOrder>,
    /// The rows before those of `batch`.
    previous: RowBatch,
    batch: RowBatch,
    /// The next row in `batch`.
    next: usize,
    following: Option<RowBatch>,
    /// Where an earlier attempt stopped.
    resumed: TablePlace,
    has_ended: bool,
    sent: u64,
}

impl ScannedRows {
    pub(super) fn new(table: &CapturedTable, order: Option<KeyOrder>, resumed: TablePlace) -> Result<Self, MySqlError> {
        Ok(ScannedRows {
            table: table.schema.id.clone(),
            decoder: table.text_decoder()?,
            order,
            previous: RowBatch::default(),
            batch: RowBatch::default(),
            next: 0,
            following: None,
            resumed,
            has_ended: false,
            sent: 0,
        })
    }

    /// The table.
    pub fn table(&self) -> &TableId {
        &self.table
    }

    /// How many rows were sent.
    pub fn sent_rows(&self) -> u64 {
        self.sent
    }

    /// What is next, if that can be told from the rows that are here.
    pub(super) fn next_step(&mut self) -> Option<Step> {
        if self.next == self.batch.len()
            && let Some(following) = self.following.take()
        {
            self.previous = std::mem::replace(&mut self.batch, following);
            self.next = 0;
        }
        match self.batch.len() - self.next {
            0 if self.has_ended => Some(Step::End),
            1 if self.has_ended || self.following.is_some() => Some(Step::Row),
            0 | 1 => None,
            _ => Some(Step::Row),
        }
    }

    /// These rows follow.
    pub(super) fn follow(&mut self, batch: RowBatch) {
        self.following = Some(batch);
    }

    /// No more rows follow.
    pub(super) fn end(&mut self) {
        self.has_ended = true;
    }

    /// The next row as a value. There is one after [`Step::Row`].
    pub fn current(&self) -> TextRow<'_> {
        self.row(&self.batch, self.next)
    }

    /// Whether the next row is the last of the table.
    pub fn is_last(&self) -> bool {
        self.has_ended && self.following.is_none() && self.next + 1 >= self.batch.len()
    }

    /// Whether no row was sent yet, by this attempt or an earlier one.
    pub fn is_first(&self) -> bool {
        self.sent == 0 && self.resumed == TablePlace::Start
    }

    /// The next row was sent.
    pub fn sent(&mut self) {
        self.next += 1;
        self.sent += 1;
    }

    fn last_sent(&self) -> Option<TextRow<'_>> {
        match self.next.checked_sub(1) {
            Some(last) => Some(self.row(&self.batch, last)),
            None => {
                let last = self.previous.len().checked_sub(1)?;
                Some(self.row(&self.previous, last))
            }
        }
    }

    pub(super) fn row<'a>(&'a self, batch: &'a RowBatch, row: usize) -> TextRow<'a> {
        TextRow {
            decoder: &self.decoder,
            batch,
            row,
        }
    }

    /// The order of the table's key.
    pub(super) fn order(&self) -> Option<&KeyOrder> {
        self.order.as_ref()
    }

    /// Where an earlier attempt stopped.
    pub(super) fn resumed(&self) -> &TablePlace {
        &self.resumed
    }

    /// The place in the table: everything up to it was sent.
    pub fn frontier(&self) -> TableFrontier {
        let place = match self.last_sent() {
            None => self.resumed.clone(),
            Some(row) => self
                .order
                .as_ref()
                .and_then(|order| behind(&row, order))
                .unwrap_or(TablePlace::Unknown),
        };
        TableFrontier {
            table: self.table.clone(),
            place,
        }
    }
}

fn behind(row: &TextRow<'_>, order: &KeyOrder) -> Option<TablePlace> {
    Some(TablePlace::Behind {
        key: KeyCollector::place(row, &order.columns()).ok()?,
        definition: order.definition(),
    })
}

/// A row of a snapshot as a value: field `i` is column `i`.
pub struct TextRow<'a> {
    decoder: &'a TextRowDecoder,
    batch: &'a RowBatch,
    row: usize,
}

impl WriteValue for TextRow<'_> {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        writer.begin_struct()?;
        for column in 0..self.batch.columns() {
            self.write_field(column, writer)?;
        }
        writer.end_struct()
    }

    fn write_field(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match self.batch.value(self.row, index) {
            Some(text) => self.decoder.write_column(index, text, writer),
            None => Err(WriteError::new(format!(
                "column {index} of the snapshot's result is not text"
            ))),
        }
    }
}

impl OrderedRow for TextRow<'_> {
    fn write_order(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match self.batch.value(self.row, index) {
            Some(text) => self.decoder.write_column_order(index, text, writer),
            None => Err(WriteError::new(format!(
                "column {index} of the snapshot's result is not text"
            ))),
        }
    }
}
