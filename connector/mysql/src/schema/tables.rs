//! [`SchemaModel`]: all tables that are known, as of a position, and what statements do to them.
//!
//! A version of a table is an `Arc<TableSchema>`: as long as the `Arc` is the same, so are the decoders and record schemas
//! compiled from it, and a statement that changes a table brings another one. Applying a statement never guesses: what
//! does not fit the model (an unknown column, a table that was never seen) is an error, and the caller decides by the
//! tables it names whether that matters.

use std::collections::BTreeMap;
use std::sync::Arc;

use thiserror::Error;

use super::alteration::alter_table;
use super::ddl::{
    AlterTable, ColumnDefinition, CreateBody, CreateTable, Dialect, Key, Quoting, Statement, TableOptions,
};
use super::jdbc_type::has_charset;
use super::table::{Column, TableId, TableSchema};

/// Settings that hold for all tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SchemaOptions {
    /// The server's `lower_case_table_names` is not 0.
    pub lower_case_names: bool,
    /// `include.schema.comments`: comments are kept.
    pub comments: bool,
}

/// A statement that does not fit the tables as they are known.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ApplyError {
    /// The statement changes or copies a table that was never seen.
    #[error("the definition of table {0} is not known")]
    UnknownTable(TableId),
    /// The statement names a column that the table does not have.
    #[error("table {table} has no column `{column}`")]
    UnknownColumn {
        /// The table.
        table: TableId,
        /// The column.
        column: String,
    },
}

/// What a statement did to a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It exists now, perhaps in place of another of this name.
    Created(TableId),
    /// It changed.
    Altered {
        /// Its name now.
        table: TableId,
        /// Its name before, if that was another.
        previous: Option<TableId>,
    },
    /// It is gone.
    Dropped(TableId),
}

/// All known tables and default character sets.
#[derive(Debug, Clone, Default)]
pub struct SchemaModel {
    options: SchemaOptions,
    tables: BTreeMap<TableId, Arc<TableSchema>>,
    database_charsets: BTreeMap<String, String>,
    server_charset: Option<String>,
}

impl SchemaModel {
    /// A model that knows no tables.
    pub fn new(options: SchemaOptions) -> Self {
        SchemaModel {
            options,
            ..SchemaModel::default()
        }
    }

