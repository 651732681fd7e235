//! [`Error`]: what went wrong, sorted by what the caller does next.

/// What the caller does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing is lost by calling again.
    Retry,
    /// The open transaction is lost; after `abort` the next one can begin.
    Abort,
    /// This producer is of no use any more. A new one begins from what can be read from the log: if a commit was on its way,
    /// only that says how it ended.
    Rebuild,
    /// Another producer has the transactional id, or the coordinator's own time-out looked like it.
    Fenced,
    /// Only a person can change it: a right, a setting, a topic.
    Refused,
}

/// A failure: what was being done, and why it could not be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{context}: {message}")]
pub struct Error {
    kind: Kind,
    context: String,
    message: String,
}

impl Error {
    pub(crate) fn new(kind: Kind, context: impl Into<String>, message: impl Into<String>) -> Self {
        Error {
            kind,
            context: context.into(),
            message: message.into(),
        }
    }

    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What was being done.
    pub fn context(&self) -> &str {
        &self.context
    }

    /// Why it could not be.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The same failure, with another consequence.
    pub(crate) fn with_kind(self, kind: Kind) -> Self {
        Error { kind, ..self }
    }

    /// The same failure, with what lies behind it or what to do.
    pub(crate) fn because(self, reason: &str) -> Self {
        Error {
            message: format!("{}: {reason}", self.message),
            ..self
        }
    }
}
