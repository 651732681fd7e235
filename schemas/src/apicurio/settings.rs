//! [`ApicurioSettings`]: a registry's address, credentials and names, from the configuration keys of Apicurio's converters.
//!
//! Keys are those of its versions 2 and 3; where both have one for the same, the names differ, and either is taken.

use reqwest::Url;

use super::artifact::ArtifactNames;
use super::artifacts::Pieces;
use super::client::Comparison;
use super::token::TokenSettings;
use crate::registry::auth::{Credentials, KeyStore, Secret, Tls, TrustStore};
use crate::registry::http::{CONNECT_TIMEOUT, HttpSettings, ProxyServer, REQUEST_TIMEOUT};
use crate::registry::settings::{RegistryAddress, STORE_TYPES, address, headers};
use crate::settings::Settings;

/// The address.
pub(crate) const URL: &str = "apicurio.registry.url";
/// The version of the API, where the address does not tell it.
const URL_VERSION: &str = "apicurio.registry.url.version";
/// Request headers of the user's own have this prefix.
pub(crate) const HEADER_PREFIX: &str = "apicurio.registry.request.headers.";

/// The version of the registry's own API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// `/apis/registry/v2`
    V2,
    /// `/apis/registry/v3`
    V3,
}

/// What becomes of a schema whose artifact there is already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It is refused.
    Fail,
    /// It is a new version, whatever versions there are.
    Add,
    /// The version with this content is taken, or it is a new one.
    FindOrAdd,
}

/// What to do with a schema that the registry does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Register it (`auto-register=true`).
    Register(Existing),
    /// Take the latest version (`find-latest=true`), or the one that is named (`artifact.version`).
    LookUp,
    /// Take the version with this content, and refuse to go on without it.
    Find,
}

/// Who we are to the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogIn {
    /// As we say.
    With(Credentials),
    /// As a server of tokens says.
    Token(TokenSettings),
}

/// How to reach a registry, and how schemas are kept there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApicurioSettings {
    /// Without credentials.
    pub url: Url,
    /// What it speaks.
    pub api: Api,
    /// Who we are.
    pub log_in: LogIn,
    /// `tls.*`, `request.ssl.*`, `proxy.*`, `request.headers.*`.
    pub http: HttpSettings,
    /// `artifact-resolver-strategy`.
    pub names: ArtifactNames,
    /// `artifact.group-id`.
    pub group: Option<String>,
    /// `artifact.artifact-id`.
    pub id: Option<String>,
    /// `artifact.version`.
    pub version: Option<String>,
    /// `auto-register`, `auto-register.if-exists`, `find-latest`.
    pub registration: Registration,
    /// `canonicalize`.
    pub comparison: Comparison,
    /// `dereference-schema`.
    pub pieces: Pieces,
}

impl Existing {
    pub(super) fn name(self, api: Api) -> &'static str {
        match (self, api) {
            (Existing::Fail, _) => "FAIL",
            (Existing::Add, Api::V2) => "UPDATE",
            (Existing::Add, Api::V3) => "CREATE_VERSION",
            (Existing::FindOrAdd, Api::V2) => "RETURN_OR_UPDATE",
            (Existing::FindOrAdd, Api::V3) => "FIND_OR_CREATE_VERSION",
        }
    }
}

impl ApicurioSettings {
    /// Reads the settings of a converter; problems go to `settings`. `None` only where there are some.
    pub(crate) fn read(settings: &mut Settings<'_>) -> Option<Self> {
        let address = registry(settings);
        let api = match &address {
            Some(address) => api(settings, &address.url),
            None => Api::V3,
        };
        let own = address.as_ref().map(|address| address.credentials.clone());
        let log_in = log_in(settings, own.unwrap_or_default());
        let text = |settings: &Settings<'_>, key: &str| settings.text(key).map(str::to_owned);
        let version = text(settings, "apicurio.registry.artifact.version");
        let read = ApicurioSettings {
            url: Url::parse("http://unset").ok()?,
            api,
            log_in,
            http: HttpSettings {
                tls: tls(settings),
                proxy: proxy(settings),
                headers: headers(settings, HEADER_PREFIX),
                connect_timeout: CONNECT_TIMEOUT,
                request_timeout: REQUEST_TIMEOUT,
            },
            names: names(settings),
            group: text(settings, "apicurio.registry.artifact.group-id"),
            id: text(settings, "apicurio.registry.artifact.artifact-id"),
            registration: registration(settings, version.is_some()),
            version,
            comparison: match settings.boolean("apicurio.registry.canonicalize", false) {
                true => Comparison::Canonical,
                false => Comparison::Text,
            },
            pieces: match settings.boolean("apicurio.registry.dereference-schema", api == Api::V2) {
                true => Pieces::Together,
                false => Pieces::Apart,
            },
        };
        let url = Url::parse(&with_path(settings, address?.url, api)).ok()?;
        Some(ApicurioSettings { url, ..read })
    }
}

