//! Defaults of DATE, TIME, DATETIME and TIMESTAMP, from the text of the DEFAULT clause to the value in a schema.

use chrono::{Datelike, NaiveDate};
use connector_api::data::Value;

use crate::config::{EarlyYears, TimePrecision, ValueModes};

const DAY: i64 = 86_400_000_000;

/// Debezium's `enable.time.adjuster`, which does not concern YEAR: years of two digits are moved to 1970..2069.
pub(super) fn adjusted(year: i32) -> i32 {
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
fn day_of([year, month, day]: [u32; 3], early_years: EarlyYears) -> Option<Day> {
    if year == 0 || month == 0 || day == 0 {
        return Some(Day::Zero);
    }
    let year = i32::try_from(year).ok()?;
    let year = match early_years {
        EarlyYears::Moved => adjusted(year),
        EarlyYears::Kept => year,
    };
    let days = [day, 30, 29, 28]
        .into_iter()
        .filter(|candidate| *candidate <= day && day <= 31);
    days.filter_map(|day| NaiveDate::from_ymd_opt(year, month, day))
        .next()
        .map(Day::Of)
}

/// `2018-01-03`, with every digit: what DATE and DATETIME understand.
fn strict_day(text: &str, early_years: EarlyYears) -> Option<Day> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| {
            if at == 4 || at == 7 {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    if shaped { lenient_day(text, early_years) } else { None }
}

/// `2018-1-3` or `2018/01/03`: what TIMESTAMP understands.
fn lenient_day(text: &str, early_years: EarlyYears) -> Option<Day> {
    let mut parts = text
        .split(|c: char| !c.is_ascii_digit())
        .map(|part| part.parse::<u32>().ok());
    let parsed = [parts.next()??, parts.next()??, parts.next()??];
    if parts.next().is_some() {
        None
    } else {
        day_of(parsed, early_years)
    }
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

/// The default of a DATE.
pub(super) fn date(text: &str, modes: &ValueModes, optional: bool) -> Value {
    let shown = |day: NaiveDate| match modes.times {
        TimePrecision::IsoText => Value::String(day.format("%Y-%m-%dZ").to_string()),
        _ => Value::Int32(epoch_days(day)),
    };
    match strict_day(text.split(' ').next().unwrap_or(text), modes.early_years) {
        Some(Day::Of(day)) => shown(day),
        Some(Day::Zero) | None => without_date(optional, shown(NaiveDate::default())),
    }
}

/// The default of a DATETIME.
pub(super) fn date_time(text: &str, fsp: u8, modes: &ValueModes, optional: bool) -> Option<Value> {
    let (day, time) = text.split_once(' ').unwrap_or((text, "00:00:00"));
    match (strict_day(day, modes.early_years), clock_micros(time)) {
        (Some(Day::Of(day)), Some(time)) => moment(since_epoch(day, time), fsp, modes.times),
        _ => Some(without_date(optional, moment(0, fsp, modes.times)?)),
    }
}

/// A moment in the form of its column; one that the form has no room for is no default.
fn moment(micros: i64, fsp: u8, precision: TimePrecision) -> Option<Value> {
    Some(match precision {
        TimePrecision::Adaptive if fsp <= 3 => Value::Int64(micros.div_euclid(1_000)),
        TimePrecision::Adaptive | TimePrecision::Microseconds => Value::Int64(micros),
        TimePrecision::Connect => Value::Int64(micros.div_euclid(1_000)),
        TimePrecision::Nanoseconds => micros.checked_mul(1_000).map_or(Value::Null, Value::Int64),
        TimePrecision::IsoText => Value::String(shown_timestamp(micros, 0)?),
    })
}

/// The default of a TIME; one that is no time of day is no default where it has to be one.
pub(super) fn time(text: &str, precision: TimePrecision) -> Option<Value> {
    let micros = duration_micros(text)?;
    Some(match precision {
        TimePrecision::Adaptive | TimePrecision::Microseconds => Value::Int64(micros),
        TimePrecision::Nanoseconds => Value::Int64(micros * 1_000),
        TimePrecision::Connect | TimePrecision::IsoText if !(0..=DAY).contains(&micros) => Value::Null,
        TimePrecision::Connect => Value::Int32(i32::try_from(micros / 1_000).ok()?),
        TimePrecision::IsoText => Value::String(shown_timestamp(micros % DAY, 0)?.split_off("1970-01-01T".len())),
    })
}

fn since_epoch(day: NaiveDate, micros_of_day: i64) -> i64 {
    i64::from(epoch_days(day)) * DAY + micros_of_day
}

/// The default of a TIMESTAMP. The epoch, spelled without a fraction, is what `CURRENT_TIMESTAMP` was turned into: a zero date in its effect.
pub(super) fn timestamp(text: &str, fsp: u8, optional: bool) -> Option<Value> {
    const EPOCH: &str = "1970-01-01T00:00:00Z";
    let text = text.trim();
    let (day, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00:00"));
    let day = match text {
        "0" | "1970-01-01 00:00:00" => Day::Zero,
        _ => lenient_day(day, EarlyYears::Moved)?,
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
    duration_micros(text).filter(|micros| (0..DAY).contains(micros) && text.contains(':'))
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
