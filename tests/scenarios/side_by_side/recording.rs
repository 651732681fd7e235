//! [`Recording`]: what one run of a case produced; the form of its file is described in `scripts/record_lib/recording.py`.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

/// Where a case began: positions and transaction numbers count from here.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub uuid: String,
    pub transactions: i64,
    pub file: String,
    pub pos: i64,
}

/// A record of a topic. A part is null, `{"schema": n, "value": ..}` or `{"json": ..}`.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub topic: String,
    pub partition: Value,
    pub key: Value,
    pub value: Value,
    /// Number of the list of headers.
    pub headers: usize,
    /// The record's time, unless it is the clock's.
    pub given_ms: Option<i64>,
}

/// One run of one case.
#[derive(Debug, Clone)]
pub(super) struct Recording {
    pub case: String,
    pub row_metadata: String,
    pub origin: Origin,
    pub schemas: Vec<String>,
    pub subjects: Vec<(String, Vec<usize>)>,
    pub headers: Vec<Vec<Value>>,
    pub records: Vec<Record>,
    pub offset: Value,
    pub status: Value,
}

impl Recording {
    /// `common`: pieces of schemas by the names that stand for them in a recording.
    pub(super) fn parse(text: &str, common: &Map<String, Value>) -> Result<Recording> {
        let mut lines = text.split('\n').filter(|line| !line.is_empty());
        let head: Value = serde_json::from_str(lines.next().context("a first line")?)?;
        let origin = &head["origin"];
        let mut recording = Recording {
            case: string(&head["recording"])?,
            row_metadata: string(&head["row_metadata"])?,
            origin: Origin {
                uuid: string(&origin["uuid"])?,
                transactions: origin["transactions"].as_i64().context("transactions")?,
                file: string(&origin["file"])?,
                pos: origin["pos"].as_i64().context("pos")?,
            },
            schemas: Vec::new(),
            subjects: Vec::new(),
            headers: Vec::new(),
            records: Vec::new(),
            offset: Value::Null,
            status: Value::Null,
        };
        for line in lines {
            recording
                .take(serde_json::from_str(line)?, common)
                .with_context(|| line.chars().take(200).collect::<String>())?;
        }
        Ok(recording)
    }

    /// The first key of a line says what it is.
    fn take(&mut self, mut line: Value, common: &Map<String, Value>) -> Result<()> {
        let kind = line.as_object().and_then(|entry| entry.keys().next()).cloned();
        match kind.as_deref() {
            Some("schema") => self.schemas.push(with_pieces(string(&line["text"])?, common)),
            Some("subject") => {
                let numbers = line["schemas"].as_array().context("schemas")?;
                let numbers = numbers.iter().map(number).collect::<Result<_>>()?;
                self.subjects.push((string(&line["subject"])?, numbers));
            }
            Some("headers") => self.headers.push(line["list"].as_array().context("list")?.clone()),
            Some("topic") => self.records.push(Record {
                topic: string(&line["topic"])?,
                partition: line["partition"].take(),
                key: line["key"].take(),
                value: line["value"].take(),
                headers: number(&line["headers"])?,
                given_ms: line["time"].as_i64(),
            }),
            Some("offset") => self.offset = line["offset"].take(),
            Some("status") => self.status = line["status"].take(),
            other => bail!("a line that begins with {other:?}"),
        }
        Ok(())
    }

    pub(super) fn has_failed(&self) -> bool {
        let tasks = self.status["tasks"].as_array();
        self.status["connector"] == "FAILED" || tasks.is_some_and(|tasks| tasks.iter().any(|task| task == "FAILED"))
    }

    /// The number of a schema that was seen before, or a new one.
    pub(super) fn schema_number(&mut self, text: &str) -> usize {
        number_in(&mut self.schemas, text.to_owned())
    }

    /// The number of a list of headers that was seen before, or a new one.
    pub(super) fn headers_number(&mut self, list: Vec<Value>) -> usize {
        number_in(&mut self.headers, list)
    }
}

fn number_in<T: PartialEq>(known: &mut Vec<T>, one: T) -> usize {
    known.iter().position(|seen| *seen == one).unwrap_or_else(|| {
        known.push(one);
        known.len() - 1
    })
}

fn with_pieces(schema: String, common: &Map<String, Value>) -> String {
    let pieces = common.iter().filter_map(|(name, piece)| Some((name, piece.as_str()?)));
    pieces.fold(schema, |schema, (name, piece)| schema.replace(name, piece))
}

fn string(value: &Value) -> Result<String> {
    Ok(value.as_str().context("a string")?.to_owned())
}

fn number(value: &Value) -> Result<usize> {
    Ok(usize::try_from(value.as_u64().context("a number")?)?)
}
