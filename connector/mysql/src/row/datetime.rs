//! DATETIME: the wall clock taken as UTC, in milliseconds up to three digits of fraction, else in microseconds
//! (`io.debezium.time.Timestamp`, `io.debezium.time.MicroTimestamp`). With other values of `time.precision.mode`: always
//! microseconds, milliseconds (`connect`), nanoseconds, which end in 2262 and begin in 1677, or text (`isostring`).
//!
//! In the binlog: five bytes, big-endian: a bit that is always set, seventeen of year and month (year * 13 + month), five
//! of day, five of hour, six of minute, six of second; then the fraction in one, two or three bytes.

use connector_api::data::{ValueWriter, WriteError};

use super::calendar::{Clock, Date};
use super::column::Scratch;
use super::{Written, text};
use crate::config::{TimePrecision, ValueModes};

const DAY: i64 = 86_400_000_000;

/// Writes a value of a row image.
pub(super) fn write_image(
    bytes: &[u8],
    fsp: u8,
    modes: &ValueModes,
    scratch: &mut Scratch,
    writer: &mut dyn ValueWriter,
) -> Written {
    let (date, clock) = unpack(bytes)?;
    write(date, clock, fsp, modes, scratch, writer)
}

/// A value of a row image as it is.
pub(super) fn unpack(bytes: &[u8]) -> Result<(Date, Clock), WriteError> {
    let damaged = || WriteError::new(format!("a DATETIME of {} bytes", bytes.len()));
    let (packed, fraction) = bytes.split_first_chunk::<5>().ok_or_else(damaged)?;
    let packed = packed.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    let micros = fraction_micros(fraction).ok_or_else(damaged)?;
    let year_month = (packed >> 22) as u32 & 0x1_ffff;
    let date = Date {
        year: (year_month / 13) as i32,
        month: year_month % 13,
        day: (packed >> 17) as u32 & 31,
    };
    let clock = Clock {
        hour: (packed >> 12) as u32 & 31,
        minute: (packed >> 6) as u32 & 63,
        second: packed as u32 & 63,
        micros,
    };
    Ok((date, clock))
}

/// Writes a value of a text result set.
pub(super) fn write_text(
    text: &[u8],
    fsp: u8,
    modes: &ValueModes,
    scratch: &mut Scratch,
    writer: &mut dyn ValueWriter,
) -> Written {
    let (date, clock) = parse(text).ok_or_else(|| WriteError::new("the text is no date and time"))?;
    write(date, clock, fsp, modes, scratch, writer)
}

/// `2024-02-29 01:02:03.123`.
pub(super) fn parse(text: &[u8]) -> Option<(Date, Clock)> {
    let (date, clock) = text.split_at_checked(10)?;
    Some((Date::parse(date)?, Clock::parse(clock.strip_prefix(b" ")?)?))
}

/// A fraction of two digits per byte, in microseconds.
pub(super) fn fraction_micros(bytes: &[u8]) -> Option<u32> {
    Some(match *bytes {
        [] => 0,
        [a] => u32::from(a) * 10_000,
        [a, b] => u32::from(u16::from_be_bytes([a, b])) * 100,
        [a, b, c] => u32::from_be_bytes([0, a, b, c]),
        _ => return None,
    })
}

fn write(
    date: Date,
    clock: Clock,
    fsp: u8,
    modes: &ValueModes,
    scratch: &mut Scratch,
    writer: &mut dyn ValueWriter,
) -> Written {
    if date.year == 0 || date.lacks_day() {
        return Ok(false);
    }
    let date = date.adjusted(modes.early_years);
    let days = date
        .epoch_days()
        .ok_or_else(|| WriteError::new("the date has a day that its month has not"))?;
    let micros = days * DAY + clock.total_micros();
    match Unit::of(modes.times, fsp) {
        Unit::Millis => writer.int64(micros.div_euclid(1000))?,
        Unit::Micros => writer.int64(micros)?,
        Unit::Nanos => match nanos(days, clock) {
            Some(nanos) => writer.int64(nanos)?,
            None => return scratch.no_room("a DATETIME that `nanoseconds` have no room for"),
        },
        Unit::IsoText => {
            let out = &mut scratch.bytes;
            out.clear();
            date.push(out);
            out.push(b'T');
            clock.push_seconds(out);
            clock.push_short_fraction(out);
            out.push(b'Z');
            return text::write_text(out, writer);
        }
    }
    Ok(true)
}

/// Nanoseconds since the epoch, if both the day's beginning and the moment have room: so Debezium adds.
fn nanos(days: i64, clock: Clock) -> Option<i64> {
    days.checked_mul(DAY)?
        .checked_mul(1000)?
        .checked_add(clock.total_micros() * 1000)
}

/// What a moment is in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Millis,
    Micros,
    Nanos,
    IsoText,
}

impl Unit {
    /// That of a column with so many digits of fraction.
    fn of(precision: TimePrecision, fsp: u8) -> Self {
        match precision {
            TimePrecision::Adaptive if fsp <= 3 => Unit::Millis,
            TimePrecision::Adaptive | TimePrecision::Microseconds => Unit::Micros,
            TimePrecision::Nanoseconds => Unit::Nanos,
            TimePrecision::Connect => Unit::Millis,
            TimePrecision::IsoText => Unit::IsoText,
        }
    }
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;

    use super::*;
    use crate::config::EarlyYears;
    use crate::row::testing::written;

