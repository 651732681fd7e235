//! A thin Kafka client for one purpose: a task that writes transactions, at little cost, and knows why when it cannot.
//!
//! It speaks Kafka and nothing else: no MySQL, no Kafka Connect. What it does is a [`Producer`] with transactions (KIP-98,
//! KIP-360, KIP-890), an [`Admin`] for the topics, a [`Reader`], and what belongs to that: connections, versions, metadata, coordinators, errors.
//!
//! # One thread, and it is the caller's
//!
//! A task is one thread that reads, decodes and encodes. The producer adds none: sockets do not block, and the calls of the
//! producer that wait do so in one `poll` over all of them. What is sent meanwhile, the kernel sends. A record is not handed
//! to another thread, so no lock, no queue, no wake-up and no second owner of its bytes is paid for; while nothing is open,
//! nothing runs. An executor (tokio) would bring its own threads or want the task's; there is nothing here that many
//! connections at once would need. Only connecting, many steps that each wait, has a thread for as long as it takes.
//!
//! What follows from it: acknowledgements are looked at when a batch is full and when something is waited for, not in
//! between. No transaction is open while anything but Kafka is waited for, so there is no long in between.
//!
//! # The core is pure
//!
//! The producer sees the world through [`Network`]: a clock, requests, events. Behind it are [`Sockets`], or a cluster that
//! lives in a test, in which time is a number, and every answer can come late, twice, wrong or never.
//!
//! ```no_run
//! use std::time::Duration;
//! use wire::{Address, ConnectionSettings, Headers, Producer, ProducerSettings, Record};
//!
//! let broker = Address { host: "127.0.0.1".to_owned(), port: 9092 };
//! let mut settings = ProducerSettings::new(ConnectionSettings::new(vec![broker]));
//! settings.transactional_id = Some("example".to_owned());
//! let patience = Duration::from_secs(60);
//! let mut producer = Producer::new(settings)?;
//! producer.fence(patience)?;
//! let partition = producer.partition("topic", 0);
//! producer.begin()?;
//! let record = Record { key: Some(b"key"), value: Some(b"value"), headers: &Headers::NONE, timestamp_ms: 0 };
//! producer.append(partition, &record, patience)?;
//! producer.commit(patience)?;
//! # Ok::<(), wire::Error>(())
//! ```

#![forbid(unsafe_code)]

mod admin;
mod backoff;
mod cluster;
mod error;
mod error_code;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzz;
#[cfg(test)]
mod model;
mod network;
mod nodes;
mod producer;
mod protocol;
mod reader;
mod record;
mod settings;

pub use admin::{Admin, Creation, Look, NewTopic, TopicLook};
pub use error::{Error, Kind};
pub use network::{Event, LinkCause, LinkFailure, Network, NodeId, Sockets};
pub use producer::{Committed, PartitionId, Producer};
pub use protocol::{Frame, Versions};
pub use reader::{Isolation, LogEnds, ReadRecord, Reader, ReaderSettings};
pub use record::{BATCH_HEAD, Compression, Headers, Record, record_bytes};
pub use settings::{Address, ConnectionSettings, ProducerSettings, Sasl, ScramHash, Tls, Token, Tokens};
