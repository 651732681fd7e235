//! Clients that log in to Kafka over SASL and TLS, as users of Kafka Connect and Debezium write it; and log-ins that are
//! wrong, which is reported with the key to look at and without the password.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use harness::connector::ConnectorConfig;
use harness::diary::{Diary, TABLE};
use harness::key_stores::{KeyStores, PASSWORD};
use harness::log_in::{LogIn, Mechanism};
use harness::pipeline::{Pipeline, SOON};
use harness::stack::{Service, Stack, killable};
use harness::token_server::{TokenServer, unsigned_token};
use reqwest::Method;

/// What clients show the authorization server.
const SECRET: &str = "canary-of-somebody";
/// Nobody's password, to be found wherever it leaks.
const WRONG: &str = "canary-of-nobody";

/// A text that has all of these words, and not the wrong password.
fn tells(text: &str, words: &[&str]) -> Result<()> {
    ensure!(!text.contains(WRONG), "the password is in {text}");
    let missing: Vec<_> = words.iter().filter(|word| !text.contains(**word)).collect();
    ensure!(missing.is_empty(), "{missing:?} is not in {text}");
    Ok(())
}

/// Every client that Kafka Connect and Debezium give settings of their own.
#[tokio::test(flavor = "multi_thread")]
async fn all_clients_log_in_with_scram_over_tls_and_every_change_arrives_once() -> Result<()> {
    let stack = killable().await?;
    let log_in = LogIn::full(&stack, Mechanism::ScramSha512)?;
    let mut pipeline = Pipeline::new(&stack, "sasl_scram")?;
    pipeline.worker = ["producer.", "consumer.", "admin."]
        .iter()
        .fold(log_in.of_worker(pipeline.worker), |worker, prefix| {
            log_in.below(prefix, worker)
        });
    let mut diary = Diary::in_pipeline(&stack, pipeline, |config| log_in.of_history(config)).await?;
    diary.write(5, "streamed").await?;
    diary.arrives(SOON).await?;
    diary.pipeline.worker.kill()?;
    diary.write(5, "while the worker was away").await?;
    diary.pipeline.worker.start().await?;
    diary.arrives(SOON).await?;
    stack.kill(Service::Kafka)?;
    diary.write(5, "while the broker was away").await?;
    stack.start(Service::Kafka)?;
    diary.arrives(SOON).await?;
    let (_, password) = stack.kafka_user()?;
    let log = diary.pipeline.worker.log()?;
    ensure!(!log.contains(password), "the password is in the log");
    diary.ends_complete().await
}

/// Said once, for the worker, with a trust store of Java's: its connectors' clients and the schema history inherit it.
#[tokio::test(flavor = "multi_thread")]
async fn clients_inherit_the_workers_log_in_with_plain() -> Result<()> {
    let stack = Stack::shared()?;
    let key_stores = KeyStores::new("sasl_plain")?;
    key_stores.trust("broker", "broker", stack.kafka_certificate()?)?;
    let log_in = LogIn::full(&stack, Mechanism::Plain)?.trusting_store(&key_stores.as_jks("broker")?, PASSWORD);
    let mut pipeline = Pipeline::new(&stack, "sasl_plain")?;
    pipeline.worker = log_in.of_worker(pipeline.worker);
    let servers = stack.kafka_sasl()?;
    let named = |config: ConnectorConfig| config.with("schema.history.internal.kafka.bootstrap.servers", servers);
    let mut diary = Diary::in_pipeline(&stack, pipeline, named).await?;
    diary.write(5, "streamed").await?;
    diary.ends_complete().await
}

