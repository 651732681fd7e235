//! [`Footprint`]: what a statement that the binlog has as text names: the tables it writes to and reads, and what it calls.
//!
//! Only names are read here, and whatever is not understood makes the answer "any table". What a statement does through
//! triggers, functions and foreign keys is not in its text. The grammar is that of
//! <https://dev.mysql.com/doc/refman/9.4/en/sql-data-manipulation-statements.html>.

mod table_references;

use std::collections::BTreeSet;

use self::table_references::{Reference, references, resolved};
use super::ddl::{Cursor, DdlError, Dialect};
use crate::table_id::TableId;

/// What the text of a statement says of the tables it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Footprint {
    /// The tables whose rows it changes itself, or may change; `None` if its text does not tell.
    pub writes: Option<Vec<TableId>>,
    /// Every table that it names behind FROM or JOIN, and some that it does not read.
    pub reads: Vec<TableId>,
    /// Everything that looks like a call of a function, most of them the server's own: database and name.
    pub calls: BTreeSet<(String, String)>,
    /// Its beginning, with a question mark for every value and without comments.
    pub outline: String,
}

impl Footprint {
    /// Reads a statement.
    pub fn of(sql: &str, dialect: Dialect<'_>) -> Footprint {
        let mut cursor = Cursor::new(sql, dialect);
        let outline = cursor.outline();
        let is_whole = cursor.unterminated().is_none() && !cursor.has_semicolon();
        let writer = Writer::read(&mut cursor).ok();
        let (shadows, writes) = match writer {
            Some(writer) => (writer.common_tables, writer.tables.filter(|_| is_whole)),
            None => (Vec::new(), None),
        };
        let reads = read_tables(&mut cursor, &shadows);
        let calls = called(&mut cursor);
        Footprint {
            writes,
            reads,
            calls,
            outline,
        }
    }

    /// Whether the statement is a CREATE TABLE that fills the new table from a SELECT. With row logging it is not: the server
    /// logs a plain CREATE TABLE and the rows.
    pub fn fills_what_it_creates(sql: &str, dialect: Dialect<'_>) -> bool {
        let mut cursor = Cursor::new(sql, dialect);
        cursor.eat("CREATE") && {
            cursor.eat("TEMPORARY");
            cursor.eat("TABLE") && is_filled(&mut cursor)
        }
    }
}

/// The part of a statement that says where it writes.
struct Writer {
    /// Names that WITH defines; they hide tables.
    common_tables: Vec<String>,
    tables: Option<Vec<TableId>>,
}

impl Writer {
    fn read(cursor: &mut Cursor<'_>) -> Result<Writer, DdlError> {
        let common_tables = common_tables(cursor)?;
        Ok(Writer {
            common_tables,
            tables: written_tables(cursor).ok().flatten(),
        })
    }
}

/// `WITH [RECURSIVE] name [(columns)] AS (query), ...`
fn common_tables(cursor: &mut Cursor<'_>) -> Result<Vec<String>, DdlError> {
    let mut names = Vec::new();
    if !cursor.eat("WITH") {
        return Ok(names);
    }
    cursor.eat("RECURSIVE");
    loop {
        names.push(cursor.name()?);
        if cursor.is_symbol('(') {
            cursor.skip_parentheses()?;
        }
        if !cursor.eat("AS") {
            return Err(cursor.expected("AS"));
        }
        cursor.skip_parentheses()?;
        if !cursor.eat_symbol(',') {
            return Ok(names);
        }
    }
}

