//! [`BinlogPosition`]: a place in one server's binlog.
//!
//! File names and positions mean something on the server that wrote them and nowhere else.

use std::cmp::Ordering;
use std::fmt;

/// A file of the binlog and a byte position in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct BinlogPosition {
    /// The file, e.g. `binlog.000002`.
    pub file: String,
    /// The byte position, always between two events.
    pub position: u64,
}

impl BinlogPosition {
    /// `position` in `file`.
    pub fn new(file: impl Into<String>, position: u64) -> Self {
        BinlogPosition {
            file: file.into(),
            position,
        }
    }

    /// Goes on to the next position whose lower 32 bits are `log_pos`: an event carries no more of it.
    pub fn go_on_to(&mut self, log_pos: u32) {
        let end = (self.position & !u64::from(u32::MAX)) | u64::from(log_pos);
        self.position = if end < self.position { end + (1 << 32) } else { end };
    }

    /// Base name and number of the file. Numbers have six digits until they need more, so text order is not file order.
    fn file_number(&self) -> (&str, u64) {
        match self.file.rsplit_once('.') {
            Some((base, digits)) => (base, digits.parse().unwrap_or(0)),
            None => (&self.file, 0),
        }
    }
}

impl Ord for BinlogPosition {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_number = self.file_number().cmp(&other.file_number());
        by_number
            .then_with(|| self.file.cmp(&other.file))
            .then(self.position.cmp(&other.position))
    }
}

impl PartialOrd for BinlogPosition {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `file:position`, as errors and logs write it.
impl fmt::Display for BinlogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::BinlogPosition;

    #[test]
    fn positions_go_on_beyond_four_gibibytes() {
        for (from, log_pos, end) in [
            (0, 157, 157),
            (157, 400, 400),
            (0xffff_ff00, 0x100, 0x1_0000_0100),
            (0x2_0000_0100, 0x200, 0x2_0000_0200),
        ] {
            let mut position = BinlogPosition::new("binlog.000002", from);
            position.go_on_to(log_pos);
            assert_eq!(position.position, end);
        }
    }

    #[test]
    fn positions_are_ordered_by_file_number_first() {
        let ordered = [
            BinlogPosition::new("binlog.000009", 4),
            BinlogPosition::new("binlog.000010", 4),
            BinlogPosition::new("binlog.000010", 157),
            BinlogPosition::new("binlog.999999", 4),
            BinlogPosition::new("binlog.1000000", 4),
        ];
        for pair in ordered.windows(2) {
            assert!(pair[0] < pair[1], "{} < {}", pair[0], pair[1]);
        }
    }
}
