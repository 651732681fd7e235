//! TIME: microseconds, negative ones and those beyond a day included (`io.debezium.time.MicroTime`).
//!
//! In the binlog: three bytes, big-endian, shifted so that the bytes of a negative time sort before those of a positive
//! one; then the fraction in one, two or three bytes. A negative time is the negative of the whole number that seconds
//! and fraction make together (`my_time_packed_from_binary` in MySQL's `my_time.cc`).

use connector_api::data::{ValueWriter, WriteError};

use super::Written;
use super::calendar::Clock;

/// Writes a value of a row image.
pub(super) fn write_image(bytes: &[u8], writer: &mut dyn ValueWriter) -> Written {
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
    writer.int64(if packed < 0 { -micros } else { micros })?;
    Ok(true)
}

/// Writes a value of a text result set.
pub(super) fn write_text(text: &[u8], writer: &mut dyn ValueWriter) -> Written {
    let (negative, text) = match text.split_first() {
        Some((b'-', text)) => (true, text),
        _ => (false, text),
    };
    let micros = Clock::parse(text)
        .ok_or_else(|| WriteError::new("the text is no time"))?
        .total_micros();
    writer.int64(if negative { -micros } else { micros })?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;

    use super::*;
    use crate::row::testing::written;

    fn check(image: &[u8], text: &str, expected: i64) {
        let expected = Ok(Some(Value::Int64(expected)));
        assert_eq!(
            written(|writer| write_image(image, writer)),
            expected,
            "image of {text}"
        );
        assert_eq!(
            written(|writer| write_text(text.as_bytes(), writer)),
            expected,
            "text {text}"
        );
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
        assert!(written(|writer| write_image(&[0; 2], writer)).is_err());
        assert!(written(|writer| write_image(&[0; 7], writer)).is_err());
        assert!(written(|writer| write_text(b"noon", writer)).is_err());
    }
}
