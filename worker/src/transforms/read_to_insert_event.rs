//! [`ReadToInsertEvent`]: rows of a snapshot as if they were inserted
//! (`io.debezium.connector.mysql.transforms.ReadToInsertEvent`).

use connector_api::data::Value;

use super::chain::{Next, Transform, TransformError};
use super::envelope::{WithText, is_envelope};
use super::key_or_value::KeyOrValue;
use super::reading::{position, read_field};
use super::record::{Part, Record};

/// The transform.
pub struct ReadToInsertEvent;

impl Transform for ReadToInsertEvent {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let envelope = KeyOrValue::Value
            .present(record)
            .filter(|(schema, _)| is_envelope(schema));
        let operation = envelope.and_then(|(schema, _)| position(schema, "op"));
        if let (Some((schema, value)), Some(index)) = (envelope, operation)
            && read_field(value, index)? == Value::String("r".to_owned())
        {
            let fields = schema.fields().len();
            let inserted = WithText {
                value,
                fields,
                index,
                text: "c",
            };
            let value = Some(Part {
                schema,
                value: Some(&inserted),
            });
            next(&Record { value, ..*record });
        } else {
            next(record);
        }
        Ok(())
    }
}
