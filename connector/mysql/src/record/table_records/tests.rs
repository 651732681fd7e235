use connector_api::data::{SchemaType, ValueCollector};

use super::*;
use crate::config::{
    ColumnConverters, ColumnFilter, ColumnMappings, CustomKeys, NameAdjustment, NameFilter, RecordOptions, RegexList,
    TopicNaming,
};
use crate::event_time::EventTime;
use crate::record::headers::context_headers;
use crate::record::recorded::json;
use crate::record::topic::TopicNames;
use crate::record::{SnapshotMarker, SourceInfo};
use crate::row::Misfits;
use crate::schema::Column;
use crate::table_id::TableId;

fn column(name: &str, type_name: &str, optional: bool) -> Column {
    Column {
        name: name.to_owned(),
        type_name: type_name.to_owned(),
        length: None,
        scale: None,
        charset: (type_name == "VARCHAR").then(|| "utf8mb4".to_owned()),
        optional,
        auto_incremented: false,
        generated: false,
        default: None,
        enum_values: Vec::new(),
        comment: None,
    }
}

/// `CREATE TABLE shop.orders (b INT, v VARCHAR(20), a INT, PRIMARY KEY (a, b))`
fn orders() -> TableSchema {
    TableSchema {
        id: TableId::new("shop", "orders"),
        columns: vec![
            column("b", "INT", false),
            column("v", "VARCHAR", true),
            column("a", "INT", false),
        ],
        key: vec!["a".to_owned(), "b".to_owned()],
        default_charset: None,
        comment: None,
    }
}

fn context() -> RecordContext {
    RecordContext {
        topics: TopicNames::new("p", ".", TopicNaming::DatabaseAndTable),
        options: RecordOptions::default(),
        columns: ColumnFilter::default(),
        custom_keys: CustomKeys::default(),
        converters: ColumnConverters::default(),
        mappings: ColumnMappings::default(),
        shared_headers: context_headers("p", 0),
    }
}

fn row(b: i32, v: &str, a: i32) -> Value {
    Value::Struct(vec![Value::Int32(b), Value::String(v.to_owned()), Value::Int32(a)])
}

fn streamed() -> SourceInfo<'static> {
    SourceInfo {
        name: "p",
        committed_at: EventTime::from_micros(1_000_000),
        snapshot: SnapshotMarker::Streamed,
        database: "shop",
        table: Some("orders"),
        server_id: 1,
        gtid: None,
        file: "binlog.000001",
        position: 4,
        row: 0,
        thread: None,
        query: None,
    }
}

/// A change's records, one line each: key, op with before and after, own headers.
fn records(table: &TableRecords, images: RowImages<'_>) -> Vec<String> {
    let source = streamed();
    let change = Change {
        images,
        source: &source,
        transaction: None,
        handled_at: EventTime::from_micros(2_000_000),
    };
    let lines = table.with_records(&change, &mut KeyScratch::default(), |records| {
        assert!(records.iter().all(|record| record.topic == "p.shop.orders"));
        assert!(records.iter().all(|record| record.committed_at_ms == Some(1_000)));
        records.iter().map(line).collect()
    });
    lines.unwrap().unwrap_or_default()
}

