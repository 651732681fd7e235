//! [`TouchedKeys`]: the rows that are changed while a view opens without a lock.
//!
//! Which of these changes the view holds cannot be told, and need not be: their rows are left out of the snapshot, and the
//! stream, which begins before all of them, brings each as its change. Rows are told apart by the very bytes of their keys. A
//! change of a key in another spelling names both spellings, so nothing needs to be known of collations.

use std::collections::{HashMap, HashSet};

use connector_api::data::WriteError;

use super::key_collector::KeyCollector;
use crate::captured::CapturedTable;
use crate::row::OrderedRow;
use crate::schema::ColumnType;
use crate::table_id::TableId;

/// What the keys may take together. A view opens in moments; what changes more rows meanwhile is one large transaction.
const ROOM: usize = 32 * 1024 * 1024;
/// What a key takes beside its text.
const OVERHEAD: usize = 64;

/// The keys of rows that were changed, by table.
#[derive(Debug, Default)]
pub struct TouchedKeys {
    tables: HashMap<TableId, HashSet<Vec<String>>>,
    bytes: usize,
}

/// The rows of one table that are left out.
#[derive(Debug)]
pub struct LeftOut {
    columns: Vec<usize>,
    keys: HashSet<Vec<String>>,
}

impl TouchedKeys {
    /// A row of `table` was changed, or became what it is; its key is in `columns`. Answers whether there is room for it.
    pub fn touch(&mut self, table: &TableId, row: &dyn OrderedRow, columns: &[usize]) -> Result<bool, WriteError> {
        let key = KeyCollector::place(row, columns)?;
        let size = OVERHEAD + key.iter().map(|part| part.len() + size_of::<String>()).sum::<usize>();
        let keys = match self.tables.get_mut(table) {
            Some(keys) => keys,
            None => self.tables.entry(table.clone()).or_default(),
        };
        if keys.insert(key) {
            self.bytes += size;
        }
        Ok(self.bytes <= ROOM)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.tables.values().map(HashSet::len).sum()
    }

    /// Those of `table`, which is about to be read; `None` if none of them was changed.
    pub fn take(&mut self, table: &CapturedTable) -> Option<LeftOut> {
        let keys = self.tables.remove(&table.schema.id)?;
        let columns = identity(table)?;
        Some(LeftOut { columns, keys })
    }
}

impl LeftOut {
    /// Whether a row of the view is one of them.
    pub(super) fn has(&self, row: &dyn OrderedRow) -> Result<bool, WriteError> {
        Ok(self.keys.contains(&KeyCollector::place(row, &self.columns)?))
    }
}

/// The columns whose values tell rows of a table apart, written the same in a view and in the binlog; `None` if it has no key, or
/// one of numbers that are rounded where they are read.
pub fn identity(table: &CapturedTable) -> Option<Vec<usize>> {
    let place = |name: &String| {
        let mut columns = table.schema.columns.iter();
        let index = columns.position(|column| column.name.eq_ignore_ascii_case(name))?;
        match table.records.forms().get(index)?.as_ref()?.column_type {
            ColumnType::Float | ColumnType::FloatWithScale | ColumnType::Double | ColumnType::Json => None,
            _ => Some(index),
        }
    };
    let columns: Vec<usize> = table.schema.key.iter().map(place).collect::<Option<_>>()?;
    (!columns.is_empty()).then_some(columns)
}

#[cfg(test)]
mod tests {
    use connector_api::data::{ValueWriter, WriteError};

    use super::{LeftOut, ROOM, TouchedKeys};
    use crate::row::OrderedRow;
    use crate::table_id::TableId;

    /// A row of texts.
    struct Texts<'a>(&'a [&'a str]);

    impl OrderedRow for Texts<'_> {
        fn write_order(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
            writer.string(self.0[index])
        }
    }

    fn touched(rows: &[&[&str]]) -> TouchedKeys {
        let mut touched = TouchedKeys::default();
        for row in rows {
            let has_room = touched.touch(&TableId::new("d", "t"), &Texts(row), &[2, 0]);
            assert!(has_room.expect("a key"));
        }
        touched
    }

    #[test]
    fn rows_are_told_apart_by_the_bytes_of_their_keys() {
        let mut touched = touched(&[&["a", "x", "b"], &["a", "y", "b"], &["A", "x", "b"]]);
        assert_eq!(touched.len(), 2);
        let keys = touched.tables.remove(&TableId::new("d", "t")).expect("keys");
        let left_out = LeftOut {
            columns: vec![2, 0],
            keys,
        };
        for (row, expected) in [
            (["a", "z", "b"], true),
            (["A", "z", "b"], true),
            (["b", "z", "a"], false),
            (["a", "z", "B"], false),
        ] {
            assert_eq!(left_out.has(&Texts(&row)).expect("a key"), expected, "{row:?}");
        }
    }

    #[test]
    fn keys_take_no_more_room_than_there_is() {
        let (mut touched, table) = (TouchedKeys::default(), TableId::new("d", "t"));
        let large = "x".repeat(ROOM / 4);
        let room = ["1", "2", "3", "4", "5"].map(|number| {
            let key = format!("{number}{large}");
            touched.touch(&table, &Texts(&[&key]), &[0]).expect("a key")
        });
        assert_eq!(room, [true, true, true, false, false]);
        let again = touched.touch(&table, &Texts(&[&format!("1{large}")]), &[0]);
        assert!(!again.expect("a key"), "it is not forgotten that there was no room");
    }
}
