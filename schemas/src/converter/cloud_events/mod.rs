//! [`CloudEventsConverter`]: Debezium's CloudEvents converter (`io.debezium.converters.CloudEventsConverter`).
//!
//! A change becomes a CloudEvent in structured content mode (CloudEvents 1.0,
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md>): its rows are the `data`, what its envelope says else are
//! attributes. Event and data are serialised by the converters that there are anyway, each for itself: data of JSON is put into the
//! document, data of Avro is bytes with an id of its own. In an event of Avro their subject is that of the topic `TOPIC-data`.
//!
//! Records that are no changes (heartbeats, schema changes, transactions, and rows that a transform has unwrapped) have no
//! CloudEvent: they are written as nulls, as Debezium does, and the log says so once for a topic.

mod event;
mod settings;

use std::borrow::Cow;
use std::sync::Arc;

use connector_api::RecordPart;
use connector_api::config::ConfigProblem;
use connector_api::data::{NameAdjustment, Schema, Value, WriteError};
use tokio::runtime::Handle;
use tracing::warn;

use super::avro::AvroConverter;
use super::json::JsonConverter;
use super::prepared::PreparedSchemas;
use super::{Converted, Converter, ConverterError};
use crate::registry::Role;
use event::{DataOf, EventForm};
pub(super) use settings::{CARRIED_OUT, CloudEventsSettings, ONLY, has_avro_data, inside};

/// How the data are in the event.
#[derive(Clone, PartialEq, Eq)]
enum DataForm {
    /// As part of the document.
    Json,
    /// As bytes, whose schema is at this registry.
    Avro { registry: String },
}

/// How the event is serialised.
#[derive(Clone, Copy, PartialEq, Eq)]
enum EventEncoding {
    Json,
    Avro,
}

/// Changes as CloudEvents.
pub struct CloudEventsConverter {
    event: Box<dyn Converter>,
    data: Box<dyn Converter>,
    encoding: EventEncoding,
    form: DataForm,
    attributes: Attributes,
    /// `None` of what is no change.
    prepared: PreparedSchemas<Option<EventForm>>,
    /// Data on their way into an event.
    bytes: Vec<u8>,
}

/// What an event says beside its data.
#[derive(Debug, Clone)]
struct Attributes {
    extensions: bool,
    /// `schema.cloudevents.name`
    schema_name: Option<String>,
    adjustment: NameAdjustment,
}

/// What the event's converter writes for data that are not known yet: a struct without fields, last in the document.
const EMPTY_DATA: &[u8] = b"{}}";
/// The magic byte and the schema's id before Avro data.
const ID: std::ops::Range<usize> = 1..5;

impl CloudEventsConverter {
    pub(super) fn new(settings: CloudEventsSettings, runtime: &Handle) -> Result<Self, Vec<ConfigProblem>> {
        let json = |settings| Box::new(JsonConverter::new(settings));
        let avro = |settings| AvroConverter::new(settings, Role::Value, runtime.clone()).map(Box::new);
        let (event, data): (Box<dyn Converter>, Box<dyn Converter>) = match (&settings.avro, settings.encoding) {
            (None, _) => (json(&settings.event_json), json(&settings.data_json)),
            (Some(data), EventEncoding::Json) => (json(&settings.event_json), avro(data)?),
            (Some(both), EventEncoding::Avro) => (avro(both)?, avro(both)?),
        };
        Ok(CloudEventsConverter {
            event,
            data,
            encoding: settings.encoding,
            form: settings.form,
            attributes: settings.attributes,
            prepared: PreparedSchemas::default(),
            bytes: Vec::new(),
        })
    }
}

/// An event of Avro has the topic's subject for itself.
fn data_topic(topic: &str, encoding: EventEncoding) -> Cow<'_, str> {
    match encoding {
        EventEncoding::Json => topic.into(),
        EventEncoding::Avro => format!("{topic}-data").into(),
    }
}

impl Converter for CloudEventsConverter {
    fn prepare(
        &mut self,
        topic: &str,
        part: &RecordPart<'_>,
        stopping: &dyn Fn() -> bool,
    ) -> Result<(), ConverterError> {
        if self.prepared.find(topic, part.schema).is_some() {
            return Ok(());
        }
        let form = EventForm::of(part, &self.form, &self.attributes);
        let form = form.map_err(|reason| does_not_fit(topic, reason))?;
        match &form {
            Some(form) => {
                let data = RecordPart {
                    schema: &form.data_schema,
                    value: &Value::Null,
                };
                self.data.prepare(&data_topic(topic, self.encoding), &data, stopping)?;
                let event = RecordPart {
                    schema: &form.schema,
                    value: &Value::Null,
                };
                self.event.prepare(topic, &event, stopping)?;
            }
            None => warn!(
                topic,
                schema = part.schema.name.as_deref().unwrap_or("none"),
                "only changes are CloudEvents: the values of these records are written as nulls"
            ),
        }
        self.prepared.insert(topic, part.schema, form);
        Ok(())
    }

    fn convert(&mut self, topic: &str, part: &RecordPart<'_>, out: &mut Vec<u8>) -> Result<Converted, ConverterError> {
        let Some(form) = self.prepared.find(topic, part.schema) else {
            return Err(ConverterError::Unprepared {
                topic: topic.to_owned(),
            });
        };
        let Some(form) = form else { return Ok(Converted::Null) };
        let mark = out.len();
        let data = RecordPart {
            schema: &form.data_schema,
            value: &DataOf {
                envelope: part.value,
                form,
            },
        };
        self.bytes.clear();
        self.data
            .convert(&data_topic(topic, self.encoding), &data, &mut self.bytes)?;
        let (schema_uri, embedded) = match &self.form {
            DataForm::Json => (None, Value::Struct(Vec::new())),
            DataForm::Avro { registry } => {
                let id = self.bytes.get(ID).and_then(|id| id.try_into().ok());
                let id = u32::from_be_bytes(id.unwrap_or_default());
                let uri = format!("{registry}/schemas/ids/{id}");
                (Some(uri), Value::Bytes(std::mem::take(&mut self.bytes)))
            }
        };
        let value = form.event(part.value, schema_uri, embedded);
        let event = RecordPart {
            schema: &form.schema,
            value: &value.map_err(|reason| does_not_fit(topic, reason))?,
        };
        self.event.convert(topic, &event, out)?;
        if self.form == DataForm::Json {
            if !out.ends_with(EMPTY_DATA) {
                out.truncate(mark);
                let reason = WriteError::new("the event does not end with its data");
                return Err(does_not_fit(topic, reason));
            }
            out.truncate(out.len() - EMPTY_DATA.len());
            out.extend_from_slice(&self.bytes);
            out.push(b'}');
        }
        Ok(Converted::Bytes)
    }
}

fn does_not_fit(topic: &str, reason: WriteError) -> ConverterError {
    ConverterError::Value {
        topic: topic.to_owned(),
        reason,
    }
}

/// Whether a schema is that of a change.
fn is_envelope(schema: &Arc<Schema>) -> bool {
    schema.name.as_deref().is_some_and(|name| name.ends_with(".Envelope"))
}

#[cfg(test)]
mod tests;
