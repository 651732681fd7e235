//! [`Given`]: the values of settings, as far as they are given.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use super::{ClientSettings, Refusal};

/// Settings, as far as they are given.
pub(super) struct Given<'a>(pub(super) &'a ClientSettings);

impl<'a> Given<'a> {
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.0.value(key).filter(|value| !value.is_empty())
    }

    pub(super) fn one_of(&self, key: &str, known: &[&str]) -> Result<(), Refusal> {
        match self.text(key) {
            Some(text) if !known.contains(&text) => Err(Refusal::of_setting(
                key,
                format!("`{text}` is none of {}", known.join(", ")),
            )),
            _ => Ok(()),
        }
    }

    pub(super) fn number<T: FromStr<Err: Display>>(&self, key: &str, default: T) -> Result<T, Refusal> {
        let Some(text) = self.text(key) else { return Ok(default) };
        text.parse()
            .map_err(|error| Refusal::of_setting(key, format!("`{text}` is no number that fits: {error}")))
    }

    pub(super) fn milliseconds(&self, key: &str, default: Duration) -> Result<Duration, Refusal> {
        let default = u64::try_from(default.as_millis()).unwrap_or(u64::MAX);
        self.number(key, default).map(Duration::from_millis)
    }
}
