//! [`Reference`]: one of the tables behind FROM or UPDATE, and which one of them a name means.

use crate::schema::ddl::{Cursor, DdlError};
use crate::table_id::TableId;

/// Words that end the tables of a statement.
const ENDS: [&str; 15] = [
    "SET",
    "WHERE",
    "GROUP",
    "HAVING",
    "WINDOW",
    "ORDER",
    "LIMIT",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "INTO",
    "FOR",
    "LOCK",
    "VALUES",
    "SELECT",
];
/// Words that may follow a table. Like those that end the tables, they are not taken as an alias.
const GOES_ON: [&str; 13] = [
    "JOIN",
    "INNER",
    "CROSS",
    "LEFT",
    "RIGHT",
    "NATURAL",
    "STRAIGHT_JOIN",
    "ON",
    "USING",
    "USE",
    "FORCE",
    "IGNORE",
    "TABLESAMPLE",
];

/// A table where rows come from, and the name that stands for it.
pub(super) struct Reference {
    pub(super) table: TableId,
    alias: Option<String>,
    /// Its database is named.
    pub(super) is_qualified: bool,
}

/// The one that `path`, a name or a database and a name, means; `None` if that is not certain. With a single table a column
/// needs no name before it.
pub(super) fn resolved<'a>(path: &[String], references: &'a [Reference]) -> Option<&'a Reference> {
    let means = |reference: &&Reference| match (path, &reference.alias) {
        ([], _) => references.len() == 1,
        ([name], Some(alias)) => alias.eq_ignore_ascii_case(name),
        ([name], None) => reference.table.table.eq_ignore_ascii_case(name),
        ([database, name], None) => {
            reference.table.database.eq_ignore_ascii_case(database) && reference.table.table.eq_ignore_ascii_case(name)
        }
        _ => false,
    };
    let mut found = references.iter().filter(means);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The tables of `table_references`, up to the word that ends them
/// (<https://dev.mysql.com/doc/refman/9.4/en/join.html>). Tables inside of subqueries are not among them.
pub(super) fn references(cursor: &mut Cursor<'_>) -> Result<Vec<Reference>, DdlError> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut table_is_next = true;
    loop {
        if table_is_next {
            if cursor.eat_symbol('(') || cursor.eat_symbol('{') {
                depth += 1;
                cursor.eat("OJ");
            } else if cursor.is_any_word(&["SELECT", "WITH", "VALUES", "TABLE"]) {
                // A subquery, whose parenthesis was taken for one around tables.
                while !cursor.is_at_end() && !cursor.is_symbol(')') {
                    cursor.skip()?;
                }
                table_is_next = false;
            } else if !cursor.eat("LATERAL") {
                found.extend(reference(cursor)?);
                table_is_next = false;
            }
        } else if cursor.eat_symbol(',') || cursor.eat_any(&["JOIN", "STRAIGHT_JOIN"]) {
            table_is_next = true;
        } else if depth > 0 && (cursor.eat_symbol(')') || cursor.eat_symbol('}')) {
            depth -= 1;
        } else if cursor.is_at_end() || cursor.is_symbol(')') || cursor.is_any_word(&ENDS) {
            return Ok(found);
        } else if cursor.eat_any(&["INDEX", "KEY"]) {
            // USE INDEX FOR JOIN (i), FOR ORDER BY (i)
            if cursor.eat("FOR") {
                cursor.pass();
            }
        } else {
            cursor.skip()?;
        }
    }
}

/// One table with its alias; `None` for a table function.
fn reference(cursor: &mut Cursor<'_>) -> Result<Option<Reference>, DdlError> {
    let mark = cursor.mark();
    let table = cursor.table_name()?;
    let is_qualified = cursor.mark() > mark + 1;
    if cursor.is_symbol('(') {
        return Ok(None);
    }
    if cursor.eat("PARTITION") {
        cursor.skip_parentheses()?;
    }
    let has_alias = cursor.eat("AS") || cursor.is_name() && !cursor.is_any_word(&ENDS) && !cursor.is_any_word(&GOES_ON);
    let alias = has_alias.then(|| cursor.name()).transpose()?;
    Ok(Some(Reference {
        table,
        alias,
        is_qualified,
    }))
}
