//! [`Writer`]: one writer's view of its rows, and what it has committed.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::table::Table;
use crate::ledger::{Change, Ledger, Phase};

/// One writer: its rows as its session sees them, and what it has committed.
#[derive(Default)]
pub struct Writer {
    pub(super) own: i64,
    pub(super) rows: HashMap<(Table, i64), Value>,
    ledgers: HashMap<Table, Ledger>,
    /// Changes of the open transaction.
    open: Vec<(Table, Value, Change)>,
    /// What `rows` held before each of its changes.
    undo: Vec<((Table, i64), Option<Value>)>,
    pub(super) transactions: u64,
    is_streaming: Arc<AtomicBool>,
}

/// A place in a transaction.
#[derive(Default, Clone, Copy)]
pub(super) struct Mark {
    open: usize,
    undo: usize,
}

impl Writer {
    pub(super) fn new(own: i64) -> Self {
        Writer {
            own,
            ..Writer::default()
        }
    }

    /// As soon as the flag is set, the writer's changes count as [`Phase::Streamed`].
    pub fn streams_when(&mut self, flag: &Arc<AtomicBool>) {
        self.is_streaming = Arc::clone(flag);
    }

    /// What it has committed to a table.
    pub fn into_ledgers(self) -> HashMap<Table, Ledger> {
        self.ledgers
    }

    pub(super) fn ledger(&mut self, table: Table) -> &mut Ledger {
        self.ledgers.entry(table).or_default()
    }

    pub(super) fn put(&mut self, table: Table, number: i64, change: Change) {
        let row = change.row().clone();
        let old = if row.is_null() {
            self.rows.remove(&(table, number))
        } else {
            self.rows.insert((table, number), row.clone())
        };
        let key = table.identity_of(old.as_ref().unwrap_or(&row));
        self.undo.push(((table, number), old));
        self.open.push((table, key, change));
    }

    pub(super) fn change_key(&mut self, table: Table, (from, old): (i64, &Value), (to, row): (i64, Value)) {
        let (old_key, new_key) = (table.identity_of(old), table.identity_of(&row));
        self.undo.push(((table, from), self.rows.remove(&(table, from))));
        self.undo
            .push(((table, to), self.rows.insert((table, to), row.clone())));
        self.open
            .push((table, old_key.clone(), Change::MoveAway(new_key.clone())));
        self.open.push((table, new_key, Change::MoveIn { from: old_key, row }));
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            open: self.open.len(),
            undo: self.undo.len(),
        }
    }

    pub(super) fn roll_back_to(&mut self, mark: Mark) {
        for (place, old) in self.undo.drain(mark.undo..).rev() {
            match old {
                Some(row) => self.rows.insert(place, row),
                None => self.rows.remove(&place),
            };
        }
        for (table, _, change) in self.open.drain(mark.open..) {
            if let Some(version) = change.row()["version"].as_i64() {
                self.ledgers.entry(table).or_default().rolled_back.insert(version);
            }
        }
    }

    /// Asked before a transaction begins: one that began after the snapshot cannot be in it.
    pub(super) fn phase(&self) -> Phase {
        if self.is_streaming.load(Ordering::SeqCst) {
            Phase::Streamed
        } else {
            Phase::Foldable
        }
    }

    pub(super) fn commit(&mut self, phase: Phase) {
        self.undo.clear();
        for (table, key, change) in std::mem::take(&mut self.open) {
            self.ledger(table).commit(&key, phase, change);
        }
    }
}
