//! [`Appended`]: where a transaction went.

use wire::PartitionId;

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

/// Where the records of the newest transaction went, delivered or not.
#[derive(Default)]
pub(super) struct Appended {
    places: Vec<WrittenPartition>,
    /// Numbers the transactions.
    transaction: u64,
    /// By partition: the last transaction that has records there. Each record looks its own up, among thousands.
    newest: Vec<u64>,
}

/// A value that is larger is not kept.
const LARGE_VALUE_BYTES: usize = 64 << 10;

impl Appended {
    /// Another transaction begins.
    pub(super) fn reset(&mut self) {
        self.transaction += 1;
        self.places.clear();
    }

    /// A record was appended to this partition.
    pub(super) fn add(&mut self, partition: PartitionId, record: &WireRecord<'_>) {
        let index = partition.index();
        if index >= self.newest.len() {
            self.newest.resize(index + 1, 0);
        }
        if self.newest[index] != self.transaction {
            self.newest[index] = self.transaction;
            self.places.push(place(record));
        }
    }

    pub(super) fn places(&self) -> &[WrittenPartition] {
        &self.places
    }
}

fn place(record: &WireRecord<'_>) -> WrittenPartition {
    let kept = record.value.filter(|value| value.len() <= LARGE_VALUE_BYTES);
    WrittenPartition {
        topic: record.topic.to_owned(),
        partition: record.partition,
        key: record.key.map(<[u8]>::to_vec),
        value: kept.map(<[u8]>::to_vec),
    }
}
