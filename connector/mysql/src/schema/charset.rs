//! [`Charset`]: how the bytes of a character column become text.

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
}
