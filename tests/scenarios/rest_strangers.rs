//! What a web page can make its reader's browser send to a worker on the same machine, and what it must not come to.

use anyhow::{Result, ensure};
use harness::connector::ConnectorConfig;
use harness::names::Names;
use harness::pipeline::SOON;
use harness::rest_client::RestClient;
use harness::stack::Stack;
use harness::worker_process::WorkerProcess;
use reqwest::Method;
use serde_json::json;

const CANARY: &str = "canary-of-a-password";

type Headers = &'static [(&'static str, &'static str)];

/// A running connector whose configuration holds a secret.
struct Secretive {
    names: Names,
    worker: WorkerProcess,
    rest: RestClient,
}

impl Secretive {
    async fn begin(about: &str, more: Option<(&str, &str)>) -> Result<Secretive> {
        let names = Names::new(about);
        let mut worker = WorkerProcess::new(&Stack::shared()?, &names)?;
        if let Some((key, value)) = more {
            worker = worker.with(key, value);
        }
        worker.start().await?;
        let rest = worker.rest()?;
        let config = ConnectorConfig::numbers(&names.topic("numbers")).with("some.password", CANARY);
        rest.create(names.connector(), &config.json()).await?;
        let secretive = Secretive { names, worker, rest };
        secretive.is_in("RUNNING").await?;
        Ok(secretive)
    }

    async fn is_in(&self, state: &str) -> Result<()> {
        let look = async || self.rest.is_in(self.names.connector(), state).await;
        self.worker.eventually(&format!("it is {state}"), SOON, look).await
    }

    /// Sends it, `CONNECTOR` in the path being the connector's name, and expects a JSON body with every refusal.
    async fn check(&self, method: Method, path: &str, headers: Headers, body: Option<&str>, status: u16) -> Result<()> {
        let path = path.replace("CONNECTOR", self.names.connector());
        let body = body.map(|body| body.replace("CONNECTOR", self.names.connector()));
        let answer = self.rest.call_with(method.clone(), &path, headers, body).await?;
        let is_right = answer.status == status && (status < 300 || answer.body["error_code"] == status);
        let is_silent = status < 300 || !answer.body.to_string().contains(CANARY);
        ensure!(
            is_right && is_silent,
            "{method} {path} with {headers:?}: {status} expected, got {} {}",
            answer.status,
            answer.body
        );
        Ok(())
    }
}

const REBOUND: Headers = &[("host", "rebound.example:8083")];
const FOREIGN_TEXT: Headers = &[("origin", "https://evil.example"), ("content-type", "text/plain")];
const FOREIGN_JSON: Headers = &[("origin", "https://evil.example"), ("content-type", "application/json")];
const CROSS_SITE: Headers = &[("sec-fetch-site", "cross-site")];
const SANDBOXED: Headers = &[("origin", "null")];

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_site_neither_reads_nor_changes_anything() -> Result<()> {
    let worker = Secretive::begin("strangers", None).await?;
    let new = r#"{"name": "new", "config": {"connector.class": "NumbersConnector", "topic": "CONNECTOR-new"}}"#;
    for headers in [REBOUND, FOREIGN_TEXT, FOREIGN_JSON, CROSS_SITE, SANDBOXED] {
        let config = "/connectors/CONNECTOR/config";
        worker.check(Method::GET, config, headers, None, 403).await?;
        worker
            .check(Method::POST, "/connectors", headers, Some(new), 403)
            .await?;
        for (method, path) in [
            (Method::POST, "/connectors/CONNECTOR/restart?includeTasks=true"),
            (Method::PUT, "/connectors/CONNECTOR/stop"),
            (Method::PUT, "/connectors/CONNECTOR/pause"),
            (Method::DELETE, "/connectors/CONNECTOR"),
            (Method::PUT, "/admin/loggers/root"),
            (Method::GET, "/metrics"),
            (Method::OPTIONS, "/connectors"),
        ] {
            worker.check(method, path, headers, None, 403).await?;
        }
    }
    // What a page could send as if it came from nowhere.
    for headers in [&[][..], &[("content-type", "text/plain")]] {
        worker
            .check(Method::POST, "/connectors", headers, Some(new), 415)
            .await?;
        worker
            .check(Method::POST, "/connectors/CONNECTOR/restart", headers, Some("x"), 415)
            .await?;
    }
    let connectors = worker.rest.read("/connectors").await?;
    ensure!(
        connectors == json!([worker.names.connector()]),
        "there are {connectors}"
    );
    worker.is_in("RUNNING").await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clients_there_are_go_on_working() -> Result<()> {
    let worker = Secretive::begin("known_clients", None).await?;
    let form: Headers = &[("content-type", "application/x-www-form-urlencoded")];
    let json: Headers = &[("content-type", "application/json"), ("accept", "application/json")];
    let own_page: Headers = &[("host", "localhost:8083"), ("origin", "http://localhost:8083")];
    let typed_by_hand: Headers = &[("sec-fetch-site", "none"), ("accept", "text/html,*/*;q=0.8")];
    for headers in [&[][..], form, json, own_page] {
        for (path, status, state) in [("pause", 202, "PAUSED"), ("resume", 202, "RUNNING")] {
            let path = format!("/connectors/CONNECTOR/{path}");
            worker.check(Method::PUT, &path, headers, None, status).await?;
            worker.is_in(state).await?;
        }
        worker
            .check(Method::POST, "/connectors/CONNECTOR/restart", headers, None, 204)
            .await?;
        worker.is_in("RUNNING").await?;
    }
    worker
        .check(Method::POST, "/connectors/CONNECTOR/restart", json, Some("{}"), 204)
        .await?;
    worker
        .check(Method::GET, "/connectors/CONNECTOR/config", typed_by_hand, None, 200)
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn origins_that_the_operator_allows_are_served() -> Result<()> {
    let allowed = ("access.control.allow.origin", "https://evil.example");
    let worker = Secretive::begin("known_origin", Some(allowed)).await?;
    let config = "/connectors/CONNECTOR/config";
    worker.check(Method::GET, config, FOREIGN_JSON, None, 200).await?;
    worker.check(Method::GET, config, SANDBOXED, None, 403).await?;
    worker.check(Method::GET, config, REBOUND, None, 403).await
}
