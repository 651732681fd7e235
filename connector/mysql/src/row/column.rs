//! [`ColumnDecoder`]: one column of a table, ready to write values of either form.

use connector_api::data::{Value, ValueWriter, WriteError, WriteValue};

use super::{
    Written, binary, bit, date, datetime, decimal, enum_set, float, integer, json, order, text, time, timestamp, year,
};
use crate::schema::{Column, ColumnType};
use crate::table_id::TableId;

/// Memory that values are composed in before they are written.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    text: String,
    bytes: Vec<u8>,
}

/// A column: what its bytes mean and what stands in for NULL.
#[derive(Debug, Clone)]
pub(super) struct ColumnDecoder {
    pub(super) name: String,
    pub(super) column_type: ColumnType,
    optional: bool,
    fallback: Option<Value>,
}

impl ColumnDecoder {
    pub(super) fn new(column: &Column, column_type: &ColumnType, fallback: Option<Value>) -> Self {
        ColumnDecoder {
            name: column.name.clone(),
            column_type: column_type.clone(),
            optional: column.optional,
            fallback,
        }
    }

    /// Whether NULL is a legal value.
    pub(super) fn is_optional(&self) -> bool {
        self.optional
    }

    /// Writes a value of a row image.
    pub(super) fn write_image(
        &self,
        table: &TableId,
        value: Option<&[u8]>,
        scratch: &mut Scratch,
        writer: &mut dyn ValueWriter,
    ) -> Result<(), WriteError> {
        let written = match value {
            Some(bytes) => self.image_value(bytes, scratch, writer),
            None => Ok(false),
        };
        self.conclude(table, written, writer)
    }

    /// Writes a value of a text result set.
    pub(super) fn write_text(
        &self,
        table: &TableId,
        value: Option<&[u8]>,
        scratch: &mut Scratch,
        writer: &mut dyn ValueWriter,
    ) -> Result<(), WriteError> {
        let written = match value {
            Some(text) => self.text_value(text, scratch, writer),
            None => Ok(false),
        };
        self.conclude(table, written, writer)
    }

    /// Writes a value of a row image as it is ordered. NULL has no place in a key.
    pub(super) fn write_image_order(
        &self,
        table: &TableId,
        value: Option<&[u8]>,
        scratch: &mut Scratch,
        writer: &mut dyn ValueWriter,
    ) -> Result<(), WriteError> {
        let bytes = value.ok_or_else(|| self.error(table, "NULL in a key"))?;
        match order::write_image(&self.column_type, bytes, &mut scratch.bytes, writer) {
            Ok(true) => Ok(()),
            Ok(false) => self.write_image(table, value, scratch, writer),
            Err(error) => Err(self.error(table, error)),
        }
    }

    /// Writes a value of a text result set as it is ordered.
    pub(super) fn write_text_order(
        &self,
        table: &TableId,
        value: Option<&[u8]>,
        scratch: &mut Scratch,
        writer: &mut dyn ValueWriter,
    ) -> Result<(), WriteError> {
        let text = value.ok_or_else(|| self.error(table, "NULL in a key"))?;
        match order::write_text(&self.column_type, text, &mut scratch.bytes, writer) {
            Ok(true) => Ok(()),
            Ok(false) => self.write_text(table, value, scratch, writer),
            Err(error) => Err(self.error(table, error)),
        }
    }

    fn conclude(&self, table: &TableId, written: Written, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match written {
            Ok(true) => Ok(()),
            Ok(false) if self.optional => writer.null(),
            Ok(false) => match &self.fallback {
                Some(fallback) => fallback.write(writer),
                None => Err(self.error(table, "NULL in a column that is NOT NULL")),
            },
            Err(error) => Err(self.error(table, error)),
        }
    }

    /// An error that names this column.
    pub(super) fn error(&self, table: &TableId, fault: impl std::fmt::Display) -> WriteError {
        WriteError::new(format!("column `{}` of {table}: {fault}", self.name))
    }

