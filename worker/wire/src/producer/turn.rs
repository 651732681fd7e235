//! One turn of the producer: what can be asked and sent is, then it waits, then it looks at what has come.
//!
//! Nothing is remembered as "to be done": each turn reads from the state what is missing. So an answer that never comes, a
//! connection that ends and a broker that moves need no undoing. Whatever is put off until a time says so to [`Wake`].

use std::time::Instant;

use kafka_protocol::messages::{FindCoordinatorRequest, MetadataRequest};
use kafka_protocol::protocol::StrBytes;

use super::asked::Asked;
use super::queue::Readiness;
use super::transaction::{End, Need, Phase};
use super::{PartitionId, Producer};
use crate::backoff::Wake;
use crate::error::{Error, Kind};
use crate::network::{LinkCause, LinkFailure, Network, NodeId};
use crate::nodes::Question;
use crate::protocol::{self, Api, Call, Frame, Nonsense, PartitionData, ProduceHead, produce_request};

/// Coordinators of transactions, among the kinds of coordinators.
const OF_TRANSACTIONS: i8 = 1;
/// FindCoordinator takes several keys from this version on.
const SEVERAL_KEYS_SINCE: i16 = 4;

impl<N: Network> Producer<N> {
    /// Does what can be done, and waits for the next event, at most until `until`.
    pub(super) fn turn(&mut self, until: Instant) {
        let now = self.network.now();
        let mut wake = Wake::default();
        for (node, message) in self.nodes.overdue(now) {
            self.network.close(node);
            let cause = LinkCause::Lost;
            self.closed(node, &LinkFailure { cause, message }, now);
        }
        self.ask_the_coordinator(now, &mut wake);
        self.send_batches(now, &mut wake);
        // Behind the batches: they show whose leader is not known.
        self.ask_for_metadata(now, &mut wake);
        self.nodes.remember_deadlines(&mut wake);
        if self.failure.is_some() || self.transaction.phase == Phase::Ready {
            wake.at(now);
        }
        let mut events = std::mem::take(&mut self.events);
        self.network.wait(wake.or(until), &mut events);
        let now = self.network.now();
        for event in events.drain(..) {
            self.hear(event, now);
        }
        self.events = events;
    }

    /// Takes turns until `is_done`, or until `deadline`; `Ok(false)`: it was not done in time.
    pub(super) fn turn_until(&mut self, deadline: Instant, is_done: impl Fn(&Self) -> bool) -> Result<bool, Error> {
        loop {
            if let Some(failure) = &self.failure {
                return Err(failure.clone());
            }
            if is_done(self) {
                return Ok(true);
            }
            if self.network.now() >= deadline {
                return Ok(false);
            }
            self.turn(deadline);
        }
    }

    fn ask_for_metadata(&mut self, now: Instant, wake: &mut Wake) {
        if !self.cluster.is_due(now, wake) {
            return;
        }
        let Some(node) = self.nodes.any(&mut self.network, now, wake) else {
            return;
        };
        let Some(version) = self.nodes.newest(node, Api::Metadata, i16::MAX) else {
            return;
        };
        let ask: MetadataRequest = self.cluster.ask(now);
        self.ask(node, Asked::Metadata, &ask, version);
    }

    fn ask_the_coordinator(&mut self, now: Instant, wake: &mut Wake) {
        let is_quiet = self.batches == 0;
        if is_quiet && self.transaction.is_ending_nothing() {
            self.transaction.phase = Phase::Ready;
            return;
        }
        match self.transaction.need(is_quiet, now, wake) {
            None => {}
            Some(Need::FindCoordinator) => self.find_coordinator(now, wake),
            Some(Need::InitProducerId) if !self.transaction.is_transactional() => {
                if let Some(node) = self.nodes.any(&mut self.network, now, wake) {
                    self.init_producer_id(node);
                }
            }
            Some(need) => {
                let Some(node) = self.transaction.coordinator else {
                    return;
                };
                if !self.nodes.is_ready(node, &mut self.network, now, wake) {
                    return;
                }
                match need {
                    Need::AddPartitions => self.add_partitions(node),
                    Need::DescribeTransactions => self.describe_transactions(node),
                    Need::EndTxn => self.end_txn(node),
                    Need::FindCoordinator | Need::InitProducerId => self.init_producer_id(node),
                }
            }
        }
    }

