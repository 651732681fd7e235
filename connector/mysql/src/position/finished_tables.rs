//! [`FinishedTables`]: which tables a snapshot has read, in a form that stays small at any number of tables.
//!
//! Tables are read in the order of their names, so what is finished is a *stretch* of that order: every captured table up to
//! one. Why that is enough, and what stands beside it, is argued in [`crate::snapshot`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::table_id::TableId;

/// The tables that are completely read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FinishedTables {
    stretches: Vec<Stretch>,
    /// Finished before others that come before them.
    apart: BTreeSet<TableId>,
    /// Within a stretch, and yet to be read.
    unread: BTreeSet<TableId>,
}

/// All tables up to one, as far as they were captured.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stretch {
    to: TableId,
    /// The lists by which tables were captured while they were read and since then: a table must be in all of them.
    lists: Vec<String>,
}

impl FinishedTables {
    /// As earlier releases stored them: one by one.
    pub fn one_by_one(tables: impl IntoIterator<Item = TableId>) -> Self {
        FinishedTables {
            apart: tables.into_iter().collect(),
            ..FinishedTables::default()
        }
    }

    /// Whether no table is finished.
    pub fn is_empty(&self) -> bool {
        self.stretches.is_empty() && self.apart.is_empty()
    }

    /// Whether a captured table is finished. `captured_by` tells of earlier lists whether they captured it, too.
    pub fn contains(&self, table: &TableId, captured_by: impl Fn(&str) -> bool) -> bool {
        let is_within =
            |stretch: &Stretch| *table <= stretch.to && stretch.lists.iter().all(|lists| captured_by(lists.as_str()));
        self.apart.contains(table) || !self.unread.contains(table) && self.stretches.iter().any(is_within)
    }

    /// The lists that [`contains`](Self::contains) asks about.
    pub fn lists(&self) -> impl Iterator<Item = &str> {
        let lists = self.stretches.iter().flat_map(|stretch| &stretch.lists);
        lists.map(String::as_str)
    }

    /// From now on tables are captured by `lists`: of those that are not, nothing is known any more.
    pub fn capture_by(&mut self, lists: &str, captures: impl Fn(&TableId) -> bool) {
        for stretch in &mut self.stretches {
            if !stretch.lists.iter().any(|known| known == lists) {
                stretch.lists.push(lists.to_owned());
            }
        }
        self.apart.retain(captures);
    }

    /// `table` is read. `next` is the first in the order of names, of those captured by `lists`, that is not.
    pub fn insert(&mut self, table: &TableId, next: Option<&TableId>, lists: &str) {
        self.unread.remove(table);
        if next.is_some_and(|next| next < table) {
            if !self.is_covered(table, lists) {
                self.apart.insert(table.clone());
            }
            return;
        }
        self.unread.retain(|unread| unread > table);
        self.apart.retain(|apart| apart > table);
        if self.is_covered(table, lists) {
            return;
        }
        self.stretches.retain(|stretch| stretch.to > *table);
        self.stretches.push(Stretch {
            to: table.clone(),
            lists: vec![lists.to_owned()],
        });
    }

    /// Whether a stretch of these lists alone has `table`, were it not unread.
    fn is_covered(&self, table: &TableId, lists: &str) -> bool {
        let mut stretches = self.stretches.iter();
        stretches.any(|stretch| *table <= stretch.to && stretch.lists.iter().all(|known| known == lists))
    }

    /// The rows of `table` are others than those that were read.
    pub fn remove(&mut self, table: &TableId) {
        self.apart.remove(table);
        if self.stretches.iter().any(|stretch| *table <= stretch.to) {
            self.unread.insert(table.clone());
        }
    }
}

/// The stored form, without what is empty.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredTables {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    to: Vec<StoredStretch>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    apart: Vec<Name>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unread: Vec<Name>,
}

#[derive(Serialize, Deserialize)]
struct StoredStretch {
    table: Name,
    lists: Vec<String>,
}

/// A table's name as `["database","table"]`; both may contain dots.
type Name = (String, String);

fn name(table: &TableId) -> Name {
    (table.database.clone(), table.table.clone())
}

fn table((database, table): Name) -> TableId {
    TableId { database, table }
}

impl From<&FinishedTables> for StoredTables {
    fn from(finished: &FinishedTables) -> Self {
        let stretches = finished.stretches.iter().map(|Stretch { to, lists }| StoredStretch {
            table: name(to),
            lists: lists.clone(),
        });
        StoredTables {
            to: stretches.collect(),
            apart: finished.apart.iter().map(name).collect(),
            unread: finished.unread.iter().map(name).collect(),
        }
    }
}

impl From<StoredTables> for FinishedTables {
    fn from(stored: StoredTables) -> Self {
        let stretches = stored
            .to
            .into_iter()
            .map(|StoredStretch { table: to, lists }| Stretch { to: table(to), lists });
        FinishedTables {
            stretches: stretches.collect(),
            apart: stored.apart.into_iter().map(table).collect(),
            unread: stored.unread.into_iter().map(table).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
