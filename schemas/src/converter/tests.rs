use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;

use connector_api::RecordPart;
use connector_api::data::{Field, Schema, SchemaType, Value};
use tokio::runtime::Runtime;

use super::{Class, ConverterError, Role, create, validate, warnings};
use crate::recordings::recordings;
use crate::registry::scripted_server::ScriptedServer;

fn settings(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    given
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

fn part(schema: &Arc<Schema>) -> RecordPart<'_> {
    RecordPart {
        schema,
        value: &Value::Null,
    }
}

fn row() -> Arc<Schema> {
    Schema::structure("r", vec![Field::new("id", Schema::new(SchemaType::Int32).shared())]).shared()
}

#[test]
fn json_records_are_those_of_connects_converter_with_and_without_schemas() {
    let runtime = runtime();
    for (enable, alias) in [
        ("true", "json"),
        ("false", "org.apache.kafka.connect.json.JsonConverter"),
    ] {
        let settings = settings(&[("schemas.enable", enable)]);
        let mut converter = create(alias, Role::Value, &settings, runtime.handle().clone())
            .ok()
            .unwrap();
        for recording in recordings() {
            let schema = Arc::new(recording.schema.clone());
            converter.prepare("t", &part(&schema), &|| false).unwrap();
            let mut out = b"before".to_vec();
            converter
                .convert(
                    "t",
                    &RecordPart {
                        schema: &schema,
                        value: &recording.value,
                    },
                    &mut out,
                )
                .unwrap();
            let expected = if enable == "true" {
                recording.json_with_schema
            } else {
                recording.json
            };
            assert_eq!(std::str::from_utf8(&out).unwrap(), format!("before{expected}"));
        }
    }
}

