use std::sync::{Arc, Mutex};

use connector_api::{ConnectError, RecordLog, SourceOffset};
use serde_json::{Value, json};

use super::SchemaHistory;
use crate::config::{NameFilter, RegexList, TableFilter};
use crate::schema::{DdlPolicy, SchemaModel, SchemaOptions, Session};
use crate::table_id::TableId;

const UUID: &str = "ca9f915b-e695-11f1-ada1-02fc00000001";

/// A topic in memory; clones share their records.
#[derive(Clone, Default)]
struct Topic(Arc<Mutex<Vec<Vec<u8>>>>);

impl Topic {
    fn records(&self) -> Vec<Vec<u8>> {
        self.0.lock().expect("no panic inside").clone()
    }
}

impl RecordLog for Topic {
    fn read(&mut self, visit: &mut dyn FnMut(&[u8]) -> Result<(), ConnectError>) -> Result<(), ConnectError> {
        self.records().iter().try_for_each(|record| visit(record))
    }

    fn append(&mut self, value: &[u8]) -> Result<(), ConnectError> {
        self.0.lock().expect("no panic inside").push(value.to_vec());
        Ok(())
    }
}

fn filter() -> TableFilter {
    TableFilter {
        tables: NameFilter::Include(RegexList::parse("d\\..*").expect("a list")),
        ..TableFilter::default()
    }
}

fn policy(captured: &TableFilter) -> DdlPolicy<'_> {
    DdlPolicy {
        captured,
        only_captured_tables: false,
        only_captured_databases: false,
        passes_unknown_tables: false,
    }
}

fn snapshot(gtids: &str) -> SourceOffset {
    offset(
        json!({"ts_sec": 1, "file": "binlog.000001", "pos": 4, "gtids": format!("{UUID}:{gtids}"), "snapshot": "INITIAL"}),
    )
}

fn streamed(gtids: &str) -> SourceOffset {
    offset(
        json!({"ts_sec": 1, "file": "binlog.000001", "pos": 4, "gtids": format!("{UUID}:{gtids}"), "server_id": 7, "rowmill_changes": 3}),
    )
}

fn offset(value: Value) -> SourceOffset {
    match value {
        Value::Object(fields) => SourceOffset(fields),
        other => panic!("{other}"),
    }
}

/// Applies statements and records them, each with its offset.
fn write(topic: &Topic, statements: &[(&str, SourceOffset)]) -> SchemaModel {
    let captured = filter();
    let mut history = SchemaHistory::new(Box::new(topic.clone()), "p");
    let mut model = SchemaModel::new(SchemaOptions::default());
    for (sql, position) in statements {
        let session = Session {
            database: "d",
            ..Session::default()
        };
        for change in policy(&captured).apply(&mut model, sql, session).expect(sql) {
            history.record(&[change], position, 5).expect("an append");
        }
    }
    model
}

fn recover(topic: &Topic, stored: &SourceOffset) -> Result<super::Recovered, ConnectError> {
    let captured = filter();
    SchemaHistory::new(Box::new(topic.clone()), "p").recover(stored, SchemaOptions::default(), policy(&captured))
}

/// The tables and how many columns each has.
fn shape(model: &SchemaModel) -> String {
    let tables: Vec<String> = model
        .tables()
        .map(|table| format!("{}:{}", table.id, table.columns.len()))
        .collect();
    tables.join(" ")
}

#[test]
fn tables_are_as_they_were_at_the_stored_offset() {
    let topic = Topic::default();
    write(
        &topic,
        &[
            ("CREATE TABLE a (x INT)", snapshot("1-10")),
            ("CREATE TABLE e.o (x INT)", snapshot("1-10")),
            ("ALTER TABLE a ADD y INT", streamed("1-10")),
            ("ALTER TABLE a ADD z INT", streamed("1-14")),
            ("RENAME TABLE a TO tmp, e.o TO d.a, tmp TO e.o", streamed("1-20")),
            ("DROP TABLE e.o", streamed("1-21")),
        ],
    );
    let cases = [
        ("1-9", ""),
        ("1-10", "d.a:1 e.o:1"),
        ("1-11", "d.a:2 e.o:1"),
        ("1-14", "d.a:2 e.o:1"),
        ("1-15", "d.a:3 e.o:1"),
        ("1-20", "d.a:3 e.o:1"),
        ("1-21", "d.a:1 e.o:3"),
        ("1-22", "d.a:1"),
        ("1-9:11-30", ""),
    ];
    for (stored, expected) in cases {
        assert_eq!(
            shape(&recover(&topic, &streamed(stored)).expect("a history").model),
            expected,
            "{stored}"
        );
    }
}

