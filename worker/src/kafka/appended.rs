//! [`Appended`]: how much was appended to the open transaction.

/// Records of the open transaction, delivered or not.
pub(super) struct Appended {
    records: u64,
    /// As they go over the wire, with headers and framing.
    bytes: u64,
    /// `batch.size`.
    batch_bytes: u64,
}

/// How often failures are looked for while records are appended.
const RECORDS_BETWEEN_LOOKS: u64 = 512;
/// librdkafka's default of `batch.size`.
const BATCH_BYTES: u64 = 1_000_000;

impl Appended {
    /// Nothing yet, with this `batch.size`.
    pub(super) fn new(batch_size: Option<&str>) -> Self {
        Appended {
            records: 0,
            bytes: 0,
            batch_bytes: batch_size.and_then(|bytes| bytes.parse().ok()).unwrap_or(BATCH_BYTES),
        }
    }

    /// Another transaction begins.
    pub(super) fn reset(&mut self) {
        (self.records, self.bytes) = (0, 0);
    }

    /// A record of this many bytes was appended.
    pub(super) fn add(&mut self, wire_bytes: usize) {
        self.records += 1;
        self.bytes += wire_bytes as u64;
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
    use super::Appended;

    #[test]
    fn records_fit_one_batch_by_their_average_size() {
        let mut appended = Appended::new(Some("1000"));
        assert!(appended.fit_one_batch(5), "nothing was appended");
        appended.add(100);
        appended.add(300);
        assert!(appended.fit_one_batch(5));
        assert!(!appended.fit_one_batch(6));
        appended.reset();
        assert_eq!((appended.records(), appended.bytes()), (0, 0));
        appended.add(400);
        assert!(!appended.fit_one_batch(3));
    }
}
