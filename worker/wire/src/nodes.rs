//! [`Nodes`]: the brokers, which of them are connected, and what each was asked and has not answered.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use crate::backoff::{Wake, pause};
use crate::network::{LinkFailure, Network, NodeId};
use crate::protocol::{Api, Frame, Versions};
use crate::settings::{Address, ConnectionSettings};

/// How long one attempt to connect may take before another broker is tried as well.
const IMPATIENCE: Duration = Duration::from_secs(1);
/// Whoever connects has the time limit, too, and knows better what it waited for.
const GRACE: Duration = Duration::from_secs(1);
/// How much of its life a connection whose log-in ends is used (KIP-368).
const PART_OF_LIFE: f64 = 0.85;

/// What a broker is asked for.
pub(crate) trait Question {
    fn api(&self) -> Api;
}

/// A request without its answer.
pub(crate) struct Asking<Q> {
    correlation: i32,
    pub(crate) version: i16,
    pub(crate) asked: Q,
    since: Instant,
}

struct Node<Q> {
    address: Address,
    state: State,
    asked: VecDeque<Asking<Q>>,
    produces: usize,
    /// What a broker's quota asks for (KIP-219).
    throttled_until: Option<Instant>,
    failures: u32,
}

enum State {
    Down { until: Instant },
    Opening { since: Instant },
    Up { versions: Versions, until: Option<Instant> },
}

/// The brokers that a client talks to, and asks for what `Q` says.
pub(crate) struct Nodes<Q> {
    nodes: BTreeMap<NodeId, Node<Q>>,
    correlation: i32,
    settings: ConnectionSettings,
    /// The last reason why a connection ended or did not come about.
    complaint: Option<String>,
    /// What the cluster has finalised: its epoch, and `transaction.version`.
    features: (i64, i16),
}

impl<Q: Question> Nodes<Q> {
    pub(crate) fn new(settings: ConnectionSettings, now: Instant) -> Self {
        let nodes = (1..)
            .zip(&settings.bootstrap)
            .map(|(number, address)| (NodeId(-number), Node::new(address.clone(), now)))
            .collect();
        Nodes {
            nodes,
            correlation: 0,
            settings,
            complaint: None,
            features: (-1, 0),
        }
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.settings.client_id
    }

    pub(crate) fn complaint(&self) -> Option<&str> {
        self.complaint.as_deref()
    }

    /// `transaction.version`, as far as it is known.
    pub(crate) fn transaction_version(&self) -> i16 {
        self.features.1
    }

    /// The brokers of the cluster. Those that it was begun with are left when they have nothing to answer.
    pub(crate) fn learn(&mut self, brokers: &BTreeMap<NodeId, Address>, network: &mut impl Network, now: Instant) {
        if brokers.is_empty() {
            return;
        }
        for (id, address) in brokers {
            self.locate(*id, address, network, now);
        }
        for (id, node) in &mut self.nodes {
            if !brokers.contains_key(id) && node.asked.is_empty() && !matches!(node.state, State::Down { .. }) {
                network.close(*id);
                node.state = State::Down { until: now };
            }
        }
        self.nodes
            .retain(|id, node| id.0 < 0 || brokers.contains_key(id) || !node.asked.is_empty());
    }

    /// Where a broker is.
    pub(crate) fn locate(&mut self, id: NodeId, address: &Address, network: &mut impl Network, now: Instant) {
        let node = self.nodes.entry(id).or_insert_with(|| Node::new(address.clone(), now));
        if node.address != *address && node.asked.is_empty() {
            network.close(id);
            node.state = State::Down { until: now };
            node.address = address.clone();
        }
    }

    /// Whether a broker can be asked now; if not, that is worked on.
    pub(crate) fn is_ready(&mut self, id: NodeId, network: &mut impl Network, now: Instant, wake: &mut Wake) -> bool {
        let Some(node) = self.nodes.get_mut(&id) else {
            return false;
        };
        match &node.state {
            State::Down { until } if now < *until => {
                wake.at(*until);
                false
            }
            State::Down { .. } => {
                network.open(id, &node.address);
                node.state = State::Opening { since: now };
                false
            }
            State::Opening { .. } => false,
            State::Up { until, .. } => {
                if until.is_some_and(|until| now >= until) {
                    if node.asked.is_empty() {
                        network.close(id);
                        node.state = State::Down { until: now };
                        wake.at(now);
                    }
                    return false;
                }
                match node.throttled_until.filter(|time| now < *time) {
                    Some(time) => {
                        wake.at(time);
                        false
                    }
                    None => true,
                }
            }
        }
    }

    /// Any broker that can be asked now; if there is none, one is connected to.
    pub(crate) fn any(&mut self, network: &mut impl Network, now: Instant, wake: &mut Wake) -> Option<NodeId> {
        let mut up: Vec<NodeId> = self
            .nodes
            .iter()
            .filter(|(_, node)| node.is_up())
            .map(|(id, _)| *id)
            .collect();
        up.retain(|id| self.is_ready(*id, network, now, wake));
        let idlest = up
            .iter()
            .min_by_key(|id| self.nodes.get(id).map_or(0, |node| node.asked.len()));
        if let Some(id) = idlest {
            return Some(*id);
        }
        let mut opening = self.nodes.values().filter_map(|node| match node.state {
            State::Opening { since } => Some(since + IMPATIENCE),
            _ => None,
        });
        if let Some(time) = opening.find(|time| now < *time) {
            wake.at(time);
            return None;
        }
        // Brokers of the cluster before those it was begun with, and those that failed less often.
        let down = |node: &Node<Q>| matches!(node.state, State::Down { .. });
        let candidate = self
            .nodes
            .iter()
            .filter(|(_, node)| down(node))
            .min_by_key(|(id, node)| (node.not_before(), node.failures, id.0 < 0))
            .map(|(id, _)| *id);
        if let Some(id) = candidate {
            self.is_ready(id, network, now, wake);
        }
        None
    }

