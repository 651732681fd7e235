//! Whether a column as we know it is the column that the table map describes.
//!
//! A definition can be changed behind the binlog's back (`sql_log_bin=0`), and a DDL statement can be misunderstood. Then
//! columns would shift, or bytes be read as another type. Everything a table map tells is compared, with
//! `binlog_row_metadata=MINIMAL` types, lengths, signs and character sets, with FULL the names and values, too. Of a column
//! that nobody reads only the name counts, so that one which cannot be decoded can be left out.

use crate::binlog::table_map::{MappedColumn, WireType};
use crate::schema::{BINARY, Charset, Column, ColumnType, charset_of_collation, is_shown_as};

/// What does not match, in words; `None` if everything does. A column that nobody reads has no type.
pub(super) fn mismatch(column: &Column, column_type: Option<&ColumnType>, mapped: &MappedColumn) -> Option<String> {
    let name = &column.name;
    if let Some(other) = mapped.name.as_ref().filter(|other| !other.eq_ignore_ascii_case(name)) {
        return Some(format!("column `{name}` is called `{other}`"));
    }
    let column_type = column_type?;
    if !type_matches(column_type, mapped.wire_type) {
        return Some(format!(
            "column `{name}`, known as {column_type:?}, is a {:?}",
            mapped.wire_type
        ));
    }
    let is_unsigned = declared_unsigned(column_type);
    if let (Some(known), Some(mapped)) = (is_unsigned, mapped.unsigned)
        && known != mapped
    {
        let sign = if mapped { "UNSIGNED" } else { "signed" };
        return Some(format!("column `{name}`, known as {column_type:?}, is {sign}"));
    }
    if let Some(collation) = mapped.collation
        && !charset_matches(column_type, collation)
    {
        return Some(format!(
            "column `{name}`, known as {column_type:?}, has collation number {collation}"
        ));
    }
    match (column_type, &mapped.values) {
        (ColumnType::Enum { values } | ColumnType::Set { values }, Some(listed)) => {
            different_values(values, listed, mapped.collation)
                .map(|difference| format!("column `{name}`, {difference}"))
        }
        _ => None,
    }
}

fn type_matches(known: &ColumnType, mapped: WireType) -> bool {
    match (known, mapped) {
        (ColumnType::Boolean | ColumnType::TinyInt { .. }, WireType::Tiny)
        | (ColumnType::SmallInt { .. }, WireType::Short)
        | (ColumnType::MediumInt { .. }, WireType::Int24)
        | (ColumnType::Int { .. }, WireType::Long)
        | (ColumnType::BigInt { .. }, WireType::LongLong)
        // REAL is a DOUBLE to MySQL, and a float32 in records.
        | (ColumnType::Float, WireType::Float | WireType::Double)
        | (ColumnType::FloatWithScale, WireType::Float)
        | (ColumnType::Double, WireType::Double)
        | (ColumnType::Date, WireType::Date)
        | (ColumnType::Year, WireType::Year)
        | (ColumnType::Json, WireType::Json { .. })
        | (ColumnType::Text { .. }, WireType::VarChar { .. } | WireType::String { .. } | WireType::Blob { .. })
        | (ColumnType::Bytes, WireType::VarChar { .. } | WireType::Blob { .. }) => true,
        (ColumnType::Decimal { precision, scale }, WireType::NewDecimal { precision: p, scale: s }) => {
            (*precision, *scale) == (p, s)
        }
        // The map may count whole bytes only.
        (ColumnType::Bit { length }, WireType::Bit { bits }) => u16::from(length.div_ceil(8)) == bits.div_ceil(8),
        (ColumnType::Binary { length }, WireType::String { max_bytes }) => *length == max_bytes,
        (ColumnType::Time { fsp }, WireType::Time2 { fsp: mapped })
        | (ColumnType::DateTime { fsp }, WireType::DateTime2 { fsp: mapped })
        | (ColumnType::Timestamp { fsp }, WireType::Timestamp2 { fsp: mapped }) => *fsp == mapped,
        (ColumnType::Enum { values }, WireType::Enum { bytes }) => bytes == if values.len() < 256 { 1 } else { 2 },
        (ColumnType::Set { values }, WireType::Set { bytes }) => {
            let needed = values.len().div_ceil(8);
            usize::from(bytes) == if needed > 4 { 8 } else { needed }
        }
        _ => false,
    }
}

fn declared_unsigned(column_type: &ColumnType) -> Option<bool> {
    match column_type {
        ColumnType::TinyInt { unsigned }
        | ColumnType::SmallInt { unsigned }
        | ColumnType::MediumInt { unsigned }
        | ColumnType::Int { unsigned }
        | ColumnType::BigInt { unsigned } => Some(*unsigned),
        _ => None,
    }
}

fn charset_matches(column_type: &ColumnType, collation: u32) -> bool {
    let mapped = charset_of_collation(collation);
    match column_type {
        ColumnType::Text { charset } => mapped.and_then(Charset::named) == Some(*charset),
        ColumnType::Binary { .. } | ColumnType::Bytes => mapped == Some(BINARY),
        _ => true,
    }
}

/// How the values of an ENUM or SET differ from those the map lists, where their character set can be decoded.
fn different_values(known: &[String], mapped: &[Vec<u8>], collation: Option<u32>) -> Option<String> {
    if known.len() != mapped.len() {
        return Some(format!("known with {} values, has {}", known.len(), mapped.len()));
    }
    let charset = Charset::named(charset_of_collation(collation?)?)?;
    let pairs = known.iter().zip(mapped);
    let mut pairs = pairs.map(|(known, mapped)| (known, charset.decode(mapped)));
    let (known, mapped) = pairs.find(|(known, mapped)| !is_same_member(known, mapped))?;
    Some(format!("known with the value '{known}', has '{mapped}' in its place"))
}

/// A snapshot's definition may have question marks for letters that `SHOW CREATE TABLE` does not print.
fn is_same_member(known: &str, mapped: &str) -> bool {
    known.trim_end_matches(' ') == mapped.trim_end_matches(' ') || is_shown_as(mapped, known)
}
