//! [`Serialiser`]: the bytes of one change, in buffers that are used again for the next.
//!
//! Serialising never waits. What is not known yet, a topic or what a converter makes of a schema, is learnt apart: that may
//! take for as long as a registry is away, and no Kafka transaction may be open meanwhile.

use std::ops::Range;

use connector_api::{RecordPart, SourceRecord};
use schemas::converter::{Converter, ConverterError};

use super::destination::{Destination, Destinations};
use super::failure::TaskFailure;
use super::lifecycle::TaskStatus;
use super::patience::{Patience, Surroundings};
use crate::kafka::{batch_bytes, header_bytes, record_bytes};

/// Key and value converter of a task.
pub struct Converters {
    pub key: Box<dyn Converter>,
    pub value: Box<dyn Converter>,
}

/// Serialises changes, one after the other.
pub struct Serialiser {
    destinations: Destinations,
    converters: Converters,
    /// `max.request.size`: the largest record.
    max_record_bytes: usize,
    /// `errors.tolerance=all`: a change with a record that cannot be converted or is too large is left out, all of it: of a
    /// changed key the delete without the create would lose the row.
    skips_bad_records: bool,
    bytes: Vec<u8>,
    records: Vec<Places>,
    skipped: Option<(usize, TaskFailure)>,
}

/// Whether everything that a change needs is known: its topics, and what the converters make of its schemas.
pub(super) enum Known {
    Yes,
    No,
}

/// Where a record's parts are.
struct Places {
    index: usize,
    partitions: i32,
    key: Option<Range<usize>>,
    value: Option<Range<usize>>,
}

/// A record's bytes.
pub(super) struct SerialisedRecord<'a> {
    /// Its place in the change.
    pub(super) index: usize,
    /// How many its topic has.
    pub(super) partitions: i32,
    pub(super) key: Option<&'a [u8]>,
    pub(super) value: Option<&'a [u8]>,
}

/// Said while a schema is asked for.
const REGISTRY_IS_AWAY: &str =
    "waiting for the schema registry, which does not answer; nothing is lost meanwhile, and no transaction is open";
/// A buffer larger than this is given back after the change that needed it.
const KEPT_BUFFER_BYTES: usize = 1 << 20;

impl Serialiser {
    /// A serialiser that knows nothing yet. Limits as in [`TransactionPolicy`](super::transaction::TransactionPolicy).
    pub fn new(
        destinations: Destinations,
        converters: Converters,
        max_record_bytes: usize,
        skips_bad_records: bool,
    ) -> Self {
        Serialiser {
            destinations,
            converters,
            max_record_bytes,
            skips_bad_records,
            bytes: Vec::new(),
            records: Vec::new(),
            skipped: None,
        }
    }

    /// Forgets the last change and writes this one's bytes, unless something of it is still to be learnt.
    pub(super) fn serialise(&mut self, change: &[SourceRecord<'_>]) -> Result<Known, TaskFailure> {
        if self.bytes.capacity() > KEPT_BUFFER_BYTES {
            self.bytes = Vec::new();
        }
        self.bytes.clear();
        self.records.clear();
        self.skipped = None;
        for (index, record) in change.iter().enumerate() {
            match self.serialise_record(index, record) {
                Ok(Some(places)) => self.records.push(places),
                Ok(None) => return Ok(Known::No),
                Err(failure) if self.skips_bad_records => {
                    self.bytes.clear();
                    self.records.clear();
                    self.skipped = Some((index, failure));
                    break;
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(Known::Yes)
    }

    /// How many bytes the change has.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The change's records, in order.
    pub(super) fn records(&self) -> impl ExactSizeIterator<Item = SerialisedRecord<'_>> {
        let bytes = |range: &Option<Range<usize>>| self.bytes.get(range.clone()?);
        self.records.iter().map(move |places| SerialisedRecord {
            index: places.index,
            partitions: places.partitions,
            key: bytes(&places.key),
            value: bytes(&places.value),
        })
    }

    /// The record for whose sake the change was left out, by its place in the change, and why.
    pub(super) fn skipped(&self) -> Option<&(usize, TaskFailure)> {
        self.skipped.as_ref()
    }

    /// `None` if the topic or a schema is not known yet.
    fn serialise_record(&mut self, index: usize, record: &SourceRecord<'_>) -> Result<Option<Places>, TaskFailure> {
        let destination = self.destinations.known(record.topic);
        let Some(destination) = destination.filter(|known| !known.needs_key || record.key.is_some()) else {
            return Ok(None);
        };
        let bytes = &mut self.bytes;
        let mut convert = |converter: &mut dyn Converter, part: &Option<RecordPart<'_>>| {
            let Some(part) = part else { return Ok(Some(None)) };
            let start = bytes.len();
            match converter.convert(record.topic, part, bytes) {
                Ok(()) => Ok(Some(Some(start..bytes.len()))),
                Err(ConverterError::Unprepared { .. }) => Ok(None),
                Err(error) => Err(TaskFailure::from(error)),
            }
        };
        let key = convert(&mut *self.converters.key, &record.key)?;
        let value = convert(&mut *self.converters.value, &record.value)?;
        let Some((key, value)) = key.zip(value) else {
            return Ok(None);
        };
        let size = |range: &Option<Range<usize>>| range.as_ref().map_or(0, Range::len);
        self.check_size(record, size(&key), size(&value))?;
        Ok(Some(Places {
            index,
            partitions: destination.partitions,
            key,
            value,
        }))
    }

    /// The client, which counts in the same way, would refuse the record only when a transaction is open.
    fn check_size(&self, record: &SourceRecord<'_>, key: usize, value: usize) -> Result<(), TaskFailure> {
        let size = batch_bytes(record_bytes(key, value, header_bytes(record.all_headers())));
        let limit = self.max_record_bytes;
        if size <= limit {
            return Ok(());
        }
        let topic = record.topic;
        Err(TaskFailure::operator(format!(
            "a record for topic {topic} has {size} bytes, more than the {limit} that are allowed (key {key} bytes): raise \
             producer.override.max.request.size in the connector, max.message.bytes of the topic and message.max.bytes \
             of the broker, or skip such records with errors.tolerance=all"
        )))
    }

    /// Learns topics and schemas. Blocks for as long as the registry is away; no transaction may be open.
    pub(super) fn learn(
        &mut self,
        change: &[SourceRecord<'_>],
        surroundings: &Surroundings,
    ) -> Result<(), TaskFailure> {
        for record in change {
            let destination = match self.destinations.known(record.topic) {
                Some(destination) => destination,
                None => self.learn_topic(record.topic, surroundings)?,
            };
            if destination.needs_key && record.key.is_none() {
                return Err(TaskFailure::operator(format!(
                    "topic {} is compacted, so every record needs a key, but its table has none: give the table a \
                     primary key, name key columns in message.key.columns, or set the topic's cleanup.policy to delete",
                    record.topic
                )));
            }
            let patience = Patience::begin(surroundings, REGISTRY_IS_AWAY);
            let stopping = || patience.is_over();
            if let Some(key) = record.key {
                self.converters.key.prepare(record.topic, key.schema, &stopping)?;
            }
            if let Some(value) = record.value {
                self.converters.value.prepare(record.topic, value.schema, &stopping)?;
            }
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
