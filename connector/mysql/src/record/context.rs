//! [`RecordContext`]: what shapes the records of every table of one task.

use std::sync::Arc;

use connector_api::HeaderSet;

use super::headers::context_headers;
use super::topic::TopicNames;
use crate::config::{ColumnConverters, ColumnFilter, ColumnMappings, CustomKeys, MySqlConfig, RecordOptions};

/// What shapes the records of every table of one task.
#[derive(Debug, Clone)]
pub struct RecordContext {
    /// How topics are named.
    pub topics: TopicNames,
    /// What records look like.
    pub options: RecordOptions,
    /// Which columns are published.
    pub columns: ColumnFilter,
    /// Keys that the user chose.
    pub custom_keys: CustomKeys,
    /// Which columns are converted in a way of their own.
    pub converters: ColumnConverters,
    /// What is done with columns on their way into a record.
    pub mappings: ColumnMappings,
    /// The headers of every record.
    pub shared_headers: Arc<HeaderSet>,
}

impl RecordContext {
    /// For the task numbered `task`. Its run id is new, so this is made once per start.
    pub fn new(config: &MySqlConfig, task: u32) -> Self {
        let options = config.records.clone();
        RecordContext {
            topics: TopicNames::new(&config.topic_prefix, &options.topic_delimiter, options.topic_naming),
            columns: config.columns.clone(),
            custom_keys: config.custom_keys.clone(),
            converters: config.converters.clone(),
            mappings: config.mappings.clone(),
            shared_headers: match options.extended_headers {
                true => context_headers(&config.topic_prefix, task),
                false => Arc::default(),
            },
            options,
        }
    }
}
