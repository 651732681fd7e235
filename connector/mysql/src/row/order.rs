//! A value in the form that MySQL orders it by, for the types whose records do not keep that order.
//!
//! A record has null for a date with zeros in it, moves years of two digits, and names the values of an ENUM; MySQL sorts
//! dates digit by digit, and ENUM, SET and BIT as numbers. Here dates and times are MySQL's own text, which sorts as they
//! do, the others numbers. Both wire forms give the same text.

use connector_api::data::{ValueWriter, WriteError};

use super::calendar::{Clock, Date, push_digits};
use super::{Written, date, datetime, integer, text, timestamp};
use crate::schema::ColumnType;

/// A row that can be placed among others.
pub trait OrderedRow {
    /// Writes column `index` as it is ordered: in the form of its record where that keeps MySQL's order, else as MySQL's
    /// text or number.
    fn write_order(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError>;
}

/// Writes a value of a row image; false if the form of its record keeps the order.
pub(super) fn write_image(
    column_type: &ColumnType,
    bytes: &[u8],
    scratch: &mut Vec<u8>,
    writer: &mut dyn ValueWriter,
) -> Written {
    scratch.clear();
    match column_type {
        ColumnType::Boolean => return integer::write_image(bytes, false, integer::RecordInteger::Int32, writer),
        ColumnType::Date => date::unpack(bytes)?.push(scratch),
        ColumnType::DateTime { .. } => push_moment(datetime::unpack(bytes)?, scratch),
        ColumnType::Timestamp { .. } => push_moment(timestamp::unpack(bytes)?, scratch),
        ColumnType::Year => match *bytes {
            [0] => scratch.push(b'0'),
            [year] => push_digits(1900 + u32::from(year), 4, scratch),
            _ => return Err(WriteError::new(format!("a YEAR of {} bytes", bytes.len()))),
        },
        ColumnType::Enum { .. } | ColumnType::Set { .. } => push_number(bytes.iter().rev(), scratch)?,
        ColumnType::Bit { .. } => push_number(bytes.iter(), scratch)?,
        _ => return Ok(false),
    }
    text::write_text(scratch, writer)
}

/// Writes a value of a text result set; false if the form of its record keeps the order.
pub(super) fn write_text(
    column_type: &ColumnType,
    text: &[u8],
    scratch: &mut Vec<u8>,
    writer: &mut dyn ValueWriter,
) -> Written {
    let no_moment = || WriteError::new("the text is no date and time");
    scratch.clear();
    match column_type {
        ColumnType::Boolean => return integer::write_text(text, integer::RecordInteger::Int32, writer),
        ColumnType::Date => Date::parse(text).ok_or_else(no_moment)?.push(scratch),
        ColumnType::DateTime { .. } | ColumnType::Timestamp { .. } => {
            push_moment(datetime::parse(text).ok_or_else(no_moment)?, scratch);
        }
        ColumnType::Year => return integer::write_text(text, integer::RecordInteger::Int32, writer),
        ColumnType::Enum { values } => {
            let number = match text {
                b"" => 0,
                _ => place(values, text)? + 1,
            };
            scratch.extend_from_slice(number.to_string().as_bytes());
        }
        ColumnType::Set { values } => {
            let members = text.split(|byte| *byte == b',').filter(|member| !member.is_empty());
            let mut number = 0_u64;
            for member in members {
                number |= 1_u64.checked_shl(place(values, member)? as u32).unwrap_or_default();
            }
            scratch.extend_from_slice(number.to_string().as_bytes());
        }
        ColumnType::Bit { .. } => push_number(text.iter(), scratch)?,
        _ => return Ok(false),
    }
    text::write_text(scratch, writer)
}

/// `2024-02-29 01:02:03.000000`: all digits, so that text is ordered as time is.
fn push_moment((date, clock): (Date, Clock), out: &mut Vec<u8>) {
    date.push(out);
    out.push(b' ');
    clock.push_seconds(out);
    out.push(b'.');
    push_digits(clock.micros, 6, out);
}

/// A number of at most eight bytes, the highest first.
fn push_number<'a>(bytes: impl ExactSizeIterator<Item = &'a u8>, out: &mut Vec<u8>) -> Result<(), WriteError> {
    if bytes.len() > 8 {
        return Err(WriteError::new(format!("a number of {} bytes", bytes.len())));
    }
    let number = bytes.fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    out.extend_from_slice(number.to_string().as_bytes());
    Ok(())
}