#[test]
fn a_second_snapshot_replaces_what_the_first_one_left() {
    let topic = Topic::default();
    write(
        &topic,
        &[
            ("CREATE TABLE a (x INT)", snapshot("1-10")),
            ("CREATE TABLE gone (x INT)", snapshot("1-10")),
        ],
    );
    write(
        &topic,
        &[
            ("DROP TABLE IF EXISTS a", snapshot("1-20")),
            ("DROP DATABASE IF EXISTS `d`", snapshot("1-20")),
            ("CREATE TABLE a (x INT, y INT)", snapshot("1-20")),
        ],
    );
    assert_eq!(
        shape(&recover(&topic, &streamed("1-20")).expect("a history").model),
        "d.a:2"
    );
}

#[test]
fn repeated_records_do_no_harm() {
    let topic = Topic::default();
    let statements = [
        ("CREATE TABLE a (x INT, y INT, z INT)", snapshot("1-10")),
        ("ALTER TABLE a DROP y", streamed("1-11")),
        ("ALTER TABLE a RENAME TO b", streamed("1-12")),
    ];
    write(&topic, &statements);
    let records = topic.records();
    topic
        .0
        .lock()
        .expect("no panic inside")
        .extend(records.into_iter().skip(1));
    let recovered = recover(&topic, &streamed("1-30")).expect("a history");
    assert_eq!(shape(&recovered.model), "d.b:2");
    assert_eq!((recovered.records, recovered.applied), (5, 5));
}

/// A record names the columns of the key, not whether they are those of the primary key or of a unique index.
#[test]
fn the_indexes_of_a_table_are_those_that_its_statements_made() {
    let topic = Topic::default();
    write(
        &topic,
        &[
            (
                "CREATE TABLE u (a INT NOT NULL, b INT NOT NULL, UNIQUE (a), UNIQUE (b))",
                snapshot("1-10"),
            ),
            ("CREATE TABLE p (a INT, PRIMARY KEY (a))", snapshot("1-10")),
            ("ALTER TABLE u ADD c INT", streamed("1-10")),
        ],
    );
    let mut model = recover(&topic, &streamed("1-30")).expect("a history").model;
    let captured = filter();
    let session = Session {
        database: "d",
        ..Session::default()
    };
    let mut key_after = |sql: &str, table: &str| {
        policy(&captured).apply(&mut model, sql, session).expect(sql);
        model.table(&TableId::new("d", table)).expect("a table").key.join(",")
    };
    assert_eq!(key_after("ALTER TABLE p MODIFY a BIGINT", "p"), "a");
    assert_eq!(key_after("ALTER TABLE u MODIFY a BIGINT", "u"), "b");
    assert_eq!(key_after("DROP INDEX b ON u", "u"), "");
}

/// A worker was suspended while its append was on its way, and its successor has streamed past it.
#[test]
fn what_a_predecessor_records_too_late_is_passed_over() {
    let topic = Topic::default();
    let create = ("CREATE TABLE a (x INT)", snapshot("1-10"));
    let first = ("ALTER TABLE a ADD c1 INT", streamed("1-10"));
    write(
        &topic,
        &[create, first.clone(), ("ALTER TABLE a ADD c2 INT", streamed("1-14"))],
    );
    let straggler = topic.records()[1].clone();
    let later = |record: Vec<u8>, ts_ms: u32| {
        let text = String::from_utf8(record).expect("JSON");
        assert!(text.contains("\"ts_ms\" : 5,"), "{text}");
        text.replace("\"ts_ms\" : 5,", &format!("\"ts_ms\" : {ts_ms},"))
            .into_bytes()
    };
    let records = topic.records();
    let mut rewritten: Vec<Vec<u8>> = (5..).zip(records).map(|(ts_ms, record)| later(record, ts_ms)).collect();
    rewritten.push(straggler);
    *topic.0.lock().expect("no panic inside") = rewritten;
    let recovered = recover(&topic, &streamed("1-20")).expect("a history");
    assert_eq!(shape(&recovered.model), "d.a:3");
    assert_eq!((recovered.records, recovered.applied), (4, 3));
}

