//! [`FrontierFilter`]: which of the stream's changes concern rows that the topics already have.
//!
//! Used while a resumed snapshot catches up with its fresh view: a change of a row at or below the frontier is news, any
//! other is already in the view.

use std::collections::HashMap;

use connector_api::data::WriteValue;

use super::key_collector::KeyCollector;
use super::key_order::{KeyOrder, Side};
use crate::error::MySqlError;
use crate::position::SnapshotFrontier;
use crate::schema::TableId;
use crate::server::Connection;

/// What the frontier says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The topics have the row: its change is emitted.
    Emit,
    /// The view has it: its change is dropped.
    Drop,
}

/// The frontier of an interrupted snapshot.
pub struct FrontierFilter {
    frontier: SnapshotFrontier,
    /// The order of keys in the table that was in progress.
    order: Option<KeyOrder>,
    /// Asked for the order of text.
    connection: Connection,
    answers: HashMap<String, bool>,
}

/// Answers that are remembered; the same key often changes again.
const REMEMBERED: usize = 1024;

impl FrontierFilter {
    /// The filter of `frontier`. `order` is that of the table in progress.
    pub fn new(frontier: SnapshotFrontier, order: Option<KeyOrder>, connection: Connection) -> Self {
        FrontierFilter {
            frontier,
            order,
            connection,
            answers: HashMap::new(),
        }
    }

    /// The session, for reading on.
    pub fn into_connection(self) -> Connection {
        self.connection
    }

    /// Judges one row of `table`.
    pub fn judge(&mut self, table: &TableId, row: &dyn WriteValue) -> Result<Verdict, MySqlError> {
        if self.frontier.finished.contains(table) {
            return Ok(Verdict::Emit);
        }
        let Some(current) = self.frontier.current.as_ref().filter(|current| current.table == *table) else {
            return Ok(Verdict::Drop);
        };
        // Nothing was read yet, or the table is read again from its start.
        let Some(order) = self.order.as_ref().filter(|_| !current.key.is_empty()) else {
            return Ok(Verdict::Drop);
        };
        let unreadable = || MySqlError::decode(format!("a key of {table} cannot be placed in the snapshot's order"));
        let key = KeyCollector::collect(row, &order.columns()).map_err(|error| unreadable().caused_by(error))?;
        let is_sent = match order.side(&key, &current.key).ok_or_else(unreadable)? {
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
        let answer: Option<i64> = self.connection.first(&question)?;
        if self.answers.len() >= REMEMBERED {
            self.answers.clear();
        }
        let answer = answer == Some(1);
        self.answers.insert(question, answer);
        Ok(answer)
    }
}
