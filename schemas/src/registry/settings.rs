//! [`RegistrySettings`]: a registry's addresses, credentials and deadlines, from Confluent's configuration keys.

use std::collections::BTreeMap;

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::auth::{Credentials, KeyStore, Secret, Tls, TrustStore};
use super::http::{CONNECT_TIMEOUT, HttpSettings, ProxyServer, REQUEST_TIMEOUT};
use crate::settings::Settings;

/// Request headers of the user's own have this prefix.
const HEADER_PREFIX: &str = "request.header.";

/// What to do with a schema that the registry does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Register it (`auto.register.schemas=true`).
    Register,
    /// Refuse to go on (`auto.register.schemas=false`).
    LookUp,
    /// Take the subject's latest, if records of both have the same bytes (`use.latest.version=true`).
    Latest,
    /// Take the one of this id, if records of both have the same bytes (`use.schema.id`).
    Id(u32),
}

/// One address of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryAddress {
    /// Without credentials and without a slash at the end.
    pub url: String,
    /// What to send there.
    pub credentials: Credentials,
}

/// How to reach a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrySettings {
    /// In the order in which they are tried.
    pub addresses: Vec<RegistryAddress>,
    /// `schema.registry.ssl.*`, `proxy.*`, `request.header.*`, `http.*.timeout.ms`.
    pub http: HttpSettings,
    /// `auto.register.schemas`.
    pub registration: Registration,
    /// `normalize.schemas`: whether a schema is registered and looked up in the registry's normal form.
    pub normalizes: bool,
}

impl RegistrySettings {
    /// Reads the settings of a converter; problems go to `settings`.
    pub(crate) fn read(settings: &mut Settings<'_>) -> Self {
        let common = credentials(settings);
        RegistrySettings {
            addresses: addresses(settings, common),
            http: HttpSettings {
                tls: tls(settings),
                proxy: proxy(settings),
                headers: headers(settings, HEADER_PREFIX),
                connect_timeout: settings
                    .milliseconds("http.connect.timeout.ms")
                    .unwrap_or(CONNECT_TIMEOUT),
                request_timeout: settings.milliseconds("http.read.timeout.ms").unwrap_or(REQUEST_TIMEOUT),
            },
            registration: registration(settings),
            normalizes: settings.boolean("normalize.schemas", false),
        }
    }
}

fn registration(settings: &mut Settings<'_>) -> Registration {
    const ID: &str = "use.schema.id";
    let registers = settings.boolean("auto.register.schemas", true);
    let latest = settings.boolean("use.latest.version", false);
    let id = settings.text(ID).map(str::parse::<i32>);
    if id.as_ref().is_some_and(Result::is_err) {
        settings.problem(ID, "must be the id of a schema, or -1 for none");
    }
    let id = id.and_then(Result::ok).and_then(|id| u32::try_from(id).ok());
    match (registers, id) {
        (true, _) => Registration::Register,
        (false, Some(id)) => Registration::Id(id),
        (false, None) if latest => Registration::Latest,
        (false, None) => Registration::LookUp,
    }
}

/// Credentials for every address, or `None` if each address brings its own.
fn credentials(settings: &mut Settings<'_>) -> Option<Credentials> {
    let bearer_source = settings.text("bearer.auth.credentials.source");
    let token = settings.text("bearer.auth.token");
    let basic_source = settings.text("basic.auth.credentials.source");
    if bearer_source.is_some() || token.is_some() {
        if basic_source.is_some() {
            settings.problem(
                "basic.auth.credentials.source",
                "cannot stand beside bearer.auth: remove one of them",
            );
        }
        if let Some(source) = bearer_source.filter(|source| *source != "STATIC_TOKEN") {
            settings.problem(
                "bearer.auth.credentials.source",
                format!("{source} is not supported; STATIC_TOKEN with bearer.auth.token is"),
            );
        }
        return match token {
            Some(token) => Some(Credentials::Bearer(Secret(token.to_owned()))),
            None => {
                settings.problem(
                    "bearer.auth.token",
                    "must be set when bearer.auth.credentials.source is",
                );
                Some(Credentials::None)
            }
        };
    }
    match basic_source.unwrap_or("URL") {
        "URL" => None,
        "USER_INFO" => {
            let key = "basic.auth.user.info";
            let user_info = settings
                .text(key)
                .or_else(|| settings.text("schema.registry.basic.auth.user.info"));
            match user_info.and_then(|user_info| user_info.split_once(':')) {
                Some((user, password)) => Some(Credentials::Basic {
                    user: user.to_owned(),
                    password: Secret(password.to_owned()),
                }),
                None => {
                    settings.problem(
                        key,
                        "must have the form user:password when basic.auth.credentials.source is USER_INFO",
                    );
                    Some(Credentials::None)
                }
            }
        }
        other => {
            settings.problem(
                "basic.auth.credentials.source",
                format!("{other} is not supported; URL and USER_INFO are"),
            );
            Some(Credentials::None)
        }
    }
}

