use std::sync::Arc;

use super::{ApplyError, Effect, SchemaModel, SchemaOptions};
use crate::schema::ddl::parse;
use crate::schema::{Session, TableSchema};
use crate::table_id::TableId;

fn model(statements: &[&str]) -> SchemaModel {
    let mut model = SchemaModel::new(SchemaOptions::default());
    apply(
        &mut model,
        "SET character_set_server=utf8mb4, collation_server=utf8mb4_0900_ai_ci",
    )
    .expect("SET");
    for statement in statements {
        apply(&mut model, statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    model
}

fn apply(model: &mut SchemaModel, source: &str) -> Result<Vec<Effect>, ApplyError> {
    let session = Session {
        database: "d",
        ..Session::default()
    };
    let parsed = parse(source, model.dialect(session)).unwrap_or_else(|e| panic!("{source}: {e}"));
    model.apply(&parsed.statement, session)
}

fn table(model: &SchemaModel, name: &str) -> Arc<TableSchema> {
    let id = TableId::new("d", name);
    Arc::clone(model.table(&id).unwrap_or_else(|| panic!("no table {name}")))
}

/// `a INT!, b VARCHAR(latin1) | key a`: names, types, `!` for NOT NULL, character sets, key.
fn shape(table: &TableSchema) -> String {
    let columns = table.columns.iter().map(|column| {
        let charset = column
            .charset
            .as_ref()
            .map_or(String::new(), |charset| format!("({charset})"));
        format!(
            "{} {}{charset}{}",
            column.name,
            column.type_name,
            if column.optional { "" } else { "!" }
        )
    });
    let columns: Vec<String> = columns.collect();
    format!("{} | {}", columns.join(", "), table.key.join(","))
}

#[test]
fn statements_give_the_definition_that_the_server_has() {
    let t = "CREATE TABLE t (a INT NOT NULL, b VARCHAR(9), c INT NOT NULL, PRIMARY KEY (a))";
    let cases: &[(&[&str], &str)] = &[
        (&[t], "a INT!, b VARCHAR(utf8mb4), c INT! | a"),
        (
            &[t, "ALTER TABLE t ADD d INT"],
            "a INT!, b VARCHAR(utf8mb4), c INT!, d INT | a",
        ),
        (
            &[t, "ALTER TABLE t ADD d INT FIRST, ADD e INT AFTER a"],
            "d INT, a INT!, e INT, b VARCHAR(utf8mb4), c INT! | a",
        ),
        (
            &[t, "ALTER TABLE t ADD d INT AFTER b, ADD e INT AFTER d"],
            "a INT!, b VARCHAR(utf8mb4), d INT, e INT, c INT! | a",
        ),
        (
            &[t, "ALTER TABLE t ADD (d INT, e TEXT)"],
            "a INT!, b VARCHAR(utf8mb4), c INT!, d INT, e TEXT(utf8mb4) | a",
        ),
        (&[t, "ALTER TABLE t DROP b, DROP COLUMN C"], "a INT! | a"),
        (
            &[t, "ALTER TABLE t MODIFY c BIGINT FIRST"],
            "c BIGINT, a INT!, b VARCHAR(utf8mb4) | a",
        ),
        (
            &[t, "ALTER TABLE t MODIFY A BIGINT"],
            "A BIGINT!, b VARCHAR(utf8mb4), c INT! | A",
        ),
        (
            &[t, "ALTER TABLE t CHANGE a x BIGINT NOT NULL"],
            "x BIGINT!, b VARCHAR(utf8mb4), c INT! | x",
        ),
        (
            &[t, "ALTER TABLE t CHANGE a x BIGINT NOT NULL AFTER c"],
            "b VARCHAR(utf8mb4), c INT!, x BIGINT! | x",
        ),
        (
            &[
                t,
                "ALTER TABLE t CHANGE a x BIGINT NOT NULL AFTER c, MODIFY c INT FIRST",
            ],
            "c INT, b VARCHAR(utf8mb4), x BIGINT! | x",
        ),
        (
            &[t, "ALTER TABLE t MODIFY a INT AFTER b, MODIFY b TEXT AFTER c"],
            "a INT!, c INT!, b TEXT(utf8mb4) | a",
        ),
        (
            &[t, "ALTER TABLE t ADD d INT AFTER x, CHANGE c x INT FIRST"],
            "x INT, a INT!, b VARCHAR(utf8mb4), d INT | a",
        ),
        (
            &[t, "ALTER TABLE t CHANGE b c TEXT, CHANGE c b INT NOT NULL"],
            "a INT!, c TEXT(utf8mb4), b INT! | a",
        ),
        (
            &[t, "ALTER TABLE t RENAME COLUMN a TO c, RENAME COLUMN c TO a"],
            "c INT!, b VARCHAR(utf8mb4), a INT! | c",
        ),
        (
            &[t, "ALTER TABLE t RENAME COLUMN a TO z, ALTER a SET DEFAULT 5"],
            "z INT!, b VARCHAR(utf8mb4), c INT! | z",
        ),
        (
            &[t, "ALTER TABLE t DROP a, ADD a INT"],
            "b VARCHAR(utf8mb4), c INT!, a INT | ",
        ),
        (
            &[t, "ALTER TABLE t DROP PRIMARY KEY"],
            "a INT!, b VARCHAR(utf8mb4), c INT! | ",
        ),
        (
            &[t, "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (c, b)"],
            "a INT!, b VARCHAR(utf8mb4)!, c INT! | c,b",
        ),
        (
            &[
                t,
                "ALTER TABLE t DROP PRIMARY KEY, ADD d INT, ADD UNIQUE (c), ADD UNIQUE (a)",
            ],
            "a INT!, b VARCHAR(utf8mb4), c INT!, d INT | c",
        ),
        (
            &[t, "ALTER TABLE t ADD UNIQUE (c)"],
            "a INT!, b VARCHAR(utf8mb4), c INT! | a",
        ),
        (
            &[t, "ALTER TABLE t DROP PRIMARY KEY", "CREATE UNIQUE INDEX i ON t (c)"],
            "a INT!, b VARCHAR(utf8mb4), c INT! | c",
        ),
        (
            &[t, "ALTER TABLE t DROP PRIMARY KEY", "CREATE UNIQUE INDEX i ON t (b)"],
            "a INT!, b VARCHAR(utf8mb4), c INT! | ",
        ),
        (
            &[
                t,
                "ALTER TABLE t CONVERT TO CHARACTER SET latin1",
                "ALTER TABLE t ADD d TEXT",
            ],
            "a INT!, b VARCHAR(latin1), c INT!, d TEXT(latin1) | a",
        ),
        (
            &[t, "ALTER TABLE t DEFAULT CHARSET latin1", "ALTER TABLE t ADD d TEXT"],
            "a INT!, b VARCHAR(utf8mb4), c INT!, d TEXT(latin1) | a",
        ),
        (
            &[t, "ALTER TABLE t ADD d NCHAR(2), CONVERT TO CHARACTER SET latin1"],
            "a INT!, b VARCHAR(latin1), c INT!, d NCHAR(latin1) | a",
        ),
        (
            &[t, "ALTER TABLE t ADD d TEXT, DEFAULT CHARSET latin1"],
            "a INT!, b VARCHAR(utf8mb4), c INT!, d TEXT(latin1) | a",
        ),
        (
            &[t, "ALTER TABLE t CONVERT TO CHARSET gbk, CONVERT TO CHARSET DEFAULT"],
            "a INT!, b VARCHAR(utf8mb4), c INT! | a",
        ),
        (
            &[t, "TRUNCATE TABLE t", "CREATE INDEX i ON t (b)"],
            "a INT!, b VARCHAR(utf8mb4), c INT! | a",
        ),
        (
            &[t, "CREATE TABLE IF NOT EXISTS t (z INT)"],
            "a INT!, b VARCHAR(utf8mb4), c INT! | a",
        ),
        (&[t, "DROP TABLE t", "CREATE TABLE t (z INT)"], "z INT | "),
        (
            &["CREATE TABLE t (b INT, a INT, PRIMARY KEY (a, b))"],
            "b INT!, a INT! | a,b",
        ),
        (
            &["CREATE TABLE t (id SERIAL, a INT UNIQUE)"],
            "id BIGINT UNSIGNED!, a INT | id",
        ),
        (
            &["CREATE TABLE t (UNIQUE KEY (n), UNIQUE (m), n INT, m INT NOT NULL)"],
            "n INT, m INT! | m",
        ),
        (
            &["CREATE TABLE t (m INT NOT NULL, p INT, UNIQUE (m), PRIMARY KEY (p))"],
            "m INT!, p INT! | p",
        ),
        (&["CREATE TABLE t (m INT NOT NULL, UNIQUE ((m + 1)))"], "m INT! | "),
        (
            &[
                "CREATE TABLE t (m INT NOT NULL UNIQUE)",
                "ALTER TABLE t MODIFY m INT NULL",
            ],
            "m INT | ",
        ),
        (
            &[
                "CREATE TABLE t (m INT NOT NULL UNIQUE)",
                "ALTER TABLE t MODIFY m BIGINT",
            ],
            "m BIGINT | ",
        ),
        (
            &[
                "CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, UNIQUE u (a), UNIQUE (b))",
                "ALTER TABLE t MODIFY a INT",
            ],
            "a INT, b INT! | b",
        ),
        (
            &[
                "CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, UNIQUE u (a), UNIQUE (b))",
                "ALTER TABLE t DROP INDEX U, RENAME INDEX b TO u",
            ],
            "a INT!, b INT! | b",
        ),
        (
            &[
                "CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, UNIQUE u (a), UNIQUE (b))",
                "DROP INDEX u ON t",
                "ALTER TABLE t DROP CONSTRAINT b",
            ],
            "a INT!, b INT! | ",
        ),
        (
            &[
                "CREATE TABLE t (a INT, b INT NOT NULL, UNIQUE (a), UNIQUE (b))",
                "ALTER TABLE t MODIFY a INT NOT NULL",
            ],
            "a INT!, b INT! | b",
        ),
        (
            &[
                "CREATE TABLE t (a INT, UNIQUE (a))",
                "ALTER TABLE t MODIFY a INT NOT NULL",
            ],
            "a INT! | a",
        ),
        (
            &["CREATE TABLE t (a TEXT NOT NULL, b INT NOT NULL, UNIQUE (a(9)), UNIQUE (b))"],
            "a TEXT(utf8mb4)!, b INT! | b",
        ),
        (
            &["CREATE TABLE t (a INT NOT NULL, UNIQUE u (b), b INT NOT NULL UNIQUE, c INT UNIQUE NOT NULL)"],
            "a INT!, b INT!, c INT! | b",
        ),
        (
            &[
                "CREATE TABLE t (a SERIAL PRIMARY KEY)",
                "DROP INDEX `PRIMARY` ON t",
                "DROP INDEX a ON t",
            ],
            "a BIGINT UNSIGNED! | ",
        ),
        (
            &[
                "CREATE TABLE t (a INT, b INT NOT NULL UNIQUE, PRIMARY KEY (a))",
                "ALTER TABLE t MODIFY a INT, DROP PRIMARY KEY",
            ],
            "a INT, b INT! | b",
        ),
        (
            &[
                "CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c INT, UNIQUE (a, b))",
                "ALTER TABLE t DROP a, CHANGE b x INT NOT NULL",
            ],
            "x INT!, c INT | x",
        ),
        (
            &[
                "CREATE TABLE o (a INT NOT NULL, UNIQUE u (a))",
                "CREATE TABLE t LIKE o",
                "DROP INDEX u ON t",
            ],
            "a INT! | ",
        ),
        (
            &[
                "CREATE TABLE t (a CHAR(3) BYTE, b VARCHAR(9) CHARACTER SET binary, c TEXT CHARSET binary, e ENUM('x') CHARACTER SET binary)",
            ],
            "a BINARY, b VARBINARY, c BLOB, e ENUM(binary) | ",
        ),
        (
            &["CREATE TABLE t (a CHARACTER VARYING(3), b LONG, c TINYTEXT, d LONGTEXT, n NCHAR(2)) CHARSET binary"],
            "a VARBINARY, b MEDIUMBLOB, c TINYBLOB, d LONGBLOB, n NCHAR(utf8) | ",
        ),
        (
            &[
                "CREATE DATABASE d COLLATE binary",
                "CREATE TABLE t (a TEXT, b TEXT CHARACTER SET latin1)",
                "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4",
            ],
            "a BLOB, b TEXT(utf8mb4) | ",
        ),
        (
            &["CREATE TABLE t (c CHAR(3) CHARACTER SET latin1, e ENUM('a'), j JSON, b BLOB, n NCHAR(2))"],
            "c CHAR(latin1), e ENUM(utf8mb4), j JSON, b BLOB, n NCHAR(utf8) | ",
        ),
        (&["CREATE TABLE t (c TEXT) CHARSET latin1"], "c TEXT(latin1) | "),
        (
            &["CREATE DATABASE d CHARSET latin1", "CREATE TABLE t (c TEXT)"],
            "c TEXT(latin1) | ",
        ),
        (
            &[
                "CREATE DATABASE d CHARSET latin1",
                "ALTER DATABASE d COLLATE gbk_bin",
                "CREATE TABLE t (c TEXT)",
            ],
            "c TEXT(gbk) | ",
        ),
        (
            &[
                "CREATE DATABASE d CHARSET latin1",
                "DROP DATABASE d",
                "CREATE DATABASE d",
                "CREATE TABLE t (c TEXT) CHARSET DEFAULT",
            ],
            "c TEXT(utf8mb4) | ",
        ),
        (
            &[
                "CREATE TABLE o (c TEXT CHARACTER SET latin1 NOT NULL, PRIMARY KEY (c(9)))",
                "CREATE TABLE t LIKE o",
            ],
            "c TEXT(latin1)! | c",
        ),
        (&["CREATE TABLE o (c INT)", "CREATE TABLE t (LIKE o)"], "c INT | "),
        (&["CREATE TABLE o (c INT)", "RENAME TABLE o TO t"], "c INT | "),
        (
            &["CREATE TABLE o (c INT)", "ALTER TABLE o ADD d INT, RENAME TO t"],
            "c INT, d INT | ",
        ),
        (
            &[
                "CREATE TABLE t (c INT)",
                "CREATE TABLE n (x INT)",
                "RENAME TABLE t TO tmp, n TO t, tmp TO n",
            ],
            "x INT | ",
        ),
    ];
    for (statements, expected) in cases {
        assert_eq!(shape(&table(&model(statements), "t")), *expected, "{statements:?}");
    }
}

#[test]
fn a_database_that_is_there_keeps_its_character_set() {
    let charset = |known: &[&str], learnt: &[&str], sql: &str, server: Option<&str>| {
        let mut model = model(known);
        model.learn_databases(learnt.iter().map(|name| ((*name).to_owned(), "gbk".to_owned())));
        let session = Session {
            server_charset: server,
            ..Session::default()
        };
        let parsed = parse(sql, model.dialect(session)).expect(sql);
        model.apply(&parsed.statement, session).expect(sql);
        model.charset_of_database("d").map(str::to_owned).unwrap_or_default()
    };
    let noop = "CREATE DATABASE /*!32312 IF NOT EXISTS*/ d /*!40100 DEFAULT CHARACTER SET latin1 */";
    assert_eq!(charset(&["CREATE DATABASE d CHARSET cp850"], &[], noop, None), "cp850");
    assert_eq!(
        charset(&["CREATE TABLE t (a INT)"], &[], noop, None),
        "utf8mb4",
        "it has a table"
    );
    assert_eq!(charset(&[], &["d"], noop, None), "gbk", "the server has it");
    assert_eq!(
        charset(
            &["CREATE TABLE c.t (a INT)", "CREATE TABLE e.t (a INT)"],
            &[],
            noop,
            None
        ),
        "latin1"
    );
    assert_eq!(
        charset(
            &["CREATE DATABASE d CHARSET cp850"],
            &["d"],
            "CREATE DATABASE other",
            None
        ),
        "cp850",
        "statements know better than the server of now"
    );
    assert_eq!(charset(&[], &[], "CREATE DATABASE d", Some("latin1")), "latin1");
    assert_eq!(
        charset(&[], &[], "CREATE DATABASE d CHARACTER SET DEFAULT", Some("latin1")),
        "latin1"
    );
    assert_eq!(
        charset(&[], &["d"], "ALTER DATABASE d CHARACTER SET DEFAULT", Some("latin1")),
        "latin1"
    );
    assert_eq!(
        charset(&[], &["d"], "ALTER DATABASE d READ ONLY = 1", Some("latin1")),
        "gbk"
    );
}

#[test]
fn a_column_of_the_primary_key_has_no_default_null() {
    let t = table(
        &model(&["CREATE TABLE t (a INT, b INT DEFAULT 5, PRIMARY KEY (a, b))"]),
        "t",
    );
    let defaults: Vec<_> = t.columns.iter().map(|column| column.default.clone()).collect();
    assert_eq!(defaults, [None, Some(Some("5".to_owned()))]);
}

#[test]
fn defaults_are_set_and_dropped() {
    let changed = model(&[
        "CREATE TABLE t (a INT NOT NULL DEFAULT 1, b INT DEFAULT 2, c INT, d INT DEFAULT 3)",
        "ALTER TABLE t ALTER a DROP DEFAULT, ALTER b SET DEFAULT NULL, ALTER COLUMN c SET DEFAULT 'x', ALTER d DROP DEFAULT",
    ]);
    let defaults: Vec<_> = table(&changed, "t")
        .columns
        .iter()
        .map(|column| column.default.clone())
        .collect();
    assert_eq!(defaults, [None, Some(None), Some(Some("x".to_owned())), Some(None)]);
}

/// The server takes the statement, and keeps nothing of it.
#[test]
fn a_column_that_counts_by_itself_has_no_default() {
    let changed = model(&[
        "CREATE TABLE t (a INT AUTO_INCREMENT PRIMARY KEY, b DATETIME NOT NULL ON UPDATE CURRENT_TIMESTAMP)",
        "ALTER TABLE t ALTER a SET DEFAULT 5, ALTER b SET DEFAULT '2024-02-29'",
    ]);
    let defaults: Vec<_> = table(&changed, "t")
        .columns
        .iter()
        .map(|column| column.default.clone())
        .collect();
    assert_eq!(defaults, [None, Some(Some("2024-02-29".to_owned()))]);
}

#[test]
fn a_table_keeps_its_identity_until_it_changes() {
    let mut model = model(&["CREATE TABLE t (a INT)", "CREATE TABLE other (a INT)"]);
    let before = table(&model, "t");
    for statement in [
        "ALTER TABLE other ADD b INT",
        "CREATE INDEX i ON t (a)",
        "TRUNCATE t",
        "CREATE TABLE IF NOT EXISTS t (x INT)",
    ] {
        apply(&mut model, statement).expect(statement);
        assert!(Arc::ptr_eq(&before, &table(&model, "t")), "{statement}");
    }
    apply(&mut model, "ALTER TABLE t ADD b INT").expect("ALTER");
    assert!(!Arc::ptr_eq(&before, &table(&model, "t")));
}

#[test]
fn effects_name_the_tables_as_they_are_afterwards() {
    let mut model = model(&["CREATE TABLE a (x INT)", "CREATE TABLE b (y INT)"]);
    let id = |name: &str| TableId::new("d", name);
    let cases = [
        ("CREATE TABLE c (x INT)", vec![Effect::Created(id("c"))]),
        ("CREATE TABLE IF NOT EXISTS c (x INT)", vec![]),
        ("CREATE TEMPORARY TABLE q (x INT)", vec![]),
        (
            "ALTER TABLE a ADD y INT",
            vec![Effect::Altered {
                table: id("a"),
                previous: None,
            }],
        ),
        (
            "ALTER TABLE c RENAME e",
            vec![Effect::Altered {
                table: id("e"),
                previous: Some(id("c")),
            }],
        ),
        (
            "RENAME TABLE a TO t, b TO a",
            vec![
                Effect::Altered {
                    table: id("t"),
                    previous: Some(id("a")),
                },
                Effect::Altered {
                    table: id("a"),
                    previous: Some(id("b")),
                },
            ],
        ),
        (
            "DROP TABLE a, nosuch",
            vec![Effect::Dropped(id("a")), Effect::Dropped(id("nosuch"))],
        ),
        ("DROP TEMPORARY TABLE t", vec![]),
        ("CREATE UNIQUE INDEX i ON t (x)", vec![]),
        ("DROP DATABASE d", vec![]),
    ];
    for (statement, effects) in cases {
        assert_eq!(apply(&mut model, statement), Ok(effects), "{statement}");
    }
    assert_eq!(model.tables().count(), 0);
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let cases = [
        (
            "ALTER TABLE nosuch ADD a INT",
            ApplyError::UnknownTable(TableId::new("d", "nosuch")),
        ),
        (
            "CREATE TABLE n LIKE nosuch",
            ApplyError::UnknownTable(TableId::new("d", "nosuch")),
        ),
        ("ALTER TABLE t ADD b INT, DROP x", unknown("x")),
        ("ALTER TABLE t MODIFY x INT", unknown("x")),
        ("ALTER TABLE t RENAME COLUMN x TO y", unknown("x")),
        ("ALTER TABLE t ADD b INT AFTER x", unknown("x")),
        ("ALTER TABLE t ADD PRIMARY KEY (x)", unknown("x")),
        ("ALTER TABLE t ALTER x DROP DEFAULT", unknown("x")),
    ];
    for (statement, error) in cases {
        let mut model = model(&["CREATE TABLE t (a INT)"]);
        let before = table(&model, "t");
        assert_eq!(apply(&mut model, statement), Err(error), "{statement}");
        assert!(Arc::ptr_eq(&before, &table(&model, "t")), "{statement}");
    }
}

fn unknown(column: &str) -> ApplyError {
    ApplyError::UnknownColumn {
        table: TableId::new("d", "t"),
        column: column.to_owned(),
    }
}

#[test]
fn comments_are_kept_only_if_they_are_wanted() {
    for comments in [true, false] {
        let mut model = SchemaModel::new(SchemaOptions {
            comments,
            ..SchemaOptions::default()
        });
        apply(&mut model, "CREATE TABLE t (a INT COMMENT 'c') COMMENT 't'").expect("CREATE");
        let t = table(&model, "t");
        let expected = |text: &str| comments.then(|| text.to_owned());
        assert_eq!(t.comment, expected("t"));
        assert_eq!(
            t.columns.first().and_then(|column| column.comment.clone()),
            expected("c")
        );
    }
}