    fn find_coordinator(&mut self, now: Instant, wake: &mut Wake) {
        let Some(node) = self.nodes.any(&mut self.network, now, wake) else {
            return;
        };
        let Some(version) = self.version(node, Api::FindCoordinator, i16::MAX, 0) else {
            return;
        };
        let key = StrBytes::from_string(self.transaction.id().unwrap_or_default().to_owned());
        let ask = FindCoordinatorRequest::default().with_key_type(OF_TRANSACTIONS);
        let ask = match version >= SEVERAL_KEYS_SINCE {
            true => ask.with_coordinator_keys(vec![key]),
            false => ask.with_key(key),
        };
        self.transaction.is_asked = true;
        self.ask(node, Asked::FindCoordinator, &ask, version);
    }

    fn init_producer_id(&mut self, node: NodeId) {
        let Some(version) = self.version(node, Api::InitProducerId, i16::MAX, 0) else {
            return;
        };
        let ask = self.transaction.init_producer_id(version);
        self.transaction.is_asked = true;
        self.ask(node, Asked::InitProducerId, &ask, version);
    }

    fn add_partitions(&mut self, node: NodeId) {
        let Some(version) = self.version(node, Api::AddPartitionsToTxn, i16::MAX, 0) else {
            return;
        };
        let partitions = std::mem::take(&mut self.transaction.to_add);
        let mut topics: Vec<(String, Vec<i32>)> = Vec::new();
        let mut by_topic: Vec<PartitionId> = partitions.clone();
        by_topic.sort_by_key(|id| self.queues[id.0].topic);
        for id in by_topic {
            let queue = &self.queues[id.0];
            let name = self.cluster.name(queue.topic);
            match topics.last_mut() {
                Some((topic, numbers)) if topic == name => numbers.push(queue.partition),
                _ => topics.push((name.to_owned(), vec![queue.partition])),
            }
        }
        let Some(ask) = self.transaction.add_partitions(topics) else {
            return;
        };
        self.transaction.is_asked = true;
        self.transaction.has_begun = true;
        self.ask(node, Asked::AddPartitions(partitions), &ask, version);
    }

    fn describe_transactions(&mut self, node: NodeId) {
        let Some(version) = self.nodes.newest(node, Api::DescribeTransactions, i16::MAX) else {
            self.transaction.has_markers();
            return;
        };
        let ask = self.transaction.describe();
        self.transaction.is_asked = true;
        self.ask(node, Asked::DescribeTransactions, &ask, version);
    }

    fn end_txn(&mut self, node: NodeId) {
        let (newest, _) = self.transaction.protocol.newest();
        let (oldest, _) = self.transaction.protocol.oldest();
        let Some(version) = self.version(node, Api::EndTxn, newest, oldest) else {
            return;
        };
        let Some(ask) = self.transaction.end_txn() else { return };
        self.transaction.is_asked = true;
        self.ask(node, Asked::EndTxn, &ask, version);
    }

    /// The version of a request to a broker. None that both speak is a failure, except while the connection is being lost.
    fn version(&mut self, node: NodeId, api: Api, newest: i16, oldest: i16) -> Option<i16> {
        let version = self
            .nodes
            .newest(node, api, newest)
            .filter(|version| *version >= oldest);
        if version.is_none() {
            let message = format!("broker {} does not speak a version of it that this client does", node.0);
            self.fail(Error::new(Kind::Refused, format!("asking for {api}"), message));
        }
        version
    }

    /// Sends a request of the crate's.
    fn ask<C: Call>(&mut self, node: NodeId, asked: Asked, call: &C, version: i16) {
        let correlation = self.nodes.next_correlation();
        let frame = protocol::request(call, version, correlation, self.nodes.client_id());
        self.dispatch(node, asked, version, frame);
    }

    fn dispatch(&mut self, node: NodeId, asked: Asked, version: i16, frame: Result<Frame, Nonsense>) {
        match frame {
            Ok(frame) => self.nodes.ask(node, asked, version, frame, &mut self.network),
            Err(error) => self.fail(Error::new(
                Kind::Rebuild,
                format!("asking for {}", asked.api()),
                error.to_string(),
            )),
        }
    }

