use std::fs;
use std::path::PathBuf;

use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::stack::Stack;
use openssl::x509::{X509, X509Name};

use super::TlsMaterial;
use crate::server::options::{SslMode, SslOptions};
use connector_api::config::Password;

/// A self-signed certificate.
fn certificate(name: &str) -> (X509, PKey<Private>) {
    let build = || {
        let key = PKey::from_rsa(Rsa::generate(2048)?)?;
        let mut subject = X509Name::builder()?;
        subject.append_entry_by_text("CN", name)?;
        let subject = subject.build();
        let mut builder = X509::builder()?;
        builder.set_subject_name(&subject)?;
        builder.set_issuer_name(&subject)?;
        builder.set_pubkey(&key)?;
        builder.set_not_before(Asn1Time::days_from_now(0)?.as_ref())?;
        builder.set_not_after(Asn1Time::days_from_now(1)?.as_ref())?;
        builder.sign(&key, MessageDigest::sha256())?;
        Ok::<_, openssl::error::ErrorStack>((builder.build(), key))
    };
    build().expect("a certificate")
}

/// A file that is gone at the end of the test.
struct File(PathBuf);

impl File {
    fn new(name: &str, bytes: &[u8]) -> File {
        let path = std::env::temp_dir().join(format!("rowmill-tls-{}-{name}", std::process::id()));
        fs::write(&path, bytes).expect("a temporary file");
        File(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn trusting(store: &File, password: &str) -> Result<Option<TlsMaterial>, String> {
    let options = SslOptions {
        mode: SslMode::VerifyCa,
        truststore: Some(store.0.clone()),
        truststore_password: Password::new(password),
        ..SslOptions::default()
    };
    TlsMaterial::load(&options).map_err(|error| error.to_string())
}

fn identified(store: &File, password: &str) -> Result<Option<TlsMaterial>, String> {
    let options = SslOptions {
        mode: SslMode::Required,
        keystore: Some(store.0.clone()),
        keystore_password: Password::new(password),
        ..SslOptions::default()
    };
    TlsMaterial::load(&options).map_err(|error| error.to_string())
}

fn usable(material: Result<Option<TlsMaterial>, String>) -> TlsMaterial {
    let material = material.expect("the store is readable").expect("TLS is on");
    material.connector().expect("the store is usable");
    material
}

#[test]
fn trust_stores_are_pem_or_pkcs12_and_every_certificate_counts() {
    let (a, _) = certificate("a");
    let (b, key) = certificate("b");
    let pem = [a.to_pem().expect("pem"), b.to_pem().expect("pem")].concat();
    let mut trusted = Stack::new().expect("a stack");
    trusted.push(a).expect("pushed");
    let archive = Pkcs12::builder()
        .pkey(&key)
        .cert(&b)
        .ca(trusted)
        .build2("secret")
        .and_then(|built| built.to_der());
    let archive = archive.expect("an archive");
    for (name, bytes) in [("trust.pem", &pem), ("trust.p12", &archive)] {
        let material = usable(trusting(&File::new(name, bytes), "secret"));
        let roots = X509::stack_from_pem(&material.roots.expect("roots")).expect("pem");
        assert_eq!(roots.len(), 2, "{name}");
    }
}

#[test]
fn identities_are_pem_or_pkcs12() {
    let (certificate, key) = certificate("client");
    let pem = [
        certificate.to_pem().expect("pem"),
        key.private_key_to_pem_pkcs8().expect("pem"),
    ]
    .concat();
    let archive = Pkcs12::builder()
        .pkey(&key)
        .cert(&certificate)
        .build2("secret")
        .and_then(|built| built.to_der());
    usable(identified(&File::new("id.pem", &pem), ""));
    usable(identified(
        &File::new("id.p12", &archive.expect("an archive")),
        "secret",
    ));
}

#[test]
fn stores_may_be_javas_own() {
    let store = |name: &str| {
        let path = format!("{}/../key_stores/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
        fs::read(path).expect("a store of keytool")
    };
    let material = usable(trusting(
        &File::new("java-trust.jks", &store("trusted.jks")),
        "store-password",
    ));
    let roots = X509::stack_from_pem(&material.roots.expect("roots")).expect("pem");
    assert_eq!(roots.len(), 2);
    usable(identified(
        &File::new("java-id.p12", &store("client.p12")),
        "store-password",
    ));
}

#[test]
fn unusable_stores_are_named_without_their_password() {
    let (certificate, key) = certificate("client");
    let archive = Pkcs12::builder()
        .pkey(&key)
        .cert(&certificate)
        .build2("secret")
        .and_then(|built| built.to_der());
    let archive = File::new("wrong.p12", &archive.expect("an archive"));
    let only_certificate = File::new("only.pem", &certificate.to_pem().expect("pem"));
    let java = File::new("store.jks", &[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2]);
    let text = File::new("text.pem", b"hello");
    for (material, part) in [
        (identified(&archive, "canary"), "database.ssl.keystore.password"),
        (identified(&only_certificate, "canary"), "database.ssl.keystore"),
        (trusting(&java, "canary"), "is a damaged JKS store"),
        (identified(&java, "canary"), "is a damaged JKS store"),
        (trusting(&text, "canary"), "database.ssl.truststore"),
    ] {
        let error = material.err().expect("unusable");
        assert!(error.contains(part) && !error.contains("canary"), "{error}");
    }
}

#[test]
fn disabled_reads_nothing() {
    let options = SslOptions {
        mode: SslMode::Disabled,
        truststore: Some(PathBuf::from("/nonexistent")),
        ..SslOptions::default()
    };
    assert!(TlsMaterial::load(&options).expect("nothing is read").is_none());
}
