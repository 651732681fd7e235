//! [`Token`]: the bearer token of the registry's clients, from an OpenID Connect server (RFC 6749, 4.4).

use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::Value as Json;
use tokio::sync::Mutex;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::artifact::ArtifactName;
use super::error::ApicurioError;
use crate::registry::auth::Secret;

/// A token is not used in its last moments: it has to live until the registry has read it.
const MARGIN: Duration = Duration::from_secs(10);

/// Where tokens come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSettings {
    /// `auth.service.token.endpoint`, without credentials.
    pub endpoint: String,
    /// `auth.client.id`.
    pub client_id: String,
    /// `auth.client.secret`.
    pub client_secret: Secret,
    /// `auth.client.scope`.
    pub scope: Option<String>,
}

/// The token in use, renewed when it is about to expire.
pub(super) struct Token {
    settings: TokenSettings,
    current: Mutex<Option<(Secret, Option<Instant>)>>,
}

impl Token {
    pub(super) fn new(settings: TokenSettings) -> Self {
        Token {
            settings,
            current: Mutex::new(None),
        }
    }

    /// The token to log in with now.
    pub(super) async fn now(&self, client: &Client, artifact: &ArtifactName) -> Result<Secret, ApicurioError> {
        let mut current = self.current.lock().await;
        if let Some((token, until)) = &*current
            && until.is_none_or(|until| Instant::now() < until)
        {
            return Ok(token.clone());
        }
        let asked = Instant::now();
        let (token, lifetime) = self.ask(client, artifact).await?;
        let until = lifetime.map(|lifetime| asked + lifetime.saturating_sub(MARGIN));
        *current = Some((token.clone(), until));
        Ok(token)
    }

    /// Whatever it was, it is not accepted any more.
    pub(super) async fn forget(&self) {
        *self.current.lock().await = None;
    }

    async fn ask(&self, client: &Client, artifact: &ArtifactName) -> Result<(Secret, Option<Duration>), ApicurioError> {
        let url = &self.settings.endpoint;
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if let Some(scope) = &self.settings.scope {
            form.append_pair("scope", scope);
        }
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let request = client
            .post(url)
            .basic_auth(
                encoded(&self.settings.client_id),
                Some(encoded(&self.settings.client_secret.0)),
            )
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .body(form.finish());
        let silence = |error: reqwest::Error| ApicurioError::of_silence(url, artifact, &error);
        let answer = request.send().await.map_err(silence)?;
        let status = answer.status();
        let body = answer.text().await.map_err(silence)?;
        if matches!(status.as_u16(), 408 | 425 | 429 | 500..) {
            return Err(ApicurioError::Unavailable {
                url: url.clone(),
                artifact: artifact.clone(),
                reason: format!("HTTP {status} for a token"),
            });
        }
        let no_token = |reason: String| ApicurioError::NoToken {
            url: url.clone(),
            artifact: artifact.clone(),
            reason,
        };
        let answer: Json = serde_json::from_str(&body).unwrap_or_default();
        match answer.get("access_token").and_then(Json::as_str) {
            Some(token) if status.is_success() => {
                let lifetime = answer.get("expires_in").and_then(Json::as_u64).map(Duration::from_secs);
                Ok((Secret(token.to_owned()), lifetime))
            }
            _ => {
                let error = answer
                    .get("error")
                    .and_then(Json::as_str)
                    .unwrap_or("no token in the answer");
                Err(no_token(format!("HTTP {status}: {error}")))
            }
        }
    }
}
