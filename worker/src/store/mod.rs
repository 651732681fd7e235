//! Where a worker keeps its state: three compacted topics, in Kafka Connect's own record formats.
//!
//! | topic  | what it holds                                              | who writes                              |
//! |--------|------------------------------------------------------------|-----------------------------------------|
//! | config | connectors, task configurations, target states ([`config`]) | the leader, in its transactions          |
//! | offset | where each source stands ([`offset`])                       | tasks, in the transaction of their records; of a stopped connector the leader, under a task's id |
//! | status | states of connectors and tasks ([`status`])                 | whoever runs them                        |
//!
//! **State comes back only by reading the log**, also for the worker that wrote it: a write is done when the reader has seen
//! it. So a restart and a running worker cannot disagree. Each topic has one reader thread ([`topic_log`]) that publishes
//! what it knows; whoever asks never waits for Kafka.

pub mod config;
pub mod offset;
pub mod status;
mod stores;
mod topic_admin;
mod topic_log;

use std::fmt;

use serde::Serialize;
use thiserror::Error;

use crate::config::ConfigError;
use crate::kafka::KafkaError;

pub(crate) use stores::Stores;

/// A task of a connector.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ConnectorTaskId {
    /// The connector's name.
    pub connector: String,
    /// The task's number, from 0.
    pub task: u32,
}

impl ConnectorTaskId {
    /// Task number `task` of `connector`.
    pub fn new(connector: impl Into<String>, task: u32) -> Self {
        ConnectorTaskId {
            connector: connector.into(),
            task,
        }
    }

    /// The transactional id of the task's producer, as KIP-618 names it.
    pub fn transactional_id(&self, group_id: &str) -> String {
        format!("{group_id}-{self}")
    }
}

impl fmt::Display for ConnectorTaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.connector, self.task)
    }
}

/// The worker's state cannot be read or written.
#[derive(Debug, Clone, Error)]
pub enum StoreError {
    /// Kafka did not take a write in time. Whether it happened shows in the log; asking again is harmless.
    #[error("topic {topic} did not take the write within {seconds} s; the last reason was: {reason}")]
    TimedOut {
        /// The topic.
        topic: String,
        /// How long it was tried.
        seconds: u64,
        /// Why the last attempt failed.
        reason: String,
    },
    /// It was written, and it is not known what the topic says since: its reader has not come so far.
    #[error(
        "what was asked for is written to topic {topic}, but was not read back within {seconds} s, so it is not carried out yet: \
         it will be as soon as the worker reads the topic again; look with GET before asking once more"
    )]
    NotReadBack {
        /// The topic.
        topic: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// Kafka refuses for a reason that a person has to mend.
    #[error(transparent)]
    Kafka(#[from] KafkaError),
    /// Someone has to change the worker's configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A topic exists, but its state would be lost in it or not be found again.
    #[error("{0}")]
    UnfitTopic(String),
    /// Another worker has become the leader. This one must end.
    #[error("another worker of this group has taken over the config topic {topic}: {reason}")]
    Fenced {
        /// The topic.
        topic: String,
        /// How that was noticed.
        reason: String,
    },
    /// The worker is stopping.
    #[error("the worker is stopping")]
    Stopping,
}
