//! From a row change to the records of Debezium's contract.
//!
//! [`TableRecords`] holds what stays the same for one version of a table: topic, schemas, key. A [`Change`] borrows the
//! rows and where they come from, and [`TableRecords::with_records`] turns it into one slice of records: one for an
//! insert or update, delete and tombstone for a delete, delete, tombstone and create where the key changed.
//! Topic names, schema names, field order, headers and defaults are Debezium's; the golden files are its output.

mod change;
mod context;
mod conversion;
mod decimal_text;
mod default_value;
mod envelope;
mod error;
mod field;
mod headers;
mod heartbeat;
mod java_text;
mod key_compare;
mod row_value;
mod schema_change;
mod source_info;
mod table_columns;
mod table_records;
mod temporal_default;
mod topic;
mod transaction;
mod value_mapping;

#[cfg(test)]
mod recorded;

pub use change::{Change, RowImages};
pub use context::RecordContext;
pub use heartbeat::HeartbeatRecords;
pub use key_compare::KeyScratch;
pub use schema_change::{SchemaChange, SchemaChangeRecords, TableChange};
pub use source_info::{SOURCE_VERSION, SnapshotMarker, SourceInfo};
pub use table_records::TableRecords;
pub use transaction::{TransactionPlace, TransactionRecords};
