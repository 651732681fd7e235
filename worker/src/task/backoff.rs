//! [`Backoff`]: how long to wait before the next attempt.

use std::time::Duration;

/// Doubles from 200 ms to 2 s: short enough that events flow within seconds of a server's return.
#[derive(Debug, Default)]
pub struct Backoff {
    attempts: u32,
}

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(2);

impl Backoff {
    /// The wait before the next attempt.
    pub fn next_wait(&mut self) -> Duration {
        let wait = FIRST.saturating_mul(1 << self.attempts.min(8)).min(LONGEST);
        self.attempts = self.attempts.saturating_add(1);
        wait
    }

    /// Called after something worked.
    pub fn reset(&mut self) {
        self.attempts = 0;
    }

    /// How many attempts in a row have failed.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_two_seconds_and_start_over_after_success() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..6).map(|_| backoff.next_wait().as_millis()).collect();
        assert_eq!(waits, [200, 400, 800, 1600, 2000, 2000]);
        backoff.reset();
        assert_eq!(backoff.next_wait(), FIRST);
    }
}
