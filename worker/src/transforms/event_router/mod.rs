//! [`EventRouter`]: rows that are inserted into an outbox table as the events that they hold
//! (`io.debezium.transforms.outbox.EventRouter`).
//!
//! One column names the topic, one is the key, one the value; others become headers, stand beside the value, or choose the
//! partition. Deletes are how the table is emptied, and are dropped with their tombstones.

mod columns;
mod envelopes;
mod expanded_json;
mod keys;
mod logged;

use std::sync::Arc;

use connector_api::Partitioning;
use connector_api::data::{Field, Schema, SchemaMap, Value, WriteValue};
use tracing::{error, warn};

use super::chain::{Next, Transform, TransformError};
use super::envelope::is_envelope;
use super::key_or_value::KeyOrValue;
use super::reading::{position, read_field, with_struct};
use super::record::{Header, Headers, Part, Record};
use super::topic_pattern::TopicPattern;
use columns::{Found, Outbox};
use envelopes::Envelopes;
use expanded_json::ExpandedJson;
pub use keys::{build, keys};
use logged::Logged;

/// The transform.
pub struct EventRouter {
    columns: Columns,
    updates: Updates,
    topics: TopicPattern,
    /// Whether an empty payload becomes a tombstone.
    tombstones: bool,
    /// What has been logged.
    logged: Logged,
    /// Whether a payload that is JSON becomes what it holds.
    expanded: Option<ExpandedJson>,
    known: SchemaMap<Outbox>,
    envelopes: Envelopes,
}

/// The time of a record that has none, as Kafka Connect takes it.
const NO_TIME: i64 = -1;

/// The columns of the outbox table.
struct Columns {
    id: String,
    key: String,
    payload: String,
    timestamp: Option<String>,
    /// The one that gives the version of the value's schema.
    version: Option<String>,
    route_by: String,
    extras: Vec<Extra>,
    may_be_missing: bool,
}

/// One more column, and where it goes.
struct Extra {
    column: String,
    placement: Placement,
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placement {
    Header,
    Envelope,
    Partition,
}

/// What an update of the table, which is no event, leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Updates {
    Warn,
    LogAsError,
    Fail,
}

impl Transform for EventRouter {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let Some((schema, envelope)) = KeyOrValue::Value.present(record) else {
            return Ok(());
        };
        if !is_envelope(schema) {
            next(record);
            return Ok(());
        }
        let columns = &self.columns;
        let outbox = self.known.find_or(schema, || Outbox::of(schema, columns))?;
        let operation = read_field(envelope, outbox.operation)?;
        match operation {
            Value::String(letter) if letter == "d" => return Ok(()),
            Value::String(letter) if letter == "u" => return self.updates.meet(record, &mut self.logged),
            _ => {}
        }
        let processed_ms = match read_field(envelope, outbox.processed)? {
            Value::Int64(milliseconds) => Some(milliseconds),
            _ => None,
        };
        let row = with_struct(envelope, outbox.after, |row| row.map(|row| outbox.read(row)))?;
        // A truncated table has no row.
        let Some(mut found) = row.transpose()? else {
            return Ok(());
        };
        let payload_schema = match &mut self.expanded {
            Some(json) => expanded(json, &self.columns.payload, &mut found.payload).unwrap_or_else(|reason| {
                if self.logged.is_first(record.topic, &reason) {
                    warn!(
                        topic = record.topic,
                        reason,
                        "the payload of an outbox event is not expanded; others are left as they are without a word"
                    );
                }
                None
            }),
            None => None,
        };
        let event = Event {
            record,
            outbox,
            found: &found,
            payload_schema: payload_schema.as_ref().unwrap_or(&outbox.payload.1),
            processed_ms,
        };
        event.send(&mut self.topics, self.tombstones, &mut self.envelopes, next)
    }
}

/// Puts what the JSON holds in the place of a text, and answers its schema; none for a null.
///
/// # Errors
/// Why it stays as it is.
fn expanded(json: &mut ExpandedJson, column: &str, payload: &mut Value) -> Result<Option<Arc<Schema>>, String> {
    let (schema, value) = match payload {
        Value::Null => return Ok(None),
        Value::String(text) => json.expand(column, text)?,
        _ => return Err("it is no text".to_owned()),
    };
    *payload = value;
    Ok(Some(schema))
}

