//! [`KeyOrder`]: the order in which a table's keys are read, and which side of the frontier a key is on.
//!
//! Keys are compared as the server orders them. Numbers, times, bytes and plain text ([`text_order`]) are compared here; other
//! text has a collation, which only the server knows, so for it the comparison is a question in SQL. Values are text in a form that keeps the order
//! ([`OrderedRow`](crate::row::OrderedRow)), the same from a snapshot's rows and from the binlog's.

use std::cmp::Ordering;
use std::collections::HashMap;

use uuid::Uuid;

use super::text_order;
use crate::schema::{ColumnType, TableSchema};
use crate::table_id::quoted_name;

/// The order of one table's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyOrder {
    columns: Vec<KeyColumn>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct KeyColumn {
    name: String,
    /// Its place in the table.
    index: usize,
    kind: KeyKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum KeyKind {
    Signed,
    /// BIGINT UNSIGNED, which wraps into a signed value in records.
    Wrapped,
    Decimal {
        scale: usize,
    },
    /// MySQL's own text of this type.
    Moment {
        of: &'static str,
    },
    TimeOfDay,
    Binary,
    Text {
        charset: String,
        collation: String,
    },
    /// ENUM and SET with their values, and BIT.
    Numbered {
        values: Vec<String>,
    },
}

/// Where a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// At or below the frontier: the topics have it.
    AtOrBelow,
    /// Above the frontier: the view has it.
    Above,
    /// This statement answers 1 for at or below, 0 for above.
    Ask(String),
}

impl KeyOrder {
    /// The order of `table`'s key; `None` if it has no key, or one whose values do not tell their order. `collations` names
    /// the character set and collation of text columns.
    pub fn of(table: &TableSchema, collations: &HashMap<String, (String, String)>) -> Option<KeyOrder> {
        let column = |name: &String| {
            let mut columns = table.columns.iter().enumerate();
            let (index, column) = columns.find(|(_, column)| column.name.eq_ignore_ascii_case(name))?;
            Some(KeyColumn {
                name: column.name.clone(),
                index,
                kind: kind_of(&ColumnType::of(column).ok()?, collations.get(&column.name))?,
            })
        };
        let columns: Vec<KeyColumn> = table.key.iter().map(column).collect::<Option<_>>()?;
        (!columns.is_empty()).then_some(KeyOrder { columns })
    }

    /// Stands for what the order depends on: the names of the key's columns, their types and collations. A key of one
    /// definition means nothing in another.
    pub fn definition(&self) -> Uuid {
        let part = |column: &KeyColumn| format!("{} {}\n", column.name.to_lowercase(), column.kind.description());
        let parts: String = self.columns.iter().map(part).collect();
        // `SHOW CREATE TABLE` has a question mark for each character that takes four bytes, a streamed statement has it itself.
        let parts: String = parts.chars().map(|c| if c > '\u{ffff}' { '?' } else { c }).collect();
        Uuid::new_v5(&Uuid::NAMESPACE_OID, parts.as_bytes())
    }

    /// The same order where the columns stand by now; `None` if the table lacks one of them.
    pub fn relocated(&self, table: &TableSchema) -> Option<KeyOrder> {
        let columns = self.columns.iter().map(|column| {
            let mut names = table.columns.iter().map(|other| &other.name);
            let index = names.position(|name| name.eq_ignore_ascii_case(&column.name))?;
            Some(KeyColumn {
                index,
                ..column.clone()
            })
        });
        Some(KeyOrder {
            columns: columns.collect::<Option<_>>()?,
        })
    }

    /// The places of the key's columns in the table, in key order.
    pub fn columns(&self) -> Vec<usize> {
        self.columns.iter().map(|column| column.index).collect()
    }

