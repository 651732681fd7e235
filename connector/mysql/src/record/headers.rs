//! The headers of the contract: which connector, task and run a record comes from, and the other key of a key change.
//!
//! Values are what Connect's default `SimpleHeaderConverter` writes: strings as they are, a key struct as compact JSON
//! with bytes in base64 (`org.apache.kafka.connect.data.Values`).

use std::sync::Arc;

use connector_api::HeaderSet;
use connector_api::data::{Schema, WriteError, WriteValue};
use uuid::Uuid;

use super::key_text::KeyText;
use super::source_info::CONNECTOR;

/// On the delete of a key change and on its tombstone: the key the row has now.
pub(super) const NEW_KEY: &str = "__debezium.newkey";
/// On the create of a key change: the key the row had.
pub(super) const OLD_KEY: &str = "__debezium.oldkey";

/// The headers that every record of one run of a task carries, in Debezium's order.
pub fn context_headers(topic_prefix: &str, task: u32) -> Arc<HeaderSet> {
    let header = |name: &str, value: String| (format!("__debezium.context.{name}"), value.into_bytes());
    Arc::new(HeaderSet(vec![
        header("connectorLogicalName", topic_prefix.to_owned()),
        header("taskId", task.to_string()),
        header("connectorName", CONNECTOR.to_owned()),
        header("runId", Uuid::now_v7().to_string()),
    ]))
}

/// The text of a key in a header.
pub(super) fn key_header(schema: &Schema, key: &dyn WriteValue) -> Result<Vec<u8>, WriteError> {
    let mut text = KeyText::new(schema);
    key.write(&mut text)?;
    Ok(text.into_bytes())
}
