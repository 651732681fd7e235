//! TLS to MySQL, as `database.ssl.*` asks for it: SQL and the binlog are encrypted, the server's certificate is checked against
//! a trust store of `keytool` or the PEM file that MySQL itself writes, and ours is shown from a key store.
//!
//! The connector's account may only be used over TLS, or only with a certificate; it makes both connections, so whatever
//! streams has satisfied it twice.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use harness::connector::ConnectorConfig;
use harness::key_stores::{KeyStores, PASSWORD};
use harness::mysql::Mysql;
use harness::pipeline::Pipeline;
use harness::stack::{PrivateStack, Stack};
use reqwest::Method;
use serde_json::json;

/// What an account may have to show.
const TLS: &str = "SSL";
const CERTIFICATE: &str = "X509";

/// Opens no store.
const MISTYPED: &str = "mistyped-password";

/// A table with a row, and an account that has to show something to read it.
struct Guarded {
    pipeline: Pipeline,
    config: ConnectorConfig,
}

impl Guarded {
    async fn begin(stack: &Stack, about: &str, demand: &str) -> Result<Guarded> {
        let pipeline = Pipeline::new(stack, about)?;
        let (privileges, user) = (
            "SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT",
            &pipeline.names.own,
        );
        pipeline
            .sql([
                "CREATE TABLE t (id INT PRIMARY KEY)",
                "INSERT INTO t VALUES (1)",
                &format!("CREATE USER {user} IDENTIFIED BY 'guarded-password' REQUIRE {demand}"),
                &format!("GRANT {privileges} ON *.* TO {user}"),
            ])
            .await?;
        let config = ConnectorConfig::mysql(stack, &pipeline.names)?
            .with("database.user", user)
            .with("database.password", "guarded-password");
        Ok(Guarded { pipeline, config })
    }

    fn config(&self, mode: &str) -> ConnectorConfig {
        self.config.clone().with("database.ssl.mode", mode)
    }

    async fn streams(&mut self, config: &ConnectorConfig) -> Result<()> {
        self.pipeline.create(config).await?;
        self.pipeline.row("t", "id", 1).await?;
        self.pipeline.sql(["INSERT INTO t VALUES (2)"]).await?;
        self.pipeline.row("t", "id", 2).await?;
        self.pipeline.stop().await
    }

    /// This configuration is refused, with all of these words and no store's password.
    async fn is_refused(&mut self, config: &ConnectorConfig, words: &[&str]) -> Result<()> {
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
        let reason = answer.body.to_string();
        let missing: Vec<_> = words.iter().filter(|word| !reason.contains(**word)).collect();
        ensure!(missing.is_empty(), "the reason does not say {missing:?}: {reason}");
        let shown = reason + &self.pipeline.worker.log()?;
        ensure!(!shown.contains(MISTYPED) && !shown.contains(PASSWORD), "shown: {shown}");
        Ok(())
    }
}

/// The certificate of the authority that a server trusts, and that has signed the server's own, as MySQL generates them.
async fn authority_of(server: &Mysql) -> Result<String> {
    let folder = server.value("SELECT @@datadir").await?;
    let file = server.value("SELECT @@ssl_ca").await?;
    let (folder, file) = folder.as_str().zip(file.as_str()).context("two texts")?;
    Ok(Path::new(folder).join(file).display().to_string())
}

