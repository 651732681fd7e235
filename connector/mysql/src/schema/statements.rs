//! [`DdlPolicy`]: what a statement of the stream or of the snapshot means: the model changes, and changes are recorded.
//!
//! Which statements are recorded, and how they are split, is what Debezium does, because the history and the
//! schema-change topic are read by others. What may stop a task is ours: only a statement that touches a captured table
//! and cannot be understood or applied. With one that touches only other tables nothing is ever wrong enough to stop.

use crate::config::TableFilter;
use crate::error::MySqlError;

use super::apply_error::ApplyError;
use super::change::{Audience, Named, SchemaChange, Subject, TableChange};
use super::ddl::{DdlError, DropTables, ParsedStatement, RenamedTable, SqlMode, Statement, parse};
use super::java_set::java_set_order;
use super::tables::{Effect, SchemaModel};
use crate::table_id::TableId;

/// How much of a statement an error quotes.
const QUOTED_CHARACTERS: usize = 1000;

/// Which statements matter.
#[derive(Debug, Clone, Copy)]
pub struct DdlPolicy<'a> {
    /// What is captured.
    pub captured: &'a TableFilter,
    /// `schema.history.internal.store.only.captured.tables.ddl`.
    pub only_captured_tables: bool,
    /// `schema.history.internal.store.only.captured.databases.ddl`.
    pub only_captured_databases: bool,
    /// Whether a statement about a captured table that is not known is passed over.
    pub passes_unknown_tables: bool,
}

/// The session that ran a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Session<'a> {
    /// Its current database; may be empty.
    pub database: &'a str,
    /// Its `sql_mode`, as far as it matters.
    pub sql_mode: SqlMode,
    /// Its `explicit_defaults_for_timestamp` is off.
    pub implicit_timestamps: bool,
    /// The character set of its `collation_server`, which new databases get; `None`: not known.
    pub server_charset: Option<&'a str>,
}

/// Where a statement comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Stream,
    History,
}

