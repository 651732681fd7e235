//! DECIMAL: the unscaled number as big-endian two's complement, as short as possible (Java's `BigInteger.toByteArray`).
//! Its other forms are in `decimal_plain`.
//!
//! In the binlog nine decimal digits take four bytes, fewer digits take fewer; the first bit is inverted, and so is every
//! byte of a negative number (`decimal2bin` in MySQL's `strings/decimal.cc`). In text: digits, with as many after the
//! point as the type has. Up to 65 digits, which 216 bits hold, so that nothing is allocated.

use connector_api::data::{ValueWriter, WriteError};

use super::Written;

/// Digits per group, and the bytes that a group of fewer digits takes.
const GROUP: u8 = 9;
const GROUP_BYTES: [u8; 10] = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];
/// The powers of ten up to a whole group.
const POWERS: [u32; 10] = [
    1,
    10,
    100,
    1000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
    1_000_000_000,
];
pub(super) const MAX_PRECISION: u8 = 65;
/// So many digits fit into 63 bits.
const SMALL_DIGITS: u8 = 18;

/// How many bytes a value takes in a row image; `None` if no such type can be.
pub(super) fn packed_length(precision: u8, scale: u8) -> Option<u32> {
    let whole = precision.checked_sub(scale)?;
    if precision > MAX_PRECISION {
        return None;
    }
    let bytes = |digits: u8| {
        let partial = GROUP_BYTES
            .get(usize::from(digits % GROUP))
            .copied()
            .unwrap_or_default();
        u32::from(digits / GROUP) * 4 + u32::from(partial)
    };
    Some(bytes(whole) + bytes(scale))
}

/// Writes a value of a row image.
pub(super) fn write_image(bytes: &[u8], precision: u8, scale: u8, writer: &mut dyn ValueWriter) -> Written {
    if precision <= SMALL_DIGITS {
        let mut value: u64 = 0;
        let negative = unpack(bytes, precision, scale, |digits, group| {
            value = value * u64::from(power(digits)) + u64::from(group);
        })?;
        write_small(value, negative, writer)
    } else {
        let mut magnitude = Magnitude::default();
        let negative = unpack(bytes, precision, scale, |digits, group| {
            magnitude.multiply_add(power(digits), group);
        })?;
        magnitude.with_bytes(negative, |bytes| writer.bytes(bytes).map(|()| true))
    }
}

/// Writes a value of a text result set.
pub(super) fn write_text(text: &[u8], scale: u8, writer: &mut dyn ValueWriter) -> Written {
    let not_one = || WriteError::new("the text is no decimal number of the column's scale");
    let text = DecimalText::split(text, scale).ok_or_else(not_one)?;
    if text.length() <= usize::from(SMALL_DIGITS) {
        let mut value: u64 = 0;
        text.digits(|digit| value = value * 10 + u64::from(digit))
            .ok_or_else(not_one)?;
        write_small(value, text.negative, writer)
    } else {
        let mut magnitude = Magnitude::default();
        let significant = text.digits(|digit| magnitude.multiply_add(10, u32::from(digit)));
        // More digits would not have fitted.
        significant
            .filter(|count| *count <= usize::from(MAX_PRECISION))
            .ok_or_else(not_one)?;
        magnitude.with_bytes(text.negative, |bytes| writer.bytes(bytes).map(|()| true))
    }
}

/// Hands the groups of a packed value to `take`, each with its number of digits, and says whether the value is negative.
pub(super) fn unpack(
    bytes: &[u8],
    precision: u8,
    scale: u8,
    mut take: impl FnMut(u8, u32),
) -> Result<bool, WriteError> {
    let damaged = || WriteError::new("the bytes are no decimal number of the column's precision");
    let length = packed_length(precision, scale).ok_or_else(damaged)?;
    let first = *bytes.first().ok_or_else(damaged)?;
    if bytes.len() != length as usize {
        return Err(damaged());
    }
    let negative = first & 0x80 == 0;
    let mask = if negative { 0xff } else { 0 };
    let whole = precision - scale;
    let mut rest = bytes;
    let mut flip = 0x80;
    let groups = [
        (whole % GROUP, 1),
        (GROUP, whole / GROUP),
        (GROUP, scale / GROUP),
        (scale % GROUP, 1),
    ];
    for (digits, count) in groups {
        let width = GROUP_BYTES.get(usize::from(digits)).copied().unwrap_or_default();
        for _ in 0..count {
            let (group, behind) = rest.split_at_checked(usize::from(width)).ok_or_else(damaged)?;
            rest = behind;
            let mut value: u32 = 0;
            for byte in group {
                value = value << 8 | u32::from(byte ^ mask ^ flip);
                flip = 0;
            }
            if value >= power(digits) && digits > 0 {
                return Err(damaged());
            }
            take(digits, value);
        }
    }
    Ok(negative)
}

