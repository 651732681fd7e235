//! [`header_bytes`]: a header's value as Kafka Connect's `SimpleHeaderConverter` writes it.

use std::borrow::Cow;

use connector_api::data::{Value, ValueCollector, WriteError};

use super::connect_text::{TextPlace, push_text};
use super::record::HeaderValue;

/// `None` for null.
///
/// # Errors
/// If the value does not fit its schema.
pub fn header_bytes<'v>(value: &HeaderValue<'v>) -> Result<Option<Cow<'v, [u8]>>, WriteError> {
    let part = match value {
        HeaderValue::Serialised(bytes) => return Ok(Some(Cow::Borrowed(bytes))),
        HeaderValue::Typed(part) => part,
    };
    let Some(value) = part.value else { return Ok(None) };
    match ValueCollector::collect(value)? {
        Value::Null => Ok(None),
        value => {
            let mut bytes = Vec::new();
            push_text(&mut bytes, part.schema, &value, TextPlace::Alone)?;
            Ok(Some(Cow::Owned(bytes)))
        }
    }
}