    /// How statements of a session in `default_database` are to be read.
    pub fn dialect<'a>(&self, default_database: &'a str, quoting: Quoting) -> Dialect<'a> {
        Dialect {
            default_database,
            quoting,
            lower_case_names: self.options.lower_case_names,
        }
    }

    /// The definition of a table.
    pub fn table(&self, table: &TableId) -> Option<&Arc<TableSchema>> {
        self.tables.get(table)
    }

    /// All tables, in the order of their names.
    pub fn tables(&self) -> impl Iterator<Item = &Arc<TableSchema>> {
        self.tables.values()
    }

    /// Puts a table in, in place of another of its name.
    pub fn insert(&mut self, mut table: TableSchema) {
        table.id = self.folded(&table.id);
        if !self.options.comments {
            table.comment = None;
            table.columns.iter_mut().for_each(|column| column.comment = None);
        }
        self.tables.insert(table.id.clone(), Arc::new(table));
    }

    /// Takes a table out.
    pub fn remove(&mut self, table: &TableId) {
        self.tables.remove(&self.folded(table));
    }

    /// `table` as this model spells it.
    pub fn folded(&self, table: &TableId) -> TableId {
        match self.options.lower_case_names {
            true => TableId::new(table.database.to_lowercase(), table.table.to_lowercase()),
            false => table.clone(),
        }
    }

    /// The character set of new tables in `database`, if it is known.
    pub fn charset_of_database(&self, database: &str) -> Option<&str> {
        self.database_charsets
            .get(database)
            .or(self.server_charset.as_ref())
            .map(String::as_str)
    }

    /// Applies a statement. After an error the model is as it was.
    pub fn apply(&mut self, statement: &Statement) -> Result<Vec<Effect>, ApplyError> {
        match statement {
            Statement::CreateTable(create) => self.create_table(create),
            Statement::AlterTable(alter) => self.alter_table(alter),
            Statement::DropTables(drop) if drop.temporary => Ok(Vec::new()),
            Statement::DropTables(drop) => {
                drop.tables.iter().for_each(|table| self.remove(table));
                Ok(drop.tables.iter().cloned().map(Effect::Dropped).collect())
            }
            Statement::RenameTables(renames) => {
                let pairs = renames.iter().map(|rename| self.rename_table(&rename.from, &rename.to));
                Ok(pairs.collect())
            }
            Statement::CreateIndex { table, unique } => Ok(self.create_index(table, unique.as_ref())),
            Statement::CreateDatabase { database, charset } | Statement::AlterDatabase { database, charset } => {
                self.set_database_charset(database, charset.as_deref());
                Ok(Vec::new())
            }
            Statement::DropDatabase { database } => {
                self.tables.retain(|table, _| table.database != *database);
                self.database_charsets.remove(database);
                Ok(Vec::new())
            }
            Statement::SetVariables(variables) => {
                if let Some((_, value)) = variables.iter().find(|(name, _)| name == "character_set_server") {
                    self.server_charset = Some(value.to_ascii_lowercase());
                }
                Ok(Vec::new())
            }
            Statement::TruncateTable(_)
            | Statement::Use { .. }
            | Statement::OtherObject
            | Statement::NotASchemaStatement => Ok(Vec::new()),
        }
    }

    fn set_database_charset(&mut self, database: &str, charset: Option<&str>) {
        let charset = match charset {
            Some("default") => self.server_charset.clone(),
            Some(charset) => Some(charset.to_owned()),
            None => return,
        };
        if let Some(charset) = charset {
            self.database_charsets.insert(database.to_owned(), charset);
        }
    }

    fn create_table(&mut self, create: &CreateTable) -> Result<Vec<Effect>, ApplyError> {
        // The server logs CREATE TABLE IF NOT EXISTS even if it did nothing.
        if create.temporary || (create.if_not_exists && self.tables.contains_key(&create.table)) {
            return Ok(Vec::new());
        }
        let table = match &create.body {
            CreateBody::Like(original) => {
                let original = self
                    .tables
                    .get(original)
                    .ok_or_else(|| ApplyError::UnknownTable(original.clone()))?;
                TableSchema {
                    id: create.table.clone(),
                    ..TableSchema::clone(original)
                }
            }
            CreateBody::Columns { columns, keys, options } => self.new_table(&create.table, columns, keys, options)?,
        };
        self.insert(table);
        Ok(vec![Effect::Created(create.table.clone())])
    }

    fn new_table(
        &self,
        id: &TableId,
        definitions: &[ColumnDefinition],
        keys: &[Key],
        options: &TableOptions,
    ) -> Result<TableSchema, ApplyError> {
        let default_charset = self.resolved_charset(options.charset.as_deref(), &id.database);
        let columns = definitions
            .iter()
            .map(|definition| resolved(&definition.column, default_charset.as_deref()));
        let mut table = TableSchema {
            id: id.clone(),
            columns: columns.collect(),
            key: Vec::new(),
            default_charset,
            comment: options.comment.clone(),
        };
        let of_columns = definitions.iter().filter_map(key_of_column);
        let keys: Vec<Key> = of_columns.chain(keys.iter().cloned()).collect();
        // A primary key wins wherever it stands; of the others the first that qualifies.
        for key in keys
            .iter()
            .filter(|key| key.primary)
            .chain(keys.iter().filter(|key| !key.primary))
        {
            add_key(&mut table, key)?;
        }
        Ok(table)
    }

    /// What a CHARSET option means: its value, or the database's character set.
    fn resolved_charset(&self, stated: Option<&str>, database: &str) -> Option<String> {
        match stated {
            Some("default") | None => self.charset_of_database(database).map(str::to_owned),
            Some(charset) => Some(charset.to_owned()),
        }
    }

    fn alter_table(&mut self, alter: &AlterTable) -> Result<Vec<Effect>, ApplyError> {
        let current = self
            .tables
            .get(&alter.table)
            .ok_or_else(|| ApplyError::UnknownTable(alter.table.clone()))?;
        let database_charset = self.charset_of_database(&alter.table.database);
        let altered = alter_table(current, &alter.actions, database_charset)?;
        let (table, renamed) = (altered.id.clone(), altered.id != alter.table);
        if renamed {
            self.tables.remove(&alter.table);
        }
        self.insert(altered);
        Ok(vec![Effect::Altered {
            table,
            previous: renamed.then(|| alter.table.clone()),
        }])
    }

    fn rename_table(&mut self, from: &TableId, to: &TableId) -> Effect {
        if let Some(table) = self.tables.remove(from) {
            self.insert(TableSchema {
                id: to.clone(),
                ..TableSchema::clone(&table)
            });
        }
        Effect::Altered {
            table: to.clone(),
            previous: Some(from.clone()),
        }
    }

    /// A unique index matters only if it becomes the key.
    fn create_index(&mut self, table: &TableId, unique: Option<&Key>) -> Vec<Effect> {
        let (Some(key), Some(current)) = (unique, self.tables.get(table)) else {
            return Vec::new();
        };
        let mut indexed = TableSchema::clone(current);
        match add_key(&mut indexed, key) {
            Ok(()) if indexed.key != current.key => {
                self.insert(indexed);
                vec![Effect::Altered {
                    table: table.clone(),
                    previous: None,
                }]
            }
            _ => Vec::new(),
        }
    }
}

