//! Any text as a statement, after some tables were made. What is read must have a text that says the same, and applying it
//! must either succeed or leave the tables as they were.
#![no_main]

use connector_mysql::schema::ddl::{Dialect, Quoting, parse};
use connector_mysql::schema::{SchemaModel, SchemaOptions};
use libfuzzer_sys::fuzz_target;

const TABLES: [&str; 3] = [
    "CREATE TABLE t (a INT NOT NULL, b VARCHAR(9), c ENUM('x','y') DEFAULT 'x', PRIMARY KEY (a))",
    "CREATE TABLE u (a SERIAL, b TEXT) CHARSET latin1",
    "CREATE TABLE e.o LIKE t",
];

fuzz_target!(|source: &str| {
    for ansi_quotes in [false, true] {
        let quoting = Quoting {
            ansi_quotes,
            no_backslash_escapes: false,
        };
        let dialect = Dialect {
            default_database: "d",
            quoting,
            lower_case_names: false,
        };
        let Ok(parsed) = parse(source, dialect) else { continue };
        let again = parse(&parsed.text, dialect).expect("the text is a statement");
        assert_eq!(again.statement, parsed.statement);

        let mut model = SchemaModel::new(SchemaOptions::default());
        for table in TABLES {
            let table = parse(table, dialect).expect("a statement");
            model.apply(&table.statement).expect("a new table");
        }
        let before: Vec<_> = model.tables().cloned().collect();
        if model.apply(&parsed.statement).is_err() {
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
});
