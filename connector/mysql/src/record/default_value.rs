//! From the text of a DEFAULT clause to the default in a schema.
//!
//! A schema's default ends up in records (a null in a column that has one is written as the default), so this follows the
//! incumbent (`MySqlDefaultValueConverter`) with its quirks: 7.6 is 8 for an INT, the largest BIGINT UNSIGNED is cut to
//! 2^63-1, BINARY is not padded, a nullable TIMESTAMP that defaults to the epoch has no default, a nullable DATETIME has.
//! The text arrives as the schema history keeps it: quotes removed, `CURRENT_TIMESTAMP` already turned into
//! `1970-01-01 00:00:00`, other expressions left out.

use chrono::{Datelike, NaiveDate};
use connector_api::data::Value;

use super::decimal_text::DecimalText;
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
    /// The default of `column`, whose type is `column_type`.
    pub(super) fn of(column: &Column, column_type: &ColumnType) -> Self {
        let Some(Some(text)) = &column.default else {
            return DefaultValue::Absent;
        };
        match convert(text, column_type, column.optional) {
            Some(Value::Null) => DefaultValue::Absent,
            Some(value) => DefaultValue::Is(value),
            None => DefaultValue::NotUnderstood,
        }
    }
}

/// `Null`: no default. `None`: not understood.
fn convert(text: &str, column_type: &ColumnType, optional: bool) -> Option<Value> {
    match column_type {
        ColumnType::Boolean => boolean(text),
        ColumnType::TinyInt { .. }
        | ColumnType::SmallInt { .. }
        | ColumnType::MediumInt { .. }
        | ColumnType::Int { unsigned: false } => whole(text)
            .and_then(|number| i32::try_from(number).ok())
            .map(Value::Int32),
        ColumnType::Int { unsigned: true } | ColumnType::BigInt { .. } => whole(text).map(Value::Int64),
        ColumnType::Decimal { scale, .. } => Some(Value::Bytes(
            DecimalText::parse(number_text(text))?.unscaled(u32::from(*scale)),
        )),
        ColumnType::Float => number_text(text).parse().ok().map(Value::Float32),
        ColumnType::FloatWithScale | ColumnType::Double => number_text(text).parse().ok().map(Value::Float64),
        ColumnType::Bit { length } => bits(text, *length),
        ColumnType::Text { .. } | ColumnType::Enum { .. } | ColumnType::Set { .. } | ColumnType::Json => {
            Some(Value::String(text.to_owned()))
        }
        ColumnType::Binary { .. } | ColumnType::Bytes => Some(Value::Bytes(text.as_bytes().to_vec())),
        ColumnType::Date => date_default(text, optional),
        ColumnType::Time { .. } => duration_micros(text).map(Value::Int64),
        ColumnType::DateTime { fsp } => date_time_default(text, *fsp, optional),
        ColumnType::Timestamp { .. } => timestamp_default(text, optional),
        ColumnType::Year => whole(text)
            .and_then(|year| i32::try_from(year).ok())
            .map(|year| Value::Int32(adjusted(year))),
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

/// A whole number, rounded half up and cut at 2^63-1.
fn whole(text: &str) -> Option<i64> {
    let text = number_text(text);
    if let Some(digits) = bit_literal(text) {
        return i64::from_str_radix(digits, 2).ok();
    }
    DecimalText::parse(text)?.rounded()
}

fn boolean(text: &str) -> Option<Value> {
    whole(text).map(|number| Value::Boolean(number != 0))
}

fn bit_literal(text: &str) -> Option<&str> {
    text.strip_prefix("b'")
        .or_else(|| text.strip_prefix("B'"))?
        .strip_suffix('\'')
}

/// One bit is a boolean; more are little-endian bytes, as many as the column has.
fn bits(text: &str, length: u8) -> Option<Value> {
    let text = number_text(text);
    let digits = bit_literal(text).unwrap_or(text);
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

/// The incumbent's `enable.time.adjuster`: years of two digits are moved to 1970..2069.
fn adjusted(year: i32) -> i32 {
    match year {
        0..=69 => year + 2000,
        70..=99 => year + 1900,
        _ => year,
    }
}

/// Year, month, day, or `None` where one of them is zero.
enum Day {
    Zero,
    Of(NaiveDate),
}

fn parse_day(text: &str) -> Option<Day> {
    let mut parts = text.splitn(3, '-').map(|part| part.parse::<u32>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if year == 0 || month == 0 || day == 0 {
        return Some(Day::Zero);
    }
    let year = adjusted(i32::try_from(year).ok()?);
    NaiveDate::from_ymd_opt(year, month, day).map(Day::Of)
}

fn epoch_days(day: NaiveDate) -> i32 {
    // Day 1 of the common era is 1 January of year 1.
    const EPOCH: i32 = 719_163;
    day.num_days_from_ce() - EPOCH
}

fn date_default(text: &str, optional: bool) -> Option<Value> {
    let day = match text.trim() {
        "0" => Day::Zero,
        text => parse_day(text.split(' ').next().unwrap_or(text))?,
    };
    Some(match day {
        Day::Of(day) => Value::Int32(epoch_days(day)),
        Day::Zero if optional => Value::Null,
        Day::Zero => Value::Int32(0),
    })
}

/// Microseconds since the epoch, or `None` inside for a zero date.
fn parse_date_time(text: &str) -> Option<Option<i64>> {
    let text = text.trim();
    if text == "0" {
        return Some(None);
    }
    let (day, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00:00"));
    let micros = duration_micros(time)?;
    Some(match parse_day(day)? {
        Day::Zero => None,
        Day::Of(day) => Some(i64::from(epoch_days(day)) * 86_400_000_000 + micros),
    })
}

fn date_time_default(text: &str, fsp: u8, optional: bool) -> Option<Value> {
    let micros = match parse_date_time(text)? {
        Some(micros) => micros,
        None if optional => return Some(Value::Null),
        None => 0,
    };
    Some(Value::Int64(if fsp <= 3 { micros.div_euclid(1_000) } else { micros }))
}

fn timestamp_default(text: &str, optional: bool) -> Option<Value> {
    let micros = parse_date_time(text)?.unwrap_or(0);
    if micros == 0 && optional {
        return Some(Value::Null);
    }
    let time = chrono::DateTime::from_timestamp_micros(micros)?;
    let mut shown = time.format("%Y-%m-%dT%H:%M:%S%.6f").to_string();
    if shown.contains('.') {
        shown.truncate(shown.trim_end_matches('0').trim_end_matches('.').len());
    }
    shown.push('Z');
    Some(Value::String(shown))
}

/// `-838:59:59.999999` and shorter forms, in microseconds.
fn duration_micros(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut seconds = 0_i64;
    for (unit, part) in [3_600, 60, 1].into_iter().zip(clock.split(':')) {
        seconds += unit * i64::from(part.parse::<u16>().ok()?);
    }
    if !fraction.bytes().all(|digit| digit.is_ascii_digit()) || clock.split(':').count() > 3 {
        return None;
    }
    let fraction: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    let micros = seconds * 1_000_000 + fraction;
    Some(if negative { -micros } else { micros })
}

#[cfg(test)]
mod tests;
