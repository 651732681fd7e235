//! [`jdbc_type`]: the number that JDBC gives a type; the schema history and the schema-change events carry it.
//!
//! The values are those of `java.sql.Types`; which type has which is Debezium's choice.

const BIT: i32 = -7;
const BIGINT: i32 = -5;
const VARBINARY: i32 = -3;
const BINARY: i32 = -2;
const CHAR: i32 = 1;
const NUMERIC: i32 = 2;
const DECIMAL: i32 = 3;
const INTEGER: i32 = 4;
const SMALLINT: i32 = 5;
const FLOAT: i32 = 6;
const REAL: i32 = 7;
const DOUBLE: i32 = 8;
const VARCHAR: i32 = 12;
const BOOLEAN: i32 = 16;
const DATE: i32 = 91;
const TIME: i32 = 92;
const TIMESTAMP: i32 = 93;
const OTHER: i32 = 1111;
const BLOB: i32 = 2004;
const TIMESTAMP_WITH_TIMEZONE: i32 = 2014;
const NCHAR: i32 = -15;
const NVARCHAR: i32 = -9;

/// The JDBC type of the type called `type_name`.
pub fn jdbc_type(type_name: &str) -> i32 {
    let upper = type_name.to_ascii_uppercase();
    let mut words = upper.split(' ');
    let first = words.next().unwrap_or("");
    match first {
        "CHAR" | "CHARACTER" if upper.contains("VARYING") => VARCHAR,
        "CHAR" | "CHARACTER" | "ENUM" | "SET" => CHAR,
        "LONG" if words.next() == Some("VARBINARY") => BLOB,
        "VARCHAR" | "VARCHARACTER" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" | "LONG" => VARCHAR,
        "NVARCHAR" => NVARCHAR,
        "NCHAR" | "NATIONAL" if upper.contains("VAR") => NVARCHAR,
        "NCHAR" | "NATIONAL" => NCHAR,
        "TINYINT" | "INT1" | "SMALLINT" | "INT2" => SMALLINT,
        "MEDIUMINT" | "MIDDLEINT" | "INT3" | "INT" | "INTEGER" | "INT4" | "YEAR" => INTEGER,
        "BIGINT" | "INT8" | "SERIAL" => BIGINT,
        "REAL" => REAL,
        "DOUBLE" | "FLOAT8" => DOUBLE,
        "FLOAT" | "FLOAT4" => FLOAT,
        "DECIMAL" | "DEC" | "FIXED" => DECIMAL,
        "NUMERIC" => NUMERIC,
        "BIT" => BIT,
        "TIME" => TIME,
        "TIMESTAMP" => TIMESTAMP_WITH_TIMEZONE,
        "DATETIME" => TIMESTAMP,
        "DATE" => DATE,
        "BINARY" => BINARY,
        "VARBINARY" => VARBINARY,
        "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" => BLOB,
        "BOOL" | "BOOLEAN" => BOOLEAN,
        _ => OTHER,
    }
}

/// Whether values of the type called `type_name` have a character set.
pub fn has_charset(type_name: &str) -> bool {
    matches!(jdbc_type(type_name), CHAR | VARCHAR | NCHAR | NVARCHAR)
}
