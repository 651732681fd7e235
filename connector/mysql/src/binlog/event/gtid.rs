//! [`GtidEvent`]: the start of a transaction, with its identifier and the time of its commit.
//!
//! Two forms on the wire. GTID and ANONYMOUS_GTID have fixed fields, of which later versions of MySQL appended more.
//! GTID_TAGGED (MySQL 8.3) is a message of MySQL's serialization library: numbered fields whose integers take one to nine
//! bytes (<https://dev.mysql.com/doc/dev/mysql-server/latest/PageLibsMysqlSerialization.html>).

use super::error::EventFault;
use crate::binlog::bytes::{ByteReader, Truncated};

/// Logical timestamps of this kind follow the identifier, and everything later versions added follows them.
const LOGICAL_TIMESTAMPS: u8 = 2;
/// A commit timestamp of seven bytes with this bit says that the original one follows.
const HAS_ORIGINAL_TIMESTAMP: u64 = 1 << 55;
/// The only version of the serialization framework so far.
const SERIALIZATION_VERSION: u8 = 2;
/// Tags are at most this long.
const MAX_TAG: usize = 32;

/// The start of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GtidEvent<'a> {
    /// The transaction has no identifier (`gtid_mode=OFF`): `uuid`, `tag` and `gno` mean nothing.
    pub anonymous: bool,
    /// The server that committed the transaction first.
    pub uuid: [u8; 16],
    /// The identifier's tag; empty if it has none.
    pub tag: &'a str,
    /// The number within server and tag.
    pub gno: u64,
    /// Whether parts of the transaction may be logged as statements.
    pub may_have_statements: bool,
    /// The `sequence_number` of the transaction it depends on.
    pub last_committed: u64,
    /// Its own logical time in this binlog file.
    pub sequence_number: u64,
    /// When the server we read from committed it, in microseconds since the epoch.
    pub immediate_commit_us: Option<u64>,
    /// When the server it came from committed it, in microseconds since the epoch.
    pub original_commit_us: Option<u64>,
    /// The length of the transaction in the binlog, this event included, uncompressed.
    pub transaction_length: Option<u64>,
}

impl<'a> GtidEvent<'a> {
    /// Reads the body of a GTID or ANONYMOUS_GTID event.
    pub(super) fn parse(body: &[u8], anonymous: bool) -> Result<Self, EventFault> {
        let mut reader = ByteReader::new(body);
        let mut event = GtidEvent {
            anonymous,
            ..GtidEvent::default()
        };
        event.may_have_statements = reader.u8()? & 1 != 0;
        event.uuid = reader.array()?;
        event.gno = reader.u64()?;
        if reader.rest().first() != Some(&LOGICAL_TIMESTAMPS) {
            return Ok(event);
        }
        reader.u8()?;
        event.last_committed = reader.u64()?;
        event.sequence_number = reader.u64()?;
        if reader.rest().len() >= 7 {
            let immediate = reader.uint(7)?;
            let original = if immediate & HAS_ORIGINAL_TIMESTAMP == 0 {
                immediate
            } else {
                reader.uint(7)?
            };
            event.immediate_commit_us = known(immediate & !HAS_ORIGINAL_TIMESTAMP);
            event.original_commit_us = known(original);
        }
        if !reader.is_empty() {
            event.transaction_length = Some(reader.packed()?);
        }
        Ok(event)
    }

    /// Reads the body of a GTID_TAGGED event.
    pub(super) fn parse_tagged(body: &'a [u8]) -> Result<Self, EventFault> {
        let mut reader = ByteReader::new(body);
        let version = reader.u8()?;
        if version != SERIALIZATION_VERSION {
            return Err(EventFault::Unsupported {
                what: "serialization version",
                value: u64::from(version),
            });
        }
        // The size counts from the version on and includes itself.
        let size = usize::try_from(varlen(&mut reader)?).unwrap_or(usize::MAX);
        let last_needed_field = varlen(&mut reader)?;
        let fields = size
            .checked_sub(reader.offset())
            .ok_or(EventFault::Invalid("the message is shorter than its own header"))?;
        let mut fields = ByteReader::new(reader.take(fields)?);
        let mut event = GtidEvent::default();
        while !fields.is_empty() {
            let field = varlen(&mut fields)?;
            if !event.read_field(field, &mut fields)? {
                if field <= last_needed_field {
                    return Err(EventFault::Unsupported {
                        what: "field",
                        value: field,
                    });
                }
                // An optional field of a later version: its length is unknown, but nothing we need comes after it.
                break;
            }
        }
        event.original_commit_us = event.original_commit_us.or(event.immediate_commit_us);
        Ok(event)
    }

    fn read_field(&mut self, field: u64, reader: &mut ByteReader<'a>) -> Result<bool, EventFault> {
        match field {
            0 => self.may_have_statements = varlen(reader)? & 1 != 0,
            1 => {
                for byte in &mut self.uuid {
                    let value = varlen(reader)?;
                    *byte = u8::try_from(value).map_err(|_| EventFault::Invalid("a byte of the UUID is too large"))?;
                }
            }
            2 => self.gno = signed(reader)?,
            3 => self.tag = tag(reader)?,
            4 => self.last_committed = signed(reader)?,
            5 => self.sequence_number = signed(reader)?,
            6 => self.immediate_commit_us = known(varlen(reader)?),
            7 => self.original_commit_us = known(varlen(reader)?),
            8 => self.transaction_length = Some(varlen(reader)?),
            // The versions of the two servers and the group commit's ticket.
            9..=11 => {
                varlen(reader)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn known(timestamp: u64) -> Option<u64> {
    (timestamp != 0).then_some(timestamp)
}

/// An integer of one to nine bytes: the number of trailing ones in the first byte is the number of further bytes.
fn varlen(reader: &mut ByteReader<'_>) -> Result<u64, Truncated> {
    let first = reader.rest().first().copied().unwrap_or_default();
    let width = first.trailing_ones() as usize + 1;
    if width > 8 {
        reader.u8()?;
        return reader.u64();
    }
    Ok(reader.uint(width)? >> width)
}

/// A signed integer that cannot be negative here; its lowest bit is the sign.
fn signed(reader: &mut ByteReader<'_>) -> Result<u64, EventFault> {
    let value = varlen(reader)?;
    if value & 1 != 0 {
        Err(EventFault::Invalid("a number is negative"))
    } else {
        Ok(value >> 1)
    }
}

fn tag<'a>(reader: &mut ByteReader<'a>) -> Result<&'a str, EventFault> {
    let length = usize::try_from(varlen(reader)?).unwrap_or(usize::MAX);
    let tag = reader.take(length)?;
    match std::str::from_utf8(tag) {
        Ok(tag) if length <= MAX_TAG => Ok(tag),
        _ => Err(EventFault::Invalid("the tag is no tag")),
    }
}
