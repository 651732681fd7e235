//! [`Credentials`] and [`Tls`]: who we are to a registry, and whom we trust.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::sync::OnceLock;

use connector_api::config::ConfigProblem;
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

/// Where PEM text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pem {
    /// A file, read when the client is built.
    File(PathBuf),
    /// The text itself.
    Inline(String),
}

/// How we prove who we are when the server asks for a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyStore {
    /// A PKCS#12 file and its password.
    Pkcs12(PathBuf, Secret),
    /// A PEM file with the private key (PKCS#8, not encrypted) and the certificate chain.
    PemFile(PathBuf),
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
    pub truststore: Option<Pem>,
    /// Our certificate.
    pub keystore: Option<KeyStore>,
    /// `ssl.endpoint.identification.algorithm` set to nothing: the server's name is not compared.
    pub any_host_name: bool,
}

impl Tls {
    /// Applies it to a client that is being built.
    pub(super) fn apply(&self, mut builder: ClientBuilder) -> Result<ClientBuilder, ConfigProblem> {
        if *self == Tls::default() {
            return Ok(builder.tls_backend_preconfigured(system_tls()?));
        }
        if let Some(pem) = &self.truststore {
            let (key, text) = match pem {
                Pem::File(path) => (TRUSTSTORE_LOCATION, read(TRUSTSTORE_LOCATION, path)?),
                Pem::Inline(text) => (TRUSTSTORE_CERTIFICATES, text.clone().into_bytes()),
            };
            let authorities = Certificate::from_pem_bundle(&text)
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
            KeyStore::Pkcs12(path, password) => Identity::from_pkcs12_der(&read(KEYSTORE_LOCATION, path)?, &password.0)
                .map_err(|error| {
                    ConfigProblem::new(
                        KEYSTORE_LOCATION,
                        format!(
                            "is no readable PKCS12 file, or its password is another: {}",
                            innermost(&error)
                        ),
                    )
                }),
            KeyStore::PemFile(path) => {
                let text = read(KEYSTORE_LOCATION, path)?;
                pem_identity(KEYSTORE_LOCATION, &text, &text)
            }
            KeyStore::PemText { chain, key } => pem_identity(KEYSTORE_KEY, chain.as_bytes(), key.0.as_bytes()),
        }
    }
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
