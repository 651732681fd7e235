//! [`WireRecord`]: a record as it goes over the wire, and how much it takes there.
//!
//! Sizes are those of the message format v2 (<https://kafka.apache.org/documentation/#messageformat>), counted as the client
//! does: every varint as if it were as long as it can be.

use rdkafka::message::{Header, OwnedHeaders};

/// The head of a batch, in bytes: the smallest batch has one record.
const BATCH_HEAD: usize = 61;
/// Lengths, attributes, time, offset and count of headers of a record.
const RECORD_FRAME: usize = 36;
/// The two lengths of a header.
const HEADER_FRAME: usize = 10;

/// How many bytes a record with these parts takes in a batch, at most; `headers` as [`WireHeaders::bytes`] says.
pub fn record_bytes(key: usize, value: usize, headers: usize) -> usize {
    RECORD_FRAME + key + value + headers
}

/// How many bytes a batch with nothing but one record takes, at most: what `max.request.size` limits.
pub fn batch_bytes(record: usize) -> usize {
    BATCH_HEAD + record
}

/// Headers in the client's own form: made once, shared by many records.
#[derive(Debug, Clone, Default)]
pub struct WireHeaders {
    pub(super) headers: OwnedHeaders,
    /// On the wire, at most.
    bytes: usize,
}

impl WireHeaders {
    /// Adds one behind the others.
    pub fn push(&mut self, key: &str, value: Option<&[u8]>) {
        self.bytes += HEADER_FRAME + key.len() + value.map_or(0, <[u8]>::len);
        self.headers = std::mem::take(&mut self.headers).insert(Header { key, value });
    }

    /// How many bytes they take, at most.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

/// A record as it goes over the wire.
#[derive(Debug, Clone, Copy)]
pub struct WireRecord<'a> {
    pub topic: &'a str,
    pub partition: i32,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub headers: Option<&'a WireHeaders>,
    /// In milliseconds since the epoch; `None`: when it is handed to the producer.
    pub timestamp_ms: Option<i64>,
}

impl WireRecord<'_> {
    /// How many bytes the record takes in a batch, at most.
    pub(super) fn wire_bytes(&self) -> usize {
        let size = |part: Option<&[u8]>| part.map_or(0, <[u8]>::len);
        let headers = self.headers.map_or(0, |headers| headers.bytes);
        record_bytes(size(self.key), size(self.value), headers)
    }
}
