//! [`ApicurioError`]: why a registry gave no version of an artifact, sorted by what happens next.
//!
//! Whether a refusal can heal is read off the HTTP status, and which refusal it is off the name that the registry gives it.

use reqwest::StatusCode;
use serde_json::Value as Json;

use super::artifact::ArtifactName;
use crate::registry::error::{chain, is_about_certificates, shortened};
use crate::registry::patience::Refusal;

/// Why there is no version of an artifact.
#[derive(Debug, thiserror::Error)]
pub enum ApicurioError {
    /// Time heals it: no connection, too busy, a server error. Asked again with backoff.
    #[error("the registry at {url} is not available for artifact `{artifact}`: {reason}")]
    Unavailable {
        /// Which registry, without credentials.
        url: String,
        /// For which artifact.
        artifact: ArtifactName,
        /// What was seen.
        reason: String,
    },
    /// The wait for an unavailable registry ended because the task is stopping.
    #[error("stopped while waiting for the registry, artifact `{artifact}`")]
    Stopped {
        /// For which artifact.
        artifact: ArtifactName,
    },
    /// A person must change the schema or the rules.
    #[error(
        "a rule of the registry forbids the new schema of artifact `{artifact}`: {reason}; change or remove the rule of the \
         artifact, its group or the registry, and restart the task; once its records have arrived, the rule may be set again"
    )]
    Forbidden {
        /// Which artifact.
        artifact: ArtifactName,
        /// What the registry said.
        reason: String,
    },
    /// A person must let it be used.
    #[error(
        "artifact `{artifact}` exists already: {reason}; with apicurio.registry.auto-register.if-exists=FAIL a schema is only \
         ever registered as a new artifact, or set another apicurio.registry.artifact.version"
    )]
    Exists {
        /// Which artifact.
        artifact: ArtifactName,
        /// What the registry said.
        reason: String,
    },
    /// A person must correct the credentials or their rights.
    #[error(
        "the registry at {url} refuses our credentials for artifact `{artifact}` (HTTP {status}): {reason}; \
         check apicurio.registry.auth.*, and their rights"
    )]
    Denied {
        /// Which registry.
        url: String,
        /// For which artifact.
        artifact: ArtifactName,
        /// 401 or 403.
        status: u16,
        /// What it said.
        reason: String,
    },
    /// A person must correct the credentials.
    #[error(
        "{url} gives no token to log in to the registry with, artifact `{artifact}`: {reason}; \
         check apicurio.registry.auth.service.token.endpoint, apicurio.registry.auth.client.id and apicurio.registry.auth.client.secret"
    )]
    NoToken {
        /// The token's endpoint, without credentials.
        url: String,
        /// For which artifact.
        artifact: ArtifactName,
        /// What was seen.
        reason: String,
    },
    /// A person must correct the certificates, ours or theirs.
    #[error(
        "no trust between us and the registry at {url}: {reason}; \
         check apicurio.registry.tls.*, apicurio.registry.request.ssl.* and the server's certificate"
    )]
    Untrusted {
        /// Which registry.
        url: String,
        /// What TLS says.
        reason: String,
    },
    /// A person must register the schema, or let us.
    #[error(
        "the schema of artifact `{artifact}` is not registered: {reason}; register it, or set apicurio.registry.auto-register=true"
    )]
    NotRegistered {
        /// Which artifact.
        artifact: ArtifactName,
        /// What the registry said.
        reason: String,
    },
    /// A person must register the connector's schema, or stop asking for another one.
    #[error(
        "version {version} of artifact `{artifact}`, which apicurio.registry.find-latest or apicurio.registry.artifact.version asks for, is not the \
         schema of the records: {reason}; register theirs as a new version, or remove that key"
    )]
    OtherSchema {
        /// Which artifact.
        artifact: ArtifactName,
        /// Its version.
        version: String,
        /// The fields that differ.
        reason: String,
    },
    /// The registry refuses the schema, or the name of the artifact.
    #[error("the registry finds the schema of artifact `{artifact}` invalid (HTTP {status}): {reason}")]
    Invalid {
        /// Which artifact.
        artifact: ArtifactName,
        /// 400 or 422.
        status: u16,
        /// What it said.
        reason: String,
    },
    /// A person must choose the longer form.
    #[error(
        "the id {id} of artifact `{artifact}` does not fit into four bytes; set apicurio.registry.id-handler to \
         io.apicurio.registry.serde.Legacy8ByteIdHandler, here and in the deserializers"
    )]
    LongId {
        /// Which artifact.
        artifact: ArtifactName,
        /// Its id.
        id: u64,
    },
    /// Whatever answered is no Apicurio Registry, or not at this path.
    #[error(
        "what answers at {url} is no Apicurio Registry ({reason}); check apicurio.registry.url, \
         which ends with /apis/registry/v2 or /apis/registry/v3"
    )]
    NoRegistry {
        /// The address.
        url: String,
        /// What was seen.
        reason: String,
    },
}

impl Refusal for ApicurioError {
    fn is_retriable(&self) -> bool {
        matches!(self, ApicurioError::Unavailable { .. })
    }
}

