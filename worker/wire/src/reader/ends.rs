//! [`LogEnds`]: which partitions a topic has, and where they begin and end.
//!
//! The end of a `read_committed` reader is the last stable offset: an open transaction holds it below records that were committed
//! before (KIP-98).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::{BrokerId, ListOffsetsRequest, TopicName};
use kafka_protocol::protocol::StrBytes;

use super::asked::Asked;
use super::contact::{Contact, Heard};
use super::{Isolation, ReaderSettings};
use crate::backoff::Wake;
use crate::cluster::Topic;
use crate::error::{Error, Kind};
use crate::error_code::ErrorCode;
use crate::network::{Network, NodeId, Sockets};
use crate::protocol;

/// Asks where partitions begin and end. Belongs to one thread; its calls block.
pub struct LogEnds<N: Network = Sockets> {
    pub(super) settings: ReaderSettings,
    pub(super) contact: Contact<N>,
}

/// Which end of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Beginning,
    End,
}

impl Side {
    /// As ListOffsets has it in the place of a time.
    fn timestamp(self) -> i64 {
        match self {
            Side::Beginning => -2,
            Side::End => -1,
        }
    }
}

/// Between two questions about a partition that cannot be answered.
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(100);

/// A partition of which an offset is wanted.
struct Wanted {
    topic: Topic,
    partition: i32,
    offset: Option<i64>,
    is_asked: bool,
    not_before: Option<Instant>,
}

impl LogEnds<Sockets> {
    /// Connected to nobody yet.
    ///
    /// # Errors
    /// [`Kind::Refused`]: the settings are of no use.
    pub fn new(settings: ReaderSettings) -> Result<Self, Error> {
        let network = Sockets::new(settings.connection.clone())?;
        Ok(LogEnds::over(network, settings))
    }
}

impl<N: Network> LogEnds<N> {
    /// Over this network.
    pub fn over(network: N, settings: ReaderSettings) -> Self {
        LogEnds {
            contact: Contact::new(settings.connection.clone(), network),
            settings,
        }
    }

    /// How many partitions a topic has.
    ///
    /// # Errors
    /// [`Kind::Retry`]: that was not to be heard in this time.
    pub fn partitions(&mut self, topic: &str, patience: Duration) -> Result<usize, Error> {
        let deadline = self.contact.network.now() + patience;
        let id = self.contact.cluster.topic(topic);
        loop {
            if let Some(count) = self.contact.cluster.partitions(id) {
                return Ok(count);
            }
            if self.contact.network.now() >= deadline {
                let why = self.contact.cluster.why_no_leader(id, 0);
                let why = why.unwrap_or_else(|| "no answer in time".to_owned());
                let error = Error::new(Kind::Retry, format!("looking up topic {topic}"), why);
                return Err(self.contact.explain(error));
            }
            self.contact.turn(Wake::default(), deadline)?;
        }
    }

    /// Where these partitions end, in their order.
    ///
    /// # Errors
    /// [`Kind::Retry`]: that was not to be heard in this time.
    pub fn ends(&mut self, places: &[(&str, i32)], patience: Duration) -> Result<Vec<i64>, Error> {
        self.offsets(places, Side::End, patience)
    }

    /// Where these partitions begin, in their order.
    pub(super) fn beginnings(&mut self, places: &[(&str, i32)], patience: Duration) -> Result<Vec<i64>, Error> {
        self.offsets(places, Side::Beginning, patience)
    }

    fn offsets(&mut self, places: &[(&str, i32)], side: Side, patience: Duration) -> Result<Vec<i64>, Error> {
        let deadline = self.contact.network.now() + patience;
        let mut wanted: Vec<Wanted> = places
            .iter()
            .map(|(topic, partition)| Wanted {
                topic: self.contact.cluster.topic(topic),
                partition: *partition,
                offset: None,
                is_asked: false,
                not_before: None,
            })
            .collect();
        loop {
            let known: Option<Vec<i64>> = wanted.iter().map(|wanted| wanted.offset).collect();
            if let Some(offsets) = known {
                return Ok(offsets);
            }
            if self.contact.network.now() >= deadline {
                return Err(self.unanswered(places, &wanted));
            }
            let mut wake = Wake::default();
            self.ask(&mut wanted, side, &mut wake)?;
            for heard in self.contact.turn(wake, deadline)? {
                self.hear(heard, &mut wanted)?;
            }
        }
    }

