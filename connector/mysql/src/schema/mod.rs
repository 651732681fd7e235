//! How a table's definition is known at a position of the binlog.

mod charset;
mod table;

pub use charset::Charset;
pub use table::{Column, ColumnType, TableId, TableSchema};
