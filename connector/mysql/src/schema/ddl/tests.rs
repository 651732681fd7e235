use super::{AlterAction, CreateBody, DdlError, Dialect, Key, KeyKind, ParsedStatement, SqlMode, Statement, parse};
use crate::table_id::TableId;

fn dialect() -> Dialect<'static> {
    Dialect {
        default_database: "d",
        ..Dialect::default()
    }
}

fn parsed(source: &str) -> ParsedStatement {
    parse(source, dialect()).unwrap_or_else(|error| panic!("{source}: {error}"))
}

fn statement(source: &str) -> Statement {
    parsed(source).statement
}

/// A column in one line: name, type with lengths, charset, NOT NULL, default, flags, values, comment.
fn describe(definition: &super::ColumnDefinition) -> String {
    let column = &definition.column;
    let mut line = format!("{} {}", column.name, column.type_name);
    match (column.length, column.scale) {
        (Some(length), Some(scale)) => line.push_str(&format!("({length},{scale})")),
        (Some(length), None) => line.push_str(&format!("({length})")),
        _ => {}
    }
    if let Some(charset) = &column.charset {
        line.push_str(&format!(" charset {charset}"));
    }
    line.push_str(if column.optional { "" } else { " not null" });
    match &column.default {
        Some(Some(text)) => line.push_str(&format!(" default [{text}]")),
        Some(None) => line.push_str(" default null"),
        None => {}
    }
    line.push_str(if column.auto_incremented { " auto" } else { "" });
    line.push_str(if definition.primary { " primary" } else { "" });
    line.push_str(if definition.unique { " unique" } else { "" });
    if !column.enum_values.is_empty() {
        line.push_str(&format!(" values {:?}", column.enum_values));
    }
    if let Some(comment) = &column.comment {
        line.push_str(&format!(" comment [{comment}]"));
    }
    line
}

fn columns_of(source: &str) -> Vec<String> {
    match statement(source) {
        Statement::CreateTable(create) => match create.body {
            CreateBody::Columns { columns, .. } => columns.iter().map(describe).collect(),
            CreateBody::Like(_) => panic!("{source}: LIKE"),
        },
        other => panic!("{source}: {other:?}"),
    }
}

