//! [`Checker`]: the events of a table's topic against the ledger of the table.
//!
//! Per key, the events must be: nothing or one snapshot row, equal to the state after some change that the snapshot may have
//! folded, then every later change exactly once and in order, each with the row before it and the row after it; a delete
//! followed by its tombstone; a key change as delete, tombstone, create, each with the header that names the other key (a
//! resumed snapshot may have folded one half, then the other stands alone). What was rolled back appears nowhere. Folding
//! the events gives the table.
//!
//! A keyless table's rows are told apart by the columns that identify them for the test. A snapshot may read such a table
//! again from its beginning, so its snapshot rows may repeat; nothing else may. Of one that was read again because the
//! snapshot was interrupted inside of it, see `opening.rs`.
//!
//! Pure: it takes values and returns every fault it finds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use crate::change_event::{ChangeEvent, Operation};
use crate::ledger::{Change, History, Ledger, Phase};
use crate::murmur2::partition_of;

mod opening;
#[cfg(test)]
mod tests;

/// What a table's topic must be.
pub struct Checker<'a> {
    pub ledger: &'a Ledger,
    /// The columns that identify a row.
    pub identity: &'a [&'a str],
    /// Whether MySQL has them as the key, so that records have it too.
    pub keyed: bool,
    /// Whether a snapshot was interrupted inside of it, and had to read it again for want of a key.
    pub read_again: bool,
    /// How many rows may begin with a change instead of a snapshot row: those that were changed while a snapshot began without a
    /// lock.
    pub left_out: usize,
    pub partitions: i32,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// A committed change has no event.
    Lost,
    /// A row that was there when the snapshot began, and whose first event is a change.
    Unread,
    /// A change has two events.
    Doubled,
    /// A change's event stands at the wrong place among the events of its key.
    Swapped,
    /// An event of nothing that was committed.
    Ghost,
    /// An event of something that was rolled back.
    RolledBack,
    /// The row before the change is not the one that the change before it left.
    BrokenChain,
    /// A delete without its tombstone, or the reverse.
    Tombstone,
    /// A key change whose headers do not name the other key.
    KeyHeader,
    /// The record's key or partition is not the row's.
    Place,
}

/// One fault, with where to look.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    pub kind: FaultKind,
    pub key: String,
    pub detail: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at key {}: {}", self.kind, self.key, self.detail)
    }
}

