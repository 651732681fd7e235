//! The headers of the contract: which connector, task and run a record comes from, and the other key of a key change.
//!
//! Texts, and the struct of a key.

use std::sync::Arc;

use connector_api::HeaderSet;
use uuid::Uuid;

use super::source_info::CONNECTOR;

/// On the delete of a key change and on its tombstone: the key the row has now.
pub(super) const NEW_KEY: &str = "__debezium.newkey";
/// On the create of a key change: the key the row had.
pub(super) const OLD_KEY: &str = "__debezium.oldkey";

/// The headers that every record of one run of a task carries, in Debezium's order.
pub fn context_headers(topic_prefix: &str, task: u32) -> Arc<HeaderSet> {
    let header = |name: &str, value: String| (format!("__debezium.context.{name}"), value);
    Arc::new(HeaderSet(vec![
        header("connectorLogicalName", topic_prefix.to_owned()),
        header("taskId", task.to_string()),
        header("connectorName", CONNECTOR.to_owned()),
        header("runId", Uuid::now_v7().to_string()),
    ]))
}
