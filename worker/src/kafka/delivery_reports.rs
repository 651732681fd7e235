//! [`DeliveryReports`]: what became of the records of the open transaction, as far as it is bad news.

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rdkafka::client::OAuthToken;
use rdkafka::error::KafkaError as ClientError;
use rdkafka::message::DeliveryResult;
use rdkafka::producer::ProducerContext;
use rdkafka::types::RDKafkaErrorCode as Code;
use rdkafka::{ClientContext, Message};
use tracing::warn;

use super::complaints::Complaints;
use super::{KafkaError, Outcome, tokens};

/// Keeps the first failed delivery of the open transaction, and where the records were to go that were never sent.
#[derive(Default)]
pub(super) struct DeliveryReports {
    failures: Mutex<Failures>,
    complaints: Complaints,
}

#[derive(Default)]
struct Failures {
    first: Option<KafkaError>,
    /// Topics of records that the library dropped because their transaction had failed.
    purged: BTreeSet<String>,
}

impl DeliveryReports {
    fn failures(&self) -> MutexGuard<'_, Failures> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another transaction begins.
    pub(super) fn reset(&self) {
        *self.failures() = Failures::default();
    }

    pub(super) fn first_failure(&self) -> Option<KafkaError> {
        self.failures().first.clone()
    }

    /// Their names, separated by commas; empty if nothing was purged.
    pub(super) fn purged_topics(&self) -> String {
        let failures = self.failures();
        failures
            .purged
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The error of a call, with what the client complains of.
    pub(super) fn explain(&self, error: KafkaError) -> KafkaError {
        self.complaints.explain(error)
    }
}

/// Batches are made without regard to their topic, and one that is too large for it is not split.
const TOO_LARGE: &str = "a record or a batch of them is larger than max.message.bytes of the topic (message.max.bytes of \
                         the broker): raise it, or, if each record fits, set producer.override.batch.size below it";

/// What stopped the delivery to `topics`.
pub(super) fn delivery_failure(topics: &str, error: &ClientError) -> KafkaError {
    let context = format!("delivering to topic {topics}");
    match error.rdkafka_error_code() {
        Some(Code::TopicAuthorizationFailed) => KafkaError::client(context, error)
            .because("the worker's user needs the right `Write` on every topic that a connector writes to"),
        Some(Code::MessageSizeTooLarge) => KafkaError::new(Outcome::Refused, context, TOO_LARGE),
        _ => KafkaError::client(context, error),
    }
}

impl ClientContext for DeliveryReports {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, source: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        tokens::token(source)
    }

    fn error(&self, error: ClientError, reason: &str) {
        if self.complaints.note(&error, reason) {
            warn!(%error, reason, "kafka producer");
        }
    }
}

impl ProducerContext for DeliveryReports {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, _opaque: ()) {
        let Err((error, message)) = result else { return };
        let mut failures = self.failures();
        if let Some(Code::PurgeQueue | Code::PurgeInflight) = error.rdkafka_error_code() {
            failures.purged.insert(message.topic().to_owned());
            return;
        }
        let failure = delivery_failure(message.topic(), error);
        // What was appended is lost with this producer, even if the cause heals by itself.
        let failure = match failure.outcome() {
            Outcome::Retry => KafkaError::new(Outcome::Rebuild, "delivering", failure.to_string()),
            _ => failure,
        };
        failures.first.get_or_insert(failure);
    }
}
