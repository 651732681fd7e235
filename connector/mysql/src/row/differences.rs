//! [`Differences`]: which documents of a new image are logged as differences from those of the old one.
//!
//! In an `Update_rows_partial` event every new image begins with its value options, a packed integer. If bit 0 is set, one bit
//! for each JSON column of the table follows: whether its value is a list of differences. An empty list is an unchanged
//! document (`enum_binlog_row_value_options` and `Rows_event` in `rows_event.h`, `pack_row` in `rpl_record.cc`). The server
//! writes such events for every update of a session with `binlog_row_value_options=PARTIAL_JSON`, whatever it changes.

use crate::binlog::bytes::ByteReader;

/// The value option that a list of bits follows.
const PARTIAL_JSON: u64 = 1;

/// What stands in front of a new image.
#[derive(Debug)]
pub(super) struct Differences<'a> {
    is_document: &'a [bool],
    /// One bit for each document; `None`: every value is whole.
    bits: Option<&'a [u8]>,
}

impl<'a> Differences<'a> {
    /// Reads it at the start of `bytes`; also how many bytes it takes.
    pub(super) fn parse(bytes: &'a [u8], is_document: &'a [bool]) -> Result<(Self, usize), &'static str> {
        const TRUNCATED: &str = "it ends within its value options";
        let mut reader = ByteReader::new(bytes);
        let bits = match reader.packed().map_err(|_| TRUNCATED)? {
            0 => None,
            PARTIAL_JSON => {
                let documents = is_document.iter().filter(|is_document| **is_document).count();
                Some(reader.take(documents.div_ceil(8)).map_err(|_| TRUNCATED)?)
            }
            _ => return Err("its value options are not known to this version"),
        };
        Ok((Differences { is_document, bits }, bytes.len() - reader.rest().len()))
    }

    /// Whether the value of a column is a list of differences.
    pub(super) fn has(&self, column: usize) -> bool {
        let (Some(bits), Some(true)) = (self.bits, self.is_document.get(column)) else {
            return false;
        };
        let before = self.is_document.iter().take(column);
        let document = before.filter(|is_document| **is_document).count();
        bits.get(document / 8)
            .is_some_and(|byte| byte >> (document % 8) & 1 == 1)
    }
}
