//! [`Serialiser`]: the records of one change as they go to Kafka: through the transforms, then as bytes; or none of them, where
//! one is left out.
//!
//! Serialising never waits. What is not known yet, a topic or what a converter makes of a schema, is learnt apart: that may
//! take for as long as a registry is away, and no Kafka transaction may be open meanwhile.

use connector_api::SourceRecord;

use super::bad_record::{ErrorPolicy, Fault};
use super::destination::Destinations;
use super::encoder::{Converters, Encoder, Known, SerialisedRecord};
use super::failure::TaskFailure;
use super::patience::Surroundings;
use crate::transforms::chain::TransformChain;
use crate::transforms::record::Record;

/// Serialises changes, one after the other.
pub struct Serialiser {
    transforms: TransformChain,
    errors: ErrorPolicy,
    encoder: Encoder,
    skipped: Option<Skipped>,
}

/// The record for whose sake a change was left out, and why.
pub(super) struct Skipped {
    pub(super) topic: String,
    pub(super) reason: TaskFailure,
}

impl Serialiser {
    /// A serialiser that knows nothing yet. Limits as in [`TransactionPolicy`](super::transaction::TransactionPolicy).
    pub fn new(
        transforms: TransformChain,
        destinations: Destinations,
        converters: Converters,
        max_record_bytes: usize,
        errors: ErrorPolicy,
    ) -> Self {
        Serialiser {
            transforms,
            errors,
            encoder: Encoder::new(destinations, converters, max_record_bytes),
            skipped: None,
        }
    }

    /// Forgets the last change and writes this one's bytes, unless something of it is still to be learnt. Transforms may drop
    /// records of it, also all.
    pub(super) fn serialise(&mut self, change: &[SourceRecord<'_>]) -> Result<Known, TaskFailure> {
        self.encoder.clear();
        self.skipped = None;
        for record in change {
            match self.serialise_record(record) {
                Ok(Known::Yes) => {}
                Ok(Known::No) => return Ok(Known::No),
                Err(fault) => {
                    self.leave_out(record, fault)?;
                    break;
                }
            }
        }
        Ok(Known::Yes)
    }

    /// The whole change goes, unless the fault ends the task.
    fn leave_out(&mut self, record: &SourceRecord<'_>, fault: Fault) -> Result<(), TaskFailure> {
        self.errors.tell(record, &fault);
        if !self.errors.tolerates(&fault) {
            return Err(fault.reason);
        }
        self.encoder.clear();
        self.skipped = Some(Skipped {
            topic: record.topic.to_owned(),
            reason: fault.reason,
        });
        Ok(())
    }

    fn serialise_record(&mut self, record: &SourceRecord<'_>) -> Result<Known, Fault> {
        let Serialiser {
            transforms, encoder, ..
        } = self;
        let mut result = Ok(Known::Yes);
        transforms.apply(&Record::of(record), &mut |record| result = encoder.encode(record))?;
        result
    }

    /// How many bytes the change has.
    pub(super) fn bytes(&self) -> usize {
        self.encoder.bytes()
    }

    /// The change's records, in order.
    pub(super) fn records(&self) -> impl ExactSizeIterator<Item = SerialisedRecord<'_>> {
        self.encoder.records()
    }

    /// Why the change was left out, if it was.
    pub(super) fn skipped(&self) -> Option<&Skipped> {
        self.skipped.as_ref()
    }

    /// Learns topics and schemas, then writes the change's bytes, unless a schema is none for a converter and the change is left
    /// out. Blocks for as long as the registry is away; no transaction may be open.
    pub(super) fn learn(
        &mut self,
        change: &[SourceRecord<'_>],
        surroundings: &Surroundings,
    ) -> Result<Known, TaskFailure> {
        for record in change {
            let Serialiser {
                transforms,
                encoder,
                errors,
                ..
            } = self;
            let mut result = Ok(());
            let mut learn = |record: &Record<'_>| result = encoder.learn(record, surroundings, errors);
            // A record that no transform can take is reported, or left out with its change, when it is serialised.
            if transforms.apply(&Record::of(record), &mut learn).is_ok()
                && let Err(fault) = result
            {
                self.leave_out(record, fault)?;
                return Ok(Known::Yes);
            }
        }
        self.serialise(change)
    }
}