impl Updates {
    fn meet(self, record: &Record<'_>, logged: &mut Logged) -> Result<(), TransformError> {
        const WHAT: &str =
            "an outbox table was updated, which is no event; the change is left out, and others like it without a word";
        match self {
            Updates::Fail => {
                return Err(TransformError::new(
                    "the outbox table was updated, which is no event (table.op.invalid.behavior=fatal)",
                ));
            }
            _ if !logged.is_first(record.topic, WHAT) => {}
            Updates::Warn => warn!(topic = record.topic, "{WHAT}"),
            Updates::LogAsError => error!(topic = record.topic, "{WHAT}"),
        }
        Ok(())
    }
}

/// A row of the outbox table on its way.
struct Event<'a> {
    record: &'a Record<'a>,
    outbox: &'a Outbox,
    found: &'a Found,
    payload_schema: &'a Arc<Schema>,
    processed_ms: Option<i64>,
}

impl Event<'_> {
    fn send(
        &self,
        topics: &mut TopicPattern,
        tombstones: bool,
        envelopes: &mut Envelopes,
        next: &mut Next<'_>,
    ) -> Result<(), TransformError> {
        let Event { outbox, found, .. } = self;
        let Value::String(routed) = &found.route_by else {
            return Err(TransformError::new("the column to route by is null or no text"));
        };
        if found.timestamp_ms.is_some_and(|time| time < NO_TIME) {
            return Err(TransformError::new(
                "the column that gives the time of an event (table.field.event.timestamp) has one before 1970, which no record can \
                 have; name another column, or none",
            ));
        }
        let topic = topics.rename(routed)?;
        let more = self.headers();
        let payload = part(self.payload_schema, &found.payload);
        let (whole, schema);
        let value = match (found.is_empty() && tombstones, outbox.has_envelope()) {
            (true, _) => None,
            (false, false) => Some(payload),
            (false, true) => {
                whole = found.envelope();
                schema = match found.version {
                    Some(version) => envelopes.of_version(version, || self.envelope(routed)),
                    None => envelopes.of_payload(self.payload_schema, || self.envelope(routed)),
                };
                Some(Part {
                    schema: &schema,
                    value: Some(&whole),
                })
            }
        };
        next(&Record {
            topic: topic.unwrap_or(routed),
            partitioning: match found.partition {
                Some(partition) => Partitioning::Fixed(partition),
                None => Partitioning::ByKey,
            },
            key: Some(part(&outbox.key.1, &found.key)),
            value,
            headers: Headers::With {
                rest: &self.record.headers,
                more: &more,
            },
            timestamp_ms: found.timestamp_ms.or(self.processed_ms).filter(|time| *time != NO_TIME),
        });
        Ok(())
    }

    fn headers(&self) -> Vec<Header<'_>> {
        let id = ("id", &self.outbox.id.1, &self.found.id);
        let extras = self.outbox.headers.iter().zip(&self.found.headers);
        let extras = extras.map(|((name, _, schema), value)| (name.as_str(), schema, value));
        std::iter::once(id)
            .chain(extras)
            .map(|(name, schema, value)| Header {
                name,
                value: part(schema, value),
            })
            .collect()
    }

    /// Named after the table and after the topic to which the first event with such a payload went.
    fn envelope(&self, routed: &str) -> Schema {
        let table = self.outbox.row.name.as_deref().unwrap_or_default();
        let name = match table.rsplit_once('.') {
            Some((before, last)) => format!("{before}.{routed}.{last}"),
            None => format!("{routed}.{table}"),
        };
        let extras = self.outbox.beside.iter();
        let extras = extras.map(|(name, _, schema)| Field::new(name, Arc::clone(schema)));
        let payload = Field::new("payload", Arc::clone(self.payload_schema));
        Schema::structure(name, std::iter::once(payload).chain(extras).collect())
    }
}

fn part<'a>(schema: &'a Arc<Schema>, value: &'a Value) -> Part<'a> {
    Part {
        schema,
        value: (*value != Value::Null).then_some(value as &dyn WriteValue),
    }
}

fn column(row: &Schema, name: &str) -> Result<(usize, Arc<Schema>), TransformError> {
    let index = position(row, name).ok_or_else(|| TransformError::new(format!("its table has no column `{name}`")))?;
    Ok((index, Arc::clone(&row.fields()[index].schema)))
}

#[cfg(test)]
mod tests;
