use connector_api::data::{Field, Schema, SchemaType, Value};
use serde_json::Value as Json;

use super::{Metadata, SchemaStyle, schema_text};
use crate::avro::{Names, SchemaError, parse};
use crate::recordings::{connect_schema_of_avro, recordings};

/// A text that Debezium registered comes back byte by byte.
fn check_round(avro: &str) {
    let avro: Json = serde_json::from_str(avro).unwrap();
    let schema = connect_schema_of_avro(&avro);
    assert_eq!(schema_text(&schema, SchemaStyle::default()).unwrap(), avro.to_string());
}

#[test]
fn the_envelope_and_the_key_have_the_text_that_debezium_registers() {
    check_round(include_str!("../../../tests/goldens/envelope.avsc"));
    check_round(include_str!("../../../tests/goldens/key.avsc"));
}

#[test]
fn every_column_type_has_the_text_that_debezium_registers() {
    let rows = include_str!("../../../tests/goldens/column_schemas.tsv");
    let mut checked = 0;
    for row in rows.lines().filter(|row| !row.starts_with("##")) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [name, connect_type, semantic_name, default, avro] = columns[..] else {
            panic!("five columns: {row}")
        };
        let avro: Json = serde_json::from_str(avro).unwrap();
        let schema = connect_schema_of_avro(&avro);
        let own_type = format!("{:?}", schema.schema_type).to_uppercase();
        assert!(own_type.starts_with(connect_type), "{name}: {own_type}");
        assert_eq!(schema.name.as_deref().unwrap_or("null"), semantic_name, "{name}");
        assert_eq!(schema.default.is_some(), default != "-" && default != "null", "{name}");
        assert_eq!(
            schema_text(&schema, SchemaStyle::default()).unwrap(),
            avro.to_string(),
            "{name}"
        );
        checked += 1;
    }
    assert_eq!(checked, 84);
}

#[test]
fn heartbeats_transactions_schema_changes_and_notifications_have_their_recorded_text() {
    let text = include_str!("../../../tests/goldens/misc_schemas.txt");
    let mut checked = 0;
    for part in text.split("\n").fold(Vec::<String>::new(), |mut parts, line| {
        let starts = line
            .split_once(' ')
            .is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase()));
        match parts.last_mut() {
            Some(part) if !starts => part.push_str(line),
            _ => parts.push(line.to_owned()),
        }
        parts
    }) {
        let (_, avro) = part.split_once(' ').unwrap();
        check_round(avro);
        checked += 1;
    }
    assert_eq!(checked, 8);
}

#[test]
fn any_schema_has_the_text_of_confluents_converter() {
    for recording in recordings() {
        let text = schema_text(&recording.schema, SchemaStyle::default());
        match recording.avro_schema.strip_prefix("error ") {
            None => assert_eq!(text.unwrap(), recording.avro_schema),
            Some(reason) => assert!(text.is_err(), "Debezium refuses: {reason}"),
        }
    }
}

#[test]
fn every_recorded_text_is_a_schema_to_another_parser() {
    for recording in recordings()
        .iter()
        .filter(|recording| !recording.avro_schema.starts_with("error"))
    {
        parse(recording.avro_schema).unwrap_or_else(|error| panic!("{error}: {}", recording.avro_schema));
    }
}

fn row(fields: Vec<Field>) -> Schema {
    Schema::structure("p.db.t.Value", fields)
}

fn check_refused(schema: &Schema, expected: &str) {
    assert_eq!(
        schema_text(schema, SchemaStyle::default()).unwrap_err().to_string(),
        expected
    );
}

#[test]
fn a_name_that_is_none_is_refused_by_name() {
    let text = Schema::new(SchemaType::String).shared();
    let error = schema_text(&row(vec![Field::new("a-b", text.clone())]), SchemaStyle::default()).unwrap_err();
    assert!(
        matches!(&error, SchemaError::InvalidName(name) if name.name == "a-b"),
        "{error}"
    );
    let error = schema_text(
        &Schema::structure("my-p.db.t.Value", vec![Field::new("a", text)]),
        SchemaStyle::default(),
    )
    .unwrap_err();
    assert!(
        matches!(&error, SchemaError::InvalidName(name) if name.name == "my-p"),
        "{error}"
    );
}

