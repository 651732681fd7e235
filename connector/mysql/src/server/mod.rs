//! The server over SQL: connecting to it, what it is, and whether it is set up for a change stream.

mod options;

pub use options::{ConnectionOptions, SslMode, SslOptions};