/// A MySQL server whose certificate names it like this. An authority of our own has signed it, which the server trusts, too.
fn server_named(name: &str, about: &str, key_stores: &KeyStores) -> Result<PrivateStack> {
    key_stores.make("authority", "bc:c")?;
    key_stores.make_signed("server", &format!("SAN={name}"), "authority")?;
    key_stores.export_key("server")?;
    Stack::shared()?.with_own_mysql(
        about,
        &[
            &format!("--ssl-ca={}", key_stores.path("authority.pem")),
            &format!("--ssl-cert={}", key_stores.path("server.pem")),
            &format!("--ssl-key={}", key_stores.path("server.key")),
        ],
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_that_requires_tls_streams_over_it() -> Result<()> {
    let mut guarded = Guarded::begin(&Stack::shared()?, "tls_required", TLS).await?;
    guarded
        .is_refused(&guarded.config("disabled"), &["Access denied"])
        .await?;
    guarded.streams(&guarded.config("required")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_authority_is_in_the_trust_store_is_trusted() -> Result<()> {
    let mut guarded = Guarded::begin(&Stack::shared()?, "tls_trusted", TLS).await?;
    let key_stores = KeyStores::new("tls_trusted")?;
    key_stores.trust("trust", "mysql", &authority_of(&guarded.pipeline.mysql).await?)?;
    let config = guarded
        .config("verify_ca")
        .with("database.ssl.truststore", &key_stores.as_jks("trust")?)
        .with("database.ssl.truststore.password", PASSWORD);
    guarded.streams(&config).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_authority_is_another_is_refused() -> Result<()> {
    let mut guarded = Guarded::begin(&Stack::shared()?, "tls_refused", TLS).await?;
    let key_stores = KeyStores::new("tls_refused")?;
    key_stores.make("other", "bc:c")?;
    let other = guarded
        .config("verify_ca")
        .with("database.ssl.truststore", &key_stores.path("other.pem"));
    let words = ["TLS with MySQL", "database.ssl.truststore", "certificate verify failed"];
    guarded.is_refused(&other, &words).await?;
    // The same with the right one, as MySQL writes it: it was only the authority.
    let right = other.with("database.ssl.truststore", &authority_of(&guarded.pipeline.mysql).await?);
    guarded.streams(&right).await
}

/// The certificate that MySQL generates for itself names no host.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_certificate_does_not_name_the_host_is_refused() -> Result<()> {
    let mut guarded = Guarded::begin(&Stack::shared()?, "tls_nameless", TLS).await?;
    let nameless = guarded
        .config("verify_identity")
        .with("database.ssl.truststore", &authority_of(&guarded.pipeline.mysql).await?);
    let words = ["127.0.0.1", "does not name", "database.hostname", "verify_ca"];
    guarded.is_refused(&nameless, &words).await?;
    // It was only the name.
    guarded.streams(&nameless.with("database.ssl.mode", "verify_ca")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_certificate_names_the_host_is_trusted() -> Result<()> {
    let key_stores = KeyStores::new("tls_named")?;
    let own = server_named("ip:127.0.0.1", "tls_named", &key_stores)?;
    let mut guarded = Guarded::begin(&own.stack, "tls_named", TLS).await?;
    let config = guarded
        .config("verify_identity")
        .with("database.ssl.truststore", &key_stores.path("authority.pem"));
    let other = config.clone().with("database.hostname", "localhost");
    guarded.is_refused(&other, &["localhost", "does not name"]).await?;
    guarded.streams(&config).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_demands_a_certificate_is_shown_that_of_the_key_store() -> Result<()> {
    let key_stores = KeyStores::new("tls_client")?;
    let own = server_named("dns:localhost", "tls_client", &key_stores)?;
    key_stores.make_signed("client", "eku=clientAuth", "authority")?;
    let mut guarded = Guarded::begin(&own.stack, "tls_client", CERTIFICATE).await?;
    let without = guarded
        .config("verify_identity")
        .with("database.hostname", "localhost")
        .with("database.ssl.truststore", &key_stores.path("authority.pem"));
    guarded.is_refused(&without, &["Access denied"]).await?;

    let with = without.with("database.ssl.keystore", &key_stores.path("client.p12"));
    let mistyped = with.clone().with("database.ssl.keystore.password", MISTYPED);
    let words = ["client.p12", "database.ssl.keystore.password"];
    guarded.is_refused(&mistyped, &words).await?;

    let with = with.with("database.ssl.keystore.password", PASSWORD);
    key_stores.make("stranger", "eku=clientAuth")?;
    let stranger = with
        .clone()
        .with("database.ssl.keystore", &key_stores.path("stranger.p12"));
    guarded
        .is_refused(&stranger, &["stranger.p12", "database.ssl.keystore", "ssl_ca"])
        .await?;

    let with = with.with("database.ssl.keystore", &key_stores.as_jks("client")?);
    guarded.streams(&with).await
}
