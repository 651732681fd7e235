//! [`RowDecoder`]: reads the images of a table's rows in the binlog.
//!
//! Compiled from what is known of the table and from the table map that precedes its rows; the two must agree. Keep one per
//! `Arc<TableMap>` and version of the table: both keep their identity as long as they say the same.

use std::cell::RefCell;

use connector_api::data::{Value, ValueWriter, WriteError};

use super::column::{ColumnDecoder, Scratch};
use super::differences::Differences;
use super::error::RowError;
use super::form::ColumnForm;
use super::image::{RowImage, Span, Spans};
use super::layout::Width;
use super::matching::mismatch;
use crate::binlog::event::ColumnBitmap;
use crate::binlog::table_map::{TableMap, WireType};
use crate::schema::TableSchema;
use crate::table_id::TableId;

/// Reads row images of one version of a table.
#[derive(Debug)]
pub struct RowDecoder {
    table: TableId,
    names: Vec<String>,
    /// `None`: a column that nobody reads.
    columns: Vec<Option<ColumnDecoder>>,
    widths: Vec<Width>,
    /// Whether the table map allows NULL.
    nullable: Vec<bool>,
    /// Whether the value may be logged as a difference from the old one.
    is_document: Vec<bool>,
    scratch: RefCell<Scratch>,
}

impl RowDecoder {
    /// Compiles a decoder. `forms` and `fallbacks` have one entry per column of `table`. A column without a form is
    /// stepped over: whatever it holds, only its name is compared with the map's. A fallback is what a NOT NULL column gets
    /// instead of a zero date.
    ///
    /// # Errors
    /// If `map` is not of this version of the table, or a type cannot be read.
    pub fn new(
        table: &TableSchema,
        forms: &[Option<ColumnForm>],
        fallbacks: Vec<Option<Value>>,
        map: &TableMap,
    ) -> Result<Self, RowError> {
        let definition = |detail| RowError::Definition {
            table: table.id.clone(),
            detail,
        };
        let (known, mapped) = (table.columns.len(), map.columns.len());
        if known != mapped || known != forms.len() || known != fallbacks.len() {
            return Err(definition(format!("{mapped} columns instead of {known}")));
        }
        let mut decoder = RowDecoder {
            table: table.id.clone(),
            names: table.columns.iter().map(|column| column.name.clone()).collect(),
            columns: Vec::with_capacity(known),
            widths: Vec::with_capacity(known),
            nullable: Vec::with_capacity(known),
            is_document: Vec::with_capacity(known),
            scratch: RefCell::default(),
        };
        let described = table.columns.iter().zip(forms).zip(fallbacks).zip(&map.columns);
        for (((column, form), fallback), mapped) in described {
            let width = Width::of(mapped.wire_type).map_err(|reason| RowError::Unsupported {
                table: table.id.clone(),
                column: column.name.clone(),
                reason,
            })?;
            if let Some(detail) = mismatch(column, form.as_ref().map(|form| &form.column_type), mapped) {
                return Err(definition(detail));
            }
            let read = form.as_ref();
            decoder
                .columns
                .push(read.map(|form| ColumnDecoder::new(column, form, fallback)));
            decoder.widths.push(width);
            decoder.nullable.push(mapped.nullable);
            decoder
                .is_document
                .push(matches!(mapped.wire_type, WireType::Json { .. }));
        }
        Ok(decoder)
    }

