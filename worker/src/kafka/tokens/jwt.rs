//! [`read`]: a token that somebody else has made, with what the client library wants to know of it. Whether it is genuine is for
//! brokers to judge.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rdkafka::client::OAuthToken;
use serde_json::{Map, Value};

/// The token in `text`, whose claim `principal_claim` names who it is for.
///
/// # Errors
/// What is wrong with it; never the token.
pub(super) fn read(text: &str, principal_claim: &str) -> Result<OAuthToken, String> {
    let token = text.trim();
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err("it is no JSON Web Token: three parts with dots between them".to_owned());
    };
    let claims: Map<String, Value> = URL_SAFE_NO_PAD
        .decode(payload.trim_end_matches('='))
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok())
        .ok_or("its claims are no JSON object")?;
    let principal = claims.get(principal_claim).and_then(Value::as_str).map(str::trim);
    let principal_name = principal
        .filter(|name| !name.is_empty())
        .ok_or_else(|| format!("its claim `{principal_claim}` is no text (sasl.oauthbearer.sub.claim.name)"))?;
    let expires_s = claims
        .get("exp")
        .and_then(Value::as_f64)
        .filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
        .ok_or("its claim `exp` is no time")?;
    Ok(OAuthToken {
        token: token.to_owned(),
        principal_name: principal_name.to_owned(),
        lifetime_ms: (expires_s * 1000.0) as i64,
    })
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::read;

    fn token(claims: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_token_says_who_it_is_for_and_how_long() {
        let text = token(r#"{"sub":"alice","exp":1700000000.5,"azp":"service"}"#);
        let read_as = |claim| read(&format!(" {text}\n"), claim).expect("a token");
        assert_eq!(read_as("sub").principal_name, "alice");
        assert_eq!(read_as("azp").principal_name, "service");
        assert_eq!(
            (read_as("sub").lifetime_ms, read_as("sub").token),
            (1_700_000_000_500, text)
        );
    }

    #[test]
    fn what_is_no_token_is_not_repeated() {
        for text in [
            "canary".to_owned(),
            "canary.canary.canary".to_owned(),
            "a.b.c.d".to_owned(),
            token(r#"["canary"]"#),
            token(r#"{"sub":"canary"}"#),
            token(r#"{"exp":1}"#),
            token(r#"{"sub":"","exp":1}"#),
            token(r#"{"sub":"canary","exp":-1}"#),
        ] {
            let reason = read(&text, "sub").map(|_| ()).expect_err("no token");
            assert!(!reason.contains("canary"), "{reason}");
        }
    }
}
