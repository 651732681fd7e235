//! What the worker gives a task: its stored offsets, and plain logs in Kafka for state of its own.

use std::collections::BTreeMap;

use crate::error::ConnectError;
use crate::offset::{SourceOffset, SourcePartition};

/// Given to a task when it starts. Every call blocks the calling thread, which is the task's own.
pub trait TaskContext: Send + Sync {
    /// The connector's name.
    fn connector(&self) -> &str;

    /// The task's number within its connector, from 0.
    fn task(&self) -> u32;

    /// What tells this task from those of every other connector, worker cluster and Kafka cluster: the same at each of its
    /// starts. For a source that has to know its readers apart, and a reader from its own predecessor.
    fn identity(&self) -> &str;

    /// What tells this start of the task from every other one. A task that begins again by itself, behind a failure that has
    /// passed or a pause, is still in the same start.
    fn start(&self) -> &str;

    /// The offset committed last for `partition`, read from Kafka after all earlier tasks of this id were fenced.
    fn stored_offset(&self, partition: &SourcePartition) -> Result<Option<SourceOffset>, ConnectError>;

    /// Opens a log that the connector keeps outside of its transactions, such as a schema history. Creates the topic
    /// (one partition, `cleanup.policy=delete`, unlimited retention) if it is missing.
    fn open_log(&self, options: &LogOptions) -> Result<Box<dyn RecordLog>, ConnectError>;

    /// Whether the worker wants the task to stop. Looked at inside long waits.
    fn is_stopping(&self) -> bool;
}

/// Where a [`RecordLog`] lives and how to reach it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// The topic.
    pub topic: String,
    /// `bootstrap.servers`; those of the connector's other clients when absent. Other servers inherit no log-in.
    pub bootstrap_servers: Option<String>,
    /// Java producer settings, e.g. from `schema.history.internal.producer.*`.
    pub producer: BTreeMap<String, String>,
    /// Java consumer settings, e.g. from `schema.history.internal.consumer.*`.
    pub consumer: BTreeMap<String, String>,
}

/// A topic of one partition, read from its beginning and appended to.
///
/// Records are never part of a transaction and have no key. An append that was acknowledged is durable; after a crash a
/// record may be there twice, so readers must not mind repeats.
pub trait RecordLog: Send {
    /// Hands every value from the beginning to the end as of now to `visit`, in order. Stops at `visit`'s first error.
    fn read(&mut self, visit: &mut dyn FnMut(&[u8]) -> Result<(), ConnectError>) -> Result<(), ConnectError>;

    /// Appends `value` and waits until all in-sync replicas have it.
    fn append(&mut self, value: &[u8]) -> Result<(), ConnectError>;

    /// Appends `values` in their order and waits until all in-sync replicas have them all. After a failure any number of them,
    /// from the first one on, may be there.
    fn append_all(&mut self, values: &[Vec<u8>]) -> Result<(), ConnectError> {
        values.iter().try_for_each(|value| self.append(value))
    }

    /// Appends `values` in their order, behind whatever was appended before, and need not wait for it: the worker does so before it
    /// stores the next offset of the task. So whoever starts at an offset that the task gave afterwards finds them; whoever starts
    /// at an earlier one may or may not. That they are lost ends the task's attempt as any failure of Kafka does.
    fn append_before_offset(&mut self, values: &[Vec<u8>]) -> Result<(), ConnectError> {
        self.append_all(values)
    }
}
