//! `ALTER TABLE` and `ALTER DATABASE`.
//!
//! Whatever does not change names, types, keys, defaults or character sets is passed over, up to the next comma.

use super::column::{column_definition, default_value, definition_of};
use super::create::{Constraint, database_charset, other_object, table_constraint, table_elements, table_option};
use super::cursor::Cursor;
use super::error::DdlError;
use super::statement::{AlterAction, AlterTable, Place, Statement, TableOptions};

/// Parses what follows `ALTER`.
pub(super) fn alter(cursor: &mut Cursor<'_>) -> Result<Statement, DdlError> {
    if cursor.eat_any(&["DATABASE", "SCHEMA"]) {
        return alter_database(cursor);
    }
    cursor.eat_any(&["ONLINE", "OFFLINE"]);
    cursor.eat("IGNORE");
    if !cursor.eat("TABLE") {
        return Ok(other_object(cursor));
    }
    let table = cursor.table_name()?;
    match actions(cursor) {
        Ok(actions) => Ok(Statement::AlterTable(AlterTable { table, actions })),
        Err(error) => Err(DdlError {
            tables: vec![table],
            ..error
        }),
    }
}

fn alter_database(cursor: &mut Cursor<'_>) -> Result<Statement, DdlError> {
    let unnamed = ["DEFAULT", "CHARACTER", "CHARSET", "COLLATE", "ENCRYPTION", "READ"];
    let database = if cursor.is_any_word(&unnamed) {
        cursor.default_database()
    } else {
        cursor.database_name()?
    };
    let charset = database_charset(cursor)?;
    Ok(Statement::AlterDatabase { database, charset })
}

fn actions(cursor: &mut Cursor<'_>) -> Result<Vec<AlterAction>, DdlError> {
    let mut actions = Vec::new();
    while !cursor.is_at_end() {
        action(cursor, &mut actions)?;
        cursor.skip_item()?;
        if !cursor.eat_symbol(',') && !cursor.is_at_end() {
            return Err(cursor.expected("`,`"));
        }
    }
    Ok(actions)
}

fn action(cursor: &mut Cursor<'_>, actions: &mut Vec<AlterAction>) -> Result<(), DdlError> {
    if cursor.eat("ADD") {
        return add(cursor, actions);
    }
    if cursor.eat("DROP") {
        return drop(cursor, actions);
    }
    if cursor.eat("RENAME") {
        return rename(cursor, actions);
    }
    if cursor.eat("CHANGE") {
        cursor.eat("COLUMN");
        cursor.eat_all(&["IF", "EXISTS"]);
        let old_name = cursor.name()?;
        let definition = column_definition(cursor)?;
        actions.push(AlterAction::ChangeColumn(old_name, definition, place(cursor)?));
    } else if cursor.eat("MODIFY") {
        cursor.eat("COLUMN");
        cursor.eat_all(&["IF", "EXISTS"]);
        let name = cursor.name()?;
        let definition = definition_of(name.clone(), cursor)?;
        actions.push(AlterAction::ChangeColumn(name, definition, place(cursor)?));
    } else if cursor.eat("ALTER") {
        alter_column(cursor, actions)?;
    } else if cursor.eat_all(&["CONVERT", "TO"]) {
        if cursor.eat_all(&["CHARACTER", "SET"]) || cursor.eat_all(&["CHAR", "SET"]) || cursor.eat("CHARSET") {
            actions.push(AlterAction::ConvertToCharset(cursor.charset_name()?));
        }
    } else if is_about_partitions(cursor) {
        skip_rest(cursor)?;
    } else {
        options(cursor, actions)?;
    }
    Ok(())
}

fn add(cursor: &mut Cursor<'_>, actions: &mut Vec<AlterAction>) -> Result<(), DdlError> {
    if cursor.is_word("PARTITION") {
        return skip_rest(cursor);
    }
    if !cursor.eat("COLUMN") {
        match table_constraint(cursor)? {
            Constraint::Key(key) => {
                actions.push(AlterAction::AddKey(key));
                return Ok(());
            }
            Constraint::Other => return Ok(()),
            Constraint::None => {}
        }
    }
    cursor.eat_all(&["IF", "NOT", "EXISTS"]);
    if cursor.eat_symbol('(') {
        let (columns, keys) = table_elements(cursor)?;
        actions.extend(
            columns
                .into_iter()
                .map(|column| AlterAction::AddColumn(column, Place::Unstated)),
        );
        actions.extend(keys.into_iter().map(AlterAction::AddKey));
        return Ok(());
    }
    let definition = column_definition(cursor)?;
    actions.push(AlterAction::AddColumn(definition, place(cursor)?));
    Ok(())
}