/// The broker ends a connection whose token has expired, unless the client shows another one.
#[tokio::test(flavor = "multi_thread")]
async fn clients_log_in_with_tokens_and_renew_them() -> Result<()> {
    const LIFETIME: u32 = 5;
    let stack = Stack::shared()?;
    let log_in = LogIn::full(&stack, Mechanism::Token(LIFETIME))?;
    let mut pipeline = Pipeline::new(&stack, "sasl_token")?;
    pipeline.worker = log_in.of_worker(pipeline.worker);
    let mut diary = Diary::in_pipeline(&stack, pipeline, |config| log_in.of_history(config)).await?;
    let lifetimes = Instant::now() + Duration::from_secs(u64::from(3 * LIFETIME));
    while Instant::now() < lifetimes {
        diary.write(1, "streamed").await?;
        diary.arrives(SOON).await?;
    }
    // A topic is created by the administration client, whose first token is old by now.
    diary
        .pipeline
        .sql(["CREATE TABLE late (id INT PRIMARY KEY)", "INSERT INTO late VALUES (1)"])
        .await?;
    diary.pipeline.row("late", "id", 1).await?;
    diary.ends_complete().await
}

/// Of an authorization server and, for the schema history, of a file. The server is not well at first, and not asked by those who
/// have no business there.
#[tokio::test(flavor = "multi_thread")]
async fn clients_log_in_with_tokens_that_others_make() -> Result<()> {
    const LIFETIME: u64 = 5;
    let stack = Stack::shared()?;
    let (user, _) = stack.kafka_user()?;
    let server = TokenServer::start(user, SECRET, LIFETIME).await?;
    let file = std::env::temp_dir().join(format!("rowmill-token.{}", std::process::id()));
    std::fs::write(&file, format!("{}\n", unsigned_token(user, 3600)))?;
    let log_in = LogIn::full(&stack, Mechanism::Token(0))?.with_password(SECRET);
    let (of_server, of_file) = (
        log_in.clone().with_tokens_of(&server.url()),
        log_in.with_tokens_of(&format!("file://{}", file.display())),
    );
    let mut pipeline = Pipeline::new(&stack, "sasl_endpoint")?;
    pipeline.worker = of_server.of_worker(pipeline.worker).with(
        "org.apache.kafka.sasl.oauthbearer.allowed.urls",
        format!("file://{}", file.display()),
    );
    let mut diary = Diary::in_pipeline(&stack, pipeline, |config| of_file.of_history(config)).await?;
    let lifetimes = Instant::now() + Duration::from_secs(2 * LIFETIME);
    while Instant::now() < lifetimes {
        diary.write(1, "streamed").await?;
        diary.arrives(SOON).await?;
    }
    let asked = server.asked();
    ensure!(asked.len() > 4, "tokens were not renewed: {asked:?}");
    let log = diary.pipeline.worker.log()?;
    ensure!(!log.contains(SECRET), "the secret is in the log");
    diary.ends_complete().await?;
    Ok(std::fs::remove_file(file)?)
}

/// What log and REST say of a worker that finds no way into the cluster.
async fn a_start_in_vain(about: &str, change: impl AsyncFnOnce(&Stack, LogIn) -> Result<LogIn>) -> Result<String> {
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, about)?;
    let log_in = change(&stack, LogIn::full(&stack, Mechanism::ScramSha512)?).await?;
    pipeline.worker = log_in.of_worker(pipeline.worker);
    pipeline.worker.spawn()?;
    let rest = pipeline.rest()?;
    let look = async || {
        let health = rest.call(Method::GET, "/health", None).await?;
        ensure!(health.status == 503, "{} {}", health.status, health.body);
        let said = health.body["message"].as_str().context("a message")?.to_owned();
        ensure!(said.contains("check `"), "it only says: {said}");
        Ok(said)
    };
    let said = pipeline.worker.eventually("REST says why it waits", SOON, look).await?;
    let log = pipeline.worker.log()?;
    let reason = said.split_once(": ").map(|(_, reason)| reason.trim_end_matches('.'));
    ensure!(
        log.contains(reason.context("a reason")?),
        "the log does not say {said}: {log}"
    );
    tells(&log, &[])?;
    Ok(said)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_of_the_worker_is_told_while_it_starts() -> Result<()> {
    let said = a_start_in_vain("sasl_wrong", async |_, log_in| Ok(log_in.with_password(WRONG))).await?;
    tells(&said, &["Authentication failed", "`sasl.jaas.config`"])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_the_authorization_server_refuses_is_told_while_the_worker_starts() -> Result<()> {
    let stack = Stack::shared()?;
    let (user, _) = stack.kafka_user()?;
    let server = TokenServer::start(user, SECRET, 60).await?;
    let url = server.url();
    let said = a_start_in_vain("sasl_refused", async |stack, _| {
        let log_in = LogIn::full(stack, Mechanism::Token(0))?;
        Ok(log_in.with_tokens_of(&url).with_password(WRONG))
    })
    .await?;
    tells(&said, &["HTTP 401 (invalid_client: who?)", "`sasl.jaas.config`"])
}

/// The trust store is the one for MySQL.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_in_the_trust_store_has_signed_is_told_while_the_worker_starts() -> Result<()> {
    let said = a_start_in_vain("sasl_untrusted", async |stack, log_in| {
        let mysql = harness::mysql::Mysql::of(stack)?;
        let folder = mysql.value("SELECT @@datadir").await?;
        let folder = folder.as_str().context("a folder")?;
        let other = Path::new(folder).join("ca.pem");
        Ok(log_in.trusting(other.to_str().context("a path of Unicode")?))
    })
    .await?;
    tells(&said, &["certificate verify failed", "`ssl.truststore.location`"])
}

