//! Errors of the worker, one enum per layer, grouped by what the caller does next.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::store::StoreError;

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

/// Why a worker ends, or cannot start.
#[derive(Debug, Error)]
pub enum WorkerError {
    /// Someone has to change the worker's configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The stores cannot be used, or belong to another worker now.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// REST cannot listen.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where.
        address: String,
        /// Why not.
        source: io::Error,
    },
    /// Something the worker is made of ended on its own.
    #[error("{part} ended unexpectedly: {reason}")]
    Part {
        /// Which.
        part: &'static str,
        /// Why.
        reason: String,
    },
}
