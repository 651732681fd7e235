//! [`KeyScratch`]: whether an update changed the key.
//!
//! Both keys are written, value by value and tagged by kind, into two buffers that live as long as the task. Equal bytes
//! mean equal keys, exactly as Debezium compares its key structs.

use connector_api::data::{ValueWriter, WriteError, WriteValue};

/// Room for two keys, reused for every update.
#[derive(Debug, Default)]
pub struct KeyScratch {
    before: Vec<u8>,
    after: Vec<u8>,
}

impl KeyScratch {
    /// Whether the two keys, or rows, differ.
    pub(super) fn differ(&mut self, before: &dyn WriteValue, after: &dyn WriteValue) -> Result<bool, WriteError> {
        for (value, bytes) in [(before, &mut self.before), (after, &mut self.after)] {
            bytes.clear();
            value.write(&mut Image(bytes))?;
        }
        Ok(self.before != self.after)
    }
}

/// Writes values as bytes that are equal only for equal values of one schema.
struct Image<'a>(&'a mut Vec<u8>);

impl Image<'_> {
    fn fixed(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.0.push(1);
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn sized(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.0.push(2);
        self.0.extend_from_slice(&bytes.len().to_le_bytes());
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

impl ValueWriter for Image<'_> {
    fn null(&mut self) -> Result<(), WriteError> {
        self.0.push(0);
        Ok(())
    }
    fn boolean(&mut self, value: bool) -> Result<(), WriteError> {
        self.fixed(&[u8::from(value)])
    }
    fn int32(&mut self, value: i32) -> Result<(), WriteError> {
        self.fixed(&value.to_le_bytes())
    }
    fn int64(&mut self, value: i64) -> Result<(), WriteError> {
        self.fixed(&value.to_le_bytes())
    }
    fn float32(&mut self, value: f32) -> Result<(), WriteError> {
        self.fixed(&value.to_le_bytes())
    }
    fn float64(&mut self, value: f64) -> Result<(), WriteError> {
        self.fixed(&value.to_le_bytes())
    }
    fn string(&mut self, value: &str) -> Result<(), WriteError> {
        self.sized(value.as_bytes())
    }
    fn bytes(&mut self, value: &[u8]) -> Result<(), WriteError> {
        self.sized(value)
    }
    fn begin_struct(&mut self) -> Result<(), WriteError> {
        Ok(())
    }
    fn end_struct(&mut self) -> Result<(), WriteError> {
        Ok(())
    }
    fn begin_array(&mut self, len: usize) -> Result<(), WriteError> {
        self.fixed(&len.to_le_bytes())
    }
    fn end_array(&mut self) -> Result<(), WriteError> {
        Ok(())
    }
    fn begin_map(&mut self, len: usize) -> Result<(), WriteError> {
        self.fixed(&len.to_le_bytes())
    }
    fn end_map(&mut self) -> Result<(), WriteError> {
        Ok(())
    }
}
