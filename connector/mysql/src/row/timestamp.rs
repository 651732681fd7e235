//! TIMESTAMP: an instant, as text in UTC (`io.debezium.time.ZonedTimestamp`).
//!
//! In the binlog: four bytes of seconds since the epoch, big-endian, then the fraction; 0 is the zero date and null. The
//! stream writes exactly as many digits as the type has, a snapshot leaves out zeros at the end: so does Debezium.
//! In text: the session's time zone, which the snapshot sets to UTC.

use connector_api::data::{ValueWriter, WriteError};

use super::Written;
use super::calendar::{Clock, Date, push_digits};
use super::datetime::{fraction_micros, parse};
use super::text;
use crate::config::TimestampDigits;

const SECONDS_PER_DAY: u32 = 86_400;

/// Writes a value of a row image.
pub(super) fn write_image(
    bytes: &[u8],
    fsp: u8,
    digits: TimestampDigits,
    scratch: &mut Vec<u8>,
    writer: &mut dyn ValueWriter,
) -> Written {
    let (date, clock) = unpack(bytes)?;
    if date.lacks_day() {
        return Ok(false);
    }
    start(date, clock, scratch);
    if digits == TimestampDigits::Needed {
        clock.push_short_fraction(scratch);
    } else if fsp > 0 {
        let digits = u32::from(fsp.min(6));
        scratch.push(b'.');
        push_digits(clock.micros / 10_u32.pow(6 - digits), digits as usize, scratch);
    }
    finish(scratch, writer)
}

/// A value of a row image in UTC; the zero date has no month and no day.
pub(super) fn unpack(bytes: &[u8]) -> Result<(Date, Clock), WriteError> {
    let damaged = || WriteError::new(format!("a TIMESTAMP of {} bytes", bytes.len()));
    let (seconds, fraction) = bytes.split_first_chunk::<4>().ok_or_else(damaged)?;
    let seconds = u32::from_be_bytes(*seconds);
    let micros = fraction_micros(fraction).ok_or_else(damaged)?;
    let date = match seconds {
        0 => Date {
            year: 0,
            month: 0,
            day: 0,
        },
        _ => Date::from_epoch_days(i64::from(seconds / SECONDS_PER_DAY)),
    };
    let second = seconds % SECONDS_PER_DAY;
    let clock = Clock {
        hour: second / 3600,
        minute: second / 60 % 60,
        second: second % 60,
        micros,
    };
    Ok((date, clock))
}

/// Writes a value of a text result set.
pub(super) fn write_text(text: &[u8], scratch: &mut Vec<u8>, writer: &mut dyn ValueWriter) -> Written {
    let (date, clock) = parse(text).ok_or_else(|| WriteError::new("the text is no date and time"))?;
    if date.year == 0 || date.lacks_day() {
        return Ok(false);
    }
    start(date, clock, scratch);
    clock.push_short_fraction(scratch);
    finish(scratch, writer)
}

fn start(date: Date, clock: Clock, scratch: &mut Vec<u8>) {
    scratch.clear();
    date.push(scratch);
    scratch.push(b'T');
    clock.push_seconds(scratch);
}

fn finish(scratch: &mut Vec<u8>, writer: &mut dyn ValueWriter) -> Written {
    scratch.push(b'Z');
    text::write_text(scratch, writer)
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;

    use super::*;
    use crate::row::testing::written;

    fn image(bytes: &[u8], fsp: u8) -> Option<String> {
        image_of(bytes, fsp, TimestampDigits::OfColumn)
    }

    fn image_of(bytes: &[u8], fsp: u8, digits: TimestampDigits) -> Option<String> {
        let mut scratch = b"left over".to_vec();
        match written(|writer| write_image(bytes, fsp, digits, &mut scratch, writer)).unwrap()? {
            Value::String(text) => Some(text),
            other => panic!("{other:?}"),
        }
    }

    fn text(text: &str) -> Option<String> {
        let mut scratch = b"left over".to_vec();
        match written(|writer| write_text(text.as_bytes(), &mut scratch, writer)).unwrap()? {
            Value::String(text) => Some(text),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_stream_keeps_as_many_digits_as_the_type_has() {
        let seconds = 1_709_168_523_u32.to_be_bytes();
        let with = |fraction: &[u8]| [&seconds, fraction].concat();
        assert_eq!(image(&with(&[]), 0).as_deref(), Some("2024-02-29T01:02:03Z"));
        assert_eq!(image(&with(&[10]), 1).as_deref(), Some("2024-02-29T01:02:03.1Z"));
        assert_eq!(image(&with(&[4, 176]), 3).as_deref(), Some("2024-02-29T01:02:03.120Z"));
        assert_eq!(
            image(&with(&[0x22, 0x92]), 4).as_deref(),
            Some("2024-02-29T01:02:03.8850Z")
        );
        assert_eq!(
            image(&with(&[1, 0xe2, 0x40]), 6).as_deref(),
            Some("2024-02-29T01:02:03.123456Z")
        );
        assert_eq!(
            image(&with(&[0, 0, 0]), 6).as_deref(),
            Some("2024-02-29T01:02:03.000000Z")
        );
        for (fraction, fsp, expected) in [
            (&[4, 176][..], 3, "2024-02-29T01:02:03.12Z"),
            (&[0, 0, 0], 6, "2024-02-29T01:02:03Z"),
        ] {
            let needed = image_of(&with(fraction), fsp, TimestampDigits::Needed);
            assert_eq!(needed.as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_snapshot_drops_zeros_at_the_end() {
        assert_eq!(text("2024-02-29 01:02:03").as_deref(), Some("2024-02-29T01:02:03Z"));
        assert_eq!(
            text("2024-02-29 01:02:03.000000").as_deref(),
            Some("2024-02-29T01:02:03Z")
        );
        assert_eq!(
            text("2024-02-29 01:02:03.120").as_deref(),
            Some("2024-02-29T01:02:03.12Z")
        );
        assert_eq!(
            text("2024-02-29 01:02:03.000001").as_deref(),
            Some("2024-02-29T01:02:03.000001Z")
        );
    }

    #[test]
    fn the_whole_range() {
        assert_eq!(image(&1_u32.to_be_bytes(), 0).as_deref(), Some("1970-01-01T00:00:01Z"));
        assert_eq!(
            image(&2_147_483_647_u32.to_be_bytes(), 0).as_deref(),
            Some("2038-01-19T03:14:07Z")
        );
        assert_eq!(
            image(&u32::MAX.to_be_bytes(), 0).as_deref(),
            Some("2106-02-07T06:28:15Z")
        );
    }

    #[test]
    fn the_zero_date_is_null() {
        assert_eq!(image(&[0; 4], 0), None);
        assert_eq!(image(&[0; 7], 6), None);
        assert_eq!(text("0000-00-00 00:00:00"), None);
        assert_eq!(text("0000-00-00 00:00:00.000"), None);
    }

    #[test]
    fn what_is_no_timestamp_is_an_error() {
        let mut scratch = Vec::new();
        assert!(written(|writer| write_image(&[0; 3], 0, TimestampDigits::OfColumn, &mut scratch, writer)).is_err());
        assert!(written(|writer| write_image(&[0; 8], 0, TimestampDigits::OfColumn, &mut scratch, writer)).is_err());
        assert!(written(|writer| write_text(b"now", &mut scratch, writer)).is_err());
    }
}
