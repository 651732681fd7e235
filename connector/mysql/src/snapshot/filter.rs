//! [`FrontierFilter`]: which of the stream's changes concern rows that the topics already have.
//!
//! Used while a resumed snapshot catches up with its fresh view: a change of a row at or below the frontier is news, any
//! other is already in the view.

use std::collections::HashMap;

use super::captured_by::CapturedBy;
use super::key_collector::KeyCollector;
use super::key_order::{KeyOrder, Side};
use super::view_session::ViewSession;
use crate::error::MySqlError;
use crate::position::{SnapshotFrontier, TableFrontier, TablePlace};
use crate::row::OrderedRow;
use crate::schema::{SchemaChange, SchemaModel, TableChange};
use crate::table_id::TableId;

/// What the frontier says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The topics have the row: its change is emitted.
    Emit,
    /// The view has it: its change is dropped.
    Drop,
    /// It is not known whether the topics have it, and its table is read again: that it goes is emitted, that it comes is
    /// not.
    EmitGone,
}

/// The frontier of an interrupted snapshot.
pub struct FrontierFilter {
    frontier: SnapshotFrontier,
    captured_by: CapturedBy,
    /// The order of keys in the table that was in progress.
    order: Option<KeyOrder>,
    /// Asked for the order of text.
    view: ViewSession,
    answers: HashMap<String, bool>,
}

/// Answers that are remembered; the same key often changes again.
const REMEMBERED: usize = 1024;

impl FrontierFilter {
    /// The filter of `frontier`. `order` is that of the table in progress.
    pub fn new(
        frontier: SnapshotFrontier,
        captured_by: CapturedBy,
        order: Option<KeyOrder>,
        view: ViewSession,
    ) -> Self {
        FrontierFilter {
            frontier,
            captured_by,
            order,
            view,
            answers: HashMap::new(),
        }
    }

    /// The frontier.
    pub fn frontier(&self) -> &SnapshotFrontier {
        &self.frontier
    }

    /// The frontier, and what reads on behind it.
    pub fn into_parts(self) -> (SnapshotFrontier, CapturedBy, ViewSession) {
        (self.frontier, self.captured_by, self.view)
    }

    /// A statement has renamed tables. A finished table is one that is streamed, and stays so under another name, as after the
    /// snapshot. Rows that are in no topic yet are read under their new name, even if the name is one that was finished.
    pub fn rename(&mut self, statement: &[SchemaChange]) {
        let changes = statement.iter().flat_map(|change| &change.changes);
        let renames: Vec<(&TableId, &TableId)> = changes
            .filter_map(|change| match change {
                TableChange::Alter {
                    table,
                    previous: Some(from),
                } => Some((from, &table.id)),
                _ => None,
            })
            .collect();
        let is_finished = |table: &TableId| self.captured_by.is_finished(&self.frontier.finished, table);
        let is_read = |(from, to): &&(&TableId, &TableId)| {
            let is_exchange = renames.iter().any(|(other, _)| other == to);
            match self.captured_by.captures(from) {
                true => !is_finished(from),
                false => !is_exchange,
            }
        };
        let to_read: Vec<TableId> = renames.iter().filter(is_read).map(|(_, to)| (*to).clone()).collect();
        for table in to_read {
            self.frontier.finished.remove(&table);
            self.frontier.current.take_if(|current| current.table == table);
        }
    }

    /// A statement has changed definitions: the key of the table in progress may stand elsewhere in its rows.
    ///
    /// # Errors
    /// If a column of its key is gone: then nothing tells which of its rows the topics have.
    pub fn redefine(&mut self, model: &SchemaModel) -> Result<(), MySqlError> {
        let (Some(current), Some(order)) = (&self.frontier.current, &self.order) else {
            return Ok(());
        };
        // Dropped, perhaps to come again under the same name.
        let Some(table) = model.table(&current.table) else {
            return Ok(());
        };
        self.order = Some(order.relocated(table).ok_or_else(|| key_changed(&current.table))?);
        Ok(())
    }

    /// Judges one row of `table`.
    pub fn judge(&mut self, table: &TableId, row: &dyn OrderedRow) -> Result<Verdict, MySqlError> {
        if self.captured_by.is_finished(&self.frontier.finished, table) {
            return Ok(Verdict::Emit);
        }
        // The view may not have what the user's statement leaves out of it.
        if self.captured_by.reads_in_part(table) {
            return Ok(Verdict::Emit);
        }
        let Some(current) = self.frontier.current.as_ref().filter(|current| current.table == *table) else {
            return Ok(Verdict::Drop);
        };
        let (last, order) = match (&current.place, &self.order) {
            (TablePlace::Start, _) => return Ok(Verdict::Drop),
            (TablePlace::Behind { key, .. }, Some(order)) => (key, order),
            (TablePlace::Unknown, _) | (TablePlace::Behind { .. }, None) => return Ok(Verdict::EmitGone),
        };
        let unreadable =
            || MySqlError::decode(format!("a key of {table} cannot be placed in the snapshot's order")).at(table);
        let key = KeyCollector::place(row, &order.columns()).map_err(|error| unreadable().caused_by(error))?;
        let is_sent = match order.side(&key, last).ok_or_else(unreadable)? {
            Side::AtOrBelow => true,
            Side::Above => false,
            Side::Ask(question) => self.ask(question)?,
        };
        Ok(if is_sent { Verdict::Emit } else { Verdict::Drop })
    }

    fn ask(&mut self, question: String) -> Result<bool, MySqlError> {
        if let Some(answer) = self.answers.get(&question) {
            return Ok(*answer);
        }
        let answer = self.view.is_true(&question)?;
        if self.answers.len() >= REMEMBERED {
            self.answers.clear();
        }
        self.answers.insert(question, answer);
        Ok(answer)
    }
}

/// The order that `frontier` stands in, if it stands behind a key and the table is still there. `order` is that of the table
/// in progress by its definition in a view.
///
/// # Errors
/// If that is another order.
pub fn order_of_frontier(frontier: &SnapshotFrontier, order: Option<KeyOrder>) -> Result<Option<KeyOrder>, MySqlError> {
    let Some(TableFrontier {
        table,
        place: TablePlace::Behind { definition, .. },
    }) = &frontier.current
    else {
        return Ok(None);
    };
    match order {
        Some(order) if order.definition() != *definition => Err(key_changed(table)),
        order => Ok(order),
    }
}

fn key_changed(table: &TableId) -> MySqlError {
    MySqlError::schema(format!(
        "the snapshot cannot go on: the key of {table}, which was being read, is not what it was (its columns, their types \
         or collations); reset the connector's offsets to begin the snapshot again"
    ))
    .at(table)
}
