//! Connections: bytes go out, answers come back, and everything waits in one place.
//!
//! [`Network`] is the seam between the producer, which knows no socket and no clock, and the world: [`Sockets`] over TCP and
//! TLS, and the cluster of the model test.

mod dial;
mod link;
mod sasl;
mod scram;
mod sockets;
mod stream;
#[cfg(test)]
mod tests;
mod tls;

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::protocol::{Frame, Versions};
use crate::settings::Address;

pub use sockets::Sockets;

/// A broker; those of `bootstrap.servers` have negative numbers until the cluster has told its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub i32);

/// Why there is no connection any more, or none came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkFailure {
    pub cause: LinkCause,
    /// Names the broker's address.
    pub message: String,
}

/// What helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkCause {
    /// Another attempt.
    Lost,
    /// A person: wrong credentials, a certificate that is not trusted.
    Refused,
}

/// What has happened.
#[derive(Debug)]
pub enum Event {
    /// A connection can be used, for as long as `lifetime` says.
    Opened {
        node: NodeId,
        versions: Versions,
        lifetime: Option<Duration>,
    },
    /// An answer came; `body` begins behind its correlation id.
    Answered {
        node: NodeId,
        correlation: i32,
        body: Bytes,
    },
    /// A connection is gone, with all that was asked over it.
    Closed { node: NodeId, failure: LinkFailure },
}

/// Where the producer sends to and waits.
pub trait Network {
    /// What time it is.
    fn now(&self) -> Instant;

    /// Begins to connect. [`Event::Opened`] or [`Event::Closed`] follows.
    fn open(&mut self, node: NodeId, address: &Address);

    /// Ends a connection, or the attempt at one. No event follows.
    fn close(&mut self, node: NodeId);

    /// Sends a request over an open connection, behind those that were sent before.
    fn send(&mut self, node: NodeId, frame: Frame);

    /// Sends and receives until something has happened, at most until `until`; what it was goes into `events`. With a time
    /// that has passed it does what can be done at once.
    fn wait(&mut self, until: Instant, events: &mut Vec<Event>);
}
