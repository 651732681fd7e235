//! [`Filter`]: drops every record it looks at; the choice is its predicate's (`org.apache.kafka.connect.transforms.Filter`).

use super::chain::{Next, Transform, TransformError};
use super::record::Record;

/// The transform.
pub struct Filter;

impl Transform for Filter {
    fn apply(&mut self, _record: &Record<'_>, _next: &mut Next<'_>) -> Result<(), TransformError> {
        Ok(())
    }
}
