//! DATE: days since the epoch (`io.debezium.time.Date`).
//!
//! In the binlog: three bytes, five bits of day, four of month, fifteen of year. A date without day or month is null. The
//! year 0 is null in the stream and 2000 in a snapshot: so does Debezium.

use connector_api::data::{ValueWriter, WriteError};

use super::Written;
use super::calendar::Date;

/// Writes a value of a row image.
pub(super) fn write_image(bytes: &[u8], writer: &mut dyn ValueWriter) -> Written {
    let date = unpack(bytes)?;
    if date.year == 0 { Ok(false) } else { write(date, writer) }
}

/// A value of a row image as it is.
pub(super) fn unpack(bytes: &[u8]) -> Result<Date, WriteError> {
    let packed = match *bytes {
        [a, b, c] => u32::from_le_bytes([a, b, c, 0]),
        _ => return Err(WriteError::new(format!("a DATE of {} bytes", bytes.len()))),
    };
    Ok(Date {
        year: (packed >> 9) as i32,
        month: packed >> 5 & 15,
        day: packed & 31,
    })
}

/// Writes a value of a text result set.
pub(super) fn write_text(text: &[u8], writer: &mut dyn ValueWriter) -> Written {
    write(
        Date::parse(text).ok_or_else(|| WriteError::new("the text is no date"))?,
        writer,
    )
}

fn write(date: Date, writer: &mut dyn ValueWriter) -> Written {
    if date.lacks_day() {
        return Ok(false);
    }
    let days = date
        .adjusted()
        .epoch_days()
        .ok_or_else(|| WriteError::new("the date has a day that its month has not"))?;
    writer.int32(days as i32)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;

    use super::*;
    use crate::row::testing::written;

    fn image(year: u32, month: u32, day: u32) -> Vec<u8> {
        (year << 9 | month << 5 | day).to_le_bytes()[..3].to_vec()
    }

    fn check(image: &[u8], text: &str, expected: Option<i32>) {
        let expected = Ok(expected.map(Value::Int32));
        assert_eq!(written(|writer| write_image(image, writer)), expected, "image {text}");
        assert_eq!(
            written(|writer| write_text(text.as_bytes(), writer)),
            expected,
            "text {text}"
        );
    }

    #[test]
    fn days_since_the_epoch() {
        check(&image(1970, 1, 1), "1970-01-01", Some(0));
        check(&image(2024, 2, 29), "2024-02-29", Some(19782));
        check(&image(1000, 1, 1), "1000-01-01", Some(-354_285));
        check(&image(9999, 12, 31), "9999-12-31", Some(2_932_896));
    }

    #[test]
    fn dates_with_zeros_are_null() {
        check(&image(0, 0, 0), "0000-00-00", None);
        check(&image(2024, 0, 1), "2024-00-01", None);
        check(&image(2024, 1, 0), "2024-01-00", None);
    }

    #[test]
    fn years_of_two_digits_move_into_our_time() {
        check(&image(1, 1, 1), "0001-01-01", Some(11_323));
        check(&image(69, 1, 1), "0069-01-01", Some(36_160));
        check(&image(70, 1, 1), "0070-01-01", Some(0));
        check(&image(100, 1, 1), "0100-01-01", Some(-683_003));
    }

    #[test]
    fn the_year_zero_differs_between_stream_and_snapshot_as_with_debezium() {
        assert_eq!(written(|writer| write_image(&image(0, 1, 1), writer)), Ok(None));
        assert_eq!(
            written(|writer| write_text(b"0000-01-01", writer)),
            Ok(Some(Value::Int32(10_957)))
        );
    }

    #[test]
    fn what_is_no_date_is_an_error() {
        assert!(written(|writer| write_image(&image(2023, 2, 29), writer)).is_err());
        assert!(written(|writer| write_image(&[0; 4], writer)).is_err());
        assert!(written(|writer| write_text(b"yesterday", writer)).is_err());
    }
}
