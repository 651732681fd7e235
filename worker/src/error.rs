//! [`WorkerError`]: why a worker ends, grouped by what the caller does next.

use std::io;

use thiserror::Error;

use crate::config::ConfigError;
use crate::store::StoreError;

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
        /// The address of `listeners` or its default.
        address: String,
        /// What the system says of it.
        source: io::Error,
    },
    /// Something the worker is made of ended on its own.
    #[error("{part} ended unexpectedly: {reason}")]
    Part {
        /// Its name.
        part: &'static str,
        /// What it ended with.
        reason: String,
    },
}
