//! [`Queue`]: the records of one partition, from the open batch to the acknowledgement, in order.
//!
//! A batch keeps the sequence that it was first sent with, and is sent again only with that: so a broker knows it again. If
//! one fails, those behind it fail, too, or wait; all come back into the queue where they were, and the first of them goes
//! alone until it has arrived.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::memory::Memory;
use crate::backoff::{Wake, pause};
use crate::cluster::Topic;
use crate::network::NodeId;
use crate::record::{OpenBatch, SealedBatch, Stamp};

/// Who numbers records: a producer in one epoch. With the next one, numbers begin at 0 again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbering {
    pub(super) producer_id: i64,
    pub(super) epoch: i16,
    pub(super) is_transactional: bool,
}

/// One partition's records.
pub(super) struct Queue {
    pub(super) topic: Topic,
    pub(super) partition: i32,
    pub(super) open: Option<OpenBatch>,
    /// Numbers the open batches.
    pub(super) opened: u64,
    waiting: VecDeque<Waiting>,
    on_the_way: VecDeque<Sent>,
    /// Where to.
    node: Option<NodeId>,
    numbering: Option<Numbering>,
    next_sequence: i32,
    next_order: u64,
    /// A batch has failed, and none has arrived since.
    is_careful: bool,
    not_before: Option<Instant>,
    failures: u32,
    /// The number of the transaction that has records here.
    pub(super) transaction: u64,
    /// The coordinator knows that the transaction has records here.
    pub(super) is_added: bool,
    /// The queue is in the list of those that have something to send.
    pub(super) is_listed: bool,
}

enum Waiting {
    Fresh(SealedBatch),
    Again(Sent),
}

/// A batch that was sent.
pub(super) struct Sent {
    bytes: Arc<Vec<u8>>,
    sequence: i32,
    began: Instant,
    attempts: u32,
    order: u64,
}

impl Sent {
    /// Its memory, if nobody sends it any more.
    pub(super) fn release(self, memory: &mut Memory) {
        let capacity = self.bytes.capacity();
        match Arc::try_unwrap(self.bytes) {
            Ok(buffer) => memory.give_back(buffer),
            Err(_) => memory.gone(capacity),
        }
    }
}

/// What a partition can send now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readiness {
    /// Its next batch, of this size.
    Ready(usize),
    /// Nothing before something else happens.
    Waits,
    /// Nothing at all.
    Empty,
}

impl Queue {
    pub(super) fn new(topic: Topic, partition: i32) -> Self {
        Queue {
            topic,
            partition,
            open: None,
            opened: 0,
            waiting: VecDeque::new(),
            on_the_way: VecDeque::new(),
            node: None,
            numbering: None,
            next_sequence: 0,
            next_order: 0,
            is_careful: false,
            not_before: None,
            failures: 0,
            transaction: 0,
            is_added: false,
            is_listed: false,
        }
    }

