//! [`Savepoints`]: to which savepoints a transaction may roll back without taking back a change of a captured table.
//!
//! Of a savepoint only one thing matters: whether such a change stands behind it. So those that are kept were set after the
//! last change, and each change lets go of all of them, however many a transaction sets.

use std::collections::HashSet;

/// So many names are kept; then the older ones count as unknown.
const MAX_NAMES: usize = 4096;

/// The savepoints of one transaction that were set behind its last change of a captured table.
#[derive(Debug, Default)]
pub(super) struct Savepoints {
    names: HashSet<String>,
}

impl Savepoints {
    /// `SAVEPOINT name`, behind the last change.
    pub(super) fn set(&mut self, name: &str) {
        if self.names.len() >= MAX_NAMES {
            self.names.clear();
        }
        self.names.insert(folded(name));
    }

    /// A change of a captured table: it stands behind all of them.
    pub(super) fn passed(&mut self) {
        if !self.names.is_empty() {
            self.names.clear();
        }
    }

    /// Whether no change stands behind the savepoint; of an unknown one it is not certain.
    pub(super) fn is_behind_all_changes(&self, name: &str) -> bool {
        self.names.contains(&folded(name))
    }
}

/// Names of savepoints, quoted or not, do not depend on case.
fn folded(name: &str) -> String {
    name.trim_matches('`').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{MAX_NAMES, Savepoints};

    #[test]
    fn a_savepoint_is_known_until_the_next_change() {
        let mut savepoints = Savepoints::default();
        savepoints.set("`a`");
        savepoints.set("B");
        assert!(savepoints.is_behind_all_changes("A") && savepoints.is_behind_all_changes("`b`"));
        assert!(!savepoints.is_behind_all_changes("c"));
        savepoints.passed();
        savepoints.set("b");
        assert!(!savepoints.is_behind_all_changes("a") && savepoints.is_behind_all_changes("b"));
    }

    #[test]
    fn not_more_names_are_kept_than_one_transaction_needs() {
        let mut savepoints = Savepoints::default();
        for number in 0..10 * MAX_NAMES {
            savepoints.set(&format!("s{number}"));
            assert!(savepoints.names.len() <= MAX_NAMES);
            assert!(savepoints.is_behind_all_changes(&format!("s{number}")));
        }
    }
}
