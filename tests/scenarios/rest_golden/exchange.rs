//! [`Exchange`]: a recorded question with its answer, and how it is asked again.

use std::fs;

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Map, Value};

use super::recorded;

/// Texts of the recording that stand for others here, as a whole: the example connector after its last number, with as many
/// keys as the file source of a file that is not there.
const STAND_INS: [(&str, &str); 6] = [
    (
        "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "io.rowmill.example.NumbersConnector",
    ),
    (
        "org.apache.kafka.connect.file.FileStreamSourceTask",
        "io.rowmill.example.NumbersTask",
    ),
    ("file", "last"),
    ("/connect/in.txt", "0"),
    ("filename", "numbers"),
    ("position", "number"),
];

/// Those that are not HTTP's own affair.
const HEADERS: [&str; 3] = ["allow", "content-type", "location"];

/// A question and what was answered, with the stand-ins in place.
pub(super) struct Exchange {
    method: Method,
    path: String,
    note: String,
    content_type: Option<String>,
    accept: Option<String>,
    sent: Option<String>,
    pub(super) answer: Answer,
}

#[derive(Clone)]
pub(super) struct Answer {
    pub(super) status: u64,
    /// Those of [`HEADERS`] that there are.
    pub(super) headers: Map<String, Value>,
    pub(super) body: Value,
}

impl Exchange {
    pub(super) fn read_all() -> Result<Vec<Exchange>> {
        let definitions = serde_json::from_str(&fs::read_to_string(recorded("rest_definitions.json"))?)?;
        let text = fs::read_to_string(recorded("rest.jsonl"))?;
        text.lines().map(|line| Exchange::parse(line, &definitions)).collect()
    }

    fn parse(line: &str, definitions: &Value) -> Result<Exchange> {
        let mut line: Value = serde_json::from_str(line)?;
        let text = |key: &str| line[key].as_str().map(str::to_owned);
        let (method, path) = (text("method").context("a method")?, text("path").context("a path")?);
        let (note, content_type, accept) = (text("note"), text("content_type"), text("accept"));
        let sent = text("sent").map(|sent| match serde_json::from_str::<Value>(&sent) {
            Ok(value) => stand_in(value).to_string(),
            // Some are malformed on purpose.
            Err(_) => sent,
        });
        let mut body = line["body"].take();
        define(&mut body, definitions)?;
        Ok(Exchange {
            method: method.parse()?,
            path,
            note: note.unwrap_or_default(),
            content_type,
            accept,
            sent,
            answer: Answer {
                status: line["status"].as_u64().context("a status")?,
                headers: line["headers"].as_object().context("headers")?.clone(),
                body: stand_in(body),
            },
        })
    }

    /// What rules call it.
    pub(super) fn label(&self) -> String {
        match self.note.as_str() {
            "" => format!("{} {}", self.method, self.path),
            note => format!("{} {} ({note})", self.method, self.path),
        }
    }

    pub(super) async fn ask(&self, client: &reqwest::Client, address: &str) -> Result<Answer> {
        let mut request = client.request(self.method.clone(), format!("http://{address}{}", self.path));
        for (name, value) in [("content-type", &self.content_type), ("accept", &self.accept)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        if let Some(sent) = &self.sent {
            request = request.body(sent.clone());
        }
        let response = request.send().await.with_context(|| self.label())?;
        let status = response.status().as_u16().into();
        let header = |name: &str| Some((name.to_owned(), response.headers().get(name)?.to_str().ok()?.into()));
        let headers = HEADERS.iter().filter_map(|name| header(name)).collect();
        let text = response.text().await?;
        let body = match text.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        };
        Ok(Answer { status, headers, body })
    }

    /// The connector, as a segment of a path, that this has just sent on its way, and the state it ends in. `None` as a
    /// state: it is gone.
    pub(super) fn sends(&self) -> Option<(String, Option<String>)> {
        if self.answer.status >= 300 {
            return None;
        }
        let path = self.path.split('?').next()?;
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let state = |state: &str| Some(state.to_owned());
        match (self.method.as_str(), segments.as_slice()) {
            ("POST", ["connectors"]) => {
                let sent: Value = serde_json::from_str(self.sent.as_ref()?).ok()?;
                let initial = sent["initial_state"].as_str().unwrap_or("running").to_uppercase();
                Some((sent["name"].as_str()?.to_owned(), Some(initial)))
            }
            ("PUT", ["connectors", name, "pause"]) => Some(((*name).to_owned(), state("PAUSED"))),
            ("PUT", ["connectors", name, "stop"]) => Some(((*name).to_owned(), state("STOPPED"))),
            ("PUT" | "PATCH", ["connectors", name, "config" | "resume"])
            | ("POST", ["connectors", name, "restart" | "tasks", ..]) => Some(((*name).to_owned(), state("RUNNING"))),
            ("DELETE", ["connectors", name]) => Some(((*name).to_owned(), None)),
            _ => None,
        }
    }
}

/// Puts definitions where their names stand.
fn define(body: &mut Value, definitions: &Value) -> Result<()> {
    let configs = match body {
        Value::Object(fields) => fields.get_mut("configs").and_then(Value::as_array_mut),
        Value::Array(elements)
            if elements
                .iter()
                .all(|element| definitions[element.as_str().unwrap_or_default()].is_object()) =>
        {
            Some(elements)
        }
        _ => None,
    };
    for config in configs.into_iter().flatten() {
        let place = if config.is_object() {
            &mut config["definition"]
        } else {
            config
        };
        let name = place.as_str().context("the name of a definition")?;
        *place = definitions
            .get(name)
            .with_context(|| format!("definition {name}"))?
            .clone();
    }
    Ok(())
}

fn stand_in(value: Value) -> Value {
    let other = |text: String| match STAND_INS.iter().find(|(ours, _)| *ours == text) {
        Some((_, other)) => (*other).to_owned(),
        None => text,
    };
    match value {
        Value::String(text) => other(text).into(),
        Value::Array(elements) => elements.into_iter().map(stand_in).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (other(name), stand_in(value)))
            .collect(),
        value => value,
    }
}
