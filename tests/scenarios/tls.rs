//! TLS to MySQL, as `database.ssl.*` asks for it: SQL and the binlog are encrypted, and the server's certificate is checked
//! against a trust store of `keytool` or the PEM file that MySQL itself writes.
//!
//! The connector's account may only be used over TLS, so whatever streams is encrypted.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use harness::connector::ConnectorConfig;
use harness::pipeline::Pipeline;
use harness::stack::Stack;
use reqwest::Method;
use serde_json::json;

const PASSWORD: &str = "store-password";

/// A table with a row, an account that has to use TLS, and a folder for trust stores.
struct Guarded {
    stack: Stack,
    pipeline: Pipeline,
    folder: PathBuf,
}

impl Guarded {
    async fn begin(about: &str) -> Result<Guarded> {
        let stack = Stack::shared()?;
        let pipeline = Pipeline::new(&stack, about)?;
        let (privileges, user) = (
            "SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT",
            &pipeline.names.own,
        );
        pipeline
            .sql([
                "CREATE TABLE t (id INT PRIMARY KEY)",
                "INSERT INTO t VALUES (1)",
                &format!("CREATE USER {user} IDENTIFIED BY 'guarded-password' REQUIRE SSL"),
                &format!("GRANT {privileges} ON *.* TO {user}"),
            ])
            .await?;
        let folder = std::env::temp_dir().join(format!("rowmill-tls.{}", pipeline.names.own));
        fs::create_dir_all(&folder)?;
        Ok(Guarded {
            stack,
            pipeline,
            folder,
        })
    }

    fn config(&self, mode: &str) -> Result<ConnectorConfig> {
        Ok(ConnectorConfig::mysql(&self.stack, &self.pipeline.names)?
            .with("database.user", &self.pipeline.names.own)
            .with("database.password", "guarded-password")
            .with("database.ssl.mode", mode))
    }

    /// The certificate of the authority that has signed the server's.
    async fn authority(&self) -> Result<PathBuf> {
        let of_server = async |variable: &str| -> Result<String> {
            let value = self.pipeline.mysql.value(&format!("SELECT @@{variable}")).await?;
            Ok(value.as_str().with_context(|| variable.to_owned())?.to_owned())
        };
        Ok(Path::new(&of_server("datadir").await?).join(of_server("ssl_ca").await?))
    }

    fn keytool(&self, arguments: &[&str]) -> Result<()> {
        let output = Command::new("keytool")
            .args(arguments)
            .args(["-storetype", "PKCS12", "-storepass", PASSWORD])
            .current_dir(&self.folder)
            .output()
            .context("running keytool, which comes with Java")?;
        let told = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "keytool {arguments:?}: {told}");
        Ok(())
    }

    fn path(&self, file: &str) -> Result<String> {
        let path = self.folder.join(file);
        Ok(path.to_str().context("a path of Unicode")?.to_owned())
    }

    async fn streams(&mut self, config: &ConnectorConfig) -> Result<()> {
        self.pipeline.create(config).await?;
        self.pipeline.row("t", "id", 1).await?;
        self.pipeline.sql(["INSERT INTO t VALUES (2)"]).await?;
        self.pipeline.row("t", "id", 2).await?;
        self.pipeline.stop().await
    }

    /// What the refusal of this configuration says.
    async fn refusal(&mut self, config: &ConnectorConfig) -> Result<String> {
        if !self.pipeline.worker.is_started() {
            self.pipeline.worker.start().await?;
        }
        let body = json!({"name": self.pipeline.names.connector(), "config": config.json()});
        let answer = self
            .pipeline
            .rest()?
            .call(Method::POST, "/connectors", Some(&body))
            .await?;
        ensure!(answer.status == 400, "created: {} {}", answer.status, answer.body);
        Ok(answer.body.to_string())
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        // What is left of a failed test in the folder for temporary files does no harm.
        drop(fs::remove_dir_all(&self.folder));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_that_requires_tls_streams_over_it() -> Result<()> {
    let mut guarded = Guarded::begin("tls_required").await?;
    let plain = guarded.config("disabled")?;
    let reason = guarded.refusal(&plain).await?;
    ensure!(reason.contains("Access denied"), "without TLS: {reason}");
    let config = guarded.config("required")?;
    guarded.streams(&config).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_authority_is_in_the_trust_store_is_trusted() -> Result<()> {
    let mut guarded = Guarded::begin("tls_trusted").await?;
    let authority = guarded.authority().await?;
    let authority = authority.to_str().context("a path of Unicode")?;
    let store = guarded.path("trust.p12")?;
    guarded.keytool(&[
        "-importcert",
        "-noprompt",
        "-alias",
        "mysql",
        "-file",
        authority,
        "-keystore",
        &store,
    ])?;
    let config = guarded
        .config("verify_ca")?
        .with("database.ssl.truststore", &store)
        .with("database.ssl.truststore.password", PASSWORD);
    guarded.streams(&config).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_authority_is_another_is_refused() -> Result<()> {
    let mut guarded = Guarded::begin("tls_refused").await?;
    let key = [
        "-genkeypair",
        "-alias",
        "other",
        "-keyalg",
        "EC",
        "-dname",
        "CN=Another authority",
        "-ext",
        "bc:c",
    ];
    guarded.keytool(&[&key[..], &["-keystore", "other.p12"]].concat())?;
    guarded.keytool(&[
        "-exportcert",
        "-rfc",
        "-alias",
        "other",
        "-file",
        "other.pem",
        "-keystore",
        "other.p12",
    ])?;
    let other = guarded
        .config("verify_ca")?
        .with("database.ssl.truststore", &guarded.path("other.pem")?);
    let reason = guarded.refusal(&other).await?;
    for word in ["TLS with MySQL", "database.ssl.truststore", "certificate verify failed"] {
        ensure!(reason.contains(word), "the reason does not say `{word}`: {reason}");
    }
    // The same with the right one, as MySQL writes it: it was only the authority.
    let authority = guarded.authority().await?;
    let right = other.with(
        "database.ssl.truststore",
        authority.to_str().context("a path of Unicode")?,
    );
    guarded.streams(&right).await
}
