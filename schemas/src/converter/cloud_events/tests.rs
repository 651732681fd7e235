use std::collections::BTreeMap;
use std::sync::Arc;

use connector_api::RecordPart;
use connector_api::data::{Field, Schema, SchemaType, Value};
use tokio::runtime::Runtime;

use crate::converter::{Converted, Converter, ConverterError, Role, create, validate, warnings};

const CLASS: &str = "io.debezium.converters.CloudEventsConverter";

fn settings(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    let given = given.iter();
    given
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn field(name: &str, schema: Schema) -> Field {
    Field::new(name, schema.shared())
}

fn envelope() -> Arc<Schema> {
    let text = || Schema::new(SchemaType::String);
    let number = || Schema::new(SchemaType::Int64);
    let row = || Schema::structure("p.d.t.Value", vec![field("id", number())]).optional();
    let source = ["connector", "name", "db", "file"].map(|name| field(name, text()));
    let numbers = ["ts_ms", "pos"].map(|name| field(name, number()));
    let snapshot = text().optional().default_value(Value::String("false".to_owned()));
    let source: Vec<Field> = source
        .into_iter()
        .chain(numbers)
        .chain([field("snapshot", snapshot)])
        .collect();
    let fields = vec![
        field("before", row()),
        field("after", row()),
        field("source", Schema::structure("s", source)),
        field("op", text()),
    ];
    Schema::structure("p.d.t.Envelope", fields).shared()
}

fn change(ts_ms: i64) -> Value {
    let text = |text: &str| Value::String(text.to_owned());
    let mut source: Vec<Value> = ["mysql", "p", "d", "f.1"].map(text).into();
    source.extend([Value::Int64(ts_ms), Value::Int64(7), Value::Null]);
    Value::Struct(vec![
        Value::Null,
        Value::Struct(vec![Value::Int64(5)]),
        Value::Struct(source),
        text("c"),
    ])
}

struct Converting {
    runtime: Runtime,
}

impl Converting {
    fn converter(&self, given: &[(&str, &str)]) -> Box<dyn Converter> {
        create(CLASS, Role::Value, &settings(given), self.runtime.handle().clone())
            .unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    fn converted(&self, given: &[(&str, &str)], schema: &Arc<Schema>, value: &Value) -> Result<String, ConverterError> {
        let mut converter = self.converter(given);
        let part = RecordPart { schema, value };
        let mut bytes = b"before ".to_vec();
        let unprepared = converter.convert("t", &part, &mut bytes);
        assert!(matches!(unprepared, Err(ConverterError::Unprepared { .. })));
        converter.prepare("t", &part, &|| false)?;
        let converted = converter.convert("t", &part, &mut bytes)?;
        let text = String::from_utf8(bytes).expect("text");
        Ok(match converted {
            Converted::Bytes => text.strip_prefix("before ").expect("what was there").to_owned(),
            Converted::Null => "null".to_owned(),
        })
    }
}

fn converting() -> Converting {
    Converting {
        runtime: Runtime::new().expect("a runtime"),
    }
}

#[test]
fn a_change_is_an_event_with_its_rows_as_data() {
    let plain = [("json.schemas.enable", "false")];
    let event = converting()
        .converted(&plain, &envelope(), &change(1_500))
        .expect("an event");
    let expected = concat!(
        r#"{"id":"name:p;file:f.1;pos:7","source":"/debezium/mysql/p","specversion":"1.0","#,
        r#""type":"io.debezium.connector.mysql.DataChangeEvent","time":"1970-01-01T00:00:01.500Z","#,
        r#""datacontenttype":"application/json","iodebeziumop":"c","iodebeziumconnector":"mysql","iodebeziumname":"p","#,
        r#""iodebeziumdb":"d","iodebeziumfile":"f.1","iodebeziumtsms":"1500","iodebeziumpos":"7","iodebeziumsnapshot":"false","#,
        r#""iodebeziumtxid":null,"iodebeziumtxtotalorder":null,"iodebeziumtxdatacollectionorder":null,"#,
        r#""data":{"before":null,"after":{"id":5}}}"#
    );
    assert_eq!(event, expected);
    let bare = [
        ("json.schemas.enable", "false"),
        ("extension.attributes.enable", "false"),
    ];
    let event = converting()
        .converted(&bare, &envelope(), &change(1_500))
        .expect("an event");
    assert!(
        event.ends_with(r#""application/json","data":{"before":null,"after":{"id":5}}}"#),
        "{event}"
    );
}

#[test]
fn what_is_no_change_becomes_a_null() {
    let row = Schema::structure("p.d.t.Value", vec![field("id", Schema::new(SchemaType::Int64))]).shared();
    let value = Value::Struct(vec![Value::Int64(5)]);
    assert_eq!(converting().converted(&[], &row, &value).expect("nothing"), "null");
}

#[test]
fn a_change_without_a_time_is_an_error_and_leaves_nothing_behind() {
    let converting = converting();
    let mut converter = converting.converter(&[]);
    let schema = envelope();
    let value = change(i64::MAX);
    let part = RecordPart {
        schema: &schema,
        value: &value,
    };
    converter.prepare("t", &part, &|| false).expect("prepared");
    let mut bytes = b"before".to_vec();
    let error = converter.convert("t", &part, &mut bytes).expect_err("no time");
    assert!(error.to_string().contains("the change's source has no time"), "{error}");
    assert_eq!(bytes, b"before");
}

#[test]
fn settings_that_cannot_be_carried_out_are_refused_by_name() {
    let refused = |role: Role, given: &[(&str, &str)], key: &str| {
        let problems = validate(CLASS, role, &settings(given));
        assert!(
            problems.iter().any(|problem| problem.key == key),
            "{problems:?} is not about {key}"
        );
    };
    refused(Role::Key, &[], "key.converter");
    refused(Role::Value, &[("metadata.source", "header")], "metadata.source");
    refused(Role::Value, &[("serializer.type", "avro")], "data.serializer.type");
    refused(
        Role::Value,
        &[("data.serializer.type", "avro")],
        "avro.schema.registry.url",
    );
    refused(
        Role::Value,
        &[("json.schemas.enable", "perhaps")],
        "json.schemas.enable",
    );
    let url = ("avro.schema.registry.url", "http://localhost:1");
    let auth = ("avro.basic.auth.credentials.source", "NOBODY");
    refused(
        Role::Value,
        &[("data.serializer.type", "avro"), url, auth],
        "avro.basic.auth.credentials.source",
    );
    assert_eq!(validate(CLASS, Role::Value, &settings(&[url])), []);
    let told = warnings(
        CLASS,
        &settings(&[("seralizer.type", "json"), ("json.schemas.enabel", "false"), url]),
    );
    let unknown = "is not a known key of this converter";
    let expected = [
        format!("seralizer.type {unknown}"),
        format!("json.schemas.enabel {unknown}"),
        "avro.schema.registry.url has no effect here".to_owned(),
    ];
    assert_eq!(told, expected);
}
