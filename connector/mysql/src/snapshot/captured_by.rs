//! [`CapturedBy`]: the lists by which tables are captured in this attempt at a snapshot, and by which they were in earlier ones.
//!
//! A user may change the lists while a snapshot is interrupted. A table that an earlier list left out is not finished, however
//! far the snapshot has come beyond its name.

use std::collections::HashMap;

use crate::config::{CaptureLists, MySqlConfig, SnapshotReads, TableFilter};
use crate::error::MySqlError;
use crate::position::{FinishedTables, SnapshotFrontier};
use crate::table_id::TableId;

/// What the present lists and those of earlier attempts capture.
pub struct CapturedBy {
    lists: String,
    present: TableFilter,
    earlier: HashMap<String, TableFilter>,
    reads: SnapshotReads,
}

impl CapturedBy {
    /// The present lists alone.
    pub fn now(config: &MySqlConfig) -> Self {
        CapturedBy {
            lists: config.capture_lists.as_text().to_owned(),
            present: config.tables.clone(),
            earlier: HashMap::new(),
            reads: config.snapshot_reads.clone(),
        }
    }

    /// Goes on with `frontier` by the present lists; what they do not capture is forgotten.
    ///
    /// # Errors
    /// If what earlier lists captured is not known any more.
    pub fn go_on(frontier: &mut SnapshotFrontier, config: &MySqlConfig) -> Result<Self, MySqlError> {
        let mut captured_by = CapturedBy::now(config);
        for lists in frontier.finished.lists().filter(|lists| *lists != captured_by.lists) {
            let filter = CaptureLists::filter(lists).ok_or_else(lists_changed)?;
            if CaptureLists::read_tables(lists) != CaptureLists::read_tables(&captured_by.lists) {
                return Err(read_tables_changed());
            }
            captured_by.earlier.insert(lists.to_owned(), filter);
        }
        let captures = |table: &TableId| config.tables.captures(table);
        frontier.finished.capture_by(&captured_by.lists, captures);
        frontier.current.take_if(|current| !captures(&current.table));
        Ok(captured_by)
    }

    /// The present lists.
    pub fn lists(&self) -> &str {
        &self.lists
    }

    /// Whether `table` is captured now.
    pub fn captures(&self, table: &TableId) -> bool {
        self.present.captures(table)
    }

    /// Whether there is nothing to be read of `table`, which is captured now: it is one of the `finished`, or one that is streamed
    /// alone.
    pub fn is_finished(&self, finished: &FinishedTables, table: &TableId) -> bool {
        !self.reads.has(table) || self.is_one_of(finished, table)
    }

    /// Whether rows of `table` may be left out of its snapshot, by a statement of the user's.
    pub fn reads_in_part(&self, table: &TableId) -> bool {
        self.reads.statement(table).is_some()
    }

    fn is_one_of(&self, finished: &FinishedTables, table: &TableId) -> bool {
        finished.contains(table, |lists| {
            lists == self.lists || self.earlier.get(lists).is_some_and(|filter| filter.captures(table))
        })
    }
}

fn read_tables_changed() -> MySqlError {
    MySqlError::position(
        "snapshot.include.collection.list was changed while a snapshot was interrupted, so it cannot be told which rows the topics \
         have: change it back until the snapshot is complete, or reset the connector's offsets to begin it again",
    )
}

fn lists_changed() -> MySqlError {
    MySqlError::position(
        "the lists of captured tables were changed while a snapshot was interrupted, and they are too long for the offset to \
         hold, so it cannot be told which tables the snapshot has left out: change database.include.list, \
         database.exclude.list, table.include.list, table.exclude.list and table.ignore.builtin back until the snapshot is \
         complete, or reset the connector's offsets to begin it again",
    )
}

#[cfg(test)]
mod tests {
    use connector_api::ConfigMap;

    use super::*;
    use crate::position::{TableFrontier, TablePlace};

    fn config(tables: &str) -> MySqlConfig {
        let settings = [
            ("topic.prefix", "p"),
            ("database.hostname", "localhost"),
            ("database.user", "u"),
            ("schema.history.internal.kafka.topic", "h"),
            ("table.include.list", tables),
        ];
        let config: ConfigMap = settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        MySqlConfig::parse(&config).expect("a configuration")
    }

    fn id(name: &str) -> TableId {
        TableId::new("d", name)
    }

    /// Up to `m` by the lists of `config`, and in the middle of `n`.
    fn frontier(config: &MySqlConfig) -> SnapshotFrontier {
        let mut finished = FinishedTables::default();
        finished.insert(&id("m"), Some(&id("n")), CapturedBy::now(config).lists());
        SnapshotFrontier {
            finished,
            current: Some(TableFrontier {
                table: id("n"),
                place: TablePlace::Unknown,
            }),
        }
    }

    #[test]
    fn wider_lists_bring_tables_that_are_not_finished() {
        let mut frontier = frontier(&config("d\\.b,d\\.m,d\\.n"));
        let captured_by = CapturedBy::go_on(&mut frontier, &config("d\\..")).expect("short lists");
        let is_finished = |name| captured_by.is_finished(&frontier.finished, &id(name));
        assert!(!is_finished("a") && is_finished("b") && is_finished("m") && !is_finished("n"));
        assert!(frontier.current.is_some());
    }

    #[test]
    fn narrower_lists_forget_the_table_in_progress() {
        let mut frontier = frontier(&config("d\\.."));
        CapturedBy::go_on(&mut frontier, &config("d\\.b")).expect("short lists");
        assert_eq!(frontier.current, None);
        let captured_by = CapturedBy::go_on(&mut frontier, &config("d\\..")).expect("short lists");
        let is_finished = |name| captured_by.is_finished(&frontier.finished, &id(name));
        assert!(is_finished("b") && !is_finished("c"), "nobody has followed c");
    }

    #[test]
    fn long_lists_must_stay_until_the_snapshot_is_complete() {
        let long = config(&vec!["d\\..*"; 200].join(","));
        let mut stored = frontier(&long);
        assert!(CapturedBy::go_on(&mut stored.clone(), &long).is_ok());
        let error = CapturedBy::go_on(&mut stored, &config("d\\..*"))
            .err()
            .expect("an error");
        assert!(error.to_string().contains("table.include.list"), "{error}");
    }
}
