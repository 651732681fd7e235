//! [`Wishes`]: the states that a connector may be in, after all that was asked of it.
//!
//! A call that was answered with success leaves one. One that was refused (4xx) changes nothing. Of one that was not answered,
//! or with 5xx, nobody knows whether it was carried out before the servers went away, so both states are legal until the next
//! call that is answered.

use std::collections::BTreeSet;

use serde_json::Value;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wish {
    Absent,
    Running,
    Paused,
    /// Paused, and never running since it was created or stopped: a connector makes its tasks when it runs, as in Kafka Connect.
    PausedWithoutTasks,
    Stopped,
}

impl Wish {
    /// Whether a status (404 is `None`) shows it.
    pub(super) fn is_shown_by(self, status: Option<&Value>) -> bool {
        let Some(status) = status else {
            return self == Wish::Absent;
        };
        let is_all = |state: &str| {
            let tasks = status["tasks"].as_array().map(Vec::as_slice).unwrap_or_default();
            status["connector"]["state"] == state && tasks.len() == 1 && tasks[0]["state"] == state
        };
        match self {
            Wish::Absent => false,
            Wish::Running => is_all("RUNNING"),
            Wish::Paused => is_all("PAUSED"),
            Wish::PausedWithoutTasks => {
                status["connector"]["state"] == "PAUSED" && status["tasks"] == serde_json::json!([])
            }
            Wish::Stopped => status["connector"]["state"] == "STOPPED" && status["tasks"] == serde_json::json!([]),
        }
    }
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Refused,
    Unknown,
}

impl Outcome {
    /// Of a status code; `None`: there was no answer.
    pub(super) fn of(status: Option<u16>) -> Outcome {
        match status {
            Some(200..300) => Outcome::Done,
            Some(400..500) => Outcome::Refused,
            _ => Outcome::Unknown,
        }
    }
}

/// The legal states of one connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wishes(BTreeSet<Wish>);

impl Wishes {
    pub(super) fn only(wish: Wish) -> Wishes {
        Wishes(BTreeSet::from([wish]))
    }

    /// A call that turns each state into what `becomes` says ended like this.
    pub(super) fn called(&mut self, outcome: Outcome, becomes: impl Fn(Wish) -> Wish) {
        let after = self.0.iter().map(|wish| becomes(*wish));
        match outcome {
            Outcome::Done => self.0 = after.collect(),
            Outcome::Refused => {}
            Outcome::Unknown => self.0 = after.chain(self.0.iter().copied()).collect(),
        }
    }

    pub(super) fn contains_shown(&self, status: Option<&Value>) -> bool {
        self.0.iter().any(|wish| wish.is_shown_by(status))
    }
}
