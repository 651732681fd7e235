//! What the tests of the type families share: the value that a function writes.

use connector_api::data::{Value, ValueCollector, ValueWriter, WriteError};

use super::Written;

/// The value that `write` gives; `None` for NULL.
pub(super) fn written(write: impl FnOnce(&mut dyn ValueWriter) -> Written) -> Result<Option<Value>, WriteError> {
    let mut collector = ValueCollector::default();
    if write(&mut collector)? {
        collector.finish().map(Some)
    } else {
        Ok(None)
    }
}
