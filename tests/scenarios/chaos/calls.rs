//! [`Caller`]: random calls of every REST route, legal and not.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, ensure};
use harness::rest_client::{Answer, RestClient};
use harness::worker_process::WorkerProcess;
use rand::Rng;
use rand::rngs::StdRng;
use reqwest::Method;
use serde_json::{Value, json};

use super::troupe::Troupe;
use super::wish::{Outcome, Wish};

/// How long a caller waits: shorter than the worker tries, so that calls overlap.
const PATIENCE: Duration = Duration::from_secs(4);

/// Routes that only read; `NAME` stands for a connector.
const READS: [&str; 19] = [
    "/",
    "/health",
    "/connectors",
    "/connectors/?expand=status&expand=info",
    "/connectors/NAME",
    "/connectors/NAME/config",
    "/connectors/NAME/status",
    "/connectors/NAME/tasks",
    "/connectors/NAME/tasks/0/status",
    "/connectors/NAME/topics",
    "/connectors/NAME/offsets",
    "/connector-plugins",
    "/connector-plugins?connectorsOnly=false",
    "/connector-plugins/MySqlConnector/config",
    "/admin/loggers",
    "/admin/loggers/worker",
    "/metrics",
    "/rowmill/info",
    "/rowmill/connectors/NAME/check",
];

