//! The MySQL source connector: row changes of the binlog as records.
//!
//! The way of a change: bytes of the dump connection (`binlog`) become events, events become whole row changes at a
//! position (`position`), rows are decoded with the table's definition at that position (`schema`, `row`) and leave
//! as the records of Debezium's contract (`record`). `streaming` drives this, event by event. A first start reads the
//! tables as they are (`snapshot`); `task` goes from the snapshot to the stream.
//!
//! All that a worker knows of it is [`MySqlConnector`]:
//!
//! ```
//! use connector_api::{ConfigMap, SourceConnector};
//! use connector_mysql::MySqlConnector;
//!
//! // Without a host there is no server to look at; what is wrong with the configuration is said key by key.
//! let problems = MySqlConnector.validate_values(&ConfigMap::new());
//! let host = problems.iter().find(|value| value.name == "database.hostname").unwrap();
//! assert!(!host.errors.is_empty());
//! ```

#![forbid(unsafe_code)]

mod binlog;
mod captured;
mod config;
mod connector;
mod error;
mod event_time;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzz;
mod metrics;
mod position;
mod record;
mod row;
mod schema;
mod server;
mod snapshot;
mod streaming;
mod table_id;
mod task;

pub use connector::MySqlConnector;