    /// `ORDER BY` of a scan.
    pub fn order_by(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|column| quoted_name(&column.name)).collect();
        names.join(", ")
    }

    /// The condition for rows behind `last`; `None` if `last` is not a key of this table.
    pub fn behind(&self, last: &[String]) -> Option<String> {
        if last.len() != self.columns.len() {
            return None;
        }
        let pairs: Vec<(String, String)> = self
            .columns
            .iter()
            .zip(last)
            .map(|(column, value)| Some((column.expression(), column.literal(value)?)))
            .collect::<Option<_>>()?;
        let alternatives: Vec<String> = (0..pairs.len())
            .map(|depth| {
                let equal = pairs[..depth].iter().map(|(name, value)| format!("{name} = {value}"));
                let (name, value) = &pairs[depth];
                equal
                    .chain([format!("{name} > {value}")])
                    .collect::<Vec<_>>()
                    .join(" AND ")
            })
            .map(|alternative| format!("({alternative})"))
            .collect();
        Some(format!("({})", alternatives.join(" OR ")))
    }

    /// Which side of `last` the key is on; `None` if either is not a key of this table.
    pub fn side(&self, key: &[String], last: &[String]) -> Option<Side> {
        if key.len() != self.columns.len() || last.len() != self.columns.len() {
            return None;
        }
        for (column, (value, limit)) in self.columns.iter().zip(key.iter().zip(last)) {
            match column.kind.compare(value, limit) {
                Some(Ordering::Less) => return Some(Side::AtOrBelow),
                Some(Ordering::Greater) => return Some(Side::Above),
                Some(Ordering::Equal) => {}
                None => return self.question(key, last).map(Side::Ask),
            }
        }
        Some(Side::AtOrBelow)
    }

    fn question(&self, key: &[String], last: &[String]) -> Option<String> {
        let row = |values: &[String]| {
            let literals: Option<Vec<String>> = self
                .columns
                .iter()
                .zip(values)
                .map(|(column, value)| column.collated(value))
                .collect();
            literals.map(|literals| literals.join(", "))
        };
        Some(format!("SELECT ({}) <= ({})", row(key)?, row(last)?))
    }
}

fn kind_of(column_type: &ColumnType, collation: Option<&(String, String)>) -> Option<KeyKind> {
    Some(match column_type {
        ColumnType::BigInt { unsigned: true } => KeyKind::Wrapped,
        ColumnType::Boolean
        | ColumnType::TinyInt { .. }
        | ColumnType::SmallInt { .. }
        | ColumnType::MediumInt { .. }
        | ColumnType::Int { .. }
        | ColumnType::BigInt { .. }
        | ColumnType::Year => KeyKind::Signed,
        ColumnType::Decimal { scale, .. } => KeyKind::Decimal {
            scale: usize::from(*scale),
        },
        ColumnType::Date => KeyKind::Moment { of: "DATE" },
        ColumnType::DateTime { .. } => KeyKind::Moment { of: "DATETIME" },
        ColumnType::Timestamp { .. } => KeyKind::Moment { of: "TIMESTAMP" },
        ColumnType::Time { .. } => KeyKind::TimeOfDay,
        ColumnType::Binary { .. } | ColumnType::Bytes => KeyKind::Binary,
        ColumnType::Text { .. } => {
            let (charset, collation) = collation?.clone();
            KeyKind::Text { charset, collation }
        }
        ColumnType::Enum { values } | ColumnType::Set { values } => KeyKind::Numbered { values: values.clone() },
        ColumnType::Bit { .. } => KeyKind::Numbered { values: Vec::new() },
        ColumnType::Float | ColumnType::FloatWithScale | ColumnType::Double | ColumnType::Json => return None,
    })
}

impl KeyKind {
    /// What the order of values depends on, in words that stay the same from version to version.
    fn description(&self) -> String {
        match self {
            KeyKind::Signed => "signed".to_owned(),
            KeyKind::Wrapped => "unsigned".to_owned(),
            KeyKind::Decimal { scale } => format!("decimal {scale}"),
            KeyKind::Moment { of } => format!("moment {of}"),
            KeyKind::TimeOfDay => "time".to_owned(),
            KeyKind::Binary => "binary".to_owned(),
            // Before 8.0.30 a server called `utf8` what is `utf8mb3` since.
            KeyKind::Text { charset, collation } => {
                let charset = if charset == "utf8" { "utf8mb3" } else { charset };
                match collation.strip_prefix("utf8_") {
                    Some(rest) => format!("text {charset} utf8mb3_{rest}"),
                    None => format!("text {charset} {collation}"),
                }
            }
            KeyKind::Numbered { values } => format!("numbered {values:?}"),
        }
    }

    /// The order of two values, where it can be told without the server.
    fn compare(&self, left: &str, right: &str) -> Option<Ordering> {
        match self {
            KeyKind::Signed | KeyKind::TimeOfDay => Some(left.parse::<i64>().ok()?.cmp(&right.parse().ok()?)),
            KeyKind::Numbered { .. } => Some(left.parse::<u64>().ok()?.cmp(&right.parse().ok()?)),
            KeyKind::Wrapped => Some(unwrapped(left)?.cmp(&unwrapped(right)?)),
            // Hexadecimal digits keep the order of the bytes, also where one value is the beginning of the other.
            KeyKind::Binary | KeyKind::Moment { .. } => Some(left.cmp(right)),
            KeyKind::Decimal { .. } => compare_decimals(left, right),
            KeyKind::Text { collation, .. } => text_order::compare(collation, left, right),
        }
    }
}

