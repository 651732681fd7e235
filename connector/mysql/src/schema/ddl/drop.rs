//! `DROP`, `RENAME` and `TRUNCATE TABLE`.

use super::create::other_object;
use super::cursor::Cursor;
use super::error::DdlError;
use super::statement::{DropTables, RenamedTable, Statement};

/// Parses what follows `DROP`, which stands at `start`.
pub(super) fn drop(cursor: &mut Cursor<'_>, start: usize) -> Result<Statement, DdlError> {
    let temporary = cursor.eat("TEMPORARY");
    if cursor.eat_any(&["DATABASE", "SCHEMA"]) {
        cursor.eat_all(&["IF", "EXISTS"]);
        return Ok(Statement::DropDatabase {
            database: cursor.database_name()?,
        });
    }
    cursor.eat_any(&["ONLINE", "OFFLINE"]);
    if cursor.eat("INDEX") {
        return drop_index(cursor);
    }
    if !cursor.eat_any(&["TABLE", "TABLES"]) {
        return Ok(other_object(cursor));
    }
    cursor.eat_all(&["IF", "EXISTS"]);
    let prefix = format!("{} ", cursor.text_since(start));
    let mut tables = Vec::new();
    loop {
        match cursor.table_name() {
            Ok(table) => tables.push(table),
            Err(error) => return Err(DdlError { tables, ..error }),
        }
        if !cursor.eat_symbol(',') {
            break;
        }
    }
    let suffix = if cursor.eat("RESTRICT") {
        " RESTRICT"
    } else if cursor.eat("CASCADE") {
        " CASCADE"
    } else {
        ""
    };
    Ok(Statement::DropTables(DropTables {
        temporary,
        tables,
        prefix,
        suffix,
    }))
}

fn drop_index(cursor: &mut Cursor<'_>) -> Result<Statement, DdlError> {
    let index = cursor.name()?;
    if !cursor.eat("ON") {
        return Err(cursor.expected("ON"));
    }
    let table = cursor.table_name()?;
    while !cursor.is_at_end() && !cursor.is_symbol(';') {
        cursor.skip()?;
    }
    Ok(Statement::DropIndex { table, index })
}

/// Parses what follows `RENAME`, which stands at `start`.
pub(super) fn rename(cursor: &mut Cursor<'_>, start: usize) -> Result<Statement, DdlError> {
    if !cursor.eat_any(&["TABLE", "TABLES"]) {
        return Ok(Statement::Unrelated);
    }
    let prefix = cursor.text_since(start);
    let mut renames = Vec::new();
    loop {
        match renamed_table(cursor, prefix) {
            Ok(rename) => renames.push(rename),
            Err(error) => {
                let tables = renames
                    .into_iter()
                    .flat_map(|rename| [rename.from, rename.to])
                    .chain(error.tables);
                return Err(DdlError {
                    tables: tables.collect(),
                    reason: error.reason,
                });
            }
        }
        if !cursor.eat_symbol(',') {
            return Ok(Statement::RenameTables(renames));
        }
    }
}

fn renamed_table(cursor: &mut Cursor<'_>, prefix: &str) -> Result<RenamedTable, DdlError> {
    let start = cursor.mark();
    let from = cursor.table_name()?;
    let with_from = |error: DdlError| DdlError {
        tables: vec![from.clone()],
        ..error
    };
    if !cursor.eat("TO") {
        return Err(with_from(cursor.expected("TO")));
    }
    let to = cursor.table_name().map_err(with_from)?;
    let text = format!("{prefix} {}", cursor.text_since(start));
    Ok(RenamedTable { from, to, text })
}

/// Parses what follows `TRUNCATE`.
pub(super) fn truncate(cursor: &mut Cursor<'_>) -> Result<Statement, DdlError> {
    cursor.eat("TABLE");
    Ok(Statement::TruncateTable(cursor.table_name()?))
}
