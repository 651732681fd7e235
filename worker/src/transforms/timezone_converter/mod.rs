//! [`TimezoneConverter`]: times of rows in another time zone (`io.debezium.transforms.TimezoneConverter`).

mod keys;
mod replaced;
mod rules;
mod zone;

use std::collections::HashMap;

use connector_api::data::{Field, Schema, SchemaMap, SchemaType, Value, WriteValue};
use tracing::warn;

use super::chain::{Next, Transform, TransformError};
use super::envelope::is_envelope;
use super::key_or_value::KeyOrValue;
use super::reading::{position, read_field, read_field_or, with_struct};
use super::record::{Part, Record};
pub use keys::{build, keys};
use replaced::{Replaced, Replacement};
use rules::{Choice, Rules};
use zone::{TimeType, Zone};

/// The transform.
pub struct TimezoneConverter {
    zone: Zone,
    rules: Rules,
    /// What is converted, by the schemas of envelopes and by their topics.
    known: SchemaMap<HashMap<String, Vec<Time>>>,
}

/// Topics are few, but one can be made of every value of a column.
const MOST_TOPICS: usize = 1_024;

/// A time in one of an envelope's structs.
struct Time {
    outer: usize,
    inner: usize,
    name: String,
    time_type: TimeType,
    default: Option<Value>,
}

/// Types of times that no zone applies to.
const WITHOUT_ZONE: [&str; 6] = [
    "io.debezium.time.Date",
    "io.debezium.time.MicroTime",
    "io.debezium.time.NanoTime",
    "io.debezium.time.Time",
    "org.apache.kafka.connect.data.Date",
    "org.apache.kafka.connect.data.Time",
];

impl Transform for TimezoneConverter {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let envelope = KeyOrValue::Value
            .present(record)
            .filter(|(schema, _)| is_envelope(schema));
        let Some((schema, value)) = envelope else {
            next(record);
            return Ok(());
        };
        let topics = self.known.find_or(schema, || Ok::<_, TransformError>(HashMap::new()))?;
        if !topics.contains_key(record.topic) {
            let table = table(schema, value)?;
            let choice = self.rules.choose(record.topic, table.as_deref());
            if topics.len() >= MOST_TOPICS {
                topics.clear();
            }
            topics.insert(record.topic.to_owned(), times(schema, &choice, record.topic));
        }
        let times = topics.get(record.topic).map(Vec::as_slice).unwrap_or_default();
        let mut replacements = Vec::with_capacity(times.len());
        for time in times {
            let read = |row: Option<&dyn WriteValue>| match row {
                Some(row) => read_field_or(row, time.inner, time.default.as_ref()),
                None => Ok(Value::Null),
            };
            let found = with_struct(value, time.outer, read)??;
            if found != Value::Null {
                let converted = self
                    .zone
                    .convert(time.time_type, &found)
                    .map_err(|reason| time.cannot(reason))?;
                replacements.push(Replacement {
                    outer: time.outer,
                    inner: time.inner,
                    value: converted,
                });
            }
        }
        let replaced = Replaced {
            schema,
            envelope: value,
            replacements: &replacements,
        };
        let value = Some(Part {
            schema,
            value: Some(&replaced),
        });
        next(&Record { value, ..*record });
        Ok(())
    }
}

/// The table that the source block names.
fn table(schema: &Schema, value: &dyn WriteValue) -> Result<Option<String>, TransformError> {
    let Some(outer) = position(schema, "source") else {
        return Ok(None);
    };
    let Some(inner) = position(&schema.fields()[outer].schema, "table") else {
        return Ok(None);
    };
    let read = |source: Option<&dyn WriteValue>| source.map_or(Ok(Value::Null), |source| read_field(source, inner));
    Ok(match with_struct(value, outer, read)?? {
        Value::String(table) => Some(table),
        _ => None,
    })
}

impl Time {
    fn cannot(&self, reason: &str) -> TransformError {
        TransformError::new(format!("field `{}` cannot be converted: {reason}", self.name))
    }
}

/// What is converted of envelopes of this schema in this topic.
fn times(schema: &Schema, choice: &Choice<'_>, topic: &str) -> Vec<Time> {
    let mut times = Vec::new();
    for part in ["before", "after", "source"] {
        let found = position(schema, part).map(|outer| (outer, &schema.fields()[outer].schema));
        let Some((outer, inner)) = found.filter(|(_, inner)| matches!(inner.schema_type, SchemaType::Struct(_))) else {
            continue;
        };
        for (index, field) in inner.fields().iter().enumerate() {
            if !is_chosen(choice, part, &field.name) {
                continue;
            }
            warn_of(field, topic);
            let time_type = match (part, &field.schema.name) {
                ("source", None) => TimeType::of_source(&field.name),
                _ => TimeType::of(&field.schema),
            };
            let time = time_type.map(|time_type| Time {
                outer,
                inner: index,
                name: format!("{part}.{}", field.name),
                time_type,
                default: field.schema.default.clone(),
            });
            times.extend(time);
        }
    }
    times
}

fn warn_of(field: &Field, topic: &str) {
    if field
        .schema
        .name
        .as_deref()
        .is_some_and(|name| WITHOUT_ZONE.contains(&name))
    {
        warn!(
            topic,
            field = field.name,
            "a date or time of day has no time zone and is left as it is"
        );
    }
}

/// A field of both rows is named alone, one of a part with the part's name before it. The source block is looked at only if a
/// field of it is named.
fn is_chosen(choice: &Choice<'_>, part: &str, field: &str) -> bool {
    let is_named = |fields: &[String]| {
        fields.iter().any(|named| match named.split_once('.') {
            Some((prefix @ ("before" | "after" | "source"), name)) => prefix == part && name == field,
            _ => part != "source" && named == field,
        })
    };
    let names_source = |fields: &[String]| fields.iter().any(|named| named.starts_with("source."));
    match choice {
        Choice::None => false,
        Choice::All => part != "source",
        Choice::Only(fields) => is_named(fields),
        Choice::AllBut(fields) => !is_named(fields) && (part != "source" || names_source(fields)),
    }
}

#[cfg(test)]
mod tests;