    /// Finds the columns of the image at the start of `bytes`. `present` is the event's bitmap for this kind of image.
    ///
    /// Returns the image and how many bytes it takes; the next image begins behind it.
    pub fn split_row<'a>(
        &self,
        bytes: &'a [u8],
        present: ColumnBitmap<'_>,
        spans: &'a mut Spans,
    ) -> Result<(RowImage<'a>, usize), RowError> {
        let end = self.find_spans(bytes, 0, present, &mut spans.0, |_, span| Ok(span))?;
        Ok((RowImage::new(bytes.get(..end).unwrap_or_default(), spans), end))
    }

    /// Finds the columns of the new image of an update that may log differences (`Update_rows_partial`). `bytes` begin with
    /// the old image, `old`, and the new one follows. A document that is not changed is that of the old image.
    ///
    /// Returns the image and how many bytes both take.
    ///
    /// # Errors
    /// Also if a document is logged as a difference that changes it: such a difference is not applied.
    pub fn split_partial_row<'a>(
        &self,
        bytes: &'a [u8],
        old: &RowImage<'_>,
        present: ColumnBitmap<'_>,
        spans: &'a mut Spans,
    ) -> Result<(RowImage<'a>, usize), RowError> {
        let start = old.bytes().len();
        let rest = bytes.get(start..).unwrap_or_default();
        let (differences, length) = Differences::parse(rest, &self.is_document).map_err(|fault| self.invalid(fault))?;
        let end = self.find_spans(
            bytes,
            start + length,
            present,
            &mut spans.0,
            |column, span| match differences.has(column) {
                false => Ok(span),
                true if span.is_empty() => Ok(old.span(column)),
                true => Err(RowError::Difference {
                    table: self.table.clone(),
                    column: self.column_name(column),
                }),
            },
        )?;
        Ok((RowImage::new(bytes.get(..end).unwrap_or_default(), spans), end))
    }

    /// Finds the columns of the image that begins at `start`, and its end. `accept` may replace where a value is.
    #[inline]
    fn find_spans(
        &self,
        bytes: &[u8],
        start: usize,
        present: ColumnBitmap<'_>,
        spans: &mut Vec<Span>,
        accept: impl Fn(usize, Span) -> Result<Span, RowError>,
    ) -> Result<usize, RowError> {
        let count = self.columns.len();
        if present.column_count() != count {
            let detail = format!("{} columns in a rows event instead of {count}", present.column_count());
            return Err(RowError::Definition {
                table: self.table.clone(),
                detail,
            });
        }
        if let Some(missing) = present.first_missing() {
            return Err(RowError::PartialImage {
                table: self.table.clone(),
                column: self.column_name(missing),
            });
        }
        let null_bytes = count.div_ceil(8);
        let truncated = |column| RowError::Truncated {
            table: self.table.clone(),
            column: self.column_name(column),
        };
        let image = bytes.get(start..).unwrap_or_default();
        let (nulls, mut rest) = image.split_at_checked(null_bytes).ok_or_else(|| truncated(0))?;
        let mut at = start + null_bytes;
        spans.clear();
        spans.reserve(count);
        for (column, width) in self.widths.iter().enumerate() {
            if nulls.get(column / 8).is_some_and(|byte| byte >> (column % 8) & 1 == 1) {
                spans.push(Span::NULL);
                continue;
            }
            let (before, length) = width.measure(rest).ok_or_else(|| truncated(column))?;
            rest = rest.get(before + length..).ok_or_else(|| truncated(column))?;
            let start = at + before;
            at = start + length;
            // Events are at most 1 GiB (`max_log_event_size`), so positions in them fit.
            let span = Span {
                start: start as u32,
                end: at as u32,
            };
            spans.push(accept(column, span)?);
        }
        Ok(at)
    }

    /// Rows of the table that no server writes.
    pub fn invalid(&self, fault: &'static str) -> RowError {
        RowError::Invalid {
            table: self.table.clone(),
            fault,
        }
    }

    /// Writes one column of an image.
    pub fn write_column(
        &self,
        column: usize,
        image: &RowImage<'_>,
        writer: &mut dyn ValueWriter,
    ) -> Result<(), WriteError> {
        let decoder = self.column(column)?;
        let value = image.column_bytes(column);
        if value.is_none() && !decoder.is_optional() && self.nullable.get(column) == Some(&true) {
            // A fallback would hide that the column allows NULL by now.
            return Err(decoder.error(
                &self.table,
                "NULL, but the column is known as NOT NULL; the definition does not match",
            ));
        }
        decoder.write_image(&self.table, value, &mut self.scratch.borrow_mut(), writer)
    }

    /// Writes one column of an image as it is ordered: in the form of its record where that keeps MySQL's order, else as
    /// MySQL's text or number.
    pub fn write_column_order(
        &self,
        column: usize,
        image: &RowImage<'_>,
        writer: &mut dyn ValueWriter,
    ) -> Result<(), WriteError> {
        let decoder = self.column(column)?;
        let value = image.column_bytes(column);
        decoder.write_image_order(&self.table, value, &mut self.scratch.borrow_mut(), writer)
    }

    fn column(&self, column: usize) -> Result<&ColumnDecoder, WriteError> {
        match self.columns.get(column) {
            Some(Some(decoder)) => Ok(decoder),
            Some(None) => Err(WriteError::new(format!(
                "column `{}` of {} is not among those that are read",
                self.column_name(column),
                self.table
            ))),
            None => Err(WriteError::new(format!("{} has no column number {column}", self.table))),
        }
    }

    fn column_name(&self, column: usize) -> String {
        self.names.get(column).cloned().unwrap_or_default()
    }
}
