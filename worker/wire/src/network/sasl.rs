//! Logging in (KIP-43, KIP-152): the mechanism is agreed on, then its messages go back and forth.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use kafka_protocol::messages::{SaslAuthenticateRequest, SaslHandshakeRequest};
use kafka_protocol::protocol::StrBytes;

use super::LinkCause;
use super::dial::Conversation;
use super::scram::Scram;
use crate::error_code::{Asked, Consequence, ErrorCode};
use crate::protocol::{Api, Versions};
use crate::settings::{Sasl, Token};

type Failure = (LinkCause, String);

/// Logs in, and answers for how long that is good.
pub(super) fn log_in(
    conversation: &mut Conversation<'_>,
    versions: &Versions,
    sasl: &Sasl,
) -> Result<Option<Duration>, Failure> {
    let Some(version) = versions.newest(Api::SaslAuthenticate, i16::MAX) else {
        return Err((LinkCause::Refused, "the broker is too old to log in to".to_owned()));
    };
    agree(conversation, sasl)?;
    let mut exchange = Exchange {
        conversation,
        version,
        lifetime_ms: 0,
    };
    match sasl {
        Sasl::Plain { username, password } => {
            exchange.say(format!("\0{username}\0{password}").into_bytes())?;
        }
        Sasl::OauthBearer(tokens) => {
            let token = tokens
                .token()
                .map_err(|reason| (LinkCause::Lost, format!("there is no token to log in with: {reason}")))?;
            let answer = exchange.say(bearer(&token).into_bytes())?;
            if !answer.is_empty() {
                // What is wrong comes as JSON, and is to be acknowledged with one byte (RFC 7628).
                let reason = String::from_utf8_lossy(&answer).into_owned();
                exchange.say(vec![1]).ok();
                return Err((LinkCause::Refused, format!("the broker refuses the token: {reason}")));
            }
        }
        Sasl::Scram {
            hash,
            username,
            password,
        } => {
            let nonce = STANDARD.encode(rand::random::<[u8; 24]>());
            let scram = Scram::new(*hash, username, password, nonce);
            let first = text(exchange.say(scram.first().into_bytes())?)?;
            let (proof, expected) = scram.prove(&first).map_err(refused)?;
            let last = text(exchange.say(proof.into_bytes())?)?;
            expected.check(&last).map_err(refused)?;
        }
    }
    let lifetime = u64::try_from(exchange.lifetime_ms).unwrap_or_default();
    Ok((lifetime > 0).then(|| Duration::from_millis(lifetime)))
}

fn agree(conversation: &mut Conversation<'_>, sasl: &Sasl) -> Result<(), Failure> {
    let ask = SaslHandshakeRequest::default().with_mechanism(StrBytes::from_static_str(sasl.mechanism()));
    let answer = conversation.ask(&ask, 1)?;
    let Some(error) = ErrorCode::of(answer.error_code) else {
        return Ok(());
    };
    let offered: Vec<&str> = answer.mechanisms.iter().map(|name| name.as_str()).collect();
    let wanted = sasl.mechanism();
    let offered = offered.join(", ");
    Err(refused(format!(
        "{error}: `sasl.mechanism` is {wanted}, and the broker offers {offered}"
    )))
}

struct Exchange<'a, 'b> {
    conversation: &'a mut Conversation<'b>,
    version: i16,
    lifetime_ms: i64,
}

impl Exchange<'_, '_> {
    fn say(&mut self, bytes: Vec<u8>) -> Result<Bytes, Failure> {
        let ask = SaslAuthenticateRequest::default().with_auth_bytes(Bytes::from(bytes));
        let answer = self.conversation.ask(&ask, self.version)?;
        self.lifetime_ms = answer.session_lifetime_ms;
        let Some(error) = ErrorCode::of(answer.error_code) else {
            return Ok(answer.auth_bytes);
        };
        let reason = answer
            .error_message
            .map(|message| format!(": {message}"))
            .unwrap_or_default();
        match error.consequence(Asked::LookUp) {
            Consequence::Again => Err((LinkCause::Lost, format!("logging in: {error}{reason}"))),
            _ => Err(refused(format!(
                "{error}{reason}: check `sasl.jaas.config` and `sasl.mechanism`"
            ))),
        }
    }
}

fn refused(reason: String) -> Failure {
    (LinkCause::Refused, format!("logging in: {reason}"))
}

fn text(bytes: Bytes) -> Result<String, Failure> {
    String::from_utf8(bytes.to_vec())
        .map_err(|_| refused("the broker answers with something that is no text".to_owned()))
}

fn bearer(token: &Token) -> String {
    let extensions: String = token
        .extensions
        .iter()
        .map(|(name, value)| format!("{name}={value}\u{1}"))
        .collect();
    format!("n,,\u{1}auth=Bearer {}\u{1}{extensions}\u{1}", token.value)
}
