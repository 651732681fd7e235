//! [`TailError`]: why a topic could not be shown.

use thiserror::Error;

use crate::config::ConfigError;
use crate::kafka::KafkaError;

/// Why reading or decoding ended. All of it is for a person to fix.
#[derive(Debug, Error)]
pub enum TailError {
    /// The worker's properties cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Kafka refuses, or is away.
    #[error(transparent)]
    Kafka(#[from] KafkaError),
    /// Avro without a registry.
    #[error("topic {topic} holds Avro, whose schemas are in a registry: name it with --registry URL")]
    NoRegistry {
        /// Which topic.
        topic: String,
    },
    /// The registry gave no schema.
    #[error("schema {id} of {url}: {reason}")]
    Registry {
        /// The schema's id.
        id: u32,
        /// The registry.
        url: String,
        /// What it answered.
        reason: String,
    },
    /// A record is not what its schema says.
    #[error("record {offset} in partition {partition} of topic {topic} cannot be decoded: {reason}")]
    Undecodable {
        /// The topic it is in.
        topic: String,
        /// The number of the partition.
        partition: i32,
        /// Its place in the partition.
        offset: i64,
        /// What does not fit.
        reason: String,
    },
    /// Rows without keys cannot be folded into a copy.
    #[error(
        "topic {topic} has records without a key, so no copy of its table can be built from it: give the table a \
             primary key, or name columns in message.key.columns"
    )]
    Keyless {
        /// Which topic.
        topic: String,
    },
    /// Nothing was found to read.
    #[error("no topic matches: look at `GET /connectors/NAME/topics` of the worker for the names")]
    NoTopic,
    /// The operating system refuses something basic.
    #[error("{doing}")]
    System {
        /// What was being done.
        doing: &'static str,
        /// Why not.
        source: std::io::Error,
    },
}
