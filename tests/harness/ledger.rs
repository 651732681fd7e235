//! [`Ledger`]: what was committed to one table, in order per key.
//!
//! Every row carries a `version` that no other row state of the test has, so a state is known by its row, and a change by the
//! states before and after it. A key belongs to one writer, which knows the order of its changes; ledgers of different
//! writers have no key in common and can be merged.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// When a change was committed, as far as the test knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Before the snapshot was over: the snapshot may have folded it into its row.
    Foldable,
    /// After: it has an event.
    Streamed,
}

/// What happened to a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Insert(Value),
    Update(Value),
    Delete,
    /// The row's key was changed to this one.
    MoveAway(Value),
    /// The row had this key before.
    MoveIn {
        from: Value,
        row: Value,
    },
}

impl Change {
    /// The row afterwards; `Null` when there is none.
    pub fn row(&self) -> &Value {
        match self {
            Change::Insert(row) | Change::Update(row) | Change::MoveIn { row, .. } => row,
            Change::Delete | Change::MoveAway(_) => &Value::Null,
        }
    }
}

/// The changes of one key, oldest first.
pub type History = Vec<(Phase, Change)>;

/// The truth about one table.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// By the text of the key: of the columns that identify a row, whether or not MySQL knows them as a key.
    pub histories: BTreeMap<String, (Value, History)>,
    /// Versions that were written and rolled back.
    pub rolled_back: BTreeSet<i64>,
}

impl Ledger {
    /// Adds a committed change.
    pub fn commit(&mut self, key: &Value, phase: Phase, change: Change) {
        let entry = self
            .histories
            .entry(key.to_string())
            .or_insert_with(|| (key.clone(), History::new()));
        entry.1.push((phase, change));
    }

    /// Adds a ledger of other keys.
    pub fn merge(&mut self, other: Ledger) {
        for (text, (key, mut history)) in other.histories {
            self.histories
                .entry(text)
                .or_insert_with(|| (key, History::new()))
                .1
                .append(&mut history);
        }
        self.rolled_back.extend(other.rolled_back);
    }

    /// How many changes there are.
    pub fn changes(&self) -> usize {
        self.histories.values().map(|(_, history)| history.len()).sum()
    }

    /// The table as it should be now, by key.
    pub fn fold(&self) -> BTreeMap<String, Value> {
        let last = |history: &History| {
            history
                .last()
                .map(|(_, change)| change.row().clone())
                .filter(|row| !row.is_null())
        };
        self.histories
            .iter()
            .filter_map(|(key, (_, history))| Some((key.clone(), last(history)?)))
            .collect()
    }
}
