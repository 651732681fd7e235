//! [`Headers`]: the headers of a record as bytes, made once and copied into every record that has them.

use crate::protocol::varint;

/// A record's headers in the format of a batch: their count, then each name and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headers {
    count: usize,
    /// Without the count.
    encoded: Vec<u8>,
}

impl Default for Headers {
    fn default() -> Self {
        Headers::NONE
    }
}

impl Headers {
    /// No header at all.
    pub const NONE: Headers = Headers {
        count: 0,
        encoded: Vec::new(),
    };

    /// Adds one behind the others.
    pub fn push(&mut self, name: &str, value: Option<&[u8]>) {
        self.count += 1;
        varint::put_signed(&mut self.encoded, varint::signed(name.len()));
        self.encoded.extend_from_slice(name.as_bytes());
        match value {
            Some(value) => {
                varint::put_signed(&mut self.encoded, varint::signed(value.len()));
                self.encoded.extend_from_slice(value);
            }
            None => varint::put_signed(&mut self.encoded, -1),
        }
    }

    /// How many bytes they take in a record.
    pub fn bytes(&self) -> usize {
        varint::length(varint::zigzag(varint::signed(self.count))) + self.encoded.len()
    }

    pub(super) fn put(&self, bytes: &mut Vec<u8>) {
        varint::put_signed(bytes, varint::signed(self.count));
        bytes.extend_from_slice(&self.encoded);
    }
}
