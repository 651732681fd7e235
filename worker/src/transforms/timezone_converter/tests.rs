use std::sync::Arc;

use connector_api::data::{Field, Schema, SchemaMap, SchemaType, Value};
use connector_api::{HeaderSet, Partitioning};

use super::{MOST_TOPICS, Rules, TimezoneConverter, Zone};
use crate::transforms::chain::Transform;
use crate::transforms::record::{Headers, Part, Record};

/// One was kept for each topic that a router before had made.
#[test]
fn topics_are_bounded() {
    let mut converter = TimezoneConverter {
        zone: Zone::parse("UTC").expect("a zone"),
        rules: Rules {
            is_exclusion: false,
            rules: Vec::new(),
        },
        known: SchemaMap::default(),
    };
    let row = Schema::structure("Value", Vec::new()).optional().shared();
    let fields = vec![
        Field::new("before", Arc::clone(&row)),
        Field::new("after", row),
        Field::new("op", Schema::new(SchemaType::String).shared()),
    ];
    let schema = Schema::structure("shop.Envelope", fields).shared();
    let value = Value::Struct(vec![Value::Null, Value::Null, Value::String("c".to_owned())]);
    let shared = Arc::new(HeaderSet(Vec::new()));
    for number in 0..2 * MOST_TOPICS {
        let topic = number.to_string();
        let record = Record {
            topic: &topic,
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
        converter.apply(&record, &mut |_| {}).expect("an envelope");
    }
    assert!(
        converter
            .known
            .find(&schema)
            .is_some_and(|topics| topics.len() <= MOST_TOPICS)
    );
}