fn written_tables(cursor: &mut Cursor<'_>) -> Result<Option<Vec<TableId>>, DdlError> {
    const MODIFIERS: [&str; 6] = ["LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "QUICK", "IGNORE", "INTO"];
    let verb = cursor.word_upper().unwrap_or_default();
    match verb.as_str() {
        "INSERT" | "REPLACE" => {
            cursor.pass();
            while cursor.eat_any(&MODIFIERS) {}
            Ok(Some(vec![cursor.table_name()?]))
        }
        "UPDATE" => {
            cursor.pass();
            while cursor.eat_any(&MODIFIERS) {}
            updated(cursor).map(Some)
        }
        "DELETE" => {
            cursor.pass();
            while cursor.eat_any(&MODIFIERS) {}
            deleted(cursor).map(Some)
        }
        "LOAD" => {
            while !cursor.eat_all(&["INTO", "TABLE"]) {
                if cursor.is_at_end() {
                    return Ok(None);
                }
                cursor.skip()?;
            }
            Ok(Some(vec![cursor.table_name()?]))
        }
        "CREATE" => {
            cursor.pass();
            let is_temporary = cursor.eat("TEMPORARY");
            if !cursor.eat("TABLE") {
                return Ok(None);
            }
            cursor.eat_all(&["IF", "NOT", "EXISTS"]);
            let table = cursor.table_name()?;
            Ok(Some(if is_temporary { Vec::new() } else { vec![table] }))
        }
        _ => Ok(None),
    }
}

/// Behind `UPDATE`: the tables whose columns are set, or all that are named if a column's table is not.
fn updated(cursor: &mut Cursor<'_>) -> Result<Vec<TableId>, DdlError> {
    let references = references(cursor)?;
    if !cursor.eat("SET") {
        return Err(cursor.expected("SET"));
    }
    let all = || references.iter().map(|reference| reference.table.clone()).collect();
    let mut tables = BTreeSet::new();
    loop {
        let mut path = vec![cursor.name()?];
        while cursor.eat_symbol('.') {
            path.push(cursor.name()?);
        }
        path.pop();
        match resolved(&path, &references) {
            Some(reference) => tables.insert(reference.table.clone()),
            None => return Ok(all()),
        };
        while !cursor.is_at_end() && !cursor.is_symbol(',') && !cursor.is_any_word(&["WHERE", "ORDER", "LIMIT"]) {
            cursor.skip()?;
        }
        if !cursor.eat_symbol(',') {
            return Ok(tables.into_iter().collect());
        }
    }
}

/// Behind `DELETE`: `FROM t`, `t, u FROM references` or `FROM t, u USING references`.
fn deleted(cursor: &mut Cursor<'_>) -> Result<Vec<TableId>, DdlError> {
    let has_from = cursor.eat("FROM");
    let mark = cursor.mark();
    let mut names = vec![deleted_name(cursor)?];
    while cursor.eat_symbol(',') {
        names.push(deleted_name(cursor)?);
    }
    let has_references = if has_from {
        cursor.eat("USING")
    } else {
        cursor.eat("FROM")
    };
    if !has_references {
        if !has_from || names.len() > 1 {
            return Err(cursor.expected("tables to delete from"));
        }
        cursor.rewind(mark);
        return Ok(vec![cursor.table_name()?]);
    }
    let references = references(cursor)?;
    let found: Option<BTreeSet<TableId>> = names
        .iter()
        .map(|path| resolved(path, &references).map(|reference| reference.table.clone()))
        .collect();
    Ok(match found {
        Some(tables) => tables.into_iter().collect(),
        None => references.into_iter().map(|reference| reference.table).collect(),
    })
}

/// `t`, `d.t`, `t.*` or `d.t.*`.
fn deleted_name(cursor: &mut Cursor<'_>) -> Result<Vec<String>, DdlError> {
    let mut path = vec![cursor.name()?];
    while cursor.eat_symbol('.') {
        if cursor.eat_symbol('*') {
            break;
        }
        path.push(cursor.name()?);
    }
    Ok(path)
}

/// Every table behind FROM, JOIN, UPDATE or TABLE, in subqueries, too.
fn read_tables(cursor: &mut Cursor<'_>, shadows: &[String]) -> Vec<TableId> {
    let mut tables = BTreeSet::new();
    cursor.rewind(0);
    while !cursor.is_at_end() {
        // ON DUPLICATE KEY UPDATE column, FOR UPDATE, USING (column)
        let names_columns = cursor.eat_all(&["KEY", "UPDATE"])
            || cursor.eat_all(&["FOR", "UPDATE"])
            || cursor.eat("USING") && cursor.is_symbol('(');
        if names_columns || !cursor.eat_any(&["FROM", "JOIN", "STRAIGHT_JOIN", "UPDATE", "TABLE"]) {
            cursor.pass();
            continue;
        }
        let mark = cursor.mark();
        let named = references(cursor).unwrap_or_default();
        let is_shadow = |reference: &Reference| {
            !reference.is_qualified
                && shadows
                    .iter()
                    .any(|shadow| shadow.eq_ignore_ascii_case(&reference.table.table))
        };
        tables.extend(
            named
                .into_iter()
                .filter(|reference| !is_shadow(reference))
                .map(|reference| reference.table),
        );
        cursor.rewind(mark);
    }
    tables.into_iter().collect()
}

/// Every name with a parenthesis behind it.
fn called(cursor: &mut Cursor<'_>) -> BTreeSet<(String, String)> {
    let mut calls = BTreeSet::new();
    cursor.rewind(0);
    while !cursor.is_at_end() {
        let mark = cursor.mark();
        if let Ok(name) = cursor.table_name()
            && cursor.is_symbol('(')
        {
            calls.insert((name.database, name.table));
        } else {
            cursor.rewind(mark);
            cursor.pass();
        }
    }
    calls
}

/// Behind CREATE TABLE: whether a query follows what is defined.
fn is_filled(cursor: &mut Cursor<'_>) -> bool {
    cursor.eat_all(&["IF", "NOT", "EXISTS"]);
    if cursor.table_name().is_err() {
        return false;
    }
    let is_query = |cursor: &Cursor<'_>| cursor.is_any_word(&["SELECT", "WITH", "TABLE", "VALUES"]);
    while !cursor.is_at_end() {
        if cursor.eat_symbol('(') {
            while cursor.eat_symbol('(') {}
            if is_query(cursor) {
                return true;
            }
            // What stands in the parentheses is skipped by its depth.
            let mut depth = 1_usize;
            while depth > 0 && !cursor.is_at_end() {
                if cursor.eat_symbol('(') {
                    depth += 1;
                } else if cursor.eat_symbol(')') {
                    depth -= 1;
                } else {
                    cursor.pass();
                }
            }
        } else if cursor.eat_symbol('=') {
            // An option's value may be any word.
            cursor.pass();
        } else if is_query(cursor) && !cursor.is_words(&["WITH", "PARSER"]) {
            return true;
        } else {
            cursor.pass();
        }
    }
    false
}

#[cfg(test)]
mod tests;
