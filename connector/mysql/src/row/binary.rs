//! BINARY, VARBINARY and the BLOB family: bytes, or text of them (`binary.handling.mode`).
//!
//! The binlog leaves out the zeros at the end of a BINARY value; a record has all bytes of the column's length. The form is
//! otherwise the same in a row image and in a text result set.

use connector_api::data::{ValueWriter, WriteError};

use super::Written;
use super::column::Scratch;
use crate::config::BinaryMode;

/// Writes a BINARY value, filled up with zeros to `length`.
pub(super) fn write_padded(
    bytes: &[u8],
    length: u32,
    mode: BinaryMode,
    scratch: &mut Scratch,
    writer: &mut dyn ValueWriter,
) -> Written {
    let length = length as usize;
    if bytes.len() > length {
        return Err(WriteError::new("a BINARY value is longer than its type"));
    }
    if bytes.len() == length {
        return write(bytes, mode, &mut scratch.text, writer);
    }
    scratch.bytes.clear();
    scratch.bytes.extend_from_slice(bytes);
    scratch.bytes.resize(length, 0);
    write(&scratch.bytes, mode, &mut scratch.text, writer)
}

/// Writes a value that is complete.
pub(super) fn write(bytes: &[u8], mode: BinaryMode, text: &mut String, writer: &mut dyn ValueWriter) -> Written {
    if mode == BinaryMode::Bytes {
        return writer.bytes(bytes).map(|()| true);
    }
    text.clear();
    mode.push_text(bytes, text);
    writer.string(text).map(|()| true)
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;

    use super::*;
    use crate::row::testing::written;

    #[test]
    fn binary_has_all_its_zeros() {
        let mut scratch = Scratch::default();
        scratch.bytes.resize(9, 9);
        for (bytes, expected, hex) in [
            (&b"\xab\x02"[..], &b"\xab\x02\0\0"[..], "ab020000"),
            (b"", b"\0\0\0\0", "00000000"),
            (b"abcd", b"abcd", "61626364"),
        ] {
            let mut value = |mode| written(|writer| write_padded(bytes, 4, mode, &mut scratch, writer));
            assert_eq!(value(BinaryMode::Bytes), Ok(Some(Value::Bytes(expected.to_vec()))));
            assert_eq!(value(BinaryMode::Hex), Ok(Some(Value::String(hex.to_owned()))));
        }
        let too_long = written(|writer| write_padded(b"abcde", 4, BinaryMode::Bytes, &mut scratch, writer));
        assert!(too_long.is_err());
    }
}
