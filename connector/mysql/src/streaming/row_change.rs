//! [`RowChange`]: one change of a row, cut out of a rows event, and the part of it that concerns the topics.

use crate::binlog::event::{ColumnBitmap, RowsEvent};
use crate::captured::BinlogRow;
use crate::error::MySqlError;
use crate::record::RowImages;
use crate::row::{RowDecoder, RowError, Spans};
use crate::schema::TableId;
use crate::snapshot::{FrontierFilter, Verdict};

/// One change of a row, its images split into columns.
pub(super) struct RowChange<'a> {
    before: Option<BinlogRow<'a>>,
    after: Option<BinlogRow<'a>>,
}

impl<'a> RowChange<'a> {
    /// Splits the images at the start of `bytes`; also how many bytes they take.
    pub(super) fn split(
        decoder: &'a RowDecoder,
        rows: &RowsEvent<'_>,
        bytes: &'a [u8],
        before: &'a mut Spans,
        after: &'a mut Spans,
    ) -> Result<(Self, usize), RowError> {
        let mut length = 0;
        let mut image = |columns: Option<ColumnBitmap<'_>>, spans: &'a mut Spans| match columns {
            None => Ok(None),
            Some(columns) => {
                let (image, taken) = decoder.split_row(bytes.get(length..).unwrap_or_default(), columns, spans)?;
                length += taken;
                Ok(Some(BinlogRow { decoder, image }))
            }
        };
        let change = RowChange {
            before: image(rows.before, before)?,
            after: image(rows.after, after)?,
        };
        Ok((change, length))
    }

    /// The part of the change that concerns the topics: all of it, unless a frontier runs through the table. Then a row that
    /// moves across the frontier appears or disappears, and one above it is not there yet.
    pub(super) fn visible(
        &self,
        table: &TableId,
        filter: Option<&mut FrontierFilter>,
    ) -> Result<Option<RowImages<'_>>, MySqlError> {
        let (mut before, mut after) = (self.before.as_ref(), self.after.as_ref());
        if let Some(filter) = filter {
            if let Some(row) = before
                && filter.judge(table, row)? == Verdict::Drop
            {
                before = None;
            }
            if let Some(row) = after
                && filter.judge(table, row)? != Verdict::Emit
            {
                after = None;
            }
        }
        Ok(match (before, after) {
            (None, None) => None,
            (None, Some(row)) => Some(RowImages::Insert(row)),
            (Some(row), None) => Some(RowImages::Delete(row)),
            (Some(before), Some(after)) => Some(RowImages::Update { before, after }),
        })
    }
}
