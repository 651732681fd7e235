//! DATE: days since the epoch (`io.debezium.time.Date`, with `time.precision.mode=connect` Connect's), or ISO 8601's text
//! (`isostring`).
//!
//! In the binlog: three bytes, five bits of day, four of month, fifteen of year. A date without day or month is null. The
//! year 0 is null in the stream and 2000 in a snapshot: so does Debezium.

use connector_api::data::{ValueWriter, WriteError};

use super::calendar::Date;
use super::{Written, text};
use crate::config::{TimePrecision, ValueModes};

/// Writes a value of a row image.
pub(super) fn write_image(
    bytes: &[u8],
    modes: &ValueModes,
    scratch: &mut Vec<u8>,
    writer: &mut dyn ValueWriter,
) -> Written {
    match unpack(bytes)? {
        Date { year: 0, .. } => Ok(false),
        date => write(date, modes, scratch, writer),
    }
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
pub(super) fn write_text(
    text: &[u8],
    modes: &ValueModes,
    scratch: &mut Vec<u8>,
    writer: &mut dyn ValueWriter,
) -> Written {
    let date = Date::parse(text).ok_or_else(|| WriteError::new("the text is no date"))?;
    write(date, modes, scratch, writer)
}

fn write(date: Date, modes: &ValueModes, scratch: &mut Vec<u8>, writer: &mut dyn ValueWriter) -> Written {
    if date.lacks_day() {
        return Ok(false);
    }
    let date = date.adjusted(modes.early_years);
    let days = date
        .epoch_days()
        .ok_or_else(|| WriteError::new("the date has a day that its month has not"))?;
    if modes.times == TimePrecision::IsoText {
        scratch.clear();
        date.push(scratch);
        scratch.push(b'Z');
        return text::write_text(scratch, writer);
    }
    writer.int32(days as i32)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;

    use super::*;
    use crate::config::EarlyYears;
    use crate::row::testing::written;

    fn image(year: u32, month: u32, day: u32) -> Vec<u8> {
        (year << 9 | month << 5 | day).to_le_bytes()[..3].to_vec()
    }

    fn both(image: &[u8], text: &str, times: TimePrecision) -> [Result<Option<Value>, WriteError>; 2] {
        let usual = ValueModes::default();
        in_modes(image, text, ValueModes { times, ..usual })
    }

    fn in_modes(image: &[u8], text: &str, modes: ValueModes) -> [Result<Option<Value>, WriteError>; 2] {
        let mut scratch = b"left over".to_vec();
        [
            written(|writer| write_image(image, &modes, &mut scratch, writer)),
            written(|writer| write_text(text.as_bytes(), &modes, &mut scratch, writer)),
        ]
    }

    fn check(image: &[u8], text: &str, expected: Option<i32>) {
        for precision in [TimePrecision::Adaptive, TimePrecision::Connect] {
            for value in both(image, text, precision) {
                assert_eq!(value, Ok(expected.map(Value::Int32)), "{text}");
            }
        }
    }

    #[test]
    fn text_of_iso_8601() {
        for (image, text, expected) in [
            (image(2024, 2, 29), "2024-02-29", Some("2024-02-29Z")),
            (image(100, 1, 1), "0100-01-01", Some("0100-01-01Z")),
            (image(69, 1, 1), "0069-01-01", Some("2069-01-01Z")),
            (image(2024, 0, 1), "2024-00-01", None),
        ] {
            for value in both(&image, text, TimePrecision::IsoText) {
                assert_eq!(value, Ok(expected.map(|text| Value::String(text.to_owned()))), "{text}");
            }
        }
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
    fn or_stay_where_they_are() {
        let kept = ValueModes {
            early_years: EarlyYears::Kept,
            ..ValueModes::default()
        };
        for value in in_modes(&image(1, 1, 1), "0001-01-01", kept) {
            assert_eq!(value, Ok(Some(Value::Int32(-719_162))));
        }
        let [streamed, read] = in_modes(&image(0, 1, 1), "0000-01-01", kept);
        assert_eq!((streamed, read), (Ok(None), Ok(Some(Value::Int32(-719_528)))));
    }

    #[test]
    fn the_year_zero_differs_between_stream_and_snapshot_as_with_debezium() {
        let [streamed, read] = both(&image(0, 1, 1), "0000-01-01", TimePrecision::Adaptive);
        assert_eq!(streamed, Ok(None));
        assert_eq!(read, Ok(Some(Value::Int32(10_957))));
    }

    #[test]
    fn what_is_no_date_is_an_error() {
        for precision in [TimePrecision::Adaptive, TimePrecision::IsoText] {
            let [february, _] = both(&image(2023, 2, 29), "2023-02-29", precision);
            let [long, word] = both(&[0; 4], "yesterday", precision);
            assert!(february.is_err() && long.is_err() && word.is_err());
        }
    }
}
