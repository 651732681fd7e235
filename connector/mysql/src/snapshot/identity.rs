//! [`Names`]: whether a table is still the one that a view has under its name.
//!
//! A view keeps rows, not names. Where a table was renamed away since the view opened and another got its name, as online
//! schema changes do, the name reads the *other* table in the view, without an error: rows of the first would be missed.
//!
//! Nothing that an account may read without PROCESS identifies a table: the dictionary shows when it was created, in whole
//! seconds, and migrations create many tables in a second. What it may read is how many statements that rename the server has
//! run. As long as their number is what it was before the lock under which the view opened, every name means what it meant:
//! a statement that is counted and not yet done holds the lock up. Once there were some, the dictionary of the view (since
//! MySQL 8.0 it is that of the view's instant) is compared with the present one:
//!
//! - a table created at another time is another table;
//! - of tables created in the same second, those that have changed names are seen by their names, unless they have exchanged
//!   them among each other. So after a RENAME TABLE anywhere none of them is trusted; a fresh view begins with a new count.
//!
//! What remains: tables that were created in the same second and exchange their names by three `ALTER TABLE .. RENAME`, which
//! cannot be told from other ALTERs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use crate::error::MySqlError;
use crate::server::{Connection, ConnectionOptions, ServerVersion};
use crate::table_id::TableId;

/// Watches the names of a server's tables.
pub(super) struct Names {
    session: Connection,
    /// How many statements there were when it began to watch.
    at_first: Statements,
    /// Whether the dictionary is part of a view.
    is_dictionary_viewed: bool,
    /// What was compared last; `None` as long as nothing was renamed.
    compared: Option<Box<Comparison>>,
}

/// How many statements that may rename tables the server has run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Statements {
    renames: u64,
    alters: u64,
}

/// The dictionary of the view, and the one after so many statements.
struct Comparison {
    viewed: Dictionary,
    present: Dictionary,
    after: Statements,
}

/// Tables by the second in which they were created.
#[derive(Debug, Default, PartialEq, Eq)]
struct Dictionary {
    created: BTreeMap<TableId, String>,
    of_second: BTreeMap<String, BTreeSet<TableId>>,
}

impl Names {
    /// Begins to watch. The lock under which the view opens must be asked for afterwards.
    /// It may be `idle` for so long between two questions.
    pub(super) fn watch(
        options: &ConnectionOptions,
        version: &ServerVersion,
        idle: Duration,
    ) -> Result<Self, MySqlError> {
        let mut session = Connection::open(options)?;
        session.may_be_idle_for(idle)?;
        let (driver, runtime) = session.driver();
        let counted = runtime.block_on(Statements::count(driver));
        let at_first = counted.map_err(|error| session.error("counting statements", error))?;
        Ok(Names {
            session,
            at_first,
            is_dictionary_viewed: version.has_transactional_dictionary(),
            compared: None,
        })
    }

    /// Whether `table`, which the view's session holds under its name, is the one that had it when the view opened.
    pub(super) async fn are_unchanged(&mut self, view: &mut Conn, table: &TableId) -> Result<bool, mysql_async::Error> {
        let driver = self.session.driver().0;
        let now = Statements::count(driver).await?;
        if now == self.at_first {
            return Ok(true);
        }
        let was_renamed = now.renames != self.at_first.renames;
        if !self.is_dictionary_viewed {
            return Ok(!was_renamed);
        }
        let comparison = match self.compared.take() {
            Some(compared) if compared.after == now => compared,
            Some(compared) => Comparison::of(compared.viewed, driver, now).await?.into(),
            None => Comparison::of(Dictionary::read(view).await?, driver, now).await?.into(),
        };
        Ok(self.compared.insert(comparison).is_unchanged(table, was_renamed))
    }

    /// Ends the session.
    pub(super) fn close(self) {
        self.session.close();
    }
}

impl Statements {
    /// `SHOW STATUS` needs no privilege
    /// (<https://dev.mysql.com/doc/refman/en/server-status-variables.html#statvar_Com_xxx>).
    async fn count(session: &mut Conn) -> Result<Self, mysql_async::Error> {
        let sql = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_rename_table', 'Com_alter_table')";
        let counts: BTreeMap<String, u64> = session.query::<(String, u64), _>(sql).await?.into_iter().collect();
        let of = |name| counts.get(name).copied().unwrap_or_default();
        Ok(Statements {
            renames: of("Com_rename_table"),
            alters: of("Com_alter_table"),
        })
    }
}

