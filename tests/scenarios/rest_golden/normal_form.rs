//! What can be compared of an answer.

use serde_json::{Map, Value, json};

use super::exchange::Answer;

/// The worker that has answered.
pub(super) struct Side<'a> {
    pub(super) address: &'a str,
}

impl Side<'_> {
    /// What can be compared of an answer. Not what is each worker's own: its address, its commit, the cluster's id, the
    /// version of the plugin that runs, and how a key is described; nor the order of names, plugins and keys.
    pub(super) fn normal(&self, answer: &Answer) -> Value {
        let headers: Map<String, Value> = answer
            .headers
            .iter()
            .map(|(name, value)| {
                let text = value.as_str().unwrap_or_default();
                let value = match name.as_str() {
                    "allow" => methods(text),
                    _ => text.replace(self.address, "<worker>").into(),
                };
                (name.clone(), value)
            })
            .collect();
        let body = match &answer.body {
            // OPTIONS says it twice.
            Value::String(text) if headers.contains_key("allow") => methods(text),
            body => self.normal_body(body),
        };
        json!({"status": answer.status, "headers": headers, "body": body})
    }

    fn normal_body(&self, body: &Value) -> Value {
        match body {
            Value::Array(elements) if elements.iter().all(Value::is_string) => sorted(elements.clone()),
            Value::Array(elements) => match elements.iter().map(name_of).collect::<Option<Vec<String>>>() {
                Some(names) => names
                    .into_iter()
                    .zip(elements.iter().map(|element| self.normal_body(element)))
                    .collect(),
                None => elements.iter().map(|element| self.normal_body(element)).collect(),
            },
            Value::Object(fields) => {
                let is_state = fields.contains_key("worker_id");
                fields
                    .iter()
                    .map(|(name, value)| (name.clone(), self.normal_field(is_state, name, value)))
                    .collect()
            }
            value => value.clone(),
        }
    }

    fn normal_field(&self, is_state: bool, name: &str, value: &Value) -> Value {
        let is_text = value.as_str().is_some_and(|text| !text.is_empty());
        match name {
            "worker_id" if value == self.address => "<worker>".into(),
            "version" if is_state && is_text => "<the plugin's>".into(),
            // Ours are our own words.
            "documentation" if is_text => "<text>".into(),
            "commit" | "kafka_cluster_id" if is_text => format!("<{name}>").into(),
            // Their order is the order of a form.
            "groups" | "recommended_values" => value.clone(),
            "configs" => json!({"keys": self.normal_body(value), "order": defined(value)}),
            _ => self.normal_body(value),
        }
    }
}

/// The names of keys that have a definition, in their order.
fn defined(configs: &Value) -> Vec<&Value> {
    let definitions = configs
        .as_array()
        .into_iter()
        .flatten()
        .map(|config| &config["definition"]);
    definitions
        .map(|definition| &definition["name"])
        .filter(|name| name.is_string())
        .collect()
}

fn methods(text: &str) -> Value {
    sorted(text.split(',').map(|method| method.trim().into()).collect())
}

fn sorted(mut texts: Vec<Value>) -> Value {
    texts.sort_by(|left, right| left.as_str().cmp(&right.as_str()));
    texts.into()
}

/// What tells an element of a list of plugins or keys from the others.
fn name_of(element: &Value) -> Option<String> {
    match (&element["class"], &element["type"]) {
        (Value::String(class), Value::String(kind)) => Some(format!("{class} ({kind})")),
        // A key without a definition has a value only.
        _ => Some(
            element["name"]
                .as_str()
                .or(element["value"]["name"].as_str())?
                .to_owned(),
        ),
    }
}
