//! TIME: microseconds, negative ones and those beyond a day included (`io.debezium.time.MicroTime`), or nanoseconds
//! (`NanoTime`).
//!
//! With `time.precision.mode` `connect` (milliseconds) and `isostring` (text) it is a time of day, from 00:00 to 24:00, and
//! there is no room for others. 24:00 is 00:00 in text, as with Debezium.
//!
//! In the binlog: three bytes, big-endian, shifted so that the bytes of a negative time sort before those of a positive
//! one; then the fraction in one, two or three bytes. A negative time is the negative of the whole number that seconds
//! and fraction make together (`my_time_packed_from_binary` in MySQL's `my_time.cc`).

use connector_api::data::{ValueWriter, WriteError};

use super::calendar::Clock;
use super::column::Scratch;
use super::{Written, text};
use crate::config::TimePrecision;

const DAY: i64 = 86_400_000_000;

/// Writes a value of a row image.
pub(super) fn write_image(
    bytes: &[u8],
    precision: TimePrecision,
    scratch: &mut Scratch,
    writer: &mut dyn ValueWriter,
) -> Written {
    let (offset, scale) = match bytes.len() {
        3 => (0x80_0000_i64, 0),
        4 => (0x8000_0000, 10_000),
        5 => (0x80_0000_0000, 100),
        6 => (0x8000_0000_0000, 1),
        length => return Err(WriteError::new(format!("a TIME of {length} bytes"))),
    };
    let shifted = bytes.iter().fold(0, |value, byte| value << 8 | i64::from(*byte));
    let packed = shifted - offset;
    let fraction_bits = 8 * (bytes.len() as u32 - 3);
    let magnitude = packed.unsigned_abs();
    let fraction = (magnitude & ((1 << fraction_bits) - 1)) as u32;
    let seconds = (magnitude >> fraction_bits) as u32;
    let clock = Clock {
        hour: seconds >> 12 & 0x3ff,
        minute: seconds >> 6 & 0x3f,
        second: seconds & 0x3f,
        micros: fraction * scale,
    };
    let micros = clock.total_micros();
    write(if packed < 0 { -micros } else { micros }, precision, scratch, writer)
}

/// Writes a value of a text result set.
pub(super) fn write_text(
    text: &[u8],
    precision: TimePrecision,
    scratch: &mut Scratch,
    writer: &mut dyn ValueWriter,
) -> Written {
    let (negative, text) = match text.split_first() {
        Some((b'-', text)) => (true, text),
        _ => (false, text),
    };
    let micros = Clock::parse(text)
        .ok_or_else(|| WriteError::new("the text is no time"))?
        .total_micros();
    write(if negative { -micros } else { micros }, precision, scratch, writer)
}