impl Comparison {
    /// `after` was counted before the present is read: what is renamed in between is noticed by the next count.
    async fn of(viewed: Dictionary, session: &mut Conn, after: Statements) -> Result<Self, mysql_async::Error> {
        Ok(Comparison {
            viewed,
            present: Dictionary::read(session).await?,
            after,
        })
    }

    fn is_unchanged(&self, table: &TableId, was_renamed: bool) -> bool {
        let (viewed, present) = (self.viewed.creation_of(table), self.present.creation_of(table));
        let Some(created) = viewed.filter(|_| viewed == present) else {
            return false;
        };
        let [then, now] = [&self.viewed, &self.present].map(|dictionary| dictionary.of_second.get(created));
        then.is_some_and(|tables| tables.len() == 1) || then == now && !was_renamed
    }
}

impl Dictionary {
    async fn read(session: &mut Conn) -> Result<Self, mysql_async::Error> {
        let tables = session
            .query::<(String, String, Option<String>), _>(
                "SELECT table_schema, table_name, CAST(create_time AS CHAR) FROM information_schema.tables \
                 WHERE table_type = 'BASE TABLE'",
            )
            .await?;
        let tables = tables.into_iter();
        Ok(Dictionary::of(tables.map(|(database, table, created)| {
            (TableId::new(database, table), created.unwrap_or_default())
        })))
    }

    /// When `table` was created. A server that does not tell the case of names may show another than the table is known by.
    fn creation_of(&self, table: &TableId) -> Option<&String> {
        let is_it = |other: &TableId| other.to_string().to_lowercase() == table.to_string().to_lowercase();
        self.created.get(table).or_else(|| {
            let mut others = self.created.iter();
            others.find(|(other, _)| is_it(other)).map(|(_, created)| created)
        })
    }

    fn of(tables: impl Iterator<Item = (TableId, String)>) -> Self {
        let mut dictionary = Dictionary::default();
        for (table, created) in tables {
            let of_second = dictionary.of_second.entry(created.clone()).or_default();
            of_second.insert(table.clone());
            dictionary.created.insert(table, created);
        }
        dictionary
    }
}

/// A retriable failure: the snapshot goes on in a fresh view.
pub(super) fn replaced(table: &TableId) -> MySqlError {
    MySqlError::connection(format!(
        "table {table} may have been altered or replaced since the snapshot's view opened, so it goes on in a fresh view"
    ))
    .at(table)
}

#[cfg(test)]
mod tests {
    use super::{Comparison, Dictionary, Statements};
    use crate::table_id::TableId;

    fn dictionary(tables: &[(&str, &str)]) -> Dictionary {
        let tables = tables.iter();
        Dictionary::of(tables.map(|(name, created)| (TableId::new("d", *name), (*created).to_owned())))
    }

    fn is_unchanged(viewed: &[(&str, &str)], present: &[(&str, &str)], was_renamed: bool) -> bool {
        let comparison = Comparison {
            viewed: dictionary(viewed),
            present: dictionary(present),
            after: Statements::default(),
        };
        comparison.is_unchanged(&TableId::new("d", "w"), was_renamed)
    }

    #[test]
    fn a_table_alone_in_its_second_is_known_by_it() {
        let viewed = [("w", "1"), ("g", "2")];
        assert!(is_unchanged(&viewed, &[("w", "1"), ("h", "2")], true));
        assert!(!is_unchanged(&viewed, &[("d", "1"), ("w", "2")], true));
        assert!(!is_unchanged(&viewed, &[("g", "2")], true), "it is gone");
    }

    #[test]
    fn tables_of_one_second_are_known_by_their_names_together() {
        let viewed = [("w", "1"), ("g", "1"), ("x", "2")];
        assert!(is_unchanged(&viewed, &[("w", "1"), ("g", "1")], false));
        assert!(!is_unchanged(&viewed, &[("d", "1"), ("w", "1")], false), "one moved on");
        assert!(
            !is_unchanged(&viewed, &[("w", "1")], false),
            "the other, or the first, is gone"
        );
        assert!(!is_unchanged(&viewed, &viewed, true), "they may have exchanged names");
    }
}