#[test]
fn avro_records_are_the_schemas_id_and_the_datum_and_an_id_is_asked_for_once() {
    let runtime = runtime();
    let server = ScriptedServer::start(vec![(200, r#"{"id":258}"#), (200, r#"{"id":259}"#)]);
    let settings = settings(&[("schema.registry.url", &server.url)]);
    let mut converter = create("AvroConverter", Role::Key, &settings, runtime.handle().clone())
        .ok()
        .unwrap();
    let (schema, value) = (row(), Value::Struct(vec![Value::Int32(-1)]));
    for _ in 0..3 {
        converter.prepare("t", &part(&schema), &|| false).unwrap();
    }
    let mut out = b"before".to_vec();
    converter
        .convert(
            "t",
            &RecordPart {
                schema: &schema,
                value: &value,
            },
            &mut out,
        )
        .unwrap();
    assert_eq!(out, b"before\x00\x00\x00\x01\x02\x01");

    let bad = Value::Struct(vec![Value::Null]);
    let error = converter
        .convert(
            "t",
            &RecordPart {
                schema: &schema,
                value: &bad,
            },
            &mut out,
        )
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "a record for topic `t` does not fit its schema: field `id`: null where the schema has no place for it"
    );
    assert_eq!(out.len(), 12, "nothing is left of the bad record");

    let unprepared = converter.convert(
        "u",
        &RecordPart {
            schema: &schema,
            value: &value,
        },
        &mut out,
    );
    assert!(
        matches!(unprepared, Err(ConverterError::Unprepared { topic }) if topic == "u"),
        "another topic is another subject"
    );
    converter.prepare("u", &part(&schema), &|| false).unwrap();
    let lines: Vec<String> = server.asked.iter().map(|asked| asked.line).collect();
    assert_eq!(
        lines,
        [
            "POST /subjects/t-key/versions HTTP/1.1",
            "POST /subjects/u-key/versions HTTP/1.1"
        ]
    );
}

#[test]
fn a_value_is_not_converted_before_its_schema_is_prepared() {
    let runtime = runtime();
    let settings = settings(&[("schema.registry.url", "http://127.0.0.1:1")]);
    for class in ["avro", "json"] {
        let mut converter = create(class, Role::Key, &settings, runtime.handle().clone())
            .ok()
            .unwrap();
        let schema = row();
        let value = Value::Struct(vec![Value::Int32(1)]);
        let mut out = Vec::new();
        let error = converter
            .convert(
                "t",
                &RecordPart {
                    schema: &schema,
                    value: &value,
                },
                &mut out,
            )
            .unwrap_err();
        assert!(matches!(error, ConverterError::Unprepared { .. }), "{error}");
        assert!(out.is_empty());
    }
}

#[test]
fn a_name_that_avro_refuses_ends_before_a_registry_is_asked() {
    let runtime = runtime();
    // Nobody listens, so a question would wait for ever.
    let down = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = settings(&[("schema.registry.url", &format!("http://{down}"))]);
    let mut converter = create("avro", Role::Value, &settings, runtime.handle().clone())
        .ok()
        .unwrap();
    let schema = Schema::structure("my-p.db.t.Value", vec![]).shared();
    let error = converter
        .prepare("my-p.db.t", &part(&schema), &|| false)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("no avro schema for topic `my-p.db.t`: the namespace part `my-p`"),
        "{error}"
    );

    let error = converter.prepare("p.db.t", &part(&row()), &|| true).unwrap_err();
    assert!(error.is_stopped(), "{error}");
}

#[test]
fn every_problem_is_reported_with_its_key() {
    let problems = validate(
        "io.confluent.connect.avro.AvroConverter",
        Role::Value,
        &settings(&[
            ("context.name.strategy", "com.example.MyContext"),
            ("value.subject.name.strategy", "com.example.MyNameStrategy"),
            ("auto.register.schemas", "yes"),
        ]),
    );
    let keys: Vec<&str> = problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "context.name.strategy",
            "value.subject.name.strategy",
            "schema.registry.url",
            "auto.register.schemas"
        ]
    );
    assert!(
        problems[0]
            .to_string()
            .contains("is `com.example.MyContext`, which is not supported; only `io.confluent")
    );

    let problems = validate(
        "io.confluent.connect.protobuf.ProtobufConverter",
        Role::Key,
        &BTreeMap::new(),
    );
    assert_eq!(problems[0].key, "key.converter");

    let missing = [
        ("schema.registry.url", "https://r"),
        ("schema.registry.ssl.truststore.location", "/none.pem"),
    ];
    let problems = validate("avro", Role::Value, &settings(&missing));
    assert_eq!(problems[0].key, "schema.registry.ssl.truststore.location");
    assert!(validate("json", Role::Value, &settings(&[("decimal.format", "PLAIN")]))[0].key == "decimal.format");
}

#[test]
fn keys_that_do_nothing_are_warned_about() {
    let given = settings(&[
        ("schema.registry.url", "http://r"),
        ("use.latest.version", "false"),
        ("request.header.x", "y"),
        ("max.schemas.per.subject", "10"),
        ("auto.regster.schemas", "true"),
    ]);
    assert_eq!(
        warnings("AvroConverter", &given),
        [
            "auto.regster.schemas is not a known key of this converter",
            "max.schemas.per.subject has no effect here"
        ]
    );
    let latest = settings(&[("schema.registry.url", "http://r"), ("use.latest.version", "true")]);
    assert_eq!(
        warnings("avro", &latest),
        ["use.latest.version has no effect without auto.register.schemas=false"]
    );
    assert!(
        warnings(
            "json",
            &settings(&[("schemas.enable", "false"), ("converter.type", "key")])
        )
        .is_empty()
    );
}

#[test]
fn aliases_stand_for_the_full_class_names() {
    for (alias, name) in [
        ("avro", "io.confluent.connect.avro.AvroConverter"),
        ("JsonConverter", "org.apache.kafka.connect.json.JsonConverter"),
        ("StringConverter", "org.apache.kafka.connect.storage.StringConverter"),
        ("CloudEvents", "io.debezium.converters.CloudEventsConverter"),
    ] {
        let class = Class::parse(alias);
        assert!(class.is_some() && class == Class::parse(name), "{alias}");
    }
    assert!(Class::parse("ProtobufConverter").is_none());
}

