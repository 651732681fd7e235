//! `ALTER TABLE` and `ALTER DATABASE`.
//!
//! Whatever does not change names, types, keys, defaults or character sets is passed over, up to the next comma.

use super::column::{ColumnDefinition, column_definition, default_value, definition_of};
use super::create::{Constraint, database_charset, other_object, table_constraint, table_elements, table_option};
use super::cursor::Cursor;
use super::error::DdlError;
use super::statement::{AlterAction, AlterTable, ColumnPlace, Statement, TableOptions};
use super::timestamps::fill_in_first_default;

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
    if cursor.has_implicit_timestamps() {
        fill_in_first_default(actions.iter_mut().filter_map(AlterAction::definition));
    }
    Ok(actions)
}

impl AlterAction {
    /// The column that the action declares.
    fn definition(&mut self) -> Option<&mut ColumnDefinition> {
        match self {
            AlterAction::AddColumn(definition, _) | AlterAction::ChangeColumn(_, definition, _) => Some(definition),
            _ => None,
        }
    }
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
        change(old_name, definition, place(cursor)?, actions);
    } else if cursor.eat("MODIFY") {
        cursor.eat("COLUMN");
        cursor.eat_all(&["IF", "EXISTS"]);
        let name = cursor.name()?;
        let definition = definition_of(name.clone(), cursor)?;
        change(name, definition, place(cursor)?, actions);
    } else if cursor.eat("ALTER") {
        alter_column(cursor, actions)?;
    } else if cursor.eat_all(&["CONVERT", "TO"]) {
        if cursor.eat_all(&["CHARACTER", "SET"]) || cursor.eat_all(&["CHAR", "SET"]) || cursor.eat("CHARSET") {
            actions.push(AlterAction::ConvertToCharset(cursor.charset_name()?));
        }
    } else if cursor.eat_all(&["ORDER", "BY"]) {
        skip_order(cursor)?;
    } else if is_about_partitions(cursor) {
        skip_rest(cursor)?;
    } else {
        options(cursor, actions)?;
    }
    Ok(())
}

fn change(old: String, definition: ColumnDefinition, place: ColumnPlace, actions: &mut Vec<AlterAction>) {
    let keys: Vec<_> = definition.keys().map(AlterAction::AddKey).collect();
    actions.push(AlterAction::ChangeColumn(old, definition, place));
    actions.extend(keys);
}

/// Rows are put in this order, which names columns after commas: they are no further actions, whatever they are called.
fn skip_order(cursor: &mut Cursor<'_>) -> Result<(), DdlError> {
    loop {
        cursor.name()?;
        cursor.eat_any(&["ASC", "DESC"]);
        let mark = cursor.mark();
        let goes_on = cursor.eat_symbol(',')
            && !cursor.is_any_word(&["ADD", "ALTER", "CHANGE", "CONVERT", "DROP", "FORCE", "ORDER", "RENAME"])
            && cursor.name().is_ok()
            && (cursor.is_at_end() || cursor.is_symbol(',') || cursor.is_any_word(&["ASC", "DESC"]));
        cursor.rewind(mark);
        if !goes_on {
            return Ok(());
        }
        cursor.expect_symbol(',')?;
    }
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
        let columns = columns.into_iter();
        actions.extend(columns.map(|column| AlterAction::AddColumn(column, ColumnPlace::Unstated)));
        actions.extend(keys.into_iter().map(AlterAction::AddKey));
        return Ok(());
    }
    let definition = column_definition(cursor)?;
    let keys: Vec<_> = definition.keys().map(AlterAction::AddKey).collect();
    actions.push(AlterAction::AddColumn(definition, place(cursor)?));
    actions.extend(keys);
    Ok(())
}

fn drop(cursor: &mut Cursor<'_>, actions: &mut Vec<AlterAction>) -> Result<(), DdlError> {
    if cursor.is_word("PARTITION") {
        return skip_rest(cursor);
    }
    if cursor.eat_all(&["PRIMARY", "KEY"]) {
        actions.push(AlterAction::DropKey("PRIMARY".to_owned()));
        return Ok(());
    }
    // A constraint may be a unique index or the primary key. Should it be another, no index has its name.
    if cursor.eat_any(&["INDEX", "KEY", "CONSTRAINT"]) {
        actions.push(AlterAction::DropKey(cursor.name()?));
        return Ok(());
    }
    if cursor.is_any_word(&["FOREIGN", "CHECK"]) {
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
    } else if cursor.eat_any(&["INDEX", "KEY"]) {
        let from = cursor.name()?;
        if !cursor.eat("TO") {
            return Err(cursor.expected("TO"));
        }
        let to = cursor.name()?;
        actions.push(AlterAction::RenameKey { from, to });
    } else {
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

fn place(cursor: &mut Cursor<'_>) -> Result<ColumnPlace, DdlError> {
    if cursor.eat("FIRST") {
        Ok(ColumnPlace::First)
    } else if cursor.eat("AFTER") {
        Ok(ColumnPlace::After(cursor.name()?))
    } else {
        Ok(ColumnPlace::Unstated)
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
