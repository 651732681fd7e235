//! Rows as the server sends them, written as the values of a record.
//!
//! A row comes in two forms: as an image in the binlog, packed by the table map in front of it ([`RowDecoder`]), and as
//! text in the result of the snapshot's `SELECT` ([`TextRowDecoder`]). Both are compiled once per version of a table and
//! write straight from the packet into a [`ValueWriter`](connector_api::data::ValueWriter): one copy, no allocation per
//! column. Every family of types is one file that holds both forms side by side, because the same row must become the
//! same record in either way.
//!
//! The values are those of Debezium; where it knows several forms, the column's form says which ([`ColumnForm`]). Where its snapshot and its stream differ, so do the two
//! forms here: digits of a TIMESTAMP's fraction, the year 0 in YEAR and DATE, digits of a FLOAT, blanks and numbers in
//! JSON. Deliberately right, where Debezium is not: a negative TIME inside a JSON document, ENUM and SET values with
//! a comma or a backslash in the stream, dates of October 1582 in a snapshot. An ENUM or SET number that the column has no
//! value for is an error here, and null there.
//!
//! # NULL
//! NULL in a nullable column is written as null; the writer knows what the schema makes of it. A date that is none (a zero
//! in it) counts as NULL. A column that is NOT NULL gets its fallback instead, which the caller provides: the default, or
//! a zero of its type.

mod binary;
mod bit;
mod calendar;
mod column;
mod date;
mod datetime;
mod decimal;
mod decimal_plain;
mod decoder;
mod differences;
mod enum_set;
mod error;
mod float;
mod form;
mod image;
mod integer;
mod json;
mod layout;
mod matching;
mod order;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod text;
mod text_decoder;
mod time;
mod timestamp;
mod year;

pub use decoder::RowDecoder;
pub use error::RowError;
pub use form::{ColumnForm, Misfits};
pub use image::{RowImage, Spans};
pub use order::OrderedRow;
pub use text_decoder::TextRowDecoder;

use connector_api::data::WriteError;

/// Whether a value was written; false if the bytes stand for NULL.
type Written = Result<bool, WriteError>;
