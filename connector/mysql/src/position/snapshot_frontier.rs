//! [`SnapshotFrontier`]: how far a snapshot has come, stored with the offset.
//!
//! Everything at or below the frontier is in the topics as of the offset's stream position; nothing above it is.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::finished_tables::{FinishedTables, StoredTables};
use super::offset::OffsetError;
use crate::table_id::TableId;

const FINISHED: &str = "rowmill_snapshot_finished";
/// The finished tables one by one, as earlier releases wrote them. Read, never written.
const ONE_BY_ONE: &str = "rowmill_snapshot_tables";
const TABLE: &str = "rowmill_snapshot_table";
const KEY: &str = "rowmill_snapshot_key";
const DEFINITION: &str = "rowmill_snapshot_key_definition";

/// The tables that are read, and the place in the one being read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SnapshotFrontier {
    /// The tables that are completely read.
    pub finished: FinishedTables,
    /// The table in progress.
    pub current: Option<TableFrontier>,
}

/// The place in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFrontier {
    /// The table.
    pub table: TableId,
    /// Which rows of it are in the topics.
    pub place: TablePlace,
}

/// Which rows of a table in progress are in the topics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TablePlace {
    /// None yet.
    #[default]
    Start,
    /// All up to this key.
    Behind {
        /// The key read last, in key order, each column as text.
        key: Vec<String>,
        /// What the order of keys depended on.
        definition: Uuid,
    },
    /// Some of them; which ones cannot be told, so the table is read again from its start.
    Unknown,
}

/// The keys' values are JSON in text: Kafka Connect allows only primitive values in an offset.
impl SnapshotFrontier {
    pub(super) const KEYS: [&'static str; 5] = [FINISHED, ONE_BY_ONE, TABLE, KEY, DEFINITION];

    pub(super) fn write(&self, offset: &mut Map<String, Value>) {
        let finished = serde_json::to_string(&StoredTables::from(&self.finished)).expect("names and lists are JSON");
        offset.insert(FINISHED.to_owned(), finished.into());
        if let Some(current) = &self.current {
            offset.insert(TABLE.to_owned(), name(&current.table).to_string().into());
            current.place.write(offset);
        }
    }

    /// `None` in an offset that has no frontier.
    pub(super) fn read(offset: &Map<String, Value>) -> Result<Option<SnapshotFrontier>, OffsetError> {
        let Some(finished) = finished(offset)? else {
            return Ok(None);
        };
        let current = match texts::<(String, String)>(offset, TABLE)? {
            Some((database, table)) => Some(TableFrontier {
                table: TableId { database, table },
                place: TablePlace::read(offset)?,
            }),
            None => None,
        };
        Ok(Some(SnapshotFrontier { finished, current }))
    }
}

impl TablePlace {
    fn write(&self, offset: &mut Map<String, Value>) {
        match self {
            TablePlace::Unknown => {}
            TablePlace::Start => {
                offset.insert(KEY.to_owned(), "[]".into());
            }
            TablePlace::Behind { key, definition } => {
                let key: Value = key.iter().map(String::as_str).collect();
                offset.insert(KEY.to_owned(), key.to_string().into());
                offset.insert(DEFINITION.to_owned(), definition.to_string().into());
            }
        }
    }

    /// A key without a definition means nothing.
    fn read(offset: &Map<String, Value>) -> Result<TablePlace, OffsetError> {
        let definition = offset.get(DEFINITION).and_then(Value::as_str);
        let definition = definition.map(|text| {
            text.parse().map_err(|_| OffsetError::Invalid {
                key: DEFINITION,
                expected: "a UUID",
            })
        });
        Ok(match (texts::<Vec<String>>(offset, KEY)?, definition.transpose()?) {
            (Some(key), _) if key.is_empty() => TablePlace::Start,
            (Some(key), Some(definition)) => TablePlace::Behind { key, definition },
            _ => TablePlace::Unknown,
        })
    }
}

fn finished(offset: &Map<String, Value>) -> Result<Option<FinishedTables>, OffsetError> {
    if let Some(stored) = texts::<StoredTables>(offset, FINISHED)? {
        return Ok(Some(stored.into()));
    }
    let one_by_one = texts::<Vec<(String, String)>>(offset, ONE_BY_ONE)?;
    Ok(one_by_one.map(|tables| {
        let tables = tables.into_iter().map(|(database, table)| TableId { database, table });
        FinishedTables::one_by_one(tables)
    }))
}

/// A table's name as `["database","table"]`; both may contain dots.
fn name(table: &TableId) -> Value {
    Value::from(vec![table.database.as_str(), table.table.as_str()])
}

fn texts<T: serde::de::DeserializeOwned>(
    offset: &Map<String, Value>,
    key: &'static str,
) -> Result<Option<T>, OffsetError> {
    let invalid = |_| OffsetError::Invalid {
        key,
        expected: "JSON text",
    };
    match offset.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => serde_json::from_str(text).map(Some).map_err(invalid),
        Some(other) => serde_json::from_value(other.clone()).map(Some).map_err(invalid),
    }
}
