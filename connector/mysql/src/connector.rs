//! [`MySqlConnector`]: the plugin, as the worker sees it.

use std::sync::Arc;

use connector_api::config::{ConfigDef, ConfigValue};
use connector_api::{ConfigMap, ConfiguredLog, ConnectError, SourceConnector, SourceTask, TaskContext};

use crate::config::{
    HISTORY_CONSUMER, HISTORY_PRODUCER, MySqlConfig, NameAdjustment, config_def, history_log, migrated, validate,
    warnings,
};
use crate::error::MySqlError;
use crate::record::SOURCE_VERSION;
use crate::server::{Connection, ConnectionOptions, Finding, check_prerequisites, prerequisites};
use crate::snapshot::{finding_about, tables_without_views};
use crate::task;

/// Connects as the task would, and asks.
fn look_at_server<T>(
    config: &MySqlConfig,
    ask: impl FnOnce(&mut Connection, &MySqlConfig) -> Result<T, MySqlError>,
) -> Result<T, MySqlError> {
    let patience = config.connection.connect_timeout.min(config.validation_timeout);
    let options = ConnectionOptions {
        connect_timeout: patience,
        ..config.connection.clone()
    };
    let mut session = Connection::open(&options)?;
    let answer = ask(&mut session, config);
    session.close();
    answer
}

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
        let mut values = validate(config);
        let is_possible = values.iter().all(|value| value.errors.is_empty());
        if let Ok(parsed) = MySqlConfig::parse(config)
            && is_possible
            && let Err(error) = look_at_server(&parsed, |session, config| {
                check_prerequisites(session, &config.purpose())
            })
        {
            let host = values.iter_mut().find(|value| value.name == "database.hostname");
            let message = format!("Unable to connect: {}", ConnectError::from(error).with_causes());
            host.into_iter().for_each(|value| value.errors.push(message.clone()));
        }
        values
    }

    fn validate_values(&self, config: &ConfigMap) -> Vec<ConfigValue> {
        validate(config)
    }

    fn logs(&self, config: &ConfigMap) -> Vec<ConfiguredLog> {
        let log = history_log(config).map(|options| ConfiguredLog {
            options,
            producer_prefix: HISTORY_PRODUCER,
            consumer_prefix: HISTORY_CONSUMER,
        });
        log.into_iter().collect()
    }

    fn warnings(&self, config: &ConfigMap) -> Vec<String> {
        warnings(config)
    }

    fn advice(&self, config: &ConfigMap) -> Vec<String> {
        let Ok(parsed) = MySqlConfig::parse(config) else {
            return Vec::new();
        };
        let look = |session: &mut Connection, config: &MySqlConfig| -> Result<Vec<Finding>, MySqlError> {
            let mut findings = prerequisites(session, &config.purpose())?;
            findings.extend(finding_about(&tables_without_views(session, config)?));
            Ok(findings)
        };
        match look_at_server(&parsed, look) {
            Ok(findings) => findings.iter().map(ToString::to_string).collect(),
            Err(error) => vec![ConnectError::from(error).with_causes()],
        }
    }

    fn schema_namespaces(&self, config: &ConfigMap) -> Vec<(String, String)> {
        match MySqlConfig::parse(config) {
            Ok(parsed) if parsed.records.schema_names == NameAdjustment::None => {
                vec![("topic.prefix".to_owned(), parsed.topic_prefix)]
            }
            _ => Vec::new(),
        }
    }

    fn migrated(&self, key: &str, value: &str) -> Option<(String, String)> {
        migrated(key, value)
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
