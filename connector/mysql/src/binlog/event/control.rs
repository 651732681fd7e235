//! The small events that steer the stream: [`RotateEvent`], [`HeartbeatEvent`], [`IncidentEvent`], [`XaPrepareEvent`].

use super::error::EventFault;
use crate::binlog::bytes::ByteReader;

/// The stream goes on in another file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RotateEvent<'a> {
    /// Where in that file.
    pub position: u64,
    /// The file's name.
    pub file: &'a str,
}

impl<'a> RotateEvent<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, EventFault> {
        let mut reader = ByteReader::new(body);
        Ok(RotateEvent {
            position: reader.u64()?,
            file: file_name(reader.rest())?,
        })
    }
}

/// The server has nothing to send, and is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeartbeatEvent<'a> {
    /// The file the server reads.
    pub file: &'a str,
    /// Where the server stands in it; `None` in the old form, which has only the header's 32 bits.
    pub position: Option<u64>,
}

impl<'a> HeartbeatEvent<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, EventFault> {
        Ok(HeartbeatEvent {
            file: file_name(body)?,
            position: None,
        })
    }

    /// Version 2 is a list of fields, each a type, a length and a value; 0 ends it.
    pub(super) fn parse_v2(body: &'a [u8]) -> Result<Self, EventFault> {
        let mut reader = ByteReader::new(body);
        let mut event = HeartbeatEvent {
            file: "",
            position: None,
        };
        while !reader.is_empty() {
            let field = reader.packed()?;
            if field == 0 {
                break;
            }
            let value = reader.packed_bytes()?;
            match field {
                1 => event.file = file_name(value)?,
                2 => event.position = Some(ByteReader::new(value).packed()?),
                _ => {}
            }
        }
        Ok(event)
    }
}

/// The server may have lost changes: nothing after it is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IncidentEvent<'a> {
    /// What happened; 1 is "lost events", the only one in use.
    pub code: u16,
    /// What the server says about it.
    pub message: &'a [u8],
}

impl<'a> IncidentEvent<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, EventFault> {
        let mut reader = ByteReader::new(body);
        let code = reader.u16()?;
        Ok(IncidentEvent {
            code,
            message: if reader.is_empty() { &[] } else { reader.short_bytes()? },
        })
    }
}

/// The rows before it belong to an XA transaction that was prepared and may still be rolled back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct XaPrepareEvent<'a> {
    /// `XA COMMIT ... ONE PHASE`: it is committed with this event.
    pub one_phase: bool,
    /// The identifier's format.
    pub format_id: u32,
    /// The global part of the identifier.
    pub gtrid: &'a [u8],
    /// The branch part of the identifier.
    pub bqual: &'a [u8],
}

impl<'a> XaPrepareEvent<'a> {
    /// The identifier as `XA COMMIT` has it, in lower case and without blanks.
    pub fn identifier(&self) -> String {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        format!("x'{}',x'{}',{}", hex(self.gtrid), hex(self.bqual), self.format_id)
    }

    pub(super) fn parse(body: &'a [u8]) -> Result<Self, EventFault> {
        let mut reader = ByteReader::new(body);
        let one_phase = reader.u8()? != 0;
        let format_id = reader.u32()?;
        let gtrid = reader.u32()? as usize;
        let bqual = reader.u32()? as usize;
        Ok(XaPrepareEvent {
            one_phase,
            format_id,
            gtrid: reader.take(gtrid)?,
            bqual: reader.take(bqual)?,
        })
    }
}

fn file_name(bytes: &[u8]) -> Result<&str, EventFault> {
    std::str::from_utf8(bytes).map_err(|_| EventFault::Invalid("the file name is not UTF-8"))
}