fn drop(cursor: &mut Cursor<'_>, actions: &mut Vec<AlterAction>) -> Result<(), DdlError> {
    if cursor.is_word("PARTITION") {
        return skip_rest(cursor);
    }
    if cursor.eat_all(&["PRIMARY", "KEY"]) {
        actions.push(AlterAction::DropPrimaryKey);
        return Ok(());
    }
    if cursor.is_any_word(&["INDEX", "KEY", "FOREIGN", "CHECK", "CONSTRAINT"]) {
        return Ok(());
    }
    cursor.eat("COLUMN");
    cursor.eat_all(&["IF", "EXISTS"]);
    actions.push(AlterAction::DropColumn(cursor.name()?));
    Ok(())
}

fn rename(cursor: &mut Cursor<'_>, actions: &mut Vec<AlterAction>) -> Result<(), DdlError> {
    if cursor.eat("COLUMN") {
        let from = cursor.name()?;
        if !cursor.eat("TO") {
            return Err(cursor.expected("TO"));
        }
        actions.push(AlterAction::RenameColumn {
            from,
            to: cursor.name()?,
        });
    } else if !cursor.is_any_word(&["INDEX", "KEY"]) {
        if !cursor.eat_any(&["TO", "AS"]) {
            cursor.eat_symbol('=');
        }
        actions.push(AlterAction::RenameTable(cursor.table_name()?));
    }
    Ok(())
}

fn alter_column(cursor: &mut Cursor<'_>, actions: &mut Vec<AlterAction>) -> Result<(), DdlError> {
    if cursor.is_any_word(&["INDEX", "CHECK", "CONSTRAINT"]) {
        return Ok(());
    }
    cursor.eat("COLUMN");
    let name = cursor.name()?;
    if cursor.eat_all(&["SET", "DEFAULT"]) {
        actions.push(AlterAction::SetDefault(name, default_value(cursor)?));
    } else if cursor.eat_all(&["DROP", "DEFAULT"]) {
        actions.push(AlterAction::DropDefault(name));
    }
    Ok(())
}

fn place(cursor: &mut Cursor<'_>) -> Result<Place, DdlError> {
    if cursor.eat("FIRST") {
        Ok(Place::First)
    } else if cursor.eat("AFTER") {
        Ok(Place::After(cursor.name()?))
    } else {
        Ok(Place::Unstated)
    }
}

/// Operations on partitions list names after commas, and nothing else follows them.
fn is_about_partitions(cursor: &Cursor<'_>) -> bool {
    cursor.is_any_word(&["PARTITION", "REMOVE"])
        || [
            "TRUNCATE",
            "REORGANIZE",
            "COALESCE",
            "EXCHANGE",
            "ANALYZE",
            "CHECK",
            "OPTIMIZE",
            "REBUILD",
            "REPAIR",
        ]
        .iter()
        .chain(&["IMPORT", "DISCARD"])
        .any(|operation| cursor.is_words(&[operation, "PARTITION"]))
}

fn skip_rest(cursor: &mut Cursor<'_>) -> Result<(), DdlError> {
    while !cursor.is_at_end() {
        cursor.skip()?;
    }
    Ok(())
}

fn options(cursor: &mut Cursor<'_>, actions: &mut Vec<AlterAction>) -> Result<(), DdlError> {
    let mut options = TableOptions::default();
    let mut collation = None;
    while !cursor.is_at_end() && !cursor.is_symbol(',') {
        table_option(cursor, &mut options, &mut collation)?;
    }
    options.charset = options.charset.or(collation);
    if options != TableOptions::default() {
        actions.push(AlterAction::Options(options));
    }
    Ok(())
}
