//! [`EventHeader`]: the nineteen bytes at the start of every event, and the names of the events.

use super::error::{EventError, EventFault};
use crate::binlog::bytes::ByteReader;

/// The event was made by the sending server for this connection; it is in no file, and its position is not ours to keep.
const ARTIFICIAL: u16 = 0x20;
/// Whoever does not know the event's type may skip it.
const IGNORABLE: u16 = 0x80;
/// The binlog file was not closed when the event was written; only in FORMAT_DESCRIPTION.
pub(super) const BINLOG_IN_USE: u16 = 0x01;

/// The common header of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventHeader {
    /// When the statement began, in seconds since the epoch; 0 in artificial events.
    pub timestamp: u32,
    /// The type of the event, one of [`type_code`].
    pub type_code: u8,
    /// The server that wrote the event first.
    pub server_id: u32,
    /// The length of the whole event in bytes, header and checksum included.
    pub event_size: u32,
    /// Where the event *ends* in its binlog file, modulo 2^32; 0 inside a transaction payload.
    pub log_pos: u32,
    /// Bits; see the methods.
    pub flags: u16,
}

impl EventHeader {
    /// The length of a header.
    pub const LENGTH: usize = 19;

    /// Reads the header at the start of an event.
    pub fn parse(bytes: &[u8]) -> Result<Self, EventError> {
        Self::read(&mut ByteReader::new(bytes)).map_err(|fault| EventError::Framing {
            length: bytes.len(),
            fault,
        })
    }

    fn read(reader: &mut ByteReader<'_>) -> Result<Self, EventFault> {
        Ok(EventHeader {
            timestamp: reader.u32()?,
            type_code: reader.u8()?,
            server_id: reader.u32()?,
            event_size: reader.u32()?,
            log_pos: reader.u32()?,
            flags: reader.u16()?,
        })
    }

    /// Whether the server made the event for this connection only.
    pub fn is_artificial(&self) -> bool {
        self.flags & ARTIFICIAL != 0
    }

    /// Whether an event of unknown type may be skipped.
    pub fn is_ignorable(&self) -> bool {
        self.flags & IGNORABLE != 0
    }

    /// What MySQL calls the event's type.
    pub fn event_name(&self) -> &'static str {
        event_name(self.type_code)
    }
}

/// The numbers of the event types (`Log_event_type` of MySQL's sources).
pub mod type_code {
    /// A statement.
    pub const QUERY: u8 = 2;
    /// The server stopped.
    pub const STOP: u8 = 3;
    /// The next file.
    pub const ROTATE: u8 = 4;
    /// Statement logging: an automatic number.
    pub const INTVAR: u8 = 5;
    /// Statement logging: a block of LOAD DATA.
    pub const APPEND_BLOCK: u8 = 9;
    /// Statement logging: end of LOAD DATA.
    pub const DELETE_FILE: u8 = 11;
    /// Statement logging: seeds of RAND().
    pub const RAND: u8 = 13;
    /// Statement logging: a user variable.
    pub const USER_VAR: u8 = 14;
    /// The start of a file.
    pub const FORMAT_DESCRIPTION: u8 = 15;
    /// The commit of a transactional engine.
    pub const XID: u8 = 16;
    /// Statement logging: the start of LOAD DATA.
    pub const BEGIN_LOAD_QUERY: u8 = 17;
    /// Statement logging: LOAD DATA.
    pub const EXECUTE_LOAD_QUERY: u8 = 18;
    /// The layout of the rows that follow.
    pub const TABLE_MAP: u8 = 19;
    /// Inserted rows, MySQL 5.1 to 5.5.
    pub const WRITE_ROWS_V1: u8 = 23;
    /// Updated rows, MySQL 5.1 to 5.5.
    pub const UPDATE_ROWS_V1: u8 = 24;
    /// Deleted rows, MySQL 5.1 to 5.5.
    pub const DELETE_ROWS_V1: u8 = 25;
    /// The server may have lost events.
    pub const INCIDENT: u8 = 26;
    /// Nothing happened.
    pub const HEARTBEAT: u8 = 27;
    /// Something a reader may skip.
    pub const IGNORABLE: u8 = 28;
    /// The statement behind the rows that follow.
    pub const ROWS_QUERY: u8 = 29;
    /// Inserted rows.
    pub const WRITE_ROWS: u8 = 30;
    /// Updated rows.
    pub const UPDATE_ROWS: u8 = 31;
    /// Deleted rows.
    pub const DELETE_ROWS: u8 = 32;
    /// The start of a transaction with an identifier.
    pub const GTID: u8 = 33;
    /// The start of a transaction without an identifier.
    pub const ANONYMOUS_GTID: u8 = 34;
    /// The identifiers of all earlier files.
    pub const PREVIOUS_GTIDS: u8 = 35;
    /// Group replication: certification data.
    pub const TRANSACTION_CONTEXT: u8 = 36;
    /// Group replication: a new view.
    pub const VIEW_CHANGE: u8 = 37;
    /// The end of an XA transaction's first phase.
    pub const XA_PREPARE: u8 = 38;
    /// Updated rows whose JSON columns may be differences.
    pub const PARTIAL_UPDATE_ROWS: u8 = 39;
    /// A compressed transaction.
    pub const TRANSACTION_PAYLOAD: u8 = 40;
    /// Nothing happened, with a position of 64 bits.
    pub const HEARTBEAT_V2: u8 = 41;
    /// The start of a transaction with a tagged identifier.
    pub const GTID_TAGGED: u8 = 42;
}

/// What MySQL calls the event type `code`, as `SHOW BINLOG EVENTS` spells it.
pub fn event_name(code: u8) -> &'static str {
    match code {
        type_code::QUERY => "Query",
        type_code::STOP => "Stop",
        type_code::ROTATE => "Rotate",
        type_code::INTVAR => "Intvar",
        type_code::APPEND_BLOCK => "Append_block",
        type_code::DELETE_FILE => "Delete_file",
        type_code::RAND => "RAND",
        type_code::USER_VAR => "User var",
        type_code::FORMAT_DESCRIPTION => "Format_desc",
        type_code::XID => "Xid",
        type_code::BEGIN_LOAD_QUERY => "Begin_load_query",
        type_code::EXECUTE_LOAD_QUERY => "Execute_load_query",
        type_code::TABLE_MAP => "Table_map",
        type_code::WRITE_ROWS_V1 => "Write_rows_v1",
        type_code::UPDATE_ROWS_V1 => "Update_rows_v1",
        type_code::DELETE_ROWS_V1 => "Delete_rows_v1",
        type_code::INCIDENT => "Incident",
        type_code::HEARTBEAT => "Heartbeat",
        type_code::IGNORABLE => "Ignorable",
        type_code::ROWS_QUERY => "Rows_query",
        type_code::WRITE_ROWS => "Write_rows",
        type_code::UPDATE_ROWS => "Update_rows",
        type_code::DELETE_ROWS => "Delete_rows",
        type_code::GTID => "Gtid",
        type_code::ANONYMOUS_GTID => "Anonymous_Gtid",
        type_code::PREVIOUS_GTIDS => "Previous_gtids",
        type_code::TRANSACTION_CONTEXT => "Transaction_context",
        type_code::VIEW_CHANGE => "View_change",
        type_code::XA_PREPARE => "XA_prepare",
        type_code::PARTIAL_UPDATE_ROWS => "Update_rows_partial",
        type_code::TRANSACTION_PAYLOAD => "Transaction_payload",
        type_code::HEARTBEAT_V2 => "Heartbeat_v2",
        type_code::GTID_TAGGED => "Gtid_tagged",
        _ => "unknown",
    }
}
