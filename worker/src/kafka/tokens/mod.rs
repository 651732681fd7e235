//! [`TokenSource`]: where the tokens of SASL OAUTHBEARER come from.
//!
//! The client library asks for a token when a client is made and again before it expires, by an event that is served when the
//! client is polled. It hands back the text of `sasl.oauthbearer.config`, and that is the token source: so it travels with the
//! other settings to every client that is made of them.

mod aws_http;
mod jwt;
mod msk_iam;
mod token_endpoint;
mod token_file;
mod unsecured;

use std::error::Error;
use std::fmt;

use rdkafka::client::OAuthToken;
use serde::{Deserialize, Serialize};

pub use msk_iam::{AssumedRole, MskIam};
pub use token_endpoint::TokenEndpoint;
pub use token_file::TokenFile;
pub use unsecured::Unsecured;

/// Where tokens come from.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenSource {
    /// Kafka's default: a token that says who it is and proves nothing (`OAuthBearerUnsecuredLoginCallbackHandler`).
    Unsecured(Unsecured),
    /// Amazon MSK's, signed with AWS credentials.
    MskIam(MskIam),
    /// Those of an authorization server (`OAuthBearerLoginCallbackHandler`).
    Endpoint(TokenEndpoint),
    /// One that somebody else puts into a file.
    File(TokenFile),
}

/// A new token of the source that `configured` holds, a [`TokenSource`] as text. Blocks for as long as that takes.
pub(super) fn token(configured: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
    let source = configured.ok_or("`sasl.mechanism=OAUTHBEARER` needs a `sasl.jaas.config`")?;
    let source: TokenSource = serde_json::from_str(source)?;
    // The library gives the text to C.
    source.made().map_err(|reason| reason.replace('\0', " ").into())
}

impl TokenSource {
    /// A new token, or why there is none. Blocks for as long as that takes.
    fn made(self) -> Result<OAuthToken, String> {
        match self {
            TokenSource::Unsecured(claims) => claims.token(),
            TokenSource::MskIam(iam) => on_a_thread(move || iam.token()),
            TokenSource::Endpoint(endpoint) => on_a_thread(move || endpoint.token()),
            TokenSource::File(file) => file.token(),
        }
    }
}

/// The task's producer asks for a token whenever it connects.
impl wire::Tokens for TokenSource {
    fn token(&self) -> Result<wire::Token, String> {
        let made = self.clone().made()?;
        Ok(wire::Token {
            value: made.token,
            extensions: Vec::new(),
        })
    }
}

/// The caller can be a thread on which waiting for a future is not allowed.
fn on_a_thread<T: Send>(make: impl FnOnce() -> Result<T, String> + Send) -> Result<T, String> {
    std::thread::scope(|scope| scope.spawn(make).join()).unwrap_or_else(|_| Err("making a token has failed".to_owned()))
}

/// What `sasl.oauthbearer.config` is set to.
impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

/// Secrets can be among its options.
impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TokenSource::Unsecured(_) => "Unsecured",
            TokenSource::MskIam(_) => "MskIam",
            TokenSource::Endpoint(_) => "Endpoint",
            TokenSource::File(_) => "File",
        })
    }
}
