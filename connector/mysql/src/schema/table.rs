//! [`TableSchema`]: what is known of a table at a position of the binlog.
//!
//! Columns are kept the way Debezium's relational model keeps them, because the schema history topic stores exactly that.
//! [`ColumnType`] is derived from a column once per version of a table; the row decoder and the record schemas are both
//! compiled from it, so that a row and its schema can never disagree.

use super::charset::Charset;
use crate::table_id::TableId;

/// A table's definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSchema {
    /// Its name.
    pub id: TableId,
    /// Its columns, in the order of the table.
    pub columns: Vec<Column>,
    /// The names of the key's columns in *key order*: the primary key, or the first unique key whose columns are all
    /// NOT NULL. Empty: no key.
    pub key: Vec<String>,
    /// The table's default character set, lower case.
    pub default_charset: Option<String>,
    /// The table's comment.
    pub comment: Option<String>,
}

/// A column, as Debezium's history records describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The type's name in upper case, e.g. `INT UNSIGNED`, `VARCHAR`, `DECIMAL`, `ENUM`.
    pub type_name: String,
    /// Length, precision or fractional digits, as declared.
    pub length: Option<i32>,
    /// Scale, as declared.
    pub scale: Option<i32>,
    /// The column's character set, lower case; only for character types. Resolved: never "the table's default".
    pub charset: Option<String>,
    /// Whether NULL is allowed.
    pub optional: bool,
    /// AUTO_INCREMENT, or what Debezium takes for it.
    pub auto_incremented: bool,
    /// A generated column.
    pub generated: bool,
    /// The DEFAULT clause: absent, or its text as Debezium keeps it (`None` inside: DEFAULT NULL).
    pub default: Option<Option<String>>,
    /// The values of an ENUM or SET, unescaped.
    pub enum_values: Vec<String>,
    /// The column's comment.
    pub comment: Option<String>,
}

/// What a column's bytes mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnType {
    /// `BOOL` or `BOOLEAN` as a streamed DDL spells it (`SHOW CREATE TABLE` says `tinyint(1)`).
    Boolean,
    /// `TINYINT`.
    TinyInt { unsigned: bool },
    /// `SMALLINT`.
    SmallInt { unsigned: bool },
    /// `MEDIUMINT`.
    MediumInt { unsigned: bool },
    /// `INT`.
    Int { unsigned: bool },
    /// `BIGINT`.
    BigInt { unsigned: bool },
    /// `DECIMAL(precision, scale)`.
    Decimal { precision: u8, scale: u8 },
    /// `FLOAT`, `FLOAT(p)` up to 24 bits: four bytes, a FLOAT32.
    Float,
    /// `FLOAT(M,D)`: four bytes in the binlog, but a FLOAT64 in the record.
    FloatWithScale,
    /// `DOUBLE`, and `FLOAT(p)` of 25 bits and more: eight bytes.
    Double,
    /// `BIT(length)`.
    Bit { length: u8 },
    /// `CHAR`, `VARCHAR` and the `TEXT` family.
    Text { charset: Charset },
    /// `BINARY(length)`: padded with zeros to its length.
    Binary { length: u32 },
    /// `VARBINARY` and the `BLOB` family.
    Bytes,
    /// `DATE`.
    Date,
    /// `TIME(fsp)`.
    Time { fsp: u8 },
    /// `DATETIME(fsp)`.
    DateTime { fsp: u8 },
    /// `TIMESTAMP(fsp)`.
    Timestamp { fsp: u8 },
    /// `YEAR`.
    Year,
    /// `ENUM`; the values are the column's.
    Enum { values: Vec<String> },
    /// `SET`; the values are the column's.
    Set { values: Vec<String> },
    /// `JSON`.
    Json,
}
