//! [`Credentials`] and [`Tls`]: who we are to a registry, and whom we trust.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use connector_api::config::ConfigProblem;
use key_stores::KeyStoreError;
use native_tls::TlsConnector;
use reqwest::{Certificate, ClientBuilder, Identity};

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub(crate) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

/// What is sent in the `Authorization` header.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Credentials {
    /// The header is not sent.
    #[default]
    None,
    /// `basic.auth.*`.
    Basic {
        /// The user, or API key.
        user: String,
        /// The password, or API secret.
        password: Secret,
    },
    /// `bearer.auth.*`.
    Bearer(Secret),
}

/// Where the certificates of those we trust come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustStore {
    /// A file and its password, read when the client is built.
    File(PathBuf, Secret),
    /// PEM text.
    Inline(String),
}

/// How we prove who we are when the server asks for a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyStore {
    /// A store, or a PEM file with the private key and the certificate chain.
    File {
        /// The file, read when the client is built.
        path: PathBuf,
        /// Of the store.
        password: Option<Secret>,
        /// Of the key, if it has another one.
        key_password: Option<Secret>,
    },
    /// The chain and the private key as PEM text.
    PemText {
        /// `ssl.keystore.certificate.chain`.
        chain: String,
        /// `ssl.keystore.key`.
        key: Secret,
    },
}

/// `schema.registry.ssl.*`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tls {
    /// The only authorities to trust; the system's when absent.
    pub truststore: Option<TrustStore>,
    /// Our certificate.
    pub keystore: Option<KeyStore>,
    /// `ssl.endpoint.identification.algorithm` set to nothing: the server's name is not compared.
    pub any_host_name: bool,
    /// Whoever answers is believed (Apicurio's `tls.trust-all`).
    pub any_certificate: bool,
}

impl Tls {
    /// Applies it to a client that is being built.
    pub(super) fn apply(&self, mut builder: ClientBuilder) -> Result<ClientBuilder, ConfigProblem> {
        if *self == Tls::default() {
            return Ok(builder.tls_backend_preconfigured(system_tls()?));
        }
        if let Some(truststore) = &self.truststore {
            let (key, text) = match truststore {
                TrustStore::File(path, password) => {
                    let pem = key_stores::trusted(&read(TRUSTSTORE_LOCATION, path)?, &password.0);
                    (TRUSTSTORE_LOCATION, pem.map_err(unusable(TRUSTSTORE_LOCATION, path))?)
                }
                TrustStore::Inline(text) => (TRUSTSTORE_CERTIFICATES, text.clone()),
            };
            let authorities = Certificate::from_pem_bundle(text.as_bytes())
                .ok()
                .filter(|authorities| !authorities.is_empty())
                .ok_or_else(|| ConfigProblem::new(key, "holds no certificate in PEM form"))?;
            builder = builder.tls_certs_only(authorities);
        }
        if let Some(keystore) = &self.keystore {
            builder = builder.identity(keystore.identity()?);
        }
        if self.any_host_name {
            builder = builder.tls_danger_accept_invalid_hostnames(true);
        }
        if self.any_certificate {
            builder = builder.tls_danger_accept_invalid_certs(true);
        }
        Ok(builder)
    }
}

/// Trusts the system's authorities. One for the whole process: to read them all takes OpenSSL a tenth of a second, and a
/// client needs them, asked over TLS or not.
fn system_tls() -> Result<TlsConnector, ConfigProblem> {
    static SHARED: OnceLock<TlsConnector> = OnceLock::new();
    if let Some(shared) = SHARED.get() {
        return Ok(shared.clone());
    }
    let connector = TlsConnector::new()
        .map_err(|error| ConfigProblem::new("schema.registry.url", format!("TLS cannot be set up: {error}")))?;
    Ok(SHARED.get_or_init(|| connector).clone())
}

