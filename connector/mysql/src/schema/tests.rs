//! What statements of a real server do to its tables: `tests/fixtures/definitions.jsonl`, drawn by `record_definitions`.

use serde_json::Value;

use super::charset::is_same_charset;
use super::ddl::SqlMode;
use super::mapped::is_shown_as;
use super::{Column, ColumnType, DdlPolicy, SchemaModel, SchemaOptions, Session, TableId, TableSchema};
use crate::config::TableFilter;

static DRAWN: &str = include_str!("../../tests/fixtures/definitions.jsonl");
const DATABASE: &str = "drawn";

fn session(fields: &Value) -> Session<'_> {
    let modes = fields["sql_mode"].as_str().expect("modes");
    let has = |mode: &str| modes.split(',').any(|one| one == mode);
    Session {
        database: DATABASE,
        sql_mode: SqlMode {
            ansi_quotes: has("ANSI"),
            no_backslash_escapes: has("NO_BACKSLASH_ESCAPES"),
            real_as_float: has("ANSI") || has("REAL_AS_FLOAT"),
        },
        implicit_timestamps: fields["implicit_timestamps"] == true,
        server_charset: fields["server_charset"].as_str(),
    }
}

fn model() -> SchemaModel {
    SchemaModel::new(SchemaOptions {
        server_version: Some(90_704),
        ..SchemaOptions::default()
    })
}

/// A column's type as far as rows differ by it.
fn read_type(column: &Column) -> String {
    match ColumnType::of(column) {
        Ok(ColumnType::Boolean) => format!("{:?}", ColumnType::TinyInt { unsigned: false }),
        Ok(ColumnType::Enum { .. }) => "an ENUM".to_owned(),
        Ok(ColumnType::Set { .. }) => "a SET".to_owned(),
        Ok(column_type) => format!("{column_type:?}"),
        Err(unsupported) => unsupported.reason,
    }
}

fn differences(known: &TableSchema, shown: &TableSchema) -> Vec<String> {
    let names = |table: &TableSchema| {
        table
            .columns
            .iter()
            .map(|column| column.name.clone())
            .collect::<Vec<_>>()
    };
    if names(known) != names(shown) {
        return vec![format!("columns {:?} instead of {:?}", names(known), names(shown))];
    }
    let mut found = Vec::new();
    for (known, shown) in known.columns.iter().zip(&shown.columns) {
        let mut compare = |what: &str, known_so: String, shown_so: String| {
            if known_so != shown_so {
                found.push(format!("{what} of {}: {known_so} instead of {shown_so}", known.name));
            }
        };
        compare("type", read_type(known), read_type(shown));
        compare("nullability", known.optional.to_string(), shown.optional.to_string());
        let stated = |column: &Column| format!("{:?}", column.default.as_ref().map(Option::is_some));
        compare("default", stated(known), stated(shown));
        let (one, other) = (
            known.charset.as_deref().unwrap_or("-"),
            shown.charset.as_deref().unwrap_or("-"),
        );
        if !is_same_charset(one, other) {
            compare("character set", one.to_owned(), other.to_owned());
        }
        let members = known.enum_values.iter().zip(&shown.enum_values);
        let agree = known.enum_values.len() == shown.enum_values.len()
            && members.clone().all(|(known, shown)| is_shown_as(known, shown));
        if !agree {
            compare(
                "members",
                format!("{:?}", known.enum_values),
                format!("{:?}", shown.enum_values),
            );
        }
    }
    if known.key != shown.key {
        found.push(format!("key {:?} instead of {:?}", known.key, shown.key));
    }
    found
}

#[test]
fn tables_are_after_statements_what_the_server_shows() {
    let captured = TableFilter::default();
    let policy = DdlPolicy {
        captured: &captured,
        only_captured_tables: false,
        only_captured_databases: false,
    };
    let (mut compared, mut failed) = (0, Vec::new());
    for line in DRAWN.lines() {
        let drawn: Value = serde_json::from_str(line).expect("JSON");
        let (mut followed, mut shown) = (model(), model());
        let mut found = Vec::new();
        for statement in drawn["statements"].as_array().expect("statements") {
            let statement = statement.as_str().expect("a statement");
            if let Err(error) = policy.apply(&mut followed, statement, session(&drawn["session"])) {
                found.push(error.to_string());
            }
        }
        for (table, definition) in drawn["shown"].as_object().expect("tables") {
            let session = Session {
                database: DATABASE,
                ..Session::default()
            };
            let definition = definition.as_str().expect("a definition");
            policy.apply(&mut shown, definition, session).expect(definition);
            let id = TableId::new(DATABASE, table);
            compared += 1;
            match (followed.table(&id), shown.table(&id)) {
                (Some(followed), Some(shown)) => found.extend(differences(followed, shown)),
                (followed, _) => found.push(format!("{id} is known: {}", followed.is_some())),
            }
        }
        if !found.is_empty() {
            failed.push(format!("{}\n{:#}", found.join("\n"), drawn));
        }
    }
    assert!(compared > 150, "only {compared} tables");
    assert!(
        failed.is_empty(),
        "{} of {compared}:\n{}",
        failed.len(),
        failed.join("\n\n")
    );
}