/// A task with one wrong log-in says so in its status, and goes on when it is right.
async fn a_task_in_vain(
    about: &str,
    wrong: impl FnOnce(&LogIn, Pipeline, ConnectorConfig) -> (Pipeline, ConnectorConfig),
) -> Result<()> {
    let stack = Stack::shared()?;
    let right = LogIn::full(&stack, Mechanism::Plain)?;
    let mut pipeline = Pipeline::new(&stack, about)?;
    pipeline.worker = right.of_worker(pipeline.worker);
    pipeline
        .sql([
            &format!("CREATE TABLE {TABLE} (id INT PRIMARY KEY)"),
            &format!("INSERT INTO {TABLE} VALUES (1)"),
        ])
        .await?;
    let config = right.of_history(ConnectorConfig::mysql(&stack, &pipeline.names)?);
    let (mut pipeline, config) = wrong(&right.clone().with_password(WRONG), pipeline, config);
    pipeline.create(&config).await?;
    let (name, rest) = (pipeline.names.connector().to_owned(), pipeline.rest()?);
    let look = async || {
        let task = rest.status(&name).await?["tasks"][0].clone();
        ensure!(task["state"] != "RUNNING", "it runs: {task}");
        let reason = task["trace"].as_str().with_context(|| format!("no reason in {task}"))?;
        tells(reason, &["Authentication failed", "`sasl.jaas.config`"])
    };
    pipeline.worker.eventually("the status says why", SOON, look).await?;
    tells(&pipeline.worker.log()?, &["Authentication failed"])?;

    pipeline.worker.kill()?;
    for prefix in ["producer.", "consumer.", "admin."] {
        pipeline.worker = right.below(prefix, pipeline.worker);
    }
    pipeline.worker.start().await?;
    let name = pipeline.names.connector();
    pipeline
        .rest()?
        .reconfigure(name, &right.of_history(config).json())
        .await?;
    pipeline.row(TABLE, "id", 1).await?;
    pipeline.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_of_the_producers_is_in_the_tasks_status() -> Result<()> {
    a_task_in_vain("sasl_producer", |wrong, mut pipeline, config| {
        pipeline.worker = wrong.below("producer.", pipeline.worker);
        (pipeline, config)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_of_the_consumers_is_in_the_tasks_status() -> Result<()> {
    a_task_in_vain("sasl_consumer", |wrong, mut pipeline, config| {
        pipeline.worker = wrong.below("consumer.", pipeline.worker);
        (pipeline, config)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_of_the_schema_history_is_in_the_tasks_status() -> Result<()> {
    a_task_in_vain("sasl_history", |wrong, pipeline, config| {
        (pipeline, wrong.of_history(config))
    })
    .await
}
