//! The MySQL source connector.

pub mod schema;
