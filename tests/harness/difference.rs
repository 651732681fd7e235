//! [`differences`] of what was recorded and what is now, and the [`Rules`] that explain those that are meant.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

/// A place where two values differ; a side that has nothing there is `None`.
#[derive(Debug)]
pub struct Difference {
    path: String,
    expected: Option<Value>,
    actual: Option<Value>,
}

/// The deliberate differences of a file in `tests/recordings`.
#[derive(Default)]
pub struct Rules {
    rules: Vec<Value>,
    used: BTreeSet<usize>,
}

impl Rules {
    /// The rules of a file.
    pub fn read(path: &Path) -> Result<Rules> {
        let file: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
        Ok(Rules {
            rules: file["deliberate"].as_array().context("`deliberate`")?.clone(),
            used: BTreeSet::new(),
        })
    }

    /// Whether the difference is meant.
    pub fn explain(&mut self, case: &str, difference: &Difference) -> bool {
        let found = self.rules.iter().position(|rule| explains(rule, case, difference));
        self.used.extend(found);
        found.is_some()
    }

    /// Rules that have explained nothing: a difference that is no more must not stay on the list.
    pub fn unused(&self) -> impl Iterator<Item = &Value> {
        let is_unused = |(index, _): &(usize, &Value)| !self.used.contains(index);
        self.rules
            .iter()
            .enumerate()
            .filter(is_unused)
            .map(|(_, rule)| &rule["name"])
    }
}

/// `*` stands for any text in a rule's `cases` and `path`; `incumbent` and `rowmill` may pin the values down.
fn explains(rule: &Value, case: &str, difference: &Difference) -> bool {
    let matches_case = |pattern: &Value| pattern.as_str().is_some_and(|pattern| matches(pattern, case));
    rule["cases"]
        .as_array()
        .is_some_and(|cases| cases.iter().any(matches_case))
        && rule["path"]
            .as_str()
            .is_some_and(|pattern| matches(pattern, &difference.path))
        && is_as_ruled(rule.get("incumbent"), difference.expected.as_ref())
        && is_as_ruled(rule.get("rowmill"), difference.actual.as_ref())
}

fn is_as_ruled(ruled: Option<&Value>, seen: Option<&Value>) -> bool {
    match (ruled, seen) {
        (None, _) => true,
        (Some(ruled), Some(seen)) => ruled == seen,
        (Some(ruled), None) => ruled == "absent",
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            let ends = text.char_indices().map(|(index, _)| index).chain([text.len()]);
            ends.into_iter().any(|end| matches(rest, &text[end..]))
        }),
    }
}

/// Every leaf that differs.
pub fn differences(expected: &Value, actual: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(String::new(), Some(expected), Some(actual), &mut found);
    found
}

fn compare(path: String, expected: Option<&Value>, actual: Option<&Value>, found: &mut Vec<Difference>) {
    match (expected, actual) {
        (Some(Value::Object(expected)), Some(Value::Object(actual))) => compare_objects(&path, expected, actual, found),
        (Some(Value::Array(expected)), Some(Value::Array(actual))) => {
            for index in 0..expected.len().max(actual.len()) {
                compare(
                    format!("{path}[{index}]"),
                    expected.get(index),
                    actual.get(index),
                    found,
                );
            }
        }
        (expected, actual) if expected == actual => {}
        (expected, actual) => found.push(Difference {
            path,
            expected: expected.cloned(),
            actual: actual.cloned(),
        }),
    }
}

fn compare_objects(
    path: &str,
    expected: &Map<String, Value>,
    actual: &Map<String, Value>,
    found: &mut Vec<Difference>,
) {
    let only_actual = actual.keys().filter(|name| !expected.contains_key(*name));
    for name in expected.keys().chain(only_actual) {
        let inner = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        compare(inner, expected.get(name), actual.get(name), found);
    }
}

/// Enough of a value to see what it is.
const SHOWN: usize = 300;

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (expected, actual) = match (&self.expected, &self.actual) {
            (Some(Value::String(expected)), Some(Value::String(actual))) => around_first_difference(expected, actual),
            (expected, actual) => (shown(expected.as_ref()), shown(actual.as_ref())),
        };
        write!(formatter, "{}: expected {expected}, got {actual}", self.path)
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(
        || "nothing".to_owned(),
        |value| value.to_string().chars().take(SHOWN).collect(),
    )
}

/// Of two schema texts of some thousand characters, the place that matters.
fn around_first_difference(expected: &str, actual: &str) -> (String, String) {
    let same = expected
        .chars()
        .zip(actual.chars())
        .take_while(|(left, right)| left == right)
        .count();
    let start = same.saturating_sub(60);
    let cut = |text: &str| {
        let part: String = text.chars().skip(start).take(160).collect();
        format!("{}{part:?}", if start > 0 { ".." } else { "" })
    };
    (cut(expected), cut(actual))
}
