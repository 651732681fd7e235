//! [`MarkerRest`]: how long to rest behind a small transaction before the next one begins.
//!
//! A coordinator refuses a new transaction while it writes the markers of the last one, and the client asks again only after
//! 20 ms. How long markers take depends on the machine, so it is learnt: a delivery that took as long as a refusal makes the
//! rest longer by a step, every other one shorter by a small part of it. So, within bounds, about one transaction in
//! [`PATIENCE`] is refused, or simply that slow. Changes gather meanwhile.

use std::time::{Duration, Instant};

/// The rest behind the last transaction, and what is known about how long it should be.
pub(super) struct MarkerRest {
    length: Duration,
    began: Option<Instant>,
    /// The open transaction began so soon behind the last one that it could be refused.
    is_close: bool,
}

/// A transaction of fewer bytes is small: behind a larger one the client has plenty to do meanwhile.
const SMALL_BYTES: u64 = 64 << 10;
const SHORTEST: Duration = Duration::from_millis(4);
const LONGEST: Duration = Duration::from_millis(16);
/// The client's pause before it asks again.
const REFUSAL: Duration = Duration::from_millis(20);
const STEP: Duration = Duration::from_millis(1);
const PATIENCE: u32 = 256;

impl Default for MarkerRest {
    fn default() -> Self {
        MarkerRest {
            length: SHORTEST,
            began: None,
            is_close: false,
        }
    }
}

impl MarkerRest {
    /// A transaction of this size was committed.
    pub(super) fn begin(&mut self, bytes: u64) {
        self.began = (bytes < SMALL_BYTES).then(Instant::now);
    }

    /// How much of the rest is left; none but behind a small transaction.
    pub(super) fn left(&mut self) -> Option<Duration> {
        let since = self.began.take().map(|began| began.elapsed());
        self.is_close = since.is_some_and(|since| since < LONGEST);
        self.length.checked_sub(since?)
    }

    /// The records of a transaction of this size were delivered within this time.
    pub(super) fn learn(&mut self, bytes: u64, delivery: Duration) {
        if bytes >= SMALL_BYTES || !self.is_close {
            return;
        }
        self.length = match delivery < REFUSAL {
            true => (self.length - STEP / PATIENCE).max(SHORTEST),
            false => (self.length + STEP).min(LONGEST),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small transaction is behind us, and the next one asked in time: a busy machine may let the whole rest go by first.
    fn rests(rest: &mut MarkerRest) -> bool {
        (0..1000).any(|_| {
            rest.begin(100);
            rest.left().is_some()
        })
    }

    fn behind_another() -> MarkerRest {
        let mut rest = MarkerRest::default();
        assert!(rests(&mut rest));
        rest
    }

    #[test]
    fn a_refusal_lengthens_the_rest_as_much_as_many_smooth_deliveries_shorten_it() {
        let mut rest = behind_another();
        rest.learn(100, REFUSAL);
        assert_eq!(rest.length, SHORTEST + STEP);
        for _ in 0..PATIENCE {
            rest.learn(100, Duration::from_millis(3));
        }
        assert!(
            rest.length.abs_diff(SHORTEST) < Duration::from_micros(1),
            "{:?}",
            rest.length
        );
    }

    #[test]
    fn the_rest_has_bounds() {
        let mut rest = behind_another();
        for _ in 0..100 {
            rest.learn(100, Duration::from_secs(1));
        }
        assert_eq!(rest.length, LONGEST);
        rest.learn(SMALL_BYTES, Duration::ZERO);
        assert_eq!(rest.length, LONGEST, "a large transaction teaches nothing");
        assert_eq!(rest.left(), None);
        rest.learn(100, Duration::ZERO);
        assert_eq!(rest.length, LONGEST, "nor does one that comes long after the last");
        rest = behind_another();
        for _ in 0..10_000 {
            rest.learn(100, Duration::ZERO);
        }
        assert_eq!(rest.length, SHORTEST);
    }

    #[test]
    fn nobody_rests_behind_a_large_transaction() {
        let mut rest = MarkerRest::default();
        assert_eq!(rest.left(), None);
        rest.begin(SMALL_BYTES);
        assert_eq!(rest.left(), None);
        assert!(rests(&mut rest));
        assert_eq!(rest.left(), None, "it was taken");
    }
}
