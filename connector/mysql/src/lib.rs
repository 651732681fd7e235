//! The MySQL source connector: row changes of the binlog as records.
//!
//! The way of a change: bytes of the dump connection ([`binlog`]) become events, events become whole row changes at a
//! position ([`position`]), rows are decoded with the table's definition at that position ([`schema`], [`row`]) and leave
//! as the records of Debezium's contract ([`record`]). `streaming` drives this, event by event. A first start reads the
//! tables as they are ([`snapshot`]); `task` goes from the snapshot to the stream.

#![forbid(unsafe_code)]

pub mod binlog;
mod captured;
pub mod config;
mod connector;
pub mod error;
mod event_time;
mod metrics;
pub mod position;
pub mod record;
pub mod row;
pub mod schema;
pub mod server;
pub mod snapshot;
mod streaming;
mod table_id;
mod task;

pub use connector::MySqlConnector;
