//! [`TableScan`]: one table on its way through the snapshot: what is read next, and how far the frontier is.

use std::time::Duration;

use connector_api::data::{ValueWriter, WriteError, WriteValue};

use super::key_collector::KeyCollector;
use super::key_order::KeyOrder;
use super::lock::{quoted, quoted_name};
use super::reader::{Fetched, TableReader};
use super::row_batch::RowBatch;
use crate::captured::CapturedTable;
use crate::error::MySqlError;
use crate::position::{Place, TableFrontier};
use crate::row::{OrderedRow, TextRowDecoder};
use crate::schema::TableId;
use crate::server::{Connection, ConnectionOptions};

/// A scan in progress. It still has the row sent last, and knows whether another follows the next one: the last row of a
/// table is marked as such.
pub struct TableScan {
    pub table: TableId,
    decoder: TextRowDecoder,
    order: Option<KeyOrder>,
    /// `None` once the session was given back.
    reader: Option<TableReader>,
    /// The rows before those of `batch`.
    previous: RowBatch,
    batch: RowBatch,
    /// The next row in `batch`.
    next: usize,
    following: Option<RowBatch>,
    /// Where an earlier attempt stopped.
    resumed: Place,
    ended: bool,
    pub rows: u64,
}

/// What a scan has next.
pub enum Step {
    /// A row is there; [`TableScan::current`] has it.
    Row,
    /// Nothing in the time given.
    Nothing,
    /// The table is read.
    End,
}

impl TableScan {
    /// Starts reading `table`, behind `resumed` if an earlier attempt came that far.
    pub fn start(
        connection: Connection,
        options: &ConnectionOptions,
        table: &CapturedTable,
        order: Option<KeyOrder>,
        resumed: Place,
    ) -> Result<Self, MySqlError> {
        let select = select(table, order.as_ref(), &resumed)?;
        Ok(TableScan {
            table: table.schema.id.clone(),
            decoder: table.text_decoder()?,
            order,
            reader: Some(TableReader::start(connection, options, &table.schema.id, select)),
            previous: RowBatch::default(),
            batch: RowBatch::default(),
            next: 0,
            following: None,
            resumed,
            ended: false,
            rows: 0,
        })
    }

    /// Makes sure that the next row is there and that it is known whether another follows.
    pub fn advance(&mut self, wait: Duration) -> Result<Step, MySqlError> {
        loop {
            if self.next == self.batch.len()
                && let Some(following) = self.following.take()
            {
                self.previous = std::mem::replace(&mut self.batch, following);
                self.next = 0;
            }
            let rows_left = self.batch.len() - self.next;
            match rows_left {
                0 if self.ended => return Ok(Step::End),
                1 if self.ended || self.following.is_some() => return Ok(Step::Row),
                0 | 1 => {}
                _ => return Ok(Step::Row),
            }
            match &mut self.reader {
                None => self.ended = true,
                Some(reader) => match reader.next(wait)? {
                    Fetched::Nothing => return Ok(Step::Nothing),
                    Fetched::End => self.ended = true,
                    Fetched::Rows(rows) => self.following = Some(rows),
                },
            }
        }
    }

    /// The next row as a value.
    pub fn current(&self) -> Option<TextRow<'_>> {
        (self.next < self.batch.len()).then(|| self.row(&self.batch, self.next))
    }

    /// Whether the next row is the last of the table.
    pub fn is_last(&self) -> bool {
        self.ended && self.following.is_none() && self.next + 1 >= self.batch.len()
    }

    /// Whether no row was sent yet, by this attempt or an earlier one.
    pub fn is_first(&self) -> bool {
        self.rows == 0 && self.resumed == Place::Start
    }

    /// The next row was sent.
    pub fn sent(&mut self) {
        self.next += 1;
        self.rows += 1;
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

    fn row<'a>(&'a self, batch: &'a RowBatch, row: usize) -> TextRow<'a> {
        TextRow {
            decoder: &self.decoder,
            batch,
            row,
        }
    }

    /// The place in the table: everything up to it was sent.
    pub fn frontier(&self) -> TableFrontier {
        let place = match self.last_sent() {
            None => self.resumed.clone(),
            Some(row) => self
                .order
                .as_ref()
                .and_then(|order| behind(&row, order))
                .unwrap_or(Place::Unknown),
        };
        TableFrontier {
            table: self.table.clone(),
            place,
        }
    }

    /// Gives the session back once the server has sent everything; the last row may still wait to be sent.
    pub fn release(&mut self) -> Result<Connection, MySqlError> {
        match self.reader.take() {
            Some(reader) => reader.finish(),
            None => Err(MySqlError::connection("the session of a scan was given back already")),
        }
    }
}

fn behind(row: &TextRow<'_>, order: &KeyOrder) -> Option<Place> {
    Some(Place::Behind {
        key: KeyCollector::place(row, &order.columns()).ok()?,
        definition: order.definition(),
    })
}

/// Columns are named one by one: `*` leaves out invisible ones. What is needed neither for records nor for the order is not
/// asked for.
fn select(table: &CapturedTable, order: Option<&KeyOrder>, resumed: &Place) -> Result<String, MySqlError> {
    let id = &table.schema.id;
    let keys = order.map(KeyOrder::columns).unwrap_or_default();
    let columns = table.schema.columns.iter().zip(table.records.needed_columns());
    let columns: Vec<String> = columns
        .enumerate()
        .map(|(index, (column, needed))| {
            if *needed || keys.contains(&index) {
                quoted_name(&column.name)
            } else {
                "NULL".to_owned()
            }
        })
        .collect();
    let mut select = format!("SELECT {} FROM {}", columns.join(", "), quoted(id));
    if let Some(order) = order {
        if let Place::Behind { key, .. } = resumed {
            let condition = order.behind(key).ok_or_else(|| {
                MySqlError::position(format!(
                    "the stored snapshot position in {id} is not a key of the table; reset the connector's offsets"
                ))
            })?;
            select.push_str(&format!(" WHERE {condition}"));
        }
        select.push_str(&format!(" ORDER BY {}", order.order_by()));
    }
    Ok(select)
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
