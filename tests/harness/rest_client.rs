//! [`RestClient`]: what one asks a worker over HTTP.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use crate::metrics::Metrics;

/// A worker's REST interface.
#[derive(Debug, Clone)]
pub struct RestClient {
    base: String,
    client: reqwest::Client,
}

/// What the trace of a failed task says that tries on.
pub const BY_ITSELF: &str = "The task starts again by itself in";

/// A status code and a body; `Null` when there was none.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl RestClient {
    /// The worker that listens on this port of 127.0.0.1.
    pub fn new(port: u16) -> Result<Self> {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(100)).build()?;
        Ok(RestClient {
            base: format!("http://127.0.0.1:{port}"),
            client,
        })
    }

    /// The same worker, waited for no longer than this.
    pub fn with_patience(&self, patience: Duration) -> Result<Self> {
        Ok(RestClient {
            base: self.base.clone(),
            client: reqwest::Client::builder().timeout(patience).build()?,
        })
    }

    /// Any call.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer> {
        self.call_text(method, path, body.map(Value::to_string)).await
    }

    /// Any call, also with a body that is no JSON.
    pub async fn call_text(&self, method: Method, path: &str, body: Option<String>) -> Result<Answer> {
        let json = [("content-type", "application/json")];
        let headers = if body.is_some() { &json[..] } else { &[] };
        self.call_with(method, path, headers, body).await
    }

    /// Any call, with exactly these headers beside those of HTTP itself.
    pub async fn call_with(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<Answer> {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let answer = request.send().await.with_context(|| format!("{method} {path}"))?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        let body = match text.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
        };
        Ok(Answer { status, body })
    }

    async fn expect(&self, method: Method, path: &str, body: Option<&Value>, status: u16) -> Result<Value> {
        let answer = self.call(method.clone(), path, body).await?;
        ensure!(
            answer.status == status,
            "{method} {path}: {status} expected, got {} {}",
            answer.status,
            answer.body
        );
        Ok(answer.body)
    }

    /// `GET path`, 200.
    pub async fn read(&self, path: &str) -> Result<Value> {
        self.expect(Method::GET, path, None, 200).await
    }

    /// A text resource, such as `/metrics`.
    pub async fn read_text(&self, path: &str) -> Result<String> {
        Ok(self
            .client
            .get(format!("{}{path}", self.base))
            .send()
            .await?
            .error_for_status()?
            .text()
            .await?)
    }

    /// `GET /metrics`.
    pub async fn metrics(&self) -> Result<Metrics> {
        Ok(Metrics(self.read_text("/metrics").await?))
    }

    /// `POST /connectors`.
    pub async fn create(&self, name: &str, config: &Value) -> Result<Value> {
        self.expect(
            Method::POST,
            "/connectors",
            Some(&json!({"name": name, "config": config})),
            201,
        )
        .await
    }

    /// `PUT /connectors/{name}/config` of a connector that exists.
    pub async fn reconfigure(&self, name: &str, config: &Value) -> Result<Value> {
        self.expect(Method::PUT, &format!("/connectors/{name}/config"), Some(config), 200)
            .await
    }

    /// `DELETE /connectors/{name}`.
    pub async fn delete(&self, name: &str) -> Result<()> {
        self.expect(Method::DELETE, &format!("/connectors/{name}"), None, 204)
            .await
            .map(|_| ())
    }

    /// `PUT /connectors/{name}/pause`, `resume`, `stop`.
    pub async fn ask(&self, name: &str, what: &str) -> Result<()> {
        let status = if what == "stop" { 204 } else { 202 };
        self.expect(Method::PUT, &format!("/connectors/{name}/{what}"), None, status)
            .await
            .map(|_| ())
    }

    /// `POST /connectors/{name}/restart` of what has failed.
    pub async fn restart_failed(&self, name: &str) -> Result<()> {
        let path = format!("/connectors/{name}/restart?includeTasks=true&onlyFailed=true");
        self.expect(Method::POST, &path, None, 202).await.map(|_| ())
    }

    /// `GET /connectors/{name}/status`.
    pub async fn status(&self, name: &str) -> Result<Value> {
        self.read(&format!("/connectors/{name}/status")).await
    }

    /// Succeeds when connector and task 0 run.
    pub async fn is_running(&self, name: &str) -> Result<()> {
        self.is_in(name, "RUNNING").await
    }

    /// Succeeds when connector and task 0 are in `state`.
    pub async fn is_in(&self, name: &str, state: &str) -> Result<()> {
        let status = self.status(name).await?;
        let connector = status["connector"]["state"].as_str();
        let task = status["tasks"][0]["state"].as_str();
        ensure!(connector == Some(state) && task == Some(state), "status is {status}");
        Ok(())
    }

    /// The trace of task 0 when it has failed, for good or until it starts again by itself; an error otherwise.
    pub async fn failure(&self, name: &str) -> Result<String> {
        let status = self.status(name).await?;
        match (
            status["tasks"][0]["state"].as_str(),
            status["tasks"][0]["trace"].as_str(),
        ) {
            (Some("FAILED"), Some(trace)) => Ok(trace.to_owned()),
            _ => bail!("status is {status}"),
        }
    }

    /// `GET /connectors/{name}/offsets`: the one offset, `Null` if there is none.
    pub async fn offset(&self, name: &str) -> Result<Value> {
        let answer = self.read(&format!("/connectors/{name}/offsets")).await?;
        Ok(answer["offsets"][0]["offset"].clone())
    }
}
