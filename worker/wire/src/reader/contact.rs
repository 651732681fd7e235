//! [`Contact`]: what a reader knows of the cluster, and its connections.

use std::time::Instant;

use bytes::Bytes;
use kafka_protocol::messages::MetadataRequest;

use super::asked::Asked;
use crate::backoff::Wake;
use crate::cluster::{Cluster, Topic};
use crate::error::{Error, Kind};
use crate::error_code::{Consequence, ErrorCode};
use crate::network::{Event, LinkCause, LinkFailure, Network, NodeId};
use crate::nodes::Nodes;
use crate::protocol::{self, Call};
use crate::settings::ConnectionSettings;

/// See the module's documentation.
pub(super) struct Contact<N> {
    pub(super) network: N,
    pub(super) cluster: Cluster,
    nodes: Nodes<Asked>,
    events: Vec<Event>,
}

/// What has come of a question.
pub(super) enum Heard {
    Answer {
        asked: Asked,
        version: i16,
        body: Bytes,
    },
    /// No answer comes.
    Nothing(Asked),
}

impl<N: Network> Contact<N> {
    pub(super) fn new(settings: ConnectionSettings, network: N) -> Self {
        let now = network.now();
        Contact {
            network,
            cluster: Cluster::new(&settings, now),
            nodes: Nodes::new(settings, now),
            events: Vec::new(),
        }
    }

    /// Who leads a partition and can be asked now.
    pub(super) fn leader(&mut self, topic: Topic, partition: i32, now: Instant, wake: &mut Wake) -> Option<NodeId> {
        let leader = self.cluster.leader(topic, partition)?;
        self.nodes
            .is_ready(leader, &mut self.network, now, wake)
            .then_some(leader)
    }

    /// Asks a broker that can be asked now.
    pub(super) fn ask<C: Call>(&mut self, node: NodeId, asked: Asked, call: &C) -> Result<(), Error> {
        let doing = || format!("asking for {}", C::API);
        let Some(version) = self.nodes.newest(node, C::API, i16::MAX) else {
            let message = format!("broker {} does not speak a version of it that this client does", node.0);
            return Err(Error::new(Kind::Refused, doing(), message));
        };
        let correlation = self.nodes.next_correlation();
        let frame = protocol::request(call, version, correlation, self.nodes.client_id())
            .map_err(|error| Error::new(Kind::Rebuild, doing(), error.to_string()))?;
        self.nodes.ask(node, asked, version, frame, &mut self.network);
        Ok(())
    }

    /// Asks who leads what, if that is wanted; waits for the next event, at most until `until`; and answers what has come.
    pub(super) fn turn(&mut self, mut wake: Wake, until: Instant) -> Result<Vec<Heard>, Error> {
        let now = self.network.now();
        let mut heard = Vec::new();
        for (node, message) in self.nodes.overdue(now) {
            self.network.close(node);
            self.lose(node, message, now, &mut heard);
        }
        self.ask_for_metadata(now, &mut wake)?;
        self.nodes.remember_deadlines(&mut wake);
        let until = if heard.is_empty() { wake.or(until) } else { now };
        let mut events = std::mem::take(&mut self.events);
        self.network.wait(until, &mut events);
        for event in events.drain(..) {
            self.hear(event, &mut heard)?;
        }
        self.events = events;
        Ok(heard)
    }

    fn ask_for_metadata(&mut self, now: Instant, wake: &mut Wake) -> Result<(), Error> {
        if !self.cluster.is_due(now, wake) {
            return Ok(());
        }
        let Some(node) = self.nodes.any(&mut self.network, now, wake) else {
            return Ok(());
        };
        let ask: MetadataRequest = self.cluster.ask(now);
        self.ask(node, Asked::Metadata, &ask)
    }

    fn hear(&mut self, event: Event, heard: &mut Vec<Heard>) -> Result<(), Error> {
        let now = self.network.now();
        match event {
            Event::Opened {
                node,
                versions,
                lifetime,
            } => self.nodes.opened(node, versions, lifetime, now),
            Event::Closed { node, failure } => {
                let is_refused = failure.cause == LinkCause::Refused;
                let message = failure.message.clone();
                self.lose(node, failure.message, now, heard);
                if is_refused {
                    return Err(Error::new(Kind::Refused, "connecting to Kafka", message));
                }
            }
            Event::Answered {
                node,
                correlation,
                body,
            } => match self.nodes.answered(node, correlation) {
                Some(asking) if asking.asked == Asked::Metadata => {
                    let answer = protocol::answer::<MetadataRequest>(body, asking.version);
                    match answer {
                        Ok(answer) => {
                            let refused = self.cluster.learn(&answer, now);
                            self.nodes.learn(self.cluster.brokers(), &mut self.network, now);
                            if let Some((topic, error)) = refused.first() {
                                let doing = format!("looking for topic {}", self.cluster.name(*topic));
                                return Err(Error::new(Kind::Refused, doing, error.to_string()));
                            }
                        }
                        Err(error) => {
                            self.cluster.unanswered(now);
                            self.network.close(node);
                            self.lose(node, error.to_string(), now, heard);
                        }
                    }
                }
                Some(asking) => heard.push(Heard::Answer {
                    asked: asking.asked,
                    version: asking.version,
                    body,
                }),
                None => {
                    self.network.close(node);
                    self.lose(
                        node,
                        format!("nothing was asked under the number {correlation}"),
                        now,
                        heard,
                    );
                }
            },
        }
        Ok(())
    }

    fn lose(&mut self, node: NodeId, message: String, now: Instant, heard: &mut Vec<Heard>) {
        let cause = LinkCause::Lost;
        self.cluster.suspect(node);
        for asked in self.nodes.closed(node, &LinkFailure { cause, message }, now) {
            match asked {
                Asked::Metadata => self.cluster.unanswered(now),
                asked => heard.push(Heard::Nothing(asked)),
            }
        }
    }

    /// With the last thing that was wrong with a connection.
    pub(super) fn explain(&self, error: Error) -> Error {
        match self.nodes.complaint() {
            Some(complaint) => error.because(complaint),
            None => error,
        }
    }

    /// What follows from a partition's error: nothing if it is asked again, with new metadata if need be.
    pub(super) fn judge(&mut self, topic: Topic, partition: i32, error: ErrorCode) -> Result<(), Error> {
        match error.consequence(crate::error_code::Asked::LookUp) {
            Consequence::Again | Consequence::Soon | Consequence::NewMetadata => {
                self.cluster.forget_leader(topic, partition);
                Ok(())
            }
            consequence => {
                let kind = match consequence {
                    Consequence::Refused => Kind::Refused,
                    _ => Kind::Rebuild,
                };
                let doing = format!("reading {}-{partition}", self.cluster.name(topic));
                Err(Error::new(kind, doing, error.to_string()))
            }
        }
    }
}