impl Checker<'_> {
    /// Every fault of the topic. Events are in the order of their partition; partitions may come in any order.
    pub fn faults(&self, events: &[ChangeEvent]) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut by_key: BTreeMap<String, Vec<&ChangeEvent>> = BTreeMap::new();
        for event in events {
            if !self.keyed && event.operation == Operation::Tombstone {
                // A delete of a keyless table is followed by a record with neither key nor value.
                continue;
            }
            let key = self.key_of(event);
            self.check_place(event, &key, &mut faults);
            by_key.entry(key.to_string()).or_default().push(event);
        }
        for (key, events) in &by_key {
            let events = self.without_tombstones(key, events, &mut faults);
            self.check_key(key, &events, &mut faults);
        }
        for key in self.ledger.histories.keys().filter(|key| !by_key.contains_key(*key)) {
            self.check_key(key, &[], &mut faults);
        }
        let unread = faults.iter().filter(|fault| fault.kind == FaultKind::Unread).count();
        if unread <= self.left_out {
            faults.retain(|fault| fault.kind != FaultKind::Unread);
        }
        faults
    }

    /// The identity of the row that an event is about.
    fn key_of(&self, event: &ChangeEvent) -> Value {
        if event.operation == Operation::Tombstone {
            return event.key.clone();
        }
        let row = if event.after.is_null() {
            &event.before
        } else {
            &event.after
        };
        self.identity
            .iter()
            .map(|column| ((*column).to_owned(), row[*column].clone()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }

    fn check_place(&self, event: &ChangeEvent, key: &Value, faults: &mut Vec<Fault>) {
        let fault = |detail| Fault {
            kind: FaultKind::Place,
            key: key.to_string(),
            detail,
        };
        match &event.key_bytes {
            None if self.keyed => faults.push(fault(format!("the record {} has no key", event.place()))),
            None => {}
            Some(_) if !self.keyed => faults.push(fault(format!("the record {} has a key", event.place()))),
            Some(bytes) => {
                // As text: the order of a key's columns is part of it.
                let (found, expected) = (event.key.to_string(), key.to_string());
                if found != expected {
                    faults.push(fault(format!("the record {} has the key {}", event.place(), event.key)));
                }
                let expected = partition_of(bytes, self.partitions);
                if event.partition != expected {
                    faults.push(fault(format!(
                        "the record {} belongs into partition {expected}",
                        event.place()
                    )));
                }
            }
        }
    }

    /// Every delete of a keyed table is followed by its tombstone, with the same headers; then tombstones are not of interest.
    fn without_tombstones<'e>(
        &self,
        key: &str,
        events: &[&'e ChangeEvent],
        faults: &mut Vec<Fault>,
    ) -> Vec<&'e ChangeEvent> {
        if !self.keyed {
            return events.to_vec();
        }
        let mut fault = |kind, detail| {
            faults.push(Fault {
                kind,
                key: key.to_owned(),
                detail,
            })
        };
        let mut previous: Option<&ChangeEvent> = None;
        for event in events.iter().copied().map(Some).chain([None]) {
            let follows_delete = previous.filter(|previous| previous.operation == Operation::Delete);
            let tombstone = event.filter(|event| event.operation == Operation::Tombstone);
            match (follows_delete, tombstone) {
                (Some(delete), None) => {
                    fault(
                        FaultKind::Tombstone,
                        format!("the delete {} has no tombstone", delete.place()),
                    );
                }
                (None, Some(event)) => {
                    fault(
                        FaultKind::Tombstone,
                        format!("the tombstone {} follows no delete", event.place()),
                    );
                }
                (Some(delete), Some(event)) if delete.new_key != event.new_key => {
                    fault(
                        FaultKind::KeyHeader,
                        format!("the tombstone {} names {}", event.place(), event.new_key),
                    );
                }
                _ => {}
            }
            previous = event;
        }
        events
            .iter()
            .copied()
            .filter(|event| event.operation != Operation::Tombstone)
            .collect()
    }

    fn check_key(&self, key: &str, events: &[&ChangeEvent], faults: &mut Vec<Fault>) {
        static NONE: History = History::new();
        let history = self.ledger.histories.get(key).map_or(&NONE, |(_, history)| history);
        KeyCheck {
            key,
            history,
            rolled_back: &self.ledger.rolled_back,
            keyed: self.keyed,
            read_again: self.read_again,
        }
        .run(events, faults);
    }

    /// The table that the events make: the newest row of every key.
    pub fn fold(&self, events: &[ChangeEvent]) -> BTreeMap<String, Value> {
        let mut table = BTreeMap::new();
        for event in events {
            let key = self.key_of(event).to_string();
            if event.after.is_null() {
                table.remove(&key);
            } else {
                table.insert(key, event.after.clone());
            }
        }
        table
    }
}

/// One key's events against its history.
struct KeyCheck<'a> {
    key: &'a str,
    history: &'a History,
    rolled_back: &'a BTreeSet<i64>,
    keyed: bool,
    read_again: bool,
}

