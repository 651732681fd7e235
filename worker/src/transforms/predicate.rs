//! [`Predicate`]: whether a transform looks at a record.

use connector_api::pattern::{Pattern, Runaway};

use super::record::Record;

/// Kafka's own three (`org.apache.kafka.connect.transforms.predicates`).
pub enum Predicate {
    /// The whole topic matches.
    TopicNameMatches(Pattern),
    /// There is a header of this name.
    HasHeaderKey(String),
    /// There is no value.
    RecordIsTombstone,
}

impl Predicate {
    /// Whether `record` is one of those.
    ///
    /// # Errors
    /// If the expression takes too long.
    pub fn test(&self, record: &Record<'_>) -> Result<bool, Runaway> {
        Ok(match self {
            Predicate::TopicNameMatches(pattern) => pattern.matches(record.topic)?,
            Predicate::HasHeaderKey(name) => {
                let mut found = false;
                record.headers.for_each(&mut |header| found |= header.name == name);
                found
            }
            Predicate::RecordIsTombstone => record.is_tombstone(),
        })
    }
}
