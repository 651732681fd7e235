//! [`Record`]: one record of a topic, as bytes of its own.

use std::sync::Arc;
use std::time::SystemTime;

use crate::kafka::LogRecord;

/// A record, and when it was seen.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub topic: Arc<str>,
    pub partition: i32,
    pub offset: i64,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    /// When it became visible to this `read_committed` reader.
    pub seen_at: SystemTime,
}

impl Record {
    pub(super) fn of_log(topic: &Arc<str>, record: LogRecord<'_>) -> Self {
        Record {
            topic: Arc::clone(topic),
            partition: record.partition,
            offset: record.offset,
            key: record.key.map(<[u8]>::to_vec),
            value: record.value.map(<[u8]>::to_vec),
            seen_at: SystemTime::now(),
        }
    }

    #[cfg(test)]
    pub(super) fn of_topic(topic: &str) -> Self {
        let seen_at = SystemTime::UNIX_EPOCH;
        Record {
            topic: Arc::from(topic),
            partition: 0,
            offset: 0,
            key: None,
            value: None,
            seen_at,
        }
    }
}
