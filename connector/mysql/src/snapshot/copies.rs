//! [`Copies`]: the tables of engines without views, read while the snapshot's lock is held.
//!
//! MyISAM, MEMORY and other engines keep one version of a row. A transaction that began earlier reads it as it is now, so if
//! such a table were read in its turn, the stream, which begins at the view's position, would repeat what the snapshot has
//! seen already, and versions would go back. What no view keeps is therefore copied into memory when the view opens, and
//! sent in its turn: the copy is of the view's position, as everything else in it.
//!
//! Writers wait meanwhile, so the copies are bounded in size, which also bounds memory, and in time. Tables beyond that are
//! refused by name; nothing of ours could read them without keeping writers out for longer than they would bear.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use mysql_async::Row;
use mysql_async::prelude::Queryable;
use tracing::info;

use super::engines::TableWithoutViews;
use super::key_collector::KeyCollector;
use super::key_order::Side;
use super::row_batch::RowBatch;
use super::scan_plan::ScanPlan;
use super::scanned_rows::ScannedRows;
use super::view_session::ViewSession;
use crate::captured::CapturedTable;
use crate::error::MySqlError;
use crate::position::TablePlace;
use crate::record::RecordContext;
use crate::schema::SchemaModel;
use crate::server::Connection;
use crate::table_id::TableId;

/// All copied rows together, as they are held.
const COPIED_BYTES: usize = 32 * 1024 * 1024;
/// A batch of a copy.
const BATCH_ROWS: usize = 2048;

/// What was copied.
#[derive(Default)]
pub struct Copies(HashMap<TableId, Copy>);

/// The rows of one table, in the order of its key.
pub struct Copy(VecDeque<RowBatch>);

impl Copies {
    /// Copies `tables`, whose definitions are in `model`. The caller keeps writers out, which must not take longer than
    /// `patience`.
    ///
    /// # Errors
    /// If that is more than can be copied.
    pub fn take(
        connection: &mut Connection,
        tables: &[TableWithoutViews],
        model: &SchemaModel,
        context: &RecordContext,
        patience: Duration,
    ) -> Result<Self, MySqlError> {
        let mut copying = Copying {
            until: Instant::now() + patience,
            bytes_left: COPIED_BYTES,
        };
        let mut copies = HashMap::new();
        for TableWithoutViews {
            table,
            engine,
            statement,
        } in tables
        {
            let schema = model.table(&model.folded(table)).ok_or_else(|| {
                MySqlError::connection(format!(
                    "table {table} appeared while the snapshot began; it begins again"
                ))
                .at(table)
            })?;
            let captured = CapturedTable::new(schema, context)?;
            let plan = ScanPlan::of(connection, schema, statement.as_ref())?;
            let select = plan.select(&captured, &TablePlace::Start)?;
            let copy = copying.copy(connection, &select);
            let copy = copy.map_err(|stopped| stopped.error(connection, table, engine, patience))?;
            info!(%table, engine, "copied a table whose engine has no views");
            copies.insert(schema.id.clone(), copy);
        }
        Ok(Copies(copies))
    }

    /// The copy of `table`, if its engine has no views.
    pub fn remove(&mut self, table: &TableId) -> Option<Copy> {
        self.0.remove(table)
    }
}

/// What is left to the copies.
struct Copying {
    until: Instant,
    bytes_left: usize,
}

/// Why copying stopped.
enum Stopped {
    TooLong,
    TooLarge,
    Failed(mysql_async::Error),
}

impl Copying {
    fn copy(&mut self, connection: &mut Connection, select: &str) -> Result<Copy, Stopped> {
        let (driver, runtime) = connection.driver();
        let left = self.until.saturating_duration_since(Instant::now());
        let copy = async {
            let mut rows = driver.query_iter(select).await.map_err(Stopped::Failed)?;
            let mut batches = VecDeque::from([RowBatch::default()]);
            while let Some(row) = rows.next().await.map_err(Stopped::Failed)? {
                self.push(&mut batches, &row)?;
            }
            batches.retain(|batch| !batch.is_empty());
            Ok(Copy(batches))
        };
        runtime.block_on(async {
            let copy = tokio::time::timeout(left, copy).await;
            copy.unwrap_or(Err(Stopped::TooLong))
        })
    }

    fn push(&mut self, batches: &mut VecDeque<RowBatch>, row: &Row) -> Result<(), Stopped> {
        let mut batch = batches.pop_back().unwrap_or_default();
        let before = batch.size();
        batch.push(row);
        let grown = batch.size() - before;
        let is_full = batch.len() >= BATCH_ROWS;
        batches.push_back(batch);
        if is_full {
            batches.push_back(RowBatch::default());
        }
        self.bytes_left = self.bytes_left.checked_sub(grown).ok_or(Stopped::TooLarge)?;
        Ok(())
    }
}

impl Stopped {
    fn error(self, connection: &Connection, table: &TableId, engine: &str, patience: Duration) -> MySqlError {
        let remedy = format!(
            "ALTER TABLE {table} ENGINE = InnoDB, or leave it out with table.exclude.list, or take no rows with \
             snapshot.mode=no_data"
        );
        let why = format!(
            "{engine} keeps no versions of rows, so {table} has to be read whole while the snapshot's lock keeps writers out"
        );
        match self {
            Stopped::TooLarge => MySqlError::server(format!(
                "{why}, and it and other tables like it have more than {} MiB: {remedy}",
                COPIED_BYTES / 1024 / 1024
            )),
            Stopped::TooLong => MySqlError::connection(format!(
                "{why}, which took longer than the {} s of snapshot.lock.timeout.ms: {remedy}, or raise that setting",
                patience.as_secs_f64()
            )),
            Stopped::Failed(error) => connection.error("copying a table without views", error),
        }
    }
}

impl Copy {
    /// The rows behind the place where an earlier attempt stopped in the table of `scanned`.
    pub(super) fn behind(
        self,
        scanned: &ScannedRows,
        view: &mut ViewSession,
    ) -> Result<VecDeque<RowBatch>, MySqlError> {
        let (Some(order), TablePlace::Behind { key, .. }) = (scanned.order(), scanned.resumed()) else {
            return Ok(self.0);
        };
        let mut batches = self.0;
        let mut is_sent = |batch: &RowBatch, row: usize| {
            let unreadable =
                || MySqlError::decode(format!("a key of {} cannot be placed", scanned.table())).at(scanned.table());
            let place = KeyCollector::place(&scanned.row(batch, row), &order.columns());
            let place = place.map_err(|error| unreadable().caused_by(error))?;
            match order.side(&place, key).ok_or_else(unreadable)? {
                Side::AtOrBelow => Ok(true),
                Side::Above => Ok(false),
                Side::Ask(question) => view.is_true(&question),
            }
        };
        while let Some(batch) = batches.front()
            && is_sent(batch, batch.len() - 1)?
        {
            batches.pop_front();
        }
        if let Some(batch) = batches.front_mut() {
            // Rows are in the order of keys, so those that were sent are the first ones.
            let (mut sent, mut above) = (0, batch.len());
            while sent < above {
                let middle = (sent + above) / 2;
                match is_sent(batch, middle)? {
                    true => sent = middle + 1,
                    false => above = middle,
                }
            }
            batch.remove_first(sent);
        }
        Ok(batches)
    }
}
