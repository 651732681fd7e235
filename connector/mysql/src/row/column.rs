//! [`ColumnDecoder`]: one column of a table, ready to write values of either form.

use std::cell::Cell;

use connector_api::data::{Value, ValueWriter, WriteError, WriteValue};

use super::form::{ColumnForm, Misfits};
use super::{
    Written, binary, bit, date, datetime, decimal, decimal_plain, enum_set, float, integer, json, order, text, time,
    timestamp, year,
};
use crate::config::{DecimalMode, TinyIntMode, UnsignedBigintMode, ValueModes};
use crate::schema::{Column, ColumnType};
use crate::table_id::TableId;

/// Memory that values are composed in before they are written.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) text: String,
    pub(super) bytes: Vec<u8>,
    /// Why the value that was not written has no room in its form; `None`: it stands for NULL.
    pub(super) misfit: Option<&'static str>,
}

impl Scratch {
    /// A value that its form has no room for.
    pub(super) fn no_room(&mut self, reason: &'static str) -> Written {
        self.misfit = Some(reason);
        Ok(false)
    }
}

/// A column: what its bytes mean and what stands in for NULL.
#[derive(Debug, Clone)]
pub(super) struct ColumnDecoder {
    pub(super) name: String,
    form: ColumnForm,
    optional: bool,
    fallback: Option<Value>,
    /// Whether a value was lost, so that it is said once.
    has_lost: Cell<bool>,
}

impl ColumnDecoder {
    pub(super) fn new(column: &Column, form: &ColumnForm, fallback: Option<Value>) -> Self {
        ColumnDecoder {
            name: column.name.clone(),
            form: form.clone(),
            optional: column.optional,
            fallback,
            has_lost: Cell::new(false),
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
            Some(bytes) => image_value(&self.form.column_type, &self.form.modes, bytes, scratch, writer),
            None => Ok(false),
        };
        self.conclude(table, written, scratch, writer)
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
            Some(text) => text_value(&self.form.column_type, &self.form.modes, text, scratch, writer),
            None => Ok(false),
        };
        self.conclude(table, written, scratch, writer)
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
        let column_type = &self.form.column_type;
        let written = match order::write_image(column_type, bytes, &mut scratch.bytes, writer) {
            Ok(false) => image_value(column_type, &ValueModes::default(), bytes, scratch, writer),
            written => written,
        };
        self.conclude(table, written, scratch, writer)
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
        let column_type = &self.form.column_type;
        let written = match order::write_text(column_type, text, &mut scratch.bytes, writer) {
            Ok(false) => text_value(column_type, &ValueModes::default(), text, scratch, writer),
            written => written,
        };
        self.conclude(table, written, scratch, writer)
    }

    fn conclude(
        &self,
        table: &TableId,
        written: Written,
        scratch: &mut Scratch,
        writer: &mut dyn ValueWriter,
    ) -> Result<(), WriteError> {
        match written {
            Ok(true) => Ok(()),
            Ok(false) => {
                if let Some(reason) = scratch.misfit.take() {
                    self.lose(table, reason)?;
                }
                match &self.fallback {
                    Some(fallback) => fallback.write(writer),
                    None if self.optional => writer.null(),
                    None => Err(self.error(table, "NULL in a column that is NOT NULL")),
                }
            }
            Err(error) => Err(self.error(table, error)),
        }
    }

    /// A value is lost that its form has no room for, if that may be.
    fn lose(&self, table: &TableId, reason: &'static str) -> Result<(), WriteError> {
        match self.form.misfits {
            Misfits::Refused => Err(self.error(
                table,
                format!("{reason}; choose another time.precision.mode, such as adaptive_time_microseconds"),
            )),
            Misfits::Lost => {
                if !self.has_lost.replace(true) {
                    let column = &self.name;
                    tracing::warn!(%table, %column, "{reason}: it is null in its record, and so are others of the column");
                }
                Ok(())
            }
        }
    }

    /// An error that names this column.
    pub(super) fn error(&self, table: &TableId, fault: impl std::fmt::Display) -> WriteError {
        WriteError::new(format!("column `{}` of {table}: {fault}", self.name))
    }
}