impl DdlPolicy<'_> {
    /// Applies `sql` to `model` and says what it did, statement by statement. Empty for what is not recorded: DML, transaction
    /// control, users, views, routines, `TRUNCATE`, temporary tables.
    ///
    /// # Errors
    /// If the statement touches a captured table and cannot be understood or applied. The model is then as it was.
    pub fn apply(
        &self,
        model: &mut SchemaModel,
        sql: &str,
        session: Session<'_>,
    ) -> Result<Vec<SchemaChange>, MySqlError> {
        self.apply_from(Origin::Stream, model, sql, session)
    }

    /// As [`DdlPolicy::apply`], for a statement of the schema history. Debezium recorded statements about tables that
    /// it did not know, and ignored them: such a table stays unknown, and the first row of it says so.
    pub(super) fn apply_recorded(
        &self,
        model: &mut SchemaModel,
        sql: &str,
        session: Session<'_>,
    ) -> Result<(), MySqlError> {
        self.apply_from(Origin::History, model, sql, session).map(drop)
    }

    fn apply_from(
        &self,
        origin: Origin,
        model: &mut SchemaModel,
        sql: &str,
        session: Session<'_>,
    ) -> Result<Vec<SchemaChange>, MySqlError> {
        let parsed = match parse(sql, model.dialect(session)) {
            Ok(parsed) => parsed,
            Err(error) => {
                self.refuse_unparsed(sql, &error)?;
                let change = SchemaChange {
                    named: error.tables.into_iter().map(Named::Table).collect(),
                    ..untabled(session.database, sql)
                };
                return Ok(self.recorded(None, vec![change]));
            }
        };
        if let Statement::Unrelated | Statement::TruncateTable(_) = parsed.statement {
            return Ok(Vec::new());
        }
        let effects = match model.apply(&parsed.statement, session) {
            Ok(effects) => effects,
            Err(error) => {
                let ignored = (origin == Origin::History || self.passes_unknown_tables)
                    && matches!(error, ApplyError::UnknownTable(_));
                if !ignored {
                    self.refuse_unapplied(sql, &parsed.statement, &error)?;
                }
                let change = SchemaChange {
                    named: named(&parsed.statement),
                    ..untabled(session.database, sql)
                };
                return Ok(self.recorded(None, vec![change]));
            }
        };
        let changes = changes(model, sql, session.database, &parsed, &effects);
        Ok(self.recorded(parsed.statement.indexed_table(), changes))
    }

    fn refuse_unparsed(&self, sql: &str, error: &DdlError) -> Result<(), MySqlError> {
        // A name that could not be read may be anything's.
        let captured = error.tables.iter().find(|table| self.captured.captures(table));
        match captured {
            Some(table) => Err(cannot_follow(&format!("captured table {table}"), sql, &error.reason)),
            None if error.tables.is_empty() => {
                Err(cannot_follow("a table whose name cannot be read", sql, &error.reason))
            }
            None => Ok(()),
        }
    }

    fn refuse_unapplied(&self, sql: &str, statement: &Statement, error: &ApplyError) -> Result<(), MySqlError> {
        match statement
            .tables()
            .into_iter()
            .find(|table| self.captured.captures(table))
        {
            Some(table) => Err(cannot_follow(
                &format!("captured table {table}"),
                sql,
                &error.to_string(),
            )),
            None => Ok(()),
        }
    }

    /// What the settings `store.only.captured.*` leave of `changes`, of a statement about an index of `indexed`.
    fn recorded(&self, indexed: Option<&TableId>, changes: Vec<SchemaChange>) -> Vec<SchemaChange> {
        if !self.only_captured_tables {
            return changes
                .into_iter()
                .filter(|change| self.is_of_kept_database(change))
                .collect();
        }
        let mut recorded = changes;
        // One captured table among those of the statement is enough for the statement, but not for its other tables.
        if !recorded.iter().any(|change| self.is_relevant(change)) {
            // An index that is no key yet may become one when another goes.
            recorded.retain(|_| indexed.is_some_and(|table| self.captured.captures(table)));
            for change in &mut recorded {
                change.audience = Audience::History;
            }
            return recorded;
        }
        recorded.retain(|change| {
            let database_matters = change.database.is_empty() || self.captured.captures_database(&change.database);
            let tables_matter = own_tables(change).all(|table| self.captured.captures(table));
            database_matters && tables_matter && self.is_of_kept_database(change)
        });
        for change in &mut recorded {
            if change.subject != Subject::Server && change.changes.is_empty() {
                change.audience = Audience::Topic;
            }
        }
        recorded
    }

    fn is_of_kept_database(&self, change: &SchemaChange) -> bool {
        !self.only_captured_databases || change.database.is_empty() || self.captured.captures_database(&change.database)
    }

    fn is_relevant(&self, change: &SchemaChange) -> bool {
        match change.subject {
            Subject::Server => true,
            Subject::Database => self.captured.captures_database(&change.database),
            Subject::Tables => change.source_tables.iter().any(|table| self.captured.captures(table)),
            Subject::Other => false,
        }
    }
}

/// The tables that `change` itself changed.
fn own_tables(change: &SchemaChange) -> impl Iterator<Item = &TableId> {
    change.changes.iter().map(|change| match change {
        TableChange::Create(table) | TableChange::Alter { table, .. } => &table.id,
        TableChange::Drop(table) => table,
    })
}

/// The changes of an applied statement. Definitions are those after the *whole* statement: of a table that the statement
/// renamed away again there is none.
fn changes(
    model: &SchemaModel,
    sql: &str,
    session_database: &str,
    parsed: &ParsedStatement,
    effects: &[Effect],
) -> Vec<SchemaChange> {
    let about = |database: &str, subject| SchemaChange {
        subject,
        ..untabled(database, &parsed.text)
    };
    match &parsed.statement {
        Statement::CreateDatabase { database, .. }
        | Statement::DropDatabase { database }
        | Statement::Use { database } => vec![about(database, Subject::Database)],
        Statement::SetVariables(_) if session_database.is_empty() => vec![about("", Subject::Server)],
        Statement::SetVariables(_) => vec![about(session_database, Subject::Database)],
        Statement::CreateTable(create) if create.temporary => Vec::new(),
        Statement::DropTables(drop) if drop.temporary => Vec::new(),
        Statement::DropTables(drop) => dropped(drop),
        Statement::RenameTables(renames) => renamed(model, renames),
        _ => match effects.first() {
            Some(effect) => {
                let table = effect.table();
                vec![SchemaChange {
                    source_tables: vec![table.clone()],
                    changes: effect.table_change(model).into_iter().collect(),
                    ..about(&table.database, Subject::Tables)
                }]
            }
            None => vec![SchemaChange {
                named: named(&parsed.statement),
                ..untabled(session_database, sql)
            }],
        },
    }
}

