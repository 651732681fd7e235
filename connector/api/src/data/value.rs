//! [`Value`]: the owned form of a value, for defaults, tests, tools and transforms that need to hold one.

use super::{FieldRef, ValueWriter, WriteError, WriteValue};

/// An owned value. Struct fields carry no names: those are the schema's.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// `BOOLEAN`.
    Boolean(bool),
    /// `INT8`, `INT16` or `INT32`.
    Int32(i32),
    /// `INT64`.
    Int64(i64),
    /// `FLOAT32`.
    Float32(f32),
    /// `FLOAT64`.
    Float64(f64),
    /// `STRING`.
    String(String),
    /// `BYTES`, and the unscaled value of a `Decimal`.
    Bytes(Vec<u8>),
    /// `ARRAY`.
    Array(Vec<Value>),
    /// `MAP`, in insertion order.
    Map(Vec<(Value, Value)>),
    /// `STRUCT`: the fields in schema order.
    Struct(Vec<Value>),
}

/// A text that needs no [`Value`] around it.
impl WriteValue for String {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        writer.string(self)
    }

    fn write_field(&self, _index: usize, _writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        Err(WriteError::new("a text has no fields"))
    }
}

impl WriteValue for Value {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match self {
            Value::Null => writer.null(),
            Value::Boolean(value) => writer.boolean(*value),
            Value::Int32(value) => writer.int32(*value),
            Value::Int64(value) => writer.int64(*value),
            Value::Float32(value) => writer.float32(*value),
            Value::Float64(value) => writer.float64(*value),
            Value::String(value) => writer.string(value),
            Value::Bytes(value) => writer.bytes(value),
            Value::Array(items) => {
                writer.begin_array(items.len())?;
                items.iter().try_for_each(|item| item.write(writer))?;
                writer.end_array()
            }
            Value::Map(entries) => {
                writer.begin_map(entries.len())?;
                for (key, value) in entries {
                    key.write(writer)?;
                    value.write(writer)?;
                }
                writer.end_map()
            }
            Value::Struct(fields) => {
                writer.begin_struct()?;
                fields.iter().try_for_each(|field| field.write(writer))?;
                writer.end_struct()
            }
        }
    }

    fn write_field(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match self {
            Value::Struct(fields) => match fields.get(index) {
                Some(field) => field.write(writer),
                None => Err(WriteError::new(format!(
                    "the struct has {} fields, none at {index}",
                    fields.len()
                ))),
            },
            _ => Err(WriteError::new("only a struct has fields")),
        }
    }

    fn field(&self, index: usize) -> FieldRef<'_> {
        match self {
            Value::Struct(fields) => match fields.get(index) {
                Some(Value::Null) => FieldRef::Null,
                Some(field @ Value::Struct(_)) => FieldRef::Struct(field),
                _ => FieldRef::Written,
            },
            _ => FieldRef::Written,
        }
    }
}

/// A [`ValueWriter`] that keeps what it is given as an owned [`Value`].
///
/// It does not know the schema, so a null stays a null.
#[derive(Debug, Default)]
pub struct ValueCollector {
    open: Vec<Container>,
    finished: Option<Value>,
}

#[derive(Debug)]
enum Container {
    Struct(Vec<Value>),
    Array(Vec<Value>),
    Map(Vec<(Value, Value)>, Option<Value>),
}

impl ValueCollector {
    /// Writes `value` into a new collector and returns the owned form.
    pub fn collect(value: &dyn WriteValue) -> Result<Value, WriteError> {
        let mut collector = ValueCollector::default();
        value.write(&mut collector)?;
        collector.finish()
    }

    /// The collected value.
    ///
    /// # Errors
    /// If nothing was written, or a container is still open.
    pub fn finish(mut self) -> Result<Value, WriteError> {
        match (self.finished.take(), self.open.is_empty()) {
            (Some(value), true) => Ok(value),
            _ => Err(WriteError::new("the value is not complete")),
        }
    }

    fn put(&mut self, value: Value) -> Result<(), WriteError> {
        match self.open.last_mut() {
            Some(Container::Struct(items) | Container::Array(items)) => items.push(value),
            Some(Container::Map(entries, key)) => match key.take() {
                Some(key) => entries.push((key, value)),
                None => *key = Some(value),
            },
            None if self.finished.is_none() => self.finished = Some(value),
            None => return Err(WriteError::new("a second value after the first was complete")),
        }
        Ok(())
    }

    fn close(&mut self, close: impl FnOnce(Container) -> Option<Value>) -> Result<(), WriteError> {
        match self.open.pop().and_then(close) {
            Some(value) => self.put(value),
            None => Err(WriteError::new("what is closed is not what was opened")),
        }
    }
}

impl ValueWriter for ValueCollector {
    fn null(&mut self) -> Result<(), WriteError> {
        self.put(Value::Null)
    }
    fn boolean(&mut self, value: bool) -> Result<(), WriteError> {
        self.put(Value::Boolean(value))
    }
    fn int32(&mut self, value: i32) -> Result<(), WriteError> {
        self.put(Value::Int32(value))
    }
    fn int64(&mut self, value: i64) -> Result<(), WriteError> {
        self.put(Value::Int64(value))
    }
    fn float32(&mut self, value: f32) -> Result<(), WriteError> {
        self.put(Value::Float32(value))
    }
    fn float64(&mut self, value: f64) -> Result<(), WriteError> {
        self.put(Value::Float64(value))
    }
    fn string(&mut self, value: &str) -> Result<(), WriteError> {
        self.put(Value::String(value.to_owned()))
    }
    fn bytes(&mut self, value: &[u8]) -> Result<(), WriteError> {
        self.put(Value::Bytes(value.to_vec()))
    }
    fn begin_struct(&mut self) -> Result<(), WriteError> {
        self.open.push(Container::Struct(Vec::new()));
        Ok(())
    }
    fn end_struct(&mut self) -> Result<(), WriteError> {
        self.close(|open| match open {
            Container::Struct(fields) => Some(Value::Struct(fields)),
            _ => None,
        })
    }
    fn begin_array(&mut self, len: usize) -> Result<(), WriteError> {
        self.open.push(Container::Array(Vec::with_capacity(len.min(1024))));
        Ok(())
    }
    fn end_array(&mut self) -> Result<(), WriteError> {
        self.close(|open| match open {
            Container::Array(items) => Some(Value::Array(items)),
            _ => None,
        })
    }
    fn begin_map(&mut self, len: usize) -> Result<(), WriteError> {
        self.open.push(Container::Map(Vec::with_capacity(len.min(1024)), None));
        Ok(())
    }
    fn end_map(&mut self) -> Result<(), WriteError> {
        self.close(|open| match open {
            Container::Map(entries, None) => Some(Value::Map(entries)),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_survives_being_written_into_a_collector() {
        let value = Value::Struct(vec![
            Value::Int64(7),
            Value::Null,
            Value::Array(vec![Value::String("a".into()), Value::Boolean(true)]),
            Value::Map(vec![(
                Value::String("k".into()),
                Value::Struct(vec![Value::Bytes(vec![0, 255])]),
            )]),
        ]);
        assert_eq!(ValueCollector::collect(&value).unwrap(), value);
    }

    #[test]
    fn a_container_that_is_left_open_is_an_error() {
        let mut collector = ValueCollector::default();
        collector.begin_struct().unwrap();
        collector.int32(1).unwrap();
        assert!(collector.finish().is_err());
    }
}
