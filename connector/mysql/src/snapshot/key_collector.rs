//! [`KeyCollector`]: a key's values as text.

use connector_api::data::{ValueWriter, WriteError, WriteValue};

use crate::row::OrderedRow;

/// Takes the columns of a key one by one. Numbers are decimal, bytes hexadecimal.
#[derive(Debug, Default)]
pub struct KeyCollector {
    values: Vec<String>,
}

impl KeyCollector {
    /// The text of these columns of a row, as its record has them.
    pub fn collect(row: &dyn WriteValue, columns: &[usize]) -> Result<Vec<String>, WriteError> {
        let mut collector = KeyCollector::default();
        for column in columns {
            row.write_field(*column, &mut collector)?;
        }
        Ok(collector.values)
    }

    /// The text of these columns of a row, as MySQL orders them: the form in which a frontier is stored and compared.
    pub fn place(row: &dyn OrderedRow, columns: &[usize]) -> Result<Vec<String>, WriteError> {
        let mut collector = KeyCollector::default();
        for column in columns {
            row.write_order(*column, &mut collector)?;
        }
        Ok(collector.values)
    }

    fn put(&mut self, text: String) -> Result<(), WriteError> {
        self.values.push(text);
        Ok(())
    }

    fn refuse(&self) -> Result<(), WriteError> {
        Err(WriteError::new("a column of a key has a value that no key can have"))
    }
}

/// `ff00`.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl ValueWriter for KeyCollector {
    fn null(&mut self) -> Result<(), WriteError> {
        self.refuse()
    }
    fn boolean(&mut self, value: bool) -> Result<(), WriteError> {
        self.put(i32::from(value).to_string())
    }
    fn int32(&mut self, value: i32) -> Result<(), WriteError> {
        self.put(value.to_string())
    }
    fn int64(&mut self, value: i64) -> Result<(), WriteError> {
        self.put(value.to_string())
    }
    fn float32(&mut self, value: f32) -> Result<(), WriteError> {
        self.put(value.to_string())
    }
    fn float64(&mut self, value: f64) -> Result<(), WriteError> {
        self.put(value.to_string())
    }
    fn string(&mut self, value: &str) -> Result<(), WriteError> {
        self.put(value.to_owned())
    }
    fn bytes(&mut self, value: &[u8]) -> Result<(), WriteError> {
        self.put(hex(value))
    }
    fn begin_struct(&mut self) -> Result<(), WriteError> {
        self.refuse()
    }
    fn end_struct(&mut self) -> Result<(), WriteError> {
        self.refuse()
    }
    fn begin_array(&mut self, _len: usize) -> Result<(), WriteError> {
        self.refuse()
    }
    fn end_array(&mut self) -> Result<(), WriteError> {
        self.refuse()
    }
    fn begin_map(&mut self, _len: usize) -> Result<(), WriteError> {
        self.refuse()
    }
    fn end_map(&mut self) -> Result<(), WriteError> {
        self.refuse()
    }
}
