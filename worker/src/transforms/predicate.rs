//! [`Predicate`]: whether a transform looks at a record.

use regex::Regex;

use super::record::Record;

/// Kafka's own three (`org.apache.kafka.connect.transforms.predicates`).
pub enum Predicate {
    /// The whole topic matches.
    TopicNameMatches(Regex),
    /// There is a header of this name.
    HasHeaderKey(String),
    /// There is no value.
    RecordIsTombstone,
}

impl Predicate {
    /// Whether `record` is one of those.
    pub fn test(&self, record: &Record<'_>) -> bool {
        match self {
            Predicate::TopicNameMatches(whole) => whole.is_match(record.topic),
            Predicate::HasHeaderKey(name) => {
                let mut found = false;
                record.headers.for_each(&mut |header| found |= header.name == name);
                found
            }
            Predicate::RecordIsTombstone => record.is_tombstone(),
        }
    }
}
