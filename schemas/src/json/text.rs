//! JSON text as Jackson writes it, byte for byte.
//!
//! Schema texts are compared by the registry and JSON records by people's tests, so what differs from other writers
//! matters: control characters as `\u001F` in capitals, characters beyond the Basic Multilingual Plane escaped as
//! surrogates when the target is bytes but not when it is text, and Java's way to print floating-point numbers.

use std::fmt::Write;

/// What Jackson is writing to; its two writers disagree about characters beyond the Basic Multilingual Plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JacksonWriter {
    /// A `java.io.Writer`, as for schema texts.
    Text,
    /// UTF-8 bytes, as for records.
    Bytes,
}

/// Appends `text` in quotes.
pub(crate) fn push_string(out: &mut Vec<u8>, text: &str, writer: JacksonWriter) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let plain = byte >= 0x20 && byte != b'"' && byte != b'\\' && (byte < 0xf0 || writer == JacksonWriter::Text);
        if plain {
            continue;
        }
        out.extend_from_slice(&bytes[copied..at]);
        copied = at + push_escape(out, text, at);
    }
    out.extend_from_slice(&bytes[copied..]);
    out.push(b'"');
}

/// Escapes the character at `at`; returns how many bytes of `text` it took.
fn push_escape(out: &mut Vec<u8>, text: &str, at: usize) -> usize {
    let short = match text.as_bytes()[at] {
        b'"' => b'"',
        b'\\' => b'\\',
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0c => b'f',
        b'\r' => b'r',
        _ => {
            let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) else {
                return 1;
            };
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                push_unit(out, *unit);
            }
            return character.len_utf8();
        }
    };
    out.extend_from_slice(&[b'\\', short]);
    1
}

fn push_unit(out: &mut Vec<u8>, unit: u16) {
    const HEX: [u8; 16] = *b"0123456789ABCDEF";
    let digit = |shift: u32| HEX[usize::from(unit >> shift & 0xf)];
    out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
}

/// Appends an integer.
pub(crate) fn push_integer(out: &mut Vec<u8>, value: i64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends a number as `Double.toString` prints it; NaN and the infinities as strings, as Jackson does.
pub(crate) fn push_double(out: &mut Vec<u8>, value: f64) {
    let mut digits = ShortText::default();
    // Java prints two digits where one would do, which only shows in the smallest subnormal numbers: 4.9E-324.
    let written = if value != 0.0 && value.abs() < 1e-320 {
        write!(digits, "{value:.1e}")
    } else {
        write!(digits, "{value:e}")
    };
    debug_assert!(written.is_ok(), "a number has at most 25 characters");
    push_java_layout(out, value, digits.as_str());
}

/// Appends a number as `Float.toString` prints it.
pub(crate) fn push_float(out: &mut Vec<u8>, value: f32) {
    let mut digits = ShortText::default();
    let written = if value != 0.0 && value.abs() < 1e-43 {
        write!(digits, "{value:.1e}")
    } else {
        write!(digits, "{value:e}")
    };
    debug_assert!(written.is_ok(), "a number has at most 25 characters");
    push_java_layout(out, f64::from(value), digits.as_str());
}

/// Lays the shortest digits of a number out as Java does (`Double.toString`): plain between 10^-3 and 10^7, with an exponent
/// elsewhere, and always with a digit after the point. JDKs before 19 print a digit too many for a few numbers
/// (JDK-4511638); that is not imitated.
fn push_java_layout(out: &mut Vec<u8>, value: f64, scientific: &str) {
    if !value.is_finite() {
        let name = match (value.is_nan(), value < 0.0) {
            (true, _) => "\"NaN\"",
            (false, true) => "\"-Infinity\"",
            (false, false) => "\"Infinity\"",
        };
        out.extend_from_slice(name.as_bytes());
        return;
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    out.extend_from_slice(sign.as_bytes());
    if value != 0.0 && !(1e-3..1e7).contains(&value.abs()) {
        push_point(out, whole, fraction);
        out.push(b'E');
        out.extend_from_slice(exponent.as_bytes());
        return;
    }
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if exponent < 0 {
        out.extend_from_slice(b"0.");
        out.extend(std::iter::repeat_n(b'0', exponent.unsigned_abs() as usize - 1));
        out.extend_from_slice(whole.as_bytes());
        out.extend_from_slice(fraction.as_bytes());
        return;
    }
    let moved = (exponent as usize).min(fraction.len());
    let (before, after) = fraction.split_at(moved);
    out.extend_from_slice(whole.as_bytes());
    out.extend_from_slice(before.as_bytes());
    push_point(out, &"000000"[..exponent as usize - moved], after);
}

fn push_point(out: &mut Vec<u8>, whole: &str, fraction: &str) {
    out.extend_from_slice(whole.as_bytes());
    out.push(b'.');
    out.extend_from_slice(if fraction.is_empty() { b"0" } else { fraction.as_bytes() });
}

/// A formatted number, on the stack.
#[derive(Default)]
struct ShortText {
    bytes: [u8; 32],
    len: usize,
}

impl ShortText {
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl Write for ShortText {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.len + text.len();
        self.bytes
            .get_mut(self.len..end)
            .ok_or(std::fmt::Error)?
            .copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{JacksonWriter, push_double, push_float, push_integer, push_string};

    fn text(push: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        push(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn doubles_look_as_java_prints_them() {
        // Printed by Double.toString of a JDK 21.
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.001, "0.001"),
            (0.00123, "0.00123"),
            (0.000999, "9.99E-4"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (123_456_789.125, "1.23456789125E8"),
            (1234.5, "1234.5"),
            (100.0, "100.0"),
            (1e300, "1.0E300"),
            (-1.5e-5, "-1.5E-5"),
            (9_999.999_023_437_5, "9999.9990234375"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::from_bits(1), "4.9E-324"),
            (f64::NAN, "\"NaN\""),
            (f64::NEG_INFINITY, "\"-Infinity\""),
        ] {
            assert_eq!(text(|out| push_double(out, value)), expected);
        }
    }

    #[test]
    fn floats_look_as_java_prints_them() {
        for (value, expected) in [
            (0.1, "0.1"),
            (16_777_216.0, "1.6777216E7"),
            (1e-3, "0.001"),
            (3.4e38, "3.4E38"),
            (2.5, "2.5"),
        ] {
            assert_eq!(text(|out| push_float(out, value)), expected);
        }
    }

    #[test]
    fn integers_reach_from_end_to_end() {
        for value in [0, 7, -7, 10, i64::MAX, i64::MIN] {
            assert_eq!(text(|out| push_integer(out, value)), value.to_string());
        }
    }

    #[test]
    fn strings_are_escaped_as_jackson_escapes_them() {
        let input = "é😀\u{1}\u{1f}\u{7f}\"\\/\n\u{2028}";
        assert_eq!(
            text(|out| push_string(out, input, JacksonWriter::Text)),
            "\"é😀\\u0001\\u001F\u{7f}\\\"\\\\/\\n\u{2028}\""
        );
        assert_eq!(
            text(|out| push_string(out, input, JacksonWriter::Bytes)),
            "\"é\\uD83D\\uDE00\\u0001\\u001F\u{7f}\\\"\\\\/\\n\u{2028}\""
        );
    }
}
