//! [`Waiting`]: a wait in growing pauses.

use std::time::{Duration, Instant};

/// Pauses between looks grow from the first of these to the second.
const SHORTEST_PAUSE: Duration = Duration::from_micros(200);
const LONGEST_PAUSE: Duration = Duration::from_millis(1);

/// A wait that is over after a while. It sleeps on the thread that waits.
pub(super) struct Waiting {
    began: Instant,
    longest: Duration,
    pause: Duration,
}

impl Waiting {
    /// Begins to wait.
    pub(super) fn at_most(longest: Duration) -> Self {
        Waiting {
            began: Instant::now(),
            longest,
            pause: SHORTEST_PAUSE,
        }
    }

    /// Sleeps for a moment; `false` if the time is up.
    pub(super) fn pause(&mut self) -> bool {
        std::thread::sleep(self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        self.so_far() < self.longest
    }

    /// How long it has been going on.
    pub(super) fn so_far(&self) -> Duration {
        self.began.elapsed()
    }
}
