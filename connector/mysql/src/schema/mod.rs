//! How a table's definition is known at a position of the binlog.
//!
//! Statements are read by [`ddl`], and applied to all known tables in [`SchemaModel`]. What a column's bytes mean follows
//! from its declaration ([`ColumnType::of`]).

pub mod ddl;

mod alteration;
mod change;
mod charset;
mod column_type;
mod history_json;
mod history_order;
mod history_record;
mod jdbc_type;
mod statements;
mod table;
mod tables;

pub use change::{SchemaChange, Subject, TableChange};
pub use charset::Charset;
pub use column_type::UnsupportedColumn;
pub use history_record::{HistoryRecord, HistoryRecordError};
pub use jdbc_type::jdbc_type;
pub use statements::{DdlPolicy, Session};
pub use table::{Column, ColumnType, TableId, TableSchema};
pub use tables::{ApplyError, Effect, SchemaModel, SchemaOptions};
