//! [`TextRowDecoder`]: reads the rows of a snapshot's `SELECT`.
//!
//! The form is that of the text protocol, with `time_zone='+00:00'` and a connection in utf8mb4.

use std::cell::RefCell;

use connector_api::data::{Value, ValueWriter, WriteError};

use super::column::{ColumnDecoder, Scratch};
use super::error::RowError;
use super::form::ColumnForm;
use crate::schema::TableSchema;
use crate::table_id::TableId;

/// Reads text rows of one version of a table.
#[derive(Debug)]
pub struct TextRowDecoder {
    table: TableId,
    /// `None`: a column that nobody reads.
    columns: Vec<Option<ColumnDecoder>>,
    scratch: RefCell<Scratch>,
}

impl TextRowDecoder {
    /// Compiles a decoder; the arguments are those of [`RowDecoder::new`](super::RowDecoder::new).
    ///
    /// # Errors
    /// If there is not one form and one fallback for every column.
    pub fn new(
        table: &TableSchema,
        forms: &[Option<ColumnForm>],
        fallbacks: Vec<Option<Value>>,
    ) -> Result<Self, RowError> {
        let count = table.columns.len();
        if count != forms.len() || count != fallbacks.len() {
            let detail = format!(
                "{} forms and {} fallbacks for {count} columns",
                forms.len(),
                fallbacks.len()
            );
            return Err(RowError::Definition {
                table: table.id.clone(),
                detail,
            });
        }
        let described = table.columns.iter().zip(forms).zip(fallbacks);
        let columns = described.map(|((column, form), fallback)| {
            let read = form.as_ref();
            read.map(|form| ColumnDecoder::new(column, form, fallback))
        });
        Ok(TextRowDecoder {
            table: table.id.clone(),
            columns: columns.collect(),
            scratch: RefCell::default(),
        })
    }

    /// Writes the text of one column; `None` is NULL.
    pub fn write_column(
        &self,
        column: usize,
        text: Option<&[u8]>,
        writer: &mut dyn ValueWriter,
    ) -> Result<(), WriteError> {
        let decoder = self.column(column)?;
        decoder.write_text(&self.table, text, &mut self.scratch.borrow_mut(), writer)
    }

    /// Writes the text of one column as it is ordered, in the form of
    /// [`RowDecoder::write_column_order`](super::RowDecoder::write_column_order).
    pub fn write_column_order(
        &self,
        column: usize,
        text: Option<&[u8]>,
        writer: &mut dyn ValueWriter,
    ) -> Result<(), WriteError> {
        let decoder = self.column(column)?;
        decoder.write_text_order(&self.table, text, &mut self.scratch.borrow_mut(), writer)
    }

    fn column(&self, column: usize) -> Result<&ColumnDecoder, WriteError> {
        match self.columns.get(column) {
            Some(Some(decoder)) => Ok(decoder),
            Some(None) => Err(WriteError::new(format!(
                "column number {column} of {} is not among those that are read",
                self.table
            ))),
            None => Err(WriteError::new(format!("{} has no column number {column}", self.table))),
        }
    }
}
