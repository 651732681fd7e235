//! [`Takeovers`]: how long a stream that was taken over by another process is left to it.
//!
//! A server sends the binlog to one reader of each replica id, the one that asked last, and ends the other one's stream. A worker
//! that was suspended asks again when it wakes up, before it knows that it has a successor. The successor asks again in its
//! turn, and would end the stream of a predecessor that asks again ... So each of the two leaves the stream to the other one for
//! longer every time. Whoever has it writes to Kafka, where only one can: the other one learns that it is not the one, and ends.

use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);
/// Without a takeover for so long, the next one counts as the first.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(300);

/// Counts takeovers of one stream.
#[derive(Debug, Default)]
pub(super) struct Takeovers {
    last: Option<(Instant, Duration)>,
}

impl Takeovers {
    /// Notes one, and answers how long to wait before the stream is asked for again.
    pub(super) fn note(&mut self, now: Instant) -> Duration {
        let wait = match self.last {
            Some((at, wait)) if now.duration_since(at) < FORGOTTEN_AFTER => (wait * 2).min(LONGEST),
            _ => FIRST,
        };
        self.last = Some((now, wait));
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, FORGOTTEN_AFTER, Instant, Takeovers};

    #[test]
    fn two_readers_leave_the_stream_to_each_other_for_longer_every_time() {
        let start = Instant::now();
        let mut takeovers = Takeovers::default();
        let waits: Vec<u64> = (0..7).map(|_| takeovers.note(start).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(takeovers.note(start + FORGOTTEN_AFTER), Duration::from_secs(1));
    }
}
