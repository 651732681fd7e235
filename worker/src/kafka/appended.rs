//! [`Appended`]: what was appended to a transaction: how much, and where.

use std::collections::HashMap;

use super::WireRecord;

/// A partition that a transaction went to, and the first record that it has there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenPartition {
    pub topic: String,
    pub partition: i32,
    pub(super) key: Option<Vec<u8>>,
    /// Not kept if it is large.
    pub(super) value: Option<Vec<u8>>,
}

/// Records of the newest transaction, delivered or not.
pub(super) struct Appended {
    records: u64,
    /// As they go over the wire, with headers and framing.
    bytes: u64,
    /// `batch.size`.
    batch_bytes: u64,
    /// Where they went, and which of the places the last one did.
    places: Vec<WrittenPartition>,
    last: usize,
    /// The places of a topic, by partition: a transaction may go to thousands of them, and each record looks its own up.
    by_topic: HashMap<String, HashMap<i32, usize>>,
}

/// How often failures are looked for while records are appended.
const RECORDS_BETWEEN_LOOKS: u64 = 512;
/// A value that is larger is not kept.
const LARGE_VALUE_BYTES: usize = 64 << 10;
/// librdkafka's default of `batch.size`.
const BATCH_BYTES: u64 = 1_000_000;

impl Appended {
    /// Nothing yet, with this `batch.size`.
    pub(super) fn new(batch_size: Option<&str>) -> Self {
        Appended {
            records: 0,
            bytes: 0,
            batch_bytes: batch_size.and_then(|bytes| bytes.parse().ok()).unwrap_or(BATCH_BYTES),
            places: Vec::new(),
            last: 0,
            by_topic: HashMap::new(),
        }
    }

    /// Another transaction begins.
    pub(super) fn reset(&mut self) {
        (self.records, self.bytes) = (0, 0);
        self.places.clear();
        self.by_topic.clear();
    }

    /// A record was appended.
    pub(super) fn add(&mut self, record: &WireRecord<'_>) {
        self.records += 1;
        self.bytes += record.wire_bytes() as u64;
        let is_there = |place: &WrittenPartition| place.partition == record.partition && place.topic == record.topic;
        if self.places.get(self.last).is_some_and(is_there) {
            return;
        }
        let known = self.by_topic.get(record.topic);
        self.last = match known.and_then(|partitions| partitions.get(&record.partition)) {
            Some(place) => *place,
            None => self.add_place(record),
        };
    }

    /// The first record of a partition; which of the places that is.
    fn add_place(&mut self, record: &WireRecord<'_>) -> usize {
        let place = self.places.len();
        let partitions = self.by_topic.entry(record.topic.to_owned()).or_default();
        partitions.insert(record.partition, place);
        self.places.push(WrittenPartition {
            topic: record.topic.to_owned(),
            partition: record.partition,
            key: record.key.map(<[u8]>::to_vec),
            value: record
                .value
                .filter(|value| value.len() <= LARGE_VALUE_BYTES)
                .map(<[u8]>::to_vec),
        });
        place
    }

    pub(super) fn places(&self) -> &[WrittenPartition] {
        &self.places
    }

    pub(super) fn records(&self) -> u64 {
        self.records
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether failures should be looked for now.
    pub(super) fn is_time_to_look(&self) -> bool {
        self.records.is_multiple_of(RECORDS_BETWEEN_LOOKS)
    }

    /// Whether this many of the records, of the average size, fit into one batch.
    pub(super) fn fit_one_batch(&self, records: i32) -> bool {
        let records = u64::try_from(records).unwrap_or_default();
        records * (self.bytes / self.records.max(1)) <= self.batch_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::{Appended, WireRecord};

    fn record<'a>(topic: &'a str, partition: i32, value: &'a [u8]) -> WireRecord<'a> {
        WireRecord {
            topic,
            partition,
            key: None,
            value: Some(value),
            headers: None,
            timestamp_ms: None,
        }
    }

    #[test]
    fn records_fit_one_batch_by_their_average_size() {
        let mut appended = Appended::new(Some("1000"));
        assert!(appended.fit_one_batch(5), "nothing was appended");
        appended.add(&record("t", 0, &[0; 64]));
        appended.add(&record("t", 0, &[0; 264]));
        assert_eq!((appended.records(), appended.bytes()), (2, 400));
        assert!(appended.fit_one_batch(5));
        assert!(!appended.fit_one_batch(6));
        appended.reset();
        assert_eq!((appended.records(), appended.bytes()), (0, 0));
        appended.add(&record("t", 0, &[0; 364]));
        assert!(!appended.fit_one_batch(3));
    }

    #[test]
    fn every_place_is_known_once() {
        let mut appended = Appended::new(None);
        for (topic, partition) in [("a", 0), ("a", 0), ("a", 1), ("b", 1), ("a", 0), ("b", 1)] {
            appended.add(&record(topic, partition, &[]));
        }
        let places: Vec<_> = appended
            .places()
            .iter()
            .map(|place| (place.topic.as_str(), place.partition))
            .collect();
        assert_eq!(places, [("a", 0), ("a", 1), ("b", 1)]);
        appended.reset();
        assert!(appended.places().is_empty());
        appended.add(&record("b", 0, &[]));
        assert_eq!(appended.places().len(), 1);
    }
}
