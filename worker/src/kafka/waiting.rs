//! [`Waiting`]: a wait in growing pauses.

use std::time::{Duration, Instant};

/// Pauses between looks grow from the first of these to the second.
const SHORTEST_PAUSE: Duration = Duration::from_micros(200);
const LONGEST_PAUSE: Duration = Duration::from_millis(1);

/// A wait that is over after a while. It sleeps on the thread that waits.
pub(super) struct Waiting {
    give_up: Instant,
    pause: Duration,
}

impl Waiting {
    /// Begins to wait.
    pub(super) fn at_most(longest: Duration) -> Self {
        Waiting {
            give_up: Instant::now() + longest,
            pause: SHORTEST_PAUSE,
        }
    }

    /// Sleeps for a moment; `false` if the time is up.
    pub(super) fn pause(&mut self) -> bool {
        std::thread::sleep(self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Instant::now() < self.give_up
    }
}