impl KeyColumn {
    /// The column in a condition. An ENUM is ordered by its number, but compared as text unless it is made one.
    fn expression(&self) -> String {
        match self.kind {
            KeyKind::Numbered { .. } => format!("{}+0", quoted_name(&self.name)),
            _ => quoted_name(&self.name),
        }
    }

    /// A value to compare the column with: typed as the column, and without a collation of its own.
    fn literal(&self, value: &str) -> Option<String> {
        Some(match &self.kind {
            KeyKind::Signed => value.parse::<i64>().ok()?.to_string(),
            KeyKind::Wrapped => unwrapped(value)?.to_string(),
            KeyKind::Decimal { scale } => decimal(value, *scale)?,
            KeyKind::Numbered { .. } => value.parse::<u64>().ok()?.to_string(),
            KeyKind::Moment { .. } => {
                let is_plain = |c: char| c.is_ascii_digit() || "-: .".contains(c);
                value.chars().all(is_plain).then(|| format!("'{value}'"))?
            }
            KeyKind::TimeOfDay => {
                let micros = value.parse::<i64>().ok()?;
                let sign = if micros < 0 { "-" } else { "" };
                let micros = micros.unsigned_abs();
                format!("SEC_TO_TIME({sign}{}.{:06})", micros / 1_000_000, micros % 1_000_000)
            }
            KeyKind::Binary => value
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit())
                .then(|| format!("x'{value}'"))?,
            KeyKind::Text { .. } => format!("_utf8mb4 x'{}'", super::key_collector::hex(value.as_bytes())),
        })
    }

    /// A value to compare another with: text carries the column's character set and collation.
    fn collated(&self, value: &str) -> Option<String> {
        let literal = self.literal(value)?;
        Some(match &self.kind {
            KeyKind::Text { charset, collation } => format!("CONVERT({literal} USING {charset}) COLLATE {collation}"),
            _ => literal,
        })
    }
}

fn unwrapped(value: &str) -> Option<u64> {
    Some(value.parse::<i64>().ok()?.cast_unsigned())
}

/// The order of two decimals of one scale, in the form of their records.
fn compare_decimals(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (signed_bytes(left)?, signed_bytes(right)?);
    let is_negative = |bytes: &[u8]| bytes.first().is_some_and(|first| first & 0x80 != 0);
    let (left_negative, right_negative) = (is_negative(&left), is_negative(&right));
    if left_negative != right_negative {
        return Some(right_negative.cmp(&left_negative));
    }
    let length = left.len().max(right.len());
    let widened = |bytes: &[u8], negative: bool| {
        let fill = if negative { 0xff } else { 0 };
        let mut wide = vec![fill; length - bytes.len()];
        wide.extend_from_slice(bytes);
        wide
    };
    Some(widened(&left, left_negative).cmp(&widened(&right, right_negative)))
}

/// The bytes of a hexadecimal number in two's complement; at least one.
fn signed_bytes(hex: &str) -> Option<Vec<u8>> {
    let bytes: Vec<u8> = (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok())
        .collect::<Option<_>>()?;
    (!bytes.is_empty()).then_some(bytes)
}

/// The hexadecimal unscaled two's complement of a record as a decimal literal.
fn decimal(hex: &str, scale: usize) -> Option<String> {
    let mut magnitude = signed_bytes(hex)?;
    let negative = magnitude.first()? & 0x80 != 0;
    if negative {
        let mut carry = true;
        for byte in magnitude.iter_mut().rev() {
            let (sum, overflow) = (!*byte).overflowing_add(u8::from(carry));
            (*byte, carry) = (sum, overflow);
        }
    }
    let mut digits = Vec::new();
    while magnitude.iter().any(|byte| *byte != 0) {
        let mut rest = 0_u32;
        for byte in &mut magnitude {
            let value = rest << 8 | u32::from(*byte);
            *byte = (value / 10) as u8;
            rest = value % 10;
        }
        digits.push(char::from(b'0' + rest as u8));
    }
    while digits.len() <= scale {
        digits.push('0');
    }
    let mut text: String = digits.iter().rev().collect();
    if scale > 0 {
        text.insert(text.len() - scale, '.');
    }
    Some(if negative { format!("-{text}") } else { text })
}

#[cfg(test)]
mod tests;
