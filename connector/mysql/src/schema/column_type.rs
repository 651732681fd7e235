//! [`ColumnType::of`]: what a declared column means for its bytes.
//!
//! A column keeps the words of its declaration (`INT UNSIGNED ZEROFILL`, `DOUBLE PRECISION`, `INT8`), because the schema
//! history stores them. MySQL has many names for few types; all of them end here, in one match, whether they come from
//! `SHOW CREATE TABLE`, from a streamed statement or from a history that Debezium wrote.
//! A type that cannot be decoded is an error with its name: a column is never skipped or guessed.

use thiserror::Error;

use super::charset::{BINARY, Charset};
use super::table::{Column, ColumnType};

/// `DECIMAL` without precision is `DECIMAL(10,0)`.
const DEFAULT_DECIMAL_PRECISION: i32 = 10;
/// `FLOAT(p)` keeps up to 24 bits of mantissa in four bytes; more make it a DOUBLE.
const FLOAT_BITS: i32 = 24;

/// A column that cannot be captured.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("column `{column}` of type {type_name} cannot be captured: {reason}; leave it out with column.exclude.list")]
pub struct UnsupportedColumn {
    /// The column's name.
    pub column: String,
    /// Its declared type.
    pub type_name: String,
    /// Why not.
    pub reason: String,
}

impl ColumnType {
    /// What `column`'s bytes mean.
    pub fn of(column: &Column) -> Result<ColumnType, UnsupportedColumn> {
        let unsupported = |reason: &str| UnsupportedColumn {
            column: column.name.clone(),
            type_name: column.type_name.clone(),
            reason: reason.to_owned(),
        };
        let declaration = Declaration::read(&column.type_name);
        let unsigned = declaration.unsigned;
        Ok(match declaration.name.as_str() {
            "BOOL" | "BOOLEAN" => ColumnType::Boolean,
            "TINYINT" | "INT1" => ColumnType::TinyInt { unsigned },
            "SMALLINT" | "INT2" => ColumnType::SmallInt { unsigned },
            "MEDIUMINT" | "MIDDLEINT" | "INT3" => ColumnType::MediumInt { unsigned },
            "INT" | "INTEGER" | "INT4" => ColumnType::Int { unsigned },
            "BIGINT" | "INT8" => ColumnType::BigInt { unsigned },
            "SERIAL" => ColumnType::BigInt { unsigned: true },
            "DECIMAL" | "DEC" | "NUMERIC" | "FIXED" => decimal(column).map_err(unsupported)?,
            "FLOAT" | "FLOAT4" => float(column),
            "DOUBLE" | "REAL" | "FLOAT8" => ColumnType::Double,
            "BIT" => ColumnType::Bit {
                length: within(column.length, 1, 1..=64).map_err(unsupported)?,
            },
            "CHAR" | "CHARACTER" | "VARCHAR" | "VARCHARACTER" | "NCHAR" | "NVARCHAR" | "TINYTEXT" | "TEXT"
            | "MEDIUMTEXT" | "LONGTEXT" | "LONG" => ColumnType::Text {
                charset: charset(column).map_err(|reason| unsupported(&reason))?,
            },
            "BINARY" => ColumnType::Binary {
                length: within(column.length, 1, 0..=255).map_err(unsupported)?.into(),
            },
            "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" => ColumnType::Bytes,
            "DATE" => ColumnType::Date,
            "TIME" => ColumnType::Time {
                fsp: fraction(column).map_err(unsupported)?,
            },
            "DATETIME" => ColumnType::DateTime {
                fsp: fraction(column).map_err(unsupported)?,
            },
            "TIMESTAMP" => ColumnType::Timestamp {
                fsp: fraction(column).map_err(unsupported)?,
            },
            "YEAR" => ColumnType::Year,
            "ENUM" => ColumnType::Enum {
                values: column.enum_values.clone(),
            },
            "SET" => ColumnType::Set {
                values: column.enum_values.clone(),
            },
            "JSON" => ColumnType::Json,
            "GEOMETRY" | "POINT" | "LINESTRING" | "POLYGON" | "MULTIPOINT" | "MULTILINESTRING" | "MULTIPOLYGON"
            | "GEOMETRYCOLLECTION" | "GEOMCOLLECTION" => {
                return Err(unsupported("spatial values are not supported"));
            }
            "VECTOR" => return Err(unsupported("vectors are not supported")),
            _ => return Err(unsupported("the type is not known")),
        })
    }
}

