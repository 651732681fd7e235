//! [`SchemaModel`]: all tables that are known, as of a position, and what statements do to them.
//!
//! A version of a table is an `Arc<TableSchema>`: as long as the `Arc` is the same, so are the decoders and record schemas
//! compiled from it, and a statement that changes a table brings another one. Applying a statement never guesses: what
//! does not fit the model (an unknown column, a table that was never seen) is an error, and the caller decides by the
//! tables it names whether that matters.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::alteration::alter_table;
use super::apply_error::ApplyError;
use super::column_rules::{add_key, resolved};
use super::column_type::stored_as_bytes;
use super::ddl::{AlterTable, ColumnDefinition, CreateBody, CreateTable, Dialect, Key, Statement, TableOptions};
use super::indexes::Indexes;
use super::statements::Session;
use super::table::TableSchema;
use crate::table_id::TableId;

/// Settings that hold for all tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SchemaOptions {
    /// The server's `lower_case_table_names` is not 0.
    pub lower_case_names: bool,
    /// `include.schema.comments`: comments are kept.
    pub comments: bool,
    /// The server's version, `90704` for 9.7.4; `None`: not known.
    pub server_version: Option<u32>,
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

/// All known tables and databases.
#[derive(Debug, Clone, Default)]
pub struct SchemaModel {
    options: SchemaOptions,
    tables: BTreeMap<TableId, KnownTable>,
    /// The databases that are there, with their default character sets as far as those are known.
    databases: BTreeMap<String, Option<String>>,
    /// The default of a database whose own is not known.
    server_charset: Option<String>,
}

/// A table, and what decides its key.
#[derive(Debug, Clone)]
struct KnownTable {
    schema: Arc<TableSchema>,
    indexes: Indexes,
}

impl SchemaModel {
    /// A model that knows no tables.
    pub fn new(options: SchemaOptions) -> Self {
        SchemaModel {
            options,
            ..SchemaModel::default()
        }
    }

