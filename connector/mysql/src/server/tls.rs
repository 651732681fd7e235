//! [`TlsMaterial`]: certificates and keys from the files a user names, in the form both of our connections take.
//!
//! Debezium reads Java's stores, JKS and PKCS12; PEM files, which MySQL itself writes, are accepted as well.
//!
//! What is checked is decided by the mode alone, as MySQL's clients do: `preferred` and `required` check nothing, even when
//! a trust store is named.
//!
//! Whatever is checked, OpenSSL is made to read all the system's authorities first, which takes it a tenth of a second.
//! Connections that need no file of the user's share the result ([`Shared`]), so that a lost one is renewed faster.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use key_stores::KeyStoreError;
use mysql_async::{ClientIdentity, Opts, OptsBuilder, SslOpts};
use native_tls::{Certificate, Identity, TlsConnector};
use openssl::error::ErrorStack;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::PKey;
use openssl::stack::Stack;
use openssl::x509::X509;

use super::options::{SslMode, SslOptions};
use crate::error::MySqlError;
use connector_api::config::Password;

/// Trusted authorities and our own identity.
pub(crate) struct TlsMaterial {
    mode: SslMode,
    /// PEM, one after the other; `None`: the system's authorities.
    roots: Option<Vec<u8>>,
    /// A PKCS12 archive and its password.
    identity: Option<(Vec<u8>, String)>,
}

impl TlsMaterial {
    /// Reads the stores. `None` if the mode is `disabled`.
    pub(crate) fn load(options: &SslOptions) -> Result<Option<TlsMaterial>, MySqlError> {
        if options.mode == SslMode::Disabled {
            return Ok(None);
        }
        let roots = match &options.truststore {
            Some(path) if options.mode.verifies_certificate() => {
                Some(Store::read("database.ssl.truststore", path)?.roots(&options.truststore_password)?)
            }
            _ => None,
        };
        let identity = match &options.keystore {
            Some(path) => Some(Store::read("database.ssl.keystore", path)?.identity(&options.keystore_password)?),
            None => None,
        };
        Ok(Some(TlsMaterial {
            mode: options.mode,
            roots,
            identity,
        }))
    }

    /// For SQL sessions.
    pub(crate) fn opts(&self) -> OptsBuilder {
        match self.shared() {
            Some(shared) => OptsBuilder::from_opts(shared.opts.get_or_init(|| self.build_opts().into()).clone()),
            None => self.build_opts(),
        }
    }

    /// For the dump connection.
    pub(crate) fn connector(&self) -> Result<TlsConnector, MySqlError> {
        let Some(shared) = self.shared() else {
            return self.build_connector();
        };
        match shared.connector.get() {
            Some(connector) => Ok(connector.clone()),
            None => {
                let connector = self.build_connector()?;
                Ok(shared.connector.get_or_init(|| connector).clone())
            }
        }
    }

    /// What all connections of this mode share, unless files of the user's make this one special.
    fn shared(&self) -> Option<&'static Shared> {
        static SHARED: [Shared; 3] = [const { Shared::new() }; 3];
        if self.roots.is_some() || self.identity.is_some() {
            return None;
        }
        SHARED.get(match self.mode {
            SslMode::Disabled | SslMode::Preferred | SslMode::Required => 0,
            SslMode::VerifyCa => 1,
            SslMode::VerifyIdentity => 2,
        })
    }

    fn build_opts(&self) -> OptsBuilder {
        let identity = self
            .identity
            .as_ref()
            .map(|(archive, password)| ClientIdentity::new(archive.clone().into()).with_password(password.clone()));
        let ssl_opts = SslOpts::default()
            .with_root_certs(self.roots.iter().map(|roots| roots.clone().into()).collect())
            .with_disable_built_in_roots(self.roots.is_some())
            .with_client_identity(identity)
            .with_danger_accept_invalid_certs(!self.mode.verifies_certificate())
            .with_danger_skip_domain_validation(self.mode != SslMode::VerifyIdentity);
        OptsBuilder::default().ssl_opts(Some(ssl_opts))
    }

    fn build_connector(&self) -> Result<TlsConnector, MySqlError> {
        let mut builder = TlsConnector::builder();
        let invalid = |error| MySqlError::server("TLS cannot be set up from database.ssl.*").caused_by(error);
        if let Some(roots) = &self.roots {
            builder.disable_built_in_roots(true);
            for root in Certificate::stack_from_pem(roots).map_err(invalid)? {
                builder.add_root_certificate(root);
            }
        }
        if let Some((archive, password)) = &self.identity {
            builder.identity(Identity::from_pkcs12(archive, password).map_err(invalid)?);
        }
        builder.danger_accept_invalid_certs(!self.mode.verifies_certificate());
        builder.danger_accept_invalid_hostnames(self.mode != SslMode::VerifyIdentity);
        builder.build().map_err(invalid)
    }
}

/// TLS that depends on the mode alone. The options carry the driver's connector, which it makes on first use.
struct Shared {
    opts: OnceLock<Opts>,
    connector: OnceLock<TlsConnector>,
}

impl Shared {
    const fn new() -> Self {
        Shared {
            opts: OnceLock::new(),
            connector: OnceLock::new(),
        }
    }
}

/// A store's bytes, with the key that named it.
struct Store<'a> {
    key: &'static str,
    path: &'a Path,
    bytes: Vec<u8>,
}

impl<'a> Store<'a> {
    fn read(key: &'static str, path: &'a Path) -> Result<Store<'a>, MySqlError> {
        let bytes = fs::read(path)
            .map_err(|error| MySqlError::server(format!("{key}: cannot read {}", path.display())).caused_by(error))?;
        Ok(Store { key, path, bytes })
    }

    fn unusable(&self, error: &KeyStoreError) -> MySqlError {
        let Store { key, path, .. } = self;
        MySqlError::server(format!(
            "{key}: {} {error}; check the file and {key}.password",
            path.display()
        ))
    }

    /// Every certificate of a trust store, as PEM.
    fn roots(&self, password: &Password) -> Result<Vec<u8>, MySqlError> {
        let roots = key_stores::trusted(&self.bytes, password.reveal());
        roots.map(String::into_bytes).map_err(|error| self.unusable(&error))
    }

    /// Certificate, chain and private key, as an archive with its password: what both of our connections take.
    fn identity(&self, password: &Password) -> Result<(Vec<u8>, String), MySqlError> {
        let password = password.reveal();
        let identity = key_stores::identity(&self.bytes, password, None).map_err(|error| self.unusable(&error))?;
        let archive = archive(&identity, password).map_err(|error| {
            MySqlError::server(format!("{}: {} cannot be used", self.key, self.path.display())).caused_by(error)
        })?;
        Ok((archive, password.to_owned()))
    }
}

fn archive(identity: &key_stores::Identity, password: &str) -> Result<Vec<u8>, ErrorStack> {
    let key = PKey::private_key_from_pem(identity.key.as_bytes())?;
    let mut certificates = X509::stack_from_pem(identity.chain.as_bytes())?.into_iter();
    let mut builder = Pkcs12::builder();
    builder.pkey(&key);
    if let Some(leaf) = certificates.next() {
        builder.cert(&leaf);
    }
    let mut chain = Stack::new()?;
    for certificate in certificates {
        chain.push(certificate)?;
    }
    builder.ca(chain).build2(password)?.to_der()
}

#[cfg(test)]
mod tests;
