//! [`LogReader`]: partitions of a topic from their beginning to their end, or into a [`LogTail`].
//!
//! A reader serves one reading. It is opened for it, looks at the log as long as it likes, is given its positions once, and is
//! dropped whole: reading consumes it. The client library ends the process (an assertion of `rdkafka_assignment.c`) when a
//! client whose positions were changed is closed before the change was carried out, so that cannot be written here.
//!
//! **The end may never be announced.** While somebody commits all the time, every fetch brings more. So a reading has a mark
//! per partition, taken once, and is over at the first record that reaches it or where the partition does end: the offsets
//! just below a mark can be markers of transactions, which no reader is shown.

use std::collections::{BTreeMap, BTreeSet};

use super::log_ends::{LogEnds, await_visible};
use super::log_tail::{Begin, LogTail};
use super::{ClientSettings, Isolation, KafkaError, Outcome};

/// One record of a log, borrowed from the client.
#[derive(Debug, Clone, Copy)]
pub struct LogRecord<'a> {
    pub partition: i32,
    pub offset: i64,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
}

/// What a reader reads, and how: enough to open it anew.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) settings: ClientSettings,
    pub(super) topic: String,
    /// `None` is all of them.
    pub(super) partition: Option<i32>,
    pub(super) isolation: Isolation,
}

/// Looks at a topic, and then reads it. Belongs to one thread; its calls block.
pub struct LogReader {
    source: Source,
    ends: LogEnds,
    partitions: BTreeSet<i32>,
}

impl LogReader {
    /// A reader of all partitions of `topic`, or of one. Nothing is read yet.
    ///
    /// `settings` must carry a `group.id`; the reader never joins the group.
    pub fn open(
        settings: &ClientSettings,
        topic: &str,
        partition: Option<i32>,
        isolation: Isolation,
    ) -> Result<Self, KafkaError> {
        let settings = settings
            .clone()
            .with("enable.auto.commit", "false")
            .with("enable.partition.eof", "true")
            .with("auto.offset.reset", "error")
            .with("fetch.wait.max.ms", "100");
        let ends = LogEnds::open(&settings, isolation)?;
        let partitions = match partition {
            Some(partition) => BTreeSet::from([partition]),
            None => ends.partitions(topic)?,
        };
        let source = Source {
            settings,
            topic: topic.to_owned(),
            partition,
            isolation,
        };
        Ok(LogReader {
            source,
            ends,
            partitions,
        })
    }

    /// Where each partition ends for this reader; for a `read_committed` one that is the last stable offset.
    pub fn ends(&self) -> Result<BTreeMap<i32, i64>, KafkaError> {
        self.ends.of_topic(&self.source.topic, &self.partitions)
    }

    /// Waits until everything that is in the log now is visible to a `read_committed` reader: until the last stable offset
    /// has reached the present high watermark. `waiting` is called about ten times a second meanwhile, and the call fails
    /// when it says `false`.
    pub fn await_open_transactions(&self, waiting: &mut dyn FnMut() -> bool) -> Result<(), KafkaError> {
        let topic = self.source.topic.as_str();
        let places = self.partitions.iter().map(|partition| (topic, *partition));
        let hidden = await_visible(&self.source.settings, &self.ends, places, waiting)?;
        if hidden.is_empty() {
            return Ok(());
        }
        let context = format!("reading topic {topic}");
        Err(KafkaError::new(Outcome::Retry, context, "stopped while waiting"))
    }

    /// Hands every record from the beginning to the end as of now to `visit`, in order within a partition; a few that are
    /// written meanwhile may be among them.
    ///
    /// The end of a `read_committed` reader is the last stable offset; see
    /// [`await_open_transactions`](Self::await_open_transactions). `waiting` is called about once a second while nothing
    /// comes, and the call fails when it says `false`.
    pub fn read_to_end(
        self,
        waiting: &mut dyn FnMut() -> bool,
        visit: &mut dyn FnMut(LogRecord<'_>),
    ) -> Result<(), KafkaError> {
        self.read_from(&BTreeMap::new(), waiting, visit)
    }

    /// The same from these offsets on; partitions without one are read from their beginning.
    pub fn read_from(
        mut self,
        offsets: &BTreeMap<i32, i64>,
        waiting: &mut dyn FnMut() -> bool,
        visit: &mut dyn FnMut(LogRecord<'_>),
    ) -> Result<(), KafkaError> {
        let mut marks = self.ends()?;
        // What has nothing to be read is not asked for, so nobody waits until its end is announced.
        marks.retain(|partition, end| *end > offsets.get(partition).copied().unwrap_or(0));
        self.partitions.retain(|partition| marks.contains_key(partition));
        if marks.is_empty() {
            return Ok(());
        }
        self.begin(offsets)?.read_to(marks, waiting, visit)
    }

    /// Reads to the end, as [`read_to_end`](Self::read_to_end) does, and goes on as a tail.
    pub fn read_and_follow(
        self,
        waiting: &mut dyn FnMut() -> bool,
        visit: &mut dyn FnMut(LogRecord<'_>),
    ) -> Result<LogTail, KafkaError> {
        let marks = self.ends()?;
        let mut tail = self.begin(&BTreeMap::new())?;
        tail.read_to(marks, waiting, visit)?;
        Ok(tail)
    }

    /// Goes on from these offsets as a tail; partitions without one from their beginning.
    pub fn follow_from(self, offsets: &BTreeMap<i32, i64>) -> Result<LogTail, KafkaError> {
        self.begin(offsets)
    }

    fn begin(self, offsets: &BTreeMap<i32, i64>) -> Result<LogTail, KafkaError> {
        let LogReader {
            source,
            ends,
            partitions,
        } = self;
        let positions = partitions
            .into_iter()
            .map(|partition| (partition, Begin::at(offsets.get(&partition).copied())))
            .collect();
        LogTail::begin(source, ends.into_consumer(), positions)
    }
}
