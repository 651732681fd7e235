use std::sync::Arc;

use connector_api::config::{ConfigDef, ConfigMap};
use connector_api::data::{Field, Schema, SchemaType, Value};
use connector_api::{HeaderSet, Partitioning};

use super::{build, keys};
use crate::transforms::record::{Headers, Part, Record};

fn field(name: &str, schema_type: SchemaType) -> Field {
    Field::new(name, Schema::new(schema_type).optional().shared())
}

/// The time of the event that a row with this one in its column `at` becomes.
fn time_of(at: Value) -> Result<Option<i64>, String> {
    let options: ConfigMap = [("table.field.event.timestamp".to_owned(), "at".to_owned())].into();
    let options = ConfigDef::new(keys())
        .parse(&options)
        .expect("values of the right types");
    let mut router = build(&options).unwrap_or_else(|problems| panic!("{problems:?}"));
    let text = ["id", "aggregatetype", "aggregateid", "payload"];
    let mut fields: Vec<Field> = text.iter().map(|name| field(name, SchemaType::String)).collect();
    let time = Schema::new(SchemaType::Int64)
        .optional()
        .named("io.debezium.time.Timestamp");
    fields.push(Field::new("at", time.shared()));
    let row = Schema::structure("outbox.Value", fields).optional().shared();
    let fields = vec![
        Field::new("before", Arc::clone(&row)),
        Field::new("after", row),
        field("op", SchemaType::String),
        field("ts_ms", SchemaType::Int64),
    ];
    let schema = Schema::structure("outbox.Envelope", fields).shared();
    let text = |text: &str| Value::String(text.to_owned());
    let row = Value::Struct(vec![text("1"), text("a"), text("k"), text("{}"), at]);
    let value = Value::Struct(vec![Value::Null, row, text("c"), Value::Int64(5)]);
    let shared = Arc::new(HeaderSet(Vec::new()));
    let record = Record {
        topic: "shop.shop.outbox",
        partitioning: Partitioning::ByKey,
        key: None,
        value: Some(Part {
            schema: &schema,
            value: Some(&value),
        }),
        headers: Headers::OfSource {
            own: &[],
            shared: &shared,
        },
        timestamp_ms: None,
    };
    let mut time = None;
    router
        .apply(&record, &mut |event| time = Some(event.timestamp_ms))
        .map_err(|error| error.to_string())?;
    time.ok_or_else(|| "dropped".to_owned())
}

/// It was handed to Kafka's client, which takes it for none or refuses the record.
#[test]
fn an_event_before_1970_is_an_error_of_its_record() {
    assert_eq!(time_of(Value::Int64(1_709_210_096_789)), Ok(Some(1_709_210_096_789)));
    assert_eq!(time_of(Value::Null), Ok(Some(5)));
    assert_eq!(time_of(Value::Int64(-1)), Ok(None));
    let error = time_of(Value::Int64(-2)).expect_err("before 1970");
    assert!(error.contains("before 1970") && !error.contains("-2"), "{error}");
}
