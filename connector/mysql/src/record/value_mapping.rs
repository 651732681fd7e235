//! [`ValueMapping`]: what is done with the published values of one column: cut, masked or hashed.
//!
//! It stands between the row and whoever takes the value, and changes what passes: text, and NULL of a masked column, which
//! Debezium masks, too. The bytes, lengths and hashes are Debezium's. It counts a text in UTF-16 units, and half of a character at a
//! cut becomes a question mark in its converters; so it does here.

use std::cell::RefCell;
use std::fmt;

use connector_api::data::{Schema, ValueWriter, WriteError, WriteValue};
use openssl::error::ErrorStack;
use openssl::hash::Hasher;

use super::java_text;
use crate::config::{HashInput, HashMask, Mapping, digest};
use crate::schema::{Column, ColumnType, has_charset};

/// What is done with the values of a column.
#[derive(Debug)]
pub(super) enum ValueMapping {
    /// Text, and bytes if they are those of a binary column, end after so many units.
    Cut { length: usize, bytes_too: bool },
    /// Every text is this one, and so is NULL.
    Mask(String),
    /// Text becomes its hash.
    Hash(TextHash),
}

impl ValueMapping {
    /// What `mapping` means for the values of `column`; `None` if nothing.
    pub(super) fn of(mapping: &Mapping, column: &Column, column_type: &ColumnType) -> Option<Self> {
        match mapping {
            Mapping::Truncate(length) => can_be_longer(column, *length).then(|| ValueMapping::Cut {
                length: *length as usize,
                bytes_too: matches!(column_type, ColumnType::Binary { .. } | ColumnType::Bytes),
            }),
            Mapping::Mask(length) => {
                has_charset(&column.type_name).then(|| ValueMapping::Mask("*".repeat(*length as usize)))
            }
            Mapping::Hash(mask) if has_charset(&column.type_name) => {
                TextHash::new(mask, column).map(ValueMapping::Hash)
            }
            Mapping::Hash(_) | Mapping::TellType => None,
        }
    }

    /// Writes a column of `row`.
    pub(super) fn write(
        &self,
        row: &dyn WriteValue,
        column: usize,
        writer: &mut dyn ValueWriter,
    ) -> Result<(), WriteError> {
        row.write_field(column, &mut Mapped { mapping: self, writer })
    }
}

/// What a mapping adds to the schema of a published column.
pub(super) fn mapped_schema(mapping: &Mapping, column: &Column, schema: Schema) -> Schema {
    match mapping {
        Mapping::Truncate(length) if can_be_longer(column, *length) => {
            schema.parameter("truncateLength", length.to_string())
        }
        Mapping::Truncate(_) => schema,
        Mapping::Mask(_) | Mapping::Hash(_) => schema.parameter("masked", "true"),
        Mapping::TellType => told_type(column, schema),
    }
}

fn told_type(column: &Column, schema: Schema) -> Schema {
    let key = |part: &str| format!("__debezium.source.column.{part}");
    let mut schema = schema.parameter(key("type"), column.type_name.to_uppercase());
    if let Some(length) = column.length {
        schema = schema.parameter(key("length"), length.to_string());
    }
    if let Some(scale) = column.scale {
        schema = schema.parameter(key("scale"), scale.to_string());
    }
    if let Some(comment) = column.comment.as_ref().filter(|comment| !comment.is_empty()) {
        schema = schema.parameter(key("comment"), comment);
    }
    schema.parameter(key("name"), &column.name)
}

/// Whether a value may be longer than `length`, by the column's declaration.
fn can_be_longer(column: &Column, length: u32) -> bool {
    column
        .length
        .is_none_or(|declared| i64::from(declared) > i64::from(length))
}

/// The salted hash of a text, in hexadecimal digits, no longer than the column is declared.
pub(super) struct TextHash {
    input: HashInput,
    salt: String,
    limit: usize,
    /// The digest and the room for its digits, reused for every value.
    state: RefCell<(Hasher, String)>,
}

impl TextHash {
    /// `None` if the algorithm is not known, which a configuration that was read rules out.
    fn new(mask: &HashMask, column: &Column) -> Option<Self> {
        let declared = column.length.and_then(|length| usize::try_from(length).ok());
        Some(TextHash {
            input: mask.input,
            salt: mask.salt.clone(),
            limit: declared.filter(|length| *length > 0).unwrap_or(usize::MAX),
            state: RefCell::new((Hasher::new(digest(&mask.algorithm)?).ok()?, String::new())),
        })
    }

