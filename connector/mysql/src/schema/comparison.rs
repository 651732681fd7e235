//! [`difference`], [`definitions_differ`] and [`matches_names`]: whether a definition is still the one that the server has.
//!
//! A definition that was followed statement by statement can be checked wherever an independent account of the table is at
//! hand: `information_schema.columns` under a lock, or the names in a TABLE_MAP event with full metadata.

use super::column_type::UnsupportedColumn;
use super::ddl::{DdlError, parse_column_type};
use super::table::{Column, ColumnType, TableId, TableSchema};
use super::tables::same_name;
use crate::error::MySqlError;
use crate::server::Connection;

/// A column as `information_schema.columns` states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveColumn {
    /// `column_name`.
    pub name: String,
    /// `column_type`.
    pub column_type: String,
    /// `is_nullable`.
    pub nullable: bool,
    /// `character_set_name`.
    pub charset: Option<String>,
}

/// Reads a table's columns, in order. None: there is no such table.
pub fn read_live_columns(connection: &mut Connection, table: &TableId) -> Result<Vec<LiveColumn>, MySqlError> {
    let literal = |name: &str| {
        format!(
            "x'{}'",
            name.bytes().map(|byte| format!("{byte:02x}")).collect::<String>()
        )
    };
    let rows = connection.rows::<(String, String, String, Option<String>)>(&format!(
        "SELECT column_name, column_type, is_nullable, character_set_name FROM information_schema.columns \
         WHERE table_schema = CONVERT({} USING utf8mb3) AND table_name = CONVERT({} USING utf8mb3) \
         ORDER BY ordinal_position",
        literal(&table.database),
        literal(&table.table),
    ))?;
    let columns = rows
        .into_iter()
        .map(|(name, column_type, nullable, charset)| LiveColumn {
            name,
            column_type,
            nullable: nullable == "YES",
            charset,
        });
    Ok(columns.collect())
}

/// The first difference between `table` and what the server has, in words.
pub fn difference(table: &TableSchema, live: &[LiveColumn]) -> Option<String> {
    match live
        .iter()
        .map(LiveColumn::declared)
        .collect::<Result<Vec<Column>, DdlError>>()
    {
        Ok(columns) => columns_differ(&table.columns, &columns),
        Err(error) => Some(format!("a type that the server states cannot be read: {error}")),
    }
}

/// The first difference between two definitions of a table that matters for rows and keys, in words. How a type was
/// spelled does not: `INTEGER(11)` of a streamed statement is `int` in `SHOW CREATE TABLE`.
pub fn definitions_differ(known: &TableSchema, server: &TableSchema) -> Option<String> {
    columns_differ(&known.columns, &server.columns).or_else(|| {
        let same_key = known.key.len() == server.key.len()
            && known
                .key
                .iter()
                .zip(&server.key)
                .all(|(known, server)| same_name(known, server));
        let (known, server) = (known.key.join(", "), server.key.join(", "));
        (!same_key).then(|| format!("the key is known as ({known}), the server has ({server})"))
    })
}

impl LiveColumn {
    /// The column as a declaration.
    fn declared(&self) -> Result<Column, DdlError> {
        Ok(Column {
            name: self.name.clone(),
            charset: self.charset.clone(),
            optional: self.nullable,
            ..parse_column_type(&self.column_type)?
        })
    }
}

fn columns_differ(known: &[Column], server: &[Column]) -> Option<String> {
    if known.len() != server.len() {
        return Some(format!(
            "{} columns are known, the server has {}",
            known.len(),
            server.len()
        ));
    }
    known.iter().zip(server).find_map(|(known, server)| {
        let name = &known.name;
        if !same_name(name, &server.name) {
            Some(format!(
                "column `{name}` is known where the server has `{}`",
                server.name
            ))
        } else if known.optional != server.optional {
            Some(format!(
                "column `{name}` is known with another nullability than the server has"
            ))
        } else if !same_type(known, server) {
            let (known, server) = (&known.type_name, &server.type_name);
            Some(format!(
                "column `{name}` is known as {known}, the server has {server} or another length"
            ))
        } else {
            None
        }
    })
}

fn same_type(known: &Column, live: &Column) -> bool {
    match (read_type(known), read_type(live)) {
        (Ok(known), Ok(live)) if is_boolean(&known) || is_boolean(&live) => as_integer(known) == as_integer(live),
        (Ok(known), Ok(live)) => known == live,
        // Neither can be captured; the names still tell.
        (Err(known), Err(live)) => known.type_name == live.type_name,
        _ => false,
    }
}

/// The type without its character set: of a text the table map tells it, and a snapshot reads it in ours.
fn read_type(column: &Column) -> Result<ColumnType, UnsupportedColumn> {
    let in_our_charset = Column {
        charset: column.charset.as_ref().map(|_| "utf8mb4".to_owned()),
        ..column.clone()
    };
    ColumnType::of(&in_our_charset)
}

