//! [`TaskMetrics`]: what a task counts, under the names that Strimzi's dashboards query.
//!
//! A lag that is only set when something was committed stands still just when nothing can be. So while changes wait
//! (Kafka or the registry is away, the task has failed and tries again), [`refresh_lags`] lets it grow at every scrape.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram};

use crate::metrics::{
    LAG, LAST_RECORD_AT, RECORDS_POLLED, RECORDS_SKIPPED, RECORDS_WRITTEN, TASK_BYTES, TASK_COMMIT_SECONDS,
    TASK_FAILURES, TASK_TRANSACTION_SECONDS, TASK_TRANSACTIONS,
};

/// The instruments of one task. Updated once per transaction, not per record.
pub struct TaskMetrics {
    /// Records handed over by the connector.
    pub polled: Counter,
    /// Records committed to Kafka.
    pub written: Counter,
    /// Serialised bytes of keys and values committed to Kafka.
    pub bytes: Counter,
    /// Kafka transactions committed.
    pub transactions: Counter,
    /// From begin until Kafka has confirmed the commit, in seconds.
    pub transaction_seconds: Histogram,
    /// From the decision to commit until Kafka has confirmed it, in seconds.
    pub commit_seconds: Histogram,
    /// How far Kafka is behind the source.
    pub lag: Arc<Lag>,
    /// When the last record was committed, in seconds since the epoch.
    pub last_record_at: Gauge,
    /// Skipped records; sessions that ended in a failure count in the same metric.
    pub failures: Counter,
    /// Records that `errors.tolerance=all` has left out.
    pub skipped: Counter,
}

impl TaskMetrics {
    /// The instruments of `connector`'s task number `task`.
    pub fn new(connector: &str, task: u32) -> Self {
        let labels = [("connector", connector.to_owned()), ("task", task.to_string())];
        TaskMetrics {
            polled: metrics::counter!(RECORDS_POLLED, &labels),
            written: metrics::counter!(RECORDS_WRITTEN, &labels),
            bytes: metrics::counter!(TASK_BYTES, &labels),
            transactions: metrics::counter!(TASK_TRANSACTIONS, &labels),
            transaction_seconds: metrics::histogram!(TASK_TRANSACTION_SECONDS, &labels),
            commit_seconds: metrics::histogram!(TASK_COMMIT_SECONDS, &labels),
            lag: Lag::of(connector, task),
            last_record_at: metrics::gauge!(LAST_RECORD_AT, &labels),
            failures: metrics::counter!(TASK_FAILURES, &labels),
            skipped: metrics::counter!(RECORDS_SKIPPED, &labels),
        }
    }
}

/// From commit in the source to commit in Kafka: of the newest record that was committed, or, while a change waits, of that
/// change, as of now.
pub struct Lag {
    seconds: Gauge,
    /// When the change that waits was committed in the source, in milliseconds since the epoch.
    waiting_since_ms: AtomicI64,
}

const NOTHING_WAITS: i64 = i64::MIN;

/// The lag of every task that ever ran in this process; it outlives a task's sessions.
static LAGS: Mutex<BTreeMap<(String, u32), Arc<Lag>>> = Mutex::new(BTreeMap::new());

impl Lag {
    fn of(connector: &str, task: u32) -> Arc<Self> {
        let mut lags = LAGS.lock().unwrap_or_else(PoisonError::into_inner);
        let lag = lags.entry((connector.to_owned(), task)).or_insert_with(|| {
            let labels = [("connector", connector.to_owned()), ("task", task.to_string())];
            Arc::new(Lag {
                seconds: metrics::gauge!(LAG, &labels),
                waiting_since_ms: AtomicI64::new(NOTHING_WAITS),
            })
        });
        Arc::clone(lag)
    }

    /// A change waits to be committed. What waits already counts; `None` is a change without a time, as in a snapshot.
    pub(super) fn waits(&self, committed_at_ms: Option<i64>) {
        if let Some(since) = committed_at_ms {
            let _ = self
                .waiting_since_ms
                .compare_exchange(NOTHING_WAITS, since, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// Everything that waited is committed; the newest of it had this time.
    pub(super) fn committed(&self, newest_ms: Option<i64>) {
        self.waiting_since_ms.store(NOTHING_WAITS, Ordering::Relaxed);
        if let Some(newest_ms) = newest_ms {
            self.set(newest_ms);
        }
    }

    /// Nothing waits: the task has ended as it was asked to, and the next one may start from elsewhere.
    fn forget(&self) {
        self.waiting_since_ms.store(NOTHING_WAITS, Ordering::Relaxed);
    }

    fn refresh(&self) {
        let since = self.waiting_since_ms.load(Ordering::Relaxed);
        if since != NOTHING_WAITS {
            self.set(since);
        }
    }

    fn set(&self, committed_ms: i64) {
        self.seconds
            .set(now_since_epoch().as_secs_f64() - committed_ms as f64 / 1e3);
    }
}

/// An attempt of the task has ended in a failure.
pub(super) fn count_failure(connector: &str, task: u32) {
    let labels = [("connector", connector.to_owned()), ("task", task.to_string())];
    metrics::counter!(TASK_FAILURES, &labels).increment(1);
}

/// The task is gone: while it is, its lag does not grow.
pub(super) fn forget_waiting(connector: &str, task: u32) {
    Lag::of(connector, task).forget();
}

/// Makes the lags those of this moment.
pub(crate) fn refresh_lags() {
    let lags = LAGS.lock().unwrap_or_else(PoisonError::into_inner);
    lags.values().for_each(|lag| lag.refresh());
}

/// The time since the epoch.
pub(super) fn now_since_epoch() -> Duration {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

    use metrics::Gauge;

    use super::{Lag, NOTHING_WAITS, now_since_epoch};

    #[test]
    fn the_lag_grows_while_a_change_waits_and_is_that_of_the_newest_record_afterwards() {
        let shown = Arc::new(AtomicU64::new(0));
        let lag = Lag {
            seconds: Gauge::from_arc(Arc::clone(&shown)),
            waiting_since_ms: AtomicI64::new(NOTHING_WAITS),
        };
        let seconds = || f64::from_bits(shown.load(Ordering::Relaxed));
        let ago = |seconds: i64| Some(now_since_epoch().as_millis() as i64 - seconds * 1000);
        lag.refresh();
        assert_eq!(seconds(), 0.0);
        lag.waits(ago(50));
        lag.waits(ago(10));
        lag.refresh();
        assert!((50.0..60.0).contains(&seconds()), "{}", seconds());
        lag.committed(ago(3));
        lag.refresh();
        assert!((3.0..13.0).contains(&seconds()), "{}", seconds());
        lag.waits(ago(70));
        lag.forget();
        lag.waits(None);
        lag.refresh();
        assert!(
            seconds() < 13.0,
            "neither what was forgotten nor a change without a time counts"
        );
    }
}
