//! Any text as a statement, after some tables were made. What is read must have a text that says the same, and applying it
//! must either succeed or leave the tables as they were.

use crate::schema::ddl::{SqlMode, parse};
use crate::schema::{SchemaModel, SchemaOptions, Session};

const TABLES: [&str; 3] = [
    "CREATE TABLE t (a INT NOT NULL, b VARCHAR(9), c ENUM('x','y') DEFAULT 'x', PRIMARY KEY (a))",
    "CREATE TABLE u (a SERIAL, b TEXT) CHARSET latin1",
    "CREATE TABLE `e`.`o` LIKE t",
];

/// One input.
pub fn ddl(source: &str) {
    for ansi_quotes in [false, true] {
        let session = Session {
            database: "d",
            sql_mode: SqlMode {
                ansi_quotes,
                real_as_float: ansi_quotes,
                ..SqlMode::default()
            },
            implicit_timestamps: ansi_quotes,
            server_charset: None,
        };
        let mut model = SchemaModel::new(SchemaOptions {
            server_version: Some(90_704),
            ..SchemaOptions::default()
        });
        let dialect = model.dialect(session);
        let Ok(parsed) = parse(source, dialect) else { continue };
        let again = parse(&parsed.text, dialect).expect("the text is a statement");
        assert_eq!(again.statement, parsed.statement);

        for table in TABLES {
            let table = parse(table, dialect).expect("a statement");
            model.apply(&table.statement, session).expect("a new table");
        }
        let before: Vec<_> = model.tables().cloned().collect();
        if model.apply(&parsed.statement, session).is_err() {
            assert_eq!(model.tables().cloned().collect::<Vec<_>>(), before);
        }
        for table in model.tables() {
            assert!(
                table
                    .key
                    .iter()
                    .all(|name| table.columns.iter().any(|column| column.name == *name))
            );
        }
    }
}
