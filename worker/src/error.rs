//! Errors of the worker, one enum per layer, grouped by what the caller does next.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// The worker's own configuration cannot be used. Someone has to change the file.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not in Java's properties format.
    #[error("{path} is not a Java properties file")]
    Syntax {
        /// Which.
        path: PathBuf,
        /// Where and why.
        source: java_properties::PropertiesError,
    },
    /// Values are wrong or missing; all of them.
    #[error("the configuration has {} problem(s):\n  {}", problems.len(), problems.join("\n  "))]
    Invalid {
        /// Each with its key.
        problems: Vec<String>,
    },
}
