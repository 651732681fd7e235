//! A batch of records in Kafka's format v2, from its first record to the bytes that are sent.
//!
//! An [`OpenBatch`] is written where it will be sent from: 61 bytes are left for its head, and records follow as they are
//! appended. A [`SealedBatch`] takes no more; what it is sent with (producer, epoch, sequence) is stamped into the head when
//! it is sent for the first time, and then its checksum is taken. A repetition sends the same bytes.
//!
//! The format: <https://kafka.apache.org/documentation/#recordbatch>

use std::time::Instant;

use super::compression::{Compression, Compressor};
use super::headers::Headers;
use crate::protocol::varint;

/// The head of a batch in bytes.
pub const BATCH_HEAD: usize = 61;
/// Where its fields lie.
pub(super) const LENGTH: usize = 8;
pub(super) const MAGIC: usize = 16;
pub(super) const CHECKSUM: usize = 17;
pub(super) const ATTRIBUTES: usize = 21;
pub(super) const LAST_OFFSET_DELTA: usize = 23;
const BASE_TIMESTAMP: usize = 27;
const MAX_TIMESTAMP: usize = 35;
pub(super) const PRODUCER_ID: usize = 43;
const PRODUCER_EPOCH: usize = 51;
const BASE_SEQUENCE: usize = 53;
pub(super) const RECORDS: usize = 57;
/// What the length counts begins behind it.
pub(super) const COUNTED: usize = 12;
pub(super) const TRANSACTIONAL: i16 = 1 << 4;
pub(super) const FORMAT: u8 = 2;
/// Length, attributes, time and offset of a record, the varints among them as long as they can be.
const RECORD_FRAME: usize = 21;
/// Lengths of a record are signed 32 bit numbers.
const LONGEST_RECORD: usize = i32::MAX as usize;

/// A record to be appended.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub headers: &'a Headers,
    /// In milliseconds since the epoch.
    pub timestamp_ms: i64,
}

impl Record<'_> {
    /// How many bytes it takes in a batch, at most.
    pub fn bytes(&self) -> usize {
        let length = |part: Option<&[u8]>| part.map(<[u8]>::len);
        record_bytes(length(self.key), length(self.value), self.headers.bytes())
    }
}

/// How many bytes a record takes in a batch, at most, of whose key and value these are the lengths: Java's bound
/// (`DefaultRecord.recordSizeUpperBound`), which `max.request.size` limits together with a batch's head.
pub fn record_bytes(key: Option<usize>, value: Option<usize>, headers: usize) -> usize {
    RECORD_FRAME + sized(key) + sized(value) + headers
}

/// What a batch is sent with: who sends it, and which of the partition's records it begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) producer_id: i64,
    pub(crate) epoch: i16,
    pub(crate) sequence: i32,
    pub(crate) is_transactional: bool,
}

/// A batch that takes more records.
pub(crate) struct OpenBatch {
    bytes: Vec<u8>,
    records: i32,
    base_timestamp: i64,
    max_timestamp: i64,
    /// When its first record came.
    began: Instant,
}

impl OpenBatch {
    /// An empty one, in a buffer whose contents are gone.
    pub(crate) fn new(mut buffer: Vec<u8>, began: Instant) -> Self {
        buffer.clear();
        buffer.resize(BATCH_HEAD, 0);
        OpenBatch {
            bytes: buffer,
            records: 0,
            base_timestamp: 0,
            max_timestamp: 0,
            began,
        }
    }

    /// Its size, uncompressed.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// How much memory it holds.
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    pub(crate) fn records(&self) -> i32 {
        self.records
    }

    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    /// Appends a record. Whether there is room is the caller's to know.
    pub(crate) fn push(&mut self, record: &Record<'_>) {
        if self.records == 0 {
            self.base_timestamp = record.timestamp_ms;
            self.max_timestamp = record.timestamp_ms;
        }
        self.max_timestamp = self.max_timestamp.max(record.timestamp_ms);
        let delta = varint::zigzag(record.timestamp_ms.wrapping_sub(self.base_timestamp));
        let offset = varint::zigzag(i64::from(self.records));
        let length = 1
            + varint::length(delta)
            + varint::length(offset)
            + sized(record.key.map(<[u8]>::len))
            + sized(record.value.map(<[u8]>::len))
            + record.headers.bytes();
        self.bytes.reserve(varint::LONGEST + length);
        varint::put_signed(&mut self.bytes, varint::signed(length));
        self.bytes.push(0);
        varint::put(&mut self.bytes, delta);
        varint::put(&mut self.bytes, offset);
        put_part(&mut self.bytes, record.key);
        put_part(&mut self.bytes, record.value);
        record.headers.put(&mut self.bytes);
        self.records += 1;
    }

