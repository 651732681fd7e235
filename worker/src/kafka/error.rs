//! [`KafkaError`]: what went wrong with Kafka, sorted by what the caller does next.

use rdkafka::error::{KafkaError as ClientError, RDKafkaError};
use rdkafka::types::RDKafkaErrorCode as Code;

/// What is known about an operation that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is lost by calling again.
    Retry,
    /// The open transaction is lost; a new producer starts from the stored offset.
    Rebuild,
    /// Another producer with the same transactional id took over, or the coordinator's own timeout looked like it.
    Fenced,
    /// Kafka refuses for a reason that only a person can change: a missing topic or right, a record too large.
    Refused,
}

/// A failure of Kafka or of its client.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{context}: {message}")]
pub struct KafkaError {
    outcome: Outcome,
    context: String,
    message: String,
}

impl KafkaError {
    /// A failure of this kind while doing `context`.
    pub fn new(outcome: Outcome, context: impl Into<String>, message: impl Into<String>) -> Self {
        KafkaError {
            outcome,
            context: context.into(),
            message: message.into(),
        }
    }

    /// What the caller does next.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The same failure, with what lies behind it.
    pub(super) fn because(self, reason: &str) -> Self {
        KafkaError {
            message: format!("{}: {reason}", self.message),
            ..self
        }
    }

    /// The client library's error, classified, with what was being done.
    pub(super) fn client(context: impl Into<String>, error: &ClientError) -> Self {
        let outcome = match error {
            ClientError::Transaction(error) => transaction_outcome(error),
            other => other.rdkafka_error_code().map_or(Outcome::Refused, code_outcome),
        };
        KafkaError::new(outcome, context, error.to_string())
    }

    /// A broker's or the client's error code, classified.
    pub(super) fn code(context: impl Into<String>, code: Code) -> Self {
        KafkaError::new(code_outcome(code), context, code.to_string())
    }
}

fn transaction_outcome(error: &RDKafkaError) -> Outcome {
    match error.code() {
        Code::Fenced | Code::ProducerFenced | Code::InvalidProducerEpoch => Outcome::Fenced,
        code if code_outcome(code) == Outcome::Refused => Outcome::Refused,
        _ if error.is_retriable() => Outcome::Retry,
        _ if error.is_fatal() || error.txn_requires_abort() => Outcome::Rebuild,
        code => code_outcome(code),
    }
}

fn code_outcome(code: Code) -> Outcome {
    match code {
        Code::Fenced | Code::ProducerFenced | Code::InvalidProducerEpoch => Outcome::Fenced,
        Code::TopicAuthorizationFailed
        | Code::GroupAuthorizationFailed
        | Code::ClusterAuthorizationFailed
        | Code::TransactionalIdAuthorizationFailed
        | Code::SaslAuthenticationFailed
        | Code::Authentication
        | Code::InvalidReplicationFactor
        | Code::InvalidPartitions
        | Code::InvalidConfig
        | Code::InvalidTopic
        | Code::InvalidTransactionTimeout
        | Code::MessageSizeTooLarge
        | Code::InvalidMessageSize
        | Code::InvalidRecord
        | Code::PolicyViolation
        | Code::UnsupportedVersion
        | Code::InvalidArgument => Outcome::Refused,
        Code::MessageTimedOut
        | Code::OperationTimedOut
        | Code::RequestTimedOut
        | Code::BrokerTransportFailure
        | Code::AllBrokersDown
        | Code::Resolve
        | Code::QueueFull
        | Code::CoordinatorNotAvailable
        | Code::CoordinatorLoadInProgress
        | Code::NotCoordinator
        | Code::LeaderNotAvailable
        | Code::NotLeaderForPartition
        | Code::FencedLeaderEpoch
        | Code::UnknownLeaderEpoch
        | Code::EligibleLeadersNotAvailable
        | Code::OffsetNotAvailable
        | Code::ReplicaNotAvailable
        | Code::BrokerNotAvailable
        | Code::ListenerNotFound
        | Code::KafkaStorageError
        | Code::NotEnoughReplicas
        | Code::NotEnoughReplicasAfterAppend
        | Code::UnknownTopicOrPartition
        | Code::UnknownTopic
        | Code::UnknownPartition
        | Code::ConcurrentTransactions
        | Code::NetworkException => Outcome::Retry,
        _ => Outcome::Rebuild,
    }
}