#[test]
fn every_type_keeps_its_words_and_gets_its_lengths() {
    let cases = [
        ("BOOL", "BOOL"),
        ("boolean", "BOOLEAN"),
        ("TINYINT(1)", "TINYINT(1)"),
        ("INT1", "INT1"),
        ("INT2 UNSIGNED", "INT2 UNSIGNED"),
        ("MIDDLEINT", "MIDDLEINT"),
        ("INT3", "INT3"),
        ("integer", "INTEGER"),
        ("INT4", "INT4"),
        ("INT8", "INT8"),
        ("int(11)", "INT(11)"),
        ("INT SIGNED", "INT SIGNED"),
        ("INT(5) UNSIGNED ZEROFILL", "INT UNSIGNED ZEROFILL(5)"),
        ("INT ZEROFILL", "INT UNSIGNED ZEROFILL"),
        ("BIGINT(20) UNSIGNED", "BIGINT UNSIGNED(20)"),
        ("DECIMAL", "DECIMAL(10,0)"),
        ("DEC(5)", "DEC(5,0)"),
        ("FIXED(7,3)", "FIXED(7,3)"),
        ("NUMERIC(65,30) UNSIGNED", "NUMERIC UNSIGNED(65,30)"),
        ("FLOAT", "FLOAT"),
        ("FLOAT(24)", "FLOAT(24)"),
        ("FLOAT(7,3)", "FLOAT(7,3)"),
        ("FLOAT4", "FLOAT4"),
        ("FLOAT8", "FLOAT8"),
        ("REAL", "REAL"),
        ("DOUBLE PRECISION", "DOUBLE PRECISION"),
        ("double(10,2) unsigned", "DOUBLE UNSIGNED(10,2)"),
        ("BIT", "BIT(1)"),
        ("BIT(9)", "BIT(9)"),
        ("CHAR", "CHAR"),
        ("CHARACTER(5)", "CHARACTER(5)"),
        ("CHAR(5) BINARY", "CHAR BINARY(5)"),
        ("CHAR(5) BYTE", "CHAR(5) charset binary"),
        ("CHAR(5) ASCII", "CHAR(5) charset latin1"),
        ("CHAR(5) UNICODE", "CHAR(5) charset ucs2"),
        ("CHAR VARYING(5)", "CHAR VARYING(5)"),
        ("CHARACTER VARYING (5)", "CHARACTER VARYING(5)"),
        ("VARCHARACTER(5)", "VARCHARACTER(5)"),
        ("VARCHAR(20) CHARACTER SET latin1", "VARCHAR(20) charset latin1"),
        (
            "VARCHAR(20) CHARSET 'utf8mb4' COLLATE utf8mb4_bin",
            "VARCHAR(20) charset utf8mb4",
        ),
        ("VARCHAR(20) COLLATE latin1_swedish_ci", "VARCHAR(20) charset latin1"),
        ("VARCHAR(20) COLLATE 'binary'", "VARCHAR(20) charset binary"),
        ("NCHAR", "NCHAR(1) charset utf8"),
        ("NCHAR(4)", "NCHAR(4) charset utf8"),
        ("NCHAR VARCHAR(4)", "NCHAR VARCHAR(4) charset utf8"),
        ("NCHAR VARYING(4)", "NCHAR VARYING(4) charset utf8"),
        ("NVARCHAR(4)", "NVARCHAR(4) charset utf8"),
        ("NATIONAL CHAR(4)", "NATIONAL CHAR(4) charset utf8"),
        ("NATIONAL VARCHAR(4)", "NATIONAL VARCHAR(4) charset utf8"),
        (
            "NATIONAL CHARACTER VARYING(4)",
            "NATIONAL CHARACTER VARYING(4) charset utf8",
        ),
        ("TINYTEXT", "TINYTEXT"),
        ("TEXT(300)", "TEXT(300)"),
        ("LONGTEXT", "LONGTEXT"),
        ("LONG", "LONG"),
        ("LONG VARCHAR", "LONG VARCHAR"),
        ("LONG VARBINARY", "LONG VARBINARY"),
        ("BINARY", "BINARY"),
        ("BINARY(16)", "BINARY(16)"),
        ("VARBINARY(4294967295)", "VARBINARY(2147483647)"),
        ("MEDIUMBLOB", "MEDIUMBLOB"),
        ("DATE", "DATE"),
        ("TIME(6)", "TIME(6)"),
        ("DATETIME(0)", "DATETIME(0)"),
        ("YEAR(4)", "YEAR(4)"),
        ("JSON", "JSON"),
        ("POINT SRID 4326", "POINT"),
        ("geomcollection", "GEOMCOLLECTION"),
        ("VECTOR(3)", "VECTOR(3)"),
        ("ENUM('a','b')", "ENUM(1) values [\"a\", \"b\"]"),
        (
            "ENUM ( 'it''s' , 'x,y' , 'back\\\\slash', \"q\" ) CHARACTER SET latin1",
            "ENUM(1) charset latin1 values [\"it's\", \"x,y\", \"back\\\\slash\", \"q\"]",
        ),
        ("SET('a','b','c')", "SET(5) values [\"a\", \"b\", \"c\"]"),
        ("ENUM(0x41, x'42')", "ENUM(1) values [\"A\", \"B\"]"),
    ];
    for (declared, expected) in cases {
        // `charset` comes before NOT NULL in a description, values after it.
        let (head, values) = expected
            .split_once(" values ")
            .map_or((expected, None), |(head, v)| (head, Some(v)));
        let expected = match values {
            Some(values) => format!("c {head} default null values {values}"),
            None => format!("c {head} default null"),
        };
        assert_eq!(
            columns_of(&format!("CREATE TABLE t (c {declared})")),
            [expected],
            "{declared}"
        );
    }
}

#[test]
fn attributes_of_a_column_are_read_in_any_order() {
    let cases = [
        ("INT NOT NULL", "INT not null"),
        ("INT NULL", "INT default null"),
        ("INT NOT NULL AUTO_INCREMENT PRIMARY KEY", "INT not null auto primary"),
        ("INT NULL AUTO_INCREMENT UNIQUE", "INT not null auto unique"),
        ("INT KEY", "INT not null primary"),
        ("INT UNIQUE", "INT default null unique"),
        (
            "INT NOT NULL UNIQUE KEY COMMENT 'it''s'",
            "INT not null unique comment [it's]",
        ),
        ("SERIAL", "BIGINT UNSIGNED not null auto unique"),
        ("BIGINT SERIAL DEFAULT VALUE", "BIGINT not null auto unique"),
        ("INT DEFAULT 7", "INT default [7]"),
        ("INT DEFAULT -7", "INT default [-7]"),
        ("INT DEFAULT '7' NOT NULL", "INT not null default [7]"),
        ("DECIMAL(10,2) DEFAULT 1.20", "DECIMAL(10,2) default [1.20]"),
        ("DOUBLE DEFAULT 1e-5", "DOUBLE default [1e-5]"),
        ("DOUBLE DEFAULT .5", "DOUBLE default [.5]"),
        ("INT DEFAULT NULL", "INT default null"),
        ("INT NOT NULL DEFAULT (1 + (2))", "INT not null default null"),
        ("BOOL DEFAULT true", "BOOL default [TRUE]"),
        ("VARCHAR(9) DEFAULT ''", "VARCHAR(9) default []"),
        ("VARCHAR(9) DEFAULT 'it''s'", "VARCHAR(9) default [it''s]"),
        ("VARCHAR(9) DEFAULT 'a\\\\b'", "VARCHAR(9) default [a\\\\b]"),
        ("VARCHAR(9) DEFAULT _utf8mb4'x'", "VARCHAR(9) default [x]"),
        ("BIT(9) DEFAULT b'101'", "BIT(9) default [101]"),
        ("BINARY(2) DEFAULT 0x00FF", "BINARY(2) default [00F]"),
        ("BINARY(2) DEFAULT X'00FF'", "BINARY(2) default [00FF]"),
        (
            "DATETIME DEFAULT CURRENT_TIMESTAMP",
            "DATETIME default [1970-01-01 00:00:00]",
        ),
        (
            "TIMESTAMP(6) NOT NULL DEFAULT now(6) ON UPDATE CURRENT_TIMESTAMP(6)",
            "TIMESTAMP(6) not null default [1970-01-01 00:00:00] auto",
        ),
        ("INT GENERATED ALWAYS AS (a + ')') VIRTUAL NOT NULL", "INT not null"),
        ("INT AS (`x` * 2) STORED COMMENT 'c'", "INT default null comment [c]"),
        ("INT CHECK (c > 0) NOT ENFORCED", "INT default null"),
        (
            "INT REFERENCES o (id) ON DELETE SET NULL ON UPDATE CASCADE",
            "INT default null",
        ),
        ("INT NOT NULL REFERENCES o (id) ON DELETE SET DEFAULT", "INT not null"),
        ("INT COLUMN_FORMAT DYNAMIC STORAGE DISK INVISIBLE", "INT default null"),
        (
            "INT NOT NULL /*!80023 INVISIBLE */ /*T![auto_rand] x */",
            "INT not null",
        ),
    ];
    for (declared, expected) in cases {
        assert_eq!(
            columns_of(&format!("CREATE TABLE t (c {declared})")),
            [format!("c {expected}")],
            "{declared}"
        );
    }
}

