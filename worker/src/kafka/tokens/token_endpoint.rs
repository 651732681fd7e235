//! [`TokenEndpoint`]: tokens of an authorization server, for client credentials (RFC 6749, section 4.4), as Kafka's
//! `ClientCredentialsJwtRetriever` asks for them.

use std::time::{Duration, Instant};

use rdkafka::client::OAuthToken;
use reqwest::{Certificate, Client, StatusCode};
use serde::{Deserialize, Serialize};
use url::form_urlencoded::{Serializer, byte_serialize};

use super::jwt;

/// Where tokens are asked for, and by whom.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenEndpoint {
    /// `sasl.oauthbearer.token.endpoint.url`
    pub url: String,
    /// `clientId`
    pub client_id: String,
    /// `clientSecret`
    pub client_secret: String,
    /// `scope`
    pub scope: Option<String>,
    /// `sasl.oauthbearer.header.urlencode`: whether id and secret are URL-encoded before they are put into base64.
    pub encodes_credentials: bool,
    /// The claim that names the principal.
    pub principal_claim: String,
    /// Certificates to trust, in PEM; without them, the system's.
    pub trusted: Option<String>,
    /// `sasl.login.connect.timeout.ms`
    pub connect_timeout: Duration,
    /// `sasl.login.read.timeout.ms`
    pub read_timeout: Duration,
    /// `sasl.login.retry.backoff.ms`
    pub first_pause: Duration,
    /// `sasl.login.retry.backoff.max.ms`: how long attempts go on.
    pub attempts_for: Duration,
}

/// Why there is no token.
enum Failure {
    /// Another attempt may help.
    Again(String),
    /// A person has to change something.
    Never(String),
}

use Failure::{Again, Never};

#[derive(Deserialize)]
struct Answer {
    access_token: Option<String>,
    id_token: Option<String>,
}

/// What an authorization server says of a refusal (RFC 6749, section 5.2).
#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
}

/// No token is longer.
const LONGEST_ANSWER: usize = 1 << 20;
/// Of a refusal's words.
const LONGEST_REASON: usize = 300;

impl TokenEndpoint {
    /// Blocks; not on a thread that serves futures.
    pub(super) fn token(self) -> Result<OAuthToken, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| format!("no runtime to ask for a token: {error}"))?;
        let asked = runtime.block_on(self.asked_until_given());
        asked.map_err(|reason| format!("no token from {}: {reason}", self.url))
    }

    async fn asked_until_given(&self) -> Result<OAuthToken, String> {
        let (client, began) = (self.client()?, Instant::now());
        let mut pause = self.first_pause;
        loop {
            let reason = match self.asked(&client).await {
                Ok(token) => return Ok(token),
                Err(Never(reason)) => return Err(reason),
                Err(Again(reason)) => reason,
            };
            let left = self.attempts_for.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Err(reason);
            }
            tokio::time::sleep(pause.min(left)).await;
            pause *= 2;
        }
    }

    fn client(&self) -> Result<Client, String> {
        let builder = Client::builder()
            .connect_timeout(self.connect_timeout)
            .timeout(self.connect_timeout + self.read_timeout)
            // Credentials go where they were configured to go, and nowhere else.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        let builder = match &self.trusted {
            Some(pem) => Certificate::from_pem_bundle(pem.as_bytes()).map(|trusted| builder.tls_certs_only(trusted)),
            None => Ok(builder),
        };
        builder
            .and_then(reqwest::ClientBuilder::build)
            .map_err(|error| format!("no client can be built: {}", causes(&error.without_url())))
    }

    async fn asked(&self, client: &Client) -> Result<OAuthToken, Failure> {
        let encoded = |text: &str| -> String {
            match self.encodes_credentials {
                true => byte_serialize(text.as_bytes()).collect(),
                false => text.to_owned(),
            }
        };
        let request = client
            .post(&self.url)
            .basic_auth(encoded(&self.client_id), Some(encoded(&self.client_secret)))
            .header("accept", "application/json")
            .header("cache-control", "no-cache")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(self.body());
        let broken = |error: reqwest::Error| Again(causes(&error.without_url()));
        let mut answer = request.send().await.map_err(broken)?;
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(broken)? {
            body.extend_from_slice(&piece);
            if body.len() > LONGEST_ANSWER {
                return Err(Never(format!("its answer is longer than {LONGEST_ANSWER} bytes")));
            }
        }
        if !answer.status().is_success() {
            return Err(refused(answer.status(), &body));
        }
        let tokens: Answer = serde_json::from_slice(&body)
            .map_err(|_| Never("its answer is not the JSON of an authorization server".to_owned()))?;
        let mut tokens = [tokens.access_token, tokens.id_token].into_iter().flatten();
        let token = tokens
            .find(|token| !token.trim().is_empty())
            .ok_or_else(|| Never("its answer has no `access_token`".to_owned()))?;
        jwt::read(&token, &self.principal_claim).map_err(|reason| Never(format!("what it gave: {reason}")))
    }

    fn body(&self) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if let Some(scope) = &self.scope {
            form.append_pair("scope", scope);
        }
        form.finish()
    }
}

fn refused(status: StatusCode, body: &[u8]) -> Failure {
    let refusal: Refusal = serde_json::from_slice(body).unwrap_or_default();
    let words = [refusal.error, refusal.error_description];
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let said: String = words.join(": ").chars().take(LONGEST_REASON).collect();
    let reason = match said.is_empty() {
        true => format!("HTTP {}", status.as_u16()),
        false => format!("HTTP {} ({said})", status.as_u16()),
    };
    match status.as_u16() {
        408 | 425 | 429 | 500 | 502..=504 => Again(reason),
        _ => Never(format!(
            "{reason}: check `sasl.jaas.config` (clientId, clientSecret, scope) and `sasl.oauthbearer.token.endpoint.url`"
        )),
    }
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests;
