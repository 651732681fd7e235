//! [`Charset`]: how bytes become text: those of a character column, and of a statement.

use std::borrow::Cow;

/// A character set whose columns can be decoded. Others are refused by name when a table is first used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// `utf8mb4`, `utf8mb3` and `ascii`: the bytes are UTF-8 already.
    Utf8,
    /// `latin1`, which in MySQL is Windows-1252 with the five unassigned bytes kept as C1 controls.
    Latin1,
    /// `binary` on a character type: the bytes are taken as UTF-8 and refused if they are not.
    Binary,
}

impl Charset {
    /// The character set MySQL calls `name` (any case), if its columns can be decoded.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "utf8mb4" | "utf8mb3" | "utf8" | "ascii" => Some(Charset::Utf8),
            "latin1" => Some(Charset::Latin1),
            "binary" => Some(Charset::Binary),
            _ => None,
        }
    }
    /// The character set of the collation with this number (`information_schema.collations`), if it can be decoded. Those
    /// collations that MySQL has added since 8.0 are all of utf8mb4.
    pub fn of_collation(number: u32) -> Option<Self> {
        match number {
            63 => Some(Charset::Binary),
            5 | 8 | 15 | 31 | 47..=49 | 94 => Some(Charset::Latin1),
            11 | 33 | 45 | 46 | 65 | 76 | 83 | 192..=215 | 223..=247 | 255.. => Some(Charset::Utf8),
            _ => None,
        }
    }

    /// The text of `bytes`; what is not UTF-8, where it should be, is replaced by U+FFFD.
    pub fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Charset::Latin1 => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
            Charset::Utf8 | Charset::Binary => String::from_utf8_lossy(bytes),
        }
    }
}