#[test]
fn a_record_defined_twice_in_different_ways_is_refused_with_the_place() {
    let point =
        |coordinate| Schema::structure("geo.Point", vec![Field::new("x", Schema::new(coordinate).shared())]).shared();
    check_refused(
        &row(vec![
            Field::new("a", point(SchemaType::Float32)),
            Field::new("b", point(SchemaType::Float64)),
        ]),
        "field `b`: the record `geo.Point` is already defined differently in the same schema; give the two records \
         different names, or drop what makes them differ, such as column.propagate.source.type",
    );
}

#[test]
fn what_cannot_be_printed_is_refused_with_the_place() {
    let wrong = Schema::new(SchemaType::Int32)
        .default_value(Value::String("1".into()))
        .shared();
    check_refused(
        &row(vec![Field::new("a", wrong)]),
        "field `a`: the default does not fit its schema: it is of another type",
    );
    let twice = Schema::new(SchemaType::Int32).shared();
    check_refused(
        &row(vec![Field::new("a", twice.clone()), Field::new("a", twice)]),
        "the record `p.db.t.Value` has two fields called `a`; rename one of the columns",
    );
    let steering = Schema::new(SchemaType::String)
        .parameter("io.confluent.connect.avro.Enum", "x")
        .shared();
    check_refused(
        &row(vec![Field::new("a", steering)]),
        "field `a`: the schema parameter `io.confluent.connect.avro.Enum` is not supported",
    );
}

#[test]
fn what_only_connect_reads_can_be_left_out() {
    let decimal = Schema::new(SchemaType::Bytes)
        .named("org.apache.kafka.connect.data.Decimal")
        .parameter("scale", "2")
        .optional();
    let fields = vec![
        Field::new(
            "a",
            Schema::new(SchemaType::Int16)
                .optional()
                .default_value(Value::Int32(3))
                .shared(),
        ),
        Field::new(
            "b",
            Schema::new(SchemaType::Int64)
                .named("io.debezium.time.Timestamp")
                .version(1)
                .shared(),
        ),
        Field::new("c", decimal.shared()),
    ];
    let schema = Schema::structure("p.r", fields).doc("d").version(1);
    let expected = concat!(
        r#"{"type":"record","name":"r","namespace":"p","fields":["#,
        r#"{"name":"a","type":["int","null"],"default":3},{"name":"b","type":"long"},"#,
        r#"{"name":"c","type":["null",{"type":"bytes","scale":2,"precision":64,"logicalType":"decimal"}],"default":null}]}"#,
    );
    let style = SchemaStyle {
        metadata: Metadata::Dropped,
        ..SchemaStyle::default()
    };
    assert_eq!(schema_text(&schema, style).unwrap(), expected);
}

#[test]
fn documentation_of_a_field_can_stand_where_avro_has_a_place_for_it() {
    let style = SchemaStyle {
        field_docs: true,
        ..SchemaStyle::default()
    };
    let documented = Schema::new(SchemaType::Int64).optional().doc("a \"key\"").shared();
    let schema = Schema::structure("p.r", vec![Field::new("a", documented)]);
    assert_eq!(
        schema_text(&schema, style).unwrap(),
        concat!(
            r#"{"type":"record","name":"r","namespace":"p","fields":[{"name":"a","type":["null",{"type":"long","#,
            r#""connect.doc":"a \"key\""}],"doc":"a \"key\"","default":null}],"connect.name":"p.r"}"#
        )
    );
}

#[test]
fn names_that_avro_refuses_can_be_written_as_others() {
    let style = SchemaStyle {
        names: Names::Scrubbed,
        ..SchemaStyle::default()
    };
    let text = Schema::new(SchemaType::String).shared();
    let schema = Schema::structure("my-p.1t.Value", vec![Field::new("a b", text.clone())]);
    assert_eq!(
        schema_text(&schema, style).unwrap(),
        concat!(
            r#"{"type":"record","name":"Value","namespace":"my_p.x1t","fields":[{"name":"a_b","type":"string"}],"#,
            r#""connect.name":"my-p.1t.Value"}"#
        )
    );
    let twice = Schema::structure("r", vec![Field::new("a b", text.clone()), Field::new("a_b", text)]);
    assert!(schema_text(&twice, style).is_err());
}