fn line(record: &SourceRecord<'_>) -> String {
    let key = record
        .key
        .map(|part| shown(&ValueCollector::collect(part.value).unwrap()));
    let value = match record.value {
        None => "tombstone".to_owned(),
        Some(part) => match ValueCollector::collect(part.value).unwrap() {
            Value::Struct(fields) => format!("{} {} -> {}", shown(&fields[4]), shown(&fields[0]), shown(&fields[1])),
            other => panic!("{other:?}"),
        },
    };
    let headers: Vec<String> = record
        .headers
        .iter()
        .map(|header| {
            let key = ValueCollector::collect(header.value.value).unwrap();
            format!(" {}={}", header.name, shown(&key))
        })
        .collect();
    format!("{} {value}{}", key.as_deref().unwrap_or("keyless"), headers.concat())
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Int32(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Struct(fields) => format!("{{{}}}", fields.iter().map(shown).collect::<Vec<_>>().join(",")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_kind_of_change_gives_its_records_in_order() {
    let table = TableRecords::of(&orders(), &context()).unwrap();
    let (old, new, moved) = (row(1, "x", 2), row(1, "y", 2), row(9, "y", 2));
    assert_eq!(records(&table, RowImages::Read(&old)), ["{2,1} r null -> {1,x,2}"]);
    assert_eq!(records(&table, RowImages::Insert(&old)), ["{2,1} c null -> {1,x,2}"]);
    assert_eq!(
        records(
            &table,
            RowImages::Update {
                before: &old,
                after: &new
            }
        ),
        ["{2,1} u {1,x,2} -> {1,y,2}"]
    );
    assert_eq!(
        records(&table, RowImages::Delete(&old)),
        ["{2,1} d {1,x,2} -> null", "{2,1} tombstone"]
    );
    assert_eq!(
        records(
            &table,
            RowImages::Update {
                before: &old,
                after: &moved
            }
        ),
        [
            r#"{2,1} d {1,x,2} -> null __debezium.newkey={2,9}"#,
            r#"{2,1} tombstone __debezium.newkey={2,9}"#,
            r#"{2,9} c null -> {9,y,2} __debezium.oldkey={2,1}"#,
        ]
    );
}

#[test]
fn without_tombstones_a_key_change_is_a_pair() {
    let mut context = context();
    context.options.tombstones_on_delete = false;
    let table = TableRecords::of(&orders(), &context).unwrap();
    let (old, moved) = (row(1, "x", 2), row(1, "x", 3));
    assert_eq!(records(&table, RowImages::Delete(&old)).len(), 1);
    let lines = records(
        &table,
        RowImages::Update {
            before: &old,
            after: &moved,
        },
    );
    assert_eq!(
        lines.iter().map(|line| line.contains("tombstone")).collect::<Vec<_>>(),
        [false, false]
    );
}

/// Seen: Debezium sends a tombstone with nothing in it after a delete without a key.
#[test]
fn a_keyless_delete_is_followed_by_an_empty_tombstone() {
    let table = TableRecords::of(
        &TableSchema {
            key: Vec::new(),
            ..orders()
        },
        &context(),
    )
    .unwrap();
    let (old, new) = (row(1, "x", 2), row(9, "x", 2));
    assert!(table.key_columns().is_empty());
    assert_eq!(
        records(&table, RowImages::Delete(&old)),
        ["keyless d {1,x,2} -> null", "keyless tombstone"]
    );
    assert_eq!(
        records(
            &table,
            RowImages::Update {
                before: &old,
                after: &new
            }
        ),
        ["keyless u {1,x,2} -> {9,x,2}"]
    );
}

#[test]
fn skipped_operations_give_no_records() {
    let mut context = context();
    context.options.skipped = SkippedOperations {
        creates: true,
        updates: true,
        deletes: true,
        truncates: true,
    };
    let table = TableRecords::of(&orders(), &context).unwrap();
    let (old, moved) = (row(1, "x", 2), row(9, "x", 2));
    for images in [
        RowImages::Insert(&old),
        RowImages::Update {
            before: &old,
            after: &moved,
        },
        RowImages::Delete(&old),
    ] {
        assert!(records(&table, images).is_empty());
    }
    assert_eq!(records(&table, RowImages::Read(&old)).len(), 1);
}

#[test]
fn schemas_have_the_names_and_the_order_of_debeziums() {
    let table = TableRecords::of(&orders(), &context()).unwrap();
    let names = |schema: &Schema| {
        schema
            .fields()
            .iter()
            .map(|field| field.name.clone())
            .collect::<Vec<_>>()
    };
    let envelope = &table.envelope;
    assert_eq!(
        (envelope.name.as_deref(), envelope.version),
        (Some("p.shop.orders.Envelope"), Some(2))
    );
    assert_eq!(
        names(envelope),
        [
            "before",
            "after",
            "source",
            "transaction",
            "op",
            "ts_ms",
            "ts_us",
            "ts_ns"
        ]
    );
    let before = &envelope.fields()[0].schema;
    assert!(Arc::ptr_eq(before, &envelope.fields()[1].schema));
    assert_eq!(
        (before.name.as_deref(), before.version),
        (Some("p.shop.orders.Value"), None)
    );
    assert!(before.optional);
    assert_eq!(names(before), ["b", "v", "a"]);
    let transaction = &envelope.fields()[3].schema;
    assert_eq!(
        (transaction.name.as_deref(), transaction.optional),
        (Some("event.block"), true)
    );
    assert_eq!(names(transaction), ["id", "total_order", "data_collection_order"]);
    let key = table.key.as_ref().unwrap();
    assert_eq!(
        (key.schema.name.as_deref(), key.schema.version),
        (Some("p.shop.orders.Key"), None)
    );
    assert_eq!(names(&key.schema), ["a", "b"]);
    assert_eq!(table.key_columns(), [2, 0]);
}

#[test]
fn a_value_without_room_may_be_left_out_where_a_row_can_be_without_it() {
    let with_default = Column {
        default: Some(Some("01:00:00".to_owned())),
        ..column("d", "TIME", false)
    };
    let table = TableSchema {
        columns: vec![
            column("k", "TIME", false),
            column("n", "TIME", true),
            with_default,
            column("r", "TIME", false),
        ],
        key: vec!["k".to_owned()],
        ..orders()
    };
    let misfits = |context: &RecordContext| -> Vec<Misfits> {
        let shaped = TableRecords::of(&table, context).unwrap();
        shaped.forms().iter().flatten().map(|form| form.misfits).collect()
    };
    use Misfits::{Lost, Refused};
    assert_eq!(misfits(&context()), [Refused, Lost, Lost, Refused]);
    let mut failing = context();
    failing.options.refuses_misfits = true;
    assert_eq!(misfits(&failing), [Refused; 4]);
}

#[test]
fn an_update_that_changes_nothing_published_may_be_skipped() {
    let skipping = RecordContext {
        options: RecordOptions {
            skips_unchanged: true,
            ..RecordOptions::default()
        },
        columns: ColumnFilter {
            columns: NameFilter::Exclude(RegexList::parse(r"shop\.orders\.v").unwrap()),
        },
        ..context()
    };
    let table = TableRecords::of(&orders(), &skipping).unwrap();
    let (old, hidden, seen) = (row(1, "x", 2), row(1, "y", 2), row(9, "x", 2));
    let update = |after| RowImages::Update { before: &old, after };
    assert_eq!(records(&table, update(&hidden)), [""; 0]);
    assert_eq!(records(&table, update(&seen)).len(), 3);
    let all = TableRecords::of(&orders(), &context()).unwrap();
    assert_eq!(records(&all, update(&old)).len(), 1);
}

#[test]
fn a_truncation_has_a_record_without_key_and_rows_unless_it_is_skipped() {
    let mut options = RecordOptions::default();
    for (truncates, expected) in [(true, None), (false, Some("keyless t null -> null"))] {
        options.skipped.truncates = truncates;
        let context = RecordContext {
            options: options.clone(),
            ..context()
        };
        let table = TableRecords::of(&orders(), &context).unwrap();
        let source = streamed();
        let sent = table.with_truncation(&source, EventTime::from_micros(2_000_000), |records| line(&records[0]));
        assert_eq!(sent.as_deref(), expected);
    }
}

#[test]
fn a_column_that_is_not_published_is_neither_written_nor_understood() {
    let mut table = orders();
    table.columns[1] = column("v", "GEOMETRY", true);
    table.columns.push(column("w", "INT", true));
    assert!(matches!(
        TableRecords::of(&table, &context()),
        Err(RecordError::Unsupported { .. })
    ));
    let mut context = context();
    let list = RegexList::parse(r"shop\.orders\.(v|a)").unwrap();
    context.columns = ColumnFilter {
        columns: NameFilter::Exclude(list),
    };
    let shaped = TableRecords::of(&table, &context).unwrap();
    let needed: Vec<bool> = shaped.forms().iter().map(Option::is_some).collect();
    assert_eq!(needed, [true, false, true, true]);
    let row = Value::Struct(vec![Value::Int32(1), Value::Null, Value::Int32(2), Value::Int32(3)]);
    // `a` is left out of the row but stays in the key.
    assert_eq!(records(&shaped, RowImages::Insert(&row)), ["{2,1} c null -> {1,3}"]);
}

#[test]
fn the_user_can_choose_a_key() {
    let mut context = context();
    context.custom_keys = CustomKeys::parse(r"(.*)\.orders:v,B").unwrap();
    let shaped = TableRecords::of(&orders(), &context).unwrap();
    // In the order of the configuration, not of the table.
    assert_eq!(shaped.key_columns(), [1, 0]);
    let key = &shaped.key.as_ref().unwrap().schema;
    assert_eq!(key.fields()[0].schema.schema_type, SchemaType::String);
    assert!(key.fields()[0].schema.optional);
}

#[test]
fn names_are_adjusted_and_never_collide() {
    let mut table = TableSchema {
        id: TableId::new("my-db", "orders"),
        ..orders()
    };
    table.columns[1].name = "a-b".to_owned();
    let mut context = context();
    context.options.schema_names = NameAdjustment::Avro;
    context.options.field_names = NameAdjustment::Avro;
    let shaped = TableRecords::of(&table, &context).unwrap();
    assert_eq!(shaped.topic, "p.my-db.orders");
    assert_eq!(shaped.envelope.name.as_deref(), Some("p.my_db.orders.Envelope"));
    assert_eq!(shaped.envelope.fields()[0].schema.fields()[1].name, "a_b");
    table.columns.push(column("a.b", "INT", true));
    let error = TableRecords::of(&table, &context).unwrap_err().to_string();
    assert!(error.contains("`a-b` and `a.b` both become the field `a_b`"), "{error}");
}

#[test]
fn every_record_carries_the_context_headers() {
    let headers = context_headers("shop", 3);
    let text = |index: usize| {
        let (name, value) = &headers.0[index];
        format!("{name}={value}")
    };
    assert_eq!(text(0), "__debezium.context.connectorLogicalName=shop");
    assert_eq!(text(1), "__debezium.context.taskId=3");
    assert_eq!(text(2), "__debezium.context.connectorName=mysql");
    let (name, run) = text(3)
        .split_once('=')
        .map(|(name, run)| (name.to_owned(), run.to_owned()))
        .unwrap();
    assert_eq!(name, "__debezium.context.runId");
    assert_eq!(uuid::Uuid::parse_str(&run).unwrap().get_version_num(), 7);
    // Seen: 164 bytes with a prefix of two characters.
    let bytes = |set: &HeaderSet| {
        set.0
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum::<usize>()
    };
    assert_eq!(bytes(&context_headers("rc", 0)), 164);
}

#[test]
fn a_default_that_is_not_understood_stops_the_table() {
    let mut table = orders();
    table.columns[0].default = Some(Some("later".to_owned()));
    let error = TableRecords::of(&table, &context()).unwrap_err().to_string();
    assert!(
        error.contains("table shop.orders: the DEFAULT of column `b` is not understood as INT"),
        "{error}"
    );
}

/// `CREATE TABLE rec1.a (id BIGINT PRIMARY KEY, name VARCHAR(20), price DECIMAL(8,2))`, recorded from Debezium 3.6.3.
const RECORDED_UPDATE: &str = r#"{"before": {"id": 3, "name": "three", "price": "012c"}, "after": {"id": 3, "name": "three", "price": "03e7"}, "source": {"version": "3.6.3.Final", "connector": "mysql", "name": "rc1", "ts_ms": 1795368443811, "snapshot": "false", "db": "rec1", "sequence": null, "ts_us": 1795368443811676, "ts_ns": 1795368443811676000, "table": "a", "server_id": 22000, "gtid": "ca9f915b-e695-11f1-ada1-02fc00000001:1101080", "file": "binlog.000002", "pos": 57720287, "row": 0, "thread": 400, "query": null}, "transaction": null, "op": "u", "ts_ms": 1795368443884, "ts_us": 1795368443884612, "ts_ns": 1795368443884612487}"#;

#[test]
fn an_update_is_the_record_that_debezium_wrote() {
    let mut price = column("price", "DECIMAL", true);
    (price.length, price.scale) = (Some(8), Some(2));
    let table = TableSchema {
        id: TableId::new("rec1", "a"),
        columns: vec![column("id", "BIGINT", false), column("name", "VARCHAR", true), price],
        key: vec!["id".to_owned()],
        default_charset: None,
        comment: None,
    };
    let shaped = TableRecords::of(&table, &context()).unwrap();
    let row = |price: &[u8]| {
        Value::Struct(vec![
            Value::Int64(3),
            Value::String("three".to_owned()),
            Value::Bytes(price.to_vec()),
        ])
    };
    let source = SourceInfo {
        name: "rc1",
        committed_at: EventTime::from_micros(1_795_368_443_811_676),
        snapshot: SnapshotMarker::Streamed,
        database: "rec1",
        table: Some("a"),
        server_id: 22_000,
        gtid: Some("ca9f915b-e695-11f1-ada1-02fc00000001:1101080"),
        file: "binlog.000002",
        position: 57_720_287,
        row: 0,
        thread: Some(400),
        query: None,
    };
    let (before, after) = (row(&[0x01, 0x2c]), row(&[0x03, 0xe7]));
    let change = Change {
        images: RowImages::Update {
            before: &before,
            after: &after,
        },
        source: &source,
        transaction: None,
        handled_at: EventTime::from_nanos(1_795_368_443_884_612_487),
    };
    shaped
        .with_records(&change, &mut KeyScratch::default(), |records| {
            let value = records[0].value.unwrap();
            let found = json(&ValueCollector::collect(value.value).unwrap(), value.schema);
            let recorded: serde_json::Value = serde_json::from_str(RECORDED_UPDATE).unwrap();
            assert_eq!(found.to_string(), recorded.to_string());
        })
        .unwrap();
}