    /// How statements of `session` are to be read.
    pub fn dialect<'a>(&self, session: Session<'a>) -> Dialect<'a> {
        Dialect {
            default_database: session.database,
            sql_mode: session.sql_mode,
            implicit_timestamps: session.implicit_timestamps,
            lower_case_names: self.options.lower_case_names,
            server_version: self.options.server_version,
        }
    }

    /// The definition of a table.
    pub fn table(&self, table: &TableId) -> Option<&Arc<TableSchema>> {
        self.tables.get(table).map(|known| &known.schema)
    }

    /// All tables, in the order of their names.
    pub fn tables(&self) -> impl Iterator<Item = &Arc<TableSchema>> {
        self.tables.values().map(|known| &known.schema)
    }

    /// Puts a table in, in place of another of its name. Of its indexes no more is known than its key says, unless they are
    /// known and agree with it.
    pub fn insert(&mut self, table: TableSchema) {
        let known = self
            .tables
            .get(&self.folded(&table.id))
            .map(|known| known.indexes.clone());
        let indexes = known.filter(|indexes| indexes.key(&table.columns) == table.key);
        let indexes = indexes.unwrap_or_else(|| Indexes::of_key(&table.key));
        self.insert_indexed(table, indexes);
    }

    fn insert_indexed(&mut self, mut table: TableSchema, indexes: Indexes) {
        table.id = self.folded(&table.id);
        table.columns.iter_mut().for_each(stored_as_bytes);
        if !self.options.comments {
            table.comment = None;
            table.columns.iter_mut().for_each(|column| column.comment = None);
        }
        let known = KnownTable {
            schema: Arc::new(table),
            indexes,
        };
        self.tables.insert(known.schema.id.clone(), known);
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
        let own = self.databases.get(database).and_then(Option::as_ref);
        own.or(self.server_charset.as_ref()).map(String::as_str)
    }

    /// Takes over what a server says of its databases now, where nothing is known from statements: a history may hold only
    /// some of them, and says nothing of databases that had no tables when it began.
    pub fn learn_databases(&mut self, databases: impl IntoIterator<Item = (String, String)>) {
        for (database, charset) in databases {
            let database = match self.options.lower_case_names {
                true => database.to_lowercase(),
                false => database,
            };
            self.databases.entry(database).or_default().get_or_insert(charset);
        }
    }

    /// Applies a statement of `session`. After an error the model is as it was.
    pub fn apply(&mut self, statement: &Statement, session: Session<'_>) -> Result<Vec<Effect>, ApplyError> {
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
            Statement::CreateIndex { table, key } => self.change_indexes(table, |indexes| indexes.add(key)),
            Statement::DropIndex { table, index } => self.change_indexes(table, |indexes| indexes.drop(index)),
            Statement::SetVariables(variables) => {
                if let Some((_, value)) = variables.iter().find(|(name, _)| name == "character_set_server") {
                    self.server_charset = Some(value.to_ascii_lowercase());
                }
                Ok(Vec::new())
            }
            Statement::CreateDatabase { .. } | Statement::AlterDatabase { .. } | Statement::DropDatabase { .. } => {
                self.change_database(statement, session);
                Ok(Vec::new())
            }
            Statement::TruncateTable(_) | Statement::Use { .. } | Statement::OtherObject | Statement::Unrelated => {
                Ok(Vec::new())
            }
        }
    }

    fn change_database(&mut self, statement: &Statement, session: Session<'_>) {
        let stated = |charset: &Option<String>| match charset.as_deref() {
            Some("default") | None => session.server_charset.map(str::to_owned),
            Some(charset) => Some(charset.to_owned()),
        };
        match statement {
            // The server logs CREATE DATABASE IF NOT EXISTS even if it did nothing.
            Statement::CreateDatabase {
                database,
                if_not_exists: true,
                ..
            } if self.knows_database(database) => {}
            Statement::CreateDatabase { database, charset, .. } => {
                self.databases.insert(database.clone(), stated(charset));
            }
            Statement::AlterDatabase {
                database,
                charset: charset @ Some(_),
            } => {
                self.databases.insert(database.clone(), stated(charset));
            }
            Statement::DropDatabase { database } => {
                self.tables.retain(|table, _| table.database != *database);
                self.databases.remove(database);
            }
            _ => {}
        }
    }

    /// Whether the database is known to be there. `mysqldump --databases` makes those that are.
    fn knows_database(&self, database: &str) -> bool {
        let first = TableId::new(database, "");
        let mut tables = self.tables.range(first..).map(|(table, _)| &table.database);
        self.databases.contains_key(database) || tables.next().is_some_and(|next| next == database)
    }

    fn create_table(&mut self, create: &CreateTable) -> Result<Vec<Effect>, ApplyError> {
        // The server logs CREATE TABLE IF NOT EXISTS even if it did nothing.
        if create.temporary || (create.if_not_exists && self.tables.contains_key(&create.table)) {
            return Ok(Vec::new());
        }
        let (table, indexes) = match &create.body {
            CreateBody::Like(original) => {
                let original = self
                    .tables
                    .get(original)
                    .ok_or_else(|| ApplyError::UnknownTable(original.clone()))?;
                let table = TableSchema {
                    id: create.table.clone(),
                    ..TableSchema::clone(&original.schema)
                };
                (table, original.indexes.clone())
            }
            CreateBody::Columns { columns, keys, options } => self.new_table(&create.table, columns, keys, options)?,
        };
        self.insert_indexed(table, indexes);
        Ok(vec![Effect::Created(create.table.clone())])
    }

    fn new_table(
        &self,
        id: &TableId,
        definitions: &[ColumnDefinition],
        keys: &[Key],
        options: &TableOptions,
    ) -> Result<(TableSchema, Indexes), ApplyError> {
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
        let mut indexes = Indexes::default();
        for key in keys {
            add_key(&mut table, &mut indexes, key)?;
        }
        table.key = indexes.settle(&table.columns);
        Ok((table, indexes))
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
        let (altered, indexes) = alter_table(&current.schema, &current.indexes, &alter.actions, database_charset)?;
        let (table, renamed) = (altered.id.clone(), altered.id != alter.table);
        if renamed {
            self.tables.remove(&alter.table);
        }
        self.insert_indexed(altered, indexes);
        Ok(vec![Effect::Altered {
            table,
            previous: renamed.then(|| alter.table.clone()),
        }])
    }

    /// What is renamed but not known may be a view. Whatever else was known by the new name is gone in any case.
    fn rename_table(&mut self, from: &TableId, to: &TableId) -> Effect {
        match self.tables.remove(from) {
            Some(KnownTable { schema, indexes }) => {
                let table = TableSchema {
                    id: to.clone(),
                    ..TableSchema::clone(&schema)
                };
                self.insert_indexed(table, indexes);
            }
            None => self.remove(to),
        }
        Effect::Altered {
            table: to.clone(),
            previous: Some(from.clone()),
        }
    }

    /// An index matters only if another key follows from it. The table keeps its identity if none does.
    fn change_indexes(
        &mut self,
        table: &TableId,
        change: impl FnOnce(&mut Indexes),
    ) -> Result<Vec<Effect>, ApplyError> {
        let Some(known) = self.tables.get_mut(table) else {
            return Ok(Vec::new());
        };
        change(&mut known.indexes);
        let key = known.indexes.settle(&known.schema.columns);
        if key == known.schema.key {
            return Ok(Vec::new());
        }
        let indexed = TableSchema {
            key,
            ..TableSchema::clone(&known.schema)
        };
        known.schema = Arc::new(indexed);
        Ok(vec![Effect::Altered {
            table: table.clone(),
            previous: None,
        }])
    }
}

#[cfg(test)]
mod tests;
