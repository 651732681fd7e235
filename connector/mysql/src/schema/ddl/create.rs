//! `CREATE TABLE`, `CREATE INDEX` and `CREATE DATABASE`.

use super::column::{ColumnDefinition, charset_of_collation, column_definition};
use super::cursor::Cursor;
use super::error::DdlError;
use super::statement::{CreateBody, CreateTable, Key, KeyKind, Statement, TableOptions};
use super::timestamps::fill_in_first_default;

/// Parses what follows `CREATE`.
pub(super) fn create(cursor: &mut Cursor<'_>) -> Result<Statement, DdlError> {
    cursor.eat_all(&["OR", "REPLACE"]);
    let temporary = cursor.eat("TEMPORARY");
    if cursor.eat("TABLE") {
        return create_table(cursor, temporary);
    }
    if cursor.eat_any(&["DATABASE", "SCHEMA"]) {
        let if_not_exists = cursor.eat_all(&["IF", "NOT", "EXISTS"]);
        let database = cursor.database_name()?;
        let charset = database_charset(cursor)?;
        return Ok(Statement::CreateDatabase {
            database,
            if_not_exists,
            charset,
        });
    }
    cursor.eat_any(&["ONLINE", "OFFLINE"]);
    let kind = match cursor.eat("UNIQUE") {
        true => KeyKind::Unique,
        false => KeyKind::Other,
    };
    cursor.eat_any(&["FULLTEXT", "SPATIAL"]);
    if cursor.eat_any(&["INDEX", "KEY"]) {
        create_index(cursor, kind)
    } else {
        Ok(other_object(cursor))
    }
}

/// What `CREATE`, `ALTER` or `DROP` of something else is. The object's kind comes after DEFINER, ALGORITHM and the like.
/// Users, views, routines and triggers are not recorded, as Debezium's `ddl.filter` has it.
pub(super) fn other_object(cursor: &mut Cursor<'_>) -> Statement {
    while !cursor.is_at_end() {
        match cursor.word_upper().as_deref() {
            Some("USER" | "ROLE" | "VIEW" | "FUNCTION" | "PROCEDURE" | "TRIGGER" | "TEMPORARY") => break,
            Some("INDEX" | "EVENT" | "SERVER" | "TABLESPACE" | "LOGFILE" | "INSTANCE" | "SPATIAL" | "RESOURCE") => {
                return Statement::OtherObject;
            }
            _ => _ = cursor.advance(),
        }
    }
    Statement::Unrelated
}

/// Takes the character set among a database's options.
pub(super) fn database_charset(cursor: &mut Cursor<'_>) -> Result<Option<String>, DdlError> {
    let mut options = TableOptions::default();
    let mut collation = None;
    while !cursor.is_at_end() {
        table_option(cursor, &mut options, &mut collation)?;
    }
    Ok(options.charset.or(collation))
}

fn create_index(cursor: &mut Cursor<'_>, kind: KeyKind) -> Result<Statement, DdlError> {
    let name = Some(cursor.name()?);
    // USING BTREE may come before ON.
    while !cursor.is_at_end() && !cursor.is_word("ON") {
        cursor.advance();
    }
    cursor.advance();
    let table = cursor.table_name()?;
    let parts = key_parts(cursor).map_err(|error| DdlError {
        tables: vec![table.clone()],
        ..error
    })?;
    // What follows are options of the index and of the operation.
    while !cursor.is_at_end() && !cursor.is_symbol(';') {
        cursor.skip()?;
    }
    Ok(Statement::CreateIndex {
        table,
        key: parts.index(kind, name),
    })
}

fn create_table(cursor: &mut Cursor<'_>, temporary: bool) -> Result<Statement, DdlError> {
    let if_not_exists = cursor.eat_all(&["IF", "NOT", "EXISTS"]);
    let table = cursor.table_name()?;
    let body = body(cursor).map_err(|error| DdlError {
        tables: vec![table.clone()],
        ..error
    })?;
    Ok(Statement::CreateTable(CreateTable {
        table,
        temporary,
        if_not_exists,
        body,
    }))
}

fn body(cursor: &mut Cursor<'_>) -> Result<CreateBody, DdlError> {
    if cursor.eat("LIKE") {
        return Ok(CreateBody::Like(cursor.table_name()?));
    }
    let (mut columns, mut keys) = (Vec::new(), Vec::new());
    if cursor.is_symbol('(') {
        let mark = cursor.mark();
        cursor.expect_symbol('(')?;
        if cursor.eat("LIKE") {
            let original = cursor.table_name()?;
            cursor.expect_symbol(')')?;
            return Ok(CreateBody::Like(original));
        }
        if cursor.is_any_word(&["SELECT", "WITH"]) {
            cursor.rewind(mark);
        } else {
            (columns, keys) = table_elements(cursor)?;
        }
    }
    if cursor.has_implicit_timestamps() {
        fill_in_first_default(columns.iter_mut());
    }
    let options = table_options(cursor)?;
    Ok(CreateBody::Columns { columns, keys, options })
}

/// Parses columns and keys up to the closing parenthesis, which it takes.
pub(super) fn table_elements(cursor: &mut Cursor<'_>) -> Result<(Vec<ColumnDefinition>, Vec<Key>), DdlError> {
    let (mut columns, mut keys) = (Vec::new(), Vec::new());
    loop {
        match table_constraint(cursor)? {
            Constraint::Key(key) => keys.push(key),
            Constraint::Other => {}
            Constraint::None => {
                let definition = column_definition(cursor)?;
                keys.extend(definition.keys());
                columns.push(definition);
            }
        }
        if !cursor.eat_symbol(',') {
            break;
        }
    }
    cursor.expect_symbol(')')?;
    Ok((columns, keys))
}

