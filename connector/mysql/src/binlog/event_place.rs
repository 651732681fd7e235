//! [`EventPlace`]: where the event lies that came last, and where it begins in its file.

use std::ops::Range;

/// A place in what the connection or the decompressor holds.
pub(super) enum EventPlace {
    /// In a packet of its own.
    Packet { range: Range<usize>, start: u64 },
    /// In the compressed transaction that is open.
    Payload { range: Range<usize>, start: u64 },
}

impl EventPlace {
    /// Where it begins in its file.
    pub(super) fn start(&self) -> u64 {
        match self {
            EventPlace::Packet { start, .. } | EventPlace::Payload { start, .. } => *start,
        }
    }
}
