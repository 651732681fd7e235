//! Kafka behind nouns of ours: no client library's type leaves this folder.
//!
//! | noun                    | what it does                                                                  |
//! |-------------------------|-------------------------------------------------------------------------------|
//! | [`ClientSettings`]      | the client's settings, already translated from Java's names                    |
//! | [`TokenSource`]         | where the tokens of SASL OAUTHBEARER come from                                  |
//! | [`Refusal`]             | why a client does not take them, before anything connects                       |
//! | [`TransactionalWriter`] | begin, append, commit: records and offset in one transaction; owned by one thread |
//! | [`Commit`], [`WrittenPartition`] | how a commit went, and a partition that a transaction went to         |
//! | [`LogProducer`]         | records acknowledged by all in-sync replicas, outside of any transaction        |
//! | [`LogReader`]           | a topic from its beginning to its end; serves one reading                       |
//! | `LogTail`               | what comes behind a reading's position; comes back by itself                    |
//! | [`hidden_partitions`]   | where what was confirmed cannot be seen                                         |
//! | [`Admin`]               | topics: create, describe, their settings; the cluster's id                      |
//! | [`partition_for_key`]   | the Java producer's default partitioner                                        |
//!
//! What writes and administers is the crate `wire`; what reads is librdkafka. The calls of both block, so writers and readers
//! belong on threads of their own.

mod admin;
mod appended;
mod brokers;
mod complaints;
mod connection_settings;
mod error;
mod given;
mod guarantee;
mod log_ends;
mod log_producer;
mod log_reader;
mod log_tail;
mod murmur2;
mod producer_settings;
mod reach;
mod refusal;
mod settings;
mod tokens;
mod transactional_writer;
mod wire_record;

pub use admin::{Admin, NewTopic};
pub use appended::WrittenPartition;
pub use error::{KafkaError, Outcome};
pub use guarantee::Guarantee;
pub use log_ends::{Isolation, hidden_partitions};
pub use log_producer::LogProducer;
pub use log_reader::{LogReader, LogRecord};
pub use murmur2::partition_for_key;
pub use refusal::Refusal;
pub use settings::ClientSettings;
pub use tokens::{AssumedRole, MskIam, TokenEndpoint, TokenFile, TokenSource, Unsecured};
pub use transactional_writer::{COMMIT_DEADLINE, Commit, GETTING_INTO_ORDER, TransactionalWriter};
pub use wire_record::{WireHeaders, WireRecord, batch_bytes};
