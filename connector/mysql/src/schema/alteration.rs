//! [`alter_table`]: one `ALTER TABLE` applied to a table's definition.
//!
//! All parts of the statement name columns as they were before it, so `CHANGE a b INT, CHANGE b a INT` swaps two columns.
//! As in the server, changes happen where the column is; then new columns and those with a place are put in, in the order of
//! the statement, and AFTER means the new names, of columns that move later where they were
//! (`mysql_prepare_alter_table` in `sql_table.cc`).

use super::apply_error::ApplyError;
use super::column_rules::{add_key, make_not_null, position_of, resolved, same_name};
use super::ddl::{AlterAction, ColumnDefinition, ColumnPlace, DefaultValue, TableOptions};
use super::indexes::Indexes;
use super::table::{Column, TableSchema};

/// The definition of `table`, and its indexes, after `actions`.
pub(super) fn alter_table(
    table: &TableSchema,
    indexes: &Indexes,
    actions: &[AlterAction],
    database_charset: Option<&str>,
) -> Result<(TableSchema, Indexes), ApplyError> {
    let mut alteration = Alteration {
        table: TableSchema {
            columns: Vec::new(),
            ..table.clone()
        },
        indexes: indexes.clone(),
        slots: table.columns.iter().map(Slot::of).collect(),
        placed: Vec::new(),
        converted: None,
        database_charset,
    };
    // The default character set counts for every new column, and a key is gone for every changed one, wherever it stands in
    // the statement.
    for action in actions {
        match action {
            AlterAction::Options(options) => alteration.set_options(options),
            AlterAction::ConvertToCharset(charset) => {
                alteration.converted = alteration.stated_charset(Some(charset));
                alteration.table.default_charset.clone_from(&alteration.converted);
            }
            AlterAction::DropKey(name) => alteration.indexes.drop(name),
            _ => {}
        }
    }
    for action in actions {
        alteration.act(action)?;
    }
    alteration.finish(actions)
}

/// A column that was there before, and what becomes of it.
struct Slot {
    old: String,
    /// Its new name, unless it was dropped.
    name: Option<String>,
    /// Its new definition, unless it was dropped.
    column: Option<Column>,
}

impl Slot {
    fn of(column: &Column) -> Self {
        Slot {
            old: column.name.clone(),
            name: Some(column.name.clone()),
            column: Some(column.clone()),
        }
    }
}

struct Alteration<'a> {
    /// The table; its columns are put together at the end.
    table: TableSchema,
    /// Under the old names of columns until the end.
    indexes: Indexes,
    slots: Vec<Slot>,
    /// New columns and those that a place was stated for.
    placed: Vec<(Column, ColumnPlace)>,
    /// The character set that all columns with one get, also those that the same statement declares with another.
    converted: Option<String>,
    database_charset: Option<&'a str>,
}

