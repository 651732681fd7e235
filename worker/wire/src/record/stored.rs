//! [`StoredBatch`]: a batch of records as a broker hands it out, in format v2 (<https://kafka.apache.org/documentation/#recordbatch>).
//!
//! Bytes from outside: nothing is reserved for what they announce, and what does not fit together is an error.

use super::batch::{
    ATTRIBUTES, BATCH_HEAD, CHECKSUM, COUNTED, FORMAT, LAST_OFFSET_DELTA, LENGTH, MAGIC, PRODUCER_ID, RECORDS,
    TRANSACTIONAL,
};
use super::compression::decompress;
use crate::protocol::varint;

/// The batch is one of markers, which no reader is shown.
const CONTROL: i16 = 1 << 5;
/// The lowest three bits of the attributes.
const COMPRESSION: i16 = 0b111;
/// The type of the marker that aborts a transaction, in the key of its record.
const ABORT: i16 = 0;

/// Why bytes are no batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("offset {offset}: {what}")]
pub(crate) struct Damaged {
    offset: i64,
    what: String,
}

/// A batch whose checksum is right.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredBatch<'a> {
    pub(crate) first_offset: i64,
    pub(crate) last_offset: i64,
    pub(crate) producer_id: i64,
    attributes: i16,
    count: i32,
    records: &'a [u8],
}

/// A record, borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoredRecord<'a> {
    pub(crate) offset: i64,
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) value: Option<&'a [u8]>,
}

/// Takes the next batch off `bytes`; `None` where there is none, or only the beginning of one.
pub(crate) fn next_batch<'a>(bytes: &mut &'a [u8]) -> Result<Option<StoredBatch<'a>>, Damaged> {
    if bytes.len() < BATCH_HEAD {
        return Ok(None);
    }
    let first_offset = i64::from_be_bytes(field(bytes, 0));
    let damaged = |what: String| Damaged {
        offset: first_offset,
        what,
    };
    let format = bytes[MAGIC];
    if format != FORMAT {
        return Err(damaged(format!(
            "its format is {format}, and only 2 is read: it was written before Kafka 0.11"
        )));
    }
    let length = i32::from_be_bytes(field(bytes, LENGTH));
    let total = usize::try_from(length).map_or(0, |length| length.saturating_add(COUNTED));
    if total < BATCH_HEAD {
        return Err(damaged(format!("its length is {length}")));
    }
    let Some((batch, rest)) = bytes.split_at_checked(total) else {
        return Ok(None);
    };
    if crc32c::crc32c(&batch[ATTRIBUTES..]) != u32::from_be_bytes(field(batch, CHECKSUM)) {
        return Err(damaged("its checksum is wrong".to_owned()));
    }
    let last = i32::from_be_bytes(field(batch, LAST_OFFSET_DELTA));
    *bytes = rest;
    Ok(Some(StoredBatch {
        first_offset,
        last_offset: first_offset.saturating_add(i64::from(last)),
        producer_id: i64::from_be_bytes(field(batch, PRODUCER_ID)),
        attributes: i16::from_be_bytes(field(batch, ATTRIBUTES)),
        count: i32::from_be_bytes(field(batch, RECORDS)),
        records: &batch[BATCH_HEAD..],
    }))
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut field = [0; N];
    field.copy_from_slice(&bytes[at..at + N]);
    field
}

impl<'a> StoredBatch<'a> {
    pub(crate) fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL != 0
    }

    pub(crate) fn is_control(&self) -> bool {
        self.attributes & CONTROL != 0
    }

    /// Whether it is the marker that aborts its producer's transaction.
    pub(crate) fn aborts(&self) -> bool {
        let mut is_abort = false;
        let read = self.records(&mut |record| {
            let kind = record.key.and_then(|key| key.get(2..4));
            is_abort |= kind == Some(&ABORT.to_be_bytes()[..]);
        });
        self.is_control() && read.is_ok() && is_abort
    }

    /// Shows its records, in order.
    pub(crate) fn records(&self, visit: &mut dyn FnMut(StoredRecord<'_>)) -> Result<(), Damaged> {
        let damaged = |what: String| Damaged {
            offset: self.first_offset,
            what,
        };
        let expanded;
        let mut bytes = match self.attributes & COMPRESSION {
            0 => self.records,
            kind => {
                expanded = decompress(kind, self.records).map_err(|error| damaged(error.to_string()))?;
                &expanded[..]
            }
        };
        for _ in 0..self.count {
            let record = self
                .record(&mut bytes)
                .ok_or_else(|| damaged("a record ends too early".to_owned()))?;
            visit(record);
        }
        Ok(())
    }

    fn record<'b>(&self, bytes: &mut &'b [u8]) -> Option<StoredRecord<'b>> {
        let length = usize::try_from(varint::take_signed(bytes)?).ok()?;
        let (mut record, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        // Attributes, of which there are none yet.
        record = record.get(1..)?;
        varint::take_signed(&mut record)?;
        let delta = varint::take_signed(&mut record)?;
        Some(StoredRecord {
            offset: self.first_offset.checked_add(delta)?,
            key: part(&mut record)?,
            value: part(&mut record)?,
        })
    }
}

fn part<'b>(bytes: &mut &'b [u8]) -> Option<Option<&'b [u8]>> {
    let Ok(length) = usize::try_from(varint::take_signed(bytes)?) else {
        return Some(None);
    };
    let (part, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(Some(part))
}
