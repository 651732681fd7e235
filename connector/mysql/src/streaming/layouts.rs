//! [`Layouts`]: what the rows behind table ids are.
//!
//! A server gives a table another id whenever it opens it anew, and never says that an id is out of use: on a server that runs
//! for months, ids come without end. But a statement announces all tables that it uses, before its rows. So nothing of one is
//! needed between two statements, and what is known is forgotten there once there are more ids than can be in use.

use std::collections::HashMap;
use std::sync::Arc;

use crate::binlog::event::RowsEvent;
use crate::binlog::table_map::{TableMap, TableMapEvent, TableMaps};
use crate::error::MySqlError;
use crate::schema::TableSchema;
use crate::table_id::TableId;

/// What rows behind a table id are.
pub(super) struct Layout {
    pub(super) map: Arc<TableMap>,
    pub(super) rows: LayoutRows,
}

/// What becomes of the rows of a table.
pub(super) enum LayoutRows {
    /// They are captured, and read by this definition.
    Captured(Arc<TableSchema>),
    /// They are captured, and their definition is not known.
    Undefined(TableId),
    /// They are not captured.
    Others,
}

/// The layouts in force.
pub(super) struct Layouts {
    maps: TableMaps,
    by_id: HashMap<u64, Layout>,
    /// Whether the rows of the last statement are over: what comes next announces its tables anew.
    is_between_statements: bool,
}

impl Default for Layouts {
    fn default() -> Self {
        Layouts {
            maps: TableMaps::default(),
            by_id: HashMap::new(),
            is_between_statements: true,
        }
    }
}

impl Layouts {
    /// Takes an announcement. Of one that says something new, `rows_of` tells what becomes of the rows.
    pub(super) fn announce(
        &mut self,
        event: &TableMapEvent<'_>,
        rows_of: impl FnOnce(&TableMap) -> Result<LayoutRows, MySqlError>,
    ) -> Result<(), MySqlError> {
        if std::mem::take(&mut self.is_between_statements) && self.maps.are_many() {
            self.maps.clear();
            self.by_id.clear();
        }
        let map = self
            .maps
            .accept(event)
            .map_err(|error| MySqlError::decode(error.to_string()))?;
        let known = self.by_id.get(&event.table_id);
        if known.is_some_and(|layout| Arc::ptr_eq(&layout.map, map)) {
            return Ok(());
        }
        let map = Arc::clone(map);
        let rows = rows_of(&map)?;
        self.by_id.insert(event.table_id, Layout { map, rows });
        Ok(())
    }

    /// The layout of rows that come now; `None` if nothing has announced them.
    pub(super) fn of_rows(&mut self, rows: &RowsEvent<'_>) -> Option<&Layout> {
        self.is_between_statements = rows.statement_end;
        self.by_id.get(&rows.table_id)
    }

    /// Forgets the layouts of captured tables whose definition is not `is_current` any more, or was not known.
    pub(super) fn retain(&mut self, is_current: impl Fn(&Arc<TableSchema>) -> bool) {
        self.by_id.retain(|_, layout| match &layout.rows {
            LayoutRows::Captured(schema) => is_current(schema),
            LayoutRows::Undefined(_) => false,
            LayoutRows::Others => true,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binlog::event::{BinlogEvent, RowsKind, fixture};
    use crate::binlog::table_map::MAX_IDS;

    fn announcement() -> TableMapEvent<'static> {
        let mut events = fixture::events().into_iter();
        let map = events.find_map(|event| match event {
            BinlogEvent::TableMap(map) => Some(map),
            _ => None,
        });
        map.expect("a recorded table map")
    }

    fn rows(table_id: u64, statement_end: bool) -> RowsEvent<'static> {
        RowsEvent {
            kind: RowsKind::Insert,
            table_id,
            partial: false,
            statement_end,
            before: None,
            after: None,
            rows: &[],
        }
    }

    fn captured(map: &TableMap) -> Result<LayoutRows, MySqlError> {
        Ok(LayoutRows::Captured(Arc::new(TableSchema {
            id: TableId::new(&map.database, &map.table),
            columns: Vec::new(),
            key: Vec::new(),
            default_charset: None,
            comment: None,
        })))
    }

    /// As after `FLUSH TABLES`, over and over.
    #[test]
    fn ids_without_end_do_not_take_memory_without_end() {
        let (mut layouts, announcement) = (Layouts::default(), announcement());
        let mut most = 0;
        for id in (1..=100_000).step_by(2) {
            // A statement of two tables: when the rows of the first come, both are in use.
            layouts.announce(&announcement.under(id), captured).expect("a map");
            layouts.announce(&announcement.under(id + 1), captured).expect("a map");
            for (id, statement_end) in [(id, false), (id + 1, true)] {
                let layout = layouts.of_rows(&rows(id, statement_end)).expect("it was announced");
                assert!(matches!(layout.rows, LayoutRows::Captured(_)));
            }
            most = most.max(layouts.by_id.len());
        }
        assert!(
            (MAX_IDS..=MAX_IDS + 2).contains(&most),
            "{most} layouts at once, of {MAX_IDS}"
        );
        assert!(layouts.of_rows(&rows(1, true)).is_none());
    }

    /// One statement is one of all tables that it announces, however many they are.
    #[test]
    fn nothing_of_a_statement_is_forgotten_before_its_last_rows() {
        let (mut layouts, announcement) = (Layouts::default(), announcement());
        let last = MAX_IDS as u64 + 10;
        for id in 1..=last {
            layouts.announce(&announcement.under(id), captured).expect("a map");
        }
        for id in 1..=last {
            assert!(layouts.of_rows(&rows(id, id == last)).is_some(), "{id}");
        }
        layouts
            .announce(&announcement.under(last + 1), captured)
            .expect("a map");
        assert_eq!(layouts.by_id.len(), 1);
    }
}
