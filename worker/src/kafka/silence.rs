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
    fn progress_ends_a_silence_and_nothing_else_does() {
        let mut silence = Silence::begin(3);
        let began = silence.since;
        silence.look(3);
        silence.look(4);
        assert_eq!(silence.since, began, "nothing was delivered");
        silence.since -= Duration::from_secs(5);
        assert!(silence.longest() >= Duration::from_secs(5), "it goes on");
        silence.look(2);
        assert!(silence.since >= began, "a delivery has ended it");
        assert!(silence.longest() >= Duration::from_secs(5), "and it is remembered");
        silence.since -= Duration::from_secs(9);
        silence.look(0);
        assert!(silence.longest() >= Duration::from_secs(9));
        assert!(silence.longest() < Duration::from_secs(14), "silences do not add up");
    }
}