/// What stands in a list of columns.
pub(super) enum Constraint {
    /// An index.
    Key(Key),
    /// Another constraint.
    Other,
    /// A column.
    None,
}

/// Takes a key or constraint if one is next. All of their first words are reserved, so they cannot be a column's name.
pub(super) fn table_constraint(cursor: &mut Cursor<'_>) -> Result<Constraint, DdlError> {
    let mut constraint = Constraint::None;
    let mut symbol = None;
    if cursor.eat("CONSTRAINT") {
        constraint = Constraint::Other;
        if !cursor.is_any_word(&["PRIMARY", "UNIQUE", "FOREIGN", "CHECK"]) {
            symbol = Some(cursor.name()?);
        }
    }
    if cursor.eat_all(&["PRIMARY", "KEY"]) {
        constraint = Constraint::Key(index(cursor, KeyKind::Primary, symbol)?);
    } else if cursor.eat("UNIQUE") {
        cursor.eat_any(&["KEY", "INDEX"]);
        constraint = Constraint::Key(index(cursor, KeyKind::Unique, symbol)?);
    } else if cursor.eat_any(&["FULLTEXT", "SPATIAL"]) {
        cursor.eat_any(&["KEY", "INDEX"]);
        constraint = Constraint::Key(index(cursor, KeyKind::Other, None)?);
    } else if cursor.eat_any(&["KEY", "INDEX"]) {
        constraint = Constraint::Key(index(cursor, KeyKind::Other, None)?);
    } else if cursor.is_any_word(&["FOREIGN", "CHECK"]) {
        constraint = Constraint::Other;
    }
    if !matches!(constraint, Constraint::None) {
        cursor.skip_item()?;
    }
    Ok(constraint)
}

/// Parses an index from behind its kind: name, type and columns.
fn index(cursor: &mut Cursor<'_>, kind: KeyKind, symbol: Option<String>) -> Result<Key, DdlError> {
    let name = match cursor.is_symbol('(') || cursor.is_word("USING") {
        true => symbol,
        false => Some(cursor.name()?),
    };
    while !cursor.is_at_end() && !cursor.is_symbol('(') {
        cursor.advance();
    }
    Ok(key_parts(cursor)?.index(kind, name))
}

/// What an index holds.
struct KeyParts {
    /// `None` if there are expressions among them.
    columns: Option<Vec<String>>,
    has_prefix: bool,
}

impl KeyParts {
    fn index(self, kind: KeyKind, name: Option<String>) -> Key {
        Key {
            kind,
            name,
            columns: self.columns,
            has_prefix: self.has_prefix,
        }
    }
}

/// Parses `(a, b(10) DESC)`.
fn key_parts(cursor: &mut Cursor<'_>) -> Result<KeyParts, DdlError> {
    let mut parts = KeyParts {
        columns: Some(Vec::new()),
        has_prefix: false,
    };
    cursor.expect_symbol('(')?;
    loop {
        if cursor.is_symbol('(') {
            parts.columns = None;
        } else {
            let name = cursor.name()?;
            parts.has_prefix |= cursor.is_symbol('(');
            if let Some(columns) = &mut parts.columns {
                columns.push(name);
            }
        }
        cursor.skip_item()?;
        if !cursor.eat_symbol(',') {
            break;
        }
    }
    cursor.expect_symbol(')')?;
    Ok(parts)
}

fn table_options(cursor: &mut Cursor<'_>) -> Result<TableOptions, DdlError> {
    let mut options = TableOptions::default();
    let mut collation = None;
    while !cursor.is_at_end() {
        if cursor.is_any_word(&["AS", "SELECT", "WITH", "VALUES", "TABLE"]) || is_query_in_parentheses(cursor) {
            return Err(DdlError::new(
                "the columns of CREATE TABLE ... SELECT are known only to the server",
            ));
        }
        if cursor.eat("PARTITION") {
            while !cursor.is_at_end() && !cursor.is_any_word(&["AS", "SELECT"]) {
                cursor.skip()?;
            }
        } else {
            table_option(cursor, &mut options, &mut collation)?;
        }
    }
    options.charset = options.charset.or(collation);
    Ok(options)
}

fn is_query_in_parentheses(cursor: &mut Cursor<'_>) -> bool {
    let mark = cursor.mark();
    let found = cursor.eat_symbol('(') && cursor.is_any_word(&["SELECT", "WITH"]);
    cursor.rewind(mark);
    found
}

/// Takes one word of a list of options; of those that matter, the value too.
pub(super) fn table_option(
    cursor: &mut Cursor<'_>,
    options: &mut TableOptions,
    charset_by_collation: &mut Option<String>,
) -> Result<(), DdlError> {
    if cursor.eat_all(&["CHARACTER", "SET"]) || cursor.eat_all(&["CHAR", "SET"]) || cursor.eat("CHARSET") {
        cursor.eat_symbol('=');
        options.charset = Some(cursor.charset_name()?);
    } else if cursor.eat("COLLATE") {
        cursor.eat_symbol('=');
        *charset_by_collation = Some(charset_of_collation(&cursor.charset_name()?));
    } else if cursor.eat("COMMENT") {
        cursor.eat_symbol('=');
        options.comment = cursor.text();
    } else {
        cursor.skip()?;
    }
    Ok(())
}
