//! [`header_bytes`]: a header's value as Kafka Connect's `SimpleHeaderConverter` writes it
//! (`org.apache.kafka.connect.data.Values.convertToString`).

use std::borrow::Cow;

use connector_api::data::{Value, ValueCollector, WriteError};

use super::record::HeaderValue;

/// `None` for null.
///
/// # Errors
/// If the value is of a kind that has no text here.
pub fn header_bytes<'v>(value: &HeaderValue<'v>) -> Result<Option<Cow<'v, [u8]>>, WriteError> {
    let part = match value {
        HeaderValue::Serialised(bytes) => return Ok(Some(Cow::Borrowed(bytes))),
        HeaderValue::Typed(part) => part,
    };
    let Some(value) = part.value else { return Ok(None) };
    let text = match ValueCollector::collect(value)? {
        Value::Null => return Ok(None),
        Value::String(text) => text,
        Value::Boolean(flag) => flag.to_string(),
        Value::Int32(number) => number.to_string(),
        Value::Int64(number) => number.to_string(),
        _ => return Err(WriteError::new("only texts, whole numbers and booleans become headers")),
    };
    Ok(Some(Cow::Owned(text.into_bytes())))
}
