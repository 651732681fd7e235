//! [`EventTime`]: one instant, as the three fields that Debezium writes it in.

use std::time::{SystemTime, UNIX_EPOCH};

/// An instant, in nanoseconds since the epoch; good until the year 2262.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventTime {
    nanos: i64,
}

impl EventTime {
    /// The connector's clock.
    pub fn now() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        EventTime::from_nanos(i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX))
    }

    /// So many nanoseconds after the epoch.
    pub fn from_nanos(nanos: i64) -> Self {
        EventTime { nanos }
    }

    /// A whole second, as event headers and the snapshot have it.
    pub fn from_secs(seconds: i64) -> Self {
        EventTime {
            nanos: seconds.saturating_mul(1_000_000_000),
        }
    }

    /// Microseconds, as the GTID event's `original_commit_timestamp` has them.
    pub fn from_micros(micros: i64) -> Self {
        EventTime {
            nanos: micros.saturating_mul(1_000),
        }
    }

    /// `ts_ms`.
    pub fn millis(self) -> i64 {
        self.nanos.div_euclid(1_000_000)
    }

    /// `ts_us`.
    pub fn micros(self) -> i64 {
        self.nanos.div_euclid(1_000)
    }

    /// `ts_ns`.
    pub fn nanos(self) -> i64 {
        self.nanos
    }
}

#[cfg(test)]
mod tests {
    use super::EventTime;

    #[test]
    fn one_instant_has_three_faces() {
        let time = EventTime::from_micros(1_709_168_523_123_456);
        assert_eq!(time.millis(), 1_709_168_523_123);
        assert_eq!(time.micros(), 1_709_168_523_123_456);
        assert_eq!(time.nanos(), 1_709_168_523_123_456_000);
        assert_eq!(EventTime::from_secs(5), EventTime::from_micros(5_000_000));
        assert!(EventTime::now() > EventTime::from_secs(1_700_000_000));
    }
}