fn power(digits: u8) -> u32 {
    POWERS.get(usize::from(digits)).copied().unwrap_or(1)
}

/// Writes a number of up to [`SMALL_DIGITS`] digits, as most are, without the arithmetic of larger ones.
fn write_small(magnitude: u64, negative: bool, writer: &mut dyn ValueWriter) -> Written {
    let value = magnitude.cast_signed();
    let value = if negative { -value } else { value };
    let sign_bits = (value ^ (value >> 63)).leading_zeros() as usize;
    let dispensable = (sign_bits - 1) / 8;
    writer.bytes(value.to_be_bytes().get(dispensable..).unwrap_or_default())?;
    Ok(true)
}

/// A number as text, taken apart.
pub(super) struct DecimalText<'a> {
    pub(super) negative: bool,
    pub(super) whole: &'a [u8],
    pub(super) fraction: &'a [u8],
    /// Digits of the scale that the text leaves out.
    pub(super) missing: usize,
}

impl<'a> DecimalText<'a> {
    pub(super) fn split(text: &'a [u8], scale: u8) -> Option<Self> {
        let (negative, digits) = match text.split_first()? {
            (b'-', digits) => (true, digits),
            _ => (false, text),
        };
        let point = digits.iter().position(|byte| *byte == b'.');
        let (whole, fraction) = match point {
            Some(at) => (digits.get(..at)?, digits.get(at + 1..)?),
            None => (digits, &[][..]),
        };
        let missing = usize::from(scale).checked_sub(fraction.len())?;
        let is_empty = whole.is_empty() && fraction.is_empty();
        (!is_empty).then_some(DecimalText {
            negative,
            whole,
            fraction,
            missing,
        })
    }

    /// How many digits there are, zeros included.
    fn length(&self) -> usize {
        self.whole.len() + self.fraction.len() + self.missing
    }

    /// Hands the digits to `take` and says how many are significant; `None` if something is no digit.
    pub(super) fn digits(&self, mut take: impl FnMut(u8)) -> Option<usize> {
        let mut significant = 0;
        for byte in self.whole.iter().chain(self.fraction) {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            if significant > 0 || digit > 0 {
                significant += 1;
            }
            take(digit);
        }
        (0..self.missing).for_each(|_| take(0));
        Some(significant + self.missing)
    }
}

/// A number of up to 256 bits, lowest limb first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Magnitude {
    limbs: [u64; 4],
}

impl Magnitude {
    fn multiply_add(&mut self, factor: u32, summand: u32) {
        let mut carry = u128::from(summand);
        for limb in &mut self.limbs {
            carry += u128::from(*limb) * u128::from(factor);
            *limb = carry as u64;
            carry >>= 64;
        }
    }

    fn negate(&mut self) {
        let mut carry = true;
        for limb in &mut self.limbs {
            (*limb, carry) = (!*limb).overflowing_add(u64::from(carry));
        }
    }

