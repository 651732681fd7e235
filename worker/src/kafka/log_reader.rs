//! [`LogReader`]: partitions of a topic from their beginning to their end, then their tail.
//!
//! **The end of a `read_committed` reader is not the end of the log.** Another producer's open transaction holds the last
//! stable offset below records that were committed before; librdkafka's watermarks and end-of-partition events obey it. So
//! the mark is the high watermark that a `read_uncommitted` client sees, and whoever must not miss what is committed below it
//! waits until the last stable offset has reached it, and only then reads.
//!
//! **The end may never be announced.** While somebody commits all the time, every fetch brings more. So a reading has a mark
//! per partition, taken once, and is over at the first record that reaches it or where the partition does end: the offsets
//! just below a mark can be markers of transactions, which no reader is shown.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::topic_partition_list::TopicPartitionListElem;
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Message, Offset, TopicPartitionList};

use super::complaints::{Complaints, explained};
use super::{ClientSettings, KafkaError, Outcome, Place};

/// Which records a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    ReadCommitted,
    ReadUncommitted,
}

/// One record of a log, borrowed from the client.
#[derive(Debug, Clone, Copy)]
pub struct LogRecord<'a> {
    pub partition: i32,
    pub offset: i64,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
}

/// Reads a topic. Belongs to one thread; its calls block.
pub struct LogReader {
    consumer: BaseConsumer<Complaints>,
    topic: String,
    partitions: BTreeSet<i32>,
    settings: ClientSettings,
}

