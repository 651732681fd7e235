//! [`SourcePartition`] and [`SourceOffset`]: where a connector stands, in the JSON shape Kafka Connect stores.
//!
//! In the offsets topic the key is `["<connector>",<partition>]` and the value is the offset object, both compact JSON.
//! Field order matters for the key (its bytes choose the partition of the topic), so both keep insertion order.

use serde_json::{Map, Value};

/// What an offset belongs to, e.g. `{"server":"inventory"}`. Fixed for a connector's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcePartition(pub Map<String, Value>);

/// A position from which a connector can resume without losing or repeating a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceOffset(pub Map<String, Value>);

impl SourcePartition {
    /// A partition with one key, the usual case.
    pub fn single(key: &str, value: &str) -> Self {
        SourcePartition(Map::from_iter([(key.to_owned(), Value::from(value))]))
    }
}
