//! [`ChecksumAlgorithm`]: what stands at the end of every event.
//!
//! With `binlog_checksum=CRC32` the last four bytes of an event are the CRC-32 of everything before them. The algorithm
//! of a file is written in its FORMAT_DESCRIPTION event and can change from file to file. Events inside a
//! TRANSACTION_PAYLOAD have none: the payload event's own checksum covers them.

/// How the events of a binlog file are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChecksumAlgorithm {
    /// `NONE`: nothing at the end of an event.
    #[default]
    None,
    /// `CRC32`: four bytes at the end of an event.
    Crc32,
}

impl ChecksumAlgorithm {
    /// The algorithm with this number in a FORMAT_DESCRIPTION event; 255 is "undefined", which means none.
    pub(super) fn from_code(code: u8) -> Option<Self> {
        match code {
            0 | 255 => Some(ChecksumAlgorithm::None),
            1 => Some(ChecksumAlgorithm::Crc32),
            _ => None,
        }
    }

    /// The algorithm that the server variable `binlog_checksum` calls `name`.
    pub fn named(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("NONE") {
            Some(ChecksumAlgorithm::None)
        } else if name.eq_ignore_ascii_case("CRC32") {
            Some(ChecksumAlgorithm::Crc32)
        } else {
            None
        }
    }

    /// How many bytes it takes at the end of an event.
    pub fn length(self) -> usize {
        match self {
            ChecksumAlgorithm::None => 0,
            ChecksumAlgorithm::Crc32 => 4,
        }
    }
}
