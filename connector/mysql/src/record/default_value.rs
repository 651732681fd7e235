//! From the text of a DEFAULT clause to the default in a schema.
//!
//! A schema's default ends up in records (a null in a column that has one is written as the default), so this follows
//! Debezium (`MySqlDefaultValueConverter`) with its quirks: 7.6 is 8 for an INT, the largest BIGINT UNSIGNED is cut to
//! 2^63-1, BINARY is not padded, `b'101'` is 101 for an INT, a DATE that cannot be read is the epoch or nothing, a nullable
//! TIMESTAMP that defaults to `CURRENT_TIMESTAMP` has no default, a nullable DATETIME has.
//! The text arrives as the schema history keeps it: quotes removed, `CURRENT_TIMESTAMP` already turned into
//! `1970-01-01 00:00:00`, other expressions left out.

use connector_api::data::Value;

use super::decimal_text::DecimalText;
use super::temporal_default;
use crate::config::{BinaryMode, DecimalMode, TinyIntMode, UnsignedBigintMode};
use crate::row::ColumnForm;
use crate::schema::{Column, ColumnType};

/// What a DEFAULT clause means for a schema.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum DefaultValue {
    /// The schema has no default.
    Absent,
    /// The schema's default.
    Is(Value),
    /// The text is no value of the type.
    NotUnderstood,
}

impl DefaultValue {
    /// The default of `column`, whose values have this form.
    pub(super) fn of(column: &Column, form: &ColumnForm) -> Self {
        let Some(Some(text)) = &column.default else {
            return DefaultValue::Absent;
        };
        match convert(text, form, column.optional) {
            Some(Value::Null) => DefaultValue::Absent,
            Some(value) => DefaultValue::Is(value),
            None => DefaultValue::NotUnderstood,
        }
    }
}

/// `Null`: no default. `None`: not understood.
fn convert(text: &str, form: &ColumnForm, optional: bool) -> Option<Value> {
    match &form.column_type {
        ColumnType::Boolean => boolean(text),
        ColumnType::TinyInt { .. } if form.modes.tiny_ints == TinyIntMode::Boolean => {
            whole(text).map(|number| Value::Boolean(number > 0))
        }
        ColumnType::TinyInt { .. } if form.modes.tiny_ints == TinyIntMode::Flag => {
            whole(text).map(|number| Value::Int32(i32::from(number > 0)))
        }
        ColumnType::TinyInt { .. }
        | ColumnType::SmallInt { .. }
        | ColumnType::MediumInt { .. }
        | ColumnType::Int { unsigned: false } => whole(text)
            .and_then(|number| i32::try_from(number).ok())
            .map(Value::Int32),
        ColumnType::BigInt { unsigned: true } if form.modes.unsigned_bigints == UnsignedBigintMode::Precise => {
            Some(Value::Bytes(DecimalText::parse(number_text(text))?.unscaled(0)))
        }
        ColumnType::Int { unsigned: true } | ColumnType::BigInt { .. } => whole(text).map(Value::Int64),
        ColumnType::Decimal { scale, .. } => decimal(text, u32::from(*scale), form.modes.decimals),
        ColumnType::Float => number_text(text).parse().ok().map(Value::Float32),
        ColumnType::FloatWithScale | ColumnType::Double => number_text(text).parse().ok().map(Value::Float64),
        ColumnType::Bit { length } => bits(text, *length),
        ColumnType::Text { .. } | ColumnType::Enum { .. } | ColumnType::Set { .. } | ColumnType::Json => {
            Some(Value::String(text.to_owned()))
        }
        ColumnType::Binary { .. } | ColumnType::Bytes => Some(binary(text, form.modes.binaries)),
        ColumnType::Date => Some(temporal_default::date(text, &form.modes, optional)),
        ColumnType::Time { .. } => temporal_default::time(text, form.modes.times),
        ColumnType::DateTime { fsp } => temporal_default::date_time(text, *fsp, &form.modes, optional),
        ColumnType::Timestamp { fsp } => temporal_default::timestamp(text, *fsp, optional),
        ColumnType::Year => whole(text)
            .and_then(|year| i32::try_from(year).ok())
            .map(|year| Value::Int32(temporal_default::adjusted(year))),
    }
}

/// Numbers are trimmed, and `true` and `false` are 1 and 0.
fn number_text(text: &str) -> &str {
    let text = text.trim();
    match text {
        _ if text.eq_ignore_ascii_case("true") => "1",
        _ if text.eq_ignore_ascii_case("false") => "0",
        _ => text,
    }
}

fn decimal(text: &str, scale: u32, mode: DecimalMode) -> Option<Value> {
    let number = DecimalText::parse(number_text(text))?;
    Some(match mode {
        DecimalMode::Precise => Value::Bytes(number.unscaled(scale)),
        DecimalMode::Double => Value::Float64(number.plain(scale).parse().ok()?),
        DecimalMode::Text => Value::String(number.plain(scale)),
    })
}

fn binary(text: &str, mode: BinaryMode) -> Value {
    if mode == BinaryMode::Bytes {
        return Value::Bytes(text.as_bytes().to_vec());
    }
    let mut shown = String::new();
    mode.push_text(text.as_bytes(), &mut shown);
    Value::String(shown)
}

/// A whole number, rounded half up and cut at 2^63-1.
fn whole(text: &str) -> Option<i64> {
    DecimalText::parse(number_text(text))?.rounded()
}

fn boolean(text: &str) -> Option<Value> {
    whole(text).map(|number| Value::Boolean(number != 0))
}

/// One bit is a boolean; more are little-endian bytes, as many as the column has. The text of `b'101'` is `101`.
fn bits(text: &str, length: u8) -> Option<Value> {
    let digits = number_text(text);
    let number = match digits.bytes().all(|digit| matches!(digit, b'0' | b'1')) {
        true => u64::from_str_radix(digits, 2).ok()?,
        false => digits.parse().ok()?,
    };
    if length == 1 {
        return Some(Value::Boolean(number != 0));
    }
    let width = usize::from(length).div_ceil(8);
    Some(Value::Bytes(number.to_le_bytes().into_iter().take(width).collect()))
}

#[cfg(test)]
mod tests;
