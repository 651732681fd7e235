//! [`KeyStores`]: a folder of keys and certificates, made with `keytool` as a user makes them. It is gone when this is dropped.
//!
//! Whoever has a certificate here has two files: `NAME.p12`, a PKCS12 store with certificate and key, and `NAME.pem`, the
//! certificate alone. Every store has the same [`PASSWORD`].

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use openssl::pkcs12::Pkcs12;

/// Of every store.
pub const PASSWORD: &str = "store-password";

/// A folder of keys and certificates.
pub struct KeyStores {
    folder: PathBuf,
}

impl KeyStores {
    /// An empty folder for the test `about`.
    pub fn new(about: &str) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("rowmill-keys.{}.{about}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(KeyStores { folder })
    }

    /// The path of a file in the folder.
    pub fn path(&self, file: &str) -> String {
        self.folder.join(file).display().to_string()
    }

    /// A certificate that has signed itself, with an extension: `bc:c` is an authority, `SAN=ip:127.0.0.1` a server.
    pub fn make(&self, name: &str, extension: &str) -> Result<()> {
        let subject = format!("CN={name}");
        let key = ["-genkeypair", "-keyalg", "EC", "-dname", &subject, "-ext", extension];
        self.keytool(name, name, &key)?;
        let pem = format!("{name}.pem");
        self.keytool(name, name, &["-exportcert", "-rfc", "-file", &pem])
    }

    /// A certificate that an authority of this folder has signed.
    pub fn make_signed(&self, name: &str, extension: &str, authority: &str) -> Result<()> {
        self.make(name, extension)?;
        let (request, pem) = (format!("{name}.csr"), format!("{name}.pem"));
        self.keytool(name, name, &["-certreq", "-file", &request])?;
        let signing = [
            "-gencert", "-rfc", "-infile", &request, "-outfile", &pem, "-ext", extension,
        ];
        self.keytool(authority, authority, &signing)?;
        self.trust(name, authority, &self.path(&format!("{authority}.pem")))?;
        self.trust(name, name, &self.path(&pem))
    }

    /// Puts the certificate of a PEM file into a store, under an alias; the store is made if it is missing.
    pub fn trust(&self, store: &str, alias: &str, pem: &str) -> Result<()> {
        self.keytool(store, alias, &["-importcert", "-noprompt", "-file", pem])
    }

    /// The same store in Java's own format: `NAME.jks`.
    pub fn as_jks(&self, name: &str) -> Result<String> {
        let file = format!("{name}.jks");
        let source = format!("{name}.p12");
        run_keytool(
            &self.folder,
            &[
                "-importkeystore",
                "-noprompt",
                "-srckeystore",
                &source,
                "-srcstoretype",
                "PKCS12",
                "-srcstorepass",
                PASSWORD,
                "-destkeystore",
                &file,
                "-deststoretype",
                "JKS",
                "-deststorepass",
                PASSWORD,
            ],
        )?;
        Ok(self.path(&file))
    }

    /// Takes certificate and key out of a PKCS12 store of somebody else's: the files `NAME.pem` and `NAME.key`.
    pub fn take(&self, name: &str, store: &str, password: &str) -> Result<()> {
        let store = Pkcs12::from_der(&fs::read(store)?)?.parse2(password)?;
        let (key, certificate) = store.pkey.zip(store.cert).context("a key with its certificate")?;
        fs::write(self.path(&format!("{name}.pem")), certificate.to_pem()?)?;
        Ok(fs::write(
            self.path(&format!("{name}.key")),
            key.private_key_to_pem_pkcs8()?,
        )?)
    }

    /// Writes a store's key as PEM to `NAME.key`, as MySQL wants it; `keytool` does not give keys away.
    pub fn export_key(&self, name: &str) -> Result<()> {
        let store = Pkcs12::from_der(&fs::read(self.path(&format!("{name}.p12")))?)?.parse2(PASSWORD)?;
        let key = store.pkey.with_context(|| format!("{name}.p12 has no key"))?;
        Ok(fs::write(
            self.path(&format!("{name}.key")),
            key.private_key_to_pem_pkcs8()?,
        )?)
    }

    fn keytool(&self, store: &str, alias: &str, arguments: &[&str]) -> Result<()> {
        let file = format!("{store}.p12");
        let of_store = [
            "-alias",
            alias,
            "-keystore",
            &file,
            "-storetype",
            "PKCS12",
            "-storepass",
            PASSWORD,
        ];
        run_keytool(&self.folder, &[arguments, &of_store].concat())
    }
}

fn run_keytool(folder: &Path, arguments: &[&str]) -> Result<()> {
    let output = Command::new("keytool")
        .args(arguments)
        .current_dir(folder)
        .output()
        .context("running keytool, which comes with Java")?;
    let printed = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "keytool {arguments:?}: {printed}");
    Ok(())
}

impl Drop for KeyStores {
    fn drop(&mut self) {
        // What is left of a failed test in the folder for temporary files does no harm.
        drop(fs::remove_dir_all(&self.folder));
    }
}
