//! [`Charset`]: how bytes become text: those of a character column, and of a statement.

use std::borrow::Cow;

/// The character set of bytes that are no text.
pub const BINARY: &str = "binary";

/// A character set whose columns can be decoded. Others are refused by name when a table is first used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// `utf8mb4`, `utf8mb3` and `ascii`: the bytes are UTF-8 already.
    Utf8,
    /// `latin1`, which in MySQL is Windows-1252 with the five unassigned bytes kept as C1 controls.
    Latin1,
}

impl Charset {
    /// The character set MySQL calls `name` (any case), if its columns can be decoded.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "utf8mb4" | "utf8mb3" | "utf8" | "ascii" => Some(Charset::Utf8),
            "latin1" => Some(Charset::Latin1),
            _ => None,
        }
    }
    /// The text of `bytes`; what is not UTF-8, where it should be, is replaced by U+FFFD.
    pub fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Charset::Latin1 => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
            Charset::Utf8 => String::from_utf8_lossy(bytes),
        }
    }
}

/// The name of the character set that the collation with this number belongs to: `id` in
/// `information_schema.collations` of MySQL 9.7. Those collations that MySQL has added since 8.0 are all of utf8mb4.
pub fn charset_of_collation(number: u32) -> Option<&'static str> {
    Some(match number {
        1 | 84 => "big5",
        2 | 9 | 21 | 27 | 77 => "latin2",
        3 | 69 => "dec8",
        4 | 80 => "cp850",
        5 | 8 | 15 | 31 | 47..=49 | 94 => "latin1",
        6 | 72 => "hp8",
        7 | 74 => "koi8r",
        10 | 82 => "swe7",
        11 | 65 => "ascii",
        12 | 91 => "ujis",
        13 | 88 => "sjis",
        14 | 23 | 50..=52 => "cp1251",
        16 | 71 => "hebrew",
        18 | 89 => "tis620",
        19 | 85 => "euckr",
        20 | 41 | 42 | 79 => "latin7",
        22 | 75 => "koi8u",
        24 | 86 => "gb2312",
        25 | 70 => "greek",
        26 | 34 | 44 | 66 | 99 => "cp1250",
        28 | 87 => "gbk",
        29 | 58 | 59 => "cp1257",
        30 | 78 => "latin5",
        32 | 64 => "armscii8",
        33 | 76 | 83 | 192..=215 | 223 => "utf8mb3",
        35 | 90 | 128..=151 | 159 => "ucs2",
        36 | 68 => "cp866",
        37 | 73 => "keybcs2",
        38 | 43 => "macce",
        39 | 53 => "macroman",
        40 | 81 => "cp852",
        54 | 55 | 101..=124 => "utf16",
        56 | 62 => "utf16le",
        57 | 67 => "cp1256",
        60 | 61 | 160..=183 => "utf32",
        63 => BINARY,
        92 | 93 => "geostd8",
        95 | 96 => "cp932",
        97 | 98 => "eucjpms",
        248..=250 => "gb18030",
        45 | 46 | 224..=247 | 255.. => "utf8mb4",
        _ => return None,
    })
}

/// Whether two names are of the same character set.
pub(super) fn is_same_charset(one: &str, other: &str) -> bool {
    let current = |name: &str| {
        if name.eq_ignore_ascii_case("utf8") {
            "utf8mb3"
        } else {
            name
        }
        .to_ascii_lowercase()
    };
    current(one) == current(other)
}
