//! [`Complaints`]: what a client says of its connections, for the error of a call that failed because of them.
//!
//! A client that no broker lets in goes on trying, and the call that waits for it ends with a time-out. Why comes apart, as
//! an event, which is served when the client is polled, and the same one comes only twice a minute. So the newest is kept.

use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::types::RDKafkaErrorCode as Code;

use super::{KafkaError, tokens};

/// Keeps the newest complaint of one client.
#[derive(Default)]
pub(super) struct Complaints {
    newest: Mutex<Option<Complaint>>,
}

struct Complaint {
    text: String,
    at: Instant,
}

/// The library repeats a complaint after 30 s; what is older than this is over.
const LASTS: Duration = Duration::from_secs(45);
/// How many events are served at once. The client's log lines are among them.
const EVENTS: usize = 64;

impl Complaints {
    /// Takes a complaint. Answers whether it is another one than the last.
    pub(super) fn note(&self, error: &ClientError, reason: &str) -> bool {
        let code = error.rdkafka_error_code();
        // The first follows every other complaint, and says less; the second is about a group that nobody joins; the third is
        // none.
        if let Some(Code::AllBrokersDown | Code::GroupAuthorizationFailed | Code::PartitionEOF) = code {
            return false;
        }
        // How long it took, and how often: every time something else.
        let reason = reason.split(" (after ").next().unwrap_or(reason);
        let text = match code.and_then(keys_to_check) {
            Some(keys) => format!("{reason}: check {keys}"),
            None => reason.to_owned(),
        };
        let at = Instant::now();
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = newest.as_ref().is_none_or(|known| known.text != text);
        *newest = Some(Complaint { text, at });
        is_news
    }

    /// The error of a call, with what the client complains of.
    pub(super) fn explain(&self, error: KafkaError) -> KafkaError {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        match newest.as_ref().filter(|complaint| complaint.at.elapsed() < LASTS) {
            Some(complaint) => error.because(&complaint.text),
            None => error,
        }
    }
}

/// Where a person should look, in the names of the worker's properties.
fn keys_to_check(code: Code) -> Option<&'static str> {
    match code {
        Code::Authentication | Code::SaslAuthenticationFailed => Some("`sasl.jaas.config` and `sasl.mechanism`"),
        Code::SSL => Some("`ssl.truststore.location`, `ssl.keystore.location` and `security.protocol`"),
        _ => None,
    }
}

/// The error of a call of a consumer that has nothing assigned, explained.
pub(super) fn explained(consumer: &BaseConsumer<Complaints>, error: KafkaError) -> KafkaError {
    serve(consumer);
    consumer.context().explain(error)
}

/// Takes what a consumer that has nothing assigned has to say, and gives it the token that it asks for before it is let in.
pub(super) fn serve(consumer: &BaseConsumer<Complaints>) {
    for _ in 0..EVENTS {
        // Only events: without an assignment there are no messages.
        drop(consumer.poll(Duration::ZERO));
    }
}

impl ClientContext for Complaints {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, source: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        tokens::token(source)
    }

    fn error(&self, error: ClientError, reason: &str) {
        self.note(&error, reason);
    }
}

impl ConsumerContext for Complaints {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::Outcome;

    fn explained(complaints: &[(Code, &str)]) -> String {
        let kept = Complaints::default();
        for (code, reason) in complaints {
            kept.note(&ClientError::Global(*code), reason);
        }
        kept.explain(KafkaError::new(Outcome::Retry, "asking", "no answer"))
            .to_string()
    }

    #[test]
    fn an_error_says_what_the_client_complains_of_and_where_to_look() {
        assert_eq!(explained(&[]), "asking: no answer");
        assert_eq!(
            explained(&[
                (Code::Authentication, "denied (after 5ms in state AUTH_REQ)"),
                (Code::AllBrokersDown, "1/1 are down")
            ]),
            "asking: no answer: denied: check `sasl.jaas.config` and `sasl.mechanism`"
        );
        assert_eq!(
            explained(&[
                (Code::Authentication, "denied"),
                (Code::BrokerTransportFailure, "refused"),
                (Code::PartitionEOF, "the end")
            ]),
            "asking: no answer: refused"
        );
    }
}
