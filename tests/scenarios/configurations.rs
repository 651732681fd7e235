//! Configurations that people bring along: what cannot be carried out is refused by its key before anything runs, with what to
//! write instead; what can be is taken as it is.

use anyhow::{Context, Result, ensure};
use harness::connector::ConnectorConfig;
use harness::names::Names;
use harness::pipeline::{Pipeline, SOON};
use harness::stack::Stack;
use reqwest::Method;
use serde_json::{Value, json};

/// The worker of each scenario is one that config providers were set up for.
async fn begin(about: &str) -> Result<(Pipeline, ConnectorConfig)> {
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, about)?;
    pipeline.worker = pipeline.worker.with("config.providers", "file").with(
        "config.providers.file.class",
        "org.apache.kafka.common.config.provider.FileConfigProvider",
    );
    pipeline.worker.start().await?;
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?;
    Ok((pipeline, config))
}

/// Creating it is refused, and the answer has all of `texts`.
async fn check_refused(pipeline: &Pipeline, config: &ConnectorConfig, texts: &[&str]) -> Result<()> {
    let body = json!({"name": "refused", "config": config.json()});
    let answer = pipeline.rest()?.call(Method::POST, "/connectors", Some(&body)).await?;
    let message = answer.body["message"].as_str().unwrap_or_default();
    ensure!(answer.status == 400, "{texts:?}: {} {message}", answer.status);
    for text in texts {
        ensure!(message.contains(text), "{text} is not in: {message}");
    }
    let connectors = pipeline.rest()?.read("/connectors").await?;
    ensure!(connectors == json!([]), "there are {connectors}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_carried_out_is_refused_with_what_to_write() -> Result<()> {
    let (pipeline, config) = begin("config_refused").await?;
    let former = config
        .clone()
        .without("topic.prefix")
        .without("schema.history.internal.kafka.topic")
        .without("database.include.list")
        .with("database.server.name", "shop")
        .with("database.whitelist", "shop")
        .with("database.history.kafka.topic", "history")
        .with("snapshot.mode", "schema_only");
    let texts = [
        "'topic.prefix' value is invalid: A value is required: rename `database.server.name`",
        "'database.whitelist' value is invalid: the key is called `database.include.list`",
        "'schema.history.internal.kafka.topic' value is invalid: A value is required: rename `database.history.kafka.topic`",
        "use no_data",
    ];
    check_refused(&pipeline, &former, &texts).await?;

    let placeholders = config
        .clone()
        .with("database.port", "${env:PORT}")
        .with("database.password", "${file:/etc/mysql.properties:password}");
    let texts = [
        "database.port: it holds a placeholder of the config provider `env`, which is not configured",
        "database.password: its placeholder ${file:/etc/mysql.properties:password} cannot be resolved",
        "following 2 error(s)",
    ];
    check_refused(&pipeline, &placeholders, &texts).await?;

    let filtered = config
        .clone()
        .with("transforms", "unwrap,filter")
        .with("transforms.unwrap.type", "io.debezium.transforms.ExtractNewRecordState")
        .with("transforms.filter.type", "io.debezium.transforms.Filter")
        .with("transforms.filter.condition", "value.op == 'u'");
    let groovy = filtered
        .clone()
        .with("transforms.filter.language", "jsr223.groovy")
        .with("transforms.filter.condition", "value.after?.id == 1");
    let texts = [
        "Invalid value for configuration transforms.filter.language: jsr223.groovy is not supported; set cel",
        "following 1 error(s)",
    ];
    check_refused(&pipeline, &groovy, &texts).await?;
    let foreign = filtered.with("transforms.filter.type", "com.example.Filter");
    let texts = [
        "Invalid value com.example.Filter for configuration transforms.filter.type: Class com.example.Filter could not be found",
        "following 1 error(s)",
    ];
    check_refused(&pipeline, &foreign, &texts).await?;

    let history = |key: &str| format!("schema.history.internal.producer.{key}");
    let cloud = config
        .clone()
        .with(&history("security.protocol"), "SASL_SSL")
        .with(&history("sasl.mechanism"), "OAUTHBEARER")
        .with(
            &history("sasl.login.callback.handler.class"),
            "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler",
        )
        .with(&history("sasl.oauthbearer.token.endpoint.url"), "file:///etc/shadow");
    let endpoint = history("sasl.oauthbearer.token.endpoint.url");
    let texts = [&endpoint, "file:///etc/shadow is not allowed for connectors"];
    check_refused(&pipeline, &cloud, &texts).await?;
    let store = config
        .clone()
        .with("schema.history.internal.consumer.security.protocol", "SSL")
        .with("schema.history.internal.consumer.ssl.truststore.location", "/none.jks");
    let texts = [
        "schema.history.internal.consumer.ssl.truststore.location",
        "/none.jks cannot be read",
    ];
    check_refused(&pipeline, &store, &texts).await?;

    let small = config
        .clone()
        .with("max.queue.size", "2048")
        .with("max.batch.size", "2048");
    check_refused(
        &pipeline,
        &small,
        &["'max.queue.size' value is invalid: Must be larger"],
    )
    .await?;
    check_refused(
        &pipeline,
        &config.with("tasks.max", "6"),
        &["Only a single connector task"],
    )
    .await
}

/// There is none to log in to.
async fn is_valid_with_a_log_in_to_amazon_msk(pipeline: &Pipeline, config: &ConnectorConfig) -> Result<()> {
    let log_in = [
        ("security.protocol", "SASL_SSL"),
        ("sasl.mechanism", "AWS_MSK_IAM"),
        (
            "sasl.jaas.config",
            "software.amazon.msk.auth.iam.IAMLoginModule required;",
        ),
        (
            "sasl.client.callback.handler.class",
            "software.amazon.msk.auth.iam.IAMClientCallbackHandler",
        ),
    ];
    let with = |config: ConnectorConfig, (key, value): (&str, &str)| {
        let key = |client: &str| format!("schema.history.internal.{client}.{key}");
        config.with(&key("producer"), value).with(&key("consumer"), value)
    };
    let named = config.clone().with("name", pipeline.names.connector());
    let config = log_in.into_iter().fold(named, with);
    let path = "/connector-plugins/MySqlConnector/config/validate";
    let answer = pipeline.rest()?.call(Method::PUT, path, Some(&config.json())).await?;
    ensure!(answer.body["error_count"] == 0, "it is refused: {}", answer.body);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn expressions_choose_records_and_topics() -> Result<()> {
    let (mut pipeline, config) = begin("config_expressions").await?;
    pipeline
        .sql(["CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1), (2)"])
        .await?;
    let other = pipeline.names.topic("u");
    let config = config
        .with("transforms", "filter,router")
        .with("transforms.filter.type", "io.debezium.transforms.Filter")
        .with("transforms.filter.language", "cel")
        .with("transforms.filter.topic.regex", r".*\.(?!u)\w+")
        .with(
            "transforms.filter.condition",
            "value.after == null || value.after.id != 2",
        )
        .with("transforms.router.type", "io.debezium.transforms.ContentBasedRouter")
        .with("transforms.router.language", "jsr223.groovy")
        .with("transforms.router.topic.regex", r".*\.t")
        .with(
            "transforms.router.topic.expression",
            &format!("value.op == 'c' && value.after.id == 3 ? '{other}' : null"),
        );
    pipeline.create(&config).await?;
    pipeline.row("t", "id", 1).await?;
    pipeline.sql(["INSERT INTO t VALUES (3), (4)"]).await?;
    pipeline.row("u", "id", 3).await?;
    pipeline.row("t", "id", 4).await?;
    let kept = pipeline.events("t").await?.len();
    ensure!(kept == 2, "{kept} events are in the topic of the table");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_carried_out_is_taken_as_it_is() -> Result<()> {
    let (mut pipeline, config) = begin("config_taken").await?;
    pipeline
        .sql(["CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1)"])
        .await?;
    let config = config
        .with("topic.creation.groups", "nothing")
        .with("schema.history.internal.kafka.topic", pipeline.names.prefix())
        .with("signal.data.collection", "shop.signals")
        .with("database.history.kafka.recovery.attempts", "4")
        .with("database.history.producer.acks", "all")
        .with("event.processing.failure.handling.mode", "skip");
    is_valid_with_a_log_in_to_amazon_msk(&pipeline, &config).await?;
    let mut sent = config.json();
    sent["key.of.nobody"] = Value::Null;
    sent["max.queue.size"] = 8192.into();
    sent["include.schema.changes"] = true.into();
    for key in ["group.id", "retention.ms", "database.allowPublicKeyRetrieval"] {
        sent[key] = "of older files".into();
    }
    let rest = pipeline.rest()?;
    let name = pipeline.names.connector().to_owned();
    let created = rest.create(&name, &sent).await?;
    let stored = rest.read(&format!("/connectors/{name}/config")).await?;
    for echoed in [&created["config"], &stored] {
        ensure!(
            echoed.get("key.of.nobody") == Some(&Value::Null),
            "the null is not in {echoed}"
        );
        ensure!(echoed["max.queue.size"] == "8192", "the number is not in {echoed}");
        ensure!(
            echoed["include.schema.changes"] == "true",
            "the truth is not in {echoed}"
        );
        ensure!(echoed["retention.ms"] == "of older files", "a key is not in {echoed}");
    }
    let check = rest
        .read(&format!("/rowmill/connectors/{name}/check"))
        .await?
        .to_string();
    for advice in [
        "`topic.creation.nothing.*` has no effect",
        "the topic of published schema changes as well",
        "`signal.data.collection` has no effect",
        "`schema.history.internal.kafka.recovery.attempts` since Debezium 2.0",
        "`schema.history.internal.producer.acks` since Debezium 2.0",
        "`event.processing.failure.handling.mode` has no effect",
    ] {
        ensure!(check.contains(advice), "{advice} is not in {check}");
    }
    pipeline.row("t", "id", 1).await?;
    // What says nothing new disturbs nobody, and a name cannot be changed.
    rest.reconfigure(&name, &sent).await?;
    let mut renamed = sent.clone();
    renamed["name"] = "another".into();
    let answer = rest
        .call(Method::PUT, &format!("/connectors/{name}/config"), Some(&renamed))
        .await?;
    ensure!(answer.status == 400, "renamed: {} {}", answer.status, answer.body);
    pipeline.sql(["INSERT INTO t VALUES (3)"]).await?;
    pipeline.row("t", "id", 3).await?;
    let starts = pipeline.worker.log()?.matches("resuming").count();
    ensure!(starts == 0, "it has started again {starts} times");
    pipeline.stop().await?;
    pipeline.worker.start().await?;
    pipeline
        .sql(["ALTER TABLE t ADD c INT", "INSERT INTO t VALUES (2, 2)"])
        .await?;
    pipeline.row("t", "c", 2).await?;

    // Its successor has its number, which the server gives up when it notices that the connection has ended.
    pipeline.rest()?.delete(&name).await?;
    let successor = Names::new("config_successor");
    let config = ConnectorConfig::mysql(&Stack::shared()?, &successor)?
        .with("database.include.list", pipeline.names.database())
        .with(
            "database.server.id",
            sent["database.server.id"].as_str().context("an id")?,
        );
    let rest = pipeline.rest()?;
    rest.create(successor.connector(), &config.json()).await?;
    let look = async || {
        let status = rest.status(successor.connector()).await?;
        let has_failed = status["tasks"][0]["state"] == "FAILED";
        Ok(
            match (has_failed, rest.offset(successor.connector()).await?["gtids"].is_null()) {
                (false, true) => anyhow::bail!("status is {status}"),
                (false, false) => None,
                (true, _) => Some(status),
            },
        )
    };
    let failed = pipeline.worker.eventually("the successor streams", SOON, look).await?;
    ensure!(failed.is_none(), "it has failed first: {failed:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_without_a_definition_are_left_out_logged_and_counted() -> Result<()> {
    let (mut pipeline, config) = begin("config_undefined").await?;
    pipeline.sql(["CREATE TABLE t (id INT PRIMARY KEY)"]).await?;
    let config = config.with("inconsistent.schema.handling.mode", "warn");
    pipeline.create(&config).await?;
    pipeline.is_streaming(SOON).await?;
    pipeline
        .sql([
            "SET SESSION sql_log_bin = 0",
            "CREATE TABLE hidden (id INT PRIMARY KEY)",
            "SET SESSION sql_log_bin = 1",
            "INSERT INTO hidden VALUES (1), (2)",
            "DELETE FROM hidden WHERE id = 1",
            "INSERT INTO t VALUES (1)",
        ])
        .await?;
    pipeline.row("t", "id", 1).await?;
    let metrics = pipeline.rest()?.metrics().await?;
    let streaming = [("name", pipeline.names.prefix()), ("context", "streaming")];
    let events = metrics.sample("debezium_metrics_NumberOfErroneousEvents", &streaming)?;
    ensure!(events == 2.0, "{events} events were counted");
    let log = pipeline.worker.log()?;
    let hidden = format!("{}.hidden", pipeline.names.database());
    let warned = log
        .lines()
        .filter(|line| line.contains("left out rows") && line.contains(&hidden));
    ensure!(warned.count() == 2, "not every event was logged");
    Ok(())
}
