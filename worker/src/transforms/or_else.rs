//! [`OrElse`]: a writer to which a null is something else.

use connector_api::data::{Value, ValueWriter, WriteError, WriteValue};

/// Passes everything on to `writer`, but `default` in the place of a null.
pub(super) struct OrElse<'a> {
    pub(super) writer: &'a mut dyn ValueWriter,
    pub(super) default: &'a Value,
}

impl ValueWriter for OrElse<'_> {
    fn null(&mut self) -> Result<(), WriteError> {
        self.default.write(self.writer)
    }
    fn boolean(&mut self, value: bool) -> Result<(), WriteError> {
        self.writer.boolean(value)
    }
    fn int32(&mut self, value: i32) -> Result<(), WriteError> {
        self.writer.int32(value)
    }
    fn int64(&mut self, value: i64) -> Result<(), WriteError> {
        self.writer.int64(value)
    }
    fn float32(&mut self, value: f32) -> Result<(), WriteError> {
        self.writer.float32(value)
    }
    fn float64(&mut self, value: f64) -> Result<(), WriteError> {
        self.writer.float64(value)
    }
    fn string(&mut self, value: &str) -> Result<(), WriteError> {
        self.writer.string(value)
    }
    fn bytes(&mut self, value: &[u8]) -> Result<(), WriteError> {
        self.writer.bytes(value)
    }
    fn begin_struct(&mut self) -> Result<(), WriteError> {
        self.writer.begin_struct()
    }
    fn end_struct(&mut self) -> Result<(), WriteError> {
        self.writer.end_struct()
    }
    fn begin_array(&mut self, len: usize) -> Result<(), WriteError> {
        self.writer.begin_array(len)
    }
    fn end_array(&mut self) -> Result<(), WriteError> {
        self.writer.end_array()
    }
    fn begin_map(&mut self, len: usize) -> Result<(), WriteError> {
        self.writer.begin_map(len)
    }
    fn end_map(&mut self) -> Result<(), WriteError> {
        self.writer.end_map()
    }
}
