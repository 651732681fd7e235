//! [`token_source`]: where the tokens of `OAuthBearerLoginCallbackHandler` come from: an authorization server, or a file.
//!
//! Kafka 4 asks no server and opens no file whose URL is not in a property of the JVM. Whoever writes worker.properties is trusted
//! here; what a connector may name is in [`allowed_urls`](crate::config::allowed_urls).

use std::collections::BTreeMap;
use std::time::Duration;

use connector_api::config::ConfigProblem;
use url::Url;

use super::about;
use crate::config::jaas::Login;
use crate::kafka::{TokenEndpoint, TokenFile, TokenSource};

/// Where tokens come from.
pub(in crate::config) const ENDPOINT: &str = "sasl.oauthbearer.token.endpoint.url";
const JAAS: &str = "sasl.jaas.config";
const RETRIEVER: &str = "sasl.oauthbearer.jwt.retriever.class";
const VALIDATOR: &str = "sasl.oauthbearer.jwt.validator.class";
const PACKAGE: &str = "org.apache.kafka.common.security.oauthbearer.";
/// Which of the two it is, the URL says.
const RETRIEVERS: [&str; 3] = [
    "DefaultJwtRetriever",
    "ClientCredentialsJwtRetriever",
    "FileJwtRetriever",
];
/// A client looks at the claims that it needs, and leaves the rest to brokers.
const VALIDATORS: [&str; 2] = ["DefaultJwtValidator", "ClientJwtValidator"];

/// Java waits for as long as the system lets it.
const TIMEOUT_MS: u64 = 10_000;

/// What the options of the login module say.
#[derive(Default)]
struct Options {
    client_id: Option<String>,
    client_secret: Option<String>,
    scope: Option<String>,
    trust_store: Option<String>,
    trust_store_password: String,
    certificates: Option<String>,
}

/// The source that `java` names.
pub(super) fn token_source(java: &BTreeMap<String, String>, login: Login) -> Result<TokenSource, ConfigProblem> {
    let given = |key: &str| {
        java.get(key)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    };
    for (key, known) in [(RETRIEVER, RETRIEVERS.as_slice()), (VALIDATOR, VALIDATORS.as_slice())] {
        let is_known = |class: &str| class.strip_prefix(PACKAGE).is_some_and(|name| known.contains(&name));
        if let Some(class) = given(key).filter(|class| !is_known(class)) {
            let names = known.join(", ");
            return Err(about(
                key,
                format!("{class} is not supported; there are {names} of {PACKAGE}*"),
            ));
        }
    }
    let text = given(ENDPOINT).ok_or_else(|| {
        about(
            ENDPOINT,
            "is missing: the URL of an authorization server, or of a file with a token",
        )
    })?;
    let principal_claim = given("sasl.oauthbearer.sub.claim.name").unwrap_or("sub").to_owned();
    let url = Url::parse(text).map_err(|error| about(ENDPOINT, format!("is no URL: {error}")))?;
    let options = Options::read(login).map_err(|problem| about(JAAS, problem))?;
    match url.scheme() {
        "file" => {
            let path = url
                .to_file_path()
                .map_err(|()| about(ENDPOINT, "names no file of this machine"))?;
            Ok(TokenSource::File(TokenFile {
                path: path.display().to_string(),
                principal_claim,
            }))
        }
        "http" | "https" if url.username().is_empty() && url.password().is_none() => {
            endpoint(java, url, principal_claim, options).map(TokenSource::Endpoint)
        }
        "http" | "https" => Err(about(
            ENDPOINT,
            "cannot hold credentials: they are options of sasl.jaas.config",
        )),
        other => Err(about(
            ENDPOINT,
            format!("has the scheme `{other}`; http, https and file are supported"),
        )),
    }
}

fn endpoint(
    java: &BTreeMap<String, String>,
    url: Url,
    principal_claim: String,
    options: Options,
) -> Result<TokenEndpoint, ConfigProblem> {
    let given = |key: &str| {
        java.get(key)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    };
    let milliseconds = |key: &str, default: u64| match given(key).map(|text| text.parse()) {
        None => Ok(Duration::from_millis(default)),
        Some(Ok(number)) => Ok(Duration::from_millis(number)),
        Some(Err(_)) => Err(about(key, "is not a number of milliseconds")),
    };
    let needed = |key: &str, option: &str, value: Option<String>| {
        given(key)
            .or(value)
            .ok_or_else(|| about(JAAS, format!("option `{option}` is missing, and so is `{key}`")))
    };
    Ok(TokenEndpoint {
        trusted: options.trusted().map_err(|problem| about(JAAS, problem))?,
        client_id: needed(
            "sasl.oauthbearer.client.credentials.client.id",
            "clientId",
            options.client_id,
        )?,
        client_secret: needed(
            "sasl.oauthbearer.client.credentials.client.secret",
            "clientSecret",
            options.client_secret,
        )?,
        scope: given("sasl.oauthbearer.scope").or(options.scope),
        encodes_credentials: given("sasl.oauthbearer.header.urlencode")
            .is_some_and(|given| given.eq_ignore_ascii_case("true")),
        url: url.into(),
        principal_claim,
        connect_timeout: milliseconds("sasl.login.connect.timeout.ms", TIMEOUT_MS)?,
        read_timeout: milliseconds("sasl.login.read.timeout.ms", TIMEOUT_MS)?,
        first_pause: milliseconds("sasl.login.retry.backoff.ms", 100)?,
        attempts_for: milliseconds("sasl.login.retry.backoff.max.ms", 10_000)?,
    })
}

impl Options {
    fn read(login: Login) -> Result<Self, String> {
        let mut options = Options::default();
        for (option, value) in login.options {
            match option.as_str() {
                "clientId" => options.client_id = Some(value),
                "clientSecret" => options.client_secret = Some(value),
                "scope" => options.scope = Some(value),
                "ssl.truststore.location" => options.trust_store = Some(value),
                "ssl.truststore.password" => options.trust_store_password = value,
                "ssl.truststore.certificates" => options.certificates = Some(value),
                // The store says it itself; the system's TLS is what it is.
                "ssl.truststore.type" | "ssl.protocol" => {}
                other => return Err(format!("option `{other}` is not supported")),
            }
        }
        Ok(options)
    }

    /// The certificates to trust, in PEM.
    fn trusted(&self) -> Result<Option<String>, String> {
        let Some(path) = &self.trust_store else {
            return Ok(self.certificates.clone());
        };
        let failed = |reason: String| format!("option `ssl.truststore.location`: {path} {reason}");
        let store = std::fs::read(path).map_err(|error| failed(format!("cannot be read: {error}")))?;
        key_stores::trusted(&store, &self.trust_store_password)
            .map(Some)
            .map_err(|error| failed(error.to_string()))
    }
}
