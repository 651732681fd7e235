//! What Kafka Connect answered over REST, ours answers too: `tests/recordings/rest.jsonl`, asked again in its order.
//!
//! Status codes, the headers that say something, and bodies must be equal field by field, apart from what [`Side::normal`]
//! calls volatile and what `tests/recordings/rest_differences.json` names, each with its reason. The recorded worker ran
//! Kafka's file source; [`exchange`] says what ours runs in its place. Definitions of keys, which many answers repeat, are
//! in `tests/recordings/rest_definitions.json` once.

mod exchange;
mod normal_form;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::difference::{Difference, Rules, differences};
use harness::names::Names;
use harness::pipeline::SOON;
use harness::rest_client::RestClient;
use harness::stack::Stack;
use harness::worker_process::WorkerProcess;
use reqwest::Method;
use serde_json::Value;

use exchange::{Answer, Exchange};
use normal_form::Side;

/// The address of the recorded worker.
const RECORDED_ADDRESS: &str = "127.0.0.1:18083";

fn recorded(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings").join(name)
}

fn unexplained(exchange: &Exchange, actual: &Answer, address: &str, rules: &mut Rules) -> Vec<Difference> {
    let mut actual = actual.clone();
    // The recorder did not keep all headers.
    actual
        .headers
        .retain(|name, _| exchange.answer.headers.contains_key(name));
    let expected = Side {
        address: RECORDED_ADDRESS,
    }
    .normal(&exchange.answer);
    let found = differences(&expected, &Side { address }.normal(&actual));
    let label = exchange.label();
    found
        .into_iter()
        .filter(|difference| !rules.explain(&label, difference))
        .collect()
}

/// Succeeds when the connector and all tasks that it should have are in `state`.
async fn is_there(rest: &RestClient, connector: &str, state: Option<&str>) -> Result<()> {
    let path = format!("/connectors/{connector}/status");
    let seen = rest.call(Method::GET, &path, None).await?;
    let Some(state) = state else {
        ensure!(seen.status == 404, "the connector has a status: {}", seen.body);
        return Ok(());
    };
    let info = rest.read(&format!("/connectors/{connector}")).await?;
    let tasks = seen.body["tasks"].as_array().context("tasks in the status")?;
    let is_there = seen.body["connector"]["state"] == state
        && tasks.iter().all(|task| task["state"] == state)
        && info["tasks"]
            .as_array()
            .is_some_and(|planned| planned.len() == tasks.len())
        && (state != "RUNNING" || !tasks.is_empty());
    ensure!(is_there, "status is {} and the connector {info}", seen.body);
    // The first commit of the example connector is part of its start.
    let offset = rest.offset(connector).await?;
    ensure!(state != "RUNNING" || offset.is_object(), "no offset is stored");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn connect_s_recorded_answers_are_ours() -> Result<()> {
    let exchanges = Exchange::read_all()?;
    let mut rules = Rules::read(&recorded("rest_differences.json"))?;
    let stack = Stack::shared()?;
    let mut worker = WorkerProcess::new(&stack, &Names::new("rest_golden"))?;
    worker.start().await?;
    let rest = worker.rest()?;
    let info = rest.read("/rowmill/info").await?;
    let address = info["worker_id"].as_str().context("the worker's address")?;
    let client = reqwest::Client::builder().timeout(Duration::from_secs(100)).build()?;
    let mut problems = Vec::new();
    for exchange in &exchanges {
        let label = exchange.label();
        let actual = exchange
            .ask(&client, address)
            .await
            .map_err(|error| worker.explain(error))?;
        let found = unexplained(exchange, &actual, address, &mut rules);
        problems.extend(found.into_iter().map(|difference| format!("{label}: {difference}")));
        if let Some((connector, state)) = exchange.sends() {
            let what = format!("{connector} is {} after {label}", state.as_deref().unwrap_or("gone"));
            let look = async || is_there(&rest, &connector, state.as_deref()).await;
            if let Err(error) = worker.eventually(&what, SOON, look).await {
                problems.push(format!("{error:#}"));
                break;
            }
        }
    }
    problems.extend(
        rules
            .unused()
            .map(|name| format!("rest_differences.json: {name} explains nothing")),
    );
    ensure!(
        problems.is_empty(),
        "{} differences from Kafka Connect:\n{}",
        problems.len(),
        problems.join("\n")
    );
    Ok(())
}

/// The comparison itself must notice: every answer equals itself, and no longer when something in it is another.
#[test]
fn an_answer_differs_from_a_changed_copy_of_itself() -> Result<()> {
    let mut rules = Rules::default();
    for exchange in Exchange::read_all()? {
        let mut notices = |answer: &Answer| !unexplained(&exchange, answer, RECORDED_ADDRESS, &mut rules).is_empty();
        let label = exchange.label();
        let answer = &exchange.answer;
        ensure!(!notices(answer), "{label} differs from itself");
        let status = Answer {
            status: answer.status + 1,
            ..answer.clone()
        };
        ensure!(notices(&status), "{label}: another status goes unnoticed");
        let body = Answer {
            body: changed(&answer.body),
            ..answer.clone()
        };
        ensure!(notices(&body), "{label}: another body goes unnoticed");
        for name in answer.headers.keys() {
            let mut header = answer.clone();
            header.headers[name] = "other".into();
            ensure!(notices(&header), "{label}: another {name} goes unnoticed");
        }
    }
    Ok(())
}

/// Changes the last leaf of a body that is no worker's own.
fn changed(body: &Value) -> Value {
    let mut body = body.clone();
    match &mut body {
        Value::Array(elements) if !elements.is_empty() => {
            let last = elements.len() - 1;
            elements[last] = changed(&elements[last]);
        }
        Value::Object(fields) if !fields.is_empty() => {
            let own: &[&str] = match fields.contains_key("worker_id") {
                true => &["worker_id", "version"],
                false => &["commit", "kafka_cluster_id", "documentation"],
            };
            if let Some((_, value)) = fields.iter_mut().rfind(|(name, _)| !own.contains(&name.as_str())) {
                *value = changed(value);
            }
        }
        leaf => *leaf = "other".into(),
    }
    body
}
