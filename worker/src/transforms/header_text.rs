//! [`header_text`]: a header's value as Kafka Connect's `SimpleHeaderConverter` writes it.

use connector_api::data::{Value, ValueCollector, WriteError};

use super::connect_text::{TextPlace, push_text};
use super::record::Part;

/// `None` for null.
///
/// # Errors
/// If the value does not fit its schema.
pub fn header_text(value: Part<'_>) -> Result<Option<Vec<u8>>, WriteError> {
    let schema = value.schema;
    match value.value.map(ValueCollector::collect).transpose()? {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let mut text = Vec::new();
            push_text(&mut text, schema, &value, TextPlace::Alone)?;
            Ok(Some(text))
        }
    }
}