    fn image(text: &str, fsp: u8) -> Vec<u8> {
        let (date, clock) = parse(text.as_bytes()).unwrap();
        let year_month = u64::from(date.year as u32 * 13 + date.month);
        let time = u64::from(clock.hour << 12 | clock.minute << 6 | clock.second);
        let packed = 1 << 39 | year_month << 22 | u64::from(date.day) << 17 | time;
        let mut bytes = packed.to_be_bytes()[3..].to_vec();
        let width = usize::from(fsp.div_ceil(2));
        let fraction = clock.micros / [1_000_000, 10_000, 100, 1][width];
        bytes.extend_from_slice(&fraction.to_be_bytes()[4 - width..]);
        bytes
    }

    /// The value of both forms, which is the same.
    fn value(text: &str, fsp: u8, times: TimePrecision) -> Option<Value> {
        let usual = ValueModes::default();
        in_modes(text, fsp, &ValueModes { times, ..usual })
    }

    fn in_modes(text: &str, fsp: u8, modes: &ValueModes) -> Option<Value> {
        let mut scratch = Scratch::default();
        let streamed = written(|writer| write_image(&image(text, fsp), fsp, modes, &mut scratch, writer)).unwrap();
        let read = written(|writer| write_text(text.as_bytes(), fsp, modes, &mut scratch, writer)).unwrap();
        assert_eq!(streamed, read, "{text}");
        read
    }

    fn check(text: &str, fsp: u8, expected: Option<i64>) {
        let found = value(text, fsp, TimePrecision::Adaptive);
        assert_eq!(found, expected.map(Value::Int64), "{text}");
    }

    #[test]
    fn other_precisions_whatever_the_columns_digits() {
        let found = |text: &str, fsp| {
            use TimePrecision::{Connect, IsoText, Microseconds, Nanoseconds};
            [Connect, Microseconds, Nanoseconds, IsoText].map(|precision| value(text, fsp, precision))
        };
        let number = |number: i64| Some(Value::Int64(number));
        let text = |text: &str| Some(Value::String(text.to_owned()));
        for (moment, fsp, millis, micros, nanos, iso) in [
            (
                "1970-01-01 00:00:01",
                0,
                1_000,
                1_000_000,
                1_000_000_000,
                "1970-01-01T00:00:01Z",
            ),
            (
                "1969-12-31 23:59:59.999999",
                6,
                -1,
                -1,
                -1_000,
                "1969-12-31T23:59:59.999999Z",
            ),
            (
                "2024-02-29 01:02:03.120",
                3,
                1_709_168_523_120,
                1_709_168_523_120_000,
                1_709_168_523_120_000_000,
                "2024-02-29T01:02:03.12Z",
            ),
        ] {
            let expected = [number(millis), number(micros), number(nanos), text(iso)];
            assert_eq!(found(moment, fsp), expected, "{moment}");
        }
    }

    #[test]
    fn nanoseconds_have_room_for_584_years() {
        for (moment, expected) in [
            ("2262-04-11 23:47:16.854775", Some(9_223_372_036_854_775_000)),
            ("2262-04-11 23:47:16.854776", None),
            ("9999-12-31 00:00:00.000000", None),
            // The day begins before there is room.
            ("1677-09-21 23:00:00.000000", None),
            ("1677-09-22 00:00:00.000000", Some(-9_223_286_400_000_000_000)),
        ] {
            let found = value(moment, 6, TimePrecision::Nanoseconds);
            assert_eq!(found, expected.map(Value::Int64), "{moment}");
        }
    }

    #[test]
    fn the_packed_form_as_mysql_writes_it() {
        assert_eq!(image("2024-02-29 01:02:03", 0), [0x99, 0xb2, 0xba, 0x10, 0x83]);
    }

    #[test]
    fn milliseconds_up_to_three_digits_then_microseconds() {
        check("2024-02-29 01:02:03", 0, Some(1_709_168_523_000));
        check("2024-02-29 01:02:03.120", 3, Some(1_709_168_523_120));
        check("2024-02-29 01:02:03.1234", 4, Some(1_709_168_523_123_400));
        check("2024-02-29 01:02:03.123456", 6, Some(1_709_168_523_123_456));
        check("9999-12-31 23:59:59.999", 3, Some(253_402_300_799_999));
        check("1969-12-31 23:59:59.5", 1, Some(-500));
        check("1969-12-31 23:59:59.999999", 6, Some(-1));
    }

    #[test]
    fn years_of_two_digits_move_and_zeros_are_null() {
        check("0001-01-01 00:00:00", 0, Some(978_307_200_000));
        let kept = ValueModes {
            early_years: EarlyYears::Kept,
            ..ValueModes::default()
        };
        let found = in_modes("0001-01-01 00:00:00", 0, &kept);
        assert_eq!(found, Some(Value::Int64(-62_135_596_800_000)));
        check("0000-00-00 00:00:00", 0, None);
        check("2024-00-01 00:00:00", 0, None);
        check("2024-01-00 10:00:00.5", 1, None);
    }

    #[test]
    fn what_is_no_date_and_time_is_an_error() {
        let mut scratch = Scratch::default();
        let modes = ValueModes::default();
        let mut damaged = |bytes: &[u8]| written(|writer| write_image(bytes, 0, &modes, &mut scratch, writer)).is_err();
        assert!(damaged(&[0; 4]) && damaged(&[0; 9]));
        for text in [
            "",
            "2024-02-29",
            "2024-02-29T01:02:03",
            "2024-02-29 25",
            "2024-02-30 00:00:00",
        ] {
            assert!(
                written(|writer| write_text(text.as_bytes(), 0, &modes, &mut scratch, writer)).is_err(),
                "{text}"
            );
        }
    }
}
