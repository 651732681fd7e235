//! [`RowValue`] and [`KeyValue`]: the columns of a row that are published, and those that form its key.
//!
//! Both borrow a row whose field `i` is column `i` of the table and pick columns by position. Nothing is copied.

use connector_api::data::{ValueWriter, WriteError, WriteValue};

use super::value_mapping::ValueMapping;

/// The published columns of a row.
#[derive(Clone, Copy)]
pub(super) struct RowValue<'a> {
    pub(super) row: &'a dyn WriteValue,
    /// The column of each field; `None`: every column, in order and as it is.
    pub(super) columns: Option<&'a [PublishedColumn]>,
}

/// A column that a row is published with.
#[derive(Debug)]
pub(super) struct PublishedColumn {
    /// Its position.
    pub(super) index: usize,
    /// What is done with its values.
    pub(super) mapping: Option<ValueMapping>,
}

impl PublishedColumn {
    fn write(&self, row: &dyn WriteValue, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match &self.mapping {
            None => row.write_field(self.index, writer),
            Some(mapping) => mapping.write(row, self.index, writer),
        }
    }
}

impl WriteValue for RowValue<'_> {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match self.columns {
            // The row knows the fastest way through all of its columns.
            None => self.row.write(writer),
            Some(columns) => {
                writer.begin_struct()?;
                columns.iter().try_for_each(|column| column.write(self.row, writer))?;
                writer.end_struct()
            }
        }
    }

    fn write_field(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match self.columns {
            None => self.row.write_field(index, writer),
            Some(columns) => at(columns, index)?.write(self.row, writer),
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
        writer.begin_struct()?;
        for column in self.columns {
            self.row.write_field(*column, writer)?;
        }
        writer.end_struct()
    }

    fn write_field(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        self.row.write_field(*at(self.columns, index)?, writer)
    }
}

fn at<T>(columns: &[T], index: usize) -> Result<&T, WriteError> {
    let none = || WriteError::new(format!("the row has {} fields, none at {index}", columns.len()));
    columns.get(index).ok_or_else(none)
}
