//! How a table's definition is known at a position of the binlog.

mod charset;
mod column_type;
mod table;

pub use charset::Charset;
pub use column_type::UnsupportedColumn;
pub use table::{Column, ColumnType, TableId, TableSchema};
