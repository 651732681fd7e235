//! [`SourceRecord`]: one record on its way to a topic, borrowed from the connector.

use std::sync::Arc;

use crate::data::{Schema, WriteValue};

/// A record's key or value: what it is and how to write it.
#[derive(Clone, Copy)]
pub struct RecordPart<'a> {
    /// The schema. Converters cache their plans by the identity of this `Arc`: keep one per version of a table.
    pub schema: &'a Arc<Schema>,
    /// The value.
    pub value: &'a dyn WriteValue,
}

/// A header. The worker's header converter turns its value into bytes.
#[derive(Clone, Copy)]
pub struct Header<'a> {
    /// The header's name.
    pub name: &'a str,
    /// The header's value.
    pub value: RecordPart<'a>,
}

/// Headers that many records share, such as the identity of the task: texts. Built once, passed by `Arc`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeaderSet(pub Vec<(String, String)>);

/// Which partition of its topic a record goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Partitioning {
    /// Java's murmur2 of the serialised key, as the Java producer's default partitioner does; round robin without a key.
    #[default]
    ByKey,
    /// This partition.
    Fixed(i32),
}

/// One record for one topic. A record without a value is a tombstone.
#[derive(Clone, Copy)]
pub struct SourceRecord<'a> {
    /// The topic.
    pub topic: &'a str,
    /// Where in the topic.
    pub partitioning: Partitioning,
    /// The key, if the table has one.
    pub key: Option<RecordPart<'a>>,
    /// The value; `None` is a tombstone.
    pub value: Option<RecordPart<'a>>,
    /// Headers of this record alone; they come first.
    pub headers: &'a [Header<'a>],
    /// Headers shared with other records; they follow.
    pub shared_headers: &'a Arc<HeaderSet>,
    /// When the change was committed in the source, in milliseconds since the epoch; lag is measured from it.
    /// It is not the record's timestamp: Kafka's producer stamps that.
    pub committed_at_ms: Option<i64>,
}
