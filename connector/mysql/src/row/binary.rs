//! BINARY, VARBINARY and the BLOB family: bytes.
//!
//! The binlog leaves out the zeros at the end of a BINARY value; a record has all bytes of the column's length. The form is
//! otherwise the same in a row image and in a text result set.

use connector_api::data::{ValueWriter, WriteError};

use super::Written;

/// Writes a BINARY value, filled up with zeros to `length`.
pub(super) fn write_padded(bytes: &[u8], length: u32, scratch: &mut Vec<u8>, writer: &mut dyn ValueWriter) -> Written {
    let length = length as usize;
    if bytes.len() > length {
        return Err(WriteError::new("a BINARY value is longer than its type"));
    }
    if bytes.len() == length {
        return write(bytes, writer);
    }
    scratch.clear();
    scratch.extend_from_slice(bytes);
    scratch.resize(length, 0);
    write(scratch, writer)
}

/// Writes a value that is complete.
pub(super) fn write(bytes: &[u8], writer: &mut dyn ValueWriter) -> Written {
    writer.bytes(bytes).map(|()| true)
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;

    use super::*;
    use crate::row::testing::written;

    #[test]
    fn binary_has_all_its_zeros() {
        let mut scratch = vec![9; 9];
        for (bytes, expected) in [
            (&b"\xab\x02"[..], &b"\xab\x02\0\0"[..]),
            (b"", b"\0\0\0\0"),
            (b"abcd", b"abcd"),
        ] {
            let value = written(|writer| write_padded(bytes, 4, &mut scratch, writer));
            assert_eq!(value, Ok(Some(Value::Bytes(expected.to_vec()))));
        }
        assert!(written(|writer| write_padded(b"abcde", 4, &mut scratch, writer)).is_err());
    }
}
