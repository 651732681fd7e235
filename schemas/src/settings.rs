//! [`Settings`]: a converter's strings, read once, all problems kept.

use std::collections::BTreeMap;
use std::time::Duration;

use connector_api::config::ConfigProblem;

/// A key of which only one value is carried out.
pub(crate) struct OnlyValue {
    pub(crate) key: &'static str,
    pub(crate) value: &'static str,
}

/// Reads strings as what they should be.
pub(crate) struct Settings<'a> {
    given: &'a BTreeMap<String, String>,
    problems: Vec<ConfigProblem>,
}

impl<'a> Settings<'a> {
    pub(crate) fn new(given: &'a BTreeMap<String, String>) -> Self {
        Settings {
            given,
            problems: Vec::new(),
        }
    }

    /// The value as it stands.
    pub(crate) fn raw(&self, key: &str) -> Option<&'a str> {
        self.given.get(key).map(String::as_str)
    }

    /// The value without blanks around it; an empty one is none.
    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.raw(key).map(str::trim).filter(|text| !text.is_empty())
    }

    pub(crate) fn boolean(&mut self, key: &str, default: bool) -> bool {
        match self.text(key).map(str::to_ascii_lowercase).as_deref() {
            None => default,
            Some("true") => true,
            Some("false") => false,
            Some(_) => {
                self.problem(key, "must be true or false");
                default
            }
        }
    }

    /// One of these words, in any case.
    pub(crate) fn word(&mut self, key: &str, words: &[&'static str]) -> Option<&'static str> {
        let given = self.text(key)?;
        let found = words.iter().find(|word| word.eq_ignore_ascii_case(given)).copied();
        if found.is_none() {
            self.problem(key, format!("is `{given}`; it must be one of {}", words.join(", ")));
        }
        found
    }

    pub(crate) fn milliseconds(&mut self, key: &str) -> Option<Duration> {
        let text = self.text(key)?;
        match text.parse::<u64>() {
            Ok(milliseconds) if milliseconds > 0 => Some(Duration::from_millis(milliseconds)),
            _ => {
                self.problem(key, "must be a number of milliseconds");
                None
            }
        }
    }

    /// The keys with a prefix, without it.
    pub(crate) fn with_prefix(&self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.given
            .iter()
            .filter_map(move |(key, value)| Some((key.strip_prefix(prefix)?, value.as_str())))
    }

    /// Refuses any value but the one that is carried out.
    pub(crate) fn refuse_other_than(&mut self, only: &[OnlyValue]) {
        for OnlyValue { key, value } in only {
            if let Some(given) = self.text(key).filter(|given| !given.eq_ignore_ascii_case(value)) {
                self.problem(key, format!("is `{given}`, which is not supported; only `{value}` is"));
            }
        }
    }

    pub(crate) fn problem(&mut self, key: &str, message: impl Into<String>) {
        self.problems.push(ConfigProblem::new(key, message));
    }

    /// Ends the reading.
    pub(crate) fn finish(self) -> Result<(), Vec<ConfigProblem>> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(self.problems)
        }
    }
}
