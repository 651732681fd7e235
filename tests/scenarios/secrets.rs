//! Passwords and log-ins are shown to nobody but the servers they are for.

use anyhow::{Context, Result, ensure};
use harness::connector::ConnectorConfig;
use harness::pipeline::Pipeline;
use harness::stack::Stack;
use reqwest::Method;
use serde_json::{Value, json};

/// A password appears where clients depend on it, in the echo of the configuration, and nowhere else.
#[tokio::test(flavor = "multi_thread")]
async fn they_are_neither_logged_nor_measured_nor_told() -> Result<()> {
    const CANARY: &str = "canary-9b1f6c";
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, "rest_secrets")?;
    pipeline.sql(["CREATE TABLE t (id INT PRIMARY KEY)"]).await?;
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?.with("database.password", CANARY);
    let body = json!({"name": pipeline.names.connector(), "config": config.json()});
    pipeline.worker.start().await?;
    let rest = pipeline.rest()?;
    // Whether it is refused at once or fails later: the server does not know this password.
    let answer = rest.call(Method::POST, "/connectors", Some(&body)).await?;
    if answer.status == 201 {
        let reason = pipeline.failure().await?;
        ensure!(!reason.contains(CANARY), "the trace has it: {reason}");
        let check = rest
            .call(
                Method::GET,
                &format!("/rowmill/connectors/{}/check", pipeline.names.connector()),
                None,
            )
            .await?;
        ensure!(!check.body.to_string().contains(CANARY), "the check has it");
    } else {
        ensure!(
            !answer.body.to_string().contains(CANARY),
            "the refusal has it: {}",
            answer.body
        );
    }
    ensure!(
        !rest.read_text("/metrics").await?.contains(CANARY),
        "the metrics have it"
    );
    ensure!(!pipeline.worker.log()?.contains(CANARY), "the log has it");
    Ok(())
}

/// The same for a pipeline that works, and that tells as much as it can of itself.
#[tokio::test(flavor = "multi_thread")]
async fn those_of_a_working_pipeline_are_not_told_at_the_most_talkative_level() -> Result<()> {
    // Twice the second one: as it is configured, and as a header of HTTP carries it.
    const CANARIES: [&str; 3] = ["canary-7e03aa", "canary-5d20e4", "cmVhZGVyOmNhbmFyeS01ZDIwZTQ"];
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, "rest_trace")?;
    let user = format!("u{}", pipeline.names.own.rsplit_once("trace_").context("a name")?.1);
    let privileges = "SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT, SHUTDOWN";
    pipeline
        .sql([
            "CREATE TABLE t (id INT PRIMARY KEY)",
            "INSERT INTO t VALUES (1)",
            &format!("CREATE USER {user} IDENTIFIED BY '{}'", CANARIES[0]),
            &format!("GRANT {privileges} ON *.* TO {user}"),
        ])
        .await?;
    let login = format!("reader:{}", CANARIES[1]);
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?
        .with("name", pipeline.names.connector())
        .with("database.user", &user)
        .with("database.password", CANARIES[0])
        .with("key.converter.basic.auth.credentials.source", "USER_INFO")
        .with("key.converter.basic.auth.user.info", &login)
        .with("value.converter.basic.auth.credentials.source", "USER_INFO")
        .with("value.converter.basic.auth.user.info", &login)
        .with("tombstones.on.delte", "false");
    pipeline.worker.start().await?;
    let rest = pipeline.rest()?;
    let trace = json!({"level": "TRACE"});
    let set = rest.call(Method::PUT, "/admin/loggers/root", Some(&trace)).await?;
    ensure!(set.status == 200, "TRACE: {} {}", set.status, set.body);
    pipeline.create(&config).await?;
    pipeline.row("t", "id", 1).await?;
    pipeline.sql(["INSERT INTO t VALUES (2)"]).await?;
    pipeline.row("t", "id", 2).await?;

    let name = pipeline.names.connector();
    let check = rest.read(&format!("/rowmill/connectors/{name}/check")).await?;
    let warnings = || {
        check["warnings"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
    };
    for (of, advice) in [
        ("tombstones.on.delte", "`tombstones.on.delete`"),
        ("SHUTDOWN", "REVOKE SHUTDOWN ON *.* FROM"),
    ] {
        let mut given = warnings().filter(|text| text.contains(of));
        ensure!(
            given.any(|text| text.contains(advice)),
            "`{advice}` is not said of {of}: {check}"
        );
    }
    let validate = "/connector-plugins/MySqlConnector/config/validate";
    let validated = rest.call(Method::PUT, validate, Some(&config.json())).await?;
    ensure!(validated.status == 200, "{} {}", validated.status, validated.body);
    let log = pipeline.worker.log()?;
    ensure!(log.contains("TRACE"), "the log is not at the level of TRACE");
    let shown = [
        ("the check", check.to_string()),
        ("the validation", validated.body.to_string()),
        ("the status", rest.status(name).await?.to_string()),
        ("the metrics", rest.read_text("/metrics").await?),
        ("the worker's properties", rest.read("/rowmill/info").await?.to_string()),
        ("the log", log),
    ];
    for (place, text) in shown {
        for canary in CANARIES {
            let line = text.lines().find(|line| line.contains(canary));
            ensure!(line.is_none(), "{place} has {canary}: {}", line.unwrap_or_default());
        }
    }
    Ok(())
}