const CALL: Duration = Duration::from_secs(5);
/// Between looks at a condition that is awaited.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

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
        let consumer = consumer(&settings, isolation)?;
        let partitions = match partition {
            Some(partition) => BTreeSet::from([partition]),
            None => partitions(&consumer, topic)?,
        };
        Ok(LogReader {
            consumer,
            topic: topic.to_owned(),
            partitions,
            settings,
        })
    }

    /// Hands every record from the beginning to the end as of now to `visit`, in order within a partition; a few that are
    /// written meanwhile may be among them.
    ///
    /// The end of a `read_committed` reader is the last stable offset; see
    /// [`await_open_transactions`](Self::await_open_transactions). `waiting` is called about once a second while nothing
    /// comes, and the call fails when it says `false`.
    pub fn read_to_end(
        &mut self,
        waiting: &mut dyn FnMut() -> bool,
        visit: &mut dyn FnMut(LogRecord<'_>),
    ) -> Result<(), KafkaError> {
        self.read_from(&BTreeMap::new(), waiting, visit)
    }

    /// The same from these offsets on; partitions without one are read from their beginning.
    pub fn read_from(
        &mut self,
        offsets: &BTreeMap<i32, i64>,
        waiting: &mut dyn FnMut() -> bool,
        visit: &mut dyn FnMut(LogRecord<'_>),
    ) -> Result<(), KafkaError> {
        let mut pending = self.ends()?;
        let beginning = |partition| {
            offsets
                .get(partition)
                .map_or(Offset::Beginning, |at| Offset::Offset(*at))
        };
        self.assign(pending.keys().map(|partition| (*partition, beginning(partition))))?;
        // Nobody has to wait until the end of a partition without anything to read is announced.
        pending.retain(|partition, end| *end > offsets.get(partition).copied().unwrap_or(0));
        let mut last_progress = Instant::now();
        while !pending.is_empty() {
            match self.consumer.poll(Duration::from_millis(200)) {
                None if last_progress.elapsed() > Duration::from_secs(1) => {
                    last_progress = Instant::now();
                    if !waiting() {
                        return Err(self.stopped());
                    }
                }
                None => {}
                Some(Ok(message)) => {
                    visit(record(&message));
                    let partition = message.partition();
                    if pending.get(&partition).is_some_and(|end| message.offset() + 1 >= *end) {
                        pending.remove(&partition);
                    }
                }
                Some(Err(ClientError::PartitionEOF(partition))) => {
                    pending.remove(&partition);
                }
                Some(Err(error)) if is_about_the_group(&error) => {}
                Some(Err(error)) => return Err(self.error("reading", &error)),
            }
        }
        Ok(())
    }

    /// Goes to the end as of now instead of reading up to it, and says where that is in each partition.
    pub fn skip_to_end(&mut self) -> Result<BTreeMap<i32, i64>, KafkaError> {
        let ends = self.ends()?;
        self.assign(ends.iter().map(|(partition, end)| (*partition, Offset::Offset(*end))))?;
        Ok(ends)
    }

    /// Hands the next record of the tail to `visit`, if one comes within `wait`. Call after [`read_to_end`](Self::read_to_end)
    /// or [`skip_to_end`](Self::skip_to_end).
    pub fn poll(&mut self, wait: Duration, visit: &mut dyn FnMut(LogRecord<'_>)) -> Result<(), KafkaError> {
        match self.consumer.poll(wait) {
            None | Some(Err(ClientError::PartitionEOF(_))) => Ok(()),
            Some(Ok(message)) => {
                visit(record(&message));
                Ok(())
            }
            Some(Err(error)) if is_about_the_group(&error) => Ok(()),
            Some(Err(error)) => Err(self.error("reading", &error)),
        }
    }

    /// Waits until everything that is in the log now is visible to a `read_committed` reader: until the last stable offset
    /// has reached the present high watermark. `waiting` is called about ten times a second meanwhile, and the call fails
    /// when it says `false`.
    pub fn await_open_transactions(&self, waiting: &mut dyn FnMut() -> bool) -> Result<(), KafkaError> {
        let marks = self.ends_for(&consumer(&self.settings, Isolation::ReadUncommitted)?)?;
        while self
            .ends()?
            .iter()
            .any(|(partition, end)| marks.get(partition).is_some_and(|mark| end < mark))
        {
            if !waiting() {
                return Err(self.stopped());
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
        Ok(())
    }

    fn assign(&self, positions: impl Iterator<Item = (i32, Offset)>) -> Result<(), KafkaError> {
        self.consumer
            .assign(&self.positions(positions)?)
            .map_err(|error| self.error("assigning", &error))
    }

    fn positions(&self, positions: impl Iterator<Item = (i32, Offset)>) -> Result<TopicPartitionList, KafkaError> {
        let mut list = TopicPartitionList::new();
        for (partition, offset) in positions {
            list.add_partition_offset(&self.topic, partition, offset)
                .map_err(|error| self.error("naming the partitions of", &error))?;
        }
        Ok(list)
    }

    /// Where each partition ends for this reader.
    fn ends(&self) -> Result<BTreeMap<i32, i64>, KafkaError> {
        self.ends_for(&self.consumer)
    }

    /// Asks for the ends of all partitions at once (ListOffsets with timestamp -1, the latest offset).
    fn ends_for(&self, consumer: &BaseConsumer<Complaints>) -> Result<BTreeMap<i32, i64>, KafkaError> {
        let context = || format!("asking for the end of topic {}", self.topic);
        let asking = |error: &ClientError| explained(consumer, KafkaError::client(context(), error));
        let latest = self.positions(self.partitions.iter().map(|partition| (*partition, Offset::End)))?;
        let answer = consumer
            .offsets_for_times(latest, CALL)
            .map_err(|error| asking(&error))?;
        let end = |partition: &TopicPartitionListElem<'_>| {
            partition.error().map_err(|error| asking(&error))?;
            match partition.offset() {
                Offset::Offset(end) => Ok((partition.partition(), end)),
                other => Err(KafkaError::new(
                    Outcome::Retry,
                    context(),
                    format!("the end of partition {} is {other:?}", partition.partition()),
                )),
            }
        };
        answer.elements().iter().map(end).collect()
    }

    fn error(&self, doing: &str, error: &ClientError) -> KafkaError {
        let error = KafkaError::client(format!("{doing} topic {}", self.topic), error);
        self.consumer.context().explain(error)
    }

    fn stopped(&self) -> KafkaError {
        KafkaError::new(
            Outcome::Retry,
            format!("reading topic {}", self.topic),
            "stopped while waiting",
        )
    }
}

/// Whether all that is in a partition now comes into a `read_committed` reader's sight before it is time to give up; a cluster
/// that gives no answer is asked again until then. `settings` as for [`LogReader::open`].
pub fn is_visible(settings: &ClientSettings, place: &Place, give_up: Instant) -> Result<bool, KafkaError> {
    loop {
        let reader = LogReader::open(settings, &place.topic, Some(place.partition), Isolation::ReadCommitted)?;
        let mut is_hidden = false;
        let looked = reader.await_open_transactions(&mut || {
            is_hidden = Instant::now() >= give_up;
            !is_hidden
        });
        match looked {
            Ok(()) => return Ok(true),
            Err(_) if is_hidden => return Ok(false),
            Err(error) if error.outcome() == Outcome::Retry && Instant::now() < give_up => {
                std::thread::sleep(BETWEEN_LOOKS);
            }
            Err(error) => return Err(error),
        }
    }
}

fn consumer(settings: &ClientSettings, isolation: Isolation) -> Result<BaseConsumer<Complaints>, KafkaError> {
    let level = match isolation {
        Isolation::ReadCommitted => "read_committed",
        Isolation::ReadUncommitted => "read_uncommitted",
    };
    settings
        .to_config(&["transactional.id"])
        .set("isolation.level", level)
        .create_with_context(Complaints::default())
        .map_err(|error| KafkaError::client("creating the consumer", &error))
}

/// The client looks for the coordinator of a group that it never joins, which is a right of its own (Describe).
fn is_about_the_group(error: &ClientError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::GroupAuthorizationFailed)
}

fn partitions(consumer: &BaseConsumer<Complaints>, topic: &str) -> Result<BTreeSet<i32>, KafkaError> {
    let context = || format!("looking up topic {topic}");
    let metadata = consumer
        .fetch_metadata(Some(topic), CALL)
        .map_err(|error| explained(consumer, KafkaError::client(context(), &error)))?;
    let Some(found) = metadata.topics().iter().find(|found| found.name() == topic) else {
        return Err(KafkaError::new(
            Outcome::Retry,
            context(),
            "the cluster does not name it",
        ));
    };
    if let Some(code) = found.error() {
        return Err(KafkaError::code(context(), code.into()));
    }
    Ok(found.partitions().iter().map(|partition| partition.id()).collect())
}

fn record<'a>(message: &'a rdkafka::message::BorrowedMessage<'_>) -> LogRecord<'a> {
    LogRecord {
        partition: message.partition(),
        offset: message.offset(),
        key: message.key(),
        value: message.payload(),
    }
}
