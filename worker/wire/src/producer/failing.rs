//! What is lost with a failure, and what is said of it.

use std::time::Duration;

use super::{PartitionId, Producer};
use crate::error::{Error, Kind};
use crate::network::Network;

impl<N: Network> Producer<N> {
    /// The first failure counts, unless a later one is worse.
    pub(super) fn fail(&mut self, failure: Error) {
        let is_worse = match &self.failure {
            None => true,
            Some(known) => known.kind() == Kind::Abort && failure.kind() != Kind::Abort,
        };
        if is_worse {
            self.failure = Some(failure);
        }
    }

    pub(super) fn expired(&mut self, id: PartitionId, waited: Duration) {
        let queue = &self.queues[id.0];
        let why = self.cluster.why_no_leader(queue.topic, queue.partition);
        let why = why.map_or(String::new(), |why| format!("; {why}"));
        let message = format!("not delivered in {} s (`delivery.timeout.ms`){why}", waited.as_secs());
        let failure = Error::new(Kind::Abort, format!("writing to {}", self.place(id)), message);
        let failure = self.explain(failure);
        self.fail(failure);
    }

    pub(super) fn not_delivered(&self, kind: Kind) -> Error {
        let message = match self.batches {
            0 => "everything is delivered, and the coordinator does not answer".to_owned(),
            batches => format!("{batches} batches are not delivered{}", self.why_they_wait()),
        };
        self.explain(Error::new(kind, "committing the transaction", message))
    }

    /// Of the first partition whose batches have nowhere to go.
    pub(super) fn why_they_wait(&self) -> String {
        let mut queues = self
            .listed
            .iter()
            .map(|id| (id, &self.queues[id.0]))
            .filter(|(_, queue)| queue.has_waiting());
        let homeless =
            queues.find_map(|(id, queue)| Some((id, self.cluster.why_no_leader(queue.topic, queue.partition)?)));
        homeless.map_or(String::new(), |(id, why)| format!(", {}: {why}", self.place(*id)))
    }

    /// With the last thing that was wrong with a connection.
    pub(super) fn explain(&self, error: Error) -> Error {
        match self.nodes.complaint() {
            Some(complaint) => error.because(complaint),
            None => error,
        }
    }
}