    fn write(&self, text: &str, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        let mut state = self.state.borrow_mut();
        let (hasher, digits) = &mut *state;
        self.hash(text, hasher, digits)
            .map_err(|error| WriteError::new(format!("its hash cannot be made: {error}")))?;
        writer.string(digits.get(..self.limit.min(digits.len())).unwrap_or_default())
    }

    fn hash(&self, text: &str, hasher: &mut Hasher, digits: &mut String) -> Result<(), ErrorStack> {
        hasher.update(self.salt.as_bytes())?;
        match self.input {
            HashInput::Bytes => hasher.update(text.as_bytes())?,
            HashInput::JavaObject => java_text::serialised(text, |bytes| hasher.update(bytes))?,
        }
        digits.clear();
        for byte in hasher.finish()?.iter() {
            digits.extend([byte >> 4, byte & 15].map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0')));
        }
        Ok(())
    }
}

/// A salt is a secret.
impl fmt::Debug for TextHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextHash")
            .field("input", &self.input)
            .finish_non_exhaustive()
    }
}

/// A writer that a column is written through.
struct Mapped<'a> {
    mapping: &'a ValueMapping,
    writer: &'a mut dyn ValueWriter,
}

impl ValueWriter for Mapped<'_> {
    fn null(&mut self) -> Result<(), WriteError> {
        match self.mapping {
            ValueMapping::Mask(mask) => self.writer.string(mask),
            ValueMapping::Cut { .. } | ValueMapping::Hash(_) => self.writer.null(),
        }
    }
    fn string(&mut self, value: &str) -> Result<(), WriteError> {
        match self.mapping {
            ValueMapping::Mask(mask) => self.writer.string(mask),
            ValueMapping::Hash(hash) => hash.write(value, self.writer),
            ValueMapping::Cut { length, .. } => match cut(value, *length) {
                Cut::At(end) => self.writer.string(value.get(..end).unwrap_or(value)),
                Cut::Within(start) => {
                    let whole = value.get(..start).unwrap_or_default();
                    self.writer.string(&format!("{whole}?"))
                }
            },
        }
    }
    fn bytes(&mut self, value: &[u8]) -> Result<(), WriteError> {
        match self.mapping {
            ValueMapping::Cut {
                length,
                bytes_too: true,
            } => self.writer.bytes(value.get(..*length).unwrap_or(value)),
            _ => self.writer.bytes(value),
        }
    }
    fn boolean(&mut self, value: bool) -> Result<(), WriteError> {
        self.writer.boolean(value)
    }
    fn int32(&mut self, value: i32) -> Result<(), WriteError> {
        self.writer.int32(value)
    }
    fn int64(&mut self, value: i64) -> Result<(), WriteError> {
        self.writer.int64(value)
    }
    fn float32(&mut self, value: f32) -> Result<(), WriteError> {
        self.writer.float32(value)
    }
    fn float64(&mut self, value: f64) -> Result<(), WriteError> {
        self.writer.float64(value)
    }
    fn begin_struct(&mut self) -> Result<(), WriteError> {
        self.writer.begin_struct()
    }
    fn end_struct(&mut self) -> Result<(), WriteError> {
        self.writer.end_struct()
    }
    fn begin_array(&mut self, len: usize) -> Result<(), WriteError> {
        self.writer.begin_array(len)
    }
    fn end_array(&mut self) -> Result<(), WriteError> {
        self.writer.end_array()
    }
    fn begin_map(&mut self, len: usize) -> Result<(), WriteError> {
        self.writer.begin_map(len)
    }
    fn end_map(&mut self) -> Result<(), WriteError> {
        self.writer.end_map()
    }
}

/// Where a text ends after a number of UTF-16 units.
#[derive(Debug, PartialEq, Eq)]
enum Cut {
    /// Between two characters, before this byte.
    At(usize),
    /// Within the character that begins at this byte.
    Within(usize),
}

fn cut(text: &str, length: usize) -> Cut {
    // A text has no more units than bytes.
    if text.len() <= length {
        return Cut::At(text.len());
    }
    let mut units = 0;
    for (at, character) in text.char_indices() {
        if units == length {
            return Cut::At(at);
        }
        units += character.len_utf16();
        if units > length {
            return Cut::Within(at);
        }
    }
    Cut::At(text.len())
}

#[cfg(test)]
mod tests;
