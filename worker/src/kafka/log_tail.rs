//! [`LogTail`]: the positions of a reading, and what comes behind them.
//!
//! A tail comes back by a rule, whatever its client has got into. When the client complains and brings nothing
//! for five seconds, or when the log ends further on at one look and the client has not moved by the next ([`Reach`]), then the
//! client is dropped and another one is opened at the position, which asks for the metadata anew. A client that lives on
//! can wait for ever: after its only broker was fenced and let in again, one was seen to read nothing any more, without a
//! word.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::message::BorrowedMessage;
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Message, Offset};
use tracing::info;

use super::complaints::Complaints;
use super::log_ends::{ends, positions};
use super::log_reader::{LogReader, LogRecord, Source};
use super::reach::Reach;
use super::{KafkaError, Outcome};

/// How long one look waits for a record of a reading that has an end.
const WAIT: Duration = Duration::from_millis(200);
/// How long a reading that has an end may bring nothing before it has failed.
const STANDSTILL: Duration = Duration::from_secs(30);

/// Where the reading of a partition goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    Beginning,
    At(i64),
}

impl Begin {
    pub(super) fn at(offset: Option<i64>) -> Self {
        offset.map_or(Begin::Beginning, Begin::At)
    }

    fn to_offset(self) -> Offset {
        match self {
            Begin::Beginning => Offset::Beginning,
            Begin::At(offset) => Offset::Offset(offset),
        }
    }

    /// The lowest offset that may come next.
    fn lowest(self) -> i64 {
        match self {
            Begin::Beginning => 0,
            Begin::At(offset) => offset,
        }
    }
}

/// A reading under way. Belongs to one thread; its calls block.
pub struct LogTail {
    source: Source,
    /// `None` only while another one is being opened.
    consumer: Option<BaseConsumer<Complaints>>,
    next: BTreeMap<i32, Begin>,
    reach: Reach,
}

impl LogTail {
    /// Gives the client its positions, once and for all.
    pub(super) fn begin(
        source: Source,
        consumer: BaseConsumer<Complaints>,
        next: BTreeMap<i32, Begin>,
    ) -> Result<Self, KafkaError> {
        let context = format!("assigning topic {}", source.topic);
        let assigned = next
            .iter()
            .map(|(partition, begin)| (source.topic.as_str(), *partition, begin.to_offset()));
        positions(assigned)
            .and_then(|list| consumer.assign(&list))
            .map_err(|error| consumer.context().explain(KafkaError::client(context, &error)))?;
        Ok(LogTail {
            source,
            consumer: Some(consumer),
            next,
            reach: Reach::begin(Instant::now()),
        })
    }

