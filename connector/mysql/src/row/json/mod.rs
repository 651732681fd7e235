//! JSON: text (`io.debezium.data.Json`).
//!
//! In the binlog: MySQL's binary form, a tree of offsets (`sql-common/json_binary.h` in MySQL's sources), written out here
//! as compact text, members in stored order, numbers as Debezium formats them. In text: as MySQL prints it, with
//! blanks; so a snapshot and the stream differ, as with Debezium.
//!
//! Nothing is built in between: the walk appends to one buffer. The offsets come from outside and may form cycles or share
//! subtrees a thousandfold, so the walk has two bounds: MySQL's own depth, and as many elements and bytes of text as the
//! document has bytes. A sound document stays below both.

mod number;
mod opaque;
#[cfg(test)]
mod tests;

use std::io::Write;

use connector_api::data::{ValueWriter, WriteError};

use super::{Written, text};

/// MySQL refuses to store documents that are deeper.
const MAX_DEPTH: usize = 100;
/// The bytes of the value type in an entry, and of a key's length.
const TYPE_BYTES: usize = 1;
const KEY_LENGTH_BYTES: usize = 2;

/// Writes a value of a row image. A value of no bytes, which an invalid `INSERT IGNORE` can leave behind, is null.
pub(super) fn write_image(bytes: &[u8], scratch: &mut Vec<u8>, writer: &mut dyn ValueWriter) -> Written {
    if bytes.is_empty() {
        return Ok(false);
    }
    scratch.clear();
    push_text(bytes, scratch)?;
    // Looked at once as a whole: strings in it that are not UTF-8 are replaced in part, as everywhere.
    text::write_text(scratch, writer)
}

/// Writes a value of a text result set.
pub(super) fn write_text(bytes: &[u8], writer: &mut dyn ValueWriter) -> Written {
    if bytes.is_empty() {
        Ok(false)
    } else {
        text::write_text(bytes, writer)
    }
}

/// Appends the text of a binary document.
pub(super) fn push_text(document: &[u8], out: &mut Vec<u8>) -> Result<(), WriteError> {
    let walk = document.split_first().ok_or(Damage).and_then(|(code, value)| {
        Walk {
            out,
            budget: document.len(),
        }
        .value(*code, value, MAX_DEPTH)
    });
    walk.map_err(|Damage| WriteError::new("the JSON document in the binlog is damaged"))
}

/// The document contradicts its format. Where does not help anybody.
#[derive(Debug)]
struct Damage;

struct Walk<'o> {
    out: &'o mut Vec<u8>,
    /// What may still be visited: elements, and bytes of keys and strings.
    budget: usize,
}

/// An object or array: two bytes for every offset and count in a small one, four in a large one.
#[derive(Clone, Copy)]
struct Container<'d> {
    /// From its element count on; offsets count from here.
    bytes: &'d [u8],
    large: bool,
}

impl<'d> Container<'d> {
    /// The container at the start of `value`, which says how long it is.
    fn open(value: &'d [u8], large: bool) -> Result<Self, Damage> {
        let whole = Container { bytes: value, large };
        let length = whole.offset_at(whole.offset_bytes())?;
        Ok(Container {
            bytes: value.get(..length).ok_or(Damage)?,
            large,
        })
    }

    fn offset_bytes(self) -> usize {
        if self.large { 4 } else { 2 }
    }

    fn count(self) -> Result<usize, Damage> {
        self.offset_at(0)
    }

    fn offset_at(self, at: usize) -> Result<usize, Damage> {
        let bytes = self.bytes.get(at..).ok_or(Damage)?;
        if self.large {
            bytes
                .first_chunk()
                .map(|bytes| u32::from_le_bytes(*bytes) as usize)
                .ok_or(Damage)
        } else {
            u16_at(bytes, 0)
        }
    }

    /// The entries begin behind the count and the length.
    fn entries(self) -> usize {
        2 * self.offset_bytes()
    }

    fn key_entry_bytes(self) -> usize {
        self.offset_bytes() + KEY_LENGTH_BYTES
    }

    fn value_entry_bytes(self) -> usize {
        TYPE_BYTES + self.offset_bytes()
    }

    fn key(self, index: usize) -> Result<&'d [u8], Damage> {
        let entry = self.entries() + index * self.key_entry_bytes();
        let start = self.offset_at(entry)?;
        let length = u16_at(self.bytes, entry + self.offset_bytes())?;
        self.bytes
            .get(start..)
            .and_then(|bytes| bytes.get(..length))
            .ok_or(Damage)
    }

    /// The type of the value whose entry is at `entry`, and its bytes: in the entry itself if they fit there.
    fn value(self, entry: usize) -> Result<(u8, &'d [u8]), Damage> {
        let code = *self.bytes.get(entry).ok_or(Damage)?;
        let is_inline = match code {
            LITERAL | INT16 | UINT16 => true,
            INT32 | UINT32 => self.large,
            _ => false,
        };
        let start = if is_inline {
            entry + TYPE_BYTES
        } else {
            self.offset_at(entry + TYPE_BYTES)?
        };
        Ok((code, self.bytes.get(start..).ok_or(Damage)?))
    }
}

const SMALL_OBJECT: u8 = 0;
const LARGE_OBJECT: u8 = 1;
const SMALL_ARRAY: u8 = 2;
const LARGE_ARRAY: u8 = 3;
const LITERAL: u8 = 4;
const INT16: u8 = 5;
const UINT16: u8 = 6;
const INT32: u8 = 7;
const UINT32: u8 = 8;
const INT64: u8 = 9;
const UINT64: u8 = 10;
const DOUBLE: u8 = 11;
const STRING: u8 = 12;
const OPAQUE: u8 = 15;