    /// Sends to each broker what waits for it, as far as it takes more requests.
    fn send_batches(&mut self, now: Instant, wake: &mut Wake) {
        let is_ending = matches!(self.transaction.phase, Phase::Open | Phase::Ending(End::Commit));
        if self.failure.is_some() || !is_ending {
            return;
        }
        if let Some(time) = self.transaction.awaits_markers(now) {
            wake.at(time);
            return;
        }
        // Each pass gives a broker one request at most; a partition has one batch in a request.
        loop {
            let requests = self.gather(now, wake);
            if requests.is_empty() {
                return;
            }
            for (node, partitions) in requests {
                self.produce(node, partitions);
            }
            if self.failure.is_some() {
                return;
            }
        }
    }

    /// The partitions with a batch to send, by broker, as many as fit into a request.
    fn gather(&mut self, now: Instant, wake: &mut Wake) -> Vec<(NodeId, Vec<PartitionId>)> {
        let mut requests: Vec<(NodeId, usize, Vec<PartitionId>)> = Vec::new();
        let listed = std::mem::take(&mut self.listed);
        let mut left = Vec::with_capacity(listed.len());
        for id in listed {
            let queue = &mut self.queues[id.0];
            if !queue.has_waiting() {
                queue.is_listed = false;
                continue;
            }
            left.push(id);
            if !queue.is_added {
                continue;
            }
            if let Some(oldest) = queue
                .oldest()
                .filter(|oldest| *oldest + self.settings.delivery_timeout <= now)
            {
                let waited = now.saturating_duration_since(oldest);
                self.expired(id, waited);
                continue;
            }
            let (topic, partition) = (queue.topic, queue.partition);
            let Some(leader) = self.cluster.leader(topic, partition) else {
                continue;
            };
            let Readiness::Ready(bytes) = self.queues[id.0].readiness(leader, now, wake) else {
                continue;
            };
            let place = match requests.iter().position(|(node, ..)| *node == leader) {
                Some(place) => place,
                None => {
                    let takes_more = self.nodes.room_for_produces(leader, self.settings.max_in_flight) > 0;
                    let is_ready = self.nodes.is_ready(leader, &mut self.network, now, wake) && takes_more;
                    let room = if is_ready { self.settings.max_request_size } else { 0 };
                    requests.push((leader, room, Vec::new()));
                    requests.len() - 1
                }
            };
            let (_, room, partitions) = &mut requests[place];
            // A batch that is larger than a request may be goes alone: its records are not.
            if bytes <= *room || (partitions.is_empty() && *room > 0) {
                *room = room.saturating_sub(bytes);
                partitions.push(id);
            }
        }
        left.append(&mut self.listed);
        self.listed = left;
        requests.retain(|(_, _, partitions)| !partitions.is_empty());
        requests
            .into_iter()
            .map(|(node, _, partitions)| (node, partitions))
            .collect()
    }

    fn produce(&mut self, node: NodeId, mut partitions: Vec<PartitionId>) {
        let (_, newest) = self.transaction.protocol.newest();
        let (_, oldest) = self.transaction.protocol.oldest();
        let (newest, oldest) = match self.transaction.is_transactional() {
            true => (newest, oldest),
            false => (i16::MAX, 0),
        };
        let Some(version) = self.version(node, Api::Produce, newest, oldest) else {
            return;
        };
        let Some(numbering) = self.transaction.numbering else {
            return;
        };
        partitions.sort_by_key(|id| self.queues[id.0].topic);
        let mut sent = Vec::with_capacity(partitions.len());
        let mut batches = Vec::with_capacity(partitions.len());
        for id in partitions {
            if let Some((batch, sequence)) = self.queues[id.0].send(node, numbering) {
                sent.push((id, sequence));
                batches.push(batch);
            }
        }
        let data: Vec<PartitionData<'_>> = sent
            .iter()
            .zip(batches)
            .map(|((id, _), batch)| PartitionData {
                topic: self.cluster.name(self.queues[id.0].topic),
                partition: self.queues[id.0].partition,
                batch,
            })
            .collect();
        let correlation = self.nodes.next_correlation();
        let head = ProduceHead {
            version,
            correlation,
            client_id: self.nodes.client_id(),
            transactional_id: self.transaction.id(),
            timeout_ms: i32::try_from(self.settings.connection.request_timeout.as_millis()).unwrap_or(i32::MAX),
        };
        let frame = produce_request(&head, &data);
        self.transaction.has_begun = true;
        self.dispatch(node, Asked::Produce(sent), version, frame);
    }
}
