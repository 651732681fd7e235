//! [`LogEnds`]: where partitions end. It asks and reads nothing: its client never has anything assigned.
//!
//! **The end of a `read_committed` reader is not the end of the log.** Another producer's open transaction holds the last
//! stable offset below records that were committed before. So the true end is the high watermark that a `read_uncommitted`
//! client sees, and whoever must not miss what is committed below it waits until the last stable offset has reached it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::{Offset, TopicPartitionList};

use super::complaints::{Complaints, explained, serve};
use super::{ClientSettings, KafkaError, Outcome, WrittenPartition};

/// Which records a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    ReadCommitted,
    ReadUncommitted,
}

/// How long the cluster may take for an answer.
pub(super) const CALL: Duration = Duration::from_secs(5);
/// Between looks at a condition that is awaited.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// The ends of partitions, by topic and partition.
type Ends = BTreeMap<(String, i32), i64>;

/// Asks where partitions end, as a reader of one isolation sees it.
pub(super) struct LogEnds {
    consumer: BaseConsumer<Complaints>,
}

impl LogEnds {
    pub(super) fn open(settings: &ClientSettings, isolation: Isolation) -> Result<Self, KafkaError> {
        let level = match isolation {
            Isolation::ReadCommitted => "read_committed",
            Isolation::ReadUncommitted => "read_uncommitted",
        };
        let consumer = settings
            .to_config(&["transactional.id"])
            .set("isolation.level", level)
            .create_with_context(Complaints::default())
            .map_err(|error| KafkaError::client("creating the consumer", &error))?;
        serve(&consumer);
        Ok(LogEnds { consumer })
    }

    /// The partitions of a topic.
    pub(super) fn partitions(&self, topic: &str) -> Result<BTreeSet<i32>, KafkaError> {
        let context = || format!("looking up topic {topic}");
        let metadata = self
            .consumer
            .fetch_metadata(Some(topic), CALL)
            .map_err(|error| explained(&self.consumer, KafkaError::client(context(), &error)))?;
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

    /// Where these partitions of a topic end.
    pub(super) fn of_topic(&self, topic: &str, partitions: &BTreeSet<i32>) -> Result<BTreeMap<i32, i64>, KafkaError> {
        let ends = self.of(partitions.iter().map(|partition| (topic, *partition)))?;
        Ok(ends.into_iter().map(|((_, partition), end)| (partition, end)).collect())
    }

    fn of<'a>(&self, places: impl Iterator<Item = (&'a str, i32)> + Clone) -> Result<Ends, KafkaError> {
        ends(&self.consumer, places).map_err(|error| explained(&self.consumer, error))
    }

    /// The client, which may be given positions from now on.
    pub(super) fn into_consumer(self) -> BaseConsumer<Complaints> {
        self.consumer
    }
}

/// Asks for the ends of all these partitions at once (ListOffsets with timestamp -1, the latest offset).
pub(super) fn ends<'a>(
    consumer: &BaseConsumer<Complaints>,
    places: impl Iterator<Item = (&'a str, i32)> + Clone,
) -> Result<Ends, KafkaError> {
    let context = || {
        let topics: BTreeSet<&str> = places.clone().map(|(topic, _)| topic).collect();
        let topics: Vec<&str> = topics.into_iter().collect();
        format!("asking for the end of topic {}", topics.join(", "))
    };
    let asking = |error: &ClientError| KafkaError::client(context(), error);
    let latest = positions(places.clone().map(|(topic, partition)| (topic, partition, Offset::End)))
        .map_err(|error| asking(&error))?;
    let answer = consumer
        .offsets_for_times(latest, CALL)
        .map_err(|error| asking(&error))?;
    let mut ends = Ends::new();
    for place in answer.elements() {
        place.error().map_err(|error| asking(&error))?;
        let Offset::Offset(end) = place.offset() else {
            let message = format!("the end of partition {} is {:?}", place.partition(), place.offset());
            return Err(KafkaError::new(Outcome::Retry, context(), message));
        };
        ends.insert((place.topic().to_owned(), place.partition()), end);
    }
    Ok(ends)
}

pub(super) fn positions<'a>(
    positions: impl Iterator<Item = (&'a str, i32, Offset)>,
) -> Result<TopicPartitionList, ClientError> {
    let mut list = TopicPartitionList::new();
    for (topic, partition, offset) in positions {
        list.add_partition_offset(topic, partition, offset)?;
    }
    Ok(list)
}

/// Waits until everything that is in these partitions now is visible to a `read_committed` reader, and answers what is not when
/// `waiting`, which is called about ten times a second meanwhile, says `false`.
pub(super) fn await_visible<'a>(
    settings: &ClientSettings,
    committed: &LogEnds,
    places: impl Iterator<Item = (&'a str, i32)> + Clone,
    waiting: &mut dyn FnMut() -> bool,
) -> Result<BTreeSet<(String, i32)>, KafkaError> {
    let mut marks = LogEnds::open(settings, Isolation::ReadUncommitted)?.of(places.clone())?;
    loop {
        let ends = committed.of(places.clone())?;
        marks.retain(|place, mark| ends.get(place).is_none_or(|end| end < mark));
        if marks.is_empty() || !waiting() {
            return Ok(marks.into_keys().collect());
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
}

/// In which of these places not all that is there now comes into a `read_committed` reader's sight before it is time to give up;
/// a cluster that gives no answer is asked again until then. `settings` as for [`LogReader::open`](super::LogReader::open).
pub fn hidden_partitions(
    settings: &ClientSettings,
    places: &[WrittenPartition],
    give_up: Instant,
) -> Result<Vec<WrittenPartition>, KafkaError> {
    let names = places.iter().map(|place| (place.topic.as_str(), place.partition));
    loop {
        let looked = LogEnds::open(settings, Isolation::ReadCommitted)
            .and_then(|committed| await_visible(settings, &committed, names.clone(), &mut || Instant::now() < give_up));
        match looked {
            Ok(hidden) => {
                let is_hidden = |place: &&WrittenPartition| hidden.contains(&(place.topic.clone(), place.partition));
                return Ok(places.iter().filter(is_hidden).cloned().collect());
            }
            Err(error) if error.outcome() == Outcome::Retry && Instant::now() < give_up => {
                std::thread::sleep(BETWEEN_LOOKS);
            }
            Err(error) => return Err(error),
        }
    }
}
