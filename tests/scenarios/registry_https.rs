//! A registry behind HTTPS with a log-in, the second of two URLs: schemas are registered and read over it, and a certificate
//! of somebody else is refused.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use harness::connector::ConnectorConfig;
use harness::https_front::HttpsFront;
use harness::pipeline::{Pipeline, SOON};
use harness::stack::Stack;

const PASSWORD: &str = "store-password";
/// `reader:secret` as HTTP carries it.
const LOGIN: &str = "cmVhZGVyOnNlY3JldA==";
/// A port where nobody listens.
const NOBODY: &str = "https://127.0.0.1:1";

/// A pipeline whose registry is behind a certificate that no authority of the system has signed.
struct Behind {
    pipeline: Pipeline,
    front: HttpsFront,
    folder: PathBuf,
    config: ConnectorConfig,
}

impl Behind {
    async fn begin(about: &str) -> Result<Behind> {
        let stack = Stack::shared()?;
        let pipeline = Pipeline::new(&stack, about)?;
        pipeline
            .sql(["CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1)"])
            .await?;
        let folder = std::env::temp_dir().join(format!("rowmill-https.{}", pipeline.names.own));
        fs::create_dir_all(&folder)?;
        make_certificate(&folder)?;
        let (host, path) = stack
            .registry()?
            .strip_prefix("http://127.0.0.1:")
            .and_then(|rest| rest.split_once('/'))
            .context("the registry's URL has a port and a path")?;
        let front = HttpsFront::to(host.parse()?, &fs::read(folder.join("front.p12"))?, PASSWORD).await?;
        let urls = format!("{NOBODY}/{path},https://127.0.0.1:{}/{path}", front.port());
        let mut config = ConnectorConfig::mysql(&stack, &pipeline.names)?;
        for converter in ["key.converter", "value.converter"] {
            config = config
                .with(&format!("{converter}.schema.registry.url"), &urls)
                .with(&format!("{converter}.basic.auth.credentials.source"), "USER_INFO")
                .with(&format!("{converter}.basic.auth.user.info"), "reader:secret");
        }
        Ok(Behind {
            pipeline,
            front,
            folder,
            config,
        })
    }
}

impl Drop for Behind {
    fn drop(&mut self) {
        // What is left of a failed test in the folder for temporary files does no harm.
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// `front.p12` with a certificate for 127.0.0.1 and its key, and `front.pem` with the certificate.
fn make_certificate(folder: &PathBuf) -> Result<()> {
    let store = [
        "-alias",
        "front",
        "-keystore",
        "front.p12",
        "-storetype",
        "PKCS12",
        "-storepass",
        PASSWORD,
    ];
    let made = [
        "-genkeypair",
        "-keyalg",
        "RSA",
        "-dname",
        "CN=registry",
        "-ext",
        "SAN=ip:127.0.0.1",
    ];
    for arguments in [&made[..], &["-exportcert", "-rfc", "-file", "front.pem"]] {
        let output = Command::new("keytool")
            .args(arguments)
            .args(store)
            .current_dir(folder)
            .output()
            .context("running keytool, which comes with Java")?;
        let told = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "keytool {arguments:?}: {told}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_whose_certificate_is_in_the_trust_store_is_asked_with_the_log_in() -> Result<()> {
    let mut behind = Behind::begin("https_trusted").await?;
    let trusted = behind.folder.join("front.pem");
    let trusted = trusted.to_str().context("a path of Unicode")?;
    let config = behind
        .config
        .clone()
        .with("key.converter.schema.registry.ssl.truststore.location", trusted)
        .with("key.converter.schema.registry.ssl.truststore.type", "PEM")
        .with("value.converter.schema.registry.ssl.truststore.location", trusted)
        .with("value.converter.schema.registry.ssl.truststore.type", "PEM");
    behind.pipeline.create(&config).await?;
    behind.pipeline.row("t", "id", 1).await?;
    behind.pipeline.sql(["INSERT INTO t VALUES (2)"]).await?;
    behind.pipeline.row("t", "id", 2).await?;
    let asked = behind.front.asked();
    ensure!(asked.contains("POST "), "no schema was registered over HTTPS: {asked}");
    ensure!(asked.contains(LOGIN), "without the log-in: {asked}");
    behind.pipeline.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_with_an_unknown_certificate_is_told_nothing() -> Result<()> {
    let mut behind = Behind::begin("https_unknown").await?;
    let config = behind.config.clone();
    behind.pipeline.create(&config).await?;
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
    ensure!(
        behind.front.asked().is_empty(),
        "it was asked: {}",
        behind.front.asked()
    );
    Ok(())
}