/// The bytes of a value, or why there are none.
fn converted(class: &str, schema: Schema, value: &Value) -> Result<Vec<u8>, String> {
    let runtime = runtime();
    let created = create(class, Role::Key, &BTreeMap::new(), runtime.handle().clone());
    let mut converter = created.map_err(|problems| problems[0].to_string())?;
    let schema = schema.shared();
    converter
        .prepare("t", &part(&schema), &|| false)
        .map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    let part = RecordPart { schema: &schema, value };
    converter
        .convert("t", &part, &mut out)
        .map_err(|error| error.to_string())?;
    Ok(out)
}

#[test]
fn a_converter_of_one_type_writes_it_and_refuses_others() {
    let plain = Schema::new;
    for (class, schema, value, expected) in [
        (
            "StringConverter",
            plain(SchemaType::Int32),
            Value::Int32(-5),
            &b"-5"[..],
        ),
        (
            "StringConverter",
            (*row()).clone(),
            Value::Struct(vec![Value::Int32(1)]),
            b"Struct{id=1}",
        ),
        (
            "ByteArrayConverter",
            plain(SchemaType::Bytes),
            Value::Bytes(vec![0, 255]),
            &[0, 255],
        ),
        (
            "BooleanConverter",
            plain(SchemaType::Boolean),
            Value::Boolean(true),
            &[1],
        ),
        (
            "ShortConverter",
            plain(SchemaType::Int16),
            Value::Int32(-2),
            &[0xff, 0xfe],
        ),
        (
            "IntegerConverter",
            plain(SchemaType::Int32),
            Value::Int32(258),
            &[0, 0, 1, 2],
        ),
        ("LongConverter", plain(SchemaType::Int64), Value::Int64(-1), &[0xff; 8]),
        (
            "FloatConverter",
            plain(SchemaType::Float32),
            Value::Float32(1.0),
            &[0x3f, 0x80, 0, 0],
        ),
        (
            "DoubleConverter",
            plain(SchemaType::Float64),
            Value::Float64(1.0),
            &[0x3f, 0xf0, 0, 0, 0, 0, 0, 0],
        ),
    ] {
        assert_eq!(converted(class, schema, &value).as_deref(), Ok(expected), "{class}");
    }
    let date = plain(SchemaType::Int32).named("org.apache.kafka.connect.data.Date");
    let optional = plain(SchemaType::Int32).optional();
    for (class, schema, value, reason) in [
        (
            "LongConverter",
            plain(SchemaType::Int32),
            Value::Int32(1),
            "writes INT64 only, and this is INT32",
        ),
        (
            "IntegerConverter",
            date.clone(),
            Value::Int32(1),
            "INT32 (org.apache.kafka.connect.data.Date)",
        ),
        (
            "ByteArrayConverter",
            (*row()).clone(),
            Value::Struct(vec![Value::Int32(1)]),
            "this is STRUCT (r)",
        ),
        ("StringConverter", date, Value::Int32(1), "a java.util.Date"),
        ("IntegerConverter", optional, Value::Null, "null has no bytes"),
    ] {
        let error = converted(class, schema, &value).expect_err(reason);
        assert!(error.contains(reason) && error.contains("topic `t`"), "{error}");
    }
}

#[test]
fn a_subject_may_be_named_by_the_record() {
    let runtime = runtime();
    let server = ScriptedServer::start(vec![(200, r#"{"id":1}"#)]);
    let settings = settings(&[
        ("schema.registry.url", &server.url),
        (
            "value.subject.name.strategy",
            "io.confluent.kafka.serializers.subject.TopicRecordNameStrategy",
        ),
    ]);
    let mut converter = create("avro", Role::Value, &settings, runtime.handle().clone())
        .ok()
        .unwrap();
    converter.prepare("t", &part(&row()), &|| false).unwrap();
    let line = server.asked.iter().next().map(|asked| asked.line);
    assert_eq!(line.as_deref(), Some("POST /subjects/t-r/versions HTTP/1.1"));
    let error = converter
        .prepare("t", &part(&Schema::new(SchemaType::String).shared()), &|| false)
        .unwrap_err();
    assert!(error.to_string().contains("use TopicNameStrategy"), "{error}");
}
