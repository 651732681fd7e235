//! [`Statement`]: what a statement does to tables and databases.

use super::column::{ColumnDefinition, DefaultValue};
use crate::table_id::TableId;

/// A statement, reduced to what it does to names, columns, keys and character sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// `CREATE TABLE`.
    CreateTable(CreateTable),
    /// `ALTER TABLE`.
    AlterTable(AlterTable),
    /// `DROP TABLE`.
    DropTables(DropTables),
    /// `RENAME TABLE`.
    RenameTables(Vec<RenamedTable>),
    /// `TRUNCATE TABLE`: no definition changes.
    TruncateTable(TableId),
    /// `CREATE INDEX`.
    CreateIndex {
        /// The indexed table.
        table: TableId,
        /// The index.
        key: Key,
    },
    /// `DROP INDEX`.
    DropIndex {
        /// The indexed table.
        table: TableId,
        /// The index's name.
        index: String,
    },
    /// `CREATE DATABASE`.
    CreateDatabase {
        /// The database.
        database: String,
        /// `IF NOT EXISTS`: the statement is logged although the database was there.
        if_not_exists: bool,
        /// Its character set, if stated.
        charset: Option<String>,
    },
    /// `ALTER DATABASE`.
    AlterDatabase {
        /// The database.
        database: String,
        /// Its new character set, if stated.
        charset: Option<String>,
    },
    /// `DROP DATABASE`.
    DropDatabase {
        /// The database.
        database: String,
    },
    /// `USE`.
    Use {
        /// The database.
        database: String,
    },
    /// `SET`: names without scope in lower case, values without quotes.
    SetVariables(Vec<(String, String)>),
    /// DDL about something that is no table and that Debezium records all the same: an index, an event, a server.
    OtherObject,
    /// Anything else.
    Unrelated,
}

impl Statement {
    /// The tables whose definition the statement changes.
    pub fn tables(&self) -> Vec<&TableId> {
        match self {
            Statement::CreateTable(create) => vec![&create.table],
            Statement::AlterTable(alter) => {
                let renamed = alter.actions.iter().filter_map(|action| match action {
                    AlterAction::RenameTable(table) => Some(table),
                    _ => None,
                });
                std::iter::once(&alter.table).chain(renamed).collect()
            }
            Statement::DropTables(drop) => drop.tables.iter().collect(),
            Statement::RenameTables(renames) => renames.iter().flat_map(|rename| [&rename.from, &rename.to]).collect(),
            Statement::TruncateTable(table)
            | Statement::CreateIndex { table, .. }
            | Statement::DropIndex { table, .. } => vec![table],
            Statement::CreateDatabase { .. }
            | Statement::AlterDatabase { .. }
            | Statement::DropDatabase { .. }
            | Statement::Use { .. }
            | Statement::SetVariables(_)
            | Statement::OtherObject
            | Statement::Unrelated => Vec::new(),
        }
    }

    /// The table whose index the statement makes or drops, if it is about no more than that.
    pub fn indexed_table(&self) -> Option<&TableId> {
        match self {
            Statement::CreateIndex { table, .. } | Statement::DropIndex { table, .. } => Some(table),
            _ => None,
        }
    }
}

/// `CREATE TABLE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateTable {
    /// The new table.
    pub table: TableId,
    /// `TEMPORARY`: such tables are in no binlog of rows.
    pub temporary: bool,
    /// `IF NOT EXISTS`: the statement is logged although the table was there.
    pub if_not_exists: bool,
    /// Its definition.
    pub body: CreateBody,
}

/// Where a new table's columns come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreateBody {
    /// They are listed.
    Columns {
        /// The columns, in order.
        columns: Vec<ColumnDefinition>,
        /// The indexes, those that stand at columns among them, in the order of the statement.
        keys: Vec<Key>,
        /// The table's options.
        options: TableOptions,
    },
    /// `LIKE`: they are those of another table.
    Like(TableId),
}

/// The options of a table that matter for rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableOptions {
    /// The default character set, from CHARSET or else from COLLATE. `default` stands for the database's.
    pub charset: Option<String>,
    /// The comment.
    pub comment: Option<String>,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// What it is.
    pub kind: KeyKind,
    /// Its name, if stated: that of a constraint counts where the index has none of its own.
    pub name: Option<String>,
    /// Its columns, in key order. `None` if it has expressions, which no record key can hold.
    pub columns: Option<Vec<String>>,
    /// Whether it holds only the beginning of a column, as `(a(10))`.
    pub has_prefix: bool,
}

/// What an index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// The primary key.
    Primary,
    /// Unique: it may become the table's key.
    Unique,
    /// Anything else.
    Other,
}

/// `ALTER TABLE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlterTable {
    /// The table, by its old name.
    pub table: TableId,
    /// What is done to it. Names of columns are those before the statement.
    pub actions: Vec<AlterAction>,
}

/// A part of `ALTER TABLE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlterAction {
    /// `ADD COLUMN`.
    AddColumn(ColumnDefinition, ColumnPlace),
    /// `CHANGE` and `MODIFY COLUMN`: the column's old name, its new definition.
    ChangeColumn(String, ColumnDefinition, ColumnPlace),
    /// `RENAME COLUMN`.
    RenameColumn {
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// `DROP COLUMN`.
    DropColumn(String),
    /// `ALTER COLUMN ... SET DEFAULT`.
    SetDefault(String, DefaultValue),
    /// `ALTER COLUMN ... DROP DEFAULT`.
    DropDefault(String),
    /// `ADD PRIMARY KEY`, `ADD UNIQUE KEY`, `ADD INDEX`; also one that stands at a column.
    AddKey(Key),
    /// `DROP PRIMARY KEY`, whose name is `PRIMARY`, `DROP INDEX` and `DROP CONSTRAINT`.
    DropKey(String),
    /// `RENAME INDEX`.
    RenameKey {
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// `RENAME TO`.
    RenameTable(TableId),
    /// `CONVERT TO CHARACTER SET`: all columns and the default. `default` stands for the database's.
    ConvertToCharset(String),
    /// The options CHARSET, COLLATE and COMMENT.
    Options(TableOptions),
}

/// Where a column goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnPlace {
    /// At the end if it is new, else where it is.
    Unstated,
    /// At the beginning.
    First,
    /// After this column, by its new name.
    After(String),
}

/// `DROP TABLE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropTables {
    /// `TEMPORARY`: such tables are in no binlog of rows.
    pub temporary: bool,
    /// The tables.
    pub tables: Vec<TableId>,
    /// The statement's text up to its first table.
    pub prefix: String,
    /// `RESTRICT` or `CASCADE`, with a blank before it.
    pub suffix: &'static str,
}

/// One pair of `RENAME TABLE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenamedTable {
    /// The old name.
    pub from: TableId,
    /// The new name.
    pub to: TableId,
    /// A statement that renames only this table.
    pub text: String,
}
