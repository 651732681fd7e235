//! [`TextChanges`]: whether a change of rows that the binlog has as a statement's text may pass.
//!
//! Its rows are nowhere, so it must stop the stream if it changed a captured table, and should not if it did not. What is
//! certain, and from where:
//!
//! 1. The event lists the databases of all tables that the statement opened, through triggers, functions, views and cascades,
//!    too, because replicas apply statements of different databases at the same time by it. If no table of these databases is
//!    captured, no captured table was changed, whatever the text says.
//! 2. Otherwise its text tells the tables that it writes to. If one of them is captured, its rows are missing.
//! 3. If none is, a captured database may still have been opened to be read (a checksum of a captured table that is stored
//!    elsewhere), and then the text names a table of it. If it names none, something that is not in the text went there.
//! 4. What is left is that a trigger, a function or a foreign key of tables that are not captured reaches captured ones. That
//!    is looked up on the server.
//!
//! A server shows triggers only to who may create them. Where we may not, a statement that reads captured tables and writes
//! to a database without any passes with a warning; any other stops the stream.

use std::collections::{BTreeMap, BTreeSet};

use connector_api::TaskError;
use tracing::{debug, warn};

use super::definitions::Definitions;
use super::unsent_change::{changed_by_text, perhaps_changed_by_text};
use crate::binlog::event::QueryEvent;
use crate::binlog::transaction::TransactionTracker;
use crate::schema::Footprint;
use crate::server::{SideEffects, Suspects};
use crate::table_id::TableId;

/// So many answers of the server are kept.
const KEPT_ANSWERS: usize = 1000;

/// What was found out about statements that are logged as text.
#[derive(Default)]
pub(super) struct TextChanges {
    answers: BTreeMap<Suspects, SideEffects>,
    /// The tables that were warned of.
    warned: BTreeSet<TableId>,
}

/// What an event says of its statement.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It has changed no captured table.
    Harmless,
    /// It has changed these captured tables.
    Changes(Vec<TableId>),
    /// It may have changed captured tables; why that is not certain.
    Doubtful(String),
    /// It writes to these tables, which are not captured, and it matters what that causes.
    AsksForSideEffects {
        writes: Vec<TableId>,
        /// It opened captured tables to read them, and wrote to databases that have none.
        reads_only: bool,
    },
}

/// What is known of a statement and of the tables.
pub(super) struct Evidence<'a> {
    pub(super) databases: Option<Vec<&'a str>>,
    pub(super) footprint: &'a Footprint,
    /// Whether the table is captured.
    pub(super) captures: &'a dyn Fn(&TableId) -> bool,
    /// Whether a table of the database is captured.
    pub(super) captures_in: &'a dyn Fn(&str) -> bool,
}

impl Evidence<'_> {
    /// What follows from the event alone.
    pub(super) fn verdict(&self) -> Verdict {
        let writes = self.footprint.writes.as_deref();
        let captured = writes.unwrap_or_default().iter().filter(|table| (self.captures)(table));
        let captured: Vec<TableId> = captured.cloned().collect();
        if !captured.is_empty() {
            return Verdict::Changes(captured);
        }
        let opened = self.databases.as_ref().map(|databases| {
            let concerned = databases.iter().filter(|database| (self.captures_in)(database));
            concerned.copied().collect::<Vec<_>>()
        });
        if opened.as_ref().is_some_and(Vec::is_empty) {
            return Verdict::Harmless;
        }
        let Some(writes) = writes else {
            return Verdict::Doubtful(match opened {
                Some(opened) => format!(
                    "it used tables of {}, and what it changed is not in its text",
                    opened.join(", ")
                ),
                None => "what it changed is not in its text".to_owned(),
            });
        };
        let names = |database: &str| {
            let mut tables = self.footprint.reads.iter().chain(writes);
            tables.any(|table| table.database == database)
        };
        if let Some(hidden) = opened.iter().flatten().find(|database| !names(database)) {
            return Verdict::Doubtful(format!(
                "it used tables of {hidden} that are not in its text, by a trigger, a function or a view"
            ));
        }
        let is_reader = self
            .footprint
            .reads
            .iter()
            .any(|table| (self.captures_in)(&table.database));
        let writes_beside = writes.iter().any(|table| (self.captures_in)(&table.database));
        Verdict::AsksForSideEffects {
            writes: writes.to_vec(),
            reads_only: is_reader && !writes_beside,
        }
    }
}