fn image_value(
    column_type: &ColumnType,
    modes: &ValueModes,
    bytes: &[u8],
    scratch: &mut Scratch,
    writer: &mut dyn ValueWriter,
) -> Written {
    match column_type {
        ColumnType::Boolean => integer::write_image(bytes, false, integer::RecordInteger::Boolean, writer),
        ColumnType::TinyInt { unsigned } => {
            integer::write_image(bytes, *unsigned, tiny_int_form(modes.tiny_ints), writer)
        }
        ColumnType::SmallInt { unsigned } | ColumnType::MediumInt { unsigned } => {
            integer::write_image(bytes, *unsigned, integer::RecordInteger::Int32, writer)
        }
        ColumnType::Int { unsigned } => integer::write_image(bytes, *unsigned, int_form(*unsigned), writer),
        ColumnType::BigInt { unsigned } => {
            integer::write_image(bytes, *unsigned, bigint_form(*unsigned, modes.unsigned_bigints), writer)
        }
        ColumnType::Decimal { precision, scale } => match modes.decimals {
            DecimalMode::Precise => decimal::write_image(bytes, *precision, *scale, writer),
            DecimalMode::Double => {
                decimal_plain::write_image_double(bytes, *precision, *scale, &mut scratch.bytes, writer)
            }
            DecimalMode::Text => decimal_plain::write_image_text(bytes, *precision, *scale, &mut scratch.bytes, writer),
        },
        ColumnType::Float => float::write_image(bytes, float::RecordFloat::Float32, writer),
        ColumnType::FloatWithScale => float::write_image(bytes, float::RecordFloat::Float32AsFloat64, writer),
        ColumnType::Double => float::write_image(bytes, float::RecordFloat::Float64, writer),
        ColumnType::Bit { length } => bit::write(bytes, *length, writer),
        ColumnType::Text { charset } => text::write_image(bytes, *charset, &mut scratch.text, writer),
        ColumnType::Binary { length } => binary::write_padded(bytes, *length, modes.binaries, scratch, writer),
        ColumnType::Bytes => binary::write(bytes, modes.binaries, &mut scratch.text, writer),
        ColumnType::Date => date::write_image(bytes, modes, &mut scratch.bytes, writer),
        ColumnType::Time { .. } => time::write_image(bytes, modes.times, scratch, writer),
        ColumnType::DateTime { fsp } => datetime::write_image(bytes, *fsp, modes, scratch, writer),
        ColumnType::Timestamp { fsp } => {
            timestamp::write_image(bytes, *fsp, modes.timestamps, &mut scratch.bytes, writer)
        }
        ColumnType::Year => year::write_image(bytes, writer),
        ColumnType::Enum { values } => enum_set::write_enum(bytes, values, writer),
        ColumnType::Set { values } => enum_set::write_set(bytes, values, &mut scratch.text, writer),
        ColumnType::Json => json::write_image(bytes, &mut scratch.bytes, writer),
    }
}

fn text_value(
    column_type: &ColumnType,
    modes: &ValueModes,
    text: &[u8],
    scratch: &mut Scratch,
    writer: &mut dyn ValueWriter,
) -> Written {
    match column_type {
        ColumnType::Boolean => integer::write_text(text, integer::RecordInteger::Boolean, writer),
        ColumnType::TinyInt { .. } => integer::write_text(text, tiny_int_form(modes.tiny_ints), writer),
        ColumnType::SmallInt { .. } | ColumnType::MediumInt { .. } => {
            integer::write_text(text, integer::RecordInteger::Int32, writer)
        }
        ColumnType::Int { unsigned } => integer::write_text(text, int_form(*unsigned), writer),
        ColumnType::BigInt { unsigned } => {
            integer::write_text(text, bigint_form(*unsigned, modes.unsigned_bigints), writer)
        }
        ColumnType::Decimal { scale, .. } => match modes.decimals {
            DecimalMode::Precise => decimal::write_text(text, *scale, writer),
            DecimalMode::Double => decimal_plain::write_text_double(text, *scale, &mut scratch.bytes, writer),
            DecimalMode::Text => decimal_plain::write_text_text(text, *scale, &mut scratch.bytes, writer),
        },
        ColumnType::Float => float::write_text(text, float::RecordFloat::Float32, writer),
        ColumnType::FloatWithScale => float::write_text(text, float::RecordFloat::Float32AsFloat64, writer),
        ColumnType::Double => float::write_text(text, float::RecordFloat::Float64, writer),
        ColumnType::Bit { length } => bit::write(text, *length, writer),
        ColumnType::Text { .. } | ColumnType::Enum { .. } | ColumnType::Set { .. } => text::write_text(text, writer),
        ColumnType::Binary { length } => binary::write_padded(text, *length, modes.binaries, scratch, writer),
        ColumnType::Bytes => binary::write(text, modes.binaries, &mut scratch.text, writer),
        ColumnType::Date => date::write_text(text, modes, &mut scratch.bytes, writer),
        ColumnType::Time { .. } => time::write_text(text, modes.times, scratch, writer),
        ColumnType::DateTime { fsp } => datetime::write_text(text, *fsp, modes, scratch, writer),
        ColumnType::Timestamp { .. } => timestamp::write_text(text, &mut scratch.bytes, writer),
        ColumnType::Year => year::write_text(text, writer),
        ColumnType::Json => json::write_text(text, writer),
    }
}

fn tiny_int_form(mode: TinyIntMode) -> integer::RecordInteger {
    match mode {
        TinyIntMode::Number => integer::RecordInteger::Int32,
        TinyIntMode::Boolean => integer::RecordInteger::Positive,
        TinyIntMode::Flag => integer::RecordInteger::Flag,
    }
}

fn int_form(unsigned: bool) -> integer::RecordInteger {
    if unsigned {
        integer::RecordInteger::Int64
    } else {
        integer::RecordInteger::Int32
    }
}

fn bigint_form(unsigned: bool, mode: UnsignedBigintMode) -> integer::RecordInteger {
    match mode {
        UnsignedBigintMode::Precise if unsigned => integer::RecordInteger::Unsigned,
        _ => integer::RecordInteger::Int64,
    }
}
