//! [`ConnectError`]: why a connector or task cannot go on, sorted by what happens next.

use std::error::Error;
use std::fmt;

/// Who can resolve a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Time: the worker starts the task again, with backoff, for as long as it takes.
    Retry,
    /// A person: the task stays failed until someone changes something and restarts it.
    Operator,
}

/// A failure of a connector. Its text says what happened, where, and what to do next; it never contains a secret or the
/// values of a row.
#[derive(Debug)]
pub struct ConnectError {
    remedy: Remedy,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ConnectError {
    /// A failure that time may heal: a server that is away, a lost connection.
    pub fn retriable(message: impl Into<String>) -> Self {
        ConnectError {
            remedy: Remedy::Retry,
            message: message.into(),
            source: None,
        }
    }

    /// What happened and why, each cause on a line of its own.
    pub fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = Error::source(self);
        while let Some(error) = cause {
            text.push_str(&format!("\nCaused by: {error}"));
            cause = error.source();
        }
        text
    }

    /// A failure that only a person can fix: a missing grant, a purged position.
    pub fn fatal(message: impl Into<String>) -> Self {
        ConnectError {
            remedy: Remedy::Operator,
            message: message.into(),
            source: None,
        }
    }

    /// The same failure with its cause attached.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Who can resolve it.
    pub fn remedy(&self) -> Remedy {
        self.remedy
    }

    /// Whether the worker should try again by itself.
    pub fn is_retriable(&self) -> bool {
        self.remedy == Remedy::Retry
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for ConnectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
