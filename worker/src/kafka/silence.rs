//! [`Silence`]: how long nothing was delivered while something waited to be.

use std::time::{Duration, Instant};

/// Looks at how many records are not delivered yet.
pub(super) struct Silence {
    open: i32,
    since: Instant,
    longest: Duration,
}

impl Silence {
    /// This many are not delivered now.
    pub(super) fn begin(open: i32) -> Self {
        Silence {
            open,
            since: Instant::now(),
            longest: Duration::ZERO,
        }
    }

    /// This many are not delivered now; fewer than before end a silence.
    pub(super) fn look(&mut self, open: i32) {
        if open < self.open {
            self.longest = self.longest();
            self.since = Instant::now();
        }
        self.open = open;
    }

    /// The longest silence, which may go on.
    pub(super) fn longest(&self) -> Duration {
        self.longest.max(self.since.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_progress_is_no_silence() {
        let pause = Duration::from_millis(20);
        let mut silence = Silence::begin(3);
        for open in [2, 1] {
            std::thread::sleep(pause);
            silence.look(open);
        }
        assert!(silence.longest() >= pause);
        let so_far = silence.longest();
        silence.since -= 10 * pause;
        assert!(silence.longest() >= 10 * pause, "it goes on");
        silence.look(1);
        assert!(silence.longest() >= 10 * pause, "nothing came");
        silence.look(0);
        assert!(silence.since.elapsed() < silence.longest(), "it is over");
        assert!(silence.longest() > so_far);
    }
}
