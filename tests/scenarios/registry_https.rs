//! A registry behind HTTPS with a log-in, the second of two URLs: schemas are registered and read over it, with a password or
//! a token; a wrong token stops the task, and a certificate of somebody else is refused. The same of Apicurio's own API.

use std::fs;

use anyhow::{Context, Result, ensure};
use harness::connector::ConnectorConfig;
use harness::https_front::HttpsFront;
use harness::key_stores::{KeyStores, PASSWORD};
use harness::pipeline::{Pipeline, SOON};
use harness::stack::Stack;

/// A port where nobody listens.
const NOBODY: &str = "https://127.0.0.1:1";

/// A user and a password, and how HTTP carries them.
const USER: [(&str, &str); 2] = [
    ("basic.auth.credentials.source", "USER_INFO"),
    ("basic.auth.user.info", "reader:secret"),
];
const BASIC: &str = "Basic cmVhZGVyOnNlY3JldA==";

/// A token, and how HTTP carries it.
const TOKEN: [(&str, &str); 2] = [
    ("bearer.auth.credentials.source", "STATIC_TOKEN"),
    ("bearer.auth.token", "token-of-the-reader"),
];
const BEARER: &str = "Bearer token-of-the-reader";

/// A pipeline whose registry is behind a certificate that no authority of the system has signed.
struct Behind {
    pipeline: Pipeline,
    front: HttpsFront,
    key_stores: KeyStores,
    config: ConnectorConfig,
}

impl Behind {
    /// The front asks for this `Authorization`.
    async fn begin(about: &str, authorization: &str) -> Result<Behind> {
        let stack = Stack::shared()?;
        let pipeline = Pipeline::new(&stack, about)?;
        pipeline
            .sql(["CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1)"])
            .await?;
        let key_stores = KeyStores::new(about)?;
        key_stores.make("front", "SAN=ip:127.0.0.1")?;
        let (host, path) = stack
            .registry()?
            .strip_prefix("http://127.0.0.1:")
            .and_then(|rest| rest.split_once('/'))
            .context("the registry's URL has a port and a path")?;
        let store = fs::read(key_stores.path("front.p12"))?;
        let front = HttpsFront::to(host.parse()?, &store, PASSWORD, authorization).await?;
        let urls = format!("{NOBODY}/{path},https://127.0.0.1:{}/{path}", front.port());
        let config = ConnectorConfig::mysql(&stack, &pipeline.names)?;
        Ok(Behind {
            pipeline,
            front,
            key_stores,
            config: with(config, [("schema.registry.url", urls.as_str())]),
        })
    }

    /// The front's certificate is trusted, and this is shown to it.
    fn trusting(&self, credentials: [(&str, &str); 2]) -> Result<ConnectorConfig> {
        let trusted = self.key_stores.as_jks("front")?;
        let stores = [
            ("schema.registry.ssl.truststore.location", trusted.as_str()),
            ("schema.registry.ssl.truststore.password", PASSWORD),
        ];
        Ok(with(with(self.config.clone(), stores), credentials))
    }

    async fn streams(&mut self) -> Result<()> {
        self.pipeline.row("t", "id", 1).await?;
        self.pipeline.sql(["INSERT INTO t VALUES (2)"]).await?;
        self.pipeline.row("t", "id", 2).await?;
        let asked = self.front.asked();
        ensure!(asked.contains("POST "), "no schema was registered over HTTPS: {asked}");
        self.pipeline.stop().await
    }
}

/// Sets these for both converters.
fn with<const N: usize>(mut config: ConnectorConfig, settings: [(&str, &str); N]) -> ConnectorConfig {
    for converter in ["key.converter", "value.converter"] {
        for (key, value) in settings {
            config = config.with(&format!("{converter}.{key}"), value);
        }
    }
    config
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_whose_certificate_is_in_the_trust_store_is_asked_with_the_log_in() -> Result<()> {
    let mut behind = Behind::begin("https_trusted", BASIC).await?;
    behind.pipeline.create(&behind.trusting(USER)?).await?;
    behind.streams().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_refused_and_the_right_one_lets_everything_through() -> Result<()> {
    let mut behind = Behind::begin("https_token", BEARER).await?;
    let wrong = with(behind.trusting(TOKEN)?, [("bearer.auth.token", "token-of-nobody")]);
    behind.pipeline.create(&wrong).await?;
    let reason = behind.pipeline.failure().await?;
    for word in ["401", "bearer.auth.token", behind.pipeline.names.prefix()] {
        ensure!(reason.contains(word), "the reason does not say `{word}`: {reason}");
    }
    let shown = reason + &behind.pipeline.worker.log()?;
    ensure!(!shown.contains("token-of-nobody"), "the token is shown: {shown}");

    let name = behind.pipeline.names.connector();
    let right = behind.trusting(TOKEN)?.json();
    behind.pipeline.rest()?.reconfigure(name, &right).await?;
    behind.streams().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_with_an_unknown_certificate_is_told_nothing() -> Result<()> {
    let mut behind = Behind::begin("https_unknown", BASIC).await?;
    behind.pipeline.create(&with(behind.config.clone(), USER)).await?;
    let rest = behind.pipeline.rest()?;
    let name = behind.pipeline.names.connector().to_owned();
    let look = async || {
        let log = behind.pipeline.worker.log()?;
        ensure!(
            log.contains("certificate verify failed"),
            "the log does not say why: {log}"
        );
        rest.status(&name).await
    };
    behind
        .pipeline
        .worker
        .eventually("the certificate is refused", SOON, look)
        .await?;
    let asked = behind.front.asked();
    ensure!(asked.is_empty(), "it was asked: {asked}");
    Ok(())
}

const APICURIO: &str = "io.apicurio.registry.utils.converter.AvroConverter";

#[tokio::test(flavor = "multi_thread")]
async fn apicurios_own_api_is_asked_with_the_log_in_and_for_schemas_that_are_there() -> Result<()> {
    let mut behind = Behind::begin("https_apicurio", BASIC).await?;
    let trusted = behind.key_stores.as_jks("front")?;
    let url = format!("https://127.0.0.1:{}/apis/registry/v3", behind.front.port());
    let config = behind
        .config
        .clone()
        .with("key.converter", APICURIO)
        .with("value.converter", APICURIO)
        .without("key.converter.schema.registry.url")
        .without("value.converter.schema.registry.url");
    let lookup = with(
        config,
        [
            ("apicurio.registry.url", url.as_str()),
            ("apicurio.registry.auth.username", "reader"),
            ("apicurio.registry.auth.password", "secret"),
            ("apicurio.registry.tls.truststore.location", trusted.as_str()),
            ("apicurio.registry.tls.truststore.password", PASSWORD),
            // What the reader of this test knows to read.
            ("apicurio.registry.dereference-schema", "true"),
        ],
    );
    behind.pipeline.create(&lookup).await?;
    let reason = behind.pipeline.failure().await?;
    for word in ["is not registered", "apicurio.registry.auto-register=true"] {
        ensure!(reason.contains(word), "the reason does not say `{word}`: {reason}");
    }
    let name = behind.pipeline.names.connector();
    let registering = with(lookup, [("apicurio.registry.auto-register", "true")]).json();
    behind.pipeline.rest()?.reconfigure(name, &registering).await?;
    behind.streams().await
}
