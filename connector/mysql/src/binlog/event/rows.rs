//! [`RowsEvent`]: changed rows of one table, still packed, and [`ColumnBitmap`]: which columns their images hold.
//!
//! An insert has one image per row, the new one; a delete the old one; an update the old one and then the new one. The
//! images have no lengths: only the table map and the bitmaps tell where one ends (`row::RowDecoder::split_row`).

use super::error::EventFault;
use super::header::type_code;
use crate::binlog::bytes::ByteReader;

/// The table id of an event that only says "the statement ends here"; it has no rows.
const NO_TABLE: u64 = 0x00ff_ffff;
/// The last rows event of a statement: table maps end with it.
const STATEMENT_END: u16 = 1;
/// More columns than any storage engine allows; what claims more is damaged.
const MAX_COLUMNS: u64 = 4096;

/// What happened to the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsKind {
    /// They were inserted.
    Insert,
    /// They were updated.
    Update,
    /// They were deleted.
    Delete,
}

/// Rows of one table that one statement changed, or a part of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowsEvent<'a> {
    /// What happened.
    pub kind: RowsKind,
    /// The table map these rows follow.
    pub table_id: u64,
    /// `Update_rows_partial`: JSON columns of the new images may be differences, and every new image begins with a list
    /// of them (`row::RowDecoder::split_partial_row`); see `binlog_row_value_options`.
    pub partial: bool,
    /// Whether the statement ends with this event.
    pub statement_end: bool,
    /// The columns in old images; `None` for inserts.
    pub before: Option<ColumnBitmap<'a>>,
    /// The columns in new images; `None` for deletes.
    pub after: Option<ColumnBitmap<'a>>,
    /// The images, one after the other.
    pub rows: &'a [u8],
}

impl<'a> RowsEvent<'a> {
    pub(super) fn parse(code: u8, body: &'a [u8], table_id_width: usize) -> Result<Self, EventFault> {
        let (kind, has_extra_data) = match code {
            type_code::WRITE_ROWS_V1 => (RowsKind::Insert, false),
            type_code::UPDATE_ROWS_V1 => (RowsKind::Update, false),
            type_code::DELETE_ROWS_V1 => (RowsKind::Delete, false),
            type_code::WRITE_ROWS => (RowsKind::Insert, true),
            type_code::UPDATE_ROWS | type_code::PARTIAL_UPDATE_ROWS => (RowsKind::Update, true),
            type_code::DELETE_ROWS => (RowsKind::Delete, true),
            _ => return Err(EventFault::Invalid("it is no rows event")),
        };
        let mut reader = ByteReader::new(body);
        let table_id = reader.uint(table_id_width)?;
        let flags = reader.u16()?;
        if has_extra_data {
            // Partition ids and the data of NDB. The length counts itself.
            let length = reader.u16()?.checked_sub(2);
            reader.take(usize::from(
                length.ok_or(EventFault::Invalid("the extra data are shorter than their length"))?,
            ))?;
        }
        let column_count = reader.packed()?;
        if column_count > MAX_COLUMNS {
            return Err(EventFault::Unsupported {
                what: "a column count of",
                value: column_count,
            });
        }
        let column_count = column_count as usize;
        let mut bitmap =
            || Ok::<_, EventFault>(ColumnBitmap::new(reader.take(column_count.div_ceil(8))?, column_count));
        let first = bitmap()?;
        let (before, after) = match kind {
            RowsKind::Insert => (None, Some(first)),
            RowsKind::Delete => (Some(first), None),
            RowsKind::Update => (Some(first), Some(bitmap()?)),
        };
        Ok(RowsEvent {
            kind,
            table_id,
            partial: code == type_code::PARTIAL_UPDATE_ROWS,
            statement_end: flags & STATEMENT_END != 0,
            before,
            after,
            rows: reader.rest(),
        })
    }

    /// Whether the event has no rows and only ends a statement.
    pub fn is_dummy(&self) -> bool {
        self.table_id == NO_TABLE && self.rows.is_empty()
    }
}

/// Which columns of a table are in the images of an event. Padding bits may be anything and are never looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnBitmap<'a> {
    bytes: &'a [u8],
    count: usize,
}

impl<'a> ColumnBitmap<'a> {
    /// The bitmap of `count` columns in `bytes`; those for which there are no bytes are not there.
    pub fn new(bytes: &'a [u8], count: usize) -> Self {
        ColumnBitmap { bytes, count }
    }

    /// How many columns the table has.
    pub fn column_count(&self) -> usize {
        self.count
    }

    /// Whether the column is there.
    pub fn contains(&self, column: usize) -> bool {
        column < self.count
            && self
                .bytes
                .get(column / 8)
                .is_some_and(|byte| byte >> (column % 8) & 1 == 1)
    }

    /// The first column that is not there.
    pub fn first_missing(&self) -> Option<usize> {
        let whole = self.bytes.iter().position(|byte| *byte != 0xff)?;
        (whole * 8..self.count).find(|column| !self.contains(*column))
    }
}
