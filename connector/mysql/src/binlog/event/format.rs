//! [`EventFormat`]: what the FORMAT_DESCRIPTION event at the start of a binlog file says about the events after it.

use super::error::EventFault;
use super::header::EventHeader;
use crate::binlog::bytes::ByteReader;
use crate::binlog::checksum::ChecksumAlgorithm;

/// The server's version is a string padded with zeros to this length.
const VERSION_LENGTH: usize = 50;

/// The format of the events of one binlog file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFormat {
    /// What the server calls its version, e.g. `9.7.4`; empty before the first FORMAT_DESCRIPTION.
    pub server_version: String,
    /// How the events after it are protected.
    pub checksum: ChecksumAlgorithm,
    post_header_lengths: Vec<u8>,
}

impl EventFormat {
    /// The format before any FORMAT_DESCRIPTION was seen. The artificial ROTATE that a server sends first already carries
    /// a checksum if the client asked for one by `SET @source_binlog_checksum`: `checksum` is what was asked for.
    pub fn negotiated(checksum: ChecksumAlgorithm) -> Self {
        EventFormat {
            server_version: String::new(),
            checksum,
            post_header_lengths: Vec::new(),
        }
    }

    /// Reads the body of a FORMAT_DESCRIPTION event (format version 4, that is MySQL 5.0 and later).
    /// The algorithm stands between the list of lengths and the event's own checksum, which is there with every algorithm.
    pub(super) fn parse(body: &[u8], checksum: ChecksumAlgorithm) -> Result<Self, EventFault> {
        let mut reader = ByteReader::new(body);
        let version = reader.u16()?;
        if version != 4 {
            return Err(EventFault::Unsupported {
                what: "binlog format version",
                value: u64::from(version),
            });
        }
        let server_version = reader.take(VERSION_LENGTH)?;
        let server_version = server_version.split(|byte| *byte == 0).next().unwrap_or_default();
        reader.u32()?;
        let header_length = reader.u8()?;
        if usize::from(header_length) != EventHeader::LENGTH {
            return Err(EventFault::Unsupported {
                what: "event header length",
                value: u64::from(header_length),
            });
        }
        Ok(EventFormat {
            server_version: String::from_utf8_lossy(server_version).into_owned(),
            checksum,
            post_header_lengths: reader.rest().to_vec(),
        })
    }

    /// The checksum algorithm that the FORMAT_DESCRIPTION event `bytes` declares: the byte before its own checksum.
    pub(super) fn declared_checksum(bytes: &[u8]) -> Result<ChecksumAlgorithm, EventFault> {
        let code = bytes.len().checked_sub(5).and_then(|at| bytes.get(at));
        let code = *code.ok_or(EventFault::Invalid("it is too short to declare a checksum algorithm"))?;
        ChecksumAlgorithm::from_code(code).ok_or(EventFault::Unsupported {
            what: "checksum algorithm",
            value: u64::from(code),
        })
    }

    /// How many bytes a table id takes in events of this type: six, except in files of MySQL before 5.1.4.
    pub(super) fn table_id_width(&self, type_code: u8) -> usize {
        let length = usize::from(type_code)
            .checked_sub(1)
            .and_then(|at| self.post_header_lengths.get(at));
        if length == Some(&6) { 4 } else { 6 }
    }
}
