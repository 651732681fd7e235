//! [`AdminTokens`]: tokens for the administration client, which never asks for them.
//!
//! rdkafka's administration client polls a queue of its own, and not the one in which the library asks for a token. So it is
//! given one before it is used, and another before that one expires.

use std::ffi::CString;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::Utc;
use rdkafka::ClientContext;
use rdkafka::admin::AdminClient;
use rdkafka::bindings::rd_kafka_oauthbearer_set_token;
use rdkafka::client::OAuthToken;
use rdkafka::error::IsError;

use super::token;
use crate::kafka::{ClientSettings, KafkaError, Outcome};

/// Gives tokens to one client.
pub(in crate::kafka) struct AdminTokens {
    source: Option<String>,
    renew_at: Mutex<Option<Instant>>,
}

/// The library's words about a token that it does not take.
const LONGEST_REASON: usize = 512;

impl AdminTokens {
    pub(in crate::kafka) fn of(settings: &ClientSettings) -> Self {
        let source = settings.value("sasl.oauthbearer.config").map(str::to_owned);
        AdminTokens {
            source,
            renew_at: Mutex::new(None),
        }
    }

    /// Sees to it that `client` has a token, if it needs one.
    pub(in crate::kafka) async fn give<C: ClientContext + 'static>(
        self: &Arc<Self>,
        client: &Arc<AdminClient<C>>,
    ) -> Result<(), KafkaError> {
        if !self.is_due() {
            return Ok(());
        }
        let (tokens, client) = (Arc::clone(self), Arc::clone(client));
        let given = tokio::task::spawn_blocking(move || tokens.give_now(&client)).await;
        let given = given.unwrap_or_else(|error| Err(error.to_string()));
        given.map_err(|reason| KafkaError::new(Outcome::Retry, "logging in with a token", reason))
    }

    /// The same; blocks for as long as making a token takes.
    pub(in crate::kafka) fn give_blocking<C: ClientContext>(&self, client: &AdminClient<C>) -> Result<(), KafkaError> {
        if !self.is_due() {
            return Ok(());
        }
        self.give_now(client)
            .map_err(|reason| KafkaError::new(Outcome::Retry, "logging in with a token", reason))
    }

    fn is_due(&self) -> bool {
        let renew_at = self.renew_at.lock().unwrap_or_else(PoisonError::into_inner);
        self.source.is_some() && renew_at.is_none_or(|at| Instant::now() >= at)
    }

    fn give_now<C: ClientContext>(&self, client: &AdminClient<C>) -> Result<(), String> {
        let token = token(self.source.as_deref()).map_err(|error| error.to_string())?;
        set(client, &token)?;
        let left = u64::try_from(token.lifetime_ms - Utc::now().timestamp_millis()).unwrap_or_default();
        // As early as the library asks for the next one.
        let renew_at = Instant::now() + Duration::from_millis(left) * 4 / 5;
        *self.renew_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(renew_at);
        Ok(())
    }
}

#[allow(unsafe_code, reason = "rdkafka gives tokens only to clients whose events it serves")]
fn set<C: ClientContext>(client: &AdminClient<C>, token: &OAuthToken) -> Result<(), String> {
    let text = |text: &str| CString::new(text).map_err(|error| error.to_string());
    let (value, principal) = (text(&token.token)?, text(&token.principal_name)?);
    let mut reason = vec![0_u8; LONGEST_REASON];
    // SAFETY: the pointer is the live client's, which `client` keeps until after the call; the function may be called from any
    // thread, copies the texts, which end with a null, and writes at most the length given into `reason`.
    let outcome = unsafe {
        rd_kafka_oauthbearer_set_token(
            client.inner().native_ptr(),
            value.as_ptr(),
            token.lifetime_ms,
            principal.as_ptr(),
            std::ptr::null_mut(),
            0,
            reason.as_mut_ptr().cast(),
            reason.len(),
        )
    };
    if !outcome.is_error() {
        return Ok(());
    }
    let end = reason.iter().position(|byte| *byte == 0).unwrap_or(reason.len());
    Err(String::from_utf8_lossy(&reason[..end]).into_owned())
}
