//! What comes: connections that open and end, and answers, each with its consequence.

use std::collections::HashMap;
use std::time::Instant;

use bytes::Bytes;
use kafka_protocol::messages::{
    AddPartitionsToTxnRequest, DescribeTransactionsRequest, DescribeTransactionsResponse, EndTxnRequest,
    FindCoordinatorRequest, FindCoordinatorResponse, InitProducerIdRequest, MetadataRequest, ProduceResponse,
};
use tracing::debug;

use super::asked::Asked;
use super::consequences::refusal;
use super::transaction::{CONTINUES_SINCE, End, Phase};
use super::{PartitionId, Producer};
use crate::error::{Error, Kind};
use crate::error_code::{self, Consequence, ErrorCode};
use crate::network::{Event, LinkCause, LinkFailure, Network, NodeId};
use crate::nodes::Asking;
use crate::protocol::{self, Nonsense};
use crate::settings::Address;

impl<N: Network> Producer<N> {
    pub(super) fn hear(&mut self, event: Event, now: Instant) {
        match event {
            Event::Opened {
                node,
                versions,
                lifetime,
            } => self.nodes.opened(node, versions, lifetime, now),
            Event::Closed { node, failure } => self.closed(node, &failure, now),
            // It was given up just now.
            Event::Answered { node, .. } if !self.nodes.is_up(node) => {}
            Event::Answered {
                node,
                correlation,
                body,
            } => {
                let heard = match self.nodes.answered(node, correlation) {
                    Some(asking) => self.understand(node, asking, body, now),
                    None => Err((
                        None,
                        Nonsense(format!("nothing was asked under the number {correlation}")),
                    )),
                };
                // Whatever else is on the way over this connection makes no more sense.
                if let Err((asked, error)) = heard {
                    self.network.close(node);
                    let message = format!("broker {}: {error}", node.0);
                    let failure = LinkFailure {
                        cause: LinkCause::Lost,
                        message,
                    };
                    self.closed(node, &failure, now);
                    if let Some(asked) = asked {
                        self.unanswered(node, asked, now);
                    }
                }
            }
        }
    }

    /// A connection is gone: what was asked over it is asked again, elsewhere if need be.
    pub(super) fn closed(&mut self, node: NodeId, failure: &LinkFailure, now: Instant) {
        debug!(broker = node.0, reason = failure.message, "the connection is gone");
        for asked in self.nodes.closed(node, failure, now) {
            self.unanswered(node, asked, now);
        }
        self.cluster.suspect(node);
        if self.transaction.coordinator == Some(node) {
            self.transaction.coordinator = None;
        }
        if failure.cause == LinkCause::Refused {
            self.fail(Error::new(
                Kind::Refused,
                "connecting to Kafka",
                failure.message.clone(),
            ));
        }
    }

    fn unanswered(&mut self, node: NodeId, asked: Asked, now: Instant) {
        match asked {
            Asked::Metadata => self.cluster.unanswered(now),
            Asked::Produce(batches) => {
                for (id, sequence) in batches {
                    self.again(id, sequence, Consequence::NewMetadata, "no answer", now);
                }
            }
            Asked::AddPartitions(mut partitions) => {
                self.transaction.is_in_doubt = true;
                self.transaction.to_add.append(&mut partitions);
                self.coordinator_is_lost(node, now);
            }
            Asked::DescribeTransactions => {
                self.transaction.has_markers();
                self.coordinator_is_lost(node, now);
            }
            Asked::EndTxn => {
                self.transaction.is_in_doubt = true;
                self.coordinator_is_lost(node, now);
            }
            Asked::FindCoordinator | Asked::InitProducerId => self.coordinator_is_lost(node, now),
        }
    }

    fn coordinator_is_lost(&mut self, node: NodeId, now: Instant) {
        if self.transaction.coordinator == Some(node) {
            self.transaction.coordinator = None;
        }
        self.transaction.again(now);
    }

    fn understand(
        &mut self,
        node: NodeId,
        asking: Asking<Asked>,
        body: Bytes,
        now: Instant,
    ) -> Result<(), (Option<Asked>, Nonsense)> {
        let version = asking.version;
        let heard = match &asking.asked {
            Asked::Metadata => protocol::answer::<MetadataRequest>(body, version).map(|answer| {
                self.nodes.throttle(node, answer.throttle_time_ms, now);
                let refused = self.cluster.learn(&answer, now);
                self.nodes.learn(self.cluster.brokers(), &mut self.network, now);
                for (topic, error) in refused {
                    let context = format!("looking for topic {}", self.cluster.name(topic));
                    self.fail(refusal(context, error));
                }
            }),
            Asked::FindCoordinator => protocol::answer::<FindCoordinatorRequest>(body, version).map(|answer| {
                self.nodes.throttle(node, answer.throttle_time_ms, now);
                self.coordinator_is_found(&answer, now);
            }),
            Asked::InitProducerId => protocol::answer::<InitProducerIdRequest>(body, version).map(|answer| {
                self.nodes.throttle(node, answer.throttle_time_ms, now);
                self.is_initialised(
                    answer.error_code,
                    (answer.producer_id.0, answer.producer_epoch),
                    version,
                    now,
                );
            }),
            Asked::AddPartitions(partitions) => {
                protocol::answer::<AddPartitionsToTxnRequest>(body, version).map(|answer| {
                    self.nodes.throttle(node, answer.throttle_time_ms, now);
                    let topics = answer.results_by_topic_v3_and_below.iter();
                    let codes = topics.flat_map(|topic| topic.results_by_partition.iter());
                    let codes: Vec<i16> = codes.map(|partition| partition.partition_error_code).collect();
                    self.are_added(partitions, &codes, now);
                })
            }
            Asked::DescribeTransactions => {
                protocol::answer::<DescribeTransactionsRequest>(body, version).map(|answer| {
                    self.nodes.throttle(node, answer.throttle_time_ms, now);
                    self.is_described(&answer, now);
                })
            }
            Asked::EndTxn => protocol::answer::<EndTxnRequest>(body, version).map(|answer| {
                self.nodes.throttle(node, answer.throttle_time_ms, now);
                self.has_ended(answer.error_code, (answer.producer_id.0, answer.producer_epoch), now);
            }),
            Asked::Produce(batches) => protocol::produced(body, version).map(|answer| {
                self.nodes.throttle(node, answer.throttle_time_ms, now);
                self.are_produced(batches, &answer, now);
            }),
        };
        heard.map_err(|error| (Some(asking.asked), error))
    }

