//! [`Order`]: in which order one producer sends the batches of a partition.
//!
//! A broker refuses a batch whose predecessor it does not have, so a client that sends them in a wrong order gets there in the
//! end, and no reader notices. So it is looked at here: a batch leaves only when each one before it has arrived, or is on its
//! way over the same connection.

use std::collections::BTreeMap;

use bytes::Bytes;
use kafka_protocol::messages::ProduceResponse;
use kafka_protocol::protocol::Decodable;

use crate::network::NodeId;

/// Produce answers have tags in their header from this version on.
const FLEXIBLE_SINCE: i16 = 9;
const DUPLICATE_SEQUENCE: i16 = 46;

/// A batch on its way: partition, epoch and first sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) partition: i32,
    pub(super) epoch: i16,
    pub(super) sequence: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    OnTheWay(NodeId),
    Waits,
    Arrived,
}

pub(super) struct Order {
    /// How many produce requests a broker may be sent before it answers one.
    max_in_flight: usize,
    batches: BTreeMap<Place, State>,
    requests: BTreeMap<(NodeId, i32), (i16, Vec<Place>)>,
}

impl Order {
    pub(super) fn new(max_in_flight: usize) -> Self {
        Order {
            max_in_flight,
            batches: BTreeMap::new(),
            requests: BTreeMap::new(),
        }
    }

    /// A produce request leaves; says what is wrong with that.
    pub(super) fn sent(
        &mut self,
        node: NodeId,
        correlation: i32,
        version: i16,
        places: Vec<Place>,
    ) -> Result<(), String> {
        for place in &places {
            let first = Place { sequence: 0, ..*place };
            let mut before = self.batches.range(first..*place);
            let is_early = |state: &State| *state != State::Arrived && *state != State::OnTheWay(node);
            if let Some((other, state)) = before.find(|(_, state)| is_early(state)) {
                return Err(format!("{place:?} leaves before {other:?}, which is {state:?}"));
            }
            if let Some(State::OnTheWay(_)) = self.batches.insert(*place, State::OnTheWay(node)) {
                return Err(format!("{place:?} leaves twice"));
            }
        }
        self.requests.insert((node, correlation), (version, places));
        let unanswered = self.requests.keys().filter(|(other, _)| *other == node).count();
        match unanswered > self.max_in_flight {
            true => Err(format!("{unanswered} requests without an answer")),
            false => Ok(()),
        }
    }

    /// The producer gets this answer.
    pub(super) fn answered(&mut self, node: NodeId, correlation: i32, body: &Bytes) {
        let Some((version, places)) = self.requests.remove(&(node, correlation)) else {
            return;
        };
        let arrived = arrived(body.clone(), version);
        for place in places {
            let has_arrived = arrived.contains(&place.partition);
            let state = if has_arrived { State::Arrived } else { State::Waits };
            self.batches.insert(place, state);
        }
    }

    /// The producer learns that a connection is gone, or gives it up.
    pub(super) fn closed(&mut self, node: NodeId) {
        self.requests.retain(|(other, _), (_, places)| {
            if *other == node {
                self.batches.extend(places.iter().map(|place| (*place, State::Waits)));
            }
            *other != node
        });
    }
}

/// The partitions that an answer says have their batch; none if it makes no sense.
fn arrived(mut body: Bytes, version: i16) -> Vec<i32> {
    if version >= FLEXIBLE_SINCE && !body.is_empty() {
        drop(body.split_to(1));
    }
    let answer = ProduceResponse::decode(&mut body, version).unwrap_or_default();
    let partitions = answer.responses.iter().flat_map(|topic| &topic.partition_responses);
    partitions
        .filter(|partition| matches!(partition.error_code, 0 | DUPLICATE_SEQUENCE))
        .map(|partition| partition.index)
        .collect()
}
