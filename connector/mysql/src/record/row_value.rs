//! [`RowValue`] and [`KeyValue`]: the columns of a row that are published, and those that form its key.
//!
//! Both borrow a row whose field `i` is column `i` of the table and pick columns by position. Nothing is copied.

use connector_api::data::{ValueWriter, WriteError, WriteValue};

/// The published columns of a row.
#[derive(Clone, Copy)]
pub(super) struct RowValue<'a> {
    pub(super) row: &'a dyn WriteValue,
    /// The column of each field; `None`: every column, in order.
    pub(super) columns: Option<&'a [usize]>,
}

impl WriteValue for RowValue<'_> {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match self.columns {
            // The row knows the fastest way through all of its columns.
            None => self.row.write(writer),
            Some(columns) => write_columns(self.row, columns, writer),
        }
    }

    fn write_field(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match self.columns {
            None => self.row.write_field(index, writer),
            Some(columns) => write_column(self.row, columns, index, writer),
        }
    }
}

/// The key of a row.
#[derive(Clone, Copy)]
pub struct KeyValue<'a> {
    pub(super) row: &'a dyn WriteValue,
    pub(super) columns: &'a [usize],
}

impl WriteValue for KeyValue<'_> {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        write_columns(self.row, self.columns, writer)
    }

    fn write_field(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        write_column(self.row, self.columns, index, writer)
    }
}

fn write_columns(row: &dyn WriteValue, columns: &[usize], writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
    writer.begin_struct()?;
    for column in columns {
        row.write_field(*column, writer)?;
    }
    writer.end_struct()
}

fn write_column(
    row: &dyn WriteValue,
    columns: &[usize],
    index: usize,
    writer: &mut dyn ValueWriter,
) -> Result<(), WriteError> {
    match columns.get(index) {
        Some(column) => row.write_field(*column, writer),
        None => Err(WriteError::new(format!(
            "the row has {} fields, none at {index}",
            columns.len()
        ))),
    }
}
