//! Names and labels of the connector's metrics, each declared once.
//!
//! The names are what the JMX exporter makes of Debezium's attributes, so that existing dashboards go on:
//! `debezium_metrics_<Attribute>{plugin="mysql",name="<topic.prefix>",context="streaming|snapshot",connector="<its name>"}`.
//! The last label is an addition: a worker shows nothing of a connector that is gone.

use metrics::{Counter, Gauge};

use crate::binlog::event::{EventHeader, RowsKind};
use crate::binlog::transaction::TransactionTracker;
use crate::event_time::EventTime;

/// The instruments of a stream. Updated per event or transaction, never per row.
pub struct StreamMetrics {
    inserts: Counter,
    updates: Counter,
    deletes: Counter,
    seen: Counter,
    filtered: Counter,
    unknown: Counter,
    erroneous: Counter,
    transactions: Counter,
    behind_ms: Gauge,
    position: Gauge,
    connected: Gauge,
    last_event_at: Gauge,
}

/// The instruments of a snapshot.
pub struct SnapshotMetrics {
    labels: Labels,
    tables: Gauge,
    remaining: Gauge,
    running: Gauge,
    completed: Gauge,
    seconds: Gauge,
}

type Labels = [(&'static str, String); 4];

fn labels(connector: &str, prefix: &str, context: &'static str) -> Labels {
    [
        ("plugin", "mysql".to_owned()),
        ("name", prefix.to_owned()),
        ("context", context.to_owned()),
        ("connector", connector.to_owned()),
    ]
}

impl StreamMetrics {
    /// The instruments of the source that `connector` reads and calls `prefix`.
    pub fn new(connector: &str, prefix: &str) -> Self {
        let labels = labels(connector, prefix, "streaming");
        StreamMetrics {
            inserts: metrics::counter!("debezium_metrics_TotalNumberOfCreateEventsSeen", &labels),
            updates: metrics::counter!("debezium_metrics_TotalNumberOfUpdateEventsSeen", &labels),
            deletes: metrics::counter!("debezium_metrics_TotalNumberOfDeleteEventsSeen", &labels),
            seen: metrics::counter!("debezium_metrics_TotalNumberOfEventsSeen", &labels),
            unknown: metrics::counter!("debezium_metrics_NumberOfSkippedEvents", &labels),
            erroneous: metrics::counter!("debezium_metrics_NumberOfErroneousEvents", &labels),
            filtered: metrics::counter!("debezium_metrics_NumberOfEventsFiltered", &labels),
            transactions: metrics::counter!("debezium_metrics_NumberOfCommittedTransactions", &labels),
            behind_ms: metrics::gauge!("debezium_metrics_MilliSecondsBehindSource", &labels),
            position: metrics::gauge!("debezium_metrics_BinlogPosition", &labels),
            connected: metrics::gauge!("debezium_metrics_Connected", &labels),
            last_event_at: metrics::gauge!("rowmill_last_event_timestamp_seconds", &labels),
        }
    }

    /// Row changes of a captured table.
    pub fn rows(&self, kind: RowsKind, count: u64) {
        let counter = match kind {
            RowsKind::Insert => &self.inserts,
            RowsKind::Update => &self.updates,
            RowsKind::Delete => &self.deletes,
        };
        counter.increment(count);
        self.seen.increment(count);
    }

    /// A rows event of a table that is not captured.
    pub fn filtered(&self) {
        self.filtered.increment(1);
    }

    /// An event of an unknown type that may be ignored.
    pub fn unknown(&self) {
        self.unknown.increment(1);
    }

    /// A rows event that was left out because the definition of its table is not known.
    pub fn erroneous(&self) {
        self.erroneous.increment(1);
    }

    /// A transaction is behind us.
    pub fn committed(&self, tracker: &TransactionTracker, header: &EventHeader) {
        self.transactions.increment(1);
        let now = EventTime::now();
        let committed = EventTime::from_micros(tracker.commit_time_us(header).cast_signed());
        self.behind_ms.set((now.millis() - committed.millis()).max(0) as f64);
        self.position.set(tracker.streamed().binlog.position as f64);
        self.last_event_at.set(now.micros() as f64 / 1e6);
    }

    /// Whether the binlog stream is up.
    pub fn connected(&self, is_up: bool) {
        self.connected.set(f64::from(u8::from(is_up)));
    }
}

/// A stream that has ended is not up.
impl Drop for StreamMetrics {
    fn drop(&mut self) {
        self.connected(false);
    }
}

/// Whatever ended the snapshot.
impl Drop for SnapshotMetrics {
    fn drop(&mut self) {
        self.running.set(0.0);
    }
}

impl SnapshotMetrics {
    /// The instruments of the source that `connector` reads and calls `prefix`.
    pub fn new(connector: &str, prefix: &str) -> Self {
        let labels = labels(connector, prefix, "snapshot");
        SnapshotMetrics {
            tables: metrics::gauge!("debezium_metrics_TotalTableCount", &labels),
            remaining: metrics::gauge!("debezium_metrics_RemainingTableCount", &labels),
            running: metrics::gauge!("debezium_metrics_SnapshotRunning", &labels),
            completed: metrics::gauge!("debezium_metrics_SnapshotCompleted", &labels),
            seconds: metrics::gauge!("debezium_metrics_SnapshotDurationInSeconds", &labels),
            labels,
        }
    }

    /// How many tables there are and how many are still to be read.
    pub fn tables(&self, total: usize, remaining: usize) {
        self.tables.set(total as f64);
        self.remaining.set(remaining as f64);
        self.running.set(f64::from(u8::from(remaining > 0)));
        self.completed.set(f64::from(u8::from(remaining == 0)));
    }

    /// How many rows of a table were read.
    pub fn rows(&self, table: &str, rows: u64, seconds: f64) {
        let mut labels = self.labels.to_vec();
        labels.push(("table", table.to_owned()));
        metrics::gauge!("debezium_metrics_RowsScanned", &labels).set(rows as f64);
        self.seconds.set(seconds);
    }
}
