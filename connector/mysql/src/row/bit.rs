//! BIT: `BIT(1)` is a boolean, longer ones are bytes (`io.debezium.data.Bits`), lowest byte first.
//!
//! In the binlog and in text alike: bytes, highest first.

use connector_api::data::{ValueWriter, WriteError};

use super::Written;

/// Writes a value; the form is the same in a row image and in a text result set.
pub(super) fn write(bytes: &[u8], length: u8, writer: &mut dyn ValueWriter) -> Written {
    let mut value = [0; 8];
    let width = usize::from(length.div_ceil(8));
    let too_long = || WriteError::new("a BIT value is longer than its type");
    if bytes.len() > width {
        return Err(too_long());
    }
    for (to, from) in value.iter_mut().zip(bytes.iter().rev()) {
        *to = *from;
    }
    if length == 1 {
        writer.boolean(value[0] & 1 == 1)?;
    } else {
        writer.bytes(value.get(..width).ok_or_else(too_long)?)?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;

    use super::*;
    use crate::row::testing::written;

    fn check(bytes: &[u8], length: u8, expected: Value) {
        assert_eq!(written(|writer| write(bytes, length, writer)), Ok(Some(expected)));
    }

    #[test]
    fn bits_are_little_endian() {
        check(&[1, 1], 9, Value::Bytes(vec![1, 1]));
        check(&[1, 2], 9, Value::Bytes(vec![2, 1]));
        check(&[0, 0], 9, Value::Bytes(vec![0, 0]));
        check(&[5], 9, Value::Bytes(vec![5, 0]));
        check(
            &[0x80, 0, 0, 0, 0, 0, 0, 0],
            64,
            Value::Bytes(vec![0, 0, 0, 0, 0, 0, 0, 0x80]),
        );
    }

    #[test]
    fn one_bit_is_a_boolean() {
        check(&[1], 1, Value::Boolean(true));
        check(&[0], 1, Value::Boolean(false));
    }

    #[test]
    fn a_longer_value_is_an_error() {
        assert!(written(|writer| write(&[0, 0], 8, writer)).is_err());
        assert!(written(|writer| write(&[0; 9], 200, writer)).is_err());
    }
}
