//! DATETIME: the wall clock taken as UTC, in milliseconds up to three digits of fraction, else in microseconds
//! (`io.debezium.time.Timestamp`, `io.debezium.time.MicroTimestamp`).
//!
//! In the binlog: five bytes, big-endian: a bit that is always set, seventeen of year and month (year * 13 + month), five
//! of day, five of hour, six of minute, six of second; then the fraction in one, two or three bytes.

use connector_api::data::{ValueWriter, WriteError};

use super::Written;
use super::calendar::{Clock, Date};

/// Writes a value of a row image.
pub(super) fn write_image(bytes: &[u8], fsp: u8, writer: &mut dyn ValueWriter) -> Written {
    let (date, clock) = unpack(bytes)?;
    write(date, clock, fsp, writer)
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
pub(super) fn write_text(text: &[u8], fsp: u8, writer: &mut dyn ValueWriter) -> Written {
    let (date, clock) = parse(text).ok_or_else(|| WriteError::new("the text is no date and time"))?;
    write(date, clock, fsp, writer)
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

fn write(date: Date, clock: Clock, fsp: u8, writer: &mut dyn ValueWriter) -> Written {
    if date.year == 0 || date.lacks_day() {
        return Ok(false);
    }
    let days = date
        .adjusted()
        .epoch_days()
        .ok_or_else(|| WriteError::new("the date has a day that its month has not"))?;
    let micros = days * 86_400_000_000 + clock.total_micros();
    writer.int64(if fsp <= 3 { micros.div_euclid(1000) } else { micros })?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;

    use super::*;
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

    fn check(text: &str, fsp: u8, expected: Option<i64>) {
        let expected = Ok(expected.map(Value::Int64));
        assert_eq!(
            written(|writer| write_image(&image(text, fsp), fsp, writer)),
            expected,
            "image {text}"
        );
        assert_eq!(
            written(|writer| write_text(text.as_bytes(), fsp, writer)),
            expected,
            "text {text}"
        );
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
        check("0000-00-00 00:00:00", 0, None);
        check("2024-00-01 00:00:00", 0, None);
        check("2024-01-00 10:00:00.5", 1, None);
    }

    #[test]
    fn what_is_no_date_and_time_is_an_error() {
        assert!(written(|writer| write_image(&[0; 4], 0, writer)).is_err());
        assert!(written(|writer| write_image(&[0; 9], 0, writer)).is_err());
        for text in [
            "",
            "2024-02-29",
            "2024-02-29T01:02:03",
            "2024-02-29 25",
            "2024-02-30 00:00:00",
        ] {
            assert!(
                written(|writer| write_text(text.as_bytes(), 0, writer)).is_err(),
                "{text}"
            );
        }
    }
}
