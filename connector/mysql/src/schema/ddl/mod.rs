//! What a DDL statement says, read by a tolerant parser of our own.
//!
//! Text becomes tokens (`lexer`), tokens are read through a `cursor`, and what comes out is a [`Statement`] reduced to
//! names, columns, keys, defaults and character sets. What a statement says beyond that (engines, partitions, checks,
//! indexes) is passed over, so that new syntax there does not stop anybody. What is no DDL of tables or databases is
//! [`Statement::Unrelated`], never an error. Nothing here knows a table's present definition: see `tables.rs`.

mod alter;
mod column;
mod create;
mod cursor;
mod data_type;
mod drop;
mod error;
mod lexer;
mod literal;
mod sql_mode;
mod statement;
mod timestamps;

pub(super) use cursor::Cursor;
pub(super) use literal::{quoted_text, unquoted_text};

pub use column::{ColumnDefinition, DefaultValue};
pub use error::DdlError;
pub use sql_mode::SqlMode;
pub use statement::{
    AlterAction, AlterTable, ColumnPlace, CreateBody, CreateTable, DropTables, Key, KeyKind, RenamedTable, Statement,
    TableOptions,
};

use crate::table_id::TableId;

/// How a statement is to be read: what the server, and the session that ran it, had set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dialect<'a> {
    /// The session's database; unqualified names belong to it.
    pub default_database: &'a str,
    /// The session's `sql_mode`, as far as it matters.
    pub sql_mode: SqlMode,
    /// The session's `explicit_defaults_for_timestamp` is off: a TIMESTAMP is NOT NULL and has a default, unless it says
    /// otherwise.
    pub implicit_timestamps: bool,
    /// The server's `lower_case_table_names` is not 0: names of tables and databases are compared in lower case.
    pub lower_case_names: bool,
    /// The server's version, `90704` for 9.7.4: it passes over comments for later ones. `None`: it executes all of them.
    pub server_version: Option<u32>,
}

impl Dialect<'_> {
    fn fold(&self, name: &str) -> String {
        if self.lower_case_names {
            name.to_lowercase()
        } else {
            name.to_owned()
        }
    }

    fn table(&self, database: Option<&str>, table: &str) -> TableId {
        TableId::new(self.fold(database.unwrap_or(self.default_database)), self.fold(table))
    }
}

/// A statement and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedStatement {
    /// What it does.
    pub statement: Statement,
    /// Its text without blanks and comments around it.
    pub text: String,
}

/// Parses one statement.
pub fn parse(source: &str, dialect: Dialect<'_>) -> Result<ParsedStatement, DdlError> {
    let mut cursor = Cursor::new(source, dialect);
    let statement = statement(&mut cursor)?;
    if matches!(statement, Statement::Unrelated | Statement::OtherObject) {
        return Ok(ParsedStatement {
            statement,
            text: source.trim().to_owned(),
        });
    }
    let touched = || statement.tables().into_iter().cloned().collect();
    if cursor.unterminated().is_some() {
        return Err(DdlError {
            reason: "a quote or comment is not closed".to_owned(),
            tables: touched(),
        });
    }
    if cursor.has_semicolon() {
        return Err(DdlError {
            reason: "there is more than one statement".to_owned(),
            tables: touched(),
        });
    }
    if !cursor.is_at_end() {
        return Err(DdlError {
            tables: touched(),
            ..cursor.expected("the end of the statement")
        });
    }
    let text = cursor.statement_text().to_owned();
    Ok(ParsedStatement { statement, text })
}

/// The table that a statement empties, if it is a `TRUNCATE TABLE`.
pub fn truncated_table(source: &str, dialect: Dialect<'_>) -> Option<TableId> {
    match parse(source, dialect).ok()?.statement {
        Statement::TruncateTable(table) => Some(table),
        _ => None,
    }
}

fn statement(cursor: &mut Cursor<'_>) -> Result<Statement, DdlError> {
    let start = cursor.mark();
    if cursor.eat("CREATE") {
        create::create(cursor)
    } else if cursor.eat("ALTER") {
        alter::alter(cursor)
    } else if cursor.eat("DROP") {
        drop::drop(cursor, start)
    } else if cursor.eat("RENAME") {
        drop::rename(cursor, start)
    } else if cursor.eat("TRUNCATE") {
        drop::truncate(cursor)
    } else if cursor.eat("USE") {
        Ok(Statement::Use {
            database: cursor.database_name()?,
        })
    } else if cursor.eat("SET") {
        set_variables(cursor)
    } else {
        Ok(Statement::Unrelated)
    }
}

fn set_variables(cursor: &mut Cursor<'_>) -> Result<Statement, DdlError> {
    let mut variables = Vec::new();
    loop {
        let mark = cursor.mark();
        cursor.eat_any(&["GLOBAL", "SESSION", "LOCAL", "PERSIST"]);
        let mut name = match cursor.name() {
            Ok(name) => name.to_ascii_lowercase(),
            Err(_) => break,
        };
        // @@session.sql_mode
        if cursor.eat_symbol('.') {
            name = cursor.name()?.to_ascii_lowercase();
        }
        let name = name.trim_start_matches("@@").to_owned();
        cursor.eat_symbol(':');
        if !cursor.eat_symbol('=') {
            // SET NAMES, SET PASSWORD, SET ROLE and the like.
            cursor.rewind(mark);
            break;
        }
        let value_at = cursor.mark();
        let value = match cursor.text() {
            Some(text) => text,
            None => {
                cursor.skip_item()?;
                cursor.text_since(value_at).to_owned()
            }
        };
        cursor.skip_item()?;
        variables.push((name, value));
        if !cursor.eat_symbol(',') {
            break;
        }
    }
    let complete = cursor.is_at_end();
    Ok(if complete {
        Statement::SetVariables(variables)
    } else {
        Statement::Unrelated
    })
}

#[cfg(test)]
mod tests;
