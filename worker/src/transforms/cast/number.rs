//! [`Number`]: a number on its way to another type, by the conversions of `java.lang.Number`.

use std::num::Wrapping;

use crate::transforms::decimal::magnitude;

/// What a number is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Number {
    Whole(i64),
    Single(f32),
    Double(f64),
    /// What is left of a `BigDecimal` as a whole number, in its lowest bits, and as text.
    Decimal(i64, String),
}

impl Number {
    /// The number `unscaled` * 10^-`scale`; `unscaled` is two's complement, big-endian.
    pub(super) fn decimal(unscaled: &[u8], scale: i32) -> Self {
        let mut text = Vec::new();
        schemas::text::push_decimal(&mut text, unscaled, scale);
        let text = String::from_utf8_lossy(&text).into_owned();
        Number::Decimal(whole(unscaled, scale), text)
    }

    /// `Number.intValue`.
    pub(super) fn int32(&self) -> i32 {
        match self {
            Number::Whole(number) | Number::Decimal(number, _) => *number as i32,
            Number::Single(number) => *number as i32,
            Number::Double(number) => *number as i32,
        }
    }

    /// `Number.longValue`.
    pub(super) fn int64(&self) -> i64 {
        match self {
            Number::Whole(number) | Number::Decimal(number, _) => *number,
            Number::Single(number) => *number as i64,
            Number::Double(number) => *number as i64,
        }
    }

    /// `Number.floatValue`.
    pub(super) fn float32(&self) -> f32 {
        match self {
            Number::Whole(number) => *number as f32,
            Number::Single(number) => *number,
            Number::Double(number) => *number as f32,
            Number::Decimal(_, text) => text.parse().unwrap_or(f32::NAN),
        }
    }

    /// `Number.doubleValue`.
    pub(super) fn float64(&self) -> f64 {
        match self {
            Number::Whole(number) => *number as f64,
            Number::Single(number) => f64::from(*number),
            Number::Double(number) => *number,
            Number::Decimal(_, text) => text.parse().unwrap_or(f64::NAN),
        }
    }
}

/// The lowest 64 bits of a number without its fraction.
fn whole(unscaled: &[u8], scale: i32) -> i64 {
    let (is_negative, mut magnitude) = magnitude(unscaled);
    for _ in 0..scale {
        let mut rest = 0_u32;
        for byte in &mut magnitude {
            let value = rest << 8 | u32::from(*byte);
            *byte = (value / 10) as u8;
            rest = value % 10;
        }
    }
    let bits = magnitude
        .iter()
        .fold(Wrapping(0_i64), |bits, byte| (bits << 8) | Wrapping(i64::from(*byte)));
    let scaled = (scale..0).fold(bits, |bits, _| bits * Wrapping(10));
    if is_negative { (-scaled).0 } else { scaled.0 }
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn a_decimal_loses_its_fraction_and_what_is_too_large() {
        let minus_1_23 = Number::decimal(&[0x85], 2);
        assert_eq!((minus_1_23.int64(), minus_1_23.float64()), (-1, -1.23));
        let large = Number::decimal(&[0, 0x80, 0, 0, 0, 0, 0, 0, 0], 0);
        assert_eq!(
            (large.int64(), large.int32(), large.float32()),
            (i64::MIN, 0, 9.223_372e18)
        );
        assert_eq!(Number::decimal(&[0x80], 0).int32(), -128);
        assert_eq!(Number::decimal(&[], 2).int32(), 0);
        assert_eq!(Number::decimal(&[5], -2).int32(), 500);
    }
}
