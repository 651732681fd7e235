//! Floating point numbers of a document, as Debezium writes them: Java's `Double.toString` where that has no exponent,
//! else all digits of the exact value (`new BigDecimal(double).toPlainString()`).

use std::io::Write;

use crate::row::calendar::push_digits;

/// The number of bits of the fraction of an `f64`, and its exponent's bias.
const FRACTION_BITS: i32 = 52;
const BIAS: i32 = 1023;

/// Appends a number. Infinities and NaN cannot be in a document; they are written as null, which JSON has for them.
pub(super) fn push_double(value: f64, out: &mut Vec<u8>) {
    let magnitude = value.abs();
    if (1e-3..1e7).contains(&magnitude) && push_short(value, out) {
        return;
    }
    // Writing to a Vec cannot fail.
    let _ = if !value.is_finite() {
        out.write_all(b"null")
    } else if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        // The shortest digits that give this number again, and always a point: the same rule as Java's.
        write!(out, "{value:?}")
    } else {
        write!(out, "{value:.*}", binary_digits_after_the_point(value))
    };
}

/// Appends a number that has at most six digits after the point, which most have, and says whether it did. Numerator and
/// denominator are exact, so that their quotient is the number that these digits stand for; fewer digits were tried before.
fn push_short(value: f64, out: &mut Vec<u8>) -> bool {
    let mut denominator = 1.0;
    for digits in 0..=6 {
        let numerator = (value.abs() * denominator).round();
        if numerator / denominator == value.abs() {
            if value < 0.0 {
                out.push(b'-');
            }
            let (numerator, denominator) = (numerator as u64, denominator as u64);
            push_unsigned(numerator / denominator, out);
            out.push(b'.');
            push_digits((numerator % denominator) as u32, digits.max(1), out);
            return true;
        }
        denominator *= 10.0;
    }
    false
}

/// Appends an integer.
pub(super) fn push_unsigned(value: u64, out: &mut Vec<u8>) {
    let mut digits = [b'0'; 20];
    let mut rest = value;
    let mut first = digits.len();
    for (index, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        first = index;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(first..).unwrap_or_default());
}

/// Appends an integer with its sign.
pub(super) fn push_signed(value: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    push_unsigned(value.unsigned_abs(), out);
}

/// How many digits the exact value has after the point: as many in decimal as in binary.
fn binary_digits_after_the_point(value: f64) -> usize {
    let bits = value.to_bits();
    let exponent = (bits >> FRACTION_BITS & 0x7ff) as i32;
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    let (significand, exponent) = if exponent == 0 {
        (fraction, 1)
    } else {
        (fraction | 1 << FRACTION_BITS, exponent)
    };
    let lowest_bit = exponent - BIAS - FRACTION_BITS + significand.trailing_zeros() as i32;
    usize::try_from(-lowest_bit).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, proptest};

    use super::*;

    fn text(push: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        push(&mut out);
        String::from_utf8(out).unwrap()
    }

    fn double(value: f64) -> String {
        text(|out| push_double(value, out))
    }

    fn check(value: f64, expected: &str) {
        assert_eq!(double(value), expected);
    }

    #[test]
    fn short_numbers_have_a_point_and_no_exponent() {
        check(0.0, "0.0");
        check(-0.0, "-0.0");
        check(1.0, "1.0");
        check(-2.5, "-2.5");
        check(0.1, "0.1");
        check(0.001, "0.001");
        check(9_999_999.0, "9999999.0");
        check(1_234_567.891, "1234567.891");
    }

    #[test]
    fn numbers_that_java_gives_an_exponent_are_written_exactly() {
        check(1e7, "10000000");
        check(12_345_678.5, "12345678.5");
        check(12_345_678.9, "12345678.90000000037252902984619140625");
        check(
            1e-4,
            "0.000100000000000000004792173602385929598312941379845142364501953125",
        );
        check(-1e22, "-10000000000000000000000");
    }

    #[test]
    fn the_largest_and_the_smallest() {
        let large = double(1e300);
        assert_eq!(large.len(), 301);
        assert!(large.starts_with("10000000000000000525047602552044202487044685811081591549158541"));
        let small = double(f64::from_bits(1));
        assert_eq!(small.len(), 1076);
        assert!(small.starts_with("0.000") && small.ends_with("625"));
        assert_eq!(double(f64::MAX).len(), 309);
    }

    #[test]
    fn integers() {
        for value in [0, 1, -1, 9, 10, i64::MAX, i64::MIN] {
            assert_eq!(text(|out| push_signed(value, out)), value.to_string());
        }
        assert_eq!(text(|out| push_unsigned(u64::MAX, out)), u64::MAX.to_string());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 20_000, ..ProptestConfig::default() })]
        #[test]
        fn the_short_way_gives_the_shortest_digits(numerator in 0_u64..10_000_000_000_000, digits in 0_i32..9, sign: bool) {
            let value = numerator as f64 / 10_f64.powi(digits) * if sign { -1.0 } else { 1.0 };
            if (1e-3..1e7).contains(&value.abs()) {
                check(value, &format!("{value:?}"));
            }
        }

        #[test]
        fn what_is_written_is_the_number(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            if value.is_finite() {
                assert_eq!(double(value).parse(), Ok(value));
            }
        }
    }
}
