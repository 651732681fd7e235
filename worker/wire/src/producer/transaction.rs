//! [`Transaction`]: what the coordinator is to be asked next, and what its answers change (KIP-98, KIP-360, KIP-890).
//!
//! | phase          | what is asked                                               | what ends it                              |
//! |----------------|-------------------------------------------------------------|-------------------------------------------|
//! | `Unfenced`     | nothing                                                     | `fence`                                   |
//! | `Fencing`      | FindCoordinator, InitProducerId                             | an id and an epoch                        |
//! | `Ready`        | nothing                                                     | `begin`                                   |
//! | `Open`         | 1: AddPartitionsToTxn; 2: DescribeTransactions              | `commit`, `abort`                         |
//! | `Ending`       | the rest of these, EndTxn when nothing is on its way        | the coordinator has written it down       |
//!
//! In version 2 brokers add partitions by themselves, and every end brings the next epoch: what is late from before cannot
//! get into another transaction. In version 1 InitProducerId does the same, behind an abort, because it is not always known
//! whether all batches have arrived, and numbers must not be used twice; and whenever the coordinator did not answer, because
//! a lost EndTxn can still be on its way and would end the next transaction too early, which is why there is a version 2.
//!
//! The markers of a transaction are written after its end was confirmed, and until then the next one cannot begin. In
//! version 1 the coordinator says so at once, and is asked again within milliseconds. In version 2 a broker that adds the
//! partition asks it instead, and rests for 20 ms in between (`add.partitions.to.txn.retry.backoff.ms`), with the records in
//! hand. So whoever has records again right behind an end first asks the coordinator itself, until the markers are written.
//!
//! Nothing here is sent twice at a time: one request of the coordinator's is open, or none.

use std::time::{Duration, Instant};

use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use kafka_protocol::messages::{
    AddPartitionsToTxnRequest, DescribeTransactionsRequest, EndTxnRequest, InitProducerIdRequest, ProducerId,
    TopicName, TransactionalId,
};
use kafka_protocol::protocol::StrBytes;

use super::PartitionId;
use super::queue::Numbering;
use crate::backoff::{Wake, pause};
use crate::network::NodeId;

/// The pause behind the first refusal because markers are being written, and the longest one.
const SOON: Duration = Duration::from_millis(1);
const SOON_AT_MOST: Duration = Duration::from_millis(16);
/// How long markers are asked for; whatever takes longer, the broker may wait for.
const MARKERS: Duration = Duration::from_millis(100);
/// InitProducerId can name the epoch that it continues from this version on (KIP-360).
pub(super) const CONTINUES_SINCE: i16 = 3;

/// Which protocol transactions follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    One,
    Two,
}

impl Protocol {
    /// What the cluster has finalised as `transaction.version`.
    pub(super) fn of(level: i16) -> Self {
        if level >= 2 { Protocol::Two } else { Protocol::One }
    }

    /// The newest EndTxn and the newest Produce that it allows: newer ones mean the other protocol.
    pub(super) fn newest(self) -> (i16, i16) {
        match self {
            Protocol::One => (4, 11),
            Protocol::Two => (i16::MAX, i16::MAX),
        }
    }

