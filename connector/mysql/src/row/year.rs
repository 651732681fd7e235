//! YEAR (`io.debezium.time.Year`).
//!
//! In the binlog: one byte, years since 1900. The year 0000 arrives as 1900 from the stream and as 2000 from a snapshot: so
//! does Debezium.

use connector_api::data::{ValueWriter, WriteError};

use super::Written;

/// Writes a value of a row image.
pub(super) fn write_image(bytes: &[u8], writer: &mut dyn ValueWriter) -> Written {
    match *bytes {
        [year] => writer.int32(1900 + i32::from(year)).map(|()| true),
        _ => Err(WriteError::new(format!("a YEAR of {} bytes", bytes.len()))),
    }
}

/// Writes a value of a text result set.
pub(super) fn write_text(text: &[u8], writer: &mut dyn ValueWriter) -> Written {
    let year: Option<i32> = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    let year = year.filter(|year| matches!(year, 0 | 1901..=2155));
    let year = year.ok_or_else(|| WriteError::new("the text is no year"))?;
    writer.int32(if year == 0 { 2000 } else { year })?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;

    use super::*;
    use crate::row::testing::written;

    fn check(image: u8, text: &str, expected: i32) {
        let expected = Ok(Some(Value::Int32(expected)));
        assert_eq!(written(|writer| write_image(&[image], writer)), expected);
        assert_eq!(written(|writer| write_text(text.as_bytes(), writer)), expected);
    }

    #[test]
    fn years() {
        check(1, "1901", 1901);
        check(124, "2024", 2024);
        check(255, "2155", 2155);
    }

    #[test]
    fn the_year_zero_differs_between_stream_and_snapshot_as_with_debezium() {
        assert_eq!(
            written(|writer| write_image(&[0], writer)),
            Ok(Some(Value::Int32(1900)))
        );
        assert_eq!(
            written(|writer| write_text(b"0000", writer)),
            Ok(Some(Value::Int32(2000)))
        );
    }

    #[test]
    fn what_is_no_year_is_an_error() {
        assert!(written(|writer| write_image(&[0, 0], writer)).is_err());
        assert!(written(|writer| write_text(b"1900", writer)).is_err());
        assert!(written(|writer| write_text(b"", writer)).is_err());
    }
}
