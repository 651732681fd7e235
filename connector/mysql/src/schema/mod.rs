//! How a table's definition is known at a position of the binlog.
//!
//! Statements are read by [`ddl`], and applied to all known tables in [`SchemaModel`]. What a column's bytes mean follows
//! from its declaration ([`ColumnType::of`]).

pub mod ddl;

mod alteration;
mod apply_error;
mod change;
mod charset;
mod column_rules;
mod column_type;
mod comparison;
mod definitions_reader;
mod footprint;
mod history;
mod history_file;
mod history_json;
mod history_memory;
mod history_order;
mod history_record;
mod history_stragglers;
mod indexes;
mod java_set;
mod jdbc_type;
mod mapped;
mod snapshot_schema;
mod statements;
mod table;
mod tables;

pub use change::{Audience, Named, SchemaChange, Subject, TableChange};
pub use charset::{BINARY, Charset, charset_of_collation};
pub use column_type::UnsupportedColumn;
pub use comparison::definitions_differ;
pub use definitions_reader::DefinitionsReader;
pub use footprint::Footprint;
pub use history::SchemaHistory;
pub use history_file::HistoryFile;
pub use history_memory::HistoryMemory;
#[cfg(any(test, feature = "fuzzing"))]
pub use history_record::HistoryRecord;
pub use java_set::java_set_order;
pub use jdbc_type::{has_charset, jdbc_type};
pub use mapped::{as_mapped, has_doubtful_members, is_shown_as};
pub use statements::{DdlPolicy, Session};
pub use table::{Column, ColumnType, TableSchema};
pub use tables::{SchemaModel, SchemaOptions};
