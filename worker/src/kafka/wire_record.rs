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

/// How many bytes a record with these parts takes in a batch, at most; `headers` as [`header_bytes`] says.
pub fn record_bytes(key: usize, value: usize, headers: usize) -> usize {
    RECORD_FRAME + key + value + headers
}

/// How many bytes a batch with nothing but one record takes, at most: what `max.request.size` limits.
pub fn batch_bytes(record: usize) -> usize {
    BATCH_HEAD + record
}

/// How many bytes headers of these names and values take, at most.
pub fn header_bytes<'a>(headers: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> usize {
    let sizes = headers.into_iter();
    sizes.map(|(name, value)| HEADER_FRAME + name.len() + value.len()).sum()
}

/// Headers in the client's own form: made once, shared by many records.
#[derive(Debug, Clone)]
pub struct WireHeaders {
    pub(super) headers: OwnedHeaders,
    /// On the wire.
    bytes: usize,
}

impl WireHeaders {
    /// These headers, in order.
    pub fn new<'a>(headers: impl IntoIterator<Item = (&'a str, &'a [u8])> + Clone) -> Self {
        let bytes = header_bytes(headers.clone());
        let insert = |built: OwnedHeaders, (key, value): (&str, &[u8])| {
            let value = Some(value);
            built.insert(Header { key, value })
        };
        let headers = headers.into_iter().fold(OwnedHeaders::new(), insert);
        WireHeaders { headers, bytes }
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
}

impl WireRecord<'_> {
    /// How many bytes the record takes in a batch, at most.
    pub(super) fn wire_bytes(&self) -> usize {
        let size = |part: Option<&[u8]>| part.map_or(0, <[u8]>::len);
        let headers = self.headers.map_or(0, |headers| headers.bytes);
        record_bytes(size(self.key), size(self.value), headers)
    }
}
