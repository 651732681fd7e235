//! [`DecimalText`]: a decimal number of any length, from its text to the unscaled bytes of Connect's `Decimal`.
//!
//! Only defaults come this way: rows are converted from MySQL's packed form without text.

/// A decimal number: its digits, most significant first, and where the point is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DecimalText {
    negative: bool,
    digits: Vec<u8>,
    scale: i64,
}

impl DecimalText {
    /// Parses `-12.50`, `.5`, `1e3`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix(['-', '+']) {
            Some(rest) => (text.starts_with('-'), rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i16>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let digits = digits.into_iter().map(|digit| digit - b'0').collect();
        Some(DecimalText {
            negative,
            digits,
            scale: i64::try_from(fraction.len()).ok()? - i64::from(exponent),
        })
    }

    /// The nearest whole number, halves upwards (Java's `Math.round`), at most 2^63-1.
    pub(super) fn rounded(self) -> Option<i64> {
        let negative = self.negative;
        let mut number = 0_i128;
        let half = if negative { Half::Down } else { Half::Up };
        for digit in self.rescaled(0, half) {
            number = number.saturating_mul(10).saturating_add(i128::from(digit));
        }
        let number = if negative { -number } else { number };
        i64::try_from(number.min(i128::from(i64::MAX))).ok()
    }

    /// The number times 10^`scale`, halves away from zero, as the shortest big-endian two's complement.
    pub(super) fn unscaled(self, scale: u32) -> Vec<u8> {
        let negative = self.negative;
        let mut bytes = vec![0_u8];
        for digit in self.rescaled(scale, Half::Up) {
            let mut carry = u16::from(digit);
            for byte in bytes.iter_mut().rev() {
                let product = u16::from(*byte) * 10 + carry;
                *byte = product.to_le_bytes()[0];
                carry = product >> 8;
            }
            if carry > 0 {
                bytes.insert(0, carry.to_le_bytes()[0]);
            }
        }
        if bytes[0] & 0x80 != 0 {
            bytes.insert(0, 0);
        }
        if negative {
            negate(&mut bytes);
        }
        shorten(&mut bytes);
        bytes
    }

    /// The number with exactly `scale` digits behind the point, halves away from zero, in Java's plain form: a zero has no
    /// sign.
    pub(super) fn plain(self, scale: u32) -> String {
        let negative = self.negative;
        let digits = self.rescaled(scale, Half::Up);
        let is_zero = digits.iter().all(|digit| *digit == 0);
        let significant = digits.iter().skip_while(|digit| **digit == 0);
        let shown: String = significant.map(|digit| char::from(b'0' + digit)).collect();
        let scale = scale as usize;
        let shown = format!("{shown:0>width$}", width = scale + 1);
        let (whole, fraction) = shown.split_at(shown.len() - scale);
        let sign = if negative && !is_zero { "-" } else { "" };
        match fraction {
            "" => format!("{sign}{whole}"),
            fraction => format!("{sign}{whole}.{fraction}"),
        }
    }

    /// The digits when exactly `scale` of them stand behind the point; the sign is not looked at.
    fn rescaled(mut self, scale: u32, half: Half) -> Vec<u8> {
        let surplus = self.scale - i64::from(scale);
        if surplus <= 0 {
            let zeros = usize::try_from(-surplus).unwrap_or(0);
            self.digits.extend(std::iter::repeat_n(0, zeros));
            return self.digits;
        }
        let dropped = usize::try_from(surplus).unwrap_or(usize::MAX);
        let Some(kept) = self.digits.len().checked_sub(dropped) else {
            return vec![0];
        };
        let (first, rest) = self.digits[kept..]
            .split_first()
            .map_or((0, &[][..]), |(first, rest)| (*first, rest));
        let round_up = match half {
            Half::Up => first >= 5,
            Half::Down => first > 5 || (first == 5 && rest.iter().any(|digit| *digit > 0)),
        };
        self.digits.truncate(kept);
        if round_up {
            increment(&mut self.digits);
        }
        self.digits
    }
}

/// Which way a half goes, away from zero or towards it.
#[derive(Clone, Copy)]
enum Half {
    Up,
    Down,
}

fn increment(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < 9 {
            *digit += 1;
            return;
        }
        *digit = 0;
    }
    digits.insert(0, 1);
}

fn negate(bytes: &mut [u8]) {
    let mut carry = true;
    for byte in bytes.iter_mut().rev() {
        let (negated, overflow) = (!*byte).overflowing_add(u8::from(carry));
        (*byte, carry) = (negated, overflow);
    }
}

/// Drops leading bytes that only repeat the sign.
fn shorten(bytes: &mut Vec<u8>) {
    let redundant = bytes
        .windows(2)
        .take_while(|pair| matches!((pair[0], pair[1] & 0x80), (0x00, 0x00) | (0xff, 0x80)))
        .count();
    bytes.drain(..redundant);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unscaled_bytes_are_javas() {
        for (text, scale, expected) in [
            ("0", 2, vec![0]),
            ("-0.00", 2, vec![0]),
            ("1.20", 2, vec![0x78]),
            ("1.28", 2, vec![0x00, 0x80]),
            ("-1.28", 2, vec![0x80]),
            ("-1.29", 2, vec![0xff, 0x7f]),
            ("1.239", 2, vec![0x7c]),
            ("1.235", 2, vec![0x7c]),
            ("-1.235", 2, vec![0x84]),
            ("9.999", 2, vec![0x03, 0xe8]),
            (".5", 0, vec![1]),
            (".4", 0, vec![0]),
            ("1e3", 0, vec![0x03, 0xe8]),
            ("12e-1", 1, vec![12]),
            ("0.0001", 2, vec![0]),
            ("65536", 0, vec![1, 0, 0]),
            ("-65536", 0, vec![0xff, 0, 0]),
        ] {
            assert_eq!(DecimalText::parse(text).unwrap().unscaled(scale), expected, "{text}");
        }
    }

    #[test]
    fn plain_text_is_javas() {
        for (text, scale, expected) in [
            ("0", 2, "0.00"),
            ("-0.001", 2, "0.00"),
            ("1.2", 2, "1.20"),
            ("-1.235", 2, "-1.24"),
            ("9.999", 2, "10.00"),
            ("007", 0, "7"),
            (".5", 1, "0.5"),
            ("1e3", 0, "1000"),
            ("12e-1", 1, "1.2"),
            ("0.05", 4, "0.0500"),
        ] {
            assert_eq!(DecimalText::parse(text).unwrap().plain(scale), expected, "{text}");
        }
    }

    #[test]
    fn sixty_five_digits_survive() {
        let nines = "9".repeat(65);
        let bytes = DecimalText::parse(&nines).unwrap().unscaled(0);
        // 10^65 - 1 has 216 bits.
        assert_eq!(bytes.len(), 28);
        assert_eq!((bytes[0], bytes[27] & 1), (0, 1));
    }

    #[test]
    fn whole_numbers_are_rounded_as_java_rounds_and_cut() {
        for (text, expected) in [
            ("7.6", Some(8)),
            ("7.5", Some(8)),
            ("-7.5", Some(-7)),
            ("-7.51", Some(-8)),
            ("-0.5", Some(0)),
            ("7.4", Some(7)),
            ("18446744073709551615", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("-9223372036854775809", None),
        ] {
            assert_eq!(DecimalText::parse(text).unwrap().rounded(), expected, "{text}");
        }
        for text in ["", "-", "x", "1x", "1e", "1.2.3", "0x10"] {
            assert_eq!(DecimalText::parse(text), None, "{text}");
        }
    }
}