impl Walk<'_> {
    fn value(&mut self, code: u8, bytes: &[u8], depth: usize) -> Result<(), Damage> {
        self.spend(1)?;
        match code {
            SMALL_OBJECT | LARGE_OBJECT => self.object(Container::open(bytes, code == LARGE_OBJECT)?, depth)?,
            SMALL_ARRAY | LARGE_ARRAY => self.array(Container::open(bytes, code == LARGE_ARRAY)?, depth)?,
            LITERAL => self.out.extend_from_slice(match bytes.first() {
                Some(0) => &b"null"[..],
                Some(1) => b"true",
                Some(2) => b"false",
                _ => return Err(Damage),
            }),
            INT16 => number::push_signed(i64::from(i16::from_le_bytes(head(bytes)?)), self.out),
            UINT16 => number::push_unsigned(u64::from(u16::from_le_bytes(head(bytes)?)), self.out),
            INT32 => number::push_signed(i64::from(i32::from_le_bytes(head(bytes)?)), self.out),
            UINT32 => number::push_unsigned(u64::from(u32::from_le_bytes(head(bytes)?)), self.out),
            INT64 => number::push_signed(i64::from_le_bytes(head(bytes)?), self.out),
            UINT64 => number::push_unsigned(u64::from_le_bytes(head(bytes)?), self.out),
            DOUBLE => number::push_double(f64::from_le_bytes(head(bytes)?), self.out),
            STRING => {
                let (string, _) = sized(bytes)?;
                self.string(string)?;
            }
            OPAQUE => {
                let (kind, bytes) = bytes.split_first().ok_or(Damage)?;
                let (value, _) = sized(bytes)?;
                self.spend(value.len())?;
                opaque::push(*kind, value, self.out)?;
            }
            _ => return Err(Damage),
        }
        Ok(())
    }

    fn object(&mut self, object: Container<'_>, depth: usize) -> Result<(), Damage> {
        let depth = depth.checked_sub(1).ok_or(Damage)?;
        let count = object.count()?;
        let values = object.entries() + count * object.key_entry_bytes();
        self.out.push(b'{');
        for index in 0..count {
            if index > 0 {
                self.out.push(b',');
            }
            self.string(object.key(index)?)?;
            self.out.push(b':');
            let (code, value) = object.value(values + index * object.value_entry_bytes())?;
            self.value(code, value, depth)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn array(&mut self, array: Container<'_>, depth: usize) -> Result<(), Damage> {
        let depth = depth.checked_sub(1).ok_or(Damage)?;
        self.out.push(b'[');
        for index in 0..array.count()? {
            if index > 0 {
                self.out.push(b',');
            }
            let (code, value) = array.value(array.entries() + index * array.value_entry_bytes())?;
            self.value(code, value, depth)?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn string(&mut self, bytes: &[u8]) -> Result<(), Damage> {
        self.spend(bytes.len())?;
        self.out.push(b'"');
        push_escaped(bytes, self.out);
        self.out.push(b'"');
        Ok(())
    }

    fn spend(&mut self, cost: usize) -> Result<(), Damage> {
        self.budget = self.budget.checked_sub(cost).ok_or(Damage)?;
        Ok(())
    }
}

/// Appends the text between two quotes; only quotes, backslashes and control characters are escaped.
fn push_escaped(text: &[u8], out: &mut Vec<u8>) {
    if !has_special(text) {
        return out.extend_from_slice(text);
    }
    let mut rest = text;
    while let Some(at) = rest.iter().position(is_special) {
        let (plain, special) = rest.split_at(at);
        out.extend_from_slice(plain);
        match special.first() {
            Some(8) => out.extend_from_slice(b"\\b"),
            Some(b'\t') => out.extend_from_slice(b"\\t"),
            Some(b'\n') => out.extend_from_slice(b"\\n"),
            Some(12) => out.extend_from_slice(b"\\f"),
            Some(b'\r') => out.extend_from_slice(b"\\r"),
            Some(quoted @ (b'"' | b'\\')) => out.extend_from_slice(&[b'\\', *quoted]),
            Some(control) => drop(write!(out, "\\u{control:04X}")),
            None => {}
        }
        rest = special.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

fn is_special(byte: &u8) -> bool {
    *byte < 0x20 || *byte == b'"' || *byte == b'\\'
}

/// Whether anything has to be escaped; mostly nothing has.
fn has_special(text: &[u8]) -> bool {
    const SHORT: usize = 16;
    if text.len() < SHORT {
        return text.iter().any(is_special);
    }
    // Without a way out of the loop, the compiler looks at many bytes at once.
    text.iter().fold(false, |found, byte| found | is_special(byte))
}

fn head<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Damage> {
    bytes.first_chunk().copied().ok_or(Damage)
}

fn u16_at(bytes: &[u8], at: usize) -> Result<usize, Damage> {
    let bytes = bytes.get(at..).ok_or(Damage)?;
    Ok(usize::from(u16::from_le_bytes(head(bytes)?)))
}

/// A length of one to five bytes, seven bits in each, lowest first; then as many bytes, and what is behind them.
fn sized(bytes: &[u8]) -> Result<(&[u8], &[u8]), Damage> {
    if let [length @ 0..0x80, rest @ ..] = bytes {
        return rest.split_at_checked(usize::from(*length)).ok_or(Damage);
    }
    let mut length = 0_u64;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        length |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let length = usize::try_from(length).map_err(|_| Damage)?;
            return bytes
                .get(index + 1..)
                .and_then(|bytes| bytes.split_at_checked(length))
                .ok_or(Damage);
        }
    }
    Err(Damage)
}