fn is_boolean(column_type: &ColumnType) -> bool {
    *column_type == ColumnType::Boolean
}

/// The server keeps BOOL as TINYINT(1).
fn as_integer(column_type: ColumnType) -> ColumnType {
    match column_type {
        ColumnType::Boolean => ColumnType::TinyInt { unsigned: false },
        other => other,
    }
}

/// Whether the columns have these names, in this order.
pub fn matches_names(table: &TableSchema, names: &[impl AsRef<str>]) -> bool {
    table.columns.len() == names.len()
        && table
            .columns
            .iter()
            .zip(names)
            .all(|(column, name)| same_name(&column.name, name.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::{LiveColumn, definitions_differ, difference, matches_names};
    use crate::config::TableFilter;
    use crate::schema::{DdlPolicy, SchemaModel, SchemaOptions, Session, TableId, TableSchema};

    fn table(columns: &str) -> TableSchema {
        let captured = TableFilter::default();
        let policy = DdlPolicy {
            captured: &captured,
            only_captured_tables: false,
            only_captured_databases: false,
        };
        let mut model = SchemaModel::new(SchemaOptions::default());
        let ddl = format!("CREATE TABLE t ({columns}) CHARSET utf8mb4");
        policy
            .apply(
                &mut model,
                &ddl,
                Session {
                    database: "d",
                    ..Session::default()
                },
            )
            .expect("a table");
        TableSchema::clone(model.table(&TableId::new("d", "t")).expect("the table"))
    }

    fn live(name: &str, column_type: &str, nullable: bool, charset: Option<&str>) -> LiveColumn {
        LiveColumn {
            name: name.to_owned(),
            column_type: column_type.to_owned(),
            nullable,
            charset: charset.map(str::to_owned),
        }
    }

    #[test]
    fn only_what_matters_for_rows_is_a_difference() {
        let cases = [
            ("a INT", live("a", "int", true, None), None),
            ("a INT(11)", live("A", "int", true, None), None),
            ("a BOOL", live("a", "tinyint(1)", true, None), None),
            ("a REAL", live("a", "double", true, None), None),
            ("a SERIAL", live("a", "bigint unsigned", false, None), None),
            ("a FLOAT(30)", live("a", "double", true, None), None),
            ("a VARCHAR(5)", live("a", "varchar(5)", true, Some("utf8mb4")), None),
            (
                "a ENUM('x','it''s')",
                live("a", "enum('x','it''s')", true, Some("utf8mb4")),
                None,
            ),
            ("a TEXT", live("a", "text", true, Some("latin1")), None),
            ("a POINT", live("a", "point", true, None), None),
            ("a TIMESTAMP(3)", live("a", "timestamp(3)", true, None), None),
            (
                "a INT",
                live("b", "int", true, None),
                Some("column `a` is known where the server has `b`"),
            ),
            (
                "a INT",
                live("a", "bigint", true, None),
                Some("column `a` is known as INT, the server has BIGINT or another length"),
            ),
            (
                "a INT",
                live("a", "int unsigned", true, None),
                Some("column `a` is known as INT, the server has INT UNSIGNED or another length"),
            ),
            (
                "a INT",
                live("a", "int", false, None),
                Some("column `a` is known with another nullability than the server has"),
            ),
            (
                "a TEXT",
                live("a", "blob", true, None),
                Some("column `a` is known as TEXT, the server has BLOB or another length"),
            ),
            (
                "a SET('x')",
                live("a", "set('x','y')", true, Some("utf8mb4")),
                Some("column `a` is known as SET, the server has SET or another length"),
            ),
            (
                "a INT, b INT",
                live("a", "int", true, None),
                Some("2 columns are known, the server has 1"),
            ),
        ];
        for (columns, live, expected) in cases {
            assert_eq!(difference(&table(columns), &[live]).as_deref(), expected, "{columns}");
        }
    }

    #[test]
    fn the_spelling_of_a_definition_is_no_difference() {
        let cases = [
            (
                "a INTEGER(11), b BOOL, PRIMARY KEY (a)",
                "A int NOT NULL, b tinyint(1), PRIMARY KEY (A)",
                None,
            ),
            ("a INT, b INT", "a INT, b INT DEFAULT 5 COMMENT 'c'", None),
            (
                "a INT NOT NULL, UNIQUE (a)",
                "a INT NOT NULL",
                Some("the key is known as (a), the server has ()"),
            ),
            ("a INT", "b INT", Some("column `a` is known where the server has `b`")),
        ];
        for (known, server, expected) in cases {
            assert_eq!(
                definitions_differ(&table(known), &table(server)).as_deref(),
                expected,
                "{known}"
            );
        }
    }

    #[test]
    fn names_must_be_the_same_in_the_same_order() {
        let table = table("a INT, b INT");
        assert!(matches_names(&table, &["a", "B"]));
        assert!(!matches_names(&table, &["b", "a"]));
        assert!(!matches_names(&table, &["a"]));
    }
}
