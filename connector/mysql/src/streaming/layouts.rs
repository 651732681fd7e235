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

/// What rows behind a table id are.
pub(super) struct Layout {
    pub(super) map: Arc<TableMap>,
    /// `None`: the table is not captured.
    pub(super) table: Option<Arc<TableSchema>>,
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
    /// Takes an announcement. Of one that says something new, `table_of` tells the captured table.
    pub(super) fn announce(
        &mut self,
        event: &TableMapEvent<'_>,
        table_of: impl FnOnce(&TableMap) -> Result<Option<Arc<TableSchema>>, MySqlError>,
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
        let table = table_of(&map)?;
        self.by_id.insert(event.table_id, Layout { map, table });
        Ok(())
    }

    /// The layout of rows that come now; `None` if nothing has announced them.
    pub(super) fn of_rows(&mut self, rows: &RowsEvent<'_>) -> Option<&Layout> {
        self.is_between_statements = rows.statement_end;
        self.by_id.get(&rows.table_id)
    }

    /// Forgets the layouts of captured tables whose definition is not `is_current` any more.
    pub(super) fn retain(&mut self, is_current: impl Fn(&Arc<TableSchema>) -> bool) {
        self.by_id
            .retain(|_, layout| layout.table.as_ref().is_none_or(&is_current));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binlog::event::{BinlogEvent, RowsKind, fixture};
    use crate::binlog::table_map::MAX_IDS;
    use crate::table_id::TableId;

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

    fn captured(map: &TableMap) -> Result<Option<Arc<TableSchema>>, MySqlError> {
        Ok(Some(Arc::new(TableSchema {
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
                assert!(layout.table.is_some());
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