#[test]
fn what_is_written_has_debeziums_position() {
    let topic = Topic::default();
    write(&topic, &[("CREATE TABLE a (x INT)", streamed("1-10"))]);
    let records = topic.records();
    let record: Value = serde_json::from_slice(&records[0]).expect("JSON");
    assert_eq!(record["source"], json!({"server": "p"}));
    assert_eq!(
        record["position"],
        json!({"ts_sec": 1, "file": "binlog.000001", "pos": 4, "gtids": format!("{UUID}:1-10"), "server_id": 7})
    );
}

#[test]
fn other_connectors_and_strange_records_are_passed_over() {
    let topic = Topic::default();
    write(&topic, &[("CREATE TABLE a (x INT)", snapshot("1-10"))]);
    let mut log = topic.clone();
    for foreign in [
        &b"\xff"[..],
        b"{}",
        br#"{"source":{"server":"other"},"position":{"gtids":"nonsense"},"ddl":"DROP TABLE a"}"#,
        br#"{"source":{"server":"other"},"position":{},"tableChanges":5}"#,
    ] {
        log.append(foreign).expect("an append");
    }
    let recovered = recover(&topic, &streamed("1-30")).expect("a history");
    assert_eq!((shape(&recovered.model).as_str(), recovered.records), ("d.a:1", 1));
}

#[test]
fn statements_without_changes_are_parsed_again() {
    let topic = Topic::default();
    let mut log = topic.clone();
    for ddl in [
        "CREATE TABLE a (x INT)",
        "CREATE INDEX i ON a (x)",
        "ALTER TABLE never_seen ADD x INT",
        "CREATE TABLE e.o (broken",
        "ALTER TABLE \"a\" ADD \"y\" INT",
        "",
    ] {
        let record = json!({"source": {"server": "p"}, "position": snapshot("1-10").0, "databaseName": "d", "ddl": ddl, "tableChanges": []});
        log.append(record.to_string().as_bytes()).expect("an append");
    }
    assert_eq!(
        shape(&recover(&topic, &streamed("1-10")).expect("a history").model),
        "d.a:2"
    );
}

#[test]
fn a_captured_tables_statement_that_cannot_be_understood_stops_and_is_named() {
    let topic = Topic::default();
    let record = json!({"source": {"server": "p"}, "position": snapshot("1-10").0, "databaseName": "d", "ddl": "ALTER TABLE a ADD ("});
    topic.clone().append(record.to_string().as_bytes()).expect("an append");
    let error = recover(&topic, &streamed("1-10")).expect_err("a broken statement");
    let cause = std::error::Error::source(&error)
        .map(ToString::to_string)
        .unwrap_or_default();
    assert!(error.to_string().contains("record 1 of the schema history"), "{error}");
    assert!(
        cause.contains("d.a") && cause.contains("ALTER TABLE a ADD ("),
        "{cause}"
    );
    // Behind the stored offset it does not matter.
    assert!(recover(&topic, &streamed("1-9")).is_ok());
}

/// It becomes the key when the one before it goes.
#[test]
fn an_index_that_is_no_key_yet_is_known_after_a_restart() {
    let captured = filter();
    for only_captured_tables in [false, true] {
        let policy = DdlPolicy {
            only_captured_tables,
            ..policy(&captured)
        };
        let session = Session {
            database: "d",
            ..Session::default()
        };
        let topic = Topic::default();
        let mut history = SchemaHistory::new(Box::new(topic.clone()), "p");
        let mut model = SchemaModel::new(SchemaOptions::default());
        for (sql, gtids) in [
            ("CREATE TABLE t (a INT NOT NULL UNIQUE, b INT NOT NULL)", "1-1"),
            ("CREATE UNIQUE INDEX other ON t (b)", "1-2"),
        ] {
            let changes = policy.apply(&mut model, sql, session).expect(sql);
            history.record(&changes, &streamed(gtids), 5).expect("an append");
        }
        let recovered = history.recover(&streamed("1-9"), SchemaOptions::default(), policy);
        let mut model = recovered.expect("a history").model;
        policy.apply(&mut model, "DROP INDEX a ON t", session).expect("a drop");
        let key = &model.table(&TableId::new("d", "t")).expect("the table").key;
        assert_eq!(key, &["b"], "only captured tables: {only_captured_tables}");
    }
}