fn addresses(settings: &mut Settings<'_>, common: Option<Credentials>) -> Vec<RegistryAddress> {
    const KEY: &str = "schema.registry.url";
    let Some(list) = settings.text(KEY) else {
        settings.problem(KEY, "must be set: the comma-separated URLs of the schema registry");
        return Vec::new();
    };
    let mut addresses = Vec::new();
    for text in list.split(',').map(str::trim).filter(|text| !text.is_empty()) {
        match address(text, common.as_ref()) {
            Ok(address) => addresses.push(address),
            Err(reason) => settings.problem(KEY, reason),
        }
    }
    addresses
}

pub(crate) fn address(text: &str, common: Option<&Credentials>) -> Result<RegistryAddress, String> {
    // The text may hold a password, so the message does not.
    let mut url = Url::parse(text).map_err(|error| format!("is no list of URLs: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!(
            "has the scheme `{}`; http and https are supported",
            url.scheme()
        ));
    }
    let own = match (url.username(), url.password()) {
        ("", None) => Credentials::None,
        (user, password) => Credentials::Basic {
            user: percent_decoded(user),
            password: Secret(percent_decoded(password.unwrap_or_default())),
        },
    };
    // Neither can fail for a URL with a host, which http and https have.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Ok(RegistryAddress {
        url: url.as_str().trim_end_matches('/').to_owned(),
        credentials: common.cloned().unwrap_or(own),
    })
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(b'%');
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

fn tls(settings: &mut Settings<'_>) -> Tls {
    let algorithm = settings.raw("schema.registry.ssl.endpoint.identification.algorithm");
    Tls {
        truststore: truststore(settings),
        keystore: keystore(settings),
        any_host_name: algorithm.is_some_and(|algorithm| algorithm.trim().is_empty()),
        any_certificate: false,
    }
}

/// What a file is, it says itself.
pub(crate) const STORE_TYPES: [&str; 3] = ["JKS", "PKCS12", "PEM"];

fn truststore(settings: &mut Settings<'_>) -> Option<TrustStore> {
    const TYPE: &str = "schema.registry.ssl.truststore.type";
    if let Some(text) = settings.text("schema.registry.ssl.truststore.certificates") {
        return Some(TrustStore::Inline(text.to_owned()));
    }
    let location = settings.text("schema.registry.ssl.truststore.location")?;
    settings.word(TYPE, &STORE_TYPES);
    let password = settings
        .text("schema.registry.ssl.truststore.password")
        .unwrap_or_default();
    Some(TrustStore::File(location.into(), Secret(password.to_owned())))
}

fn keystore(settings: &mut Settings<'_>) -> Option<KeyStore> {
    const TYPE: &str = "schema.registry.ssl.keystore.type";
    const CHAIN: &str = "schema.registry.ssl.keystore.certificate.chain";
    if let Some(key) = settings.text("schema.registry.ssl.keystore.key") {
        let Some(chain) = settings.text(CHAIN) else {
            settings.problem(CHAIN, "must be set together with schema.registry.ssl.keystore.key");
            return None;
        };
        return Some(KeyStore::PemText {
            chain: chain.to_owned(),
            key: Secret(key.to_owned()),
        });
    }
    let location = settings.text("schema.registry.ssl.keystore.location")?;
    settings.word(TYPE, &STORE_TYPES);
    let secret = |key: &str| settings.text(key).map(|text| Secret(text.to_owned()));
    Some(KeyStore::File {
        path: location.into(),
        password: secret("schema.registry.ssl.keystore.password"),
        key_password: secret("schema.registry.ssl.key.password"),
    })
}

fn proxy(settings: &mut Settings<'_>) -> Option<ProxyServer> {
    let host = settings.text("proxy.host")?;
    match settings.text("proxy.port").and_then(|port| port.parse::<u16>().ok()) {
        Some(port) => Some(ProxyServer {
            url: format!("http://{host}:{port}"),
            credentials: Credentials::None,
        }),
        None => {
            settings.problem("proxy.port", "must be a port number when proxy.host is set");
            None
        }
    }
}

/// The request headers of the user's own, whose keys have this prefix.
pub(crate) fn headers(settings: &mut Settings<'_>, prefix: &'static str) -> HeaderMap {
    let given: BTreeMap<&str, &str> = settings.with_prefix(prefix).collect();
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(header), Ok(mut value)) => {
                value.set_sensitive(true);
                headers.insert(header, value);
            }
            _ => settings.problem(&format!("{prefix}{name}"), "is no legal HTTP header"),
        }
    }
    headers
}

#[cfg(test)]
mod tests;