#[test]
fn a_table_is_read_with_keys_options_and_partitions() {
    let source = "CREATE TABLE IF NOT EXISTS `my``db`.`t 1` (\n\
        -- a comment, with `quotes' in it\n\
        `id` int NOT NULL, # another\n\
        `weird ``name``` varchar(10) DEFAULT NULL,\n\
        PRIMARY KEY (`id`,`weird ``name```(5) DESC) USING BTREE,\n\
        UNIQUE KEY `u` (`id`),\n\
        UNIQUE INDEX f ((lower(`id`))),\n\
        KEY `k` (`id`) COMMENT 'a, b)',\n\
        FULLTEXT KEY ft (`weird ``name```) WITH PARSER ngram,\n\
        CONSTRAINT `fk` FOREIGN KEY (`id`) REFERENCES `o` (`id`) ON DELETE CASCADE,\n\
        CONSTRAINT CHECK ((`id` > 0))\n\
        ) ENGINE=InnoDB AUTO_INCREMENT=5 DEFAULT CHARSET=latin1 COLLATE=latin1_bin COMMENT='tab''le'\n\
        /*!50100 PARTITION BY RANGE (`id`)\n(PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB) */";
    let ParsedStatement {
        statement: Statement::CreateTable(create),
        text,
    } = parsed(source)
    else {
        panic!("not a CREATE TABLE");
    };
    assert_eq!(create.table, TableId::new("my`db", "t 1"));
    assert!(create.if_not_exists && !create.temporary);
    assert!(text.ends_with("*/"), "the text must stay a statement: {text}");
    assert_eq!(parsed(&text).statement, Statement::CreateTable(create.clone()));
    let CreateBody::Columns { columns, keys, options } = create.body else {
        panic!("LIKE")
    };
    assert_eq!(
        columns.iter().map(describe).collect::<Vec<_>>(),
        ["id INT not null", "weird `name` VARCHAR(10) default null"]
    );
    let key = |kind, name: Option<&str>, columns: Option<&[&str]>| Key {
        kind,
        name: name.map(str::to_owned),
        columns: columns.map(|names| names.iter().map(ToString::to_string).collect()),
        has_prefix: false,
    };
    assert_eq!(
        keys,
        [
            Key {
                has_prefix: true,
                ..key(KeyKind::Primary, None, Some(&["id", "weird `name`"]))
            },
            key(KeyKind::Unique, Some("u"), Some(&["id"])),
            key(KeyKind::Unique, Some("f"), None),
            key(KeyKind::Other, Some("k"), Some(&["id"])),
            key(KeyKind::Other, Some("ft"), Some(&["weird `name`"])),
        ]
    );
    assert_eq!(options.charset.as_deref(), Some("latin1"));
    assert_eq!(options.comment.as_deref(), Some("tab'le"));
}

#[test]
fn create_table_select_is_an_error_that_names_the_table() {
    for source in [
        "CREATE TABLE t AS SELECT * FROM o",
        "CREATE TABLE t SELECT 1",
        "CREATE TABLE t (a INT) ENGINE=InnoDB AS SELECT 1 AS a",
        "CREATE TABLE t (SELECT 1)",
        "CREATE TABLE t PARTITION BY HASH(a) AS SELECT 1 a",
    ] {
        let error = parse(source, dialect()).expect_err(source);
        assert_eq!(error.tables, [TableId::new("d", "t")], "{source}");
    }
    let logged = statement("CREATE TABLE `t` (\n  `a` int DEFAULT NULL\n) START TRANSACTION");
    assert!(matches!(logged, Statement::CreateTable(_)));
}

