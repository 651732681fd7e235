//! [`Silence`]: how long nothing was delivered while something waited to be.

use std::time::{Duration, Instant};

/// The longest one since it was begun anew.
#[derive(Debug, Clone, Copy)]
pub(super) struct Silence {
    /// Since when something waits and nothing has come.
    since: Option<Instant>,
    longest: Duration,
}

impl Silence {
    pub(super) const NONE: Silence = Silence {
        since: None,
        longest: Duration::ZERO,
    };

    /// Something waits.
    pub(super) fn waits(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    /// Something was delivered; whether something else waits.
    pub(super) fn ends(&mut self, now: Instant, more: bool) {
        self.longest = self.longest(now);
        self.since = more.then_some(now);
    }

    /// The longest until now.
    pub(super) fn longest(&self, now: Instant) -> Duration {
        let current = self.since.map(|since| now.saturating_duration_since(since));
        self.longest.max(current.unwrap_or_default())
    }
}