impl ApicurioError {
    /// No answer at all.
    pub(super) fn of_silence(url: &str, artifact: &ArtifactName, error: &reqwest::Error) -> Self {
        let url = url.to_owned();
        match chain(error) {
            reason if is_about_certificates(&reason) => ApicurioError::Untrusted { url, reason },
            reason => ApicurioError::Unavailable {
                url,
                artifact: artifact.clone(),
                reason,
            },
        }
    }

    /// An answer that is no success.
    pub(super) fn of_answer(url: &str, artifact: &ArtifactName, status: StatusCode, body: &str) -> Self {
        let (url, artifact, status) = (url.to_owned(), artifact.clone(), status.as_u16());
        let refusal: Option<NamedRefusal> = NamedRefusal::parse(body);
        let reason = refusal
            .as_ref()
            .map_or_else(String::new, |refusal| refusal.reason.clone());
        let is = |word: &str| refusal.as_ref().is_some_and(|refusal| refusal.name.contains(word));
        // What the server's framework says, not the registry.
        let is_no_path = refusal
            .as_ref()
            .is_some_and(|refusal| refusal.name == "NotFoundException");
        match status {
            401 | 403 => ApicurioError::Denied {
                url,
                artifact,
                status,
                reason,
            },
            404 if is("NotFound") && !is_no_path => ApicurioError::NotRegistered { artifact, reason },
            409 if is("AlreadyExists") => ApicurioError::Exists { artifact, reason },
            409 if refusal.is_some() => ApicurioError::Forbidden { artifact, reason },
            400 | 422 if is("RuleViolation") => ApicurioError::Forbidden { artifact, reason },
            400 | 422 if refusal.is_some() => ApicurioError::Invalid {
                artifact,
                status,
                reason,
            },
            408 | 425 | 429 | 500.. => ApicurioError::Unavailable {
                url,
                artifact,
                reason: format!("HTTP {status}: {reason}"),
            },
            _ => ApicurioError::NoRegistry {
                url,
                reason: format!("HTTP {status}: {reason}"),
            },
        }
    }

    /// An answer that is not what this API answers.
    pub(super) fn of_strange_answer(url: &str, reason: &str) -> Self {
        ApicurioError::NoRegistry {
            url: url.to_owned(),
            reason: reason.to_owned(),
        }
    }
}

/// What the registry says of a refusal: version 2 of the API has a `message`, version 3 a `title` (RFC 7807).
struct NamedRefusal {
    name: String,
    reason: String,
}

impl NamedRefusal {
    fn parse(body: &str) -> Option<Self> {
        let answer: Json = serde_json::from_str(body).ok()?;
        let text = |key: &str| answer.get(key).and_then(Json::as_str);
        let name = text("name")?;
        let reason = text("title").or_else(|| text("message")).unwrap_or(name);
        Some(NamedRefusal {
            name: name.to_owned(),
            reason: shortened(reason),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{ApicurioError, ArtifactName, StatusCode};

    fn check(status: u16, body: &str, expected: &str) {
        let artifact = ArtifactName {
            group: None,
            id: "t-value".to_owned(),
        };
        let status = StatusCode::from_u16(status).expect("a status");
        let error = ApicurioError::of_answer("http://r", &artifact, status, body).to_string();
        assert!(error.starts_with(expected), "{error}");
    }

    #[test]
    fn refusals_say_what_to_do() {
        check(
            404,
            r#"{"title":"No artifact with ID 't-value'","status":404,"name":"ArtifactNotFoundException"}"#,
            "the schema of artifact `t-value` is not registered: No artifact with ID 't-value'; register it, or set",
        );
        check(
            404,
            r#"{"title":"RESTEASY003210: Could not find resource","name":"NotFoundException"}"#,
            "what answers at http://r is no Apicurio Registry (HTTP 404: RESTEASY003210",
        );
        check(
            404,
            "<html>",
            "what answers at http://r is no Apicurio Registry (HTTP 404",
        );
        check(302, "", "what answers at http://r is no Apicurio Registry (HTTP 302");
        check(
            409,
            r#"{"message":"An artifact with ID 't-value' already exists.","error_code":409,"name":"ArtifactAlreadyExistsException"}"#,
            "artifact `t-value` exists already: An artifact with ID 't-value' already exists.; with",
        );
        check(
            409,
            r#"{"title":"Failed compatibility check","status":409,"name":"RuleViolationException"}"#,
            "a rule of the registry forbids the new schema of artifact `t-value`: Failed compatibility check; change",
        );
        check(
            400,
            r#"{"title":"Artifact ID is too long","status":400,"name":"InvalidArtifactIdException"}"#,
            "the registry finds the schema of artifact `t-value` invalid (HTTP 400): Artifact ID is too long",
        );
        check(
            401,
            "",
            "the registry at http://r refuses our credentials for artifact `t-value` (HTTP 401)",
        );
        check(
            503,
            "",
            "the registry at http://r is not available for artifact `t-value`: HTTP 503",
        );
    }
}
