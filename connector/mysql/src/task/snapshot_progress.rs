//! [`SnapshotProgress`]: how far a snapshot has come, for its metrics and its log.

use std::time::{Duration, Instant};

use tracing::info;

use super::parts::PhaseParts;
use crate::metrics::SnapshotMetrics;
use crate::snapshot::ScannedRows;

/// How often progress is logged.
const REPORT_INTERVAL: Duration = Duration::from_secs(5);

/// What is counted of a snapshot.
pub(super) struct SnapshotProgress {
    metrics: SnapshotMetrics,
    tables: usize,
    began: Instant,
    reported: Instant,
}

impl SnapshotProgress {
    /// A snapshot of so many tables begins, or goes on.
    pub(super) fn begin(parts: &PhaseParts, tables: usize) -> Self {
        SnapshotProgress {
            metrics: SnapshotMetrics::new(parts.context.connector(), &parts.config.topic_prefix),
            tables,
            began: Instant::now(),
            reported: Instant::now(),
        }
    }

    /// The next table is about to be read; `remaining` are not read yet.
    pub(super) fn next_table(&self, remaining: usize) {
        self.metrics.tables(self.tables, remaining);
    }

    /// Counts the rows of a table.
    pub(super) fn count(&self, rows: &ScannedRows) {
        let seconds = self.began.elapsed().as_secs_f64();
        self.metrics.rows(&rows.table().to_string(), rows.sent_rows(), seconds);
    }

    /// Logs from time to time how far a table is read.
    pub(super) fn report(&mut self, rows: &ScannedRows, tables_left: usize) {
        if self.reported.elapsed() < REPORT_INTERVAL {
            return;
        }
        self.reported = Instant::now();
        self.count(rows);
        let table = rows.table();
        info!(%table, rows = rows.sent_rows(), tables_left, "snapshot in progress");
    }

    /// Everything is read.
    pub(super) fn complete(&self) {
        info!(
            tables = self.tables,
            seconds = self.began.elapsed().as_secs(),
            "the snapshot is complete"
        );
    }
}
