//! Placeholders in a configuration (`${file:..}`) reach the servers that their values are for, and nobody else.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use harness::connector::ConnectorConfig;
use harness::kafka_reader::Record;
use harness::pipeline::{Pipeline, SOON};
use harness::stack::Stack;
use reqwest::Method;
use serde_json::json;

const PASSWORDS: [&str; 2] = ["canary-4c1d77", "canary-90be12"];
const LOG_IN: &str = "canary-35aa08";

/// Files with secrets, gone with the test.
struct Secrets(PathBuf);

impl Secrets {
    fn new(pipeline: &Pipeline) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("rowmill-secrets.{}", pipeline.names.own));
        fs::create_dir_all(folder.join("registry"))?;
        fs::write(folder.join("registry/login"), format!("reader:{LOG_IN}"))?;
        Ok(Secrets(folder))
    }

    fn write(&self, user: &str, password: &str) -> Result<()> {
        let text = format!("# of MySQL\nuser: {user}\npassword={password}\n");
        Ok(fs::write(self.0.join("mysql.properties"), text)?)
    }

    fn file(&self, key: &str) -> String {
        format!("${{file:{}:{key}}}", self.0.join("mysql.properties").display())
    }
}

impl Drop for Secrets {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// A pipeline whose worker has all three providers, confined, one of them under a name of its own.
fn with_providers(mut pipeline: Pipeline, folder: &Path) -> Pipeline {
    let folder = folder.display().to_string();
    let class = |name: &str| format!("org.apache.kafka.common.config.provider.{name}ConfigProvider");
    pipeline.worker = pipeline
        .worker
        .with("config.providers", "file,secrets,env")
        .with("config.providers.file.class", class("File"))
        .with("config.providers.file.param.allowed.paths", &folder)
        .with("config.providers.secrets.class", class("Directory"))
        .with("config.providers.secrets.param.allowed.paths", &folder)
        .with("config.providers.env.class", class("EnvVar"))
        .with("config.providers.env.param.allowlist.pattern", "MYSQL_.*|KAFKA_.*")
        .with("bootstrap.servers", "${env:KAFKA_HOST}:${env:KAFKA_PORT}");
    pipeline
}

/// Everything that an outsider can read of the pipeline, each with the place where it is.
async fn told(pipeline: &mut Pipeline) -> Result<Vec<(String, String)>> {
    let rest = pipeline.rest()?;
    let name = pipeline.names.connector().to_owned();
    let mut told = vec![
        ("the log".to_owned(), pipeline.worker.log()?),
        ("the metrics".to_owned(), rest.read_text("/metrics").await?),
    ];
    for path in [
        "/rowmill/info".to_owned(),
        format!("/connectors/{name}"),
        format!("/connectors/{name}/tasks"),
        format!("/connectors/{name}/status"),
        format!("/rowmill/connectors/{name}/check"),
        format!("/connectors/{name}/offsets"),
    ] {
        told.push((path.clone(), rest.read(&path).await?.to_string()));
    }
    let lossy = |bytes: &Option<Vec<u8>>| String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned();
    let text = |record: &Record| format!("{} {}\n", lossy(&record.key), lossy(&record.value));
    let mut topics: Vec<String> = ["config", "offset", "status"]
        .map(|store| pipeline.names.storage_topic(store))
        .into();
    topics.extend([pipeline.names.history_topic(), pipeline.names.topic("t")]);
    for topic in topics {
        let records = pipeline.committed.read(&topic).await?;
        ensure!(!records.is_empty(), "{topic} has no record");
        told.push((topic, records.iter().map(text).collect()));
    }
    Ok(told)
}

fn check_secret(told: &[(String, String)], secrets: &[&str]) -> Result<()> {
    for (place, text) in told {
        for secret in secrets {
            let line = text.lines().find(|line| line.contains(secret));
            ensure!(line.is_none(), "{place} has {secret}: {}", line.unwrap_or_default());
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_placeholders_stand_for_is_used_and_not_told() -> Result<()> {
    let stack = Stack::shared()?;
    let pipeline = Pipeline::new(&stack, "providers")?;
    let secrets = Secrets::new(&pipeline)?;
    let mut pipeline = with_providers(pipeline, &secrets.0);
    let (host, port) = stack.kafka()?.split_once(':').context("host and port")?;
    let mysql_port = stack.mysql_port()?.to_string();
    pipeline.worker = pipeline
        .worker
        .with_variable("KAFKA_HOST", host)
        .with_variable("KAFKA_PORT", port)
        .with_variable("MYSQL_PORT", &mysql_port)
        .with_variable("MYSQL_TASKS", "1");
    let user = format!("u{}", pipeline.names.own.rsplit_once("providers_").context("a name")?.1);
    let privileges = "SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT";
    pipeline
        .sql([
            "CREATE TABLE t (id INT PRIMARY KEY)",
            "INSERT INTO t VALUES (1)",
            &format!("CREATE USER {user} IDENTIFIED BY '{}'", PASSWORDS[0]),
            &format!("GRANT {privileges} ON *.* TO {user}"),
        ])
        .await?;
    secrets.write(&user, PASSWORDS[0])?;
    let login = format!("${{secrets:{}:login}}", secrets.0.join("registry").display());
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?
        .with("name", pipeline.names.connector())
        .with("tasks.max", "${env:MYSQL_TASKS}")
        .with("database.port", "${env:MYSQL_PORT}")
        .with("database.user", &secrets.file("user"))
        .with("database.password", &secrets.file("password"))
        .with("key.converter.basic.auth.credentials.source", "USER_INFO")
        .with("key.converter.basic.auth.user.info", &login)
        .with("value.converter.basic.auth.credentials.source", "USER_INFO")
        .with("value.converter.basic.auth.user.info", &login);
    pipeline.worker.start().await?;
    let rest = pipeline.rest()?;
    let trace = json!({"level": "TRACE"});
    let set = rest.call(Method::PUT, "/admin/loggers/root", Some(&trace)).await?;
    ensure!(set.status == 200, "TRACE: {} {}", set.status, set.body);
    pipeline.create(&config).await?;
    pipeline.row("t", "id", 1).await?;
    let name = pipeline.names.connector().to_owned();
    let validate = "/connector-plugins/MySqlConnector/config/validate";
    let validated = rest.call(Method::PUT, validate, Some(&config.json())).await?;
    ensure!(validated.body["error_count"] == 0, "{}", validated.body);
    let value = |name: &str| {
        let configs = validated.body["configs"].as_array().into_iter().flatten();
        let mut values = configs.map(|config| &config["value"]);
        values.find(|value| value["name"] == name).map(|value| &value["value"])
    };
    for (key, text) in [("tasks.max", "${env:MYSQL_TASKS}"), ("name", name.as_str())] {
        ensure!(
            value(key) == Some(&json!(text)),
            "{key} is not {text} in {}",
            validated.body
        );
    }
    check_secret(
        &[("the validation".to_owned(), validated.body.to_string())],
        &[PASSWORDS[0], LOG_IN, &user],
    )?;
    for place in ["", "/tasks"] {
        let shown = rest.read(&format!("/connectors/{name}{place}")).await?;
        let config = if place.is_empty() {
            &shown["config"]
        } else {
            &shown[0]["config"]
        };
        for (key, text) in [
            ("database.password", secrets.file("password")),
            ("database.user", secrets.file("user")),
        ] {
            ensure!(config[key] == text.as_str(), "{key} is not {text} in {shown}");
        }
    }

    // What is wrong with a value is said without it.
    for wrong in [
        config.clone().with("database.port", &secrets.file("password")),
        config.clone().with("snapshot.mode", &secrets.file("password")),
        config.clone().with("table.include.list", "(${env:KAFKA_HOST}"),
    ] {
        let answer = rest.call(Method::PUT, validate, Some(&wrong.json())).await?;
        ensure!(answer.body["error_count"] == 1, "{}", answer.body);
        check_secret(&[("the validation".to_owned(), answer.body.to_string())], &PASSWORDS)?;
    }
    // What cannot be resolved is named by its key, its file and the reason.
    let outside = config.with("database.password", "${file:/etc/hostname:x}");
    let body = json!({"name": "refused", "config": outside.clone().without("name").json()});
    let answer = rest.call(Method::POST, "/connectors", Some(&body)).await?;
    let message = answer.body["message"].as_str().unwrap_or_default();
    for part in [
        "database.password",
        "/etc/hostname",
        "allowed.paths",
        "following 1 error(s)",
    ] {
        ensure!(
            answer.status == 400 && message.contains(part),
            "{part} is not in {message}"
        );
    }

    // A restart of the task takes the password that is there now.
    pipeline
        .sql([format!("ALTER USER {user} IDENTIFIED BY '{}'", PASSWORDS[1])])
        .await?;
    secrets.write(&user, PASSWORDS[1])?;
    let restart = format!("/connectors/{name}/restart?includeTasks=true");
    rest.call(Method::POST, &restart, None).await?;
    pipeline.sql(["INSERT INTO t VALUES (2)"]).await?;
    pipeline.row("t", "id", 2).await?;

    // Without its file the task says so, and goes on when it is back.
    fs::remove_file(secrets.0.join("mysql.properties"))?;
    rest.call(Method::POST, &restart, None).await?;
    let look = async || rest.failure(&name).await;
    let reason = pipeline.worker.eventually("the task has failed", SOON, look).await?;
    ensure!(
        reason.contains("`database.password`") && reason.contains("mysql.properties cannot be read"),
        "{reason}"
    );
    let failed = told(&mut pipeline).await?;
    secrets.write(&user, PASSWORDS[1])?;
    rest.restart_failed(&name).await?;
    pipeline.sql(["INSERT INTO t VALUES (3)"]).await?;
    pipeline.row("t", "id", 3).await?;
    for told in [failed, told(&mut pipeline).await?] {
        ensure!(told[0].1.contains("TRACE"), "the log is not at the level of TRACE");
        check_secret(&told, &[PASSWORDS[0], PASSWORDS[1], LOG_IN])?;
        // The user's name is in errors and in the server's answers; as the file's it is not shown either.
        check_secret(&told, &[&user])?;
    }
    Ok(())
}