    /// The oldest that it needs.
    pub(super) fn oldest(self) -> (i16, i16) {
        match self {
            Protocol::One => (0, 0),
            Protocol::Two => (5, 12),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Unfenced,
    Fencing,
    Ready,
    Open,
    Ending(End),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Commit,
    Abort,
}

/// What is to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    FindCoordinator,
    InitProducerId,
    AddPartitions,
    DescribeTransactions,
    EndTxn,
}

/// See the module's documentation.
pub(super) struct Transaction {
    /// `None`: idempotent only, and the coordinator is never asked.
    id: Option<String>,
    timeout: Duration,
    backoff: (Duration, Duration),
    pub(super) phase: Phase,
    pub(super) protocol: Protocol,
    pub(super) numbering: Option<Numbering>,
    pub(super) coordinator: Option<NodeId>,
    /// Counts the transactions of this producer.
    pub(super) number: u64,
    /// The coordinator may know that the transaction has begun.
    pub(super) has_begun: bool,
    /// Partitions of the open transaction, and those of them that the coordinator is still to be told of.
    pub(super) partitions: Vec<PartitionId>,
    pub(super) to_add: Vec<PartitionId>,
    /// Until when it is asked whether the markers of the last transaction are written.
    markers_until: Option<Instant>,
    /// A request is open.
    pub(super) is_asked: bool,
    /// The coordinator was told something of it and did not answer: nobody knows what it has done, or will still do.
    pub(super) is_in_doubt: bool,
    not_before: Option<Instant>,
    failures: u32,
}

impl Transaction {
    pub(super) fn new(id: Option<String>, timeout: Duration, backoff: (Duration, Duration)) -> Self {
        Transaction {
            id,
            timeout,
            backoff,
            phase: Phase::Unfenced,
            protocol: Protocol::One,
            numbering: None,
            coordinator: None,
            number: 0,
            has_begun: false,
            partitions: Vec::new(),
            to_add: Vec::new(),
            markers_until: None,
            is_asked: false,
            is_in_doubt: false,
            not_before: None,
            failures: 0,
        }
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    pub(super) fn is_transactional(&self) -> bool {
        self.id.is_some()
    }

    /// Another transaction begins.
    pub(super) fn begin(&mut self, protocol: Protocol) {
        self.protocol = protocol;
        self.phase = Phase::Open;
        self.number += 1;
        self.has_begun = false;
        self.is_in_doubt = false;
        self.partitions.clear();
        self.to_add.clear();
    }

    /// A partition gets its first record of this transaction. Answers whether records may go there at once.
    pub(super) fn touch(&mut self, partition: PartitionId) -> bool {
        self.partitions.push(partition);
        let is_free = !self.is_transactional() || self.protocol == Protocol::Two;
        if !is_free {
            self.to_add.push(partition);
        }
        is_free
    }

    /// What is to be asked now; `is_quiet`: no record waits or is on its way.
    pub(super) fn need(&self, is_quiet: bool, now: Instant, wake: &mut Wake) -> Option<Need> {
        if self.is_asked {
            return None;
        }
        let need = match self.phase {
            Phase::Unfenced | Phase::Ready => return None,
            Phase::Fencing => Need::InitProducerId,
            Phase::Open | Phase::Ending(End::Commit) if !self.to_add.is_empty() => Need::AddPartitions,
            Phase::Open | Phase::Ending(End::Commit) if !is_quiet && self.awaits_markers(now).is_some() => {
                Need::DescribeTransactions
            }
            Phase::Ending(_) if is_quiet => Need::EndTxn,
            Phase::Open | Phase::Ending(_) => return None,
        };
        if let Some(time) = self.not_before.filter(|time| now < *time) {
            wake.at(time);
            return None;
        }
        Some(match self.coordinator {
            None if self.is_transactional() => Need::FindCoordinator,
            _ => need,
        })
    }

    /// Until when, at most, the next transaction's records would come too early.
    pub(super) fn awaits_markers(&self, now: Instant) -> Option<Instant> {
        self.markers_until.filter(|until| now < *until)
    }

    /// The markers are written, or nobody can say.
    pub(super) fn has_markers(&mut self) {
        self.markers_until = None;
    }

    /// Asks what has become of the last transaction.
    pub(super) fn describe(&self) -> DescribeTransactionsRequest {
        let id = self.id.clone().unwrap_or_default();
        DescribeTransactionsRequest::default().with_transactional_ids(vec![TransactionalId(StrBytes::from_string(id))])
    }

    /// The last request was answered as it should be.
    pub(super) fn answered(&mut self) {
        self.is_asked = false;
        self.not_before = None;
        self.failures = 0;
    }

    /// The last request is to be repeated after a pause.
    pub(super) fn again(&mut self, now: Instant) {
        self.pause(now, self.backoff.0, self.backoff.1);
    }

    /// The last request is to be repeated as soon as markers may be written.
    pub(super) fn soon(&mut self, now: Instant) {
        self.pause(now, SOON, SOON_AT_MOST);
    }

    fn pause(&mut self, now: Instant, first: Duration, longest: Duration) {
        self.is_asked = false;
        self.not_before = Some(now + pause(first, longest, self.failures));
        self.failures += 1;
    }

    /// How long a batch rests that was refused because markers are being written.
    pub(super) fn soon_pauses() -> (Duration, Duration) {
        (SOON, SOON_AT_MOST)
    }

    /// Asks for an id and an epoch: for new ones, or, behind an abort, for the epoch that follows.
    pub(super) fn init_producer_id(&self, version: i16) -> InitProducerIdRequest {
        let id = self.id.clone().map(|id| TransactionalId(StrBytes::from_string(id)));
        let timeout = i32::try_from(self.timeout.as_millis()).unwrap_or(i32::MAX);
        let (producer_id, epoch) = match self.numbering {
            Some(numbering) if version >= CONTINUES_SINCE => (numbering.producer_id, numbering.epoch),
            _ => (-1, -1),
        };
        InitProducerIdRequest::default()
            .with_transactional_id(id)
            .with_transaction_timeout_ms(timeout)
            .with_producer_id(ProducerId(producer_id))
            .with_producer_epoch(epoch)
    }

    /// Whoever numbers records from now on; the id stays if none is told.
    pub(super) fn is_numbered(&mut self, producer_id: i64, epoch: i16) {
        if producer_id >= 0 {
            self.numbering = Some(Numbering {
                producer_id,
                epoch,
                is_transactional: self.is_transactional(),
            });
        }
    }

    /// Tells the coordinator of partitions: `(topic, partitions)`.
    pub(super) fn add_partitions(&self, topics: Vec<(String, Vec<i32>)>) -> Option<AddPartitionsToTxnRequest> {
        let numbering = self.numbering?;
        let topics = topics
            .into_iter()
            .map(|(name, partitions)| {
                AddPartitionsToTxnTopic::default()
                    .with_name(TopicName(StrBytes::from_string(name)))
                    .with_partitions(partitions)
            })
            .collect();
        Some(
            AddPartitionsToTxnRequest::default()
                .with_v3_and_below_transactional_id(TransactionalId(StrBytes::from_string(self.id.clone()?)))
                .with_v3_and_below_producer_id(ProducerId(numbering.producer_id))
                .with_v3_and_below_producer_epoch(numbering.epoch)
                .with_v3_and_below_topics(topics),
        )
    }

    /// Ends the transaction.
    pub(super) fn end_txn(&self) -> Option<EndTxnRequest> {
        let numbering = self.numbering?;
        let is_commit = self.phase == Phase::Ending(End::Commit);
        Some(
            EndTxnRequest::default()
                .with_transactional_id(TransactionalId(StrBytes::from_string(self.id.clone()?)))
                .with_producer_id(ProducerId(numbering.producer_id))
                .with_producer_epoch(numbering.epoch)
                .with_committed(is_commit),
        )
    }

    /// It is to end, and the coordinator does not know that it has begun.
    pub(super) fn is_ending_nothing(&self) -> bool {
        let is_ending = matches!(self.phase, Phase::Ending(_)) && self.to_add.is_empty() && !self.is_asked;
        is_ending && !(self.is_transactional() && self.has_begun)
    }

    /// The coordinator has written down how it ends.
    pub(super) fn has_ended(&mut self, now: Instant) {
        self.answered();
        if self.protocol == Protocol::Two {
            self.markers_until = Some(now + MARKERS);
        }
        self.has_begun = false;
        let is_clean = self.phase == Phase::Ending(End::Commit) && !self.is_in_doubt;
        self.phase = match self.protocol {
            Protocol::One if !is_clean => Phase::Fencing,
            _ => Phase::Ready,
        };
    }
}
