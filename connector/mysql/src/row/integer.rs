//! TINYINT to BIGINT, signed and unsigned, and BOOLEAN.
//!
//! In the binlog: little-endian, in the type's own width, without a sign of its own; in text: decimal digits.
//! UNSIGNED types take the next larger type of a record, except BIGINT UNSIGNED, which wraps around into an `int64`
//! (`bigint.unsigned.handling.mode=long`) or is a `Decimal` without scale (`precise`).

use connector_api::data::{ValueWriter, WriteError};

use super::Written;

/// What a record has for an integer column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordInteger {
    /// True unless 0.
    Boolean,
    /// True above 0.
    Positive,
    /// An `int16`: 1 above 0, else 0.
    Flag,
    /// An `int16` or `int32`.
    Int32,
    /// An `int64`.
    Int64,
    /// A `Decimal` of a number without sign.
    Unsigned,
}

/// Writes a value of a row image.
pub(super) fn write_image(
    bytes: &[u8],
    unsigned: bool,
    target: RecordInteger,
    writer: &mut dyn ValueWriter,
) -> Written {
    let value = match *bytes {
        [a] if unsigned => i64::from(a),
        [a] => i64::from(a as i8),
        [a, b] if unsigned => i64::from(u16::from_le_bytes([a, b])),
        [a, b] => i64::from(i16::from_le_bytes([a, b])),
        [a, b, c] if unsigned => i64::from(u32::from_le_bytes([a, b, c, 0])),
        // The third byte's highest bit is the sign.
        [a, b, c] => i64::from(i32::from_le_bytes([0, a, b, c]) >> 8),
        [a, b, c, d] if unsigned => i64::from(u32::from_le_bytes([a, b, c, d])),
        [a, b, c, d] => i64::from(i32::from_le_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => i64::from_le_bytes([a, b, c, d, e, f, g, h]),
        _ => return Err(WriteError::new(format!("an integer of {} bytes", bytes.len()))),
    };
    write(value, target, writer)
}

/// Writes a value of a text result set.
pub(super) fn write_text(text: &[u8], target: RecordInteger, writer: &mut dyn ValueWriter) -> Written {
    write(
        parse(text).ok_or_else(|| WriteError::new("the text is no integer"))?,
        target,
        writer,
    )
}

fn write(value: i64, target: RecordInteger, writer: &mut dyn ValueWriter) -> Written {
    match target {
        RecordInteger::Boolean => writer.boolean(value != 0)?,
        RecordInteger::Positive => writer.boolean(value > 0)?,
        RecordInteger::Flag => writer.int32(i32::from(value > 0))?,
        RecordInteger::Int32 => {
            let value = i32::try_from(value).map_err(|_| WriteError::new("an integer is larger than its type"))?;
            writer.int32(value)?;
        }
        RecordInteger::Int64 => writer.int64(value)?,
        RecordInteger::Unsigned => writer.bytes(shortest(&widened(value.cast_unsigned())))?,
    }
    Ok(true)
}

/// A number without sign as two's complement.
fn widened(value: u64) -> [u8; 9] {
    let mut bytes = [0; 9];
    if let Some(low) = bytes.last_chunk_mut() {
        *low = value.to_be_bytes();
    }
    bytes
}

/// Two's complement without the zeros that it can do without: the first bit stays one of the sign.
fn shortest(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let [0, next, ..] = rest
        && next & 0x80 == 0
    {
        rest = rest.get(1..).unwrap_or_default();
    }
    rest
}

/// Digits with an optional sign. Up to 2^64-1, of which the upper half wraps to negative.
fn parse(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text.split_first()? {
        (b'-', digits) => (true, digits),
        _ => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value: u64 = 0;
    for digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    if negative {
        0_i64.checked_sub_unsigned(value)
    } else {
        Some(value as i64)
    }
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;

    use super::*;
    use crate::row::testing::written;

    fn check(image: &[u8], text: &str, unsigned: bool, target: RecordInteger, expected: Value) {
        assert_eq!(
            written(|writer| write_image(image, unsigned, target, writer)),
            Ok(Some(expected.clone())),
            "{text}"
        );
        assert_eq!(
            written(|writer| write_text(text.as_bytes(), target, writer)),
            Ok(Some(expected)),
            "{text}"
        );
    }

    #[test]
    fn signs_extend_in_every_width() {
        check(&[0xff], "-1", false, RecordInteger::Int32, Value::Int32(-1));
        check(&[0x80], "-128", false, RecordInteger::Int32, Value::Int32(-128));
        check(
            &[0x00, 0x80],
            "-32768",
            false,
            RecordInteger::Int32,
            Value::Int32(-32768),
        );
        check(&[0xff, 0xff, 0xff], "-1", false, RecordInteger::Int32, Value::Int32(-1));
        check(
            &[0, 0, 0x80],
            "-8388608",
            false,
            RecordInteger::Int32,
            Value::Int32(-8_388_608),
        );
        check(
            &[0xff, 0xff, 0x7f],
            "8388607",
            false,
            RecordInteger::Int32,
            Value::Int32(8_388_607),
        );
        check(
            &[0, 0, 0, 0x80],
            "-2147483648",
            false,
            RecordInteger::Int32,
            Value::Int32(i32::MIN),
        );
        check(
            &[0, 0, 0, 0, 0, 0, 0, 0x80],
            "-9223372036854775808",
            false,
            RecordInteger::Int64,
            Value::Int64(i64::MIN),
        );
    }

    #[test]
    fn unsigned_values_have_no_sign() {
        check(&[0xff], "255", true, RecordInteger::Int32, Value::Int32(255));
        check(&[0xff, 0xff], "65535", true, RecordInteger::Int32, Value::Int32(65535));
        check(
            &[0xff, 0xff, 0xff],
            "16777215",
            true,
            RecordInteger::Int32,
            Value::Int32(16_777_215),
        );
        check(
            &[0xff; 4],
            "4294967295",
            true,
            RecordInteger::Int64,
            Value::Int64(4_294_967_295),
        );
    }

    #[test]
    fn unsigned_bigint_wraps_as_debezium_does() {
        check(
            &[0xff; 8],
            "18446744073709551615",
            true,
            RecordInteger::Int64,
            Value::Int64(-1),
        );
        check(
            &[0, 0, 0, 0, 0, 0, 0, 0x80],
            "9223372036854775808",
            true,
            RecordInteger::Int64,
            Value::Int64(i64::MIN),
        );
    }

    #[test]
    fn an_exact_unsigned_bigint_is_as_short_as_java_makes_it() {
        for (number, expected) in [
            (0, &[0][..]),
            (127, &[0x7f]),
            (128, &[0, 0x80]),
            (256, &[1, 0]),
            (u64::MAX / 2, &[0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            (u64::MAX / 2 + 1, &[0, 0x80, 0, 0, 0, 0, 0, 0, 0]),
            (u64::MAX, &[0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ] {
            check(
                &number.to_le_bytes(),
                &number.to_string(),
                true,
                RecordInteger::Unsigned,
                Value::Bytes(expected.to_vec()),
            );
        }
    }

    #[test]
    fn a_boolean_is_any_number_but_zero() {
        check(&[0], "0", false, RecordInteger::Boolean, Value::Boolean(false));
        check(&[0xfe], "-2", false, RecordInteger::Boolean, Value::Boolean(true));
        check(&[0xfe], "-2", false, RecordInteger::Positive, Value::Boolean(false));
        check(&[0xfe], "254", true, RecordInteger::Positive, Value::Boolean(true));
    }

    #[test]
    fn zerofill_text_is_a_number() {
        check(
            &[42, 0, 0, 0],
            "0000000042",
            true,
            RecordInteger::Int64,
            Value::Int64(42),
        );
    }

    #[test]
    fn what_is_no_integer_is_an_error() {
        for text in [
            "",
            "-",
            "1.5",
            "1e3",
            " 1",
            "18446744073709551616",
            "-9223372036854775809",
        ] {
            assert!(
                written(|writer| write_text(text.as_bytes(), RecordInteger::Int64, writer)).is_err(),
                "{text}"
            );
        }
        assert!(written(|writer| write_image(&[0; 5], false, RecordInteger::Int64, writer)).is_err());
    }
}
