//! The contract between a Rowmill worker and a source connector.
//!
//! A connector is a [`SourceConnector`]: it describes its configuration ([`config`]), checks it, and starts
//! [`SourceTask`]s. A task turns what its source has into [`SourceRecord`]s, whose keys and values are *written*, not
//! built ([`data`]), and says from which [`SourceOffset`] it could resume. Everything else is the worker's: threads, Kafka
//! transactions, converters, registries, retries, status.
//!
//! This crate performs no I/O and knows no Kafka client, no Avro and no MySQL.

#![forbid(unsafe_code)]

pub mod config;
pub mod data;
pub mod example;
pub mod pattern;

mod connector;
mod context;
mod error;
mod offset;
mod record;
mod task;

pub use config::ConfigMap;
pub use connector::{ConfiguredLog, SourceConnector};
pub use context::{LogOptions, RecordLog, TaskContext};
pub use error::{ConnectError, Remedy};
pub use offset::{SourceOffset, SourcePartition};
pub use record::{Header, HeaderSet, Partitioning, RecordPart, SourceRecord};
pub use task::{Flow, OffsetFn, Progress, RecordSink, SinkError, SourceTask, TaskError};