/// Makes a character column of the character set `binary` what it is to the server: a binary column, which has none.
/// (<https://dev.mysql.com/doc/refman/9.4/en/charset-binary-set.html>)
pub(super) fn stored_as_bytes(column: &mut Column) {
    if column.charset.as_deref() != Some(BINARY) {
        return;
    }
    let Declaration { name, .. } = Declaration::read(&column.type_name);
    let stored = match name.as_str() {
        "CHAR" | "CHARACTER" if column.type_name.to_ascii_uppercase().contains("VARYING") => "VARBINARY",
        "CHAR" | "CHARACTER" => "BINARY",
        "VARCHAR" | "VARCHARACTER" => "VARBINARY",
        "TINYTEXT" => "TINYBLOB",
        "TEXT" => "BLOB",
        "MEDIUMTEXT" | "LONG" => "MEDIUMBLOB",
        "LONGTEXT" => "LONGBLOB",
        // An ENUM or SET stays one; its members are bytes.
        _ => return,
    };
    stored.clone_into(&mut column.type_name);
    column.charset = None;
}

/// A type's name without the words that only modify it.
struct Declaration {
    name: String,
    unsigned: bool,
}

impl Declaration {
    fn read(type_name: &str) -> Self {
        let upper = type_name.to_ascii_uppercase();
        let words: Vec<&str> = upper.split_whitespace().collect();
        // ZEROFILL implies UNSIGNED (https://dev.mysql.com/doc/refman/9.4/en/numeric-type-attributes.html).
        let unsigned = words.iter().any(|word| matches!(*word, "UNSIGNED" | "ZEROFILL"));
        let name = match words.as_slice() {
            // LONG VARBINARY is MEDIUMBLOB; LONG, LONG VARCHAR and LONG CHAR VARYING are MEDIUMTEXT.
            ["LONG", "VARBINARY", ..] => "MEDIUMBLOB",
            ["LONG", ..] => "LONG",
            ["NATIONAL", ..] => "NCHAR",
            // CHAR BYTE is BINARY. CHAR BINARY is not: there BINARY names a collation.
            ["CHAR" | "CHARACTER", "BYTE", ..] => "BINARY",
            [first, ..] => first.split('(').next().unwrap_or(first),
            [] => "",
        };
        Declaration {
            name: name.to_owned(),
            unsigned,
        }
    }
}

fn decimal(column: &Column) -> Result<ColumnType, &'static str> {
    let precision = within(column.length, DEFAULT_DECIMAL_PRECISION, 0..=65)?;
    let scale = within(column.scale, 0, 0..=30)?;
    // DECIMAL(0) is DECIMAL(10).
    let precision = if precision == 0 { 10 } else { precision };
    if scale > precision {
        return Err("its scale is larger than its precision");
    }
    Ok(ColumnType::Decimal { precision, scale })
}

fn float(column: &Column) -> ColumnType {
    match (column.length, column.scale) {
        (_, Some(_)) => ColumnType::FloatWithScale,
        (Some(bits), None) if bits > FLOAT_BITS => ColumnType::Double,
        _ => ColumnType::Float,
    }
}

fn fraction(column: &Column) -> Result<u8, &'static str> {
    within(column.length, 0, 0..=6)
}

fn within(declared: Option<i32>, default: i32, range: std::ops::RangeInclusive<i32>) -> Result<u8, &'static str> {
    let value = declared.unwrap_or(default);
    match u8::try_from(value) {
        Ok(value) if range.contains(&i32::from(value)) => Ok(value),
        _ => Err("its length or precision is out of range"),
    }
}

fn charset(column: &Column) -> Result<Charset, String> {
    match &column.charset {
        Some(name) => Charset::named(name).ok_or_else(|| format!("character set {name} is not supported")),
        None => Err("its character set is not known".to_owned()),
    }
}

#[cfg(test)]
mod tests;
