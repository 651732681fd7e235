//! A partition's log, and what its leader knows of producers (Kafka's `ProducerStateManager`).

use std::collections::HashMap;

/// Error codes of the protocol.
pub(super) const DUPLICATE_SEQUENCE: i16 = 46;
pub(super) const OUT_OF_ORDER: i16 = 45;
pub(super) const INVALID_EPOCH: i16 = 47;

/// The numbers of so many batches are remembered.
const REMEMBERED: usize = 5;

/// A batch as it was appended.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub(super) producer: i64,
    pub(super) epoch: i16,
    pub(super) sequence: i32,
    pub(super) values: Vec<String>,
}

enum Entry {
    Batch(Batch),
    Marker { producer: i64, commits: bool },
}

#[derive(Default)]
struct Writer {
    epoch: i16,
    /// First and last sequence of the newest batches.
    batches: Vec<(i32, i32)>,
    is_open: bool,
}

#[derive(Default)]
pub(super) struct Log {
    /// A batch that is here already is refused as such. Kafka's brokers confirm it again; clients have to understand both.
    pub(super) refuses_duplicates: bool,
    entries: Vec<Entry>,
    writers: HashMap<i64, Writer>,
}

impl Log {
    /// Whether a transaction of this producer is open here.
    pub(super) fn is_open(&self, producer: i64, epoch: i16) -> bool {
        self.writers
            .get(&producer)
            .is_some_and(|writer| writer.is_open && writer.epoch == epoch)
    }

    /// Appends a batch, or says why not.
    pub(super) fn append(&mut self, batch: Batch) -> Result<(), i16> {
        let writer = self.writers.entry(batch.producer).or_insert_with(|| Writer {
            epoch: batch.epoch,
            ..Writer::default()
        });
        if batch.epoch < writer.epoch {
            return Err(INVALID_EPOCH);
        }
        if batch.epoch > writer.epoch {
            *writer = Writer {
                epoch: batch.epoch,
                ..Writer::default()
            };
        }
        let last = batch.sequence + i32::try_from(batch.values.len()).expect("small") - 1;
        if writer.batches.contains(&(batch.sequence, last)) {
            return if self.refuses_duplicates {
                Err(DUPLICATE_SEQUENCE)
            } else {
                Ok(())
            };
        }
        let next = writer.batches.last().map_or(0, |(_, last)| last + 1);
        if batch.sequence != next {
            return Err(if last < next { DUPLICATE_SEQUENCE } else { OUT_OF_ORDER });
        }
        writer.batches.push((batch.sequence, last));
        if writer.batches.len() > REMEMBERED {
            writer.batches.remove(0);
        }
        writer.is_open = true;
        self.entries.push(Entry::Batch(batch));
        Ok(())
    }

    /// The coordinator ends a transaction.
    pub(super) fn mark(&mut self, producer: i64, epoch: i16, commits: bool) {
        let writer = self.writers.entry(producer).or_default();
        if epoch > writer.epoch {
            *writer = Writer {
                epoch,
                ..Writer::default()
            };
        }
        writer.is_open = false;
        self.entries.push(Entry::Marker { producer, commits });
    }

    /// What a `read_committed` consumer sees: up to the first transaction that is open.
    pub(super) fn committed(&self) -> Vec<String> {
        let mut seen = Vec::new();
        for (place, entry) in self.entries.iter().enumerate() {
            let Entry::Batch(batch) = entry else { continue };
            let end = self.entries[place..].iter().find_map(|entry| match entry {
                Entry::Marker { producer, commits } if *producer == batch.producer => Some(*commits),
                _ => None,
            });
            match end {
                Some(true) => seen.extend(batch.values.iter().cloned()),
                Some(false) => {}
                None => return seen,
            }
        }
        seen
    }
}
