//! Values in a document that JSON has no type for: decimals, dates and times, and bytes.
//!
//! A decimal becomes a number, a date or time a text with no more fraction than it has, anything else base64.

use super::{Damage, head};
use crate::row::calendar::{Clock, Date};
use crate::row::decimal_plain;

/// The column types whose values are not just bytes.
const DATE: u8 = 10;
const TIME: u8 = 11;
const DATETIME: u8 = 12;
const TIMESTAMP: u8 = 7;
const NEW_DECIMAL: u8 = 246;
const TIME2: u8 = 19;
const DATETIME2: u8 = 18;
const TIMESTAMP2: u8 = 17;

/// Appends a value of the column type `kind`.
pub(super) fn push(kind: u8, value: &[u8], out: &mut Vec<u8>) -> Result<(), Damage> {
    match kind {
        NEW_DECIMAL => {
            let ([precision, scale], packed) = value.split_first_chunk().ok_or(Damage)?;
            decimal_plain::push_plain(packed, *precision, *scale, out).map_err(|_| Damage)?;
        }
        DATE => quoted(out, |out| date(packed(value)?, out))?,
        TIME | TIME2 => quoted(out, |out| time(packed(value)?, out))?,
        DATETIME | DATETIME2 | TIMESTAMP | TIMESTAMP2 => quoted(out, |out| {
            let packed = packed(value)?;
            date(packed, out)?;
            out.push(b' ');
            clock(packed.unsigned_abs(), 31, out)
        })?,
        _ => quoted(out, |out| {
            push_base64(value, out);
            Ok(())
        })?,
    }
    Ok(())
}

fn quoted(out: &mut Vec<u8>, push: impl FnOnce(&mut Vec<u8>) -> Result<(), Damage>) -> Result<(), Damage> {
    out.push(b'"');
    push(out)?;
    out.push(b'"');
    Ok(())
}

/// Dates and times of all kinds are eight bytes: a sign, then year and month, day, hour, minute, second and 24 bits of
/// microseconds (`TIME_to_longlong_packed` in MySQL's `my_time.cc`).
fn packed(value: &[u8]) -> Result<i64, Damage> {
    Ok(i64::from_le_bytes(head(value)?))
}

fn date(packed: i64, out: &mut Vec<u8>) -> Result<(), Damage> {
    let packed = packed.unsigned_abs();
    let year_month = (packed >> 46 & 0x1_ffff) as u32;
    Date {
        year: (year_month / 13) as i32,
        month: year_month % 13,
        day: (packed >> 41) as u32 & 31,
    }
    .push(out);
    Ok(())
}

/// A negative time is the negative of the whole number. Debezium takes it apart without that and writes garbage
/// (`13:0-35:0-57.00000-789`); here it is right.
fn time(packed: i64, out: &mut Vec<u8>) -> Result<(), Damage> {
    if packed < 0 {
        out.push(b'-');
    }
    clock(packed.unsigned_abs(), 1023, out)
}

fn clock(packed: u64, hour_mask: u32, out: &mut Vec<u8>) -> Result<(), Damage> {
    let clock = Clock {
        hour: (packed >> 36) as u32 & hour_mask,
        minute: (packed >> 30) as u32 & 63,
        second: (packed >> 24) as u32 & 63,
        micros: packed as u32 & 0xff_ffff,
    };
    if clock.micros > 999_999 {
        return Err(Damage);
    }
    clock.push_seconds(out);
    clock.push_short_fraction(out);
    Ok(())
}

/// Base64 with padding, RFC 4648 §4.
fn push_base64(bytes: &[u8], out: &mut Vec<u8>) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |value: u32| ALPHABET.get((value & 63) as usize).copied().unwrap_or(b'=');
    for chunk in bytes.chunks(3) {
        let (a, b, c) = (chunk.first(), chunk.get(1), chunk.get(2));
        let byte = |byte: Option<&u8>| u32::from(byte.copied().unwrap_or_default());
        let group = byte(a) << 16 | byte(b) << 8 | byte(c);
        out.push(digit(group >> 18));
        out.push(digit(group >> 12));
        out.push(if b.is_some() { digit(group >> 6) } else { b'=' });
        out.push(if c.is_some() { digit(group) } else { b'=' });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: u8, value: &[u8], expected: &str) {
        let mut out = Vec::new();
        push(kind, value, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).as_deref(), Ok(expected));
    }

    fn packed_datetime(year: i64, month: i64, day: i64, hms: [i64; 3], micros: i64) -> i64 {
        (((year * 13 + month) << 5 | day) << 17 | hms[0] << 12 | hms[1] << 6 | hms[2]) << 24 | micros
    }

    #[test]
    fn a_fraction_of_a_second_or_more_is_damage() {
        let moment = |micros| packed_datetime(2024, 2, 29, [1, 2, 3], micros).to_le_bytes();
        check(DATETIME, &moment(999_999), "\"2024-02-29 01:02:03.999999\"");
        for micros in [1_000_000, 10_000_000, 0xff_ffff] {
            assert!(push(DATETIME, &moment(micros), &mut Vec::new()).is_err(), "{micros}");
        }
    }

    #[test]
    fn dates_and_times() {
        let date = packed_datetime(2024, 2, 29, [0; 3], 0);
        check(DATE, &date.to_le_bytes(), "\"2024-02-29\"");
        let moment = packed_datetime(2024, 2, 29, [1, 2, 3], 120_000);
        check(DATETIME, &moment.to_le_bytes(), "\"2024-02-29 01:02:03.12\"");
        check(
            TIMESTAMP,
            &packed_datetime(1999, 12, 31, [23, 59, 59], 0).to_le_bytes(),
            "\"1999-12-31 23:59:59\"",
        );
        check(
            TIME,
            &packed_datetime(0, 0, 0, [1, 2, 3], 1).to_le_bytes(),
            "\"01:02:03.000001\"",
        );
        check(
            TIME,
            &packed_datetime(0, 0, 0, [838, 59, 59], 0).to_le_bytes(),
            "\"838:59:59\"",
        );
    }

    #[test]
    fn negative_times_are_right() {
        let time = packed_datetime(0, 0, 0, [12, 34, 56], 789);
        check(TIME, &(-time).to_le_bytes(), "\"-12:34:56.000789\"");
    }

    #[test]
    fn base64_with_padding() {
        check(15, b"", "\"\"");
        check(15, b"f", "\"Zg==\"");
        check(15, b"fo", "\"Zm8=\"");
        check(252, b"foo", "\"Zm9v\"");
        check(16, &[0xff, 0xfe, 0xfd], "\"//79\"");
    }

    #[test]
    fn a_value_that_is_too_short_is_damage() {
        let mut out = Vec::new();
        assert!(push(DATE, &[0; 7], &mut out).is_err());
        assert!(push(NEW_DECIMAL, &[5], &mut out).is_err());
        assert!(push(NEW_DECIMAL, &[5, 2, 0x80], &mut out).is_err());
    }
}
