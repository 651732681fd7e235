//! [`normal_form`]: a recording without what varies from run to run.
//!
//! Clocks become their shape, positions their distance from the origin. `scripts/record_lib/normal_form.py` says what is
//! volatile and why; this keeps the same list.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::recording::{Origin, Recording};

/// Row data and table definitions: whatever their fields are called, they are compared as they are.
const DATA: [&str; 3] = ["before", "after", "tableChanges"];

/// What fields of a change's source are called as attributes of a CloudEvent, behind `iodebezium`.
const ATTRIBUTES: [(&str, &str); 8] = [
    ("tsms", "ts_ms"),
    ("tsus", "ts_us"),
    ("tsns", "ts_ns"),
    ("serverid", "server_id"),
    ("gtid", "gtid"),
    ("file", "file"),
    ("pos", "pos"),
    ("thread", "thread"),
];

/// Without `pos` if not `has_pos`.
pub(super) fn normal_form(recording: &Recording, has_pos: bool) -> Result<Value> {
    let form = Form {
        recording,
        pos_origin: has_pos.then_some(recording.origin.pos),
    };
    let states = json!({"connector": recording.status["connector"], "tasks": recording.status["tasks"]});
    if recording.has_failed() {
        // How much came before the failure is chance.
        return Ok(json!({"status": states}));
    }
    Ok(json!({
        "subjects": form.subjects()?,
        "topics": form.topics()?,
        "offset": form.steady(&recording.offset),
        "status": states,
    }))
}

struct Form<'a> {
    recording: &'a Recording,
    pos_origin: Option<i64>,
}

impl Form<'_> {
    fn schema(&self, number: usize) -> Result<Value> {
        let text = self.recording.schemas.get(number);
        Ok(text.with_context(|| format!("no schema {number}"))?.as_str().into())
    }

    fn subjects(&self) -> Result<Value> {
        let mut subjects = Map::new();
        for (name, numbers) in &self.recording.subjects {
            let versions = numbers
                .iter()
                .map(|number| self.schema(*number))
                .collect::<Result<_>>()?;
            subjects.insert(name.clone(), versions);
        }
        Ok(subjects.into())
    }

    fn topics(&self) -> Result<Value> {
        let mut topics = Map::new();
        for record in &self.recording.records {
            let list = self
                .recording
                .headers
                .get(record.headers)
                .context("a list of headers")?;
            let steady = json!({
                "partition": record.partition,
                "key": self.part(&record.key)?,
                "value": self.part(&record.value)?,
                "headers": list.iter().map(steady_header).collect::<Vec<_>>(),
                "time": record.given_ms,
            });
            let topic = topics.entry(record.topic.clone()).or_insert_with(|| json!([]));
            let topic = topic.as_array_mut().context("a list of records")?;
            // How many heartbeats there are is chance.
            if !(record.topic.starts_with("__debezium-heartbeat.") && topic.contains(&steady)) {
                topic.push(steady);
            }
        }
        // In a topic of several partitions only the records of one key in one partition have an order.
        for topic in topics.values_mut().filter_map(Value::as_array_mut) {
            let partitions: BTreeSet<String> = topic.iter().map(|record| record["partition"].to_string()).collect();
            if partitions.len() > 1 || partitions.contains("\"of the key\"") {
                topic.sort_by_key(|record| (record["key"].to_string(), record["partition"].to_string()));
            }
        }
        Ok(topics.into())
    }

    fn part(&self, part: &Value) -> Result<Value> {
        if part.is_null() {
            return Ok(Value::Null);
        }
        if let Some(json) = part.get("json") {
            return Ok(json!({"json": self.steady(json)}));
        }
        let number = part["schema"].as_u64().context("the number of a schema")?;
        let mut form = json!({"schema": self.schema(usize::try_from(number)?)?, "value": self.steady(&part["value"])});
        if let Some(id) = part.get("id") {
            form["id"] = id.clone();
        }
        Ok(form)
    }

    fn steady(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.steady(item)).collect(),
            Value::Object(fields) if fields.contains_key("specversion") => self.steady_fields(&opened(fields)),
            Value::Object(fields) => self.steady_fields(fields),
            leaf => leaf.clone(),
        }
    }

    fn steady_fields(&self, fields: &Map<String, Value>) -> Value {
        let steady = |(name, field): (&String, &Value)| (name.clone(), self.steady_field(name, field, fields));
        Value::Object(fields.iter().map(steady).collect())
    }

    fn steady_field(&self, name: &str, field: &Value, around: &Map<String, Value>) -> Value {
        if DATA.contains(&name) {
            return field.clone();
        }
        match (name, field) {
            ("ts_ms" | "ts_sec", Value::Number(_)) => "a time".into(),
            ("ts_us", Value::Number(_)) => same_time(field, around.get("ts_ms")),
            ("ts_ns", Value::Number(_)) => same_time(field, around.get("ts_us")),
            // The second is what Flatten makes of it.
            ("server_id" | "source_server_id", Value::Number(id)) if id.as_u64() != Some(0) => "the server".into(),
            ("thread", Value::Number(_)) => "a thread".into(),
            (_, Value::String(gtid)) if gtid.starts_with(&format!("{}:", self.recording.origin.uuid)) => {
                relative_gtids(gtid, &self.recording.origin).into()
            }
            ("gtid" | "gtids", Value::String(gtids)) => relative_gtids(gtids, &self.recording.origin).into(),
            ("file", Value::String(file)) => {
                format!("file {}", file_number(file) - file_number(&self.recording.origin.file)).into()
            }
            ("pos", Value::Number(pos)) => match (pos.as_i64(), self.pos_origin) {
                (Some(pos), Some(origin)) => (pos - origin).into(),
                _ => "a position".into(),
            },
            _ => self.steady(field),
        }
    }
}