    /// Hands records to `visit` until each of the partitions in `marks` has reached its mark, or its end.
    pub(super) fn read_to(
        &mut self,
        mut marks: BTreeMap<i32, i64>,
        waiting: &mut dyn FnMut() -> bool,
        visit: &mut dyn FnMut(LogRecord<'_>),
    ) -> Result<(), KafkaError> {
        // Nobody has to wait until the end of a partition without anything to read is announced.
        let next = &self.next;
        marks.retain(|partition, mark| next.get(partition).is_none_or(|begin| *mark > begin.lowest()));
        let (mut heard, mut asked) = (Instant::now(), Instant::now());
        while !marks.is_empty() {
            let reached = match self.receive(WAIT, visit)? {
                Some(Received::Record { partition, offset })
                    if marks.get(&partition).is_some_and(|mark| offset + 1 < *mark) =>
                {
                    None
                }
                Some(Received::Record { partition, .. } | Received::End(partition)) => Some(partition),
                None if heard.elapsed() > STANDSTILL => return Err(self.stands_still(&marks)),
                None => {
                    if asked.elapsed() > Duration::from_secs(1) {
                        asked = Instant::now();
                        if !waiting() {
                            return Err(self.failed("stopped while waiting"));
                        }
                    }
                    continue;
                }
            };
            heard = Instant::now();
            asked = heard;
            if let Some((partition, mark)) = reached.and_then(|partition| marks.remove_entry(&partition)) {
                let next = self.next.entry(partition).or_insert(Begin::Beginning);
                *next = Begin::At(next.lowest().max(mark));
            }
        }
        Ok(())
    }

    /// Hands the next record to `visit`, if one comes within `wait`.
    ///
    /// # Errors
    /// [`Outcome::Retry`] while the log is out of reach: call again, the tail comes back by itself, at its position. After any
    /// other error only another reading can go on.
    pub fn poll(&mut self, wait: Duration, visit: &mut dyn FnMut(LogRecord<'_>)) -> Result<(), KafkaError> {
        let now = Instant::now();
        if self.consumer.is_none() || self.reach.is_lost(now) {
            return self.reopen(wait);
        }
        if self.reach.is_look_due(now) {
            self.look()?;
        }
        match self.receive(wait, visit) {
            Ok(received) => {
                if received.is_some() {
                    self.reach.heard();
                }
                Ok(())
            }
            Err(error) => {
                self.reach.troubled(Instant::now());
                Err(error)
            }
        }
    }

    fn receive(
        &mut self,
        wait: Duration,
        visit: &mut dyn FnMut(LogRecord<'_>),
    ) -> Result<Option<Received>, KafkaError> {
        let Some(consumer) = &self.consumer else {
            return Err(self.failed("its client is gone"));
        };
        match consumer.poll(wait) {
            None => Ok(None),
            Some(Ok(message)) => {
                visit(record(&message));
                let (partition, offset) = (message.partition(), message.offset());
                self.next.insert(partition, Begin::At(offset + 1));
                Ok(Some(Received::Record { partition, offset }))
            }
            Some(Err(ClientError::PartitionEOF(partition))) => Ok(Some(Received::End(partition))),
            Some(Err(error)) if is_about_the_group(&error) => Ok(None),
            Some(Err(error)) => {
                let error = KafkaError::client(format!("reading topic {}", self.source.topic), &error);
                Err(consumer.context().explain(error))
            }
        }
    }

    /// Compares how far the client is with where the log ends.
    fn look(&mut self) -> Result<(), KafkaError> {
        let Some(consumer) = &self.consumer else { return Ok(()) };
        let topic = self.source.topic.as_str();
        let looked = ends(consumer, self.next.keys().map(|partition| (topic, *partition)));
        let now = Instant::now();
        let ends = match looked {
            Ok(ends) => ends,
            Err(error) => {
                let error = consumer.context().explain(error);
                self.reach.troubled(now);
                return Err(error);
            }
        };
        let positions = self.positions();
        let ends = ends.into_iter().map(|((_, partition), end)| (partition, end)).collect();
        self.reach.look(now, &positions, &ends);
        Ok(())
    }

    /// How far the client is: markers of transactions, which nobody is shown, are behind it, too.
    fn positions(&self) -> BTreeMap<i32, i64> {
        let passed = self.consumer.as_ref().and_then(|consumer| consumer.position().ok());
        let passed = |partition: i32| {
            let place = passed.as_ref()?.find_partition(&self.source.topic, partition)?;
            place.offset().to_raw().filter(|offset| *offset >= 0)
        };
        self.next
            .iter()
            .map(|(partition, begin)| {
                let at = passed(*partition).unwrap_or(0).max(begin.lowest());
                (*partition, at)
            })
            .collect()
    }

    /// Drops the client and opens another one where this one stands.
    fn reopen(&mut self, wait: Duration) -> Result<(), KafkaError> {
        let next: BTreeMap<i32, i64> = self
            .next
            .iter()
            .filter_map(|(partition, begin)| match begin {
                Begin::Beginning => None,
                Begin::At(offset) => Some((*partition, *offset)),
            })
            .collect();
        self.consumer = None;
        let Source {
            settings,
            topic,
            partition,
            isolation,
        } = &self.source;
        let opened = LogReader::open(settings, topic, *partition, *isolation).and_then(|reader| {
            // A cluster that names the topic may not serve it yet.
            reader.ends()?;
            reader.follow_from(&next)
        });
        match opened {
            Ok(tail) => {
                info!(
                    topic,
                    "a topic's tail was out of reach; it is read again from where it stood"
                );
                let patience = self.reach.more_patience();
                *self = LogTail {
                    reach: Reach::with_patience(Instant::now(), patience),
                    ..tail
                };
                Ok(())
            }
            Err(error) => {
                std::thread::sleep(wait);
                Err(error)
            }
        }
    }

    fn stands_still(&self, marks: &BTreeMap<i32, i64>) -> KafkaError {
        let partitions: Vec<String> = marks
            .iter()
            .map(|(partition, mark)| format!("partition {partition} up to {mark}"))
            .collect();
        self.failed(&format!(
            "nothing came for {} s, though there is more: {}",
            STANDSTILL.as_secs(),
            partitions.join(", ")
        ))
    }

    fn failed(&self, why: &str) -> KafkaError {
        KafkaError::new(Outcome::Retry, format!("reading topic {}", self.source.topic), why)
    }
}

enum Received {
    Record { partition: i32, offset: i64 },
    End(i32),
}

/// The client looks for the coordinator of a group that it never joins, which is a right of its own (Describe).
fn is_about_the_group(error: &ClientError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::GroupAuthorizationFailed)
}

fn record<'a>(message: &'a BorrowedMessage<'_>) -> LogRecord<'a> {
    LogRecord {
        partition: message.partition(),
        offset: message.offset(),
        key: message.key(),
        value: message.payload(),
    }
}