    pub(crate) fn is_up(&self, id: NodeId) -> bool {
        self.nodes.get(&id).is_some_and(Node::is_up)
    }

    /// How many more produce requests a broker can be sent now.
    pub(crate) fn room_for_produces(&self, id: NodeId, at_most: usize) -> usize {
        self.nodes
            .get(&id)
            .map_or(0, |node| at_most.saturating_sub(node.produces))
    }

    /// The newest version of a request that a broker and this client speak.
    pub(crate) fn newest(&self, id: NodeId, api: Api, at_most: i16) -> Option<i16> {
        match &self.nodes.get(&id)?.state {
            State::Up { versions, .. } => versions.newest(api, at_most),
            _ => None,
        }
    }

    /// The number of the next request.
    pub(crate) fn next_correlation(&mut self) -> i32 {
        self.correlation = self.correlation.wrapping_add(1) & i32::MAX;
        self.correlation
    }

    /// Asks. The frame has the number that was given last.
    pub(crate) fn ask(&mut self, id: NodeId, asked: Q, version: i16, frame: Frame, network: &mut impl Network) {
        let Some(node) = self.nodes.get_mut(&id) else { return };
        node.produces += usize::from(asked.api() == Api::Produce);
        node.asked.push_back(Asking {
            correlation: self.correlation,
            version,
            asked,
            since: network.now(),
        });
        network.send(id, frame);
    }

    /// What an answer answers: brokers answer in order.
    pub(crate) fn answered(&mut self, id: NodeId, correlation: i32) -> Option<Asking<Q>> {
        let node = self.nodes.get_mut(&id)?;
        if node.asked.front()?.correlation != correlation {
            return None;
        }
        let asking = node.asked.pop_front()?;
        node.produces -= usize::from(asking.asked.api() == Api::Produce);
        Some(asking)
    }

    pub(crate) fn throttle(&mut self, id: NodeId, milliseconds: i32, now: Instant) {
        let Some(node) = self.nodes.get_mut(&id) else { return };
        let pause = u64::try_from(milliseconds).unwrap_or_default();
        if pause > 0 {
            node.throttled_until = Some(now + Duration::from_millis(pause));
        }
    }

    pub(crate) fn opened(&mut self, id: NodeId, versions: Versions, lifetime: Option<Duration>, now: Instant) {
        let Some(node) = self.nodes.get_mut(&id) else { return };
        let (epoch, level) = versions.transaction_version();
        if epoch >= self.features.0 {
            self.features = (epoch, level);
        }
        node.failures = 0;
        node.state = State::Up {
            versions,
            until: lifetime.map(|lifetime| now + lifetime.mul_f64(PART_OF_LIFE)),
        };
    }

    /// A connection is gone, or did not come about: what was asked over it.
    pub(crate) fn closed(&mut self, id: NodeId, failure: &LinkFailure, now: Instant) -> Vec<Q> {
        let Some(node) = self.nodes.get_mut(&id) else {
            return Vec::new();
        };
        let settings = &self.settings;
        let pause = pause(
            settings.reconnect_backoff,
            settings.reconnect_backoff_max,
            node.failures,
        );
        self.complaint = Some(failure.message.clone());
        node.failures += 1;
        node.produces = 0;
        node.throttled_until = None;
        node.state = State::Down { until: now + pause };
        node.asked.drain(..).map(|asking| asking.asked).collect()
    }

    /// Connections that leave something open for too long, each with what to say of it.
    pub(crate) fn overdue(&self, now: Instant) -> Vec<(NodeId, String)> {
        let due = self.nodes.iter().filter_map(|(id, node)| {
            let (since, limit) = self.deadline(node)?;
            let what = match node.asked.front() {
                Some(asking) if node.is_up() => format!("the answer to {}", asking.asked.api()),
                _ => "the connection".to_owned(),
            };
            let message = format!("{}: {what} does not come in {} s", node.address, limit.as_secs_f64());
            (since + limit <= now).then_some((*id, message))
        });
        due.collect()
    }

    /// Something is due when one of them is.
    pub(crate) fn remember_deadlines(&self, wake: &mut Wake) {
        let deadlines = self.nodes.values().filter_map(|node| self.deadline(node));
        deadlines.for_each(|(since, limit)| wake.at(since + limit));
    }

    /// Since when a broker owes something, and how long it may.
    fn deadline(&self, node: &Node<Q>) -> Option<(Instant, Duration)> {
        match (&node.state, node.asked.front()) {
            (State::Opening { since }, _) => Some((*since, self.settings.setup_timeout + GRACE)),
            (_, asking) => Some((asking?.since, self.settings.request_timeout)),
        }
    }
}

impl<Q> Node<Q> {
    fn new(address: Address, now: Instant) -> Self {
        Node {
            address,
            state: State::Down { until: now },
            asked: VecDeque::new(),
            produces: 0,
            throttled_until: None,
            failures: 0,
        }
    }

    fn is_up(&self) -> bool {
        matches!(self.state, State::Up { .. })
    }

    fn not_before(&self) -> Option<Instant> {
        match self.state {
            State::Down { until } => Some(until),
            _ => None,
        }
    }
}
