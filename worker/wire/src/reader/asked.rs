//! [`Asked`]: what a reader asks brokers for.

use crate::nodes::Question;
use crate::protocol::Api;

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    Metadata,
    /// Where partitions begin or end, by their places among those that are wanted.
    Offsets(Vec<usize>),
    /// Records of partitions, by their places among those that are followed.
    Fetch(Vec<usize>),
}

impl Question for Asked {
    fn api(&self) -> Api {
        match self {
            Asked::Metadata => Api::Metadata,
            Asked::Offsets(_) => Api::ListOffsets,
            Asked::Fetch(_) => Api::Fetch,
        }
    }
}
