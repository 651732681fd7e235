use connector_api::data::{Field, Schema, SchemaType, Value};

use super::{JsonForm, JsonPlan, JsonWriter};
use crate::json::push_schema;
use crate::recordings::recordings;

fn json(schema: &Schema, value: &Value) -> String {
    let plan = JsonPlan::compile(schema, JsonForm::default()).unwrap();
    let mut out = Vec::new();
    JsonWriter::default().write(&plan, value, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn every_recorded_value_has_the_json_of_connects_converter() {
    let mut checked = 0;
    for recording in recordings() {
        assert_eq!(json(&recording.schema, &recording.value), recording.json);
        checked += 1;
    }
    assert!(checked > 100);
}

#[test]
fn every_recorded_schema_is_described_as_connects_converter_does() {
    for recording in recordings() {
        let mut described = b"{\"schema\":".to_vec();
        push_schema(&mut described, &recording.schema, JsonForm::default()).unwrap();
        let described = String::from_utf8(described).unwrap();
        let expected = recording.json_with_schema;
        let end = described.len().min(expected.len());
        assert_eq!(described, expected[..end]);
        assert!(expected[end..].starts_with(",\"payload\":"), "{expected}");
    }
}

#[test]
fn maps_are_objects_or_pairs_by_their_key() {
    let map = |keys, values| {
        Schema::new(SchemaType::Map(
            Schema::new(keys).shared(),
            Schema::new(values).optional().shared(),
        ))
    };
    let text = |text: &str| Value::String(text.to_owned());
    let object = Value::Map(vec![(text("a"), Value::Int32(1)), (text("b"), Value::Null)]);
    assert_eq!(
        json(&map(SchemaType::String, SchemaType::Int32), &object),
        r#"{"a":1,"b":null}"#
    );
    let pairs = Value::Map(vec![(Value::Int64(1), text("x")), (Value::Int64(2), Value::Null)]);
    assert_eq!(
        json(&map(SchemaType::Int64, SchemaType::String), &pairs),
        r#"[[1,"x"],[2,null]]"#
    );
    let nested = Schema::new(SchemaType::Array(map(SchemaType::Int64, SchemaType::String).shared()));
    let lists = Value::Array(vec![pairs.clone(), Value::Map(vec![]), pairs]);
    assert_eq!(json(&nested, &lists), r#"[[[1,"x"],[2,null]],[],[[1,"x"],[2,null]]]"#);
}

#[test]
fn long_bytes_are_one_base64_text() {
    let bytes: Vec<u8> = (0..=255).cycle().take(1000).collect();
    let text = json(&Schema::new(SchemaType::Bytes), &Value::Bytes(bytes.clone()));
    let decoded = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text.trim_matches('"'));
    assert_eq!(decoded.unwrap(), bytes);
}

#[test]
fn what_does_not_fit_is_named_and_leaves_no_bytes() {
    let inner = Schema::structure("i", vec![Field::new("n", Schema::new(SchemaType::Int64).shared())]);
    let schema = Schema::structure("r", vec![Field::new("in", inner.shared())]);
    let plan = JsonPlan::compile(&schema, JsonForm::default()).unwrap();
    let mut out = b"before".to_vec();
    let bad = Value::Struct(vec![Value::Struct(vec![Value::Null])]);
    let error = JsonWriter::default().write(&plan, &bad, &mut out).unwrap_err();
    assert_eq!(
        error.to_string(),
        "field `in.n`: null where the schema has no place for it"
    );
    assert_eq!(out, b"before");
}

#[test]
fn decimals_may_be_numbers_and_nulls_may_stay() {
    let decimal = Schema::new(SchemaType::Bytes)
        .named("org.apache.kafka.connect.data.Decimal")
        .parameter("scale", "2")
        .optional()
        .default_value(Value::Bytes(vec![100]));
    let schema = Schema::structure(
        "s",
        vec![
            Field::new("a", decimal.clone().shared()),
            Field::new("b", decimal.shared()),
        ],
    );
    let value = Value::Struct(vec![Value::Null, Value::Bytes(vec![0xff, 0x85])]);
    for (keeps_nulls, numeric_decimals, payload, default) in [
        (false, false, r#"{"a":"ZA==","b":"/4U="}"#, r#""default":"ZA==""#),
        (false, true, r#"{"a":1.00,"b":-1.23}"#, r#""default":1.00"#),
        (true, true, r#"{"a":null,"b":-1.23}"#, r#""default":1.00"#),
        (true, false, r#"{"a":null,"b":"/4U="}"#, r#""default":"ZA==""#),
    ] {
        let form = JsonForm {
            keeps_nulls,
            numeric_decimals,
        };
        let plan = JsonPlan::compile(&schema, form).unwrap();
        let mut out = Vec::new();
        JsonWriter::default().write(&plan, &value, &mut out).unwrap();
        assert_eq!(std::str::from_utf8(&out), Ok(payload));
        let mut described = Vec::new();
        push_schema(&mut described, &schema, form).unwrap();
        assert!(String::from_utf8_lossy(&described).contains(default));
    }
}