impl KeyCheck<'_> {
    fn run(&self, events: &[&ChangeEvent], faults: &mut Vec<Fault>) {
        let (opening, newest) = match self.read_again {
            true => self.opening(events, faults),
            false => (0, None),
        };
        let events = &events[opening..];
        let indices: Vec<Option<usize>> = events.iter().map(|event| self.change_of(event)).collect();
        let reads = events
            .iter()
            .take_while(|event| event.operation == Operation::Read)
            .count();
        for (event, index) in events.iter().zip(&indices) {
            if index.is_none() {
                faults.push(self.unknown(event));
            }
        }
        let allowed = if self.keyed { reads.min(1) } else { reads };
        for event in &events[allowed..] {
            if event.operation == Operation::Read {
                faults.push(self.fault(FaultKind::Doubled, format!("snapshot row {}", event.place())));
            }
        }
        let streamed: Vec<(usize, &ChangeEvent)> = events
            .iter()
            .zip(&indices)
            .filter(|(event, _)| event.operation != Operation::Read)
            .filter_map(|(event, index)| Some(((*index)?, *event)))
            .collect();
        let base = reads.checked_sub(1).map_or(newest, |last| indices[last]);
        self.check_streamed(base, &streamed, faults);
    }

    /// `base`: the change that left the state which the snapshot read.
    fn check_streamed(&self, base: Option<usize>, streamed: &[(usize, &ChangeEvent)], faults: &mut Vec<Fault>) {
        let mut seen = BTreeSet::new();
        let mut newest = base;
        for (index, event) in streamed {
            let place = event.place();
            if base.is_some_and(|base| *index <= base) || !seen.insert(*index) {
                faults.push(self.fault(FaultKind::Doubled, format!("{} at {place}", self.describe(*index))));
            } else if newest.is_some_and(|newest| *index < newest) {
                faults.push(self.fault(FaultKind::Swapped, format!("{} at {place}", self.describe(*index))));
            }
            newest = newest.max(Some(*index));
            self.check_event(*index, event, faults);
        }
        // What the snapshot has folded: up to its row, or without one, up to the first event, or all of a row that was gone.
        let ends_absent = self.history.last().is_some_and(|(_, change)| change.row().is_null());
        let folded = match (base, seen.first()) {
            (Some(base), _) => base + 1,
            (None, Some(first)) => *first,
            (None, None) if ends_absent => self.history.len(),
            (None, None) => 0,
        };
        for (index, (phase, _)) in self.history.iter().enumerate() {
            let is_folded = index < folded && *phase == Phase::Foldable;
            if !is_folded && !seen.contains(&index) {
                faults.push(self.fault(FaultKind::Lost, self.describe(index)));
            }
        }
        self.check_beginning(base, &seen, faults);
    }

    /// Without a snapshot row, the key must have been absent when the snapshot read its table.
    fn check_beginning(&self, base: Option<usize>, seen: &BTreeSet<usize>, faults: &mut Vec<Fault>) {
        let Some(first) = seen.first().copied().filter(|first| base.is_none() && *first > 0) else {
            return;
        };
        if !self.history[first - 1].1.row().is_null() {
            let is_left_out = self.history[first].0 == Phase::Foldable;
            let kind = if is_left_out {
                FaultKind::Unread
            } else {
                FaultKind::Lost
            };
            faults.push(self.fault(kind, format!("the snapshot row before {}", self.describe(first))));
        }
    }

    /// The change that an event is of: the state that it leaves, or for a delete, the state that it ends.
    fn change_of(&self, event: &ChangeEvent) -> Option<usize> {
        if event.operation == Operation::Delete {
            let ended = self
                .history
                .iter()
                .position(|(_, change)| *change.row() == event.before)?;
            let next = self.history.get(ended + 1).map(|(_, change)| change);
            return matches!(next, Some(Change::Delete | Change::MoveAway(_))).then_some(ended + 1);
        }
        let index = self
            .history
            .iter()
            .position(|(_, change)| *change.row() == event.after && !event.after.is_null())?;
        let fits = match (&self.history[index].1, event.operation) {
            (_, Operation::Read) => true,
            (Change::Insert(_) | Change::MoveIn { .. }, operation) => operation == Operation::Create,
            (Change::Update(_), operation) => operation == Operation::Update,
            (Change::Delete | Change::MoveAway(_), _) => false,
        };
        fits.then_some(index)
    }

    fn check_event(&self, index: usize, event: &ChangeEvent, faults: &mut Vec<Fault>) {
        let (phase, change) = &self.history[index];
        let before = match change {
            Change::Insert(_) | Change::MoveIn { .. } => &Value::Null,
            _ => index
                .checked_sub(1)
                .map_or(&Value::Null, |before| self.history[before].1.row()),
        };
        if event.before != *before {
            let detail = format!("{} has `before` {}, not {before}", event.place(), event.before);
            faults.push(self.fault(FaultKind::BrokenChain, detail));
        }
        let (old_key, new_key) = match change {
            Change::MoveAway(to) if self.keyed => (&Value::Null, to),
            Change::MoveIn { from, .. } if self.keyed => (from, &Value::Null),
            _ => (&Value::Null, &Value::Null),
        };
        // A resumed snapshot may find only one half of a key change to be news; then there is no other record to name.
        let is_half = *phase == Phase::Foldable && event.old_key.is_null() && event.new_key.is_null();
        if (&event.old_key, &event.new_key) != (old_key, new_key) && !is_half {
            let detail = format!(
                "{} names old key {} and new key {}",
                event.place(),
                event.old_key,
                event.new_key
            );
            faults.push(self.fault(FaultKind::KeyHeader, detail));
        }
    }

    fn unknown(&self, event: &ChangeEvent) -> Fault {
        let row = if event.after.is_null() {
            &event.before
        } else {
            &event.after
        };
        let is_rolled_back = row["version"]
            .as_i64()
            .is_some_and(|version| self.rolled_back.contains(&version));
        let kind = if is_rolled_back {
            FaultKind::RolledBack
        } else {
            FaultKind::Ghost
        };
        self.fault(
            kind,
            format!(
                "{:?} {} -> {} at {}",
                event.operation,
                event.before,
                event.after,
                event.place()
            ),
        )
    }

    fn describe(&self, index: usize) -> String {
        let (phase, change) = &self.history[index];
        format!("change {index} of {} ({phase:?}): {change:?}", self.history.len())
    }

    fn fault(&self, kind: FaultKind, detail: String) -> Fault {
        Fault {
            kind,
            key: self.key.to_owned(),
            detail,
        }
    }
}