    /// The memory of one that is not sent.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.bytes
    }

    /// Takes no more records. Compressed, they go into `spare`, and what they were in comes back.
    ///
    /// # Errors
    /// The compression fails; then the batch is gone.
    pub(crate) fn seal(
        self,
        compressor: &mut Compressor,
        spare: impl FnOnce() -> Vec<u8>,
    ) -> std::io::Result<(SealedBatch, Option<Vec<u8>>)> {
        let OpenBatch {
            mut bytes,
            records,
            base_timestamp,
            max_timestamp,
            began,
        } = self;
        let mut left = None;
        if compressor.compression() != Compression::None {
            let mut compressed = spare();
            compressed.clear();
            compressed.resize(BATCH_HEAD, 0);
            compressor.compress(&bytes[BATCH_HEAD..], &mut compressed)?;
            left = Some(std::mem::replace(&mut bytes, compressed));
        }
        let length = i32::try_from(bytes.len() - COUNTED).map_err(std::io::Error::other)?;
        put_field(&mut bytes, LENGTH, length.to_be_bytes());
        // The leader's epoch, behind the length, is the broker's to say.
        put_field(&mut bytes, COUNTED, (-1_i32).to_be_bytes());
        bytes[MAGIC] = FORMAT;
        put_field(
            &mut bytes,
            ATTRIBUTES,
            compressor.compression().attribute().to_be_bytes(),
        );
        put_field(&mut bytes, LAST_OFFSET_DELTA, (records - 1).to_be_bytes());
        put_field(&mut bytes, BASE_TIMESTAMP, base_timestamp.to_be_bytes());
        put_field(&mut bytes, MAX_TIMESTAMP, max_timestamp.to_be_bytes());
        put_field(&mut bytes, RECORDS, records.to_be_bytes());
        Ok((SealedBatch { bytes, records, began }, left))
    }
}

/// A batch that is complete but for its [`Stamp`].
pub(crate) struct SealedBatch {
    bytes: Vec<u8>,
    pub(crate) records: i32,
    pub(crate) began: Instant,
}

impl SealedBatch {
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// What is sent.
    pub(crate) fn stamp(mut self, stamp: &Stamp) -> Vec<u8> {
        let bytes = &mut self.bytes;
        if stamp.is_transactional {
            let attributes = i16::from_be_bytes([bytes[ATTRIBUTES], bytes[ATTRIBUTES + 1]]) | TRANSACTIONAL;
            put_field(bytes, ATTRIBUTES, attributes.to_be_bytes());
        }
        put_field(bytes, PRODUCER_ID, stamp.producer_id.to_be_bytes());
        put_field(bytes, PRODUCER_EPOCH, stamp.epoch.to_be_bytes());
        put_field(bytes, BASE_SEQUENCE, stamp.sequence.to_be_bytes());
        let checksum = crc32c::crc32c(&bytes[ATTRIBUTES..]);
        put_field(bytes, CHECKSUM, checksum.to_be_bytes());
        self.bytes
    }

    /// The memory of one that is not sent.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.bytes
    }
}

/// Whether a record of this size can be written down at all.
pub(crate) fn is_encodable(record: usize) -> bool {
    record <= LONGEST_RECORD
}

fn put_field<const N: usize>(bytes: &mut [u8], at: usize, field: [u8; N]) {
    bytes[at..at + N].copy_from_slice(&field);
}

/// A key or value of this length, behind its length.
fn sized(part: Option<usize>) -> usize {
    match part {
        Some(length) => varint::length(varint::zigzag(varint::signed(length))) + length,
        None => varint::length(varint::zigzag(-1)),
    }
}

fn put_part(bytes: &mut Vec<u8>, part: Option<&[u8]>) {
    match part {
        Some(part) => {
            varint::put_signed(bytes, varint::signed(part.len()));
            bytes.extend_from_slice(part);
        }
        None => varint::put_signed(bytes, -1),
    }
}