#[test]
fn an_alter_table_is_a_list_of_what_it_changes() {
    let cases: &[(&str, &[&str])] = &[
        ("ADD c INT", &["add c INT default null Unstated"]),
        ("ADD COLUMN c INT NOT NULL FIRST", &["add c INT not null First"]),
        (
            "ADD COLUMN `c` INT AFTER `b c`",
            &["add c INT default null After(\"b c\")"],
        ),
        (
            "ADD (x INT, y VARCHAR(3) NOT NULL)",
            &["add x INT default null Unstated", "add y VARCHAR(3) not null Unstated"],
        ),
        ("CHANGE a b BIGINT", &["change a to b BIGINT default null Unstated"]),
        (
            "CHANGE COLUMN a a BIGINT FIRST",
            &["change a to a BIGINT default null First"],
        ),
        (
            "MODIFY a DECIMAL(5,2) NOT NULL AFTER z",
            &["change a to a DECIMAL(5,2) not null After(\"z\")"],
        ),
        ("RENAME COLUMN a TO b", &["rename a to b"]),
        ("DROP a, DROP COLUMN b", &["drop a", "drop b"]),
        (
            "ALTER a SET DEFAULT 5, ALTER COLUMN b DROP DEFAULT",
            &["default a Literal(\"5\")", "no default b"],
        ),
        ("ALTER COLUMN a SET DEFAULT (uuid())", &["default a Expression"]),
        ("ADD PRIMARY KEY (a, b)", &["Primary key a,b"]),
        (
            "DROP PRIMARY KEY, ADD CONSTRAINT pk PRIMARY KEY USING BTREE (b)",
            &["drop key PRIMARY", "Primary key pk b"],
        ),
        ("ADD UNIQUE (a)", &["Unique key a"]),
        ("ADD CONSTRAINT u UNIQUE KEY n (a(10))", &["Unique key n a"]),
        ("ADD UNIQUE INDEX ((a + 1))", &["Unique key -"]),
        ("RENAME TO e.n", &["table e.n"]),
        ("RENAME AS n", &["table d.n"]),
        ("RENAME n", &["table d.n"]),
        (
            "CONVERT TO CHARACTER SET latin1 COLLATE latin1_bin",
            &["convert latin1"],
        ),
        ("CONVERT TO CHARSET DEFAULT", &["convert default"]),
        ("DEFAULT CHARACTER SET = utf8mb4", &["charset utf8mb4"]),
        (
            "ENGINE=InnoDB DEFAULT CHARSET latin1, COMMENT 'x'",
            &["charset latin1", "comment x"],
        ),
        ("COLLATE latin1_bin", &["charset latin1"]),
        (
            "ADD INDEX i (a), DROP INDEX j, DROP FOREIGN KEY f, RENAME INDEX a TO b, ALTER INDEX a INVISIBLE, ADD c INT",
            &[
                "Other key i a",
                "drop key j",
                "rename key a to b",
                "add c INT default null Unstated",
            ],
        ),
        (
            "ADD FULLTEXT (a), ADD CHECK (a > 1), DROP CHECK x, ALTER CHECK x NOT ENFORCED, DROP CONSTRAINT y",
            &["Other key a", "drop key y"],
        ),
        (
            "ADD CONSTRAINT c UNIQUE (a), ADD CONSTRAINT c UNIQUE KEY u USING BTREE (b(9)), ADD UNIQUE USING HASH (a)",
            &["Unique key c a", "Unique key u b", "Unique key a"],
        ),
        (
            "ALGORITHM=INPLACE, LOCK=NONE, ADD COLUMN c INT",
            &["add c INT default null Unstated"],
        ),
        ("ORDER BY a, b", &[]),
        (
            "ORDER BY a DESC, modify, comment ASC, ADD c INT",
            &["add c INT default null Unstated"],
        ),
        ("FORCE", &[]),
        ("DISABLE KEYS", &[]),
        ("DROP PARTITION p0, add1", &[]),
        ("ADD PARTITION (PARTITION p3 VALUES LESS THAN (30))", &[]),
        (
            "REORGANIZE PARTITION p0, p1 INTO (PARTITION p VALUES LESS THAN (9))",
            &[],
        ),
        ("EXCHANGE PARTITION p WITH TABLE o WITHOUT VALIDATION", &[]),
        ("PARTITION BY HASH (a) PARTITIONS 4", &[]),
        ("REMOVE PARTITIONING", &[]),
        (
            "ADD c INT DEFAULT 0 PARTITION BY KEY (id) PARTITIONS 8",
            &["add c INT default [0] Unstated"],
        ),
        (
            "MODIFY c INT REMOVE PARTITIONING",
            &["change c to c INT default null Unstated"],
        ),
        ("", &[]),
    ];
    for (actions, expected) in cases {
        let source = format!("ALTER TABLE t {actions}");
        let Statement::AlterTable(alter) = statement(&source) else {
            panic!("{source}")
        };
        assert_eq!(alter.table, TableId::new("d", "t"));
        assert_eq!(
            alter.actions.iter().map(describe_action).collect::<Vec<_>>(),
            *expected,
            "{actions}"
        );
    }
}