    fn are_produced(&mut self, batches: &[(PartitionId, i32)], answer: &ProduceResponse, now: Instant) {
        let mut asked: HashMap<PartitionId, i32> = batches.iter().copied().collect();
        for topic in &answer.responses {
            for told in &topic.partition_responses {
                let partitions = self.by_place.get(topic.name.0.as_str());
                let id = partitions.and_then(|partitions| partitions.get(&told.index)).copied();
                if let Some((id, sequence)) = id.and_then(|id| asked.remove_entry(&id)) {
                    self.is_produced(id, sequence, told, now);
                }
            }
        }
        for (id, sequence) in asked {
            self.again(id, sequence, Consequence::Again, "the answer leaves it out", now);
        }
    }

    fn coordinator_is_found(&mut self, answer: &FindCoordinatorResponse, now: Instant) {
        let (code, node, host, port) = match answer.coordinators.first() {
            Some(found) => (found.error_code, found.node_id, &found.host, found.port),
            None => (answer.error_code, answer.node_id, &answer.host, answer.port),
        };
        if let Some(error) = ErrorCode::of(code) {
            self.coordinator_refuses("finding the coordinator of", error, error_code::Asked::LookUp, now);
            return;
        }
        let Ok(port) = u16::try_from(port) else {
            self.transaction.again(now);
            return;
        };
        let (id, host) = (NodeId(node.0), host.to_string());
        self.nodes.locate(id, &Address { host, port }, &mut self.network, now);
        self.transaction.coordinator = Some(id);
        self.transaction.answered();
    }

    fn is_initialised(&mut self, code: i16, (producer_id, epoch): (i64, i16), version: i16, now: Instant) {
        if let Some(error) = ErrorCode::of(code) {
            self.coordinator_refuses("fencing the predecessor of", error, error_code::Asked::Coordinator, now);
            return;
        }
        let has_numbered = self.transaction.numbering.is_some();
        self.transaction.answered();
        self.transaction.is_numbered(producer_id, epoch);
        self.transaction.phase = Phase::Ready;
        debug!(
            producer_id,
            epoch,
            continues = has_numbered && version >= CONTINUES_SINCE,
            "the producer has its id"
        );
    }

    fn are_added(&mut self, partitions: &[PartitionId], codes: &[i16], now: Instant) {
        let errors: Vec<ErrorCode> = codes.iter().copied().filter_map(ErrorCode::of).collect();
        // Whatever was not attempted was not because of another one.
        let error = errors
            .iter()
            .find(|error| !error.is("OPERATION_NOT_ATTEMPTED"))
            .or(errors.first());
        match error {
            None if codes.len() < partitions.len() => {
                self.transaction.to_add.extend_from_slice(partitions);
                self.transaction.again(now);
            }
            None => {
                self.transaction.answered();
                for id in partitions {
                    self.queues[id.0].is_added = true;
                }
            }
            Some(error) => {
                self.transaction.to_add.extend_from_slice(partitions);
                let asked = error_code::Asked::Coordinator;
                self.coordinator_refuses("adding partitions to the transaction of", *error, asked, now);
            }
        }
    }

    fn is_described(&mut self, answer: &DescribeTransactionsResponse, now: Instant) {
        let is_preparing = |state: &str| state.starts_with("Prepare");
        match answer.transaction_states.first() {
            Some(told) if told.error_code == 0 && is_preparing(&told.transaction_state) => self.transaction.soon(now),
            // Also if the coordinator does not say: whether it is too early, it says again when it is.
            _ => {
                self.transaction.answered();
                self.transaction.has_markers();
            }
        }
    }

    fn has_ended(&mut self, code: i16, (producer_id, epoch): (i64, i16), now: Instant) {
        let phase = self.transaction.phase;
        let error = ErrorCode::of(code);
        // What is aborted need not have begun: the request that would have begun it can be lost.
        let is_nothing = phase == Phase::Ending(End::Abort) && error.is_some_and(|error| error.is("INVALID_TXN_STATE"));
        if let Some(error) = error.filter(|_| !is_nothing) {
            let doing = match phase {
                Phase::Ending(End::Abort) => "aborting the transaction of",
                _ => "committing the transaction of",
            };
            self.coordinator_refuses(doing, error, error_code::Asked::Coordinator, now);
            return;
        }
        if error.is_none() {
            self.transaction.is_numbered(producer_id, epoch);
        }
        self.silence.ends(now, false);
        self.transaction.has_ended(now);
    }
}