    /// Hands the shortest two's complement of the number to `take`.
    fn with_bytes<R>(mut self, negative: bool, take: impl FnOnce(&[u8]) -> R) -> R {
        if negative {
            self.negate();
        }
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.chunks_exact_mut(8).zip(self.limbs.iter().rev()) {
            chunk.copy_from_slice(&limb.to_be_bytes());
        }
        // Leading bytes can go as long as one bit of the sign stays. (Zero is not negative even with a minus sign.)
        let fill = if bytes.first() == Some(&0xff) { u64::MAX } else { 0 };
        let mut sign_bits = 0;
        for limb in self.limbs.iter().rev() {
            sign_bits += (limb ^ fill).leading_zeros() as usize;
            if *limb != fill {
                break;
            }
        }
        let dispensable = ((sign_bits - 1) / 8).min(bytes.len() - 1);
        take(bytes.get(dispensable..).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;
    use proptest::prelude::{ProptestConfig, any, proptest};

    use super::*;
    use crate::row::testing::{packed, written};

    fn check(text: &str, precision: u8, scale: u8, expected: &[u8]) {
        let expected = Ok(Some(Value::Bytes(expected.to_vec())));
        assert_eq!(
            written(|writer| write_text(text.as_bytes(), scale, writer)),
            expected,
            "text {text}"
        );
        let image = packed(text, precision, scale);
        assert_eq!(image.len(), packed_length(precision, scale).unwrap() as usize, "{text}");
        assert_eq!(
            written(|writer| write_image(&image, precision, scale, writer)),
            expected,
            "image {text}"
        );
    }

    #[test]
    fn unscaled_values_are_as_short_as_java_makes_them() {
        check("0.00", 12, 2, &[0]);
        check("-1.20", 12, 2, &[0x88]);
        check("1.27", 12, 2, &[0x7f]);
        check("1.28", 12, 2, &[0x00, 0x80]);
        check("-1.28", 12, 2, &[0x80]);
        check("-1.29", 12, 2, &[0xff, 0x7f]);
        check("1234567890.12", 12, 2, &[0x1c, 0xbe, 0x99, 0x1a, 0x14]);
        check("-1234567890.12", 12, 2, &[0xe3, 0x41, 0x66, 0xe5, 0xec]);
        check("99999", 5, 0, &[0x01, 0x86, 0x9f]);
        check("0.000000001", 10, 9, &[1]);
    }

    #[test]
    fn sixty_five_digits() {
        let nines = "9".repeat(65);
        let image = packed(&nines, 65, 0);
        let Ok(Some(Value::Bytes(from_image))) = written(|writer| write_image(&image, 65, 0, writer)) else {
            panic!()
        };
        let Ok(Some(Value::Bytes(from_text))) = written(|writer| write_text(nines.as_bytes(), 0, writer)) else {
            panic!()
        };
        assert_eq!(from_image, from_text);
        let expected = [
            0x00, 0xf3, 0x16, 0x27, 0x1c, 0x7f, 0xc3, 0x90, 0x8a, 0x8b, 0xef, 0x46, 0x4e, 0x39, 0x45, 0xef, 0x7a, 0x25,
            0x36, 0x09, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        ];
        assert_eq!(from_image, expected);
    }

    #[test]
    fn what_is_no_decimal_is_an_error() {
        for text in ["", "-", ".", "1.234", "1e5", "1.2.3", "--1", &"9".repeat(66)] {
            assert!(
                written(|writer| write_text(text.as_bytes(), 2, writer)).is_err(),
                "{text}"
            );
        }
        assert!(written(|writer| write_image(&[0x80; 5], 12, 2, writer)).is_err());
        // A group of nine digits that holds more than nine digits.
        assert!(written(|writer| write_image(&[0x80, 0xff, 0xff, 0xff, 0xff, 0], 12, 2, writer)).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]
        #[test]
        fn small_and_large_numbers_are_written_alike(number in 0..10_u64.pow(18), negative: bool) {
            let mut magnitude = Magnitude::default();
            magnitude.multiply_add(1, (number >> 32) as u32);
            magnitude.multiply_add(1 << 31, 0);
            magnitude.multiply_add(2, number as u32);
            let large = magnitude.with_bytes(negative, |bytes| Value::Bytes(bytes.to_vec()));
            assert_eq!(written(|writer| write_small(number, negative, writer)), Ok(Some(large)));
        }

        #[test]
        fn both_forms_give_the_same_number(number in any::<i64>(), scale in 0u8..18) {
            let digits = format!("{:0>30}", number.unsigned_abs());
            let (whole, fraction) = digits.split_at(30 - usize::from(scale));
            let sign = if number < 0 { "-" } else { "" };
            let text = if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
            let minimal = number.to_be_bytes();
            let keep = (0..7).find(|at| {
                let fill = if number < 0 { 0xff } else { 0 };
                minimal[*at] != fill || (minimal[*at + 1] ^ fill) & 0x80 != 0
            }).unwrap_or(7);
            check(&text, 30, scale, &minimal[keep..]);
        }

        #[test]
        fn random_bytes_never_panic(bytes: Vec<u8>, precision: u8, scale: u8) {
            let _ = written(|writer| write_image(&bytes, precision, scale, writer));
            let _ = written(|writer| write_text(&bytes, scale, writer));
        }
    }
}