fn named(statement: &Statement) -> Vec<Named> {
    match statement {
        Statement::AlterDatabase { database, .. } => vec![Named::Database(database.clone())],
        other => other.tables().into_iter().cloned().map(Named::Table).collect(),
    }
}

fn dropped(drop: &DropTables) -> Vec<SchemaChange> {
    let per_table = drop.tables.iter().enumerate().map(|(at, table)| SchemaChange {
        database: table.database.clone(),
        ddl: format!("{}{}{}", drop.prefix, table.quoted(), drop.suffix),
        subject: Subject::Tables,
        source_tables: java_set_order(neighbours(&drop.tables, at)),
        changes: vec![TableChange::Drop(table.clone())],
        named: Vec::new(),
        audience: Audience::Everybody,
    });
    per_table.collect()
}

fn renamed(model: &SchemaModel, renames: &[RenamedTable]) -> Vec<SchemaChange> {
    let targets: Vec<TableId> = renames.iter().map(|rename| rename.to.clone()).collect();
    let per_table = renames.iter().enumerate().map(|(at, rename)| {
        let effect = Effect::Altered {
            table: rename.to.clone(),
            previous: Some(rename.from.clone()),
        };
        SchemaChange {
            database: rename.to.database.clone(),
            ddl: rename.text.clone(),
            subject: Subject::Tables,
            source_tables: java_set_order(neighbours(&targets, at)),
            changes: effect.table_change(model).into_iter().collect(),
            named: Vec::new(),
            audience: Audience::Everybody,
        }
    });
    per_table.collect()
}

/// The tables around place `at` that belong to the same database without one of another database between.
fn neighbours(tables: &[TableId], at: usize) -> &[TableId] {
    let mut runs = tables.chunk_by(|one, next| one.database == next.database);
    let mut end = 0;
    let run = runs.find(|run| {
        end += run.len();
        at < end
    });
    run.unwrap_or(&[])
}

/// A statement that changed no table that is known.
fn untabled(database: &str, ddl: &str) -> SchemaChange {
    SchemaChange {
        database: database.to_owned(),
        ddl: ddl.trim().to_owned(),
        subject: Subject::Other,
        source_tables: Vec::new(),
        changes: Vec::new(),
        named: Vec::new(),
        audience: Audience::Everybody,
    }
}

impl Effect {
    fn table(&self) -> &TableId {
        match self {
            Effect::Created(table) | Effect::Altered { table, .. } | Effect::Dropped(table) => table,
        }
    }

    fn table_change(&self, model: &SchemaModel) -> Option<TableChange> {
        Some(match self {
            Effect::Created(table) => TableChange::Create(model.table(table)?.clone()),
            Effect::Altered { table, previous } => TableChange::Alter {
                table: model.table(table)?.clone(),
                previous: previous.clone(),
            },
            Effect::Dropped(table) => TableChange::Drop(table.clone()),
        })
    }
}

fn quoted(sql: &str) -> &str {
    let sql = sql.trim();
    match sql.char_indices().nth(QUOTED_CHARACTERS) {
        Some((end, _)) => sql.get(..end).unwrap_or(sql),
        None => sql,
    }
}

fn cannot_follow(table: &str, sql: &str, reason: &str) -> MySqlError {
    MySqlError::schema(format!(
        "a statement changes {table} and cannot be followed: {reason}. Leave the table out, or take a new snapshot \
         with snapshot.mode=initial after resetting the connector's offsets. The statement: {}",
        quoted(sql)
    ))
}

#[cfg(test)]
mod tests;