    fn image_value(&self, bytes: &[u8], scratch: &mut Scratch, writer: &mut dyn ValueWriter) -> Written {
        match &self.column_type {
            ColumnType::Boolean => integer::write_image(bytes, false, integer::RecordInteger::Boolean, writer),
            ColumnType::TinyInt { unsigned }
            | ColumnType::SmallInt { unsigned }
            | ColumnType::MediumInt { unsigned } => {
                integer::write_image(bytes, *unsigned, integer::RecordInteger::Int32, writer)
            }
            ColumnType::Int { unsigned } => integer::write_image(bytes, *unsigned, int_form(*unsigned), writer),
            ColumnType::BigInt { unsigned } => {
                integer::write_image(bytes, *unsigned, integer::RecordInteger::Int64, writer)
            }
            ColumnType::Decimal { precision, scale } => decimal::write_image(bytes, *precision, *scale, writer),
            ColumnType::Float => float::write_image(bytes, float::RecordFloat::Float32, writer),
            ColumnType::FloatWithScale => float::write_image(bytes, float::RecordFloat::Float32AsFloat64, writer),
            ColumnType::Double => float::write_image(bytes, float::RecordFloat::Float64, writer),
            ColumnType::Bit { length } => bit::write(bytes, *length, writer),
            ColumnType::Text { charset } => text::write_image(bytes, *charset, &mut scratch.text, writer),
            ColumnType::Binary { length } => binary::write_padded(bytes, *length, &mut scratch.bytes, writer),
            ColumnType::Bytes => binary::write(bytes, writer),
            ColumnType::Date => date::write_image(bytes, writer),
            ColumnType::Time { .. } => time::write_image(bytes, writer),
            ColumnType::DateTime { fsp } => datetime::write_image(bytes, *fsp, writer),
            ColumnType::Timestamp { fsp } => timestamp::write_image(bytes, *fsp, &mut scratch.bytes, writer),
            ColumnType::Year => year::write_image(bytes, writer),
            ColumnType::Enum { values } => enum_set::write_enum(bytes, values, writer),
            ColumnType::Set { values } => enum_set::write_set(bytes, values, &mut scratch.text, writer),
            ColumnType::Json => json::write_image(bytes, &mut scratch.bytes, writer),
        }
    }

    fn text_value(&self, text: &[u8], scratch: &mut Scratch, writer: &mut dyn ValueWriter) -> Written {
        match &self.column_type {
            ColumnType::Boolean => integer::write_text(text, integer::RecordInteger::Boolean, writer),
            ColumnType::TinyInt { .. } | ColumnType::SmallInt { .. } | ColumnType::MediumInt { .. } => {
                integer::write_text(text, integer::RecordInteger::Int32, writer)
            }
            ColumnType::Int { unsigned } => integer::write_text(text, int_form(*unsigned), writer),
            ColumnType::BigInt { .. } => integer::write_text(text, integer::RecordInteger::Int64, writer),
            ColumnType::Decimal { scale, .. } => decimal::write_text(text, *scale, writer),
            ColumnType::Float => float::write_text(text, float::RecordFloat::Float32, writer),
            ColumnType::FloatWithScale => float::write_text(text, float::RecordFloat::Float32AsFloat64, writer),
            ColumnType::Double => float::write_text(text, float::RecordFloat::Float64, writer),
            ColumnType::Bit { length } => bit::write(text, *length, writer),
            ColumnType::Text { .. } | ColumnType::Enum { .. } | ColumnType::Set { .. } => {
                text::write_text(text, writer)
            }
            ColumnType::Binary { length } => binary::write_padded(text, *length, &mut scratch.bytes, writer),
            ColumnType::Bytes => binary::write(text, writer),
            ColumnType::Date => date::write_text(text, writer),
            ColumnType::Time { .. } => time::write_text(text, writer),
            ColumnType::DateTime { fsp } => datetime::write_text(text, *fsp, writer),
            ColumnType::Timestamp { .. } => timestamp::write_text(text, &mut scratch.bytes, writer),
            ColumnType::Year => year::write_text(text, writer),
            ColumnType::Json => json::write_text(text, writer),
        }
    }
}

fn int_form(unsigned: bool) -> integer::RecordInteger {
    if unsigned {
        integer::RecordInteger::Int64
    } else {
        integer::RecordInteger::Int32
    }
}
