//! ENUM and SET: their values as text (`io.debezium.data.Enum`, `io.debezium.data.EnumSet`).
//!
//! In the binlog: the number of the value, from 1; 0 is the value that an invalid one becomes, and an empty text. A SET has
//! a bit for each of its values. In text: the value itself. A number that the column has no value for cannot come from the
//! server: the definition is not the one the row was written with, and guessing would make a wrong value.

use connector_api::data::{ValueWriter, WriteError};

use super::Written;

/// Writes the value of an ENUM in a row image.
pub(super) fn write_enum(bytes: &[u8], values: &[String], writer: &mut dyn ValueWriter) -> Written {
    let number = match *bytes {
        [number] => usize::from(number),
        [low, high] => usize::from(u16::from_le_bytes([low, high])),
        _ => return Err(WriteError::new(format!("an ENUM of {} bytes", bytes.len()))),
    };
    let value = match number.checked_sub(1) {
        None => "",
        Some(index) => values.get(index).ok_or_else(|| {
            WriteError::new(format!(
                "an ENUM has value number {number}, its definition only {}",
                values.len()
            ))
        })?,
    };
    writer.string(value)?;
    Ok(true)
}

/// Writes the value of a SET in a row image: its members in the order of the definition.
pub(super) fn write_set(
    bytes: &[u8],
    values: &[String],
    scratch: &mut String,
    writer: &mut dyn ValueWriter,
) -> Written {
    if bytes.len() > 8 {
        return Err(WriteError::new(format!("a SET of {} bytes", bytes.len())));
    }
    let mut members = bytes
        .iter()
        .rev()
        .fold(0, |members, byte| members << 8 | u64::from(*byte));
    scratch.clear();
    for value in values {
        if members & 1 == 1 {
            if !scratch.is_empty() {
                scratch.push(',');
            }
            scratch.push_str(value);
        }
        members = members.checked_shr(1).unwrap_or_default();
    }
    if members != 0 {
        return Err(WriteError::new(format!(
            "a SET has a member beyond the {} of its definition",
            values.len()
        )));
    }
    writer.string(scratch)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;

    use super::*;
    use crate::row::testing::written;

    fn values() -> Vec<String> {
        ["a,b", "back\\slash", "it's"].map(str::to_owned).to_vec()
    }

    fn check_enum(bytes: &[u8], expected: &str) {
        assert_eq!(
            written(|writer| write_enum(bytes, &values(), writer)),
            Ok(Some(Value::String(expected.to_owned())))
        );
    }

    fn check_set(bytes: &[u8], expected: &str) {
        let mut scratch = String::from("left over");
        assert_eq!(
            written(|writer| write_set(bytes, &values(), &mut scratch, writer)),
            Ok(Some(Value::String(expected.to_owned())))
        );
    }

    #[test]
    fn enum_values_are_clean_text() {
        check_enum(&[1], "a,b");
        check_enum(&[2], "back\\slash");
        check_enum(&[3, 0], "it's");
        check_enum(&[0], "");
    }

    #[test]
    fn set_members_in_the_order_of_the_definition() {
        check_set(&[0], "");
        check_set(&[0b100], "it's");
        check_set(&[0b101], "a,b,it's");
        check_set(&[0b111, 0, 0, 0, 0, 0, 0, 0], "a,b,back\\slash,it's");
    }

    #[test]
    fn numbers_beyond_the_definition_are_errors() {
        let mut scratch = String::new();
        assert!(written(|writer| write_enum(&[4], &values(), writer)).is_err());
        assert!(written(|writer| write_set(&[0b1000], &values(), &mut scratch, writer)).is_err());
        assert!(written(|writer| write_set(&[0; 9], &values(), &mut scratch, writer)).is_err());
    }

    #[test]
    fn a_set_of_sixty_four_members() {
        let values: Vec<String> = (0..64).map(|number| number.to_string()).collect();
        let mut scratch = String::new();
        let value = written(|writer| write_set(&[1, 0, 0, 0, 0, 0, 0, 0x80], &values, &mut scratch, writer));
        assert_eq!(value, Ok(Some(Value::String("0,63".to_owned()))));
    }
}
