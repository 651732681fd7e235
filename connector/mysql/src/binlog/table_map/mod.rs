//! [`TableMap`]: the layout of a table's rows as the server announces it before the rows, and [`TableMaps`], the ones in force.
//!
//! A table map is sent in every transaction, for every table it touches, and almost always says what the last one said.
//! So [`TableMaps::accept`] first compares bytes: an unchanged definition costs no allocation and keeps its [`Arc`], by
//! whose identity everything compiled from it (row decoders) is found again. Table ids belong to a run of the server, and a
//! table gets another one whenever the server opens it anew. A statement announces all it uses, so that ids can be forgotten
//! between two statements ([`TableMaps::clear`]), while definitions stay known.

mod optional;
#[cfg(test)]
mod tests;
mod wire_type;

use std::collections::HashMap;
use std::sync::Arc;

pub use wire_type::WireType;

use super::bytes::ByteReader;
use super::event::{EventError, EventFault};

/// So many definitions are remembered; then those not in use are forgotten.
const MAX_KNOWN: usize = 4096;
/// So many ids are remembered: more than a server has tables open, so that only those out of use are asked for again.
pub const MAX_IDS: usize = 16_384;
/// More columns than any storage engine allows; what claims more is damaged.
const MAX_COLUMNS: u64 = 4096;

/// A TABLE_MAP event: an id for rows events to refer to, and a definition not looked at yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableMapEvent<'a> {
    /// The id.
    pub table_id: u64,
    /// Everything after the flags: names, columns, metadata.
    definition: &'a [u8],
    log_pos: u32,
}

impl<'a> TableMapEvent<'a> {
    pub(super) fn parse(body: &'a [u8], table_id_width: usize, log_pos: u32) -> Result<Self, EventFault> {
        let mut reader = ByteReader::new(body);
        let table_id = reader.uint(table_id_width)?;
        reader.u16()?;
        Ok(TableMapEvent {
            table_id,
            definition: reader.rest(),
            log_pos,
        })
    }

    /// The same table under another id, for tests.
    #[cfg(test)]
    pub(crate) fn under(self, table_id: u64) -> Self {
        TableMapEvent { table_id, ..self }
    }
}

/// The layout of a table's rows.
#[derive(Debug, PartialEq, Eq)]
pub struct TableMap {
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
    /// The columns, in table order.
    pub columns: Vec<MappedColumn>,
    /// The primary key in key order (`binlog_row_metadata=FULL`; `None` with MINIMAL, and without a primary key).
    pub primary_key: Option<Vec<KeyPart>>,
    definition: Arc<[u8]>,
}

/// One column of a table map. What only `binlog_row_metadata=FULL` tells is optional.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedColumn {
    /// How its values are packed.
    pub wire_type: WireType,
    /// Whether it allows NULL.
    pub nullable: bool,
    /// Whether it is UNSIGNED; `None` for types without a sign.
    pub unsigned: Option<bool>,
    /// The collation's number (`information_schema.collations`) of a character, binary, ENUM or SET column. For ENUM and
    /// SET only with FULL.
    pub collation: Option<u32>,
    /// Its name.
    pub name: Option<String>,
    /// The values of an ENUM or SET, in the column's character set.
    pub values: Option<Vec<Vec<u8>>>,
    /// Whether it is visible.
    pub visible: Option<bool>,
}

/// A part of a primary key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPart {
    /// The column, counted from 0.
    pub column: usize,
    /// How many characters of it; 0 for all.
    pub prefix: u64,
}

impl TableMap {
    /// A map of these columns, for tests.
    #[cfg(test)]
    pub(crate) fn of_columns(database: &str, table: &str, columns: Vec<MappedColumn>) -> Self {
        TableMap {
            database: database.to_owned(),
            table: table.to_owned(),
            columns,
            primary_key: None,
            definition: Arc::default(),
        }
    }

