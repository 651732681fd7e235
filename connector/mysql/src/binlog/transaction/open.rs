//! [`OpenTransaction`]: how far into a transaction the stream has come, counted as Debezium and as we count.
//!
//! Debezium counts *events since BEGIN that are done*, BEGIN included, and *rows done of the next event*: the first row of
//! a first statement is sent with `event` 2 (BEGIN, TABLE_MAP) and `row` 1. After the last row of an event its `row` is the
//! event's number of rows until the next event comes. We count changes of captured tables.

use super::Announced;
use super::savepoints::Savepoints;
use crate::position::{BinlogPosition, PartlySent};

/// Whether a row change has to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Novelty {
    /// It is new.
    New,
    /// A predecessor sent it.
    AlreadySent,
}

/// What a predecessor sent of a transaction, and how to recognise it.
#[derive(Debug, Clone)]
pub(super) struct AlreadySent {
    pub(super) sent: PartlySent,
    pub(super) measure: Measure,
}

impl AlreadySent {
    /// Known by events, unless it was never learnt how many events the changes are.
    pub(super) fn counted_here(sent: PartlySent) -> Self {
        let measure = match sent.events {
            0 if sent.changes.is_some() => Measure::Changes,
            _ => Measure::Events,
        };
        AlreadySent { sent, measure }
    }
}

/// By which of its counts that is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// Events and rows: exact where they were counted, whichever tables are captured.
    Events,
    /// Changes of captured tables: they hold on any server, as long as the same tables are captured.
    Changes,
}

/// A transaction behind its BEGIN.
#[derive(Debug)]
pub(super) struct OpenTransaction {
    pub(super) announced: Announced,
    pub(super) begin: BinlogPosition,
    /// The statement that begins an XA transaction in two phases: whether it commits is not known here.
    pub(super) xa_start: Option<String>,
    /// What a predecessor sent of it.
    already_sent: Option<AlreadySent>,
    events: u64,
    rows: u64,
    changes: u64,
    /// An event was handed out and is not done.
    in_event: bool,
    savepoints: Savepoints,
}

impl OpenTransaction {
    pub(super) fn new(
        announced: Announced,
        begin: BinlogPosition,
        xa_start: Option<String>,
        already_sent: Option<AlreadySent>,
    ) -> Self {
        OpenTransaction {
            announced,
            begin,
            xa_start,
            already_sent,
            events: 0,
            rows: 0,
            changes: 0,
            in_event: false,
            savepoints: Savepoints::default(),
        }
    }

    /// An event is handed out: the one before it is done.
    pub(super) fn enter_event(&mut self) {
        if self.in_event {
            self.events += 1;
            self.rows = 0;
        }
        self.in_event = true;
    }

    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    pub(super) fn next_change(&self) -> Novelty {
        if self.is_behind_predecessor() {
            Novelty::AlreadySent
        } else {
            Novelty::New
        }
    }

    pub(super) fn change_done(&mut self) {
        self.rows += 1;
        self.changes += 1;
        self.savepoints.passed();
    }

    /// Whether the next change is among those a predecessor sent.
    fn is_behind_predecessor(&self) -> bool {
        self.is_before_sent((self.events, self.rows))
    }

    fn is_before_sent(&self, place: (u64, u64)) -> bool {
        match &self.already_sent {
            None => false,
            Some(AlreadySent { sent, measure }) => match (measure, sent.changes) {
                (Measure::Changes, Some(changes)) => self.changes < changes,
                _ => place < (sent.events, sent.rows),
            },
        }
    }

    /// Whether anything of the transaction was sent: if not, resuming before it is the same.
    pub(super) fn is_touched(&self) -> bool {
        self.changes > 0 || self.already_sent.is_some()
    }

    /// How much was sent, by us or a predecessor.
    pub(super) fn partly_sent(&self) -> PartlySent {
        let named = PartlySent {
            gtid: self.announced.gtid.clone(),
            announced_at: self.announced.at,
            ..PartlySent::default()
        };
        match &self.already_sent {
            Some(AlreadySent { sent, measure }) if self.is_behind_predecessor() => match measure {
                Measure::Events => PartlySent {
                    events: sent.events,
                    rows: sent.rows,
                    changes: sent.changes,
                    ..named
                },
                // Counted elsewhere; here it is not known yet how many events they are.
                Measure::Changes => PartlySent {
                    changes: sent.changes,
                    ..named
                },
            },
            _ => PartlySent {
                events: self.events,
                rows: self.rows,
                changes: Some(self.changes),
                ..named
            },
        }
    }

    /// A transaction that ends before everything a predecessor sent of it has come is not the one it was.
    pub(super) fn check_complete(&self) -> Result<(), String> {
        // Its last event is done, also if no table in it is captured any more.
        if !self.is_before_sent((self.events + u64::from(self.in_event), 0)) {
            return Ok(());
        }
        let name = match &self.announced.gtid {
            Some(gtid) => gtid.to_string(),
            None => format!("at {}", self.begin),
        };
        Err(format!(
            "transaction {name} has {} changes of captured tables, but more had been sent of it before the connector \
             stopped; if the lists of captured tables were changed, change them back until it is through; otherwise this \
             server's history is another one, and a new snapshot is needed",
            self.changes
        ))
    }

    /// A savepoint is set here. Before the first change there is nothing that a rollback could take back.
    pub(super) fn set_savepoint(&mut self, name: &str) {
        if self.changes > 0 {
            self.savepoints.set(name);
        }
    }

    /// Whether a rollback to this savepoint takes back changes of captured tables, or might.
    pub(super) fn has_changes_since(&self, name: &str) -> bool {
        self.changes > 0 && !self.savepoints.is_behind_all_changes(name)
    }
}
