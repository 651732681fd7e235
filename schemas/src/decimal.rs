//! A `Decimal`'s unscaled bytes as `java.math.BigDecimal.toString` prints the number.

use std::io::Write;

/// What a limb of nine digits holds.
const LIMB: u32 = 1_000_000_000;

/// Appends the number `unscaled` * 10^-`scale`; `unscaled` is two's complement, big-endian.
pub fn push_decimal(out: &mut Vec<u8>, unscaled: &[u8], scale: i32) {
    let mut digits = Vec::new();
    let is_negative = push_magnitude(&mut digits, unscaled);
    if is_negative {
        out.push(b'-');
    }
    if scale == 0 {
        return out.extend_from_slice(&digits);
    }
    // Of the first digit (`BigDecimal.toString`, "adjusted exponent").
    let exponent = digits.len() as i64 - 1 - i64::from(scale);
    if scale > 0 && exponent >= -6 {
        return push_plain(out, &digits, scale as usize);
    }
    out.push(digits[0]);
    if digits.len() > 1 {
        out.push(b'.');
        out.extend_from_slice(&digits[1..]);
    }
    if exponent != 0 {
        // Writing into a Vec cannot fail.
        write!(out, "E{exponent:+}").expect("a Vec takes any bytes");
    }
}

/// The digits with a point in front of the last `scale` of them.
fn push_plain(out: &mut Vec<u8>, digits: &[u8], scale: usize) {
    match digits.len().checked_sub(scale) {
        Some(whole) if whole > 0 => {
            out.extend_from_slice(&digits[..whole]);
            out.push(b'.');
            out.extend_from_slice(&digits[whole..]);
        }
        _ => {
            out.extend_from_slice(b"0.");
            out.extend(std::iter::repeat_n(b'0', scale - digits.len()));
            out.extend_from_slice(digits);
        }
    }
}

/// Appends the digits of the number without its sign; answers whether it is negative.
fn push_magnitude(digits: &mut Vec<u8>, unscaled: &[u8]) -> bool {
    let is_negative = unscaled.first().is_some_and(|first| first & 0x80 != 0);
    let mut bytes = unscaled.to_vec();
    if is_negative {
        negate(&mut bytes);
    }
    // Limbs of nine digits, the lowest first.
    let mut limbs = Vec::with_capacity(bytes.len() / 3 + 1);
    loop {
        let mut rest = 0_u64;
        for byte in &mut bytes {
            let value = rest << 8 | u64::from(*byte);
            *byte = (value / u64::from(LIMB)) as u8;
            rest = value % u64::from(LIMB);
        }
        limbs.push(rest as u32);
        if bytes.iter().all(|byte| *byte == 0) {
            break;
        }
    }
    let mut highest_first = limbs.iter().rev();
    if let Some(first) = highest_first.next() {
        write!(digits, "{first}").expect("a Vec takes any bytes");
    }
    for limb in highest_first {
        write!(digits, "{limb:09}").expect("a Vec takes any bytes");
    }
    is_negative
}

/// Two's complement; the least number of its length becomes its own magnitude, read without a sign.
fn negate(bytes: &mut [u8]) {
    for byte in bytes.iter_mut() {
        *byte = !*byte;
    }
    for byte in bytes.iter_mut().rev() {
        let (sum, overflows) = byte.overflowing_add(1);
        *byte = sum;
        if !overflows {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::push_decimal;

    fn check(unscaled: &[u8], scale: i32, expected: &str) {
        let mut out = Vec::new();
        push_decimal(&mut out, unscaled, scale);
        assert_eq!(std::str::from_utf8(&out), Ok(expected), "{unscaled:?} {scale}");
    }

    /// The examples of `BigDecimal.toString`'s documentation, and numbers at the edges of bytes and limbs.
    #[test]
    fn numbers_are_printed_as_java_prints_them() {
        check(&[], 0, "0");
        check(&[0], 0, "0");
        check(&[0], 2, "0.00");
        check(&[0], 7, "0E-7");
        check(&[123], 0, "123");
        check(&[(-123_i8) as u8], 0, "-123");
        check(&[123], -1, "1.23E+3");
        check(&[123], -3, "1.23E+5");
        check(&[123], 1, "12.3");
        check(&[123], 3, "0.123");
        check(&[123], 5, "0.00123");
        check(&[123], 10, "1.23E-8");
        check(&[(-123_i8) as u8], 12, "-1.23E-10");
        check(&[1], 6, "0.000001");
        check(&[1], 7, "1E-7");
        check(&[0x80], 0, "-128");
        check(&[0, 0x80], 2, "1.28");
        check(&[0xff, 0x7f], 1, "-12.9");
        check(&1_000_000_000_i64.to_be_bytes(), 0, "1000000000");
        check(
            &(-1_000_000_000_000_000_001_i64).to_be_bytes(),
            9,
            "-1000000000.000000001",
        );
        check(&i128::MIN.to_be_bytes(), 0, "-170141183460469231731687303715884105728");
    }
}
