//! The only list of connectors.

use std::sync::Arc;

use connector_api::SourceConnector;
use connector_api::example::NumbersConnector;
use connector_mysql::MySqlConnector;
use worker::connector_plugins::ConnectorPlugins;

/// Tests of the worker itself run with a connector that needs no database.
const EXAMPLE: &str = "ROWMILL_EXAMPLE_CONNECTOR";

/// The connectors of the `rowmill` binary.
pub(crate) fn connector_plugins() -> ConnectorPlugins {
    let mut connectors: Vec<Arc<dyn SourceConnector>> = vec![Arc::new(MySqlConnector)];
    if std::env::var(EXAMPLE).is_ok_and(|value| value == "1") {
        connectors.push(Arc::new(NumbersConnector));
    }
    ConnectorPlugins::new(connectors)
}
