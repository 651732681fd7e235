//! [`Asked`]: what a producer asks brokers for.

use super::PartitionId;
use crate::nodes::Question;
use crate::protocol::Api;

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    Metadata,
    FindCoordinator,
    InitProducerId,
    AddPartitions(Vec<PartitionId>),
    DescribeTransactions,
    EndTxn,
    /// Partitions, each with the sequence that its batch begins with.
    Produce(Vec<(PartitionId, i32)>),
}

impl Question for Asked {
    fn api(&self) -> Api {
        match self {
            Asked::Metadata => Api::Metadata,
            Asked::FindCoordinator => Api::FindCoordinator,
            Asked::InitProducerId => Api::InitProducerId,
            Asked::AddPartitions(_) => Api::AddPartitionsToTxn,
            Asked::DescribeTransactions => Api::DescribeTransactions,
            Asked::EndTxn => Api::EndTxn,
            Asked::Produce(_) => Api::Produce,
        }
    }
}
