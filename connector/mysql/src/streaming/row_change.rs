//! [`RowChanges`]: the changes of a rows event, one after the other, and [`RowChange`]: one of them, and the part of it that
//! concerns the topics.

use crate::binlog::event::{ColumnBitmap, RowsEvent};
use crate::captured::BinlogRow;
use crate::error::MySqlError;
use crate::record::RowImages;
use crate::row::{RowDecoder, RowError, Spans};
use crate::snapshot::{FrontierFilter, Verdict};
use crate::table_id::TableId;

/// Room for the images of one row.
#[derive(Default)]
pub(super) struct ImageSpans {
    before: Spans,
    after: Spans,
}

/// The changes of a rows event that are left.
pub(super) struct RowChanges<'a> {
    decoder: &'a RowDecoder,
    rows: &'a RowsEvent<'a>,
    rest: &'a [u8],
    spans: &'a mut ImageSpans,
}

impl<'a> RowChanges<'a> {
    /// All of an event.
    pub(super) fn of(rows: &'a RowsEvent<'a>, decoder: &'a RowDecoder, spans: &'a mut ImageSpans) -> Self {
        RowChanges {
            decoder,
            rows,
            rest: rows.rows,
            spans,
        }
    }

    /// Whether none is left.
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next one; `None` after the last.
    ///
    /// # Errors
    /// Also if it takes no bytes, which is so of images without columns: there would be no last one.
    pub(super) fn next(&mut self) -> Result<Option<RowChange<'_>>, RowError> {
        if self.is_empty() {
            return Ok(None);
        }
        let ImageSpans { before, after } = &mut *self.spans;
        let (change, length) = RowChange::split(self.decoder, self.rows, self.rest, before, after)?;
        if length == 0 {
            return Err(self.decoder.invalid("its images have no columns"));
        }
        self.rest = self.rest.get(length..).unwrap_or_default();
        Ok(Some(change))
    }
}

/// One change of a row, its images split into columns.
pub(super) struct RowChange<'a> {
    before: Option<BinlogRow<'a>>,
    after: Option<BinlogRow<'a>>,
}

impl<'a> RowChange<'a> {
    /// Splits the images at the start of `bytes`; also how many bytes they take.
    fn split(
        decoder: &'a RowDecoder,
        rows: &RowsEvent<'_>,
        bytes: &'a [u8],
        before: &'a mut Spans,
        after: &'a mut Spans,
    ) -> Result<(Self, usize), RowError> {
        let split = |bytes, columns: Option<ColumnBitmap<'_>>, spans| match columns {
            None => Ok((None, 0)),
            Some(columns) => {
                let (image, taken) = decoder.split_row(bytes, columns, spans)?;
                Ok((Some(BinlogRow { decoder, image }), taken))
            }
        };
        let (before, old_length) = split(bytes, rows.before, before)?;
        let (after, length) = match (&before, rows.after) {
            (Some(before), Some(columns)) if rows.partial => {
                let (image, length) = decoder.split_partial_row(bytes, &before.image, columns, after)?;
                (Some(BinlogRow { decoder, image }), length)
            }
            (_, columns) => {
                let (after, new_length) = split(bytes.get(old_length..).unwrap_or_default(), columns, after)?;
                (after, old_length + new_length)
            }
        };
        Ok((RowChange { before, after }, length))
    }

    /// The row before the change and after it.
    pub(super) fn images(&self) -> impl Iterator<Item = &BinlogRow<'a>> {
        [&self.before, &self.after].into_iter().flatten()
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

#[cfg(test)]
mod tests {
    use super::{ImageSpans, RowChanges};
    use crate::binlog::event::{ColumnBitmap, RowsEvent, RowsKind};
    use crate::binlog::table_map::TableMap;
    use crate::row::{RowDecoder, RowError};
    use crate::schema::TableSchema;
    use crate::table_id::TableId;

    #[test]
    fn bytes_behind_images_without_columns_are_refused() {
        let table = TableSchema {
            id: TableId::new("d", "t"),
            columns: Vec::new(),
            key: Vec::new(),
            default_charset: None,
            comment: None,
        };
        let map = TableMap::of_columns("d", "t", Vec::new());
        let decoder = RowDecoder::new(&table, &[], Vec::new(), &map).expect("a decoder");
        let no_columns = Some(ColumnBitmap::new(&[], 0));
        for (before, after) in [(None, no_columns), (no_columns, None), (no_columns, no_columns)] {
            let event = RowsEvent {
                kind: RowsKind::Update,
                table_id: 7,
                partial: false,
                statement_end: true,
                before,
                after,
                rows: &[0xff],
            };
            let mut spans = ImageSpans::default();
            let mut changes = RowChanges::of(&event, &decoder, &mut spans);
            assert!(matches!(changes.next(), Err(RowError::Invalid { .. })));
        }
    }
}