const TRUSTSTORE_LOCATION: &str = "schema.registry.ssl.truststore.location";
const TRUSTSTORE_CERTIFICATES: &str = "schema.registry.ssl.truststore.certificates";
const KEYSTORE_LOCATION: &str = "schema.registry.ssl.keystore.location";
const KEYSTORE_KEY: &str = "schema.registry.ssl.keystore.key";

impl KeyStore {
    fn identity(&self) -> Result<Identity, ConfigProblem> {
        match self {
            KeyStore::File {
                path,
                password,
                key_password,
            } => {
                let password = password.as_ref().map_or("", |password| &password.0);
                let key_password = key_password.as_ref().map(|password| password.0.as_str());
                let identity = key_stores::identity(&read(KEYSTORE_LOCATION, path)?, password, key_password)
                    .map_err(unusable(KEYSTORE_LOCATION, path))?;
                pem_identity(KEYSTORE_LOCATION, identity.chain.as_bytes(), identity.key.as_bytes())
            }
            KeyStore::PemText { chain, key } => pem_identity(KEYSTORE_KEY, chain.as_bytes(), key.0.as_bytes()),
        }
    }
}

/// Why a file cannot be used.
fn unusable(config_key: &'static str, path: &Path) -> impl Fn(KeyStoreError) -> ConfigProblem {
    let path = path.display().to_string();
    move |error| ConfigProblem::new(config_key, format!("names a file that cannot be used: {path} {error}"))
}

fn pem_identity(config_key: &str, chain: &[u8], key: &[u8]) -> Result<Identity, ConfigProblem> {
    let chain = pem_blocks(chain, |label| label == "CERTIFICATE");
    let key = pem_blocks(key, |label| label.ends_with("PRIVATE KEY"));
    if key.contains("ENCRYPTED") {
        return Err(ConfigProblem::new(
            config_key,
            "holds an encrypted private key, which is not supported: decrypt it with `openssl pkcs8`, or use a PKCS12 file",
        ));
    }
    Identity::from_pkcs8_pem(chain.as_bytes(), key.as_bytes()).map_err(|error| {
        ConfigProblem::new(
            config_key,
            format!(
                "holds no certificate chain with a PKCS#8 private key in PEM form: {}",
                innermost(&error)
            ),
        )
    })
}

/// What is at the bottom of an error; reqwest's own text is only "builder error".
fn innermost(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}

/// The blocks of a PEM text whose label is wanted.
fn pem_blocks(text: &[u8], is_wanted: impl Fn(&str) -> bool) -> String {
    let text = String::from_utf8_lossy(text);
    let mut blocks = String::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        let label = line
            .strip_prefix("-----BEGIN ")
            .and_then(|rest| rest.strip_suffix("-----"));
        inside = label.map_or(inside, &is_wanted);
        if inside {
            blocks.push_str(line);
            blocks.push('\n');
        }
        inside &= !line.starts_with("-----END ");
    }
    blocks
}

fn read(config_key: &str, path: &PathBuf) -> Result<Vec<u8>, ConfigProblem> {
    std::fs::read(path)
        .map_err(|error| ConfigProblem::new(config_key, format!("cannot be read from {}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::{pem_blocks, pem_identity};

    const STORE: &str = "Bag Attributes\n-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n\
        subject=CN = x\n-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n\
        -----BEGIN CERTIFICATE-----\nCCCC\n-----END CERTIFICATE-----\n";

    #[test]
    fn the_blocks_of_a_pem_text_are_found_among_other_text() {
        assert_eq!(
            pem_blocks(STORE.as_bytes(), |label| label == "CERTIFICATE"),
            "-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n\
             -----BEGIN CERTIFICATE-----\nCCCC\n-----END CERTIFICATE-----\n"
        );
    }

    #[test]
    fn an_encrypted_key_is_refused_with_a_way_out() {
        let problem = pem_identity("k", STORE.as_bytes(), STORE.as_bytes()).err().unwrap();
        assert!(
            problem
                .to_string()
                .starts_with("k holds an encrypted private key, which is not supported: decrypt it")
        );
    }
}
