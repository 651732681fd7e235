//! What follows from an error, by the table of `error_code`.

use std::time::Instant;

use kafka_protocol::messages::produce_response::PartitionProduceResponse;
use tracing::debug;

use super::transaction::{End, Phase, Transaction};
use super::{PartitionId, Producer};
use crate::error::{Error, Kind};
use crate::error_code::{self, Consequence, ErrorCode};
use crate::network::Network;

impl<N: Network> Producer<N> {
    pub(super) fn coordinator_refuses(
        &mut self,
        doing: &str,
        error: ErrorCode,
        asked: error_code::Asked,
        now: Instant,
    ) {
        let consequence = error.consequence(asked);
        debug!(%error, ?consequence, doing, "the coordinator refuses");
        match consequence {
            Consequence::Again | Consequence::NewMetadata | Consequence::Done => self.transaction.again(now),
            Consequence::Soon => self.transaction.soon(now),
            Consequence::NewCoordinator => {
                self.transaction.coordinator = None;
                self.transaction.again(now);
            }
            Consequence::Abort | Consequence::Rebuild | Consequence::Fenced | Consequence::Refused => {
                self.transaction.answered();
                // It may have been committed before that answer was lost.
                let is_in_doubt = consequence == Consequence::Abort && self.transaction.is_in_doubt;
                let consequence = if is_in_doubt { Consequence::Rebuild } else { consequence };
                let whom = match self.transaction.id() {
                    Some(id) => format!("transactional id {id}"),
                    None => "the producer".to_owned(),
                };
                self.fail(failure(format!("{doing} {whom}"), error, consequence));
            }
        }
    }

    pub(super) fn is_produced(
        &mut self,
        id: PartitionId,
        sequence: i32,
        told: &PartitionProduceResponse,
        now: Instant,
    ) {
        let Some(error) = ErrorCode::of(told.error_code) else {
            self.has_arrived(id, sequence, now);
            return;
        };
        let mut consequence = error.consequence(error_code::Asked::Produce);
        if error.is("OUT_OF_ORDER_SEQUENCE_NUMBER") && !self.queues[id.0].is_oldest(sequence) {
            consequence = Consequence::Again;
        }
        match consequence {
            Consequence::Done => self.has_arrived(id, sequence, now),
            Consequence::Again | Consequence::Soon | Consequence::NewMetadata | Consequence::NewCoordinator => {
                self.again(id, sequence, consequence, &error.to_string(), now);
            }
            // It is being aborted already.
            Consequence::Abort if self.transaction.phase == Phase::Ending(End::Abort) => {
                self.comes_to_nothing(id, sequence, now);
            }
            Consequence::Abort | Consequence::Rebuild | Consequence::Fenced | Consequence::Refused => {
                let message = told.error_message.as_ref().map(|message| message.to_string());
                let failure = failure(format!("writing to {}", self.place(id)), error, consequence);
                self.comes_to_nothing(id, sequence, now);
                self.fail(match message {
                    Some(message) => failure.because(&message),
                    None => failure,
                });
            }
        }
    }

    pub(super) fn has_arrived(&mut self, id: PartitionId, sequence: i32, now: Instant) {
        if let Some(sent) = self.queues[id.0].arrived(sequence) {
            sent.release(&mut self.memory);
            self.batches -= 1;
            self.silence.ends(now, self.batches > 0);
        }
    }

    pub(super) fn comes_to_nothing(&mut self, id: PartitionId, sequence: i32, now: Instant) {
        if let Some(sent) = self.queues[id.0].take(sequence) {
            sent.release(&mut self.memory);
            self.batches -= 1;
            self.silence.ends(now, self.batches > 0);
        }
    }

    /// A batch is sent again, unless it was tried often or long enough, or nobody wants it any more.
    pub(super) fn again(
        &mut self,
        id: PartitionId,
        sequence: i32,
        consequence: Consequence,
        reason: &str,
        now: Instant,
    ) {
        if self.transaction.phase == Phase::Ending(End::Abort) {
            self.comes_to_nothing(id, sequence, now);
            return;
        }
        let connection = &self.settings.connection;
        let (first, longest) = match consequence {
            Consequence::Soon => Transaction::soon_pauses(),
            _ => (connection.retry_backoff, connection.retry_backoff_max),
        };
        let queue = &mut self.queues[id.0];
        if consequence == Consequence::NewMetadata {
            self.cluster.forget_leader(queue.topic, queue.partition);
        }
        let Some((attempts, began)) = queue.again(sequence, now, first, longest) else {
            return;
        };
        debug!(partition = self.place(id), reason, attempts, "a batch is sent again");
        if !self.queues[id.0].is_listed {
            self.queues[id.0].is_listed = true;
            self.listed.push(id);
        }
        if attempts > self.settings.retries {
            let context = format!("writing to {}", self.place(id));
            self.fail(Error::new(
                Kind::Abort,
                context,
                format!("{reason}, {attempts} times (`retries`)"),
            ));
        } else if now >= began + self.settings.delivery_timeout {
            self.expired(id, now - began);
        }
    }
}

fn failure(context: String, error: ErrorCode, consequence: Consequence) -> Error {
    let kind = match consequence {
        Consequence::Abort => Kind::Abort,
        Consequence::Fenced => Kind::Fenced,
        Consequence::Refused => return refusal(context, error),
        _ => Kind::Rebuild,
    };
    Error::new(kind, context, error.to_string())
}

/// A refusal, with what to do about it.
pub(super) fn refusal(context: String, error: ErrorCode) -> Error {
    let refused = Error::new(Kind::Refused, context, error.to_string());
    let remedies = [
        (
            "MESSAGE_TOO_LARGE",
            "a record or a batch of them is larger than max.message.bytes of the topic (message.max.bytes of the broker): raise it, or, if each record fits, set batch.size (in Kafka Connect producer.override.batch.size) below it",
        ),
        (
            "RECORD_LIST_TOO_LARGE",
            "a batch is larger than segment.bytes of the topic: raise it, or lower batch.size",
        ),
        (
            "TOPIC_AUTHORIZATION_FAILED",
            "the user needs the rights `Write` and `Describe` on the topic",
        ),
        (
            "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
            "the user needs the rights `Write` and `Describe` on this id",
        ),
        (
            "CLUSTER_AUTHORIZATION_FAILED",
            "the user needs the right `IdempotentWrite` on the cluster",
        ),
        (
            "INVALID_TRANSACTION_TIMEOUT",
            "transaction.timeout.ms is larger than transaction.max.timeout.ms of the brokers",
        ),
    ];
    match remedies.into_iter().find(|(name, _)| error.is(name)) {
        Some((_, remedy)) => refused.because(remedy),
        None => refused,
    }
}