/// Which of the values of an ENUM or SET the text is. MySQL stores them without blanks at their ends.
fn place(values: &[String], text: &[u8]) -> Result<usize, WriteError> {
    let mut known = values.iter().map(|value| value.trim_end_matches(' ').as_bytes());
    known
        .position(|value| value == text)
        .ok_or_else(|| WriteError::new("the text is no value of the column"))
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;

    use super::*;
    use crate::row::testing::written;

    /// The place of a value of both forms.
    fn check(column_type: &ColumnType, image: &[u8], form: &[u8], expected: &str) {
        let place = |written: Result<Option<Value>, WriteError>| match written {
            Ok(Some(Value::String(text))) => text,
            Ok(Some(Value::Int32(number))) => number.to_string(),
            other => panic!("{other:?}"),
        };
        let mut scratch = b"left over".to_vec();
        let streamed = written(|writer| write_image(column_type, image, &mut scratch, writer));
        assert_eq!(place(streamed), expected);
        let read = written(|writer| write_text(column_type, form, &mut scratch, writer));
        assert_eq!(place(read), expected);
    }

    #[test]
    fn dates_that_are_none_have_a_place() {
        let packed = |year: u32, month: u32, day: u32| (year << 9 | month << 5 | day).to_le_bytes();
        let date = ColumnType::Date;
        check(&date, &packed(0, 0, 0)[..3], b"0000-00-00", "0000-00-00");
        check(&date, &packed(2020, 5, 0)[..3], b"2020-05-00", "2020-05-00");
        check(&date, &packed(50, 1, 2)[..3], b"0050-01-02", "0050-01-02");
        let zero = [0x80, 0, 0, 0, 0];
        let datetime = |fsp| ColumnType::DateTime { fsp };
        check(
            &datetime(0),
            &zero,
            b"0000-00-00 00:00:00",
            "0000-00-00 00:00:00.000000",
        );
        let packed = [0x99, 0xb2, 0xba, 0x10, 0x83, 50];
        check(
            &datetime(2),
            &packed,
            b"2024-02-29 01:02:03.50",
            "2024-02-29 01:02:03.500000",
        );
        check(&ColumnType::Year, &[0], b"0000", "0");
        check(&ColumnType::Year, &[124], b"2024", "2024");
    }

    #[test]
    fn instants_are_those_of_utc() {
        let stamp = |fsp| ColumnType::Timestamp { fsp };
        check(&stamp(0), &[0; 4], b"0000-00-00 00:00:00", "0000-00-00 00:00:00.000000");
        let seconds = 1_709_168_523_u32.to_be_bytes();
        check(
            &stamp(0),
            &seconds,
            b"2024-02-29 01:02:03",
            "2024-02-29 01:02:03.000000",
        );
        let with_fraction = [&seconds[..], &[4, 176]].concat();
        check(
            &stamp(3),
            &with_fraction,
            b"2024-02-29 01:02:03.120",
            "2024-02-29 01:02:03.120000",
        );
    }

    #[test]
    fn names_are_numbers() {
        let values = || vec!["b".to_owned(), "a ".to_owned()];
        let size = ColumnType::Enum { values: values() };
        check(&size, &[2], b"a", "2");
        check(&size, &[0], b"", "0");
        let flags = ColumnType::Set { values: values() };
        check(&flags, &[3], b"b,a", "3");
        check(&flags, &[0], b"", "0");
        let bits = ColumnType::Bit { length: 64 };
        check(&bits, &[0xff; 8], &[0xff; 8], "18446744073709551615");
        check(&ColumnType::Boolean, &[2], b"2", "2");
    }

    #[test]
    fn what_is_no_value_is_an_error_and_other_types_keep_their_order() {
        let mut scratch = Vec::new();
        let size = ColumnType::Enum {
            values: vec!["a".to_owned()],
        };
        assert!(written(|writer| write_text(&size, b"b", &mut scratch, writer)).is_err());
        assert!(written(|writer| write_text(&ColumnType::Date, b"now", &mut scratch, writer)).is_err());
        assert!(written(|writer| write_image(&ColumnType::Date, &[0; 4], &mut scratch, writer)).is_err());
        assert_eq!(
            written(|writer| write_image(&ColumnType::Bytes, b"x", &mut scratch, writer)),
            Ok(None)
        );
        assert_eq!(
            written(|writer| write_text(&ColumnType::Bytes, b"x", &mut scratch, writer)),
            Ok(None)
        );
    }
}
