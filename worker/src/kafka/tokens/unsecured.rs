//! [`Unsecured`]: tokens without a signature (RFC 7515, appendix A.5), for brokers that trust everybody who can reach them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use rdkafka::client::OAuthToken;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What the token claims.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsecured {
    /// Claims beside the times.
    pub claims: Map<String, Value>,
    /// The claim that names the principal.
    pub principal_claim: String,
    /// How long the token is valid, in seconds.
    pub lifetime_s: i64,
}

impl Unsecured {
    pub(super) fn token(self) -> Result<OAuthToken, String> {
        let claim = &self.principal_claim;
        let principal = self.claims.get(claim).and_then(Value::as_str);
        let principal_name = principal
            .ok_or_else(|| format!("no claim `{claim}` is a text"))?
            .to_owned();
        let issued_ms = Utc::now().timestamp_millis();
        let lifetime_ms = issued_ms.saturating_add(self.lifetime_s.saturating_mul(1000));
        let mut claims = self.claims;
        claims.insert("iat".to_owned(), json!(issued_ms as f64 / 1000.0));
        claims.insert("exp".to_owned(), json!(lifetime_ms as f64 / 1000.0));
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        Ok(OAuthToken {
            // The part of the signature is empty.
            token: format!("{}.{}.", part(&json!({ "alg": "none" })), part(&Value::Object(claims))),
            principal_name,
            lifetime_ms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsecured(claims: Value) -> Unsecured {
        Unsecured {
            claims: claims.as_object().cloned().expect("an object"),
            principal_claim: "sub".to_owned(),
            lifetime_s: 60,
        }
    }

    #[test]
    fn a_token_claims_what_was_asked_for_and_its_times() {
        let token = unsecured(json!({ "sub": "alice", "scope": ["a"] }))
            .token()
            .expect("a token");
        assert_eq!(token.principal_name, "alice");
        let parts: Vec<&str> = token.token.split('.').collect();
        let decoded = |part: &str| -> Value {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
        };
        assert_eq!((decoded(parts[0]), parts[2]), (json!({ "alg": "none" }), ""));
        let claims = decoded(parts[1]);
        assert_eq!((&claims["sub"], &claims["scope"]), (&json!("alice"), &json!(["a"])));
        let (issued, expires) = (claims["iat"].as_f64(), claims["exp"].as_f64());
        assert_eq!(
            expires.zip(issued).map(|(expires, issued)| (expires - issued).round()),
            Some(60.0)
        );
    }

    #[test]
    fn a_principal_is_needed() {
        let refused = unsecured(json!({ "sub": 5 })).token().map(|_| ());
        assert_eq!(refused, Err("no claim `sub` is a text".to_owned()));
    }
}
