//! Configurations of connectors, as one writes them for Kafka Connect.

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::names::Names;
use crate::stack::Stack;

/// A connector's configuration.
#[derive(Debug, Clone)]
pub struct ConnectorConfig(Map<String, Value>);

const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";
const AVRO: &str = "io.confluent.connect.avro.AvroConverter";

impl ConnectorConfig {
    /// The example connector: 1, 2, 3, … to partition 0 of `topic`.
    pub fn numbers(topic: &str) -> Self {
        ConnectorConfig(Map::new())
            .with("connector.class", "io.rowmill.example.NumbersConnector")
            .with("topic", topic)
            .with("batch", "7")
            .with("interval.ms", "3")
            .with("key.converter", JSON)
            .with("key.converter.schemas.enable", "false")
            .with("value.converter", JSON)
            .with("value.converter.schemas.enable", "false")
            .creating_topics(1)
    }

    /// The MySQL connector on a test's own database, with Avro and compacted topics of three partitions.
    pub fn mysql(stack: &Stack, names: &Names) -> Result<Self> {
        let config = ConnectorConfig(Map::new())
            .with("connector.class", "io.debezium.connector.mysql.MySqlConnector")
            .with("tasks.max", "1")
            .with("database.hostname", "127.0.0.1")
            .with("database.port", &stack.mysql_port()?.to_string())
            .with("database.user", stack.mysql_user()?)
            .with("database.password", stack.mysql_password()?)
            .with("database.server.id", &server_id(names).to_string())
            .with("topic.prefix", names.prefix())
            .with("database.include.list", names.database())
            .with("schema.history.internal.kafka.bootstrap.servers", stack.kafka()?)
            .with("schema.history.internal.kafka.topic", &names.history_topic())
            .with("key.converter", AVRO)
            .with("key.converter.schema.registry.url", stack.registry()?)
            .with("value.converter", AVRO)
            .with("value.converter.schema.registry.url", stack.registry()?);
        Ok(config.creating_topics(3))
    }

    fn creating_topics(self, partitions: u32) -> Self {
        self.with("topic.creation.default.replication.factor", "1")
            .with("topic.creation.default.partitions", &partitions.to_string())
    }

    /// Sets a key.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// Without a key.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.0.remove(key);
        self
    }

    /// What `POST /connectors` takes as `config`.
    pub fn json(&self) -> Value {
        json!(self.0)
    }
}

/// Unique enough on a server that a few connectors read: spread over the upper half of the range, away from servers' ids,
/// which are port numbers.
fn server_id(names: &Names) -> u32 {
    let spread = names
        .own
        .bytes()
        .fold(17_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    spread | 0x8000_0000
}
