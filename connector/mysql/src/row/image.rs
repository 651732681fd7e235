//! [`RowImage`]: one row of a rows event with the borders of its columns found, and [`Spans`], the memory for them.
//!
//! Finding the borders is one pass over the bytes; afterwards every column can be read, compared and written any number of
//! times and in any order. `Spans` are reused from row to row: nothing is allocated per row.

/// Where the columns of a row are. One is needed for every image that is in use at the same time: two for an update.
#[derive(Debug, Default)]
pub struct Spans(pub(super) Vec<Span>);

/// Where one column's value is in its image; without the length that may stand in front of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    /// NULL has no bytes; no value starts behind its end.
    pub(super) const NULL: Span = Span {
        start: u32::MAX,
        end: 0,
    };

    /// Whether the value has no bytes and is not NULL.
    pub(super) fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// One image of a row, before or after a change.
#[derive(Debug, Clone, Copy)]
pub struct RowImage<'a> {
    bytes: &'a [u8],
    spans: &'a [Span],
}

impl<'a> RowImage<'a> {
    pub(super) fn new(bytes: &'a [u8], spans: &'a Spans) -> Self {
        RowImage { bytes, spans: &spans.0 }
    }

    /// How many columns the row has.
    pub fn column_count(&self) -> usize {
        self.spans.len()
    }

    /// Where the column's value is.
    pub(super) fn span(&self, column: usize) -> Span {
        self.spans.get(column).copied().unwrap_or(Span::NULL)
    }

    /// The column's value as it is in the binlog; `None` for NULL. Two images of one table have equal bytes in a column
    /// exactly when the column's value is stored alike.
    pub fn column_bytes(&self, column: usize) -> Option<&'a [u8]> {
        let span = self.spans.get(column)?;
        self.bytes.get(span.start as usize..span.end as usize)
    }

    /// The whole image; that of an update that may log differences begins with the image before it.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }
}
