//! [`TableScan`]: one table on its way through the snapshot: what is read next, and how far the frontier is.

use std::time::Duration;

use connector_api::data::{ValueWriter, WriteError, WriteValue};
use mysql_async::{Row, Value};

use super::key_collector::KeyCollector;
use super::key_order::KeyOrder;
use super::lock::{quoted, quoted_name};
use super::reader::{Fetched, TableReader};
use crate::captured::CapturedTable;
use crate::error::MySqlError;
use crate::position::TableFrontier;
use crate::row::TextRowDecoder;
use crate::schema::TableId;
use crate::server::Connection;

/// A scan in progress. It holds the row sent last and the next one: the last row of a table is marked as such.
pub struct TableScan {
    pub table: TableId,
    decoder: TextRowDecoder,
    order: Option<KeyOrder>,
    /// `None` once the session was given back.
    reader: Option<TableReader>,
    batch: std::vec::IntoIter<Row>,
    next: Option<Row>,
    sent: Option<Row>,
    /// Where an earlier attempt stopped.
    resumed: Vec<String>,
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
        table: &CapturedTable,
        order: Option<KeyOrder>,
        resumed: Vec<String>,
    ) -> Result<Self, MySqlError> {
        let select = select(table, order.as_ref(), &resumed)?;
        Ok(TableScan {
            table: table.schema.id.clone(),
            decoder: table.text_decoder()?,
            order,
            reader: Some(TableReader::start(connection, select)),
            batch: Vec::new().into_iter(),
            next: None,
            sent: None,
            resumed,
            ended: false,
            rows: 0,
        })
    }

    /// Makes sure that the next row is there and that it is known whether another follows.
    pub fn advance(&mut self, wait: Duration) -> Result<Step, MySqlError> {
        if self.next.is_none() {
            self.next = self.batch.next();
        }
        while !self.ended && (self.next.is_none() || self.batch.len() == 0) {
            let Some(reader) = &mut self.reader else { break };
            match reader.next(wait)? {
                Fetched::Nothing => return Ok(Step::Nothing),
                Fetched::End => self.ended = true,
                Fetched::Rows(rows) => {
                    self.batch = rows.into_iter();
                    if self.next.is_none() {
                        self.next = self.batch.next();
                    }
                }
            }
        }
        Ok(if self.next.is_some() { Step::Row } else { Step::End })
    }

    /// The next row as a value.
    pub fn current(&self) -> Option<TextRow<'_>> {
        self.next.as_ref().map(|row| TextRow {
            decoder: &self.decoder,
            row,
        })
    }

    /// Whether the next row is the last of the table.
    pub fn is_last(&self) -> bool {
        self.ended && self.batch.len() == 0
    }

    /// Whether no row was sent yet, by this attempt or an earlier one.
    pub fn is_first(&self) -> bool {
        self.sent.is_none() && self.resumed.is_empty()
    }

    /// The next row was sent.
    pub fn sent(&mut self) {
        self.sent = self.next.take();
        self.rows += 1;
    }

    /// The place in the table: everything up to it was sent.
    pub fn frontier(&self) -> TableFrontier {
        let key = match (&self.order, &self.sent) {
            (Some(order), Some(row)) => {
                let row = TextRow {
                    decoder: &self.decoder,
                    row,
                };
                // A key that cannot be written was refused when its row was sent.
                KeyCollector::collect(&row, &order.columns()).unwrap_or_default()
            }
            _ => self.resumed.clone(),
        };
        TableFrontier {
            table: self.table.clone(),
            key,
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

/// Columns are named one by one: `*` leaves out invisible ones. What is not needed is not asked for.
fn select(table: &CapturedTable, order: Option<&KeyOrder>, resumed: &[String]) -> Result<String, MySqlError> {
    let id = &table.schema.id;
    let columns = table.schema.columns.iter().zip(table.records.needed_columns());
    let columns: Vec<String> = columns
        .map(|(column, needed)| {
            if *needed {
                quoted_name(&column.name)
            } else {
                "NULL".to_owned()
            }
        })
        .collect();
    let mut select = format!("SELECT {} FROM {}", columns.join(", "), quoted(id));
    if let Some(order) = order {
        if !resumed.is_empty() {
            let condition = order.behind(resumed).ok_or_else(|| {
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
    row: &'a Row,
}

impl WriteValue for TextRow<'_> {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        writer.begin_struct()?;
        for column in 0..self.row.len() {
            self.write_field(column, writer)?;
        }
        writer.end_struct()
    }

    fn write_field(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match self.row.as_ref(index) {
            Some(Value::Bytes(text)) => self.decoder.write_column(index, Some(text), writer),
            Some(Value::NULL) => self.decoder.write_column(index, None, writer),
            _ => Err(WriteError::new(format!(
                "column {index} of the snapshot's result is not text"
            ))),
        }
    }
}
