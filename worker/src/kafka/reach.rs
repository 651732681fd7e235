//! [`Reach`]: whether a client that follows a log still reaches its end.
//!
//! It is lost in two cases: it complains, and nothing comes for [`PATIENCE`]; or the log ended beyond its position at one look,
//! and it stands at the same position at the next. A client that is sound has read in those seconds what was there. One
//! that is lost again without having moved is looked at half as often each time: perhaps what is there takes that long.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a client that complains may bring nothing, and how long lies between two looks.
const PATIENCE: Duration = Duration::from_secs(5);
/// A request waits 30 s for what it wrote: time for two looks, and for another client.
const LONGEST_PATIENCE: Duration = Duration::from_secs(10);

/// What a client reaches. Takes the clock's time and what was seen; asks nobody.
pub(super) struct Reach {
    patience: Duration,
    looked_at: Instant,
    troubled_since: Option<Instant>,
    is_lost: bool,
    has_moved: bool,
    /// Positions that lay before the end at the last look.
    behind: BTreeMap<i32, i64>,
}

impl Reach {
    pub(super) fn begin(now: Instant) -> Self {
        Reach::with_patience(now, PATIENCE)
    }

    pub(super) fn with_patience(now: Instant, patience: Duration) -> Self {
        Reach {
            patience,
            looked_at: now,
            troubled_since: None,
            is_lost: false,
            has_moved: false,
            behind: BTreeMap::new(),
        }
    }

    /// How long the client that takes this one's place is given.
    pub(super) fn more_patience(&self) -> Duration {
        match self.has_moved {
            true => PATIENCE,
            false => (self.patience * 2).min(LONGEST_PATIENCE),
        }
    }

    /// A record came, or the end of a partition was announced.
    pub(super) fn heard(&mut self) {
        self.troubled_since = None;
        self.has_moved = true;
    }

    /// The client complained, or gave no answer.
    pub(super) fn troubled(&mut self, now: Instant) {
        self.troubled_since.get_or_insert(now);
    }

    pub(super) fn is_look_due(&self, now: Instant) -> bool {
        now.duration_since(self.looked_at) >= self.patience
    }

    pub(super) fn is_lost(&self, now: Instant) -> bool {
        let is_over = |since: Instant| now.duration_since(since) >= PATIENCE;
        self.is_lost || self.troubled_since.is_some_and(is_over)
    }

    /// Takes how far the client is and where the log ends.
    pub(super) fn look(&mut self, now: Instant, positions: &BTreeMap<i32, i64>, ends: &BTreeMap<i32, i64>) {
        self.looked_at = now;
        let stands = |(partition, position): (&i32, &i64)| self.behind.get(partition) == Some(position);
        self.is_lost = positions.iter().any(stands);
        let is_behind = |partition: &i32, position: &i64| ends.get(partition).is_some_and(|end| position < end);
        self.behind = positions
            .iter()
            .filter(|(partition, position)| is_behind(partition, position))
            .map(|(partition, position)| (*partition, *position))
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use super::{BTreeMap, Duration, Instant, LONGEST_PATIENCE, PATIENCE, Reach};

    const SECOND: Duration = Duration::from_secs(1);

    fn at(offset: i64) -> BTreeMap<i32, i64> {
        BTreeMap::from([(0, 7), (1, offset)])
    }

    #[test]
    fn who_stands_before_an_end_from_one_look_to_the_next_is_lost() {
        let start = Instant::now();
        // Position and end at one look, and at the next.
        let cases = [
            ((10, 10), (10, 10), false),
            ((10, 10), (10, 12), false),
            ((10, 12), (10, 12), true),
            ((10, 12), (11, 12), false),
            ((10, 12), (12, 14), false),
            ((12, 10), (12, 10), false),
        ];
        for (first, second, is_lost) in cases {
            let mut reach = Reach::begin(start);
            for (position, end) in [first, second] {
                reach.look(start, &at(position), &at(end));
            }
            assert_eq!(reach.is_lost(start), is_lost, "{first:?} {second:?}");
        }
    }

    #[test]
    fn who_complains_and_brings_nothing_is_lost_after_a_while() {
        let start = Instant::now();
        let mut reach = Reach::begin(start);
        reach.troubled(start);
        reach.troubled(start + SECOND);
        assert!(!reach.is_lost(start + PATIENCE - SECOND));
        assert!(reach.is_lost(start + PATIENCE));
        reach.heard();
        assert!(!reach.is_lost(start + 2 * PATIENCE));
    }

    #[test]
    fn who_is_lost_again_without_having_moved_is_given_more_time() {
        let start = Instant::now();
        let mut reach = Reach::begin(start);
        for _ in 0..20 {
            reach = Reach::with_patience(start, reach.more_patience());
        }
        assert!(!reach.is_look_due(start + LONGEST_PATIENCE - SECOND));
        assert!(reach.is_look_due(start + LONGEST_PATIENCE));
        reach.heard();
        assert_eq!(reach.more_patience(), PATIENCE);
    }
}
