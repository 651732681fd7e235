//! The optional metadata at the end of a table map: a list of type, length and value, in any order.
//!
//! Signs and character sets are always there (since MySQL 8.0.1); names, values, keys and visibility only with
//! `binlog_row_metadata=FULL`. Each list speaks only of the columns it concerns, in table order. Types of later versions
//! are skipped.

use super::{KeyPart, MappedColumn, TableMap, WireType};
use crate::binlog::bytes::ByteReader;
use crate::binlog::event::EventFault;

type Filter = fn(WireType) -> bool;

pub(super) fn read(map: &mut TableMap, bytes: &[u8]) -> Result<(), EventFault> {
    let mut reader = ByteReader::new(bytes);
    while !reader.is_empty() {
        let kind = reader.u8()?;
        let mut value = ByteReader::new(reader.packed_bytes()?);
        match kind {
            1 => signedness(map, value.rest())?,
            2 => default_charset(map, &mut value, WireType::is_character)?,
            3 => column_charset(map, &mut value, WireType::is_character)?,
            4 => names(map, &mut value)?,
            5 => values(map, &mut value, |wire_type| matches!(wire_type, WireType::Set { .. }))?,
            6 => values(map, &mut value, |wire_type| matches!(wire_type, WireType::Enum { .. }))?,
            8 => map.primary_key = Some(key(map, &mut value, false)?),
            9 => map.primary_key = Some(key(map, &mut value, true)?),
            10 => default_charset(map, &mut value, WireType::is_enum_or_set)?,
            11 => column_charset(map, &mut value, WireType::is_enum_or_set)?,
            12 => visibility(map, value.rest())?,
            _ => {}
        }
    }
    Ok(())
}

fn concerned(map: &mut TableMap, filter: Filter) -> impl Iterator<Item = &mut MappedColumn> {
    map.columns.iter_mut().filter(move |column| filter(column.wire_type))
}

/// Bit `index`, counted from the highest bit of the first byte.
fn bit(bytes: &[u8], index: usize) -> Result<bool, EventFault> {
    let byte = bytes
        .get(index / 8)
        .ok_or(EventFault::Invalid("a list of bits is too short for the columns"))?;
    Ok(byte << (index % 8) & 0x80 != 0)
}

fn signedness(map: &mut TableMap, bits: &[u8]) -> Result<(), EventFault> {
    for (index, column) in concerned(map, WireType::is_numeric).enumerate() {
        column.unsigned = Some(bit(bits, index)?);
    }
    Ok(())
}

fn visibility(map: &mut TableMap, bits: &[u8]) -> Result<(), EventFault> {
    for (index, column) in map.columns.iter_mut().enumerate() {
        column.visible = Some(bit(bits, index)?);
    }
    Ok(())
}

/// The most frequent collation, then pairs of a column (counted among those concerned) and its collation.
fn default_charset(map: &mut TableMap, reader: &mut ByteReader<'_>, filter: Filter) -> Result<(), EventFault> {
    let default = collation(reader)?;
    concerned(map, filter).for_each(|column| column.collation = Some(default));
    while !reader.is_empty() {
        let index = index(reader)?;
        let other = collation(reader)?;
        let column = concerned(map, filter).nth(index);
        column
            .ok_or(EventFault::Invalid("a character set belongs to no column"))?
            .collation = Some(other);
    }
    Ok(())
}

fn column_charset(map: &mut TableMap, reader: &mut ByteReader<'_>, filter: Filter) -> Result<(), EventFault> {
    for column in concerned(map, filter) {
        column.collation = Some(collation(reader)?);
    }
    Ok(())
}

fn names(map: &mut TableMap, reader: &mut ByteReader<'_>) -> Result<(), EventFault> {
    for column in &mut map.columns {
        let name = std::str::from_utf8(reader.packed_bytes()?);
        column.name = Some(
            name.map_err(|_| EventFault::Invalid("a column's name is not UTF-8"))?
                .to_owned(),
        );
    }
    Ok(())
}

fn values(map: &mut TableMap, reader: &mut ByteReader<'_>, filter: Filter) -> Result<(), EventFault> {
    for column in concerned(map, filter) {
        let mut values = Vec::new();
        for _ in 0..reader.packed()? {
            values.push(reader.packed_bytes()?.to_vec());
        }
        column.values = Some(values);
    }
    Ok(())
}

fn key(map: &TableMap, reader: &mut ByteReader<'_>, with_prefix: bool) -> Result<Vec<KeyPart>, EventFault> {
    let mut parts = Vec::new();
    while !reader.is_empty() {
        let column = index(reader)?;
        if column >= map.columns.len() {
            return Err(EventFault::Invalid(
                "the primary key has a column that the table has not",
            ));
        }
        parts.push(KeyPart {
            column,
            prefix: if with_prefix { reader.packed()? } else { 0 },
        });
    }
    Ok(parts)
}

fn index(reader: &mut ByteReader<'_>) -> Result<usize, EventFault> {
    Ok(usize::try_from(reader.packed()?).unwrap_or(usize::MAX))
}

fn collation(reader: &mut ByteReader<'_>) -> Result<u32, EventFault> {
    u32::try_from(reader.packed()?).map_err(|_| EventFault::Invalid("a collation's number is too large"))
}
