//! [`Subject`]: under which name a schema is registered.
//!
//! `TopicNameStrategy`, Confluent's default: `<topic>-key` and `<topic>-value`.

use std::fmt;

/// Whether a converter serves keys or values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// `key.converter`.
    Key,
    /// `value.converter`.
    Value,
}

/// The name under which the versions of a schema are kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject(String);

impl Subject {
    /// The subject of a topic's keys or values.
    pub fn of_topic(topic: &str, role: Role) -> Self {
        match role {
            Role::Key => Subject(format!("{topic}-key")),
            Role::Value => Subject(format!("{topic}-value")),
        }
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Role, Subject};

    #[test]
    fn a_subject_is_the_topic_and_what_it_is_for() {
        assert_eq!(Subject::of_topic("p.db.t", Role::Key).as_str(), "p.db.t-key");
        assert_eq!(Subject::of_topic("p.db.t", Role::Value).as_str(), "p.db.t-value");
    }
}
