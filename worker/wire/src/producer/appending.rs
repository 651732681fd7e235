//! From a record to a batch that waits to be sent.
//!
//! A record is copied once, behind the others of its partition's open batch. A batch is sealed when the next record would
//! make it larger than `batch.size`, when it has waited for `linger.ms`, when memory is short, and before a commit.

use std::time::Duration;

use super::{PartitionId, Producer};
use crate::error::{Error, Kind};
use crate::network::Network;
use crate::record::{BATCH_HEAD, OpenBatch, Record, is_encodable};

/// How often the clock is looked at while records are appended.
const RECORDS_BETWEEN_LOOKS: u32 = 64;

impl<N: Network> Producer<N> {
    /// Appends a record to the open transaction. Waits, at most for `patience`, while `buffer.memory` is full.
    pub fn append(&mut self, partition: PartitionId, record: &Record<'_>, patience: Duration) -> Result<(), Error> {
        self.check_open("appending a record")?;
        let bytes = record.bytes();
        if bytes + BATCH_HEAD > self.settings.max_request_size || !is_encodable(bytes) {
            let context = format!("appending to {}", self.place(partition));
            let message = format!("a record of {bytes} bytes is larger than max.request.size allows");
            return Err(Error::new(Kind::Refused, context, message));
        }
        let open = self.queues[partition.0].open.as_ref();
        if open.is_some_and(|open| open.bytes() + bytes > self.settings.batch_size) {
            self.seal(partition)?;
            self.take_a_turn()?;
        }
        if !self.memory.has_room_for(bytes) {
            self.make_room(bytes, patience)?;
        }
        self.push(partition, record);
        self.appended += 1;
        if self.appended.is_multiple_of(RECORDS_BETWEEN_LOOKS) {
            self.seal_what_lingers()?;
        }
        Ok(())
    }

    fn push(&mut self, partition: PartitionId, record: &Record<'_>) {
        let is_new = self.queues[partition.0].transaction != self.transaction.number;
        if is_new {
            let is_free = self.transaction.touch(partition);
            let queue = &mut self.queues[partition.0];
            queue.transaction = self.transaction.number;
            queue.is_added = is_free;
        }
        let queue = &mut self.queues[partition.0];
        let open = match &mut queue.open {
            Some(open) => open,
            None => {
                queue.opened += 1;
                self.opened.push_back((partition, queue.opened));
                let now = self.network.now();
                queue.open.insert(OpenBatch::new(self.memory.take(), now))
            }
        };
        let before = open.capacity();
        open.push(record);
        self.memory.resized(before, open.capacity());
    }

    fn make_room(&mut self, bytes: usize, patience: Duration) -> Result<(), Error> {
        self.seal_all()?;
        let deadline = self.network.now() + patience;
        match self.turn_until(deadline, |producer| producer.memory.has_room_for(bytes))? {
            true => Ok(()),
            false => Err(self.not_delivered(Kind::Abort).because("buffer.memory stays full")),
        }
    }

    pub(super) fn seal_all(&mut self) -> Result<(), Error> {
        while let Some((partition, _)) = self.opened.front().copied() {
            self.opened.pop_front();
            self.seal(partition)?;
        }
        Ok(())
    }

    fn seal_what_lingers(&mut self) -> Result<(), Error> {
        let now = self.network.now();
        let mut has_sealed = false;
        while let Some((partition, number)) = self.opened.front().copied() {
            let queue = &self.queues[partition.0];
            let is_it = queue.opened == number;
            let Some(open) = queue.open.as_ref().filter(|_| is_it) else {
                self.opened.pop_front();
                continue;
            };
            if now < open.began() + self.settings.linger {
                break;
            }
            self.opened.pop_front();
            self.seal(partition)?;
            has_sealed = true;
        }
        if has_sealed { self.take_a_turn() } else { Ok(()) }
    }

    /// A partition's open batch takes no more records, and waits to be sent.
    fn seal(&mut self, partition: PartitionId) -> Result<(), Error> {
        let queue = &mut self.queues[partition.0];
        let Some(open) = queue.open.take().filter(|open| open.records() > 0) else {
            return Ok(());
        };
        let before = open.capacity();
        let memory = &mut self.memory;
        let mut spare = 0;
        let sealed = open.seal(&mut self.compressor, || {
            let buffer = memory.take();
            spare = buffer.capacity();
            buffer
        });
        match sealed {
            Ok((batch, left)) => {
                if let Some(left) = left {
                    self.memory.resized(spare, batch.capacity());
                    self.memory.give_back(left);
                }
                queue.push(batch);
                self.batches += 1;
                self.silence.waits(self.network.now());
                if !queue.is_listed {
                    queue.is_listed = true;
                    self.listed.push(partition);
                }
                Ok(())
            }
            Err(error) => {
                self.memory.gone(before + spare);
                let context = format!("compressing a batch for {}", self.place(partition));
                self.fail(Error::new(Kind::Abort, context, error.to_string()));
                self.check_open("compressing")
            }
        }
    }
}
