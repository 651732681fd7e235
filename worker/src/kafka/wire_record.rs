//! [`WireRecord`]: a record as it goes over the wire, and how much it takes there.

use wire::{BATCH_HEAD, Headers};

/// Headers as they go over the wire: made once, shared by many records.
pub type WireHeaders = Headers;

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

/// How many bytes a batch with nothing but one record takes, at most, from the lengths of its key, its value and its headers: what
/// `max.request.size` limits, counted as Java does.
pub fn batch_bytes(key: Option<usize>, value: Option<usize>, headers: usize) -> usize {
    BATCH_HEAD + wire::record_bytes(key, value, headers)
}