fn registry(settings: &mut Settings<'_>) -> Option<RegistryAddress> {
    let Some(text) = settings.text(URL) else {
        settings.problem(
            URL,
            "must be set: the URL of Apicurio Registry's own API, such as http://registry:8080/apis/registry/v3",
        );
        return None;
    };
    match address(text, None) {
        Ok(address) => Some(address),
        Err(reason) => {
            settings.problem(URL, reason);
            None
        }
    }
}

fn api(settings: &mut Settings<'_>, url: &str) -> Api {
    match settings.text(URL_VERSION) {
        Some(version) => match version.to_ascii_lowercase().trim_start_matches('v').chars().next() {
            Some('2') => Api::V2,
            Some('3') => Api::V3,
            _ => {
                settings.problem(
                    URL_VERSION,
                    "must be 2 or 3, the version of the registry's API at apicurio.registry.url",
                );
                Api::V3
            }
        },
        None if url.contains("/apis/registry/v2") => Api::V2,
        None => Api::V3,
    }
}

/// An address that names no API gets the path of its version.
fn with_path(settings: &mut Settings<'_>, url: String, api: Api) -> String {
    let is_whole = settings.boolean("apicurio.registry.client.disable-auto-basepath-append", false)
        || settings.text(URL_VERSION).is_some()
        || url.contains("/apis/registry/");
    match api {
        _ if is_whole => url,
        Api::V2 => format!("{url}/apis/registry/v2"),
        Api::V3 => format!("{url}/apis/registry/v3"),
    }
}

/// The first of these keys that is set.
fn either<'a>(settings: &Settings<'a>, keys: [&'static str; 2]) -> Option<&'a str> {
    keys.into_iter().find_map(|key| settings.text(key))
}

fn required(settings: &mut Settings<'_>, keys: [&'static str; 2], beside: &str) -> String {
    let given = either(settings, keys);
    if given.is_none() {
        settings.problem(keys[0], format!("must be set beside {beside}"));
    }
    given.unwrap_or_default().to_owned()
}

fn log_in(settings: &mut Settings<'_>, of_address: Credentials) -> LogIn {
    const ENDPOINT: [&str; 2] = [
        "apicurio.registry.auth.service.token.endpoint",
        "apicurio.auth.service.token.endpoint",
    ];
    const SCOPE: [&str; 2] = ["apicurio.registry.auth.client.scope", "apicurio.auth.client.scope"];
    const CLIENT: [&str; 2] = ["apicurio.registry.auth.client.id", "apicurio.auth.client.id"];
    const SECRET: [&str; 2] = ["apicurio.registry.auth.client.secret", "apicurio.auth.client.secret"];
    const USER: [&str; 2] = ["apicurio.registry.auth.username", "apicurio.auth.username"];
    const PASSWORD: [&str; 2] = ["apicurio.registry.auth.password", "apicurio.auth.password"];
    if let Some((endpoint, key)) = token_endpoint(settings, ENDPOINT) {
        let client_id = required(settings, CLIENT, key);
        let client_secret = Secret(required(settings, SECRET, key));
        return match address(&endpoint, None) {
            Ok(RegistryAddress { url, .. }) => LogIn::Token(TokenSettings {
                endpoint: url,
                client_id,
                client_secret,
                scope: either(settings, SCOPE).map(str::to_owned),
            }),
            Err(reason) => {
                settings.problem(key, reason);
                LogIn::With(Credentials::None)
            }
        };
    }
    match either(settings, USER) {
        // Those of the address come before the others.
        Some(user) if of_address == Credentials::None => LogIn::With(Credentials::Basic {
            user: user.to_owned(),
            password: Secret(required(settings, PASSWORD, USER[0])),
        }),
        _ => LogIn::With(of_address),
    }
}

/// The endpoint, and the key that tells it. Version 2 also puts it together from a Keycloak's address and a realm.
fn token_endpoint(settings: &mut Settings<'_>, keys: [&'static str; 2]) -> Option<(String, &'static str)> {
    const SERVICE: &str = "apicurio.auth.service.url";
    const REALM: &str = "apicurio.auth.realm";
    if let Some(service) = settings.text(SERVICE) {
        let Some(realm) = settings.text(REALM) else {
            settings.problem(REALM, format!("must be set beside {SERVICE}"));
            return None;
        };
        return Some((
            format!("{service}/realms/{realm}/protocol/openid-connect/token"),
            SERVICE,
        ));
    }
    keys.into_iter()
        .find_map(|key| settings.text(key).map(|endpoint| (endpoint.to_owned(), key)))
}

