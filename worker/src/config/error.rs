//! [`ConfigError`]: why a worker's configuration cannot be used.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use connector_api::config::ConfigProblem;
use thiserror::Error;

/// The worker's own configuration cannot be used. Someone has to change the file.
#[derive(Debug, Clone, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system or the parser says of it.
        source: Arc<io::Error>,
    },
    /// The file is not in Java's properties format.
    #[error("{path} is not a Java properties file")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Arc<java_properties::PropertiesError>,
    },
    /// Values are wrong or missing; all of them.
    #[error("the configuration has {} problem(s):\n  {}", problems.len(), messages(problems).join("\n  "))]
    Invalid {
        /// Each with its key, which its message names, too.
        problems: Vec<ConfigProblem>,
    },
}

fn messages(problems: &[ConfigProblem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.message.as_str()).collect()
}
