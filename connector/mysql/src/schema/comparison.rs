//! [`definitions_differ`]: whether a definition that was followed statement by statement is still the one that the server
//! has.

use super::column_rules::same_name;
use super::column_type::UnsupportedColumn;
use super::table::{Column, ColumnType, TableSchema};

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

#[cfg(test)]
mod tests {
    use super::definitions_differ;
    use crate::config::TableFilter;
    use crate::schema::{DdlPolicy, SchemaModel, SchemaOptions, Session, TableSchema};
    use crate::table_id::TableId;

    fn table(columns: &str) -> TableSchema {
        let captured = TableFilter::default();
        let policy = DdlPolicy {
            captured: &captured,
            only_captured_tables: false,
            only_captured_databases: false,
            passes_unknown_tables: false,
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

    #[test]
    fn only_what_matters_for_rows_and_keys_is_a_difference() {
        let cases = [
            ("a INT", "a int", None),
            ("a INT(11)", "A int", None),
            ("a BOOL", "a tinyint(1)", None),
            ("a REAL", "a double", None),
            (
                "a SERIAL",
                "a bigint unsigned NOT NULL AUTO_INCREMENT, UNIQUE KEY a (a)",
                None,
            ),
            ("a FLOAT(30)", "a double", None),
            ("a VARCHAR(5)", "a varchar(5)", None),
            ("a ENUM('x','it''s')", "a enum('x','it''s')", None),
            ("a TEXT", "a text CHARACTER SET latin1", None),
            ("a POINT", "a point", None),
            ("a TIMESTAMP(3) NULL", "a timestamp(3) NULL", None),
            ("a INT, b INT", "a INT, b INT DEFAULT 5 COMMENT 'c'", None),
            (
                "a INTEGER(11), b BOOL, PRIMARY KEY (a)",
                "A int NOT NULL, b tinyint(1), PRIMARY KEY (A)",
                None,
            ),
            (
                "a INT NOT NULL, UNIQUE (a)",
                "a INT NOT NULL",
                Some("the key is known as (a), the server has ()"),
            ),
            ("a INT", "b int", Some("column `a` is known where the server has `b`")),
            (
                "a INT",
                "a bigint",
                Some("column `a` is known as INT, the server has BIGINT or another length"),
            ),
            (
                "a INT",
                "a int unsigned",
                Some("column `a` is known as INT, the server has INT UNSIGNED or another length"),
            ),
            (
                "a INT",
                "a int NOT NULL",
                Some("column `a` is known with another nullability than the server has"),
            ),
            (
                "a TEXT",
                "a blob",
                Some("column `a` is known as TEXT, the server has BLOB or another length"),
            ),
            (
                "a SET('x')",
                "a set('x','y')",
                Some("column `a` is known as SET, the server has SET or another length"),
            ),
            ("a INT, b INT", "a int", Some("2 columns are known, the server has 1")),
        ];
        for (known, server, expected) in cases {
            assert_eq!(
                definitions_differ(&table(known), &table(server)).as_deref(),
                expected,
                "{known}"
            );
        }
    }
}