fn describe_action(action: &AlterAction) -> String {
    match action {
        AlterAction::AddColumn(definition, place) => format!("add {} {place:?}", describe(definition)),
        AlterAction::ChangeColumn(old, definition, place) => {
            format!("change {old} to {} {place:?}", describe(definition))
        }
        AlterAction::RenameColumn { from, to } => format!("rename {from} to {to}"),
        AlterAction::DropColumn(name) => format!("drop {name}"),
        AlterAction::SetDefault(name, value) => format!("default {name} {value:?}"),
        AlterAction::DropDefault(name) => format!("no default {name}"),
        AlterAction::AddKey(key) => {
            let name = key.name.as_ref().map_or(String::new(), |name| format!(" {name}"));
            let columns = key.columns.as_ref().map_or("-".to_owned(), |columns| columns.join(","));
            format!("{:?} key{name} {columns}", key.kind)
        }
        AlterAction::DropKey(name) => format!("drop key {name}"),
        AlterAction::RenameKey { from, to } => format!("rename key {from} to {to}"),
        AlterAction::RenameTable(table) => format!("table {table}"),
        AlterAction::ConvertToCharset(charset) => format!("convert {charset}"),
        AlterAction::Options(options) => match (&options.charset, &options.comment) {
            (Some(charset), _) => format!("charset {charset}"),
            (None, comment) => format!("comment {}", comment.as_deref().unwrap_or("-")),
        },
    }
}

#[test]
fn tables_are_dropped_and_renamed_one_by_one() {
    let Statement::DropTables(drop) = statement("DROP TABLE IF EXISTS `a`, e.b CASCADE /* generated by server */")
    else {
        panic!("no drop")
    };
    assert_eq!(drop.tables, [TableId::new("d", "a"), TableId::new("e", "b")]);
    assert_eq!(
        (drop.prefix.as_str(), drop.suffix),
        ("DROP TABLE IF EXISTS ", " CASCADE")
    );

    let Statement::RenameTables(renames) = statement("RENAME TABLE a TO tmp,\n b  TO `a`, tmp TO e.b") else {
        panic!("no rename")
    };
    let texts: Vec<&str> = renames.iter().map(|rename| rename.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "RENAME TABLE a TO tmp",
            "RENAME TABLE b  TO `a`",
            "RENAME TABLE tmp TO e.b"
        ]
    );
    assert_eq!(renames.last().map(|rename| &rename.to), Some(&TableId::new("e", "b")));
}

