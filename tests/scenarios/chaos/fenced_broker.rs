//! The only broker is suspended, fenced by its controller, and comes back slowly: it answers, and leads nothing for a while. Every
//! reader and every writer of the worker comes back by itself.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use harness::connector::ConnectorConfig;
use harness::diary::Diary;
use harness::eventually::eventually;
use harness::pipeline::SOON;
use harness::rest_client::RestClient;
use harness::stack::PrivateStack;
use reqwest::Method;
use serde_json::{Value, json};

/// How long a request may wait for a cluster that has just come back.
const REQUEST: Duration = Duration::from_secs(40);

async fn call(rest: &RestClient, method: Method, path: &str, body: Option<&Value>, status: u16) -> Result<()> {
    let answer = tokio::time::timeout(REQUEST, rest.call(method.clone(), path, body)).await??;
    ensure!(
        answer.status == status,
        "{method} {path}: {} {}",
        answer.status,
        answer.body
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_carried_out_and_rows_arrive_after_the_broker_was_fenced() -> Result<()> {
    let stack = Arc::new(PrivateStack::with_own_controller("fenced")?);
    let mut diary = Diary::begin(&stack.stack, "fenced", |config| config).await?;
    let rest = diary.pipeline.rest()?;
    let (name, topic) = (
        diary.pipeline.names.connector().to_owned(),
        diary.pipeline.names.topic("numbers"),
    );
    for round in 0..2 {
        let fencings = stack.fencings()?;
        let table = format!("new_{round}");
        let create = format!("CREATE TABLE {table} (id BIGINT PRIMARY KEY)");
        diary.pipeline.sql([create]).await?;
        let fenced = Arc::clone(&stack);
        let slow = tokio::task::spawn_blocking(move || fenced.fence_broker());
        eventually("the controller has fenced the broker", SOON, async || {
            ensure!(stack.fencings()? > fencings, "it has not");
            Ok(())
        })
        .await?;
        // Its topic is asked for when there is no broker to put it on.
        diary.pipeline.sql([format!("INSERT INTO {table} VALUES (1)")]).await?;
        slow.await??;
        diary.write(20, "behind the fence").await?;
        let other = format!("other-{round}");
        let config = json!({
            "name": other,
            "initial_state": "STOPPED",
            "config": ConnectorConfig::numbers(&topic).json(),
        });
        let created = call(&rest, Method::POST, "/connectors", Some(&config), 201).await;
        created.map_err(|error| diary.pipeline.worker.explain(error))?;
        // Each of these has to be read back: the configuration, the offsets, the state.
        call(
            &rest,
            Method::DELETE,
            &format!("/connectors/{other}/offsets"),
            None,
            200,
        )
        .await?;
        call(&rest, Method::DELETE, &format!("/connectors/{other}"), None, 204).await?;
        call(&rest, Method::GET, &format!("/connectors/{other}"), None, 404).await?;
        call(&rest, Method::GET, "/health", None, 200).await?;
        diary.arrives(SOON).await?;
        diary.pipeline.row(&table, "id", 1).await?;
        rest.ask(&name, "pause").await?;
        let look = async || rest.is_in(&name, "PAUSED").await;
        diary
            .pipeline
            .worker
            .eventually("the pause is shown", SOON, look)
            .await?;
        rest.ask(&name, "resume").await?;
        diary.pipeline.is_running().await?;
    }
    diary.ends_complete().await
}
