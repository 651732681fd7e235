//! [`EventError`]: why an event cannot be used, sorted by what helps.

use thiserror::Error;

use crate::binlog::bytes::Truncated;

/// An event that cannot be used. Names the event and where it ends in the binlog file (0 inside a transaction payload).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EventError {
    /// Damaged on the way or on the server's disk: reading again helps in the first case.
    #[error(
        "{event} event ending at binlog position {log_pos}: its checksum is {stored:08x}, its bytes give {computed:08x}; \
         if it stays so after a reconnect, the server's binlog file is damaged (compare with mysqlbinlog --verify-binlog-checksum)"
    )]
    Checksum {
        /// The kind of event.
        event: &'static str,
        /// Where the event ends in its file.
        log_pos: u32,
        /// The checksum at the event's end.
        stored: u32,
        /// The checksum of the bytes received.
        computed: u32,
    },
    /// Too short for a header, or of another length than its header says.
    #[error("{length} bytes are no binlog event: {fault}")]
    Framing {
        /// How many bytes came.
        length: usize,
        /// What is wrong.
        fault: EventFault,
    },
    /// The bytes are not what the event's kind prescribes.
    #[error("{event} event ending at binlog position {log_pos}: {fault}")]
    Malformed {
        /// The kind of event.
        event: &'static str,
        /// Where the event ends in its file.
        log_pos: u32,
        /// What is wrong.
        fault: EventFault,
    },
}

/// What is wrong with an event's bytes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EventFault {
    /// They end too early.
    #[error(transparent)]
    Truncated(#[from] Truncated),
    /// They contradict the format.
    #[error("{0}")]
    Invalid(&'static str),
    /// The header's length is not the number of bytes.
    #[error("the header says {0} bytes")]
    Length(u32),
    /// A form of the event that is not read.
    #[error("{what} {value} is not supported")]
    Unsupported {
        /// The part of the event that has a form which is not read.
        what: &'static str,
        /// The number that stands there.
        value: u64,
    },
}
