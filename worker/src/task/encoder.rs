//! [`Encoder`]: the bytes of records that have come through the transforms, in buffers that are used again for the next change.
//!
//! Encoding never waits. What is not known yet, a topic or what a converter makes of a schema, is learnt apart.

use std::ops::Range;
use std::sync::Arc;

use connector_api::{HeaderSet, Partitioning};
use schemas::converter::{Converted, Converter, ConverterError};

use super::bad_record::{ErrorPolicy, Fault, Stage};
use super::destination::{Destination, DestinationId, Destinations};
use super::failure::TaskFailure;
use super::header_converter::HeaderConverter;
use super::lifecycle::TaskStatus;
use super::patience::{Patience, Surroundings};
use crate::kafka::{WireHeaders, batch_bytes};
use crate::transforms::record::{Headers, Part, Record};

/// The converters of a task.
pub struct Converters {
    pub key: Box<dyn Converter>,
    pub value: Box<dyn Converter>,
    pub headers: HeaderConverter,
}

/// Whether everything that a change needs is known: its topics, and what the converters make of its schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Yes,
    No,
}

/// A record as it goes to Kafka.
pub(super) struct SerialisedRecord<'a> {
    pub(super) topic: &'a str,
    /// How many its topic has.
    pub(super) partitions: i32,
    pub(super) partitioning: Partitioning,
    pub(super) key: Option<&'a [u8]>,
    pub(super) value: Option<&'a [u8]>,
    pub(super) headers: Option<&'a WireHeaders>,
    pub(super) timestamp_ms: Option<i64>,
}

/// Said while a schema is asked for.
const REGISTRY_IS_AWAY: &str =
    "waiting for the schema registry, which does not answer; nothing is lost meanwhile, and no transaction is open";
/// A buffer larger than this is given back after the change that needed it.
const KEPT_BUFFER_BYTES: usize = 1 << 20;

/// Writes records that have come through the transforms.
pub(super) struct Encoder {
    destinations: Destinations,
    converters: Converters,
    /// `max.request.size`: the largest record.
    max_record_bytes: usize,
    bytes: Vec<u8>,
    records: Vec<Places>,
    /// The client's form of shared headers, kept from record to record.
    shared_headers: Option<(Arc<HeaderSet>, WireHeaders)>,
}

/// Where a record's parts are.
struct Places {
    destination: DestinationId,
    partitioning: Partitioning,
    key: Option<Range<usize>>,
    value: Option<Range<usize>>,
    headers: HeaderPlace,
    timestamp_ms: Option<i64>,
}

/// Where a record's headers are.
enum HeaderPlace {
    None,
    Shared,
    Own(WireHeaders),
}

impl Encoder {
    /// One that knows nothing yet. `max_record_bytes` is `max.request.size`.
    pub(super) fn new(destinations: Destinations, converters: Converters, max_record_bytes: usize) -> Self {
        Encoder {
            destinations,
            converters,
            max_record_bytes,
            bytes: Vec::new(),
            records: Vec::new(),
            shared_headers: None,
        }
    }

    /// Another change begins.
    pub(super) fn clear(&mut self) {
        if self.bytes.capacity() > KEPT_BUFFER_BYTES {
            self.bytes = Vec::new();
        }
        self.bytes.clear();
        self.records.clear();
    }

