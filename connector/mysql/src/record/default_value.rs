//! From the text of a DEFAULT clause to the default in a schema.
//!
//! A schema's default ends up in records (a null in a column that has one is written as the default), so this follows
//! Debezium (`MySqlDefaultValueConverter`) with its quirks: 7.6 is 8 for an INT, the largest BIGINT UNSIGNED is cut to
//! 2^63-1, BINARY is not padded, `b'101'` is 101 for an INT, a DATE that cannot be read is the epoch or nothing, a nullable
//! TIMESTAMP that defaults to `CURRENT_TIMESTAMP` has no default, a nullable DATETIME has.
//! The text arrives as the schema history keeps it: quotes removed, `CURRENT_TIMESTAMP` already turned into
//! `1970-01-01 00:00:00`, other expressions left out.

use chrono::{Datelike, NaiveDate};
use connector_api::data::Value;

use super::decimal_text::DecimalText;
use crate::config::{DecimalMode, UnsignedBigintMode};
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
        ColumnType::Binary { .. } | ColumnType::Bytes => Some(Value::Bytes(text.as_bytes().to_vec())),
        ColumnType::Date => Some(date_default(text, optional)),
        ColumnType::Time { .. } => duration_micros(text).map(Value::Int64),
        ColumnType::DateTime { fsp } => Some(date_time_default(text, *fsp, optional)),
        ColumnType::Timestamp { fsp } => timestamp_default(text, *fsp, optional),
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

fn decimal(text: &str, scale: u32, mode: DecimalMode) -> Option<Value> {
    let number = DecimalText::parse(number_text(text))?;
    Some(match mode {
        DecimalMode::Precise => Value::Bytes(number.unscaled(scale)),
        DecimalMode::Double => Value::Float64(number.plain(scale).parse().ok()?),
        DecimalMode::Text => Value::String(number.plain(scale)),
    })
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

/// Debezium's `enable.time.adjuster`: years of two digits are moved to 1970..2069.
fn adjusted(year: i32) -> i32 {
    match year {
        0..=69 => year + 2000,
        70..=99 => year + 1900,
        _ => year,
    }
}

/// A date, or one that has a zero in it.
enum Day {
    Zero,
    Of(NaiveDate),
}

/// `[year, month, day]`; a day beyond the month's end is its end, as Java's lenient parsing has it.
fn day_of([year, month, day]: [u32; 3]) -> Option<Day> {
    if year == 0 || month == 0 || day == 0 {
        return Some(Day::Zero);
    }
    let year = adjusted(i32::try_from(year).ok()?);
    let days = [day, 30, 29, 28]
        .into_iter()
        .filter(|candidate| *candidate <= day && day <= 31);
    days.filter_map(|day| NaiveDate::from_ymd_opt(year, month, day))
        .next()
        .map(Day::Of)
}

/// `2018-01-03`, with every digit: what DATE and DATETIME understand.
fn strict_day(text: &str) -> Option<Day> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| {
            if at == 4 || at == 7 {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    if shaped { lenient_day(text) } else { None }
}

/// `2018-1-3` or `2018/01/03`: what TIMESTAMP understands.
fn lenient_day(text: &str) -> Option<Day> {
    let mut parts = text
        .split(|c: char| !c.is_ascii_digit())
        .map(|part| part.parse::<u32>().ok());
    let parsed = [parts.next()??, parts.next()??, parts.next()??];
    if parts.next().is_some() { None } else { day_of(parsed) }
}

fn epoch_days(day: NaiveDate) -> i32 {
    // Day 1 of the common era is 1 January of year 1.
    const EPOCH: i32 = 719_163;
    day.num_days_from_ce() - EPOCH
}

/// A zero date, and one that is none: no default where null is possible, else the epoch.
fn without_date(optional: bool, epoch: Value) -> Value {
    if optional { Value::Null } else { epoch }
}

fn date_default(text: &str, optional: bool) -> Value {
    match strict_day(text.split(' ').next().unwrap_or(text)) {
        Some(Day::Of(day)) => Value::Int32(epoch_days(day)),
        Some(Day::Zero) | None => without_date(optional, Value::Int32(0)),
    }
}

fn date_time_default(text: &str, fsp: u8, optional: bool) -> Value {
    let (day, time) = text.split_once(' ').unwrap_or((text, "00:00:00"));
    match (strict_day(day), clock_micros(time)) {
        (Some(Day::Of(day)), Some(time)) => {
            let micros = since_epoch(day, time);
            Value::Int64(if fsp <= 3 { micros.div_euclid(1_000) } else { micros })
        }
        _ => without_date(optional, Value::Int64(0)),
    }
}

fn since_epoch(day: NaiveDate, micros_of_day: i64) -> i64 {
    i64::from(epoch_days(day)) * 86_400_000_000 + micros_of_day
}

/// The epoch, spelled without a fraction, is what `CURRENT_TIMESTAMP` was turned into: a zero date in its effect.
fn timestamp_default(text: &str, fsp: u8, optional: bool) -> Option<Value> {
    const EPOCH: &str = "1970-01-01T00:00:00Z";
    let text = text.trim();
    let (day, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00:00"));
    let day = match text {
        "0" | "1970-01-01 00:00:00" => Day::Zero,
        _ => lenient_day(day)?,
    };
    match day {
        Day::Zero => Some(without_date(optional, Value::String(EPOCH.to_owned()))),
        Day::Of(day) => shown_timestamp(since_epoch(day, clock_micros(time)?), fsp).map(Value::String),
    }
}

/// As many digits as the column has; as many as there are where it has none.
fn shown_timestamp(micros: i64, fsp: u8) -> Option<String> {
    let time = chrono::DateTime::from_timestamp_micros(micros)?;
    let mut shown = time.format("%Y-%m-%dT%H:%M:%S%.6f").to_string();
    let without_fraction = shown.len() - ".000000".len();
    match fsp {
        0 => shown.truncate(
            shown
                .trim_end_matches('0')
                .trim_end_matches('.')
                .len()
                .max(without_fraction),
        ),
        digits => shown.truncate(without_fraction + 1 + usize::from(digits)),
    }
    shown.push('Z');
    Some(shown)
}

/// A time of day.
fn clock_micros(text: &str) -> Option<i64> {
    duration_micros(text).filter(|micros| (0..86_400_000_000).contains(micros) && text.contains(':'))
}

/// `-838:59:59.999999`, `10:11` (hours and minutes) and `101112`, in microseconds.
fn duration_micros(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let number = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| part.parse::<i64>().ok())?
    };
    let seconds = match clock.split(':').collect::<Vec<_>>()[..] {
        [hours, minutes, seconds] => number(hours)? * 3_600 + number(minutes)? * 60 + number(seconds)?,
        [hours, minutes] => number(hours)? * 3_600 + number(minutes)? * 60,
        [digits] => {
            let packed = number(digits)?;
            packed / 10_000 * 3_600 + packed / 100 % 100 * 60 + packed % 100
        }
        _ => return None,
    };
    let fraction = number(format!("{fraction:0<6}").get(..6)?)?;
    // MySQL's TIME ends at 838 hours; anything far beyond is no time at all.
    let micros = (seconds < 1_000 * 3_600).then_some(seconds * 1_000_000 + fraction)?;
    Some(if negative { -micros } else { micros })
}

#[cfg(test)]
mod tests;
