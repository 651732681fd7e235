//! DECIMAL as plain text with every digit of its scale (`decimal.handling.mode=string`), and as the nearest `float64` (`double`).
//!
//! The text is Java's `BigDecimal.toPlainString`: no zeros in front, none left out behind, and no sign before a zero.

use connector_api::data::{ValueWriter, WriteError};

use super::decimal::{DecimalText, MAX_PRECISION, unpack};
use super::{Written, text};

/// A `float64` holds so many digits exactly, as it does the powers of ten up to there: one division rounds once.
const EXACT_DIGITS: u8 = 15;

/// Writes a value of a row image as text.
pub(super) fn write_image_text(
    bytes: &[u8],
    precision: u8,
    scale: u8,
    scratch: &mut Vec<u8>,
    writer: &mut dyn ValueWriter,
) -> Written {
    scratch.clear();
    push_plain(bytes, precision, scale, scratch)?;
    text::write_text(scratch, writer)
}

/// Writes a value of a text result set as text.
pub(super) fn write_text_text(text: &[u8], scale: u8, scratch: &mut Vec<u8>, writer: &mut dyn ValueWriter) -> Written {
    scratch.clear();
    push_text(text, scale, scratch)?;
    text::write_text(scratch, writer)
}

/// Writes a value of a row image as a `float64`.
pub(super) fn write_image_double(
    bytes: &[u8],
    precision: u8,
    scale: u8,
    scratch: &mut Vec<u8>,
    writer: &mut dyn ValueWriter,
) -> Written {
    if precision > EXACT_DIGITS {
        scratch.clear();
        push_plain(bytes, precision, scale, scratch)?;
        return write_double(scratch, writer);
    }
    let mut value: u64 = 0;
    let negative = unpack(bytes, precision, scale, |digits, group| {
        value = value * 10_u64.pow(u32::from(digits)) + u64::from(group);
    })?;
    let magnitude = value as f64 / 10_u64.pow(u32::from(scale)) as f64;
    writer.float64(if negative && value > 0 { -magnitude } else { magnitude })?;
    Ok(true)
}

/// Writes a value of a text result set as a `float64`.
pub(super) fn write_text_double(
    text: &[u8],
    scale: u8,
    scratch: &mut Vec<u8>,
    writer: &mut dyn ValueWriter,
) -> Written {
    scratch.clear();
    push_text(text, scale, scratch)?;
    write_double(scratch, writer)
}

fn write_double(plain: &[u8], writer: &mut dyn ValueWriter) -> Written {
    let number = std::str::from_utf8(plain).ok().and_then(|text| text.parse().ok());
    writer.float64(number.ok_or_else(|| WriteError::new("a decimal number that is none"))?)?;
    Ok(true)
}

/// Appends the text of a result set in its plain form: a ZEROFILL column has zeros in front.
fn push_text(text: &[u8], scale: u8, out: &mut Vec<u8>) -> Result<(), WriteError> {
    let not_one = || WriteError::new("the text is no decimal number of the column's scale");
    let number = DecimalText::split(text, scale).ok_or_else(not_one)?;
    let mut is_zero = true;
    number.digits(|digit| is_zero &= digit == 0).ok_or_else(not_one)?;
    if number.negative && !is_zero {
        out.push(b'-');
    }
    push_whole(number.whole, out);
    if scale > 0 {
        out.push(b'.');
        out.extend_from_slice(number.fraction);
        out.extend(std::iter::repeat_n(b'0', number.missing));
    }
    Ok(())
}

/// Appends digits without the zeros in front.
fn push_whole(digits: &[u8], out: &mut Vec<u8>) {
    match digits.iter().position(|digit| *digit != b'0') {
        Some(first) => out.extend_from_slice(digits.get(first..).unwrap_or_default()),
        None => out.push(b'0'),
    }
}

