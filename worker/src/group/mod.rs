//! Who runs what: [`Membership`] in a group of workers, and the [`Assignment`] that a generation of the group has agreed on.
//!
//! A *generation* is a number that is higher than that of every worker which has run the same work before. Statuses carry
//! it, so that a worker that has lost its work without noticing cannot overwrite what its successor says. Kafka is the
//! coordinator; the herder only sees this trait and never assumes that it is alone in the topics. The one implementation is
//! [`SoleMember`].

mod assignment;
mod sole_member;

pub use assignment::Assignment;
pub use sole_member::{SoleMember, next_generation};

use crate::store::config::ClusterConfig;

/// What became of this worker's place in the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MembershipChange {
    /// It is what it was.
    Unchanged,
    /// This is what this worker runs from now on.
    Assigned(Assignment),
    /// Another worker has taken this one's place, which must end without touching anything more.
    Replaced {
        /// How that was noticed.
        reason: String,
    },
}

/// A worker's place in its group.
pub trait Membership: Send {
    /// Looks at the config topic after it has changed. A leader of a group would assign work here.
    fn observe(&mut self, config: &ClusterConfig) -> MembershipChange;
}
