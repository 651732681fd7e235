//! The stores are of Java 17's `keytool`.

use openssl::pkey::PKey;
use openssl::x509::X509;

use super::{Format, KeyStoreError, identity, trusted};

const TRUSTED_JKS: &[u8] = include_bytes!("../fixtures/trusted.jks");
const TRUSTED_P12: &[u8] = include_bytes!("../fixtures/trusted.p12");
const CLIENT_JKS: &[u8] = include_bytes!("../fixtures/client.jks");
const CLIENT_P12: &[u8] = include_bytes!("../fixtures/client.p12");
const CLIENT_PEM: &[u8] = include_bytes!("../fixtures/client.pem");
const PASSWORD: &str = "store-password";

/// The names in the certificates of a PEM text.
fn names(pem: &str) -> Vec<String> {
    let certificates = X509::stack_from_pem(pem.as_bytes()).expect("PEM");
    let name = |certificate: &X509| {
        let entry = certificate.subject_name().entries().next().expect("a name");
        entry.data().to_string().expect("text")
    };
    let mut names: Vec<String> = certificates.iter().map(name).collect();
    names.sort();
    names
}

#[test]
fn a_trust_store_has_its_certificates_in_every_format() {
    for (file, password, expected) in [
        (TRUSTED_JKS, PASSWORD, &["authority", "client"][..]),
        (TRUSTED_JKS, "", &["authority", "client"]),
        (TRUSTED_P12, PASSWORD, &["authority"]),
        (CLIENT_JKS, PASSWORD, &["client"]),
        (CLIENT_PEM, "", &["client"]),
    ] {
        let pem = trusted(file, password).expect("certificates");
        assert_eq!(names(&pem), expected);
    }
}

#[test]
fn a_key_store_has_a_key_that_belongs_to_its_certificate() {
    for (file, key_password) in [(CLIENT_JKS, Some("key-password")), (CLIENT_P12, None)] {
        let identity = identity(file, PASSWORD, key_password).expect("an identity");
        assert_eq!(names(&identity.chain), ["client"]);
        let key = PKey::private_key_from_pem(identity.key.as_bytes()).expect("a key");
        let certificate = X509::from_pem(identity.chain.as_bytes()).expect("a certificate");
        assert!(certificate.public_key().expect("a key").public_eq(&key));
        assert!(!format!("{identity:?}").contains("PRIVATE"));
    }
}

#[test]
fn what_cannot_be_used_is_said_with_its_reason() {
    let format = Format::Jks;
    for (outcome, expected) in [
        (trusted(TRUSTED_JKS, "wrong"), KeyStoreError::Password { format }),
        (
            trusted(TRUSTED_P12, "wrong"),
            KeyStoreError::Password { format: Format::Pkcs12 },
        ),
        (trusted(b"nothing", ""), KeyStoreError::Unknown),
        (
            identity(TRUSTED_JKS, PASSWORD, None).map(|found| found.key),
            KeyStoreError::NoKey,
        ),
        (
            identity(TRUSTED_P12, PASSWORD, None).map(|found| found.key),
            KeyStoreError::NoKey,
        ),
        (
            identity(CLIENT_JKS, PASSWORD, None).map(|found| found.key),
            KeyStoreError::KeyPassword,
        ),
        (
            identity(CLIENT_JKS, "wrong", None).map(|found| found.key),
            KeyStoreError::Password { format },
        ),
    ] {
        assert_eq!(outcome.expect_err("refused"), expected);
    }
}

/// Wherever a store is cut, and whatever a byte of it becomes, the answer is an error or another store, and no panic.
#[test]
fn a_damaged_store_is_an_error() {
    for length in 0..TRUSTED_JKS.len() {
        assert!(trusted(&TRUSTED_JKS[..length], "").is_err(), "cut at {length}");
    }
    for at in 0..CLIENT_JKS.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut changed = CLIENT_JKS.to_vec();
            changed[at] = value;
            drop(trusted(&changed, ""));
            if let Ok(store) = super::Jks::read(&changed, None)
                && let Some(key) = store.key()
            {
                drop(key.decrypted("key-password"));
            }
        }
    }
}