    pub(super) fn push(&mut self, batch: SealedBatch) {
        self.waiting.push_back(Waiting::Fresh(batch));
    }

    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// How many batches wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    fn is_on_the_way(&self) -> bool {
        !self.on_the_way.is_empty()
    }

    /// When the oldest batch was begun.
    pub(super) fn oldest(&self) -> Option<Instant> {
        match self.waiting.front()? {
            Waiting::Fresh(batch) => Some(batch.began),
            Waiting::Again(sent) => Some(sent.began),
        }
    }

    /// Whether the next batch can be sent to `leader`.
    pub(super) fn readiness(&self, leader: NodeId, now: Instant, wake: &mut Wake) -> Readiness {
        let Some(next) = self.waiting.front() else {
            return Readiness::Empty;
        };
        let is_elsewhere = self.node.is_some_and(|node| node != leader);
        if self.is_on_the_way() && (self.is_careful || is_elsewhere) {
            return Readiness::Waits;
        }
        if let Some(time) = self.not_before.filter(|time| now < *time) {
            wake.at(time);
            return Readiness::Waits;
        }
        Readiness::Ready(match next {
            Waiting::Fresh(batch) => batch.bytes(),
            Waiting::Again(sent) => sent.bytes.len(),
        })
    }

    /// Takes the next batch, on its way to `leader` from now on: its bytes and its sequence.
    pub(super) fn send(&mut self, leader: NodeId, numbering: Numbering) -> Option<(Arc<Vec<u8>>, i32)> {
        let mut sent = match self.waiting.pop_front()? {
            Waiting::Again(sent) => sent,
            Waiting::Fresh(batch) => self.number(batch, numbering),
        };
        sent.attempts += 1;
        self.node = Some(leader);
        let (bytes, sequence) = (Arc::clone(&sent.bytes), sent.sequence);
        self.on_the_way.push_back(sent);
        Some((bytes, sequence))
    }

    fn number(&mut self, batch: SealedBatch, numbering: Numbering) -> Sent {
        if self.numbering != Some(numbering) {
            self.numbering = Some(numbering);
            self.next_sequence = 0;
        }
        let (records, began, sequence) = (batch.records, batch.began, self.next_sequence);
        self.next_sequence = after(sequence, records);
        self.next_order += 1;
        let bytes = batch.stamp(&Stamp {
            producer_id: numbering.producer_id,
            epoch: numbering.epoch,
            sequence,
            is_transactional: numbering.is_transactional,
        });
        Sent {
            bytes: Arc::new(bytes),
            sequence,
            began,
            attempts: 0,
            order: self.next_order,
        }
    }

    /// A batch has arrived.
    pub(super) fn arrived(&mut self, sequence: i32) -> Option<Sent> {
        self.is_careful = false;
        self.not_before = None;
        self.failures = 0;
        self.take(sequence)
    }

    /// A batch comes to nothing.
    pub(super) fn take(&mut self, sequence: i32) -> Option<Sent> {
        let place = self.on_the_way.iter().position(|sent| sent.sequence == sequence)?;
        self.on_the_way.remove(place)
    }

    /// A batch is to be sent again, not before a pause; answers how often it was sent, and when it was begun.
    pub(super) fn again(
        &mut self,
        sequence: i32,
        now: Instant,
        first: Duration,
        longest: Duration,
    ) -> Option<(u32, Instant)> {
        let sent = self.take(sequence)?;
        let told = (sent.attempts, sent.began);
        let is_behind = |waiting: &Waiting| match waiting {
            Waiting::Fresh(_) => true,
            Waiting::Again(other) => other.order > sent.order,
        };
        let place = self.waiting.iter().position(is_behind).unwrap_or(self.waiting.len());
        self.waiting.insert(place, Waiting::Again(sent));
        self.is_careful = true;
        // Those behind it fail with it, and prolong nothing.
        if place == 0 {
            self.not_before = Some(now + pause(first, longest, self.failures));
            self.failures += 1;
        }
        Some(told)
    }

    /// Whether no older batch is unacknowledged: then nothing that is still to come can fill the gap before it.
    pub(super) fn is_oldest(&self, sequence: i32) -> bool {
        let Some(order) = self
            .on_the_way
            .iter()
            .find(|sent| sent.sequence == sequence)
            .map(|sent| sent.order)
        else {
            return true;
        };
        let waits = |waiting: &Waiting| matches!(waiting, Waiting::Again(sent) if sent.order < order);
        !self.on_the_way.iter().any(|sent| sent.order < order) && !self.waiting.iter().any(waits)
    }

    /// Drops what is not on its way; answers whether some of it had its number.
    pub(super) fn clear(&mut self, memory: &mut Memory) -> bool {
        let mut has_numbered = false;
        if let Some(open) = self.open.take() {
            memory.give_back(open.into_buffer());
        }
        for waiting in self.waiting.drain(..) {
            match waiting {
                Waiting::Fresh(batch) => memory.give_back(batch.into_buffer()),
                Waiting::Again(sent) => {
                    has_numbered = true;
                    sent.release(memory);
                }
            }
        }
        self.is_careful = false;
        self.not_before = None;
        self.failures = 0;
        has_numbered
    }
}

/// The sequence behind so many records: it begins again at 0.
fn after(sequence: i32, records: i32) -> i32 {
    sequence
        .checked_add(records)
        .unwrap_or_else(|| records - (i32::MAX - sequence) - 1)
}

#[cfg(test)]
mod tests {
    use super::after;

    /// As Java's `DefaultRecordBatch.incrementSequence`.
    #[test]
    fn sequences_begin_again_behind_the_largest() {
        assert_eq!(after(0, 5), 5);
        assert_eq!(after(i32::MAX - 1, 1), i32::MAX);
        assert_eq!(after(i32::MAX, 1), 0);
        assert_eq!(after(i32::MAX - 2, 10), 7);
    }
}
