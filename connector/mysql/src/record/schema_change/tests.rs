use super::*;
use crate::config::TopicNaming;
use crate::record::SnapshotMarker;
use crate::record::headers::context_headers;
use crate::record::recorded::json;
use crate::record::topic::TopicNames;

fn column(name: &str, type_name: &str, length: Option<i32>, scale: Option<i32>) -> Column {
    Column {
        name: name.to_owned(),
        type_name: type_name.to_owned(),
        length,
        scale,
        charset: (type_name == "VARCHAR").then(|| "utf8mb4".to_owned()),
        optional: name != "id",
        auto_incremented: false,
        generated: false,
        default: (name == "extra").then(|| Some("7".to_owned())),
        enum_values: Vec::new(),
        comment: None,
    }
}

fn records() -> SchemaChangeRecords {
    SchemaChangeRecords::new(&RecordContext {
        topics: TopicNames::new("rc1", ".", TopicNaming::DatabaseAndTable),
        options: crate::config::RecordOptions::default(),
        columns: crate::config::ColumnFilter::default(),
        custom_keys: crate::config::CustomKeys::default(),
        converters: crate::config::ColumnConverters::default(),
        mappings: crate::config::ColumnMappings::default(),
        shared_headers: context_headers("rc1", 0),
    })
}

/// Decoded from the record that Debezium 3.6.3 wrote for this statement.
const RECORDED: &str = r#"{"source": {"version": "3.6.3.Final", "connector": "mysql", "name": "rc1", "ts_ms": 1795368444316, "snapshot": "false", "db": "rec1", "sequence": null, "ts_us": 1795368444316000, "ts_ns": 1795368444316000000, "table": "a", "server_id": 22000, "gtid": "ca9f915b-e695-11f1-ada1-02fc00000001:1101084", "file": "binlog.000002", "pos": 57721605, "row": 0, "thread": null, "query": null}, "ts_ms": 1795368444501, "databaseName": "rec1", "schemaName": null, "ddl": "ALTER TABLE rec1.a ADD COLUMN extra INT DEFAULT 7", "tableChanges": [{"type": "ALTER", "id": "\"rec1\".\"a\"", "table": {"defaultCharsetName": "utf8mb4", "primaryKeyColumnNames": ["id"], "columns": [{"name": "id", "jdbcType": -5, "nativeType": null, "typeName": "BIGINT", "typeExpression": "BIGINT", "charsetName": null, "length": null, "scale": null, "position": 1, "optional": false, "autoIncremented": false, "generated": false, "comment": null, "defaultValueExpression": null, "enumValues": null}, {"name": "name", "jdbcType": 12, "nativeType": null, "typeName": "VARCHAR", "typeExpression": "VARCHAR", "charsetName": "utf8mb4", "length": 20, "scale": null, "position": 2, "optional": true, "autoIncremented": false, "generated": false, "comment": null, "defaultValueExpression": null, "enumValues": null}, {"name": "price", "jdbcType": 3, "nativeType": null, "typeName": "DECIMAL", "typeExpression": "DECIMAL", "charsetName": null, "length": 8, "scale": 2, "position": 3, "optional": true, "autoIncremented": false, "generated": false, "comment": null, "defaultValueExpression": null, "enumValues": null}, {"name": "extra", "jdbcType": 4, "nativeType": null, "typeName": "INT", "typeExpression": "INT", "charsetName": null, "length": null, "scale": null, "position": 4, "optional": true, "autoIncremented": false, "generated": false, "comment": null, "defaultValueExpression": "7", "enumValues": null}], "comment": null}}]}"#;

#[test]
fn a_statement_becomes_the_record_that_debezium_wrote() {
    let table = TableSchema {
        id: TableId::new("rec1", "a"),
        columns: vec![
            column("id", "BIGINT", None, None),
            column("name", "VARCHAR", Some(20), None),
            column("price", "DECIMAL", Some(8), Some(2)),
            column("extra", "INT", None, None),
        ],
        key: vec!["id".to_owned()],
        default_charset: Some("utf8mb4".to_owned()),
        comment: None,
    };
    let source = SourceInfo {
        name: "rc1",
        committed_at: EventTime::from_micros(1_795_368_444_316_000),
        snapshot: SnapshotMarker::Streamed,
        database: "rec1",
        table: Some("a"),
        server_id: 22_000,
        gtid: Some("ca9f915b-e695-11f1-ada1-02fc00000001:1101084"),
        file: "binlog.000002",
        position: 57_721_605,
        row: 0,
        thread: None,
        query: None,
    };
    let change = SchemaChange {
        source: &source,
        handled_at: EventTime::from_micros(1_795_368_444_501_000),
        database: "rec1",
        ddl: "ALTER TABLE rec1.a ADD COLUMN extra INT DEFAULT 7",
        tables: &[TableChange::Alter(&table)],
    };
    records()
        .with_record(&change, |sent| {
            let [record] = sent else { panic!("one record") };
            assert_eq!((record.topic, record.partitioning), ("rc1", Partitioning::Fixed(0)));
            assert_eq!(record.shared_headers.0.len(), 4);
            let (key, value) = (record.key.unwrap(), record.value.unwrap());
            let key_json = json(&ValueCollector::collect(key.value).unwrap(), key.schema);
            assert_eq!(key_json.to_string(), r#"{"databaseName":"rec1"}"#);
            let found = json(&ValueCollector::collect(value.value).unwrap(), value.schema);
            let recorded: serde_json::Value = serde_json::from_str(RECORDED).unwrap();
            assert_eq!(found.to_string(), recorded.to_string());
        })
        .unwrap();
}

#[test]
fn a_dropped_table_is_named_and_nothing_else() {
    let id = TableId::new("rec1", "a");
    let change = table_change(&TableChange::Drop(&id));
    assert_eq!(
        change,
        Value::Struct(vec![text("DROP"), text("\"rec1\".\"a\""), Value::Null])
    );
}
