//! The table of configuration keys, one file per group.
//!
//! Debezium shows four groups; [`undeclared`] holds what it reads without showing it.

pub(super) mod connection;
pub(super) mod connector;
pub(super) mod events;
pub(super) mod history;
pub(super) mod undeclared;
