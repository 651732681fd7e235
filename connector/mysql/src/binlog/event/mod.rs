//! [`RawEvent`] and [`BinlogEvent`]: one event of the binlog, first as bytes, then as what it says.
//!
//! An event is cut out of a packet ([`RawEvent::split`]), its checksum is verified as a step of its own
//! ([`RawEvent::verify_checksum`]), and only then is it decoded ([`RawEvent::decode`]). Everything borrows from the
//! packet. The bytes come from outside: no length in them is believed, every read is checked, and an error names the
//! event and where it ends in the binlog file.
//!
//! The format is documented at <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_replication_binlog_event.html>
//! and, for what that page lacks, in the headers under `libs/mysql/binlog/event` of MySQL's sources.

mod control;
mod error;
#[cfg(test)]
pub(crate) mod fixture;
mod format;
mod gtid;
mod header;
mod query;
mod rows;
#[cfg(test)]
mod tests;

pub use control::{HeartbeatEvent, IncidentEvent, RotateEvent, XaPrepareEvent};
pub use error::{EventError, EventFault};
pub use format::EventFormat;
pub use gtid::GtidEvent;
pub use header::{EventHeader, type_code};
pub use query::QueryEvent;
pub use rows::{ColumnBitmap, RowsEvent, RowsKind};

use super::bytes::ByteReader;
use super::checksum::ChecksumAlgorithm;
use super::payload::TransactionPayload;
use super::table_map::TableMapEvent;

/// One event as it came: header, body, checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawEvent<'a> {
    header: EventHeader,
    bytes: &'a [u8],
    body: &'a [u8],
    checksum: ChecksumAlgorithm,
}

