//! Variable-length integers, as records of format v2 and flexible messages have them.

/// The most bytes that one takes.
pub(crate) const LONGEST: usize = 10;

/// Signed numbers alternate, so that small ones of either sign are short.
pub(crate) fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

/// How many bytes `number` takes.
pub(crate) fn length(number: u64) -> usize {
    (64 - (number | 1).leading_zeros() as usize).div_ceil(7)
}

/// Appends `number`, seven bits to a byte, the lowest first.
pub(crate) fn put(bytes: &mut Vec<u8>, mut number: u64) {
    if number < 0x80 {
        bytes.push(number as u8);
        return;
    }
    let mut encoded = [0; LONGEST];
    let mut count = 0;
    while number >= 0x80 {
        encoded[count] = (number & 0x7f) as u8 | 0x80;
        number >>= 7;
        count += 1;
    }
    encoded[count] = number as u8;
    bytes.extend_from_slice(&encoded[..=count]);
}

/// Appends a signed number.
pub(crate) fn put_signed(bytes: &mut Vec<u8>, number: i64) {
    put(bytes, zigzag(number));
}

/// Takes a signed number off `bytes`; `None` if they end before it does.
pub(crate) fn take_signed(bytes: &mut &[u8]) -> Option<i64> {
    let mut number = 0_u64;
    for place in 0..LONGEST {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << (place * 7);
        if byte & 0x80 == 0 {
            return Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed());
        }
    }
    None
}

/// A length as a signed number; lengths of slices fit by nature.
pub(crate) fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{length, put, put_signed, take_signed};

    fn encoded(number: i64) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_signed(&mut bytes, number);
        bytes
    }

    /// The examples of Protocol Buffers, whose encoding it is.
    #[test]
    fn signed_numbers_are_zigzag() {
        assert_eq!(encoded(0), [0]);
        assert_eq!(encoded(-1), [1]);
        assert_eq!(encoded(1), [2]);
        assert_eq!(encoded(-64), [0x7f]);
        assert_eq!(encoded(64), [0x80, 0x01]);
        assert_eq!(encoded(i64::from(i32::MAX)), [0xfe, 0xff, 0xff, 0xff, 0x0f]);
        assert_eq!(encoded(i64::MIN).len(), super::LONGEST);
    }

    #[test]
    fn what_was_put_is_taken() {
        for number in [0, -1, 1, 300, -300, i64::MAX, i64::MIN] {
            let bytes = encoded(number);
            let mut left = &bytes[..];
            assert_eq!(take_signed(&mut left), Some(number));
            assert!(left.is_empty());
            assert_eq!(take_signed(&mut &bytes[..bytes.len() - 1]), None);
        }
        assert_eq!(take_signed(&mut &[0xff; 11][..]), None);
    }

    #[test]
    fn the_length_is_known_before() {
        for shift in 0..64 {
            for number in [1_u64 << shift, (1_u64 << shift) - 1, u64::MAX >> shift] {
                let mut bytes = Vec::new();
                put(&mut bytes, number);
                assert_eq!(bytes.len(), length(number), "{number}");
            }
        }
    }
}
