use std::sync::Arc;

use connector_api::data::{Field, Schema, SchemaMap, SchemaType, Value, ValueCollector};
use connector_api::{HeaderSet, Partitioning};

use super::HeaderToValue;
use crate::transforms::chain::Transform;
use crate::transforms::record::{Header, Headers, Part, Record};

/// What becomes of `row` behind headers `h1` and `h2`, which go to the fields `a` and `b`.
fn apply(transform: &mut HeaderToValue, schema: &Arc<Schema>, row: &[&str], headers: &[(&str, Value)]) -> Vec<Value> {
    let text = Schema::new(SchemaType::String).optional().shared();
    let headers: Vec<Header<'_>> = headers
        .iter()
        .map(|(name, value)| Header {
            name,
            value: Part {
                schema: &text,
                value: (*value != Value::Null).then_some(value),
            },
        })
        .collect();
    let row = Value::Struct(row.iter().map(|value| of(value)).collect());
    let shared = Arc::new(HeaderSet(Vec::new()));
    let record = Record {
        topic: "shop.shop.orders",
        partitioning: Partitioning::ByKey,
        key: None,
        value: Some(Part {
            schema,
            value: Some(&row),
        }),
        headers: Headers::With {
            rest: &Headers::OfSource {
                own: &[],
                shared: &shared,
            },
            more: &headers,
        },
        timestamp_ms: None,
    };
    let mut values = Vec::new();
    let mut take = |record: &Record<'_>| {
        let written = record.value.and_then(|part| part.value).map(ValueCollector::collect);
        if let Some(Ok(Value::Struct(fields))) = written {
            values = fields;
        }
    };
    transform.apply(&record, &mut take).expect("a struct");
    values
}

fn of(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// `b` was written null as soon as a record before had had its header.
#[test]
fn a_field_without_its_header_stays_as_it_is() {
    let text = Schema::new(SchemaType::String).optional().shared();
    let fields = vec![Field::new("id", Arc::clone(&text)), Field::new("b", text)];
    let schema = Schema::structure("Row", fields).shared();
    let mut transform = HeaderToValue {
        headers: vec!["h1".to_owned(), "h2".to_owned()],
        paths: vec![vec!["a".to_owned()], vec!["b".to_owned()]],
        moves: false,
        known: SchemaMap::default(),
    };
    let mut check = |headers: &[(&str, Value)], expected: [Value; 3]| {
        assert_eq!(apply(&mut transform, &schema, &["1", "own"], headers), expected);
    };
    check(&[("h1", of("x")), ("h2", of("y"))], [of("1"), of("y"), of("x")]);
    check(&[("h1", of("x"))], [of("1"), of("own"), of("x")]);
    check(&[("h2", of("y"))], [of("1"), of("y"), Value::Null]);
    // A header that is there and null is a value, too.
    check(&[("h1", of("x")), ("h2", Value::Null)], [of("1"), Value::Null, of("x")]);
}
