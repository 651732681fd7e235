//! [`RegistryError`]: why a registry gave no schema id, sorted by what happens next.
//!
//! Whether a refusal can heal is read off the HTTP status; the registry's own `error_code` is kept for people. What
//! schema_registry_converter calls retriable (502 and 503 only) is not asked.

use std::error::Error;

use schema_registry_converter::error::SRCError;
use schema_registry_converter::schema_registry_common::RawError;

use super::patience::Refusal;
use super::subject::Subject;

/// The longest piece of a registry's message that is passed on; Confluent's quotes whole schemas.
const LONGEST_MESSAGE: usize = 600;

/// Why there is no schema id.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// Time heals it: no connection, too busy, a server error. Asked again with backoff.
    #[error("the schema registry at {url} is not available for subject `{subject}`: {reason}")]
    Unavailable {
        /// Which registry, without credentials.
        url: String,
        /// For which subject.
        subject: Subject,
        /// What was seen.
        reason: String,
    },
    /// The wait for an unavailable registry ended because the task is stopping.
    #[error("stopped while waiting for the schema registry, subject `{subject}`")]
    Stopped {
        /// For which subject.
        subject: Subject,
    },
    /// A person must change the schema or the subject's compatibility level.
    #[error(
        "the new schema of subject `{subject}` is not compatible with the registered one (error {code}): {reason}; \
         set the subject's compatibility to NONE and restart the task; once its records have arrived, the old level may be \
         set again. To change the table back helps only as long as no row was changed in between"
    )]
    Incompatible {
        /// Which subject.
        subject: Subject,
        /// The registry's `error_code`.
        code: u32,
        /// The fields that differ, or what the registry said.
        reason: String,
    },
    /// A person must correct the credentials or their rights.
    #[error(
        "the schema registry at {url} refuses our credentials for subject `{subject}` (HTTP {status}): {reason}; \
         check basic.auth.user.info or bearer.auth.token, and their rights on the subject"
    )]
    Denied {
        /// Which registry.
        url: String,
        /// For which subject.
        subject: Subject,
        /// 401 or 403.
        status: u16,
        /// What it said.
        reason: String,
    },
    /// A person must correct the certificates, ours or theirs.
    #[error(
        "no trust between us and the schema registry at {url}: {reason}; \
         check schema.registry.ssl.truststore.*, schema.registry.ssl.keystore.* and the server's certificate"
    )]
    Untrusted {
        /// Which registry.
        url: String,
        /// What TLS says.
        reason: String,
    },
    /// A person must register the schema, or let us.
    #[error(
        "the schema of subject `{subject}` is not registered (error {code}): {reason}; \
         register it, or set auto.register.schemas=true"
    )]
    NotRegistered {
        /// Which subject.
        subject: Subject,
        /// The registry's `error_code`.
        code: u32,
        /// What it said.
        reason: String,
    },
    /// A person must register the connector's schema, or stop asking for another one.
    #[error(
        "the latest schema of subject `{subject}`, which use.latest.version asks for, is not that of the records: {reason}; \
         register theirs as a new version, or remove use.latest.version"
    )]
    OtherLatest {
        /// Which subject.
        subject: Subject,
        /// The fields that differ.
        reason: String,
    },
    /// The registry's parser refuses the schema.
    #[error("the schema registry finds the schema of subject `{subject}` invalid (error {code}): {reason}")]
    Invalid {
        /// Which subject.
        subject: Subject,
        /// The registry's `error_code`.
        code: u32,
        /// What it said.
        reason: String,
    },
    /// A person must name another id, or register the connector's schema.
    #[error(
        "the schema of id {id}, which use.schema.id asks for, is not that of the records of subject `{subject}`: {reason}; name the id of \
         theirs, or remove use.schema.id"
    )]
    OtherSchema {
        /// The id.
        id: u32,
        /// For which subject.
        subject: Subject,
        /// The fields that differ.
        reason: String,
    },
    /// Whatever answered is no schema registry, or not at this path.
    #[error("what answers at {url} is no schema registry ({reason}); check schema.registry.url, its path above all")]
    NoRegistry {
        /// The address.
        url: String,
        /// What was seen.
        reason: String,
    },
}

impl Refusal for RegistryError {
    fn is_retriable(&self) -> bool {
        matches!(self, RegistryError::Unavailable { .. })
    }
}