#[test]
fn databases_indexes_and_variables_are_read() {
    let database = |name: &str| name.to_owned();
    let charset = |name: &str| Some(name.to_owned());
    let cases = [
        (
            "CREATE DATABASE `x` CHARSET utf8mb4 COLLATE utf8mb4_bin",
            Statement::CreateDatabase {
                database: database("x"),
                if_not_exists: false,
                charset: charset("utf8mb4"),
            },
        ),
        (
            "create schema if not exists x /*!40100 DEFAULT CHARACTER SET latin1 */ /*!80016 DEFAULT ENCRYPTION='N' */",
            Statement::CreateDatabase {
                database: database("x"),
                if_not_exists: true,
                charset: charset("latin1"),
            },
        ),
        (
            "CREATE DATABASE x COLLATE = latin1_bin",
            Statement::CreateDatabase {
                database: database("x"),
                if_not_exists: false,
                charset: charset("latin1"),
            },
        ),
        (
            "ALTER DATABASE CHARACTER SET = DEFAULT",
            Statement::AlterDatabase {
                database: database("d"),
                charset: charset("default"),
            },
        ),
        (
            "ALTER SCHEMA x READ ONLY = 1",
            Statement::AlterDatabase {
                database: database("x"),
                charset: None,
            },
        ),
        (
            "DROP SCHEMA IF EXISTS x",
            Statement::DropDatabase {
                database: database("x"),
            },
        ),
        (
            "USE `x`",
            Statement::Use {
                database: database("x"),
            },
        ),
        ("TRUNCATE x.t;", Statement::TruncateTable(TableId::new("x", "t"))),
        (
            "CREATE INDEX i ON t (a) COMMENT 'x' ALGORITHM=INPLACE LOCK NONE",
            Statement::CreateIndex {
                table: TableId::new("d", "t"),
                key: Key {
                    kind: KeyKind::Other,
                    name: Some("i".into()),
                    columns: Some(vec!["a".into()]),
                    has_prefix: false,
                },
            },
        ),
        (
            "CREATE UNIQUE INDEX i USING BTREE ON x.t (a, b)",
            Statement::CreateIndex {
                table: TableId::new("x", "t"),
                key: Key {
                    kind: KeyKind::Unique,
                    name: Some("i".into()),
                    columns: Some(vec!["a".into(), "b".into()]),
                    has_prefix: false,
                },
            },
        ),
        (
            "DROP INDEX `PRIMARY` ON t ALGORITHM=INPLACE LOCK=NONE",
            Statement::DropIndex {
                table: TableId::new("d", "t"),
                index: "PRIMARY".into(),
            },
        ),
        (
            "SET character_set_server=utf8mb4, collation_server=utf8mb4_0900_ai_ci",
            Statement::SetVariables(vec![
                ("character_set_server".into(), "utf8mb4".into()),
                ("collation_server".into(), "utf8mb4_0900_ai_ci".into()),
            ]),
        ),
        (
            "SET GLOBAL sql_mode = 'ANSI_QUOTES', @@session.x := 1 + (2)",
            Statement::SetVariables(vec![
                ("sql_mode".into(), "ANSI_QUOTES".into()),
                ("x".into(), "1 + (2)".into()),
            ]),
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(statement(source), expected, "{source}");
    }
}

#[test]
fn what_is_no_schema_statement_is_never_an_error() {
    for source in [
        "",
        "   ",
        ";",
        "BEGIN",
        "COMMIT",
        "GRANT ALL ON *.* TO x@y",
        "CREATE USER 'a'@'b' IDENTIFIED BY 'c'",
        "CREATE DEFINER=`root`@`localhost` PROCEDURE p() BEGIN DROP TABLE t; END",
        "CREATE ALGORITHM=MERGE VIEW v AS SELECT 1",
        "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1",
        "DROP VIEW v",
        "DROP USER u",
        "RENAME USER a TO b",
        "ALTER USER u IDENTIFIED BY 'x'",
        "ALTER VIEW v AS SELECT 1",
        "ANALYZE TABLE t",
        "FLUSH PRIVILEGES",
        "SET NAMES utf8mb4",
        "SET PASSWORD FOR x = 'y'",
        "INSERT INTO t VALUES ('unclosed",
        "XA START 'a'",
        "SAVEPOINT `s`",
        "ünïcode",
    ] {
        assert_eq!(statement(source), Statement::Unrelated, "{source}");
    }
}

#[test]
fn objects_without_columns_are_told_apart() {
    for source in [
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
        "CREATE DEFINER=`view`@`h` EVENT e DO BEGIN DROP TABLE t; END",
        "CREATE SERVER s FOREIGN DATA WRAPPER mysql",
        "ALTER TABLESPACE ts RENAME TO x",
        "DROP EVENT e",
    ] {
        assert_eq!(statement(source), Statement::OtherObject, "{source}");
    }
}

#[test]
fn a_broken_statement_still_names_the_tables_it_touches() {
    let t = || TableId::new("d", "t");
    let cases = [
        ("ALTER TABLE t ADD COLUMN", vec![t()]),
        ("ALTER TABLE t ADD COLUMN c INT DEFAULT ???", vec![t()]),
        ("ALTER TABLE t ADD c VARCHAR(10) DEFAULT 'unclosed", vec![t()]),
        ("CREATE TABLE t (a INT, b", vec![t()]),
        ("CREATE TABLE t (a ENUM(1))", vec![t()]),
        ("CREATE TABLE t (a INT) /* unclosed", vec![t()]),
        ("CREATE TABLE t (a INT); SELECT 1", vec![t()]),
        ("ALTER TABLE t ADD a INT; DROP TABLE u", vec![t()]),
        ("DROP TABLE t, 5", vec![t()]),
        ("RENAME TABLE t TO", vec![t()]),
        (
            "RENAME TABLE t TO u, v x",
            vec![t(), TableId::new("d", "u"), TableId::new("d", "v")],
        ),
        ("CREATE UNIQUE INDEX i ON t", vec![t()]),
        ("ALTER TABLE", vec![]),
    ];
    for (source, tables) in cases {
        assert_eq!(parse(source, dialect()).expect_err(source).tables, tables, "{source}");
    }
}

#[test]
fn quotes_mean_what_the_sql_mode_says() {
    let ansi = Dialect {
        sql_mode: SqlMode {
            ansi_quotes: true,
            ..SqlMode::default()
        },
        ..dialect()
    };
    let quoted = parse("DROP TABLE \"my \"\"t\"\"\"", ansi).expect("ANSI_QUOTES");
    assert_eq!(quoted.statement.tables(), [&TableId::new("d", "my \"t\"")]);
    assert!(parse("DROP TABLE \"t\"", dialect()).is_err(), "a string is no name");

    let plain = Dialect {
        sql_mode: SqlMode {
            no_backslash_escapes: true,
            ..SqlMode::default()
        },
        ..dialect()
    };
    let statement = parse("CREATE TABLE t (c ENUM('a\\','b'))", plain)
        .expect("NO_BACKSLASH_ESCAPES")
        .statement;
    let Statement::CreateTable(create) = statement else {
        panic!("no table")
    };
    let CreateBody::Columns { columns, .. } = create.body else {
        panic!("LIKE")
    };
    assert_eq!(
        columns.first().map(|c| c.column.enum_values.clone()),
        Some(vec!["a\\".to_owned(), "b".to_owned()])
    );

    assert_eq!(SqlMode::of_bits(0), SqlMode::default());
    let mode = |ansi_quotes, no_backslash_escapes, real_as_float| SqlMode {
        ansi_quotes,
        no_backslash_escapes,
        real_as_float,
    };
    assert_eq!(SqlMode::of_bits(4), mode(true, false, false));
    assert_eq!(SqlMode::of_bits(1 << 20), mode(false, true, false));
    assert_eq!(SqlMode::of_bits(1), mode(false, false, true));

    let lower = Dialect {
        lower_case_names: true,
        ..dialect()
    };
    let folded = parse("DROP TABLE `Db`.`T`", lower).expect("lower case").statement;
    assert_eq!(folded.tables(), [&TableId::new("db", "t")]);
}

/// A table's columns as a session reads them.
fn columns_in(dialect: Dialect<'_>, source: &str) -> Vec<String> {
    let parsed = parse(source, dialect).unwrap_or_else(|error| panic!("{source}: {error}"));
    match parsed.statement {
        Statement::CreateTable(create) => match create.body {
            CreateBody::Columns { columns, .. } => columns.iter().map(describe).collect(),
            CreateBody::Like(_) => panic!("{source}: LIKE"),
        },
        Statement::AlterTable(alter) => alter.actions.iter().map(describe_action).collect(),
        other => panic!("{source}: {other:?}"),
    }
}

#[test]
fn a_real_is_a_float_where_the_sql_mode_says_so() {
    let ansi = Dialect {
        sql_mode: SqlMode {
            real_as_float: true,
            ..SqlMode::default()
        },
        ..dialect()
    };
    let source = "CREATE TABLE t (a REAL, b REAL(7,2) UNSIGNED, c DOUBLE)";
    let nullable = |name: &str| format!("{name} default null");
    assert_eq!(
        columns_in(ansi, source),
        ["a FLOAT", "b FLOAT UNSIGNED(7,2)", "c DOUBLE"].map(nullable)
    );
    assert_eq!(
        columns_in(dialect(), source),
        ["a REAL", "b REAL UNSIGNED(7,2)", "c DOUBLE"].map(nullable)
    );
}

#[test]
fn a_backslash_that_escapes_nothing_is_doubled_in_a_default() {
    let plain = Dialect {
        sql_mode: SqlMode {
            no_backslash_escapes: true,
            ..SqlMode::default()
        },
        ..dialect()
    };
    assert_eq!(
        columns_in(plain, "CREATE TABLE t (c CHAR(9) DEFAULT 'a\\n')"),
        ["c CHAR(9) default [a\\\\n]"]
    );
}

#[test]
fn timestamps_without_explicit_defaults_are_not_null_and_the_first_is_the_present() {
    let implicit = Dialect {
        implicit_timestamps: true,
        ..dialect()
    };
    let cases: &[(&str, &[&str])] = &[
        (
            "CREATE TABLE t (d DATETIME, a TIMESTAMP, b TIMESTAMP(3), c TIMESTAMP NULL, e TIMESTAMP DEFAULT '2001-01-01')",
            &[
                "d DATETIME default null",
                "a TIMESTAMP not null default [1970-01-01 00:00:00] auto",
                "b TIMESTAMP(3) not null default [0000-00-00 00:00:00.000]",
                "c TIMESTAMP default null",
                "e TIMESTAMP not null default [2001-01-01]",
            ],
        ),
        (
            "CREATE TABLE t (c TIMESTAMP NULL, a TIMESTAMP, b TIMESTAMP ON UPDATE NOW())",
            &[
                "c TIMESTAMP default null",
                "a TIMESTAMP not null default [0000-00-00 00:00:00]",
                "b TIMESTAMP not null default [0000-00-00 00:00:00] auto",
            ],
        ),
        (
            "CREATE TABLE t (a TIMESTAMP DEFAULT '0000-00-00 00:00:00')",
            &["a TIMESTAMP not null default [0000-00-00 00:00:00]"],
        ),
        (
            "ALTER TABLE t MODIFY c TIMESTAMP, ADD j TIMESTAMP FIRST",
            &[
                "change c to c TIMESTAMP not null default [1970-01-01 00:00:00] auto Unstated",
                "add j TIMESTAMP not null default [0000-00-00 00:00:00] First",
            ],
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(columns_in(implicit, source), *expected, "{source}");
    }
    assert_eq!(
        columns_in(dialect(), "CREATE TABLE t (a TIMESTAMP)"),
        ["a TIMESTAMP default null"]
    );
}

#[test]
fn a_comment_for_later_servers_is_a_comment() {
    let names = |server_version, source: &str| {
        let dialect = Dialect {
            server_version,
            ..dialect()
        };
        let columns = columns_in(dialect, source);
        let names: Vec<_> = columns.iter().filter_map(|column| column.split(' ').next()).collect();
        names.join(" ")
    };
    let source = "CREATE TABLE t (a INT /*!80000 , b INT *//*!100000 , c INT /* , d INT */ , e INT */ \
        /*!080400 , f INT */ /*!9999 , g INT */ /*!99999999999999999999 , h INT */ /*! , i INT */ /*M!100500 , j INT */)";
    assert_eq!(names(Some(90_704), source.replace("!9999 ", "!").as_str()), "a b f g i");
    assert_eq!(names(Some(80_000), source.replace("!9999 ", "!").as_str()), "a b g i");
    let all = "CREATE TABLE t (a INT /*!80000 , b INT *//*!100000 , c INT */)";
    assert_eq!(names(None, all), "a b c");
    let unclosed = parse(
        "CREATE TABLE t (a INT) /*!100000 x",
        Dialect {
            server_version: Some(90_704),
            ..dialect()
        },
    );
    assert!(unclosed.is_err());
}

#[test]
fn names_may_be_numbers_keywords_and_any_letters() {
    let cases = [
        ("DROP TABLE 2024_orders", "d", "2024_orders"),
        ("DROP TABLE db.1t", "db", "1t"),
        ("DROP TABLE db . `t`", "db", "t"),
        ("DROP TABLE größe", "d", "größe"),
        ("DROP TABLE `a.b`", "d", "a.b"),
        ("DROP TABLE `日本`.`表`", "日本", "表"),
        ("DROP TABLE t$1", "d", "t$1"),
        ("/* hint */ DROP /* x */ TABLE -- y\n t", "d", "t"),
        ("/*!50003 DROP TABLE t */", "d", "t"),
    ];
    for (source, database, table) in cases {
        assert_eq!(statement(source).tables(), [&TableId::new(database, table)], "{source}");
    }
    assert_eq!(
        columns_of("CREATE TABLE t (date DATE, `key` INT, comment TEXT, 2nd INT)").len(),
        4
    );
}

#[test]
fn an_error_says_what_was_expected_where() {
    let DdlError { reason, .. } = parse("CREATE TABLE t (a INT(x))", dialect()).expect_err("a length is missing");
    assert_eq!(reason, "expected a length, found x");
}

mod properties {
    use proptest::prelude::{any, proptest};

    use super::super::{Dialect, SqlMode, parse};

    fn read(source: &str, ansi_quotes: bool) {
        let dialect = Dialect {
            default_database: "d",
            sql_mode: SqlMode {
                ansi_quotes,
                ..SqlMode::default()
            },
            ..Dialect::default()
        };
        if let Ok(parsed) = parse(source, dialect) {
            let again = parse(&parsed.text, dialect);
            assert_eq!(again.expect("the text is the statement").statement, parsed.statement);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(source in any::<String>(), ansi in any::<bool>()) {
            read(&source, ansi);
        }

        #[test]
        fn any_shuffle_of_ddl_is_read_or_refused(
            words in proptest::collection::vec(proptest::sample::select(WORDS), 0..40), ansi in any::<bool>()
        ) {
            read(&words.join(" "), ansi);
            read(&words.concat(), ansi);
        }
    }

    const WORDS: &[&str] = &[
        "CREATE",
        "ALTER",
        "DROP",
        "RENAME",
        "TABLE",
        "COLUMN",
        "ADD",
        "CHANGE",
        "MODIFY",
        "PRIMARY KEY",
        "UNIQUE",
        "KEY",
        "(",
        ")",
        ",",
        ".",
        ";",
        "a",
        "`b`",
        "\"c\"",
        "'d'",
        "''",
        "'",
        "`",
        "\"",
        "1",
        "1.5",
        "0x4",
        "b'1'",
        "INT",
        "ENUM",
        "VARCHAR",
        "DECIMAL",
        "DEFAULT",
        "NULL",
        "NOT",
        "FIRST",
        "AFTER",
        "TO",
        "CHARACTER SET",
        "COLLATE",
        "=",
        "/*!50100 ",
        "*/",
        "/*",
        "-- ",
        "#",
        "\n",
        "LIKE",
        "SET",
        "USE",
        "DATABASE",
        "INDEX",
        "ON",
        "REFERENCES",
        "CONSTRAINT",
        "\\",
        "é",
        "日",
        "-",
        "TRUNCATE",
        "PARTITION",
    ];
}

#[test]
fn the_text_says_what_the_statement_says() {
    for source in [
        "/* a */ DROP TABLE t -- b",
        "SET x=E---\0 b",
        "SET x=1 --\tb",
        "CREATE TABLE t (a INT) /*!50100 COMMENT 'x' */ # b",
    ] {
        let parsed = parsed(source);
        assert_eq!(statement(&parsed.text), parsed.statement, "{source}");
    }
}
