//! [`WireRecord`]: a record as it goes over the wire.

use rdkafka::message::{Header, OwnedHeaders};

/// Lengths, timestamp, offset and counts of a record and of a few headers: varints of KIP-98's message format, at most.
const FRAMING: u64 = 64;

/// Headers in the client's own form: made once, shared by many records.
#[derive(Debug, Clone)]
pub struct WireHeaders {
    pub(super) headers: OwnedHeaders,
    /// Of names and values.
    bytes: u64,
}

impl WireHeaders {
    /// These headers, in order.
    pub fn new<'a>(headers: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let mut built = WireHeaders {
            headers: OwnedHeaders::new(),
            bytes: 0,
        };
        for (key, value) in headers {
            built.bytes += (key.len() + value.len()) as u64;
            let value = Some(value);
            built.headers = built.headers.insert(Header { key, value });
        }
        built
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
    /// How much of a batch the record takes: rather too much than too little.
    pub(super) fn wire_bytes(&self) -> u64 {
        let size = |part: Option<&[u8]>| part.map_or(0, |bytes| bytes.len() as u64);
        FRAMING + size(self.key) + size(self.value) + self.headers.map_or(0, |headers| headers.bytes)
    }
}
