//! [`ConfigProblem`]: what is wrong with the value of one key.

use std::fmt;

/// What is wrong with the value of one key. Whoever reads a configuration collects them all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigProblem {
    /// The key, as the reader knows it: a converter's is without `key.converter.` or `value.converter.`.
    pub key: String,
    /// What is wrong and what would be right, for people. Kafka's own texts name the key again.
    pub message: String,
}

impl ConfigProblem {
    /// `message` about `key`.
    pub fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        ConfigProblem {
            key: key.into(),
            message: message.into(),
        }
    }
}

/// `KEY MESSAGE`, for messages that do not name their key.
impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key, self.message)
    }
}