    fn unanswered(&self, places: &[(&str, i32)], wanted: &[Wanted]) -> Error {
        let missing = places.iter().zip(wanted).find(|(_, wanted)| wanted.offset.is_none());
        let (doing, why) = match missing {
            Some(((topic, partition), wanted)) => (
                format!("asking for the end of {topic}-{partition}"),
                self.contact.cluster.why_no_leader(wanted.topic, wanted.partition),
            ),
            None => ("asking for ends".to_owned(), None),
        };
        let why = why.unwrap_or_else(|| "no answer in time".to_owned());
        self.contact.explain(Error::new(Kind::Retry, doing, why))
    }

    /// Asks every leader for those of its partitions that are neither known nor asked for.
    fn ask(&mut self, wanted: &mut [Wanted], side: Side, wake: &mut Wake) -> Result<(), Error> {
        let now = self.contact.network.now();
        let mut by_leader: BTreeMap<NodeId, Vec<usize>> = BTreeMap::new();
        for (place, one) in wanted.iter().enumerate() {
            if one.offset.is_some() || one.is_asked {
                continue;
            }
            if let Some(time) = one.not_before.filter(|time| now < *time) {
                wake.at(time);
                continue;
            }
            if let Some(leader) = self.contact.leader(one.topic, one.partition, now, wake) {
                by_leader.entry(leader).or_default().push(place);
            }
        }
        for (leader, places) in by_leader {
            let topics = places.iter().map(|place| {
                let one = &wanted[*place];
                ListOffsetsTopic::default()
                    .with_name(TopicName(StrBytes::from_string(
                        self.contact.cluster.name(one.topic).to_owned(),
                    )))
                    .with_partitions(vec![
                        ListOffsetsPartition::default()
                            .with_partition_index(one.partition)
                            .with_timestamp(side.timestamp()),
                    ])
            });
            let ask = ListOffsetsRequest::default()
                .with_replica_id(BrokerId(-1))
                .with_isolation_level(self.settings.isolation.level())
                .with_topics(merged(topics));
            for place in &places {
                wanted[*place].is_asked = true;
            }
            self.contact.ask(leader, Asked::Offsets(places), &ask)?;
        }
        Ok(())
    }

    fn hear(&mut self, heard: Heard, wanted: &mut [Wanted]) -> Result<(), Error> {
        let now = self.contact.network.now();
        let (places, answer) = match heard {
            Heard::Answer {
                asked: Asked::Offsets(places),
                version,
                body,
            } => (places, protocol::answer::<ListOffsetsRequest>(body, version).ok()),
            Heard::Nothing(Asked::Offsets(places)) => (places, None),
            _ => return Ok(()),
        };
        for place in places {
            let one = &mut wanted[place];
            one.is_asked = false;
            one.not_before = Some(now + BETWEEN_QUESTIONS);
            let name = self.contact.cluster.name(one.topic);
            let told = answer
                .iter()
                .flat_map(|answer| &answer.topics)
                .filter(|topic| topic.name.0.as_str() == name)
                .flat_map(|topic| &topic.partitions)
                .find(|told| told.partition_index == one.partition);
            match told.map(|told| (ErrorCode::of(told.error_code), told.offset)) {
                Some((None, offset)) => one.offset = Some(offset),
                Some((Some(error), _)) => self.contact.judge(one.topic, one.partition, error)?,
                None => {}
            }
        }
        Ok(())
    }
}

/// Partitions of one topic together.
fn merged(topics: impl Iterator<Item = ListOffsetsTopic>) -> Vec<ListOffsetsTopic> {
    let mut merged: Vec<ListOffsetsTopic> = Vec::new();
    for topic in topics {
        match merged.iter_mut().find(|known| known.name == topic.name) {
            Some(known) => known.partitions.extend(topic.partitions),
            None => merged.push(topic),
        }
    }
    merged
}

impl Isolation {
    /// As requests have it.
    pub(super) fn level(self) -> i8 {
        match self {
            Isolation::ReadUncommitted => 0,
            Isolation::ReadCommitted => 1,
        }
    }
}