/// `column` with its character set filled in.
pub(super) fn resolved(column: &Column, default_charset: Option<&str>) -> Column {
    let mut column = column.clone();
    if !has_charset(&column.type_name) {
        column.charset = None;
    } else if matches!(column.charset.as_deref(), None | Some("default")) {
        column.charset = default_charset.map(str::to_owned);
    }
    column
}

/// The key that stands at a column itself.
pub(super) fn key_of_column(definition: &ColumnDefinition) -> Option<Key> {
    (definition.primary || definition.unique).then(|| Key {
        primary: definition.primary,
        columns: Some(vec![definition.column.name.clone()]),
    })
}

/// Makes `key` the table's key if it is the primary key, or if the table has none and all of its columns are NOT NULL.
pub(super) fn add_key(table: &mut TableSchema, key: &Key) -> Result<(), ApplyError> {
    let Some(names) = &key.columns else {
        return Ok(());
    };
    let mut places = Vec::with_capacity(names.len());
    for name in names {
        places.push(position_of(&table.columns, name).ok_or_else(|| unknown_column(&table.id, name))?);
    }
    if key.primary {
        for (at, column) in table.columns.iter_mut().enumerate() {
            if places.contains(&at) && column.optional {
                column.optional = false;
                column.default = column.default.take().filter(Option::is_some);
            }
        }
    } else if !table.key.is_empty()
        || places
            .iter()
            .any(|place| table.columns.get(*place).is_none_or(|c| c.optional))
    {
        return Ok(());
    }
    table.key = places
        .iter()
        .filter_map(|place| table.columns.get(*place))
        .map(|column| column.name.clone())
        .collect();
    Ok(())
}

/// Where the column called `name` is; the case of column names never matters in MySQL.
pub(super) fn position_of(columns: &[Column], name: &str) -> Option<usize> {
    columns.iter().position(|column| same_name(&column.name, name))
}

/// Whether two column names are the same to MySQL.
pub(super) fn same_name(one: &str, other: &str) -> bool {
    one == other || one.to_lowercase() == other.to_lowercase()
}

pub(super) fn unknown_column(table: &TableId, column: &str) -> ApplyError {
    ApplyError::UnknownColumn {
        table: table.clone(),
        column: column.to_owned(),
    }
}

#[cfg(test)]
mod tests;