/// A CloudEvent with its attributes as what they were made of, and its id in parts.
fn opened(event: &Map<String, Value>) -> Map<String, Value> {
    let attribute = |name: &str| {
        let behind = name.strip_prefix("iodebezium")?;
        ATTRIBUTES.iter().find(|(attribute, _)| *attribute == behind)
    };
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut fields: Map<String, Value> = event
        .iter()
        .map(|(name, field)| match attribute(name) {
            Some((_, name)) => ((*name).to_owned(), as_number(field)),
            None => (name.clone(), field.clone()),
        })
        .collect();
    let parts = text("id").split(';').filter_map(|part| part.split_once(':'));
    let parts = parts.map(|(name, part)| (name.to_owned(), as_number(&part.into())));
    fields.insert("id".to_owned(), Value::Object(parts.collect()));
    let milliseconds = fields.get("ts_ms").and_then(Value::as_i64).unwrap_or_default() % 1000;
    if text("time").ends_with(&format!("{milliseconds:03}Z")) {
        fields.insert("time".to_owned(), "the same time".into());
    }
    if let Some((_, path)) = text("dataschema").split_once("/apis/") {
        let path = path.trim_end_matches(|c: char| c.is_ascii_digit());
        fields.insert("dataschema".to_owned(), path.into());
        // In hexadecimal digits or in base64.
        let number = if text("data").starts_with("00") { 10 } else { 7 };
        fields.insert("data".to_owned(), text("data").get(number..).unwrap_or_default().into());
    }
    fields
}

fn as_number(field: &Value) -> Value {
    let number = field.as_str().and_then(|text| text.parse::<i64>().ok());
    number.map_or_else(|| field.clone(), Value::from)
}

/// A header converter can have put quotes and a schema around the text.
fn steady_header(header: &Value) -> Value {
    match (header[0].as_str(), header[1].as_str()) {
        (Some(name), Some(text)) if name.ends_with(".runId") => {
            let parts = text.split('"').map(|part| match is_uuid_v7(part) {
                true => "a version 7 UUID",
                false => part,
            });
            json!([name, parts.collect::<Vec<_>>().join("\"")])
        }
        _ => header.clone(),
    }
}

fn is_uuid_v7(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let is_hex = |part: &&str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    lengths == [8, 4, 4, 4, 12]
        && parts.iter().all(is_hex)
        && parts[2].starts_with('7')
        && parts[3].starts_with(['8', '9', 'a', 'b'])
}

/// Whether a finer clock tells the same instant as the one a thousand times coarser.
fn same_time(fine: &Value, coarse: Option<&Value>) -> Value {
    match (fine.as_i64(), coarse.and_then(Value::as_i64)) {
        (Some(fine), Some(coarse)) if fine.div_euclid(1000) == coarse => "the same time".into(),
        _ => fine.clone(),
    }
}

fn file_number(file: &str) -> i64 {
    file.rsplit('.')
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

/// The origin's count is taken off its server's intervals, and the server is named by its role.
fn relative_gtids(text: &str, origin: &Origin) -> String {
    let relative = |part: &str| match part.trim().split_once(':') {
        Some((uuid, intervals)) if uuid == origin.uuid => format!("server:{}", less(intervals, origin.transactions)),
        _ => part.trim().to_owned(),
    };
    text.split(',').map(relative).collect::<Vec<_>>().join(",")
}

/// Every number in the text less `count`.
fn less(intervals: &str, count: i64) -> String {
    let number = |text: &str| {
        text.parse::<i64>()
            .map_or_else(|_| text.to_owned(), |number| (number - count).to_string())
    };
    let interval = |text: &str| text.split('-').map(number).collect::<Vec<_>>().join("-");
    intervals.split(':').map(interval).collect::<Vec<_>>().join(":")
}
