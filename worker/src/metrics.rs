//! The names of the worker's metrics, each with its meaning; those that dashboards of Kafka Connect already query keep
//! their names.
//!
//! Counters and histograms are recorded where things happen. What only mirrors state (how many connectors, in which state)
//! is rendered by `herder::metrics` at each scrape.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

pub(crate) const RECORDS_POLLED: &str = "kafka_connect_source_task_source_record_poll_total";
pub(crate) const RECORDS_WRITTEN: &str = "kafka_connect_source_task_source_record_write_total";
pub(crate) const TASK_FAILURES: &str = "kafka_connect_task_error_total_record_failures";
pub(crate) const RECORDS_SKIPPED: &str = "kafka_connect_task_error_total_records_skipped";
pub(crate) const TASK_BYTES: &str = "rowmill_task_bytes_total";
pub(crate) const TASK_TRANSACTIONS: &str = "rowmill_task_transactions_total";
pub(crate) const TASK_TRANSACTION_SECONDS: &str = "rowmill_task_transaction_seconds";
pub(crate) const TASK_COMMIT_SECONDS: &str = "rowmill_task_transaction_commit_seconds";
pub(crate) const LAG: &str = "rowmill_task_lag_seconds";
pub(crate) const LAST_RECORD_AT: &str = "rowmill_task_last_record_timestamp_seconds";

/// Tells the recorder what the recorded metrics mean.
pub(crate) fn describe() {
    describe_counter!(RECORDS_POLLED, "Records handed over by the connector.");
    describe_counter!(RECORDS_WRITTEN, "Records committed to Kafka.");
    describe_counter!(
        TASK_FAILURES,
        "Attempts of a task that ended in a failure, and skipped records."
    );
    describe_counter!(
        RECORDS_SKIPPED,
        "Records that errors.tolerance=all has left out: they could not be converted, or were too large."
    );
    describe_counter!(
        TASK_BYTES,
        Unit::Bytes,
        "Serialised keys and values committed to Kafka."
    );
    describe_counter!(TASK_TRANSACTIONS, "Kafka transactions committed.");
    describe_histogram!(
        TASK_TRANSACTION_SECONDS,
        Unit::Seconds,
        "From begin of a Kafka transaction until its commit is confirmed."
    );
    describe_histogram!(
        TASK_COMMIT_SECONDS,
        Unit::Seconds,
        "From the decision to commit until Kafka has confirmed it; consumers see it milliseconds later."
    );
    describe_gauge!(
        LAG,
        Unit::Seconds,
        "From commit in the source to commit in Kafka: of the newest record, or of a change that waits, until now."
    );
    describe_gauge!(
        LAST_RECORD_AT,
        Unit::Seconds,
        "When the last record was committed, since the epoch."
    );
}