impl RegistryError {
    /// Sorts what a call ended with.
    pub(super) fn of_call(url: &str, subject: &Subject, error: &SRCError) -> Self {
        let Some(status) = http_status(error) else {
            return match error
                .source()
                .and_then(|source| source.downcast_ref::<reqwest::Error>())
            {
                Some(cause) => RegistryError::of_transport(url, subject, cause),
                None => RegistryError::NoRegistry {
                    url: url.to_owned(),
                    reason: "its answer has no schema id".to_owned(),
                },
            };
        };
        let raw = error.source().and_then(|source| source.downcast_ref::<RawError>());
        let (code, message) = raw.map_or((0, ""), |raw| (raw.error_code, raw.message.as_str()));
        RegistryError::of_status(url, subject, status, code, message)
    }

    /// Sorts why there is no answer, or none that can be read.
    pub(super) fn of_transport(url: &str, subject: &Subject, cause: &reqwest::Error) -> Self {
        let (url, subject) = (url.to_owned(), subject.clone());
        if cause.is_decode() && has_json_cause(cause) {
            let reason = "its answer is not the JSON of a registry".to_owned();
            return RegistryError::NoRegistry { url, reason };
        }
        match chain(cause) {
            reason if is_about_certificates(&reason) => RegistryError::Untrusted { url, reason },
            reason => RegistryError::Unavailable { url, subject, reason },
        }
    }

    /// Sorts a refusal.
    pub(super) fn of_status(url: &str, subject: &Subject, status: u16, code: u32, message: &str) -> Self {
        let (url, subject, reason) = (url.to_owned(), subject.clone(), shortened(message));
        match status {
            409 => RegistryError::Incompatible { subject, code, reason },
            401 | 403 => RegistryError::Denied {
                url,
                subject,
                status,
                reason,
            },
            404 if code >= 40400 => RegistryError::NotRegistered { subject, code, reason },
            400 | 422 => RegistryError::Invalid { subject, code, reason },
            408 | 425 | 429 | 500.. => RegistryError::Unavailable {
                url,
                subject,
                reason: format!("HTTP {status} (error {code}): {reason}"),
            },
            _ => RegistryError::NoRegistry {
                url,
                reason: format!("HTTP {status}: {reason}"),
            },
        }
    }
}

/// The status of a refused request, which schema_registry_converter only tells in words.
fn http_status(error: &SRCError) -> Option<u16> {
    let (_, rest) = error.error.split_once("with status ")?;
    rest.get(..3)?.parse().ok()
}

pub(crate) fn has_json_cause(error: &reqwest::Error) -> bool {
    error.source().is_some_and(|source| source.is::<serde_json::Error>())
}

/// The causes of an error, innermost last; reqwest's own text says little more than that it failed.
pub(crate) fn chain(error: &reqwest::Error) -> String {
    let kind = match (error.is_timeout(), error.is_connect()) {
        (true, _) => "no answer in time",
        (_, true) => "no connection",
        _ => "the connection broke",
    };
    let mut text = kind.to_owned();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    shortened(&text)
}

/// Whether OpenSSL refused the server's certificate, or the server's alert refuses ours; only its words tell.
pub(crate) fn is_about_certificates(reason: &str) -> bool {
    reason.contains("certificate verify failed") || (reason.contains("alert") && reason.contains("certificate"))
}

/// A message without the old schema that Confluent's registry quotes at its end, and not too long.
pub(crate) fn shortened(message: &str) -> String {
    let message = message.split(", {oldSchema").next().unwrap_or(message);
    match message.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}..", &message[..end]),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_about_certificates, shortened};

    #[test]
    fn only_what_tls_says_of_certificates_is_a_matter_of_trust() {
        for (reason, expected) in [
            (
                "no connection: routines:tls_post_process_server_certificate:certificate verify failed",
                true,
            ),
            (
                "the connection broke: routines:ssl3_read_bytes:tlsv13 alert certificate required",
                true,
            ),
            (
                "the connection broke: routines:ssl3_read_bytes:sslv3 alert bad certificate",
                true,
            ),
            ("no connection: unexpected eof while reading", false),
            (
                "no connection: tcp connect error: Connection refused (os error 111)",
                false,
            ),
        ] {
            assert_eq!(is_about_certificates(reason), expected, "{reason}");
        }
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let cut = shortened(&"é".repeat(1000));
        assert_eq!(cut.chars().count(), 602);
    }
}