/// What an event says, as far as it matters to a reader of row changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BinlogEvent<'a> {
    /// The stream goes on in another file.
    Rotate(RotateEvent<'a>),
    /// A file begins.
    FormatDescription(EventFormat),
    /// The identifiers of all transactions in earlier files, encoded as in a dump request.
    PreviousGtids(&'a [u8]),
    /// A transaction begins.
    Gtid(GtidEvent<'a>),
    /// A statement.
    Query(QueryEvent<'a>),
    /// The layout of the rows that follow.
    TableMap(TableMapEvent<'a>),
    /// Changed rows.
    Rows(RowsEvent<'a>),
    /// A transaction commits.
    Xid {
        /// The number of the transaction on its server.
        xid: u64,
    },
    /// An XA transaction is prepared.
    XaPrepare(XaPrepareEvent<'a>),
    /// The events of a transaction, compressed.
    TransactionPayload(TransactionPayload<'a>),
    /// The text of the statement that changed the rows that follow (`binlog_rows_query_log_events`).
    RowsQuery(&'a [u8]),
    /// Nothing happened.
    Heartbeat(HeartbeatEvent<'a>),
    /// Changes may be missing from the binlog.
    Incident(IncidentEvent<'a>),
    /// The server stopped.
    Stop,
    /// Without meaning for row changes: IGNORABLE, and the bookkeeping of group replication.
    Ignorable,
    /// LOAD DATA, as a statement.
    LoadQuery(QueryEvent<'a>),
    /// What prepares the next statement and changes nothing itself: INTVAR, RAND, USER_VAR, and the blocks of a file for
    /// LOAD DATA.
    Preparation,
    /// A type this reader does not know.
    Unknown {
        /// The type.
        type_code: u8,
        /// Whether its writer said that it may be skipped.
        ignorable: bool,
    },
}

impl BinlogEvent<'_> {
    /// Whether every file of a binlog begins with it, or is followed by another one with it.
    pub fn is_head_of_file(&self) -> bool {
        matches!(
            self,
            BinlogEvent::Rotate(_) | BinlogEvent::FormatDescription(_) | BinlogEvent::PreviousGtids(_)
        )
    }
}

impl<'a> RawEvent<'a> {
    /// Cuts the event into its parts. `bytes` is exactly one event, which ends with a checksum of this algorithm.
    ///
    /// FORMAT_DESCRIPTION declares its algorithm itself.
    pub fn split(bytes: &'a [u8], checksum: ChecksumAlgorithm) -> Result<Self, EventError> {
        let header = EventHeader::parse(bytes)?;
        let framing = |fault| EventError::Framing {
            length: bytes.len(),
            fault,
        };
        if usize::try_from(header.event_size) != Ok(bytes.len()) {
            return Err(framing(EventFault::Length(header.event_size)));
        }
        let (checksum, footer) = if header.type_code == type_code::FORMAT_DESCRIPTION {
            let declared = EventFormat::declared_checksum(bytes).map_err(framing)?;
            // The algorithm itself and four bytes, which are there (and mean nothing) with the algorithm NONE, too.
            (declared, 5)
        } else {
            (checksum, checksum.length())
        };
        let mut reader = ByteReader::new(bytes);
        let body = reader.take(EventHeader::LENGTH).and_then(|_| {
            let length = reader.rest().len();
            reader.take(length.checked_sub(footer).unwrap_or(length + footer))
        });
        let body = body.map_err(|fault| framing(fault.into()))?;
        Ok(RawEvent {
            header,
            bytes,
            body,
            checksum,
        })
    }

    /// The header.
    pub fn header(&self) -> &EventHeader {
        &self.header
    }

    /// The whole event, as it stands in the binlog file.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The statement of a QUERY event, found without decoding the rest; `None` of any other event, and of one that is too short.
    pub fn sql(&self) -> Option<&'a [u8]> {
        match self.header.type_code {
            type_code::QUERY => QueryEvent::sql_in(self.body),
            _ => None,
        }
    }

    /// Compares the event's checksum, if it has one, with its bytes.
    pub fn verify_checksum(&self) -> Result<(), EventError> {
        if self.checksum == ChecksumAlgorithm::None {
            return Ok(());
        }
        let Some((covered, stored)) = self.bytes.split_last_chunk::<4>() else {
            return Ok(());
        };
        let mut hasher = crc32fast::Hasher::new();
        match covered.split_first_chunk::<{ EventHeader::LENGTH }>() {
            // The server sets this flag in the file after it computed the checksum, and takes it away when it closes the file.
            Some((header, rest)) if self.header.type_code == type_code::FORMAT_DESCRIPTION => {
                let mut header = *header;
                header[17] &= !(header::BINLOG_IN_USE as u8);
                hasher.update(&header);
                hasher.update(rest);
            }
            _ => hasher.update(covered),
        }
        let (stored, computed) = (u32::from_le_bytes(*stored), hasher.finalize());
        if stored == computed {
            return Ok(());
        }
        Err(EventError::Checksum {
            event: self.header.event_name(),
            log_pos: self.header.log_pos,
            stored,
            computed,
        })
    }

    /// Reads what the event says. `format` is that of the event's file.
    pub fn decode(&self, format: &EventFormat) -> Result<BinlogEvent<'a>, EventError> {
        self.decode_body(format).map_err(|fault| EventError::Malformed {
            event: self.header.event_name(),
            log_pos: self.header.log_pos,
            fault,
        })
    }

    fn decode_body(&self, format: &EventFormat) -> Result<BinlogEvent<'a>, EventFault> {
        let (code, body) = (self.header.type_code, self.body);
        Ok(match code {
            type_code::ROTATE => BinlogEvent::Rotate(RotateEvent::parse(body)?),
            type_code::FORMAT_DESCRIPTION => BinlogEvent::FormatDescription(EventFormat::parse(body, self.checksum)?),
            type_code::PREVIOUS_GTIDS => BinlogEvent::PreviousGtids(body),
            type_code::GTID => BinlogEvent::Gtid(GtidEvent::parse(body, false)?),
            type_code::ANONYMOUS_GTID => BinlogEvent::Gtid(GtidEvent::parse(body, true)?),
            type_code::GTID_TAGGED => BinlogEvent::Gtid(GtidEvent::parse_tagged(body)?),
            type_code::QUERY => BinlogEvent::Query(QueryEvent::parse(body)?),
            type_code::TABLE_MAP => BinlogEvent::TableMap(TableMapEvent::parse(
                body,
                format.table_id_width(code),
                self.header.log_pos,
            )?),
            type_code::WRITE_ROWS
            | type_code::UPDATE_ROWS
            | type_code::DELETE_ROWS
            | type_code::PARTIAL_UPDATE_ROWS
            | type_code::WRITE_ROWS_V1
            | type_code::UPDATE_ROWS_V1
            | type_code::DELETE_ROWS_V1 => {
                BinlogEvent::Rows(RowsEvent::parse(code, body, format.table_id_width(code))?)
            }
            type_code::XID => BinlogEvent::Xid {
                xid: ByteReader::new(body).u64()?,
            },
            type_code::XA_PREPARE => BinlogEvent::XaPrepare(XaPrepareEvent::parse(body)?),
            type_code::TRANSACTION_PAYLOAD => {
                BinlogEvent::TransactionPayload(TransactionPayload::parse(body, self.header.log_pos)?)
            }
            // One byte of a length too small for long statements; the text goes to the end.
            type_code::ROWS_QUERY => BinlogEvent::RowsQuery(body.get(1..).unwrap_or_default()),
            type_code::HEARTBEAT => BinlogEvent::Heartbeat(HeartbeatEvent::parse(body)?),
            type_code::HEARTBEAT_V2 => BinlogEvent::Heartbeat(HeartbeatEvent::parse_v2(body)?),
            type_code::INCIDENT => BinlogEvent::Incident(IncidentEvent::parse(body)?),
            type_code::STOP => BinlogEvent::Stop,
            type_code::IGNORABLE | type_code::TRANSACTION_CONTEXT | type_code::VIEW_CHANGE => BinlogEvent::Ignorable,
            type_code::EXECUTE_LOAD_QUERY => BinlogEvent::LoadQuery(QueryEvent::parse_load(body)?),
            type_code::INTVAR
            | type_code::RAND
            | type_code::USER_VAR
            | type_code::APPEND_BLOCK
            | type_code::DELETE_FILE
            | type_code::BEGIN_LOAD_QUERY => BinlogEvent::Preparation,
            _ => BinlogEvent::Unknown {
                type_code: code,
                ignorable: self.header.is_ignorable(),
            },
        })
    }
}
