//! Java's key and trust stores, read as PEM: certificates and keys from the files that a user of Java's clients has.
//!
//! A store is JKS, the format of Java alone, or PKCS12, `keytool`'s default since Java 9; a PEM file is taken for one as well.
//! Which of them a file is, its first bytes say: Java's own readers go by them, too, whatever type was configured.
//!
//! ```
//! let file = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/trusted.jks")).unwrap();
//! let pem = key_stores::trusted(&file, "store-password").unwrap();
//! assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"));
//! ```

#![forbid(unsafe_code)]

mod jks;

use std::fmt;

use openssl::error::ErrorStack;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;

use jks::Jks;

/// Why a store cannot be used. Complete behind the name of the file or of the key that named it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyStoreError {
    /// It is in none of the formats.
    #[error("is no JKS, PKCS12 or PEM file")]
    Unknown,
    /// It ends too early, or says something else than a store does.
    #[error("is a damaged {format} store")]
    Damaged {
        /// What it claims to be.
        format: Format,
    },
    /// It was changed, or its password is another.
    #[error("cannot be read as {format} with this password")]
    Password {
        /// What it is.
        format: Format,
    },
    /// The private key has a password of its own.
    #[error("has a private key that cannot be read with this password; a key may have another one than its store")]
    KeyPassword,
    /// Nothing that could be trusted.
    #[error("has no certificate")]
    NoCertificate,
    /// Nothing that could be shown.
    #[error("has no private key with its certificate")]
    NoKey,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Java's own.
    Jks,
    /// The standard.
    Pkcs12,
    /// Text.
    Pem,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Jks => "JKS",
            Format::Pkcs12 => "PKCS12",
            Format::Pem => "PEM",
        })
    }
}

impl Format {
    /// By the first bytes.
    fn of(file: &[u8]) -> Result<Self, KeyStoreError> {
        const DER_SEQUENCE: u8 = 0x30;
        if file.starts_with(&jks::MAGIC) {
            Ok(Format::Jks)
        } else if file.windows(11).any(|window| window == b"-----BEGIN ") {
            Ok(Format::Pem)
        } else if file.first() == Some(&DER_SEQUENCE) {
            Ok(Format::Pkcs12)
        } else {
            Err(KeyStoreError::Unknown)
        }
    }

    fn damaged(self) -> impl Fn(ErrorStack) -> KeyStoreError {
        move |_| KeyStoreError::Damaged { format: self }
    }
}

/// Who we are.
#[derive(Clone)]
pub struct Identity {
    /// Our certificate, then those of whoever vouches for it, as PEM.
    pub chain: String,
    /// Our private key, as PEM that is not encrypted (PKCS#8).
    pub key: String,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("chain", &self.chain)
            .finish_non_exhaustive()
    }
}

/// Every certificate of a trust store, as PEM: those that are trusted, and of each key its own, as Java has it.
///
/// Java checks a JKS trust store only if it is given a password; an empty one is none.
///
/// # Errors
/// If the store cannot be read, or has none.
pub fn trusted(file: &[u8], password: &str) -> Result<String, KeyStoreError> {
    let format = Format::of(file)?;
    let certificates = match format {
        Format::Jks => {
            let store = Jks::read(file, Some(password).filter(|password| !password.is_empty()))?;
            certificates_of(store.trusted(), format)?
        }
        Format::Pkcs12 => {
            let parsed = pkcs12(file, password)?;
            parsed.ca.into_iter().flatten().chain(parsed.cert).collect()
        }
        Format::Pem => X509::stack_from_pem(&text(file)).map_err(format.damaged())?,
    };
    if certificates.is_empty() {
        return Err(KeyStoreError::NoCertificate);
    }
    to_pem(&certificates, format)
}

/// The first private key of a key store, with its certificates. The key's password is the store's unless it is given.
///
/// # Errors
/// If the store cannot be read, or has no key with a certificate.
pub fn identity(file: &[u8], password: &str, key_password: Option<&str>) -> Result<Identity, KeyStoreError> {
    let format = Format::of(file)?;
    let key_password = key_password.unwrap_or(password);
    let (key, chain) = match format {
        Format::Jks => {
            let store = Jks::read(file, Some(password))?;
            let entry = store.key().ok_or(KeyStoreError::NoKey)?;
            let der = entry.decrypted(key_password)?;
            let key = PKey::private_key_from_pkcs8(&der).map_err(format.damaged())?;
            (key, certificates_of(entry.chain(), format)?)
        }
        Format::Pkcs12 => {
            let parsed = pkcs12(file, password)?;
            let (Some(key), Some(leaf)) = (parsed.pkey, parsed.cert) else {
                return Err(KeyStoreError::NoKey);
            };
            (
                key,
                std::iter::once(leaf).chain(parsed.ca.into_iter().flatten()).collect(),
            )
        }
        Format::Pem => {
            let text = text(file);
            let key = PKey::private_key_from_pem_passphrase(&text, key_password.as_bytes())
                .map_err(|_| KeyStoreError::KeyPassword)?;
            (key, X509::stack_from_pem(&text).map_err(format.damaged())?)
        }
    };
    if chain.is_empty() {
        return Err(KeyStoreError::NoKey);
    }
    Ok(Identity {
        chain: to_pem(&chain, format)?,
        key: key_to_pem(&key, format)?,
    })
}

fn pkcs12(file: &[u8], password: &str) -> Result<openssl::pkcs12::ParsedPkcs12_2, KeyStoreError> {
    let format = Format::Pkcs12;
    let archive = Pkcs12::from_der(file).map_err(format.damaged())?;
    archive.parse2(password).map_err(|_| KeyStoreError::Password { format })
}

/// MySQL ends the PEM files that it generates with a zero byte, which hides what is appended to them.
fn text(file: &[u8]) -> Vec<u8> {
    file.iter().copied().filter(|byte| *byte != 0).collect()
}

fn certificates_of<'a>(der: impl Iterator<Item = &'a [u8]>, format: Format) -> Result<Vec<X509>, KeyStoreError> {
    der.map(|der| X509::from_der(der).map_err(format.damaged())).collect()
}

fn to_pem(certificates: &[X509], format: Format) -> Result<String, KeyStoreError> {
    let mut pem = Vec::new();
    for certificate in certificates {
        pem.extend(certificate.to_pem().map_err(format.damaged())?);
    }
    String::from_utf8(pem).map_err(|_| KeyStoreError::Damaged { format })
}

fn key_to_pem(key: &PKey<Private>, format: Format) -> Result<String, KeyStoreError> {
    let pem = key.private_key_to_pem_pkcs8().map_err(format.damaged())?;
    String::from_utf8(pem).map_err(|_| KeyStoreError::Damaged { format })
}

#[cfg(test)]
mod tests;