    fn parse(definition: &[u8]) -> Result<Self, EventFault> {
        let mut reader = ByteReader::new(definition);
        let database = name(&mut reader)?;
        let table = name(&mut reader)?;
        let count = reader.packed()?;
        if count > MAX_COLUMNS {
            return Err(EventFault::Unsupported {
                what: "a column count of",
                value: count,
            });
        }
        let codes = reader.take(count as usize)?;
        let mut metadata = ByteReader::new(reader.packed_bytes()?);
        let nullable = reader.take(codes.len().div_ceil(8))?;
        let mut columns = Vec::with_capacity(codes.len());
        let mut lost = false;
        for (index, code) in codes.iter().enumerate() {
            // Behind a type of unknown metadata length no metadata can be told apart.
            let wire_type = if lost {
                WireType::Unknown { code: *code }
            } else {
                WireType::parse(*code, &mut metadata)?
            };
            lost |= matches!(wire_type, WireType::Unknown { .. });
            let nullable = nullable.get(index / 8).is_some_and(|byte| byte >> (index % 8) & 1 == 1);
            columns.push(MappedColumn {
                wire_type,
                nullable,
                unsigned: None,
                collation: None,
                name: None,
                values: None,
                visible: None,
            });
        }
        let mut map = TableMap {
            database,
            table,
            columns,
            primary_key: None,
            definition: definition.into(),
        };
        // Optional metadata are counted per kind of column, which an unknown type makes impossible.
        if !lost {
            optional::read(&mut map, reader.rest())?;
        }
        Ok(map)
    }
}

fn name(reader: &mut ByteReader<'_>) -> Result<String, EventFault> {
    let name = std::str::from_utf8(reader.packed_bytes()?);
    let name = name.map_err(|_| EventFault::Invalid("a table's name is not UTF-8"))?;
    // A zero ends the name although its length is known.
    reader.u8()?;
    Ok(name.to_owned())
}

/// The table maps that rows events can refer to.
#[derive(Debug)]
pub struct TableMaps {
    by_id: HashMap<u64, Arc<TableMap>>,
    known: HashMap<Arc<[u8]>, Arc<TableMap>>,
    /// So many are known before the next look for those that are not in use.
    max_known: usize,
}

impl Default for TableMaps {
    fn default() -> Self {
        TableMaps {
            by_id: HashMap::new(),
            known: HashMap::new(),
            max_known: MAX_KNOWN,
        }
    }
}

impl TableMaps {
    /// Takes a TABLE_MAP event and returns the map; the same `Arc` as before if the definition is the same.
    pub fn accept(&mut self, event: &TableMapEvent<'_>) -> Result<&Arc<TableMap>, EventError> {
        let is_current = self
            .by_id
            .get(&event.table_id)
            .is_some_and(|map| *map.definition == *event.definition);
        if !is_current {
            let map = self.define(event)?;
            self.by_id.insert(event.table_id, map);
        }
        self.by_id
            .get(&event.table_id)
            .ok_or_else(|| malformed(event, EventFault::Invalid("it defines nothing")))
    }

    /// Whether so many ids are known that most of them must be out of use.
    pub fn are_many(&self) -> bool {
        self.by_id.len() >= MAX_IDS
    }

    /// Forgets all ids. Between two statements only: rows refer to the maps of their own.
    pub fn clear(&mut self) {
        self.by_id.clear();
    }

    fn define(&mut self, event: &TableMapEvent<'_>) -> Result<Arc<TableMap>, EventError> {
        if let Some(known) = self.known.get(event.definition) {
            return Ok(Arc::clone(known));
        }
        let map = TableMap::parse(event.definition).map_err(|fault| malformed(event, fault))?;
        let map = Arc::new(map);
        if self.known.len() >= self.max_known {
            // Whoever still uses a map holds it, too.
            self.known.retain(|_, known| Arc::strong_count(known) > 1);
            self.max_known = MAX_KNOWN.max(2 * self.known.len());
        }
        self.known.insert(Arc::clone(&map.definition), Arc::clone(&map));
        Ok(map)
    }
}

fn malformed(event: &TableMapEvent<'_>, fault: EventFault) -> EventError {
    EventError::Malformed {
        event: "Table_map",
        log_pos: event.log_pos,
        fault,
    }
}
