//! Servers that speak MySQL's protocol and are none: their binlog is another, and nothing of it may be taken for MySQL's.

use anyhow::{Result, ensure};
use harness::connector::ConnectorConfig;
use harness::diary::{Diary, TABLE};
use harness::names::Names;
use harness::pipeline::SOON;
use harness::stack::Stack;
use harness::tcp_proxy::TcpProxy;
use reqwest::Method;
use serde_json::json;

/// The words of the refusal, and the keys that name another server.
const REFUSAL: [&str; 3] = ["MariaDB (10.11", "database.hostname", "database.port"];

fn ensure_refusal(text: &str) -> Result<()> {
    let missing: Vec<_> = REFUSAL.iter().filter(|word| !text.contains(**word)).collect();
    ensure!(missing.is_empty(), "no {missing:?} in: {text}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_is_refused_by_name() -> Result<()> {
    let stack = Stack::shared()?;
    let mariadb = stack.with_mysql_of_version("mariadb", "mariadb-10.11")?;
    let proxy = TcpProxy::to(stack.mysql_port()?).await?;
    let port = proxy.port().to_string();
    let mut diary = Diary::begin(&stack, "mariadb", |config| config.with("database.port", &port)).await?;

    let rest = diary.pipeline.rest()?;
    let names = Names::new("mariadb_at_first");
    let config = ConnectorConfig::mysql(&mariadb.stack, &names)?.json();
    let body = json!({"name": names.connector(), "config": config});
    let answer = rest.call(Method::POST, "/connectors", Some(&body)).await?;
    ensure!(answer.status == 400, "created: {} {}", answer.status, answer.body);
    ensure_refusal(&answer.body.to_string())?;

    // Somebody moves the address of a running connector.
    proxy.retarget(mariadb.stack.mysql_port()?);
    proxy.cut();
    ensure_refusal(&diary.pipeline.failure().await?)?;
    diary.pipeline.worker.kill()?;
    diary.pipeline.worker.start().await?;
    ensure_refusal(&diary.pipeline.failure().await?)?;

    proxy.retarget(stack.mysql_port()?);
    diary.write(5, "back on MySQL").await?;
    let rest = diary.pipeline.rest()?;
    rest.restart_failed(diary.pipeline.names.connector()).await?;
    diary.arrives(SOON).await?;
    let events = diary.pipeline.events(TABLE).await?;
    ensure!(events.len() == 15, "{} events of 15", events.len());
    diary.ends_complete().await
}
