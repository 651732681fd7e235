//! [`ConnectorPlugins`]: the connectors compiled into a worker, by class name or alias.
//!
//! The library never names a connector: whoever builds a worker hands them in (`plugins.rs` of the `rowmill` binary).

use std::sync::Arc;

use connector_api::SourceConnector;

/// The connectors that a worker can run.
#[derive(Clone, Default)]
pub struct ConnectorPlugins {
    connectors: Vec<Arc<dyn SourceConnector>>,
}

impl ConnectorPlugins {
    /// These connectors.
    pub fn new(connectors: impl IntoIterator<Item = Arc<dyn SourceConnector>>) -> Self {
        ConnectorPlugins {
            connectors: connectors.into_iter().collect(),
        }
    }

    /// The connector whose class is `name`, or whose simple name it is, with or without the ending `Connector`.
    pub fn find(&self, name: &str) -> Option<&Arc<dyn SourceConnector>> {
        self.connectors.iter().find(|connector| {
            let class = connector.class();
            class == name || simple_name(class) == name || short_name(simple_name(class)) == name
        })
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn SourceConnector>> {
        self.connectors.iter()
    }

    /// The class names, for messages.
    pub fn class_names(&self) -> String {
        self.connectors
            .iter()
            .map(|connector| connector.class())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// Whether both names can mean the same connector, as Kafka Connect compares a body's class with the URL's.
pub(crate) fn is_same_plugin(configured: &str, requested: &str) -> bool {
    short_name(configured).ends_with(short_name(requested))
}

fn simple_name(class: &str) -> &str {
    class.rsplit_once('.').map_or(class, |(_, simple)| simple)
}

fn short_name(name: &str) -> &str {
    name.strip_suffix("Connector")
        .filter(|short| !short.is_empty())
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use connector_api::SourceConnector;
    use connector_api::example::NumbersConnector;

    use super::{ConnectorPlugins, is_same_plugin};

    #[test]
    fn a_plugin_is_found_by_class_simple_name_and_short_name() {
        let plugins = ConnectorPlugins::new([Arc::new(NumbersConnector) as Arc<dyn SourceConnector>]);
        for name in ["io.rowmill.example.NumbersConnector", "NumbersConnector", "Numbers"] {
            assert!(plugins.find(name).is_some(), "{name}");
        }
        for name in ["", "Connector", "example.NumbersConnector", "numbers"] {
            assert!(plugins.find(name).is_none(), "{name}");
        }
    }

    #[test]
    fn the_class_in_a_body_is_compared_with_the_urls_by_its_end() {
        assert!(is_same_plugin("io.debezium.connector.mysql.MySqlConnector", "MySql"));
        assert!(is_same_plugin("MySqlConnector", "MySqlConnector"));
        assert!(!is_same_plugin("MySqlConnector", "Postgres"));
    }
}
