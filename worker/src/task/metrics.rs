//! [`TaskMetrics`]: what a task counts, under the names that Strimzi's dashboards query.

use std::time::Duration;

use metrics::{Counter, Gauge, Histogram};

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
    /// From begin to the return of commit, in seconds.
    pub transaction_seconds: Histogram,
    /// From the last record to the return of commit, in seconds.
    pub commit_seconds: Histogram,
    /// Commit in the source to commit in Kafka of the newest record of the last transaction, in seconds.
    pub lag_seconds: Gauge,
    /// When the last record was committed, in seconds since the epoch.
    pub last_record_at: Gauge,
    /// Sessions that ended in a failure.
    pub failures: Counter,
}

impl TaskMetrics {
    /// The instruments of `connector`'s task number `task`.
    pub fn new(connector: &str, task: u32) -> Self {
        let labels = [("connector", connector.to_owned()), ("task", task.to_string())];
        TaskMetrics {
            polled: metrics::counter!("kafka_connect_source_task_source_record_poll_total", &labels),
            written: metrics::counter!("kafka_connect_source_task_source_record_write_total", &labels),
            bytes: metrics::counter!("rowmill_task_bytes_total", &labels),
            transactions: metrics::counter!("rowmill_task_transactions_total", &labels),
            transaction_seconds: metrics::histogram!("rowmill_task_transaction_seconds", &labels),
            commit_seconds: metrics::histogram!("rowmill_task_transaction_commit_seconds", &labels),
            lag_seconds: metrics::gauge!("rowmill_task_lag_seconds", &labels),
            last_record_at: metrics::gauge!("rowmill_task_last_record_timestamp_seconds", &labels),
            failures: metrics::counter!("kafka_connect_task_error_total_record_failures", &labels),
        }
    }
}

/// The time since the epoch.
pub(super) fn now_since_epoch() -> Duration {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default()
}