    /// How many bytes were written.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// What was written, in order.
    pub(super) fn records(&self) -> impl ExactSizeIterator<Item = SerialisedRecord<'_>> {
        let bytes = |range: &Option<Range<usize>>| self.bytes.get(range.clone()?);
        self.records.iter().map(move |places| {
            let (topic, destination) = self.destinations.topic(places.destination);
            SerialisedRecord {
                topic,
                partitions: destination.partitions,
                partitioning: places.partitioning,
                key: bytes(&places.key),
                value: bytes(&places.value),
                headers: match &places.headers {
                    HeaderPlace::None => None,
                    HeaderPlace::Shared => self.shared_headers.as_ref().map(|(_, headers)| headers),
                    HeaderPlace::Own(headers) => Some(headers),
                },
                timestamp_ms: places.timestamp_ms,
            }
        })
    }

    /// Writes the record's bytes, unless the topic or a schema is not known yet.
    pub(super) fn encode(&mut self, record: &Record<'_>) -> Result<Known, Fault> {
        let known = self.destinations.known(record.topic);
        let Some((id, _)) = known.filter(|(_, known)| !known.needs_key || !is_null(record.key)) else {
            return Ok(Known::No);
        };
        let headers = self.headers(record)?;
        let Encoder { converters, bytes, .. } = self;
        let mut convert = |stage: Stage, converter: &mut dyn Converter, part: Option<Part<'_>>| {
            let Some(part) = part.filter(|part| part.value.is_some() || converter.writes_nulls()) else {
                return Ok(Some(None));
            };
            let start = bytes.len();
            match converter.convert(record.topic, &part.to_convert(), bytes) {
                Ok(Converted::Bytes) => Ok(Some(Some(start..bytes.len()))),
                Ok(Converted::Null) => Ok(Some(None)),
                Err(ConverterError::Unprepared { .. }) => Ok(None),
                Err(error) => Err(Fault::new(stage, error)),
            }
        };
        let key = convert(Stage::KeyConverter, &mut *converters.key, record.key)?;
        let value = convert(Stage::ValueConverter, &mut *converters.value, record.value)?;
        let Some((key, value)) = key.zip(value) else {
            return Ok(Known::No);
        };
        let headers = self.with_converters_own(headers, record, [key.is_some(), value.is_some()]);
        let length = |range: &Option<Range<usize>>| range.as_ref().map(Range::len);
        self.check_size(record.topic, length(&key), length(&value), &headers)
            .map_err(|reason| Fault::new(Stage::KafkaProduce, reason))?;
        self.records.push(Places {
            destination: id,
            partitioning: record.partitioning,
            key,
            value,
            headers,
            timestamp_ms: record.timestamp_ms,
        });
        Ok(Known::Yes)
    }

    fn headers(&mut self, record: &Record<'_>) -> Result<HeaderPlace, Fault> {
        let Headers::OfSource { own: [], shared } = record.headers else {
            return self.wire_headers(record).map(HeaderPlace::Own);
        };
        if shared.0.is_empty() {
            return Ok(HeaderPlace::None);
        }
        let is_kept = self
            .shared_headers
            .as_ref()
            .is_some_and(|(set, _)| Arc::ptr_eq(set, shared));
        if !is_kept {
            let headers = self.wire_headers(record)?;
            // Records of one change that share different headers cannot both be kept.
            if !self.records.is_empty() {
                return Ok(HeaderPlace::Own(headers));
            }
            self.shared_headers = Some((Arc::clone(shared), headers));
        }
        Ok(HeaderPlace::Shared)
    }

    fn wire_headers(&mut self, record: &Record<'_>) -> Result<WireHeaders, Fault> {
        let converter = &mut self.converters.headers;
        let (mut headers, mut result) = (WireHeaders::default(), Ok(()));
        record
            .headers
            .for_each(&mut |header| match converter.convert(record.topic, header.value) {
                Ok(value) => headers.push(header.name, value.as_deref()),
                Err(error) => {
                    let reason = TaskFailure::operator(format!("header `{}`: {error}", header.name));
                    result = Err(Fault::new(Stage::HeaderConverter, reason));
                }
            });
        result.map(|()| headers)
    }

    /// Behind the record's headers come those that its converters have for it, of the key first.
    fn with_converters_own(&self, headers: HeaderPlace, record: &Record<'_>, has_bytes: [bool; 2]) -> HeaderPlace {
        let Converters { key, value, .. } = &self.converters;
        let parts = [(key, record.key), (value, record.value)].into_iter().zip(has_bytes);
        let own = parts.flat_map(|((converter, part), has_bytes)| match part {
            Some(part) if has_bytes => converter.headers(record.topic, part.schema),
            _ => &[],
        });
        let mut more = own.peekable();
        if more.peek().is_none() {
            return headers;
        }
        let mut own = match (headers, &self.shared_headers) {
            (HeaderPlace::Own(own), _) => own,
            (HeaderPlace::Shared, Some((_, shared))) => shared.clone(),
            _ => WireHeaders::default(),
        };
        more.for_each(|(name, value)| own.push(name, Some(value)));
        HeaderPlace::Own(own)
    }

    /// The client, which counts in the same way, would refuse the record only when a transaction is open.
    fn check_size(
        &self,
        topic: &str,
        key: Option<usize>,
        value: Option<usize>,
        headers: &HeaderPlace,
    ) -> Result<(), TaskFailure> {
        let headers = match headers {
            HeaderPlace::None => WireHeaders::NONE.bytes(),
            HeaderPlace::Shared => self.shared_headers.as_ref().map_or(0, |(_, headers)| headers.bytes()),
            HeaderPlace::Own(headers) => headers.bytes(),
        };
        let size = batch_bytes(key, value, headers);
        let limit = self.max_record_bytes;
        let key = key.unwrap_or_default();
        if size <= limit {
            return Ok(());
        }
        Err(TaskFailure::operator(format!(
            "a record for topic {topic} has {size} bytes, more than the {limit} that are allowed (key {key} bytes): raise \
             producer.override.max.request.size in the connector, max.message.bytes of the topic and message.max.bytes \
             of the broker, or skip such records with errors.tolerance=all"
        )))
    }

    /// Asks for the topic and for what the converters make of the schemas. Blocks for as long as the registry is away.
    pub(super) fn learn(
        &mut self,
        record: &Record<'_>,
        surroundings: &Surroundings,
        errors: &ErrorPolicy,
    ) -> Result<(), Fault> {
        let of_kafka = |reason: TaskFailure| Fault {
            is_the_records: false,
            ..Fault::new(Stage::KafkaProduce, reason)
        };
        let destination = match self.destinations.known(record.topic) {
            Some((_, destination)) => destination,
            None => self.learn_topic(record.topic, surroundings).map_err(of_kafka)?,
        };
        if destination.needs_key && is_null(record.key) {
            return Err(of_kafka(no_key(record.topic)));
        }
        let patience = Patience::begin(surroundings, REGISTRY_IS_AWAY, errors.retries_for);
        let stopping = || patience.is_over();
        let Converters { key, value, .. } = &mut self.converters;
        for (stage, converter, part) in [
            (Stage::KeyConverter, key, record.key),
            (Stage::ValueConverter, value, record.value),
        ] {
            let Some(part) = part.filter(|part| part.value.is_some() || converter.writes_nulls()) else {
                continue;
            };
            converter
                .prepare(record.topic, &part.to_convert(), &stopping)
                .map_err(|error| Fault {
                    stage,
                    is_the_records: !matches!(error, ConverterError::Registry(_)),
                    reason: patience.explained(error),
                })?;
        }
        Ok(())
    }

    fn learn_topic(&mut self, topic: &str, surroundings: &Surroundings) -> Result<Destination, TaskFailure> {
        let destination = self.destinations.learn(topic)?;
        (surroundings.report)(TaskStatus::WritesTo {
            topic: topic.to_owned(),
        });
        Ok(destination)
    }
}

fn no_key(topic: &str) -> TaskFailure {
    TaskFailure::operator(format!(
        "topic {topic} is compacted, so every record needs a key, and this one has none. Rows have one where their table has a \
         primary key or is named in message.key.columns; a TRUNCATE never has (skipped.operations=t leaves it out). Or set the \
         topic's cleanup.policy to delete"
    ))
}

fn is_null(part: Option<Part<'_>>) -> bool {
    part.is_none_or(|part| part.value.is_none())
}