/// Appends a packed value as plain text with all digits of its scale, as JSON documents show it, too.
pub(super) fn push_plain(bytes: &[u8], precision: u8, scale: u8, out: &mut Vec<u8>) -> Result<(), WriteError> {
    let mut all = [b'0'; MAX_PRECISION as usize];
    let mut end = 0;
    let negative = unpack(bytes, precision, scale, |digits, group| {
        let start = end;
        end += usize::from(digits);
        let mut rest = group;
        for place in all.get_mut(start..end).unwrap_or_default().iter_mut().rev() {
            *place = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
    })?;
    let (whole, fraction) = all.split_at(usize::from(precision - scale));
    if negative {
        out.push(b'-');
    }
    push_whole(whole, out);
    if scale > 0 {
        out.push(b'.');
        out.extend_from_slice(fraction.get(..usize::from(scale)).unwrap_or_default());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;
    use proptest::prelude::{ProptestConfig, any, proptest};

    use super::*;
    use crate::row::testing::{packed, written};

    fn check(text: &str, precision: u8, scale: u8, plain: &str) {
        let mut scratch = b"left over".to_vec();
        let image = packed(text, precision, scale);
        let expected = Ok(Some(Value::String(plain.to_owned())));
        assert_eq!(
            written(|writer| write_image_text(&image, precision, scale, &mut scratch, writer)),
            expected
        );
        assert_eq!(
            written(|writer| write_text_text(text.as_bytes(), scale, &mut scratch, writer)),
            expected
        );
        let nearest = Ok(Some(Value::Float64(plain.parse().unwrap())));
        assert_eq!(
            written(|writer| write_image_double(&image, precision, scale, &mut scratch, writer)),
            nearest
        );
        assert_eq!(
            written(|writer| write_text_double(text.as_bytes(), scale, &mut scratch, writer)),
            nearest
        );
    }

    #[test]
    fn every_digit_of_the_scale_and_no_zero_in_front() {
        check("0.00", 12, 2, "0.00");
        check("-1.20", 12, 2, "-1.20");
        check("-0.05", 12, 2, "-0.05");
        check("1234567890.12", 12, 2, "1234567890.12");
        check("0042", 4, 0, "42");
        check("0000", 4, 0, "0");
        check("0.1234", 5, 4, "0.1234");
        check("999999999999999999", 18, 0, "999999999999999999");
        check(&"9".repeat(65), 65, 0, &"9".repeat(65));
    }

    #[test]
    fn a_zero_has_no_sign() {
        let mut scratch = Vec::new();
        let zero = written(|writer| write_text_text(b"-0.00", 2, &mut scratch, writer));
        assert_eq!(zero, Ok(Some(Value::String("0.00".to_owned()))));
        let Ok(Some(Value::Float64(zero))) = written(|writer| write_text_double(b"-0.00", 2, &mut scratch, writer))
        else {
            panic!()
        };
        assert!(zero.is_sign_positive());
    }

    #[test]
    fn what_is_no_decimal_is_an_error() {
        let mut scratch = Vec::new();
        for text in ["", "-", ".", "1.234", "1e5", "1.2.3", "--1"] {
            assert!(
                written(|writer| write_text_text(text.as_bytes(), 2, &mut scratch, writer)).is_err(),
                "{text}"
            );
            assert!(
                written(|writer| write_text_double(text.as_bytes(), 2, &mut scratch, writer)).is_err(),
                "{text}"
            );
        }
        assert!(written(|writer| write_image_double(&[0x80; 5], 12, 2, &mut scratch, writer)).is_err());
        assert!(written(|writer| write_image_text(&[0x80; 5], 12, 2, &mut scratch, writer)).is_err());
    }

    #[test]
    fn the_plain_text_of_a_packed_value() {
        for text in ["0.00", "-1.20", "12.00", "-0.05", "1234567890.12"] {
            let mut plain = Vec::new();
            push_plain(&packed(text, 12, 2), 12, 2, &mut plain).unwrap();
            assert_eq!(plain, text.as_bytes());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]
        #[test]
        fn the_plain_text_is_the_text_of_the_column(number in any::<i64>(), scale in 0u8..18) {
            let digits = format!("{:0>19}", number.unsigned_abs());
            let (whole, fraction) = digits.split_at(19 - usize::from(scale));
            let whole = match whole.trim_start_matches('0') { "" => "0", whole => whole };
            let sign = if number < 0 { "-" } else { "" };
            let text = if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
            let mut plain = Vec::new();
            push_plain(&packed(&text, 30, scale), 30, scale, &mut plain).unwrap();
            assert_eq!(String::from_utf8(plain).unwrap(), text);
        }

        #[test]
        fn a_double_is_the_nearest_to_the_text(number in any::<i64>(), digits in 1u8..19, scale in 0u8..18) {
            let precision = digits.max(scale + 1);
            let number = number % 10_i64.pow(u32::from(precision));
            let padded = format!("{:0>19}", number.unsigned_abs());
            let (whole, fraction) = padded.split_at(19 - usize::from(scale));
            let whole = match whole.trim_start_matches('0') { "" => "0", whole => whole };
            let sign = if number < 0 { "-" } else { "" };
            let text = if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
            let mut scratch = Vec::new();
            let value = written(|writer| write_image_double(&packed(&text, precision, scale), precision, scale, &mut scratch, writer));
            assert_eq!(value, Ok(Some(Value::Float64(text.parse().unwrap()))), "{text}");
        }
    }
}