impl TextChanges {
    /// A definition may bring triggers, functions and foreign keys.
    pub(super) fn definition(&mut self) {
        self.answers.clear();
    }

    /// Fails unless it is certain that `query` changed no captured table. `ask` looks at the server.
    pub(super) fn judge(
        &mut self,
        query: &QueryEvent<'_>,
        definitions: &Definitions,
        tracker: &TransactionTracker,
        ask: impl FnOnce(&Suspects) -> Result<SideEffects, TaskError>,
    ) -> Result<(), TaskError> {
        let databases: Option<Vec<&str>> = query.session.databases().map(Iterator::collect);
        // The common case, without reading a text that may be long.
        let is_elsewhere = |database: &&str| !definitions.may_capture_in(database);
        if databases
            .as_ref()
            .is_some_and(|databases| databases.iter().all(is_elsewhere))
        {
            return Ok(());
        }
        let footprint = Footprint::of(&query.sql_text(), definitions.dialect(query));
        let evidence = Evidence {
            databases,
            footprint: &footprint,
            captures: &|table| definitions.captures(table),
            captures_in: &|database| definitions.captures_in(database),
        };
        let doubt = |why: &str| perhaps_changed_by_text(query, &footprint, why, tracker);
        match evidence.verdict() {
            Verdict::Harmless => Ok(()),
            Verdict::Changes(tables) => Err(changed_by_text(&tables, query, &footprint, tracker).into()),
            Verdict::Doubtful(why) => Err(doubt(&why).into()),
            Verdict::AsksForSideEffects { writes, reads_only } => {
                let suspects = Suspects {
                    writes,
                    reads: footprint.reads.clone(),
                    calls: footprint.calls.clone(),
                };
                match self.answer(suspects, ask)? {
                    SideEffects::None => {
                        debug!(
                            statement = footprint.outline,
                            "a statement logged as text changed no captured table"
                        );
                        Ok(())
                    }
                    SideEffects::Unseen(why) if reads_only => {
                        self.warn(&footprint, &why, tracker);
                        Ok(())
                    }
                    SideEffects::Unseen(why) | SideEffects::Some(why) => Err(doubt(&why).into()),
                }
            }
        }
    }

    fn answer(
        &mut self,
        suspects: Suspects,
        ask: impl FnOnce(&Suspects) -> Result<SideEffects, TaskError>,
    ) -> Result<SideEffects, TaskError> {
        if let Some(known) = self.answers.get(&suspects) {
            return Ok(known.clone());
        }
        let answer = ask(&suspects)?;
        if self.answers.len() >= KEPT_ANSWERS {
            self.answers.clear();
        }
        self.answers.insert(suspects, answer.clone());
        Ok(answer)
    }

    /// Once for each table that is written to.
    fn warn(&mut self, footprint: &Footprint, why: &str, tracker: &TransactionTracker) {
        let tables = footprint.writes.iter().flatten();
        let new: Vec<&TableId> = tables.filter(|table| !self.warned.contains(*table)).collect();
        if new.is_empty() {
            return;
        }
        warn!(
            statement = footprint.outline,
            place = %tracker.streamed(),
            why,
            "a statement logged as text reads captured tables and writes to others; it is taken for granted that it changed no \
             captured row; set binlog_format=ROW for the session that runs it to be certain"
        );
        let new: Vec<TableId> = new.into_iter().cloned().collect();
        self.warned.extend(new);
    }
}

#[cfg(test)]
mod tests;