/// What must never be carried out: method, route, body.
const NONSENSE: [(&str, &str, &str); 24] = [
    ("GET", "/nowhere", ""),
    ("GET", "/connectors/nobody/status", ""),
    ("GET", "/connectors/NAME/tasks/7/status", ""),
    ("GET", "/connectors/NAME/tasks/x/status", ""),
    ("GET", "/connectors/a%2Fb", ""),
    ("GET", "/admin/loggers/no.such", ""),
    ("DELETE", "/connectors", ""),
    ("DELETE", "/connectors/nobody", ""),
    ("POST", "/connectors", ""),
    ("POST", "/connectors", "{"),
    ("POST", "/connectors", "[]"),
    ("POST", "/connectors", r#"{"name": "x"}"#),
    (
        "POST",
        "/connectors",
        r#"{"name": "x", "config": {"connector.class": "no.such.Class"}}"#,
    ),
    (
        "POST",
        "/connectors",
        r#"{"name": "x", "config": {"connector.class": "NumbersConnector", "batch": "x"}}"#,
    ),
    (
        "POST",
        "/connectors",
        r#"{"name": "x", "initial_state": "WAT", "config": {}}"#,
    ),
    (
        "PUT",
        "/connectors/NAME/config",
        r#"{"name": "another", "connector.class": "NumbersConnector"}"#,
    ),
    ("PUT", "/connectors/NAME/config", r#"{"topic": {"nested": 1}}"#),
    ("PATCH", "/connectors/NAME/config", r#"{"name": "another"}"#),
    ("PATCH", "/connectors/NAME/offsets", r#"{"offsets": []}"#),
    (
        "PATCH",
        "/connectors/NAME/offsets",
        r#"{"offsets": [{"partition": 7, "offset": {}}]}"#,
    ),
    ("PUT", "/connectors/nobody/pause", ""),
    ("POST", "/connectors/nobody/restart", ""),
    ("PUT", "/connector-plugins/NoConnector/config/validate", "{}"),
    ("PUT", "/admin/loggers/worker", r#"{"level": "SHOUTED"}"#),
];

/// A call, and what it makes of the connector.
type Change = (Method, String, Option<Value>, fn(Wish) -> Wish);

/// Calls one after the other, so that there is a last one.
pub(super) struct Caller {
    rest: RestClient,
    random: StdRng,
    answers: BTreeMap<String, u32>,
}

impl Caller {
    pub(super) fn new(worker: &WorkerProcess, random: StdRng) -> Result<Caller> {
        Ok(Caller {
            rest: worker.rest()?.with_patience(PATIENCE)?,
            random,
            answers: BTreeMap::new(),
        })
    }

    /// Between two calls.
    pub(super) fn rest(&mut self) -> Duration {
        Duration::from_millis(self.random.random_range(0..120))
    }

    /// How often which status was answered; 0 is none within the caller's patience.
    pub(super) fn summary(&self) -> String {
        format!("answers: {:?}", self.answers)
    }

    /// One call, whatever it is.
    pub(super) async fn call(&mut self, troupe: &mut Troupe) -> Result<()> {
        let member = self.random.random_range(0..troupe.size());
        match self.random.random_range(0..100) {
            0..30 => self.read(troupe.name(member)).await,
            30..50 => self.nonsense(troupe.name(member)).await,
            _ => self.change(troupe, member).await,
        }
    }

    async fn ask(&mut self, method: Method, path: &str, body: Option<&Value>) -> Option<Answer> {
        self.ask_text(method, path, body.map(Value::to_string)).await
    }

    async fn ask_text(&mut self, method: Method, path: &str, body: Option<String>) -> Option<Answer> {
        let answer = self.rest.call_text(method.clone(), path, body).await.ok();
        let status = answer.as_ref().map_or(0, |answer| answer.status);
        *self.answers.entry(format!("{method} {status}")).or_default() += 1;
        answer
    }

    async fn read(&mut self, name: &str) -> Result<()> {
        let path = READS[self.random.random_range(0..READS.len())].replace("NAME", name);
        self.ask(Method::GET, &path, None).await;
        Ok(())
    }

    async fn nonsense(&mut self, name: &str) -> Result<()> {
        let (method, path, body) = NONSENSE[self.random.random_range(0..NONSENSE.len())];
        let path = path.replace("NAME", name);
        let sent = (method != "GET").then(|| body.to_owned());
        let answer = self.ask_text(method.parse()?, &path, sent).await;
        if let Some(answer) = answer {
            let is_refused = answer.status >= 400 && answer.body["message"].is_string();
            ensure!(is_refused, "{method} {path} {body}: {} {}", answer.status, answer.body);
        }
        Ok(())
    }

    async fn change(&mut self, troupe: &mut Troupe, member: usize) -> Result<()> {
        let (method, path, body, becomes) = self.any_change(troupe, member);
        let answer = self.ask(method, &path, body.as_ref()).await;
        let outcome = Outcome::of(answer.map(|answer| answer.status));
        troupe.wishes(member).called(outcome, becomes);
        Ok(())
    }

    fn any_change(&mut self, troupe: &Troupe, member: usize) -> Change {
        let (name, config) = (troupe.name(member).to_owned(), troupe.config(member));
        let at = |what: &str| format!("/connectors/{name}{what}");
        match self.random.random_range(0..100) {
            0..12 => (Method::PUT, at("/pause"), None, paused),
            12..34 => (Method::PUT, at("/resume"), None, |wish| {
                only_if_there(wish, Wish::Running)
            }),
            34..44 => (Method::PUT, at("/stop"), None, |wish| {
                only_if_there(wish, Wish::Stopped)
            }),
            44..54 => (Method::DELETE, at(""), None, |_| Wish::Absent),
            54..62 => (
                Method::POST,
                "/connectors".into(),
                Some(created(&name, config, None)),
                started,
            ),
            62..65 => (
                Method::POST,
                "/connectors".into(),
                Some(created(&name, config, Some("PAUSED"))),
                |_| Wish::PausedWithoutTasks,
            ),
            65..68 => (
                Method::POST,
                "/connectors".into(),
                Some(created(&name, config, Some("STOPPED"))),
                |_| Wish::Stopped,
            ),
            68..74 => (Method::PUT, at("/config"), Some(config), started),
            74..78 => {
                let delay = self.random.random_range(1..9).to_string();
                (
                    Method::PATCH,
                    at("/config"),
                    Some(json!({"errors.retry.delay.max.ms": delay})),
                    |wish| wish,
                )
            }
            78..84 => (Method::POST, at("/restart"), None, |wish| wish),
            84..90 => (Method::POST, at("/restart?includeTasks=true"), None, |wish| wish),
            90..94 => (Method::POST, at("/tasks/0/restart"), None, |wish| wish),
            94..96 => (Method::PUT, at("/topics/reset"), None, |wish| wish),
            96..98 => (
                Method::PUT,
                "/admin/loggers/worker".into(),
                Some(json!({"level": "INFO"})),
                |wish| wish,
            ),
            98 if troupe.is_restless(member) => (Method::DELETE, at("/offsets"), None, |wish| wish),
            _ if troupe.is_restless(member) => {
                let number = self.random.random_range(1..1000);
                let offset = json!({"partition": {"numbers": name}, "offset": {"number": number}});
                (
                    Method::PATCH,
                    at("/offsets"),
                    Some(json!({"offsets": [offset]})),
                    |wish| wish,
                )
            }
            // Those of MySQL are asked about their server, which may be away.
            _ => (
                Method::PUT,
                format!("/connector-plugins/{}/config/validate", class(&config)),
                Some(config),
                |wish| wish,
            ),
        }
    }
}

/// The last part of a connector's class.
fn class(config: &Value) -> String {
    let whole = config["connector.class"].as_str().unwrap_or_default();
    whole.rsplit('.').next().unwrap_or_default().to_owned()
}

fn only_if_there(before: Wish, after: Wish) -> Wish {
    if before == Wish::Absent { Wish::Absent } else { after }
}

/// What runs rests; what has made no tasks makes none.
fn paused(before: Wish) -> Wish {
    match before {
        Wish::Absent => Wish::Absent,
        Wish::Running | Wish::Paused => Wish::Paused,
        Wish::Stopped | Wish::PausedWithoutTasks => Wish::PausedWithoutTasks,
    }
}

/// A connector that is not there begins to run; one that is there keeps its state.
fn started(before: Wish) -> Wish {
    only_if_absent(before, Wish::Running)
}

fn only_if_absent(before: Wish, after: Wish) -> Wish {
    if before == Wish::Absent { after } else { before }
}

fn created(name: &str, config: Value, initial_state: Option<&str>) -> Value {
    let mut body = json!({"name": name, "config": config});
    if let Some(state) = initial_state {
        body["initial_state"] = state.into();
    }
    body
}
