//! What nobody but a person can fix stops the task at once, with a reason that names the way out, and without a wrong or
//! missing event.

use anyhow::{Context, Result, ensure};
use harness::connector::ConnectorConfig;
use harness::diary::{Diary, TABLE};
use harness::eventually::eventually;
use harness::mysql::Mysql;
use harness::names::Names;
use harness::pipeline::{Pipeline, SOON};
use harness::rest_client::BY_ITSELF;
use harness::stack::{Stack, killable};
use harness::tcp_proxy::TcpProxy;
use reqwest::Method;
use serde_json::{Value, json};

/// The reason must have all of these words.
fn names(reason: &str, words: &[&str]) -> Result<()> {
    let missing: Vec<_> = words.iter().filter(|word| !reason.contains(**word)).collect();
    ensure!(missing.is_empty(), "the reason does not say {missing:?}: {reason}");
    Ok(())
}

/// What a validation found, by key.
fn problems(validated: &Value) -> String {
    let values = validated["configs"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|config| &config["value"]);
    let wrong = values.filter(|value| value["errors"].as_array().is_some_and(|errors| !errors.is_empty()));
    wrong
        .map(|value| format!("{}: {}", value["name"], value["errors"]))
        .collect::<Vec<_>>()
        .join("; ")
}

/// Restarts the failed task.
async fn restart(diary: &Diary) -> Result<()> {
    let name = diary.pipeline.names.connector();
    diary.pipeline.rest()?.restart_failed(name).await
}

