//! [`ByteReader`]: a cursor over bytes that came from outside, none of whose reads can go past the end.
//!
//! All integers of the binlog are little-endian. A read that does not fit leaves the cursor where it was and says at
//! which offset how much was missing; whoever parses an event adds the event's name to it.

use thiserror::Error;

/// The bytes ended before what they should hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{wanted} bytes are needed at offset {offset}, {left} are left")]
pub struct Truncated {
    /// Where the read began, counted from the start of the reader's bytes.
    pub offset: usize,
    /// How many bytes the read needs.
    pub wanted: usize,
    /// How many there are.
    pub left: usize,
}

/// Reads bytes from front to back.
#[derive(Debug, Clone)]
pub(crate) struct ByteReader<'a> {
    rest: &'a [u8],
    length: usize,
}

impl<'a> ByteReader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        ByteReader {
            rest: bytes,
            length: bytes.len(),
        }
    }

    pub(crate) fn offset(&self) -> usize {
        self.length - self.rest.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What was not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Truncated> {
        match self.rest.split_at_checked(count) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(Truncated {
                offset: self.offset(),
                wanted: count,
                left: self.rest.len(),
            }),
        }
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Truncated> {
        match self.rest.split_first_chunk::<N>() {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(*taken)
            }
            None => Err(Truncated {
                offset: self.offset(),
                wanted: N,
                left: self.rest.len(),
            }),
        }
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Truncated> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Truncated> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Truncated> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Truncated> {
        self.array().map(u64::from_le_bytes)
    }

    /// An unsigned integer of `width` bytes, at most eight.
    pub(crate) fn uint(&mut self, width: usize) -> Result<u64, Truncated> {
        let mut value = [0; 8];
        let width = width.min(value.len());
        let taken = self.take(width)?;
        for (to, from) in value.iter_mut().zip(taken) {
            *to = *from;
        }
        Ok(u64::from_le_bytes(value))
    }

    /// A packed integer: one byte up to 250, else 252, 253 or 254 and two, three or eight bytes (MySQL's
    /// "length-encoded integer"). The markers 251 and 255 have no meaning in the binlog and are taken for themselves.
    pub(crate) fn packed(&mut self) -> Result<u64, Truncated> {
        let start = self.clone();
        let value = match self.u8()? {
            252 => self.uint(2),
            253 => self.uint(3),
            254 => self.uint(8),
            small => return Ok(u64::from(small)),
        };
        if value.is_err() {
            *self = start;
        }
        value
    }

    /// As many bytes as a packed integer in front of them says.
    pub(crate) fn packed_bytes(&mut self) -> Result<&'a [u8], Truncated> {
        let length = self.packed()?;
        self.take(usize::try_from(length).unwrap_or(usize::MAX))
    }

    /// As many bytes as the byte in front of them says.
    pub(crate) fn short_bytes(&mut self) -> Result<&'a [u8], Truncated> {
        let length = self.u8()?;
        self.take(usize::from(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_integers_of_all_widths() {
        let mut reader = ByteReader::new(&[250, 252, 1, 2, 253, 1, 2, 3, 254, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(reader.packed(), Ok(250));
        assert_eq!(reader.packed(), Ok(0x0201));
        assert_eq!(reader.packed(), Ok(0x03_0201));
        assert_eq!(reader.packed(), Ok(0x0807_0605_0403_0201));
        assert!(reader.is_empty());
    }

    #[test]
    fn a_read_past_the_end_says_where_and_moves_nothing() {
        let mut reader = ByteReader::new(&[1, 2, 3]);
        assert_eq!(reader.u16(), Ok(0x0201));
        assert_eq!(
            reader.u32(),
            Err(Truncated {
                offset: 2,
                wanted: 4,
                left: 1
            })
        );
        assert_eq!(reader.offset(), 2);
        assert_eq!(reader.u8(), Ok(3));
    }

    #[test]
    fn an_absurd_length_is_an_error_and_no_overflow() {
        let mut reader = ByteReader::new(&[254, 255, 255, 255, 255, 255, 255, 255, 255, 1]);
        assert!(reader.packed_bytes().is_err());
    }
}