fn tls(settings: &mut Settings<'_>) -> Tls {
    let secret = |text: &str| Secret(text.to_owned());
    let truststore = match either(
        settings,
        [
            "apicurio.registry.tls.truststore.location",
            "apicurio.registry.request.ssl.truststore.location",
        ],
    ) {
        Some(location) => {
            let password = either(
                settings,
                [
                    "apicurio.registry.tls.truststore.password",
                    "apicurio.registry.request.ssl.truststore.password",
                ],
            );
            Some(TrustStore::File(location.into(), secret(password.unwrap_or_default())))
        }
        None => certificates(settings),
    };
    for key in [
        "apicurio.registry.tls.truststore.type",
        "apicurio.registry.request.ssl.truststore.type",
        "apicurio.registry.request.ssl.keystore.type",
    ] {
        settings.word(key, &STORE_TYPES);
    }
    let keystore = settings.text("apicurio.registry.request.ssl.keystore.location");
    Tls {
        truststore,
        keystore: keystore.map(|location| KeyStore::File {
            path: location.into(),
            password: settings
                .text("apicurio.registry.request.ssl.keystore.password")
                .map(secret),
            key_password: settings.text("apicurio.registry.request.ssl.key.password").map(secret),
        }),
        any_host_name: !settings.boolean("apicurio.registry.tls.verify-host", true),
        any_certificate: settings.boolean("apicurio.registry.tls.trust-all", false),
    }
}

/// PEM text, or the names of PEM files.
fn certificates(settings: &mut Settings<'_>) -> Option<TrustStore> {
    const KEY: &str = "apicurio.registry.tls.certificates";
    let given = settings.text(KEY)?;
    if given.contains("-----BEGIN CERTIFICATE-----") {
        return Some(TrustStore::Inline(given.to_owned()));
    }
    let mut text = String::new();
    for path in given.split(',').map(str::trim) {
        match std::fs::read_to_string(path) {
            Ok(pem) => text.push_str(&pem),
            Err(error) => settings.problem(KEY, format!("cannot be read from {path}: {error}")),
        }
    }
    Some(TrustStore::Inline(text))
}

fn proxy(settings: &mut Settings<'_>) -> Option<ProxyServer> {
    const PORT: &str = "apicurio.registry.proxy.port";
    let host = settings.text("apicurio.registry.proxy.host")?;
    let Some(port) = settings.text(PORT).and_then(|port| port.parse::<u16>().ok()) else {
        settings.problem(PORT, "must be a port number when apicurio.registry.proxy.host is set");
        return None;
    };
    let user = settings.text("apicurio.registry.proxy.username");
    let password = settings.text("apicurio.registry.proxy.password");
    Some(ProxyServer {
        url: format!("http://{host}:{port}"),
        credentials: match user.zip(password) {
            Some((user, password)) => Credentials::Basic {
                user: user.to_owned(),
                password: Secret(password.to_owned()),
            },
            None => Credentials::None,
        },
    })
}

fn names(settings: &mut Settings<'_>) -> ArtifactNames {
    const KEY: &str = "apicurio.registry.artifact-resolver-strategy";
    let Some(class) = settings.text(KEY) else {
        return ArtifactNames::default();
    };
    ArtifactNames::parse(class).unwrap_or_else(|| {
        let known: Vec<&str> = ArtifactNames::class_names().collect();
        settings.problem(KEY, format!("{class} is not supported; there are {}", known.join(", ")));
        ArtifactNames::default()
    })
}

fn registration(settings: &mut Settings<'_>, has_version: bool) -> Registration {
    const IF_EXISTS: &str = "apicurio.registry.auto-register.if-exists";
    const WORDS: &[&str] = &[
        "FAIL",
        "CREATE_VERSION",
        "UPDATE",
        "FIND_OR_CREATE_VERSION",
        "RETURN_OR_UPDATE",
    ];
    let existing = match settings.text(IF_EXISTS) {
        Some(word) if word.eq_ignore_ascii_case("RETURN") => {
            let message = "is `RETURN`, which is not supported: records would have the id of another schema; \
                           RETURN_OR_UPDATE takes the one that is theirs";
            settings.problem(IF_EXISTS, message);
            Existing::FindOrAdd
        }
        _ => match settings.word(IF_EXISTS, WORDS) {
            Some("FAIL") => Existing::Fail,
            Some("CREATE_VERSION" | "UPDATE") => Existing::Add,
            _ => Existing::FindOrAdd,
        },
    };
    let latest = settings.boolean("apicurio.registry.find-latest", false);
    match settings.boolean("apicurio.registry.auto-register", false) {
        true => Registration::Register(existing),
        false if latest || has_version => Registration::LookUp,
        false => Registration::Find,
    }
}
