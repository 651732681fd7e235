//! The Rowmill worker.

pub mod config;
pub mod error;
pub mod kafka;
pub mod store;
