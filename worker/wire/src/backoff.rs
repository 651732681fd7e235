//! Pauses that grow, and the one moment at which something has to be looked at again.

use std::time::{Duration, Instant};

/// The pause behind the `attempts`th failure in a row, counted from 0: `first`, then twice as long each time.
pub(crate) fn pause(first: Duration, longest: Duration, attempts: u32) -> Duration {
    first.saturating_mul(1 << attempts.min(16)).min(longest)
}

/// The next moment at which something is due that no event announces.
#[derive(Debug, Default)]
pub(crate) struct Wake(Option<Instant>);

impl Wake {
    /// Something is due at `time`.
    pub(crate) fn at(&mut self, time: Instant) {
        self.0 = Some(self.0.map_or(time, |known| known.min(time)));
    }

    /// The earliest of all, `until` included.
    pub(crate) fn or(&self, until: Instant) -> Instant {
        self.0.map_or(until, |time| time.min(until))
    }
}
