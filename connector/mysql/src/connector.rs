//! [`MySqlConnector`]: the plugin, as the worker sees it.

use std::sync::Arc;

use connector_api::config::{ConfigDef, ConfigValue};
use connector_api::{ConfigMap, ConnectError, SourceConnector, SourceTask, TaskContext};

use crate::config::{config_def, validate, warnings};
use crate::record::SOURCE_VERSION;
use crate::task;

/// Debezium's MySQL source, by its name and with its configuration.
#[derive(Debug, Clone, Copy, Default)]
pub struct MySqlConnector;

impl SourceConnector for MySqlConnector {
    fn class(&self) -> &'static str {
        "io.debezium.connector.mysql.MySqlConnector"
    }

    fn version(&self) -> &'static str {
        SOURCE_VERSION
    }

    fn config_def(&self) -> &ConfigDef {
        config_def()
    }

    fn validate(&self, config: &ConfigMap) -> Vec<ConfigValue> {
        validate(config)
    }

    fn warnings(&self, config: &ConfigMap) -> Vec<String> {
        warnings(config)
    }

    /// A binlog is one sequence, so there is one task, whatever `tasks.max` says.
    fn task_configs(&self, config: &ConfigMap, _max_tasks: usize) -> Result<Vec<ConfigMap>, ConnectError> {
        Ok(vec![config.clone()])
    }

    fn task_class(&self) -> &'static str {
        "io.debezium.connector.mysql.MySqlConnectorTask"
    }

    fn start_task(
        &self,
        config: &ConfigMap,
        context: Arc<dyn TaskContext>,
    ) -> Result<Box<dyn SourceTask>, ConnectError> {
        Ok(Box::new(task::start(config, context)?))
    }
}