impl Alteration<'_> {
    fn act(&mut self, action: &AlterAction) -> Result<(), ApplyError> {
        match action {
            AlterAction::AddColumn(definition, place) => {
                let column = self.resolved(definition);
                self.placed.push((column, place.clone()));
            }
            AlterAction::ChangeColumn(old, definition, place) => self.change(old, definition, place)?,
            AlterAction::RenameColumn { from, to } => {
                let slot = self.slot(from)?;
                slot.name = Some(to.clone());
                if let Some(column) = &mut slot.column {
                    column.name.clone_from(to);
                }
            }
            AlterAction::DropColumn(name) => {
                let slot = self.slot(name)?;
                (slot.name, slot.column) = (None, None);
            }
            AlterAction::SetDefault(name, value) => {
                let text = match value {
                    DefaultValue::Literal(text) => Some(text.clone()),
                    DefaultValue::Null | DefaultValue::Expression => None,
                };
                self.set_default(name, Some(text))?;
            }
            AlterAction::DropDefault(name) => self.set_default(name, None)?,
            AlterAction::RenameTable(id) => self.table.id = id.clone(),
            AlterAction::DropKey(_)
            | AlterAction::RenameKey { .. }
            | AlterAction::AddKey(_)
            | AlterAction::ConvertToCharset(_)
            | AlterAction::Options(_) => {}
        }
        Ok(())
    }

    fn change(&mut self, old: &str, definition: &ColumnDefinition, place: &ColumnPlace) -> Result<(), ApplyError> {
        let mut column = self.resolved(definition);
        if self.indexes.is_primary(old) {
            // The columns of a primary key are NOT NULL even where the declaration does not say so.
            make_not_null(&mut column);
        }
        let slot = self.slot(old)?;
        slot.name = Some(column.name.clone());
        slot.column = Some(column.clone());
        if *place != ColumnPlace::Unstated {
            self.placed.push((column, place.clone()));
        }
        Ok(())
    }

    /// Puts new and moved columns in, then looks at keys: a key may be of columns that the same statement adds.
    fn finish(mut self, actions: &[AlterAction]) -> Result<(TableSchema, Indexes), ApplyError> {
        let slots = &self.slots;
        let new_name = |old: &String| {
            slots
                .iter()
                .find(|slot| same_name(&slot.old, old))
                .and_then(|slot| slot.name.clone())
        };
        self.indexes.rename_columns(new_name);
        self.table.columns = self.slots.into_iter().filter_map(|slot| slot.column).collect();
        for (column, place) in self.placed {
            // One that moves.
            self.table.columns.retain(|other| !same_name(&other.name, &column.name));
            let at = match &place {
                ColumnPlace::Unstated => self.table.columns.len(),
                ColumnPlace::First => 0,
                ColumnPlace::After(name) => {
                    1 + position_of(&self.table.columns, name)
                        .ok_or_else(|| ApplyError::unknown_column(&self.table.id, name))?
                }
            };
            self.table.columns.insert(at, column);
        }
        if self.converted.is_some() {
            for column in self.table.columns.iter_mut().filter(|column| column.charset.is_some()) {
                column.charset.clone_from(&self.converted);
            }
        }
        for action in actions {
            match action {
                AlterAction::AddKey(key) => add_key(&mut self.table, &mut self.indexes, key)?,
                AlterAction::RenameKey { from, to } => self.indexes.rename(from, to),
                _ => {}
            }
        }
        self.table.key = self.indexes.settle(&self.table.columns);
        Ok((self.table, self.indexes))
    }

    fn slot(&mut self, old: &str) -> Result<&mut Slot, ApplyError> {
        let table = &self.table.id;
        self.slots
            .iter_mut()
            .find(|slot| same_name(&slot.old, old))
            .ok_or_else(|| ApplyError::unknown_column(table, old))
    }

    fn resolved(&self, definition: &ColumnDefinition) -> Column {
        resolved(&definition.column, self.table.default_charset.as_deref())
    }

    fn set_default(&mut self, name: &str, default: Option<Option<String>>) -> Result<(), ApplyError> {
        if let Some(column) = &mut self.slot(name)?.column
            && !counts_by_itself(column)
        {
            // Without a DEFAULT clause the default of a column that may be NULL is NULL.
            column.default = default.or_else(|| column.optional.then_some(None));
        }
        Ok(())
    }

    fn set_options(&mut self, options: &TableOptions) {
        if let Some(charset) = self.stated_charset(options.charset.as_deref()) {
            self.table.default_charset = Some(charset);
        }
        if options.comment.is_some() {
            self.table.comment.clone_from(&options.comment);
        }
    }

    fn stated_charset(&self, stated: Option<&str>) -> Option<String> {
        match stated {
            Some("default") => self.database_charset.map(str::to_owned),
            stated => stated.map(str::to_owned),
        }
    }
}

/// Whether a column is AUTO_INCREMENT, and so has no default, whatever is said. Those of times are marked the same if each update
/// sets them.
fn counts_by_itself(column: &Column) -> bool {
    column.auto_incremented && !matches!(column.type_name.as_str(), "TIMESTAMP" | "DATETIME")
}
