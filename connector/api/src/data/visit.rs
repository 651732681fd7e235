//! The seam between a connector and a converter: values are *written*, not built.
//!
//! A [`WriteValue`] borrows from the connector's buffers (a binlog packet, say) and can be replayed any number of times
//! and field by field, because key, value, routing and unwrapping all look at the same row. A [`ValueWriter`] receives
//! it: the Avro writer turns the calls into bytes, [`ValueCollector`](super::ValueCollector) into an owned
//! [`Value`](super::Value), a transform into calls to the next writer. Nothing is allocated per value.
//!
//! Both traits are dyn-compatible and synchronous. A struct is written as `begin_struct`, then every field's value in
//! the order of its schema, then `end_struct`. The writer knows the schema and decides everything that depends on it:
//! union branches, the width of an integer, and that a null in an optional field with a default becomes that default
//! (Kafka Connect's `Struct.get`). On an error the writer truncates its output to where the value began.

use std::fmt;

/// A value that can be written, again and again, into any [`ValueWriter`].
pub trait WriteValue {
    /// Writes the whole value.
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError>;

    /// Writes one field of a struct, by its index in the schema.
    ///
    /// # Errors
    /// If the value is no struct, or has no such field.
    fn write_field(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError>;

    /// What is in one field of a struct, to look into it without writing it. A value that does not know answers
    /// [`FieldRef::Written`], and whoever asks writes the field to see.
    fn field(&self, _index: usize) -> FieldRef<'_> {
        FieldRef::Written
    }
}

/// A field that is looked at.
#[derive(Clone, Copy)]
pub enum FieldRef<'a> {
    /// It is null.
    Null,
    /// It is this struct.
    Struct(&'a dyn WriteValue),
    /// It shows itself only when it is written.
    Written,
}

/// Receives a value piece by piece. See the module's documentation for the order of calls.
pub trait ValueWriter {
    /// Null, or the field's default where the schema says so.
    fn null(&mut self) -> Result<(), WriteError>;
    /// A boolean.
    fn boolean(&mut self, value: bool) -> Result<(), WriteError>;
    /// An `INT8`, `INT16` or `INT32`.
    fn int32(&mut self, value: i32) -> Result<(), WriteError>;
    /// An `INT64`.
    fn int64(&mut self, value: i64) -> Result<(), WriteError>;
    /// A `FLOAT32`.
    fn float32(&mut self, value: f32) -> Result<(), WriteError>;
    /// A `FLOAT64`.
    fn float64(&mut self, value: f64) -> Result<(), WriteError>;
    /// A `STRING`.
    fn string(&mut self, value: &str) -> Result<(), WriteError>;
    /// A `BYTES`. A `Decimal` is written as its unscaled value: big-endian two's complement, as short as possible.
    fn bytes(&mut self, value: &[u8]) -> Result<(), WriteError>;
    /// Opens a struct; its fields follow in schema order.
    fn begin_struct(&mut self) -> Result<(), WriteError>;
    /// Closes a struct.
    fn end_struct(&mut self) -> Result<(), WriteError>;
    /// Opens an array of `len` items.
    fn begin_array(&mut self, len: usize) -> Result<(), WriteError>;
    /// Closes an array.
    fn end_array(&mut self) -> Result<(), WriteError>;
    /// Opens a map of `len` entries; key and value alternate.
    fn begin_map(&mut self, len: usize) -> Result<(), WriteError>;
    /// Closes a map.
    fn end_map(&mut self) -> Result<(), WriteError>;
}

/// Why a value could not be written: it does not fit its schema, or its bytes are not what they claim to be.
///
/// The message names the field where it is known, never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteError {
    message: String,
    field: Option<String>,
}

impl WriteError {
    /// An error with this explanation.
    pub fn new(message: impl Into<String>) -> Self {
        WriteError {
            message: message.into(),
            field: None,
        }
    }

    /// Names the field it happened in; an outer struct prefixes its own field.
    #[must_use]
    pub fn in_field(mut self, field: &str) -> Self {
        self.field = Some(match self.field {
            Some(inner) => format!("{field}.{inner}"),
            None => field.to_owned(),
        });
        self
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "field `{field}`: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for WriteError {}
