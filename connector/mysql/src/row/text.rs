//! CHAR, VARCHAR and the TEXT family.
//!
//! In the binlog: bytes in the column's character set. In text: UTF-8, which the connection asked for. UTF-8 is passed on
//! as it stands in the packet. Bytes that are none are replaced by U+FFFD, as Debezium does.

use connector_api::data::ValueWriter;

use super::Written;
use crate::schema::Charset;

/// Writes a value of a row image.
pub(super) fn write_image(
    bytes: &[u8],
    charset: Charset,
    scratch: &mut String,
    writer: &mut dyn ValueWriter,
) -> Written {
    match charset {
        Charset::Latin1 if !bytes.is_ascii() => {
            let mut decoder = encoding_rs::WINDOWS_1252.new_decoder_without_bom_handling();
            scratch.clear();
            // One byte becomes at most three.
            scratch.reserve(bytes.len().saturating_mul(3));
            let _ = decoder.decode_to_string(bytes, scratch, true);
            writer.string(scratch)?;
            Ok(true)
        }
        _ => write_text(bytes, writer),
    }
}

/// Writes a value of a text result set, or of a column that is stored as UTF-8.
pub(super) fn write_text(bytes: &[u8], writer: &mut dyn ValueWriter) -> Written {
    match std::str::from_utf8(bytes) {
        Ok(text) => writer.string(text)?,
        Err(_) => writer.string(&String::from_utf8_lossy(bytes))?,
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;

    use super::*;
    use crate::row::testing::written;

    fn check(image: &[u8], charset: Charset, expected: &str) {
        let mut scratch = String::from("left over");
        let value = written(|writer| write_image(image, charset, &mut scratch, writer));
        assert_eq!(value, Ok(Some(Value::String(expected.to_owned()))));
        assert_eq!(written(|writer| write_text(expected.as_bytes(), writer)), value);
    }

    #[test]
    fn utf8_is_passed_on() {
        check("héllo 日本 😀".as_bytes(), Charset::Utf8, "héllo 日本 😀");
        check(b"", Charset::Utf8, "");
    }

    #[test]
    fn latin1_of_mysql_is_windows_1252_with_c1_controls_in_the_gaps() {
        check(b"caf\xe9 \x80 \x99", Charset::Latin1, "café € ™");
        check(
            b"\x81\x8d\x8f\x90\x9d",
            Charset::Latin1,
            "\u{81}\u{8d}\u{8f}\u{90}\u{9d}",
        );
        check(b"plain", Charset::Latin1, "plain");
        let all: Vec<u8> = (0..=255).collect();
        let mut scratch = String::new();
        let Ok(Some(Value::String(text))) = written(|writer| write_image(&all, Charset::Latin1, &mut scratch, writer))
        else {
            panic!()
        };
        assert_eq!(text.chars().count(), 256);
    }

    #[test]
    fn invalid_utf8_is_replaced() {
        check(b"a\xffb", Charset::Utf8, "a\u{fffd}b");
    }
}
