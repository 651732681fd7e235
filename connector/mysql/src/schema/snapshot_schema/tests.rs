use std::collections::BTreeMap;

use super::{Locale, SnapshotSchema};
use crate::config::TableFilter;
use crate::schema::{DdlPolicy, HistoryRecord, SchemaModel, SchemaOptions};
use crate::table_id::TableId;

fn locale() -> Locale {
    Locale {
        charset: "utf8mb4".to_owned(),
        collation: "utf8mb4_0900_ai_ci".to_owned(),
    }
}

/// The first snapshot of `golden/history.jsonl`: eight records.
fn recorded_snapshot() -> Vec<HistoryRecord> {
    let lines = include_str!("../golden/history.jsonl").lines().take(8);
    let texts = lines.map(|line| serde_json::from_str::<String>(line).expect("a JSON string"));
    texts
        .map(|text| HistoryRecord::decode(text.as_bytes()).expect("a record"))
        .collect()
}

#[test]
fn a_snapshot_begins_with_the_statements_of_debezium() {
    let recorded = recorded_snapshot();
    let definition = |table: &str| {
        let prefix = format!("CREATE TABLE `{table}` (");
        let ddls = recorded.iter().filter_map(|record| record.ddl.clone());
        ddls.into_iter().find(|ddl| ddl.starts_with(&prefix)).expect("recorded")
    };
    let schema = SnapshotSchema {
        server: locale(),
        databases: BTreeMap::from([("rec1".to_owned(), locale()), ("unused".to_owned(), locale())]),
        tables: BTreeMap::from([
            (TableId::new("rec1", "b"), definition("b")),
            (TableId::new("rec1", "a"), definition("a")),
        ]),
    };
    let captured = TableFilter::default();
    let policy = DdlPolicy {
        captured: &captured,
        only_captured_tables: false,
        only_captured_databases: false,
        passes_unknown_tables: false,
    };
    let mut model = SchemaModel::new(SchemaOptions::default());
    let changes = schema.apply(&mut model, policy).expect("definitions");
    let ours: Vec<_> = changes
        .into_iter()
        .map(|change| (Some(change.database), Some(change.ddl), Some(change.changes)))
        .collect();
    let theirs: Vec<_> = recorded
        .into_iter()
        .map(|record| (record.database, record.ddl, record.changes))
        .collect();
    assert_eq!(ours, theirs);
    assert_eq!(model.tables().count(), 2);
}

#[test]
fn names_are_quoted_and_databases_begin_once() {
    let schema = SnapshotSchema {
        server: locale(),
        databases: BTreeMap::new(),
        tables: ["b.t", "a`a.t", "b.u"]
            .iter()
            .filter_map(|name| name.split_once('.'))
            .map(|(database, table)| {
                (
                    TableId::new(database, table),
                    format!("CREATE TABLE `{table}` (`x` int)"),
                )
            })
            .collect(),
    };
    let statements: Vec<String> = schema
        .statements()
        .into_iter()
        .map(|(database, ddl)| format!("{database}: {ddl}"))
        .collect();
    assert_eq!(
        statements,
        [
            ": SET character_set_server=utf8mb4, collation_server=utf8mb4_0900_ai_ci",
            "a`a: DROP TABLE IF EXISTS `a``a`.`t`",
            "b: DROP TABLE IF EXISTS `b`.`t`",
            "b: DROP TABLE IF EXISTS `b`.`u`",
            "a`a: DROP DATABASE IF EXISTS `a``a`",
            "a`a: CREATE DATABASE `a``a`",
            "a`a: USE `a``a`",
            "a`a: CREATE TABLE `t` (`x` int)",
            "b: DROP DATABASE IF EXISTS `b`",
            "b: CREATE DATABASE `b`",
            "b: USE `b`",
            "b: CREATE TABLE `t` (`x` int)",
            "b: CREATE TABLE `u` (`x` int)",
        ]
    );
}