#[tokio::test(flavor = "multi_thread")]
async fn purged_transactions_are_named() -> Result<()> {
    let stack = killable().await?;
    let mut diary = Diary::begin(&stack, "purged", |config| config).await?;
    diary.write(5, "before").await?;
    diary.arrives(SOON).await?;
    diary.pipeline.worker.kill()?;
    diary.write(5, "never seen").await?;
    let server = Mysql::of(&stack)?;
    // What still sends a binlog keeps it from being purged.
    server.end_dumps(SOON).await?;
    server.run(["FLUSH BINARY LOGS"]).await?;
    let logs = server.rows("SHOW BINARY LOGS").await?;
    let newest = logs.last().and_then(|log| log["Log_name"].as_str()).unwrap_or_default();
    server.run([format!("PURGE BINARY LOGS TO '{newest}'")]).await?;
    let uuid = server.value("SELECT @@server_uuid").await?;
    diary.pipeline.worker.start().await?;
    let reason = diary.pipeline.failure().await?;
    names(&reason, &["purged", uuid.as_str().unwrap_or_default(), "snapshot"])?;
    let events = diary.pipeline.events(TABLE).await?;
    ensure!(events.len() == 15, "{} events of the 15 before the hole", events.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_another_history_is_refused() -> Result<()> {
    let stack = killable().await?;
    let mut diary = Diary::begin(&stack, "foreign_set", |config| config).await?;
    diary.write(5, "before").await?;
    diary.arrives(SOON).await?;
    diary.pipeline.worker.kill()?;
    let server = Mysql::of(&stack)?;
    server.run(["RESET BINARY LOGS AND GTIDS"]).await?;
    diary.write(1, "of another history").await?;
    let uuid = server.value("SELECT @@server_uuid").await?;
    diary.pipeline.worker.start().await?;
    let reason = diary.pipeline.failure().await?;
    names(
        &reason,
        &["does not have", uuid.as_str().unwrap_or_default(), "snapshot"],
    )?;
    let events = diary.pipeline.events(TABLE).await?;
    ensure!(events.len() == 15, "{} events, 15 of this history", events.len());
    Ok(())
}

/// A table that cannot be rolled back and a statement too large for the binlog's cache: the server logs that it lost events.
#[tokio::test(flavor = "multi_thread")]
async fn an_incident_on_the_server_stops_the_task() -> Result<()> {
    let stack = killable().await?;
    let mut diary = Diary::begin(&stack, "incident", |config| config).await?;
    diary
        .pipeline
        .sql(["CREATE TABLE unsafe_rows (id INT PRIMARY KEY, text LONGTEXT) ENGINE = MyISAM"])
        .await?;
    diary.write(5, "before").await?;
    diary.arrives(SOON).await?;
    let server = Mysql::of(&stack)?;
    server
        .run([
            "SET GLOBAL binlog_stmt_cache_size = 4096",
            "SET GLOBAL max_binlog_stmt_cache_size = 4096",
        ])
        .await?;
    let rows = "INSERT INTO unsafe_rows VALUES (1, REPEAT('a', 3000)), (2, REPEAT('b', 3000)), (3, REPEAT('c', 9000))";
    let refused = diary.pipeline.sql([rows]).await;
    server
        .run([
            "SET GLOBAL max_binlog_stmt_cache_size = DEFAULT",
            "SET GLOBAL binlog_stmt_cache_size = DEFAULT",
        ])
        .await?;
    ensure!(
        refused.is_err(),
        "the server took the statement, so it logged no incident"
    );
    diary.write(5, "after the hole").await?;
    let reason = diary.pipeline.failure().await?;
    names(&reason, &["may be missing from its binlog", "snapshot"])?;
    let events = diary.pipeline.events(TABLE).await?;
    ensure!(events.len() == 15, "{} events of the 15 before the hole", events.len());
    Ok(())
}

/// A session has set how its changes are logged, and writes in a way that cannot be followed.
async fn a_session_logs_otherwise(about: &str, setting: [&str; 2], statement: &str) -> Result<()> {
    let [variable, value] = setting;
    let stack = Stack::shared()?;
    let mut diary = Diary::begin(&stack, about, |config| config).await?;
    diary.write(5, "before").await?;
    let strange = format!("SET SESSION {variable} = {value}");
    diary.pipeline.sql([&strange, statement]).await?;
    diary.write(5, "behind the hole").await?;
    let reason = diary.pipeline.failure().await?;
    let table = format!("{}.{TABLE}", diary.pipeline.names.database());
    names(&reason, &[&table, variable, "snapshot"])?;
    let events = diary.pipeline.events(TABLE).await?;
    ensure!(events.len() == 15, "{} events of the 15 before the hole", events.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_logged_with_some_columns_only_is_named() -> Result<()> {
    let update = format!("UPDATE {TABLE} SET text = 'changed' WHERE id = 3");
    a_session_logs_otherwise("some_columns", ["binlog_row_image", "MINIMAL"], &update).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_insert_logged_as_a_statement_is_named() -> Result<()> {
    let insert = format!("INSERT INTO {TABLE} VALUES (1000, 'of nobody')");
    a_session_logs_otherwise("as_statement", ["binlog_format", "STATEMENT"], &insert).await
}

/// Two readers with one number would end each other's streams, over and over.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_id_that_is_taken_is_waited_for_and_its_owner_goes_on() -> Result<()> {
    let stack = Stack::shared()?;
    let mut diary = Diary::begin(&stack, "number_taken", |config| config).await?;
    let server = Mysql::of(&stack)?;
    let own = ConnectorConfig::mysql(&stack, &diary.pipeline.names)?.json();
    let number = own["database.server.id"].as_str().unwrap_or_default().to_owned();
    let id: i64 = number.parse()?;
    let owner = eventually("the server knows its reader", SOON, async || {
        let replicas = server.rows("SHOW REPLICAS").await?;
        let ours = replicas.iter().find(|replica| replica["Server_Id"] == id);
        let owner = ours.and_then(|replica| replica["Replica_UUID"].as_str());
        owner
            .map(str::to_owned)
            .with_context(|| format!("{number} is not among {replicas:?}"))
    })
    .await?;

    let rest = diary.pipeline.rest()?;
    let other = Names::new("number_wanted");
    let config = ConnectorConfig::mysql(&stack, &other)?.with("database.include.list", diary.pipeline.names.database());
    let servers = server.value("SELECT @@server_id").await?.to_string();
    let body = json!({"name": other.connector(), "config": config.clone().with("database.server.id", &servers).json()});
    let answer = rest.call(Method::POST, "/connectors", Some(&body)).await?;
    ensure!(answer.status == 400, "created: {} {}", answer.status, answer.body);
    names(
        &answer.body.to_string(),
        &["the server itself", &servers, "database.server.id"],
    )?;

    let config = config.with("database.server.id", &number);
    let body = json!({"name": other.connector(), "config": config.json()});
    let answer = rest.call(Method::POST, "/connectors", Some(&body)).await?;
    ensure!(answer.status == 201, "refused: {} {}", answer.status, answer.body);
    let worker = &diary.pipeline.worker;
    let look = async || rest.failure(other.connector()).await;
    let reason = worker.eventually("the second reader is refused", SOON, look).await?;
    names(&reason, &[&number, &owner, "database.server.id", BY_ITSELF])?;
    diary.write(5, "undisturbed").await?;
    diary.arrives(SOON).await?;
    let log = diary.pipeline.worker.log()?;
    ensure!(!log.contains("lost the binlog stream"), "its owner was disturbed");

    // The number is free as soon as its owner has ended, and nobody has to restart anything.
    rest.ask(diary.pipeline.names.connector(), "stop").await?;
    let look = async || rest.is_running(other.connector()).await;
    let worker = &diary.pipeline.worker;
    worker
        .eventually("the second reader has the number", SOON, look)
        .await?;
    rest.delete(other.connector()).await?;
    rest.ask(diary.pipeline.names.connector(), "resume").await?;
    diary.ends_complete().await
}

/// The same damage at every attempt: not a matter of trying again.
#[tokio::test(flavor = "multi_thread")]
async fn a_checksum_error_that_persists_stops_the_task_until_it_is_gone() -> Result<()> {
    let stack = Stack::shared()?;
    let proxy = TcpProxy::to(stack.mysql_port()?).await?;
    let port = proxy.port().to_string();
    let diary = Diary::begin(&stack, "checksum", |config| {
        config
            .with("database.port", &port)
            .with("database.ssl.mode", "disabled")
    });
    let mut diary = diary.await?;
    proxy.damage("fragile cargo", "fragile carg0")?;
    diary.write(1, "fragile cargo").await?;
    let reason = diary.pipeline.failure().await?;
    names(&reason, &["checksum", "binlog."])?;
    let events = diary.pipeline.events(TABLE).await?;
    ensure!(events.len() == 10, "{} events, 10 before the damage", events.len());
    proxy.mend()?;
    restart(&diary).await?;
    diary.arrives(SOON).await?;
    diary.ends_complete().await
}

/// Readers of the new schema would find NULLs where it has none. Rows of it are in the binlog, so that the table is altered
/// back does not help.
#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_the_subjects_rule_forbids_stops_the_task_until_the_rule_is_lifted() -> Result<()> {
    let stack = Stack::shared()?;
    let mut diary = Diary::begin(&stack, "rule", |config| config).await?;
    let subject = format!("{}-value", diary.pipeline.names.topic(TABLE));
    diary.pipeline.registry.set_compatibility(&subject, "BACKWARD").await?;
    let alter = |nullable| format!("ALTER TABLE {TABLE} MODIFY text LONGTEXT {nullable}");
    diary.pipeline.sql([alter("NOT NULL")]).await?;
    diary.write(5, "of the new schema").await?;
    let way_out = [
        "text` was null or string",
        "compatibility to NONE",
        "change the table back",
    ];
    let reason = diary.pipeline.failure().await?;
    names(&reason, &[&[subject.as_str()], &way_out[..]].concat())?;

    diary.pipeline.sql([alter("NULL")]).await?;
    diary.write(5, "of the old schema again").await?;
    restart(&diary).await?;
    let look = async || {
        let refusals = diary.pipeline.worker.log()?.matches("it waits for a restart").count();
        ensure!(refusals == 2, "{refusals} refusals");
        Ok(())
    };
    diary
        .pipeline
        .worker
        .eventually("it is refused again", SOON, look)
        .await?;
    let events = diary.pipeline.events(TABLE).await?;
    ensure!(events.len() == 10, "{} events, 10 before the new schema", events.len());

    diary.pipeline.registry.set_compatibility(&subject, "NONE").await?;
    restart(&diary).await?;
    diary.arrives(SOON).await?;
    // What is registered stays usable under any rule, also for a worker that has to ask for it again.
    diary.pipeline.registry.set_compatibility(&subject, "BACKWARD").await?;
    diary.pipeline.worker.kill()?;
    diary.pipeline.worker.start().await?;
    diary.pipeline.sql([alter("NOT NULL")]).await?;
    diary.write(5, "under the rule").await?;
    diary.ends_complete().await
}

/// Debezium takes it and fails with a registry error.
#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_that_is_no_avro_name_is_refused_at_validation() -> Result<()> {
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, "prefix")?;
    pipeline.worker.start().await?;
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?.with("topic.prefix", "not-an-avro-name");
    let rest = pipeline.rest()?;
    let body = json!({"name": pipeline.names.connector(), "config": config.json()});
    let answer = rest.call(Method::POST, "/connectors", Some(&body)).await?;
    ensure!(answer.status == 400, "created: {} {}", answer.status, answer.body);
    names(
        &answer.body.to_string(),
        &["topic.prefix", "schema.name.adjustment.mode"],
    )?;
    let adjusted = config
        .with("schema.name.adjustment.mode", "avro")
        .with("name", "adjusted");
    let path = "/connector-plugins/io.debezium.connector.mysql.MySqlConnector/config/validate";
    let validated = rest.call(Method::PUT, path, Some(&adjusted.json())).await?;
    ensure!(
        validated.body["error_count"] == 0,
        "with names adjusted: {}",
        problems(&validated.body)
    );
    Ok(())
}

/// It is waited for as long as it takes unless the connector says for how long. And rows stand in the log if it says that, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_is_away_for_longer_than_errors_are_retried_stops_the_task() -> Result<()> {
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, "retried")?;
    pipeline
        .sql([
            "CREATE TABLE noted (id INT PRIMARY KEY, note VARCHAR(20))",
            "INSERT INTO noted VALUES (1, 'the only row')",
        ])
        .await?;
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?
        .with("value.converter", "io.confluent.connect.avro.AvroConverter")
        .with("value.converter.schema.registry.url", "http://127.0.0.1:1")
        .with("include.schema.changes", "false")
        .with("errors.retry.timeout", "500")
        .with("errors.tolerance", "all")
        .with("errors.log.enable", "true")
        .with("errors.log.include.messages", "true");
    pipeline.create(&config).await?;
    let reason = pipeline.failure().await?;
    names(&reason, &["noted-value", "500 ms of errors.retry.timeout"])?;
    let log = pipeline.worker.log()?;
    names(
        &log,
        &[
            "stage=VALUE_CONVERTER",
            r#"key {"id":1}, value {"before":null"#,
            "the only row",
        ],
    )?;
    pipeline.stop().await
}

/// A replication factor that the cluster has no brokers for, and then a policy that the table has no key for.
#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_cannot_be_as_it_is_asked_for_is_refused() -> Result<()> {
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, "keyless")?;
    pipeline
        .sql(["CREATE TABLE loose (a INT, b INT)", "INSERT INTO loose VALUES (1, 1)"])
        .await?;
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?;
    let too_many = config.clone().with("topic.creation.default.replication.factor", "3");
    pipeline.create(&too_many).await?;
    let reason = pipeline.failure().await?;
    let words = [
        "a replication factor of 3",
        "than the 1 that the cluster has",
        "topic.creation.default",
    ];
    names(&reason, &words)?;

    let compacted = config.with("topic.creation.default.cleanup.policy", "compact");
    let connector = pipeline.names.connector();
    pipeline.rest()?.reconfigure(connector, &compacted.json()).await?;
    let look = async || {
        let reason = pipeline.failure().await?;
        names(&reason, &["loose", "message.key.columns"])
    };
    pipeline
        .worker
        .eventually("it is refused for its key", SOON, look)
        .await
}
