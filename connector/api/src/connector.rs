//! [`SourceConnector`]: what a plugin is to the worker.

use std::sync::Arc;

use crate::config::{ConfigDef, ConfigMap, ConfigValue};
use crate::context::{LogOptions, TaskContext};
use crate::error::ConnectError;
use crate::task::SourceTask;

/// A log of a connector's own, and where in its configuration the settings of the clients stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfiguredLog {
    /// The log.
    pub options: LogOptions,
    /// What the keys of [`LogOptions::producer`] begin with.
    pub producer_prefix: &'static str,
    /// What the keys of [`LogOptions::consumer`] begin with.
    pub consumer_prefix: &'static str,
}

/// A source connector plugin. One value serves every connector of its class, from any thread.
///
/// The worker calls [`validate`](Self::validate) before it accepts a configuration, then
/// [`task_configs`](Self::task_configs), and for each of those [`start_task`](Self::start_task) on the task's own thread.
pub trait SourceConnector: Send + Sync {
    /// The full class name that `connector.class` carries, e.g. `io.debezium.connector.mysql.MySqlConnector`.
    /// The simple name, with and without the ending `Connector`, is accepted as an alias.
    fn class(&self) -> &'static str;

    /// The version reported where clients look for one.
    fn version(&self) -> &'static str;

    /// Every key with type, default, validator and documentation.
    fn config_def(&self) -> &ConfigDef;

    /// Checks a configuration: every problem at once, each with its key. May connect to the source to look; blocks.
    fn validate(&self, config: &ConfigMap) -> Vec<ConfigValue>;

    /// The same without looking at the source, for a configuration that is refused already.
    fn validate_values(&self, config: &ConfigMap) -> Vec<ConfigValue> {
        self.validate(config)
    }

    /// The logs that tasks with this configuration will open, as far as it says, so that their settings are checked with all
    /// others.
    fn logs(&self, _config: &ConfigMap) -> Vec<ConfiguredLog> {
        Vec::new()
    }

    /// What is worth knowing about a configuration but no error: keys that are unknown or not carried out. Looks at nothing
    /// else.
    fn warnings(&self, _config: &ConfigMap) -> Vec<String> {
        Vec::new()
    }

    /// What could be better at the source itself, each with what changes it: settings, missing or superfluous grants; or why
    /// the source cannot be asked. Connects to it; blocks.
    fn advice(&self, _config: &ConfigMap) -> Vec<String> {
        Vec::new()
    }

    /// The namespaces that record schemas will have, each with the key it follows from, as far as the configuration leaves
    /// them unadjusted. A converter that restricts names refuses them at validation, before any record is made.
    fn schema_namespaces(&self, _config: &ConfigMap) -> Vec<(String, String)> {
        Vec::new()
    }

    /// The name and value that a key of an older version of the connector has today; `None`: they are as they were.
    fn migrated(&self, _key: &str, _value: &str) -> Option<(String, String)> {
        None
    }

    /// The configurations of at most `max_tasks` tasks.
    fn task_configs(&self, config: &ConfigMap, max_tasks: usize) -> Result<Vec<ConfigMap>, ConnectError>;

    /// The value of `task.class` in a stored task configuration.
    fn task_class(&self) -> &'static str;

    /// Connects and returns a task that stands at its stored offset. Runs on the task's thread; blocks.
    fn start_task(
        &self,
        config: &ConfigMap,
        context: Arc<dyn TaskContext>,
    ) -> Result<Box<dyn SourceTask>, ConnectError>;
}
