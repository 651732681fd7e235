//! [`TokenFile`]: a token in a file that somebody else keeps fresh (`sasl.oauthbearer.token.endpoint.url=file:...`).

use rdkafka::client::OAuthToken;
use serde::{Deserialize, Serialize};

use super::jwt;

/// A token in a file, which is read whenever one is needed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenFile {
    /// The file.
    pub path: String,
    /// The claim that names the principal.
    pub principal_claim: String,
}

impl TokenFile {
    pub(super) fn token(self) -> Result<OAuthToken, String> {
        let TokenFile { path, principal_claim } = self;
        let text = std::fs::read_to_string(&path).map_err(|error| format!("the token file {path}: {error}"))?;
        jwt::read(&text, &principal_claim).map_err(|reason| format!("the token in {path}: {reason}"))
    }
}