fn write(micros: i64, precision: TimePrecision, scratch: &mut Scratch, writer: &mut dyn ValueWriter) -> Written {
    match precision {
        TimePrecision::Adaptive | TimePrecision::Microseconds => writer.int64(micros)?,
        TimePrecision::Nanoseconds => writer.int64(micros * 1000)?,
        TimePrecision::Connect | TimePrecision::IsoText if !(0..=DAY).contains(&micros) => {
            return scratch.no_room("a TIME that is no time of day, which `connect` and `isostring` have no room for");
        }
        TimePrecision::Connect => writer.int32((micros / 1000) as i32)?,
        TimePrecision::IsoText => {
            let clock = Clock::from_micros(micros % DAY);
            scratch.bytes.clear();
            clock.push_seconds(&mut scratch.bytes);
            clock.push_short_fraction(&mut scratch.bytes);
            scratch.bytes.push(b'Z');
            return text::write_text(&scratch.bytes, writer);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;

    use super::*;
    use crate::row::testing::written;

    /// The value of both forms, which is the same.
    fn value(image: &[u8], text: &str, precision: TimePrecision) -> Option<Value> {
        let mut scratch = Scratch::default();
        let streamed = written(|writer| write_image(image, precision, &mut scratch, writer)).unwrap();
        assert_eq!(scratch.misfit.take().is_none(), streamed.is_some(), "{text}");
        let read = written(|writer| write_text(text.as_bytes(), precision, &mut scratch, writer)).unwrap();
        assert_eq!(scratch.misfit.is_none(), read.is_some(), "{text}");
        assert_eq!(streamed, read, "{text}");
        read
    }

    fn check(image: &[u8], text: &str, expected: i64) {
        use TimePrecision::{Adaptive, Microseconds, Nanoseconds};
        for (precision, expected) in [
            (Adaptive, expected),
            (Microseconds, expected),
            (Nanoseconds, expected * 1000),
        ] {
            assert_eq!(value(image, text, precision), Some(Value::Int64(expected)), "{text}");
        }
    }

    #[test]
    fn a_time_of_day_has_room_in_connects_type_and_in_text() {
        for (image, plain, millis, iso) in [
            (&[0x80, 0, 0][..], "00:00:00", 0, "00:00:00Z"),
            (&[0x80, 0x10, 0x83, 0, 40], "01:02:03.004", 3_723_004, "01:02:03.004Z"),
            (
                &[0x80, 0x10, 0x83, 0, 0, 9],
                "01:02:03.000009",
                3_723_000,
                "01:02:03.000009Z",
            ),
            (&[0x81, 0x80, 0], "24:00:00", 86_400_000, "00:00:00Z"),
        ] {
            let found = value(image, plain, TimePrecision::Connect);
            assert_eq!(found, Some(Value::Int32(millis)), "{plain}");
            let found = value(image, plain, TimePrecision::IsoText);
            assert_eq!(found, Some(Value::String(iso.to_owned())), "{plain}");
        }
        for (image, plain) in [
            (&[0x81, 0x90, 0][..], "25:00:00"),
            (&[0x81, 0x80, 0, 1], "24:00:00.01"),
            (&[0x7f, 0xff, 0xff, 0xff], "-00:00:00.01"),
        ] {
            assert_eq!(value(image, plain, TimePrecision::Connect), None, "{plain}");
            assert_eq!(value(image, plain, TimePrecision::IsoText), None, "{plain}");
        }
    }

    #[test]
    fn positive_times() {
        check(&[0x80, 0, 0], "00:00:00", 0);
        check(&[0x80, 0x10, 0x83], "01:02:03", 3_723_000_000);
        check(&[0x80, 0x10, 0x83, 0, 40], "01:02:03.004", 3_723_004_000);
        check(&[0x81, 0x90, 0], "25:00:00", 90_000_000_000);
        check(&[0xb4, 0x6e, 0xfb], "838:59:59", 3_020_399_000_000);
    }

    #[test]
    fn negative_times_with_a_fraction() {
        check(&[0x7f, 0x5a, 0xdd, 0xd3], "-10:20:34.45", -37_234_450_000);
        check(&[0x7f, 0xff, 0xff, 0xff], "-00:00:00.01", -10_000);
        check(&[0x7f, 0xff, 0xff, 0xff, 0xff], "-00:00:00.0001", -100);
        check(&[0x7f, 0xff, 0xff, 0xff, 0xff, 0xff], "-00:00:00.000001", -1);
        check(&[0x4b, 0xa0, 0, 0, 0, 0], "-838:00:00.000000", -3_016_800_000_000);
    }

    #[test]
    fn what_is_no_time_is_an_error() {
        let mut scratch = Scratch::default();
        let precision = TimePrecision::Adaptive;
        assert!(written(|writer| write_image(&[0; 2], precision, &mut scratch, writer)).is_err());
        assert!(written(|writer| write_image(&[0; 7], precision, &mut scratch, writer)).is_err());
        assert!(written(|writer| write_text(b"noon", precision, &mut scratch, writer)).is_err());
    }
}
