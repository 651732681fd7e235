//! Brokers: requests in, answers out, both as bytes.

use bytes::{Buf, Bytes};
use kafka_protocol::messages::add_partitions_to_txn_response::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnTopicResult,
};
use kafka_protocol::messages::describe_transactions_response::TransactionState;
use kafka_protocol::messages::find_coordinator_response::Coordinator as Found;
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use kafka_protocol::messages::{
    AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, BrokerId, DescribeTransactionsRequest,
    DescribeTransactionsResponse, EndTxnRequest, EndTxnResponse, FindCoordinatorRequest, FindCoordinatorResponse,
    InitProducerIdRequest, InitProducerIdResponse, MetadataRequest, MetadataResponse, ProduceRequest, ProduceResponse,
    ProducerId, RequestHeader,
};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, StrBytes};
use kafka_protocol::records::RecordBatchDecoder;

use super::coordinator::Coordinator;
use super::log::{Batch, Log};
use super::order::Place;
use crate::protocol::Api;

pub(super) const BROKERS: i32 = 3;
pub(super) const PARTITIONS: usize = 4;
pub(super) const TOPIC: &str = "topic";
/// Leads a partition that has no leader.
pub(super) const NOBODY: i32 = 0;
const NOT_LEADER: i16 = 6;
const NOT_COORDINATOR: i16 = 16;
/// Where a batch has its producer's epoch; its first sequence follows.
const EPOCH: usize = 51;

/// A cluster of [`BROKERS`] with one topic of [`PARTITIONS`].
pub(super) struct Cluster {
    pub(super) logs: Vec<Log>,
    pub(super) leaders: Vec<(i32, i32)>,
    pub(super) coordinator: Coordinator,
    /// Which broker that is.
    pub(super) coordinating: i32,
    /// What a quota asks of whoever produces.
    pub(super) throttle_ms: i32,
    /// How much of the next answer to a produce request an error is about.
    pub(super) blast: Blast,
}

/// Which partitions of a request share a fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blast {
    All,
    /// The others are written.
    EvenOnes,
    /// The others are written, and the answer leaves the even ones out.
    EvenOnesUnmentioned,
}

/// A request that was read: which one, and its version, number and message.
pub(super) struct Request {
    pub(super) api: Api,
    pub(super) version: i16,
    pub(super) correlation: i32,
    body: Bytes,
}

impl Request {
    pub(super) fn read(frame: Vec<u8>) -> Self {
        let mut bytes = Bytes::from(frame);
        let length = bytes.get_i32();
        assert_eq!(
            usize::try_from(length),
            Ok(bytes.len()),
            "the length is that of the request"
        );
        let (key, version) = (
            i16::from_be_bytes([bytes[0], bytes[1]]),
            i16::from_be_bytes([bytes[2], bytes[3]]),
        );
        let api = Api::ALL
            .into_iter()
            .find(|api| api.key() == key)
            .expect("a request that there is");
        let header_version = match api {
            Api::Produce => ProduceRequest::header_version(version),
            Api::Metadata => MetadataRequest::header_version(version),
            Api::FindCoordinator => FindCoordinatorRequest::header_version(version),
            Api::InitProducerId => InitProducerIdRequest::header_version(version),
            Api::AddPartitionsToTxn => AddPartitionsToTxnRequest::header_version(version),
            Api::DescribeTransactions => DescribeTransactionsRequest::header_version(version),
            Api::EndTxn => EndTxnRequest::header_version(version),
            Api::SaslHandshake | Api::ApiVersions | Api::SaslAuthenticate => panic!("{api} belongs to connecting"),
            Api::CreateTopics | Api::DescribeConfigs | Api::Fetch | Api::ListOffsets => {
                panic!("{api} is not a producer's")
            }
        };
        let header = RequestHeader::decode(&mut bytes, header_version).expect("a header");
        Request {
            api,
            version,
            correlation: header.correlation_id,
            body: bytes,
        }
    }
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn encode<A: Encodable + HeaderVersion>(answer: &A, version: i16) -> Vec<u8> {
    let mut bytes = vec![0; usize::from(A::header_version(version) >= 1)];
    answer.encode(&mut bytes, version).expect("an answer");
    bytes
}

impl Cluster {
    pub(super) fn new() -> Self {
        Cluster {
            logs: (0..PARTITIONS).map(|_| Log::default()).collect(),
            leaders: (1..).take(PARTITIONS).map(|number| (1 + number % BROKERS, 0)).collect(),
            coordinator: Coordinator::new(),
            coordinating: 1,
            throttle_ms: 0,
            blast: Blast::All,
        }
    }

    /// The coordinator writes the markers that it owes.
    pub(super) fn write_markers(&mut self) {
        if let Some(markers) = self.coordinator.complete() {
            for partition in markers.partitions {
                self.logs[partition].mark(markers.producer, markers.epoch, markers.commits);
            }
        }
    }

    /// Carries a request out, or answers it with `error` and does nothing.
    pub(super) fn answer(&mut self, broker: i32, request: &Request, error: Option<i16>) -> Vec<u8> {
        let (mut body, version) = (request.body.clone(), request.version);
        match request.api {
            Api::Metadata => encode(&self.metadata(error), version),
            Api::FindCoordinator => {
                let code = error.unwrap_or(0);
                encode(&self.coordinator_found(version, code), version)
            }
            Api::InitProducerId => {
                let ask = InitProducerIdRequest::decode(&mut body, version).expect("a request");
                let done = self.coordinated(broker, error, |it| it.init(ask.producer_id.0, ask.producer_epoch));
                let (code, (producer, epoch)) = done.map_or_else(|code| (code, (-1, -1)), |done| (0, done));
                let answer = InitProducerIdResponse::default().with_error_code(code);
                encode(
                    &answer.with_producer_id(ProducerId(producer)).with_producer_epoch(epoch),
                    version,
                )
            }
            Api::AddPartitionsToTxn => {
                let ask = AddPartitionsToTxnRequest::decode(&mut body, version).expect("a request");
                encode(&self.add_partitions(broker, &ask, error), version)
            }
            Api::DescribeTransactions => {
                let state = StrBytes::from_static_str(self.coordinator.state());
                let code = error.unwrap_or(if broker == self.coordinating {
                    0
                } else {
                    NOT_COORDINATOR
                });
                let state = TransactionState::default()
                    .with_error_code(code)
                    .with_transaction_state(state);
                encode(
                    &DescribeTransactionsResponse::default().with_transaction_states(vec![state]),
                    version,
                )
            }
            Api::EndTxn => {
                let ask = EndTxnRequest::decode(&mut body, version).expect("a request");
                let (producer, epoch) = (ask.producer_id.0, ask.producer_epoch);
                let done = self.coordinated(broker, error, |it| it.end(producer, epoch, ask.committed, version));
                let (code, (producer, epoch)) = done.map_or_else(|code| (code, (-1, -1)), |done| (0, done));
                let answer = EndTxnResponse::default().with_error_code(code);
                match version >= 5 {
                    true => encode(
                        &answer.with_producer_id(ProducerId(producer)).with_producer_epoch(epoch),
                        version,
                    ),
                    false => encode(&answer, version),
                }
            }
            Api::Produce => {
                let ask = ProduceRequest::decode(&mut body, version).expect("a request");
                encode(&self.produce(broker, &ask, version, error), version)
            }
            Api::SaslHandshake | Api::ApiVersions | Api::SaslAuthenticate => Vec::new(),
            Api::CreateTopics | Api::DescribeConfigs | Api::Fetch | Api::ListOffsets => Vec::new(),
        }
    }

    fn coordinated<T>(
        &mut self,
        broker: i32,
        error: Option<i16>,
        does: impl FnOnce(&mut Coordinator) -> Result<T, i16>,
    ) -> Result<T, i16> {
        match error {
            Some(code) => Err(code),
            None if broker != self.coordinating => Err(NOT_COORDINATOR),
            None => does(&mut self.coordinator),
        }
    }

    fn metadata(&self, error: Option<i16>) -> MetadataResponse {
        let brokers = (1..=BROKERS).map(|id| {
            let broker = MetadataResponseBroker::default().with_node_id(BrokerId(id));
            broker.with_host(text("broker")).with_port(9000 + id)
        });
        let partitions = (0..).zip(&self.leaders).map(|(index, (leader, epoch))| {
            let partition = MetadataResponsePartition::default().with_partition_index(index);
            let leader = if *leader == NOBODY { -1 } else { *leader };
            partition.with_leader_id(BrokerId(leader)).with_leader_epoch(*epoch)
        });
        let topic = MetadataResponseTopic::default()
            .with_name(Some(kafka_protocol::messages::TopicName(text(TOPIC))))
            .with_error_code(error.unwrap_or(0))
            .with_partitions(if error.is_some() {
                Vec::new()
            } else {
                partitions.collect()
            });
        MetadataResponse::default()
            .with_brokers(brokers.collect())
            .with_topics(vec![topic])
    }

    fn coordinator_found(&self, version: i16, code: i16) -> FindCoordinatorResponse {
        let (id, host, port) = (BrokerId(self.coordinating), text("broker"), 9000 + self.coordinating);
        match version >= 4 {
            true => {
                let found = Found::default()
                    .with_node_id(id)
                    .with_host(host)
                    .with_port(port)
                    .with_error_code(code);
                FindCoordinatorResponse::default().with_coordinators(vec![found])
            }
            false => {
                let found = FindCoordinatorResponse::default().with_node_id(id).with_host(host);
                found.with_port(port).with_error_code(code)
            }
        }
    }

    fn add_partitions(
        &mut self,
        broker: i32,
        ask: &AddPartitionsToTxnRequest,
        error: Option<i16>,
    ) -> AddPartitionsToTxnResponse {
        let numbers: Vec<i32> = ask
            .v3_and_below_topics
            .iter()
            .flat_map(|topic| topic.partitions.clone())
            .collect();
        let places: Vec<usize> = numbers
            .iter()
            .map(|number| usize::try_from(*number).expect("it is one"))
            .collect();
        let (producer, epoch) = (ask.v3_and_below_producer_id.0, ask.v3_and_below_producer_epoch);
        let done = self.coordinated(broker, error, |it| it.add(producer, epoch, places));
        let code = done.err().unwrap_or(0);
        let results = numbers.into_iter().map(|number| {
            AddPartitionsToTxnPartitionResult::default()
                .with_partition_index(number)
                .with_partition_error_code(code)
        });
        let topic = AddPartitionsToTxnTopicResult::default()
            .with_name(kafka_protocol::messages::TopicName(text(TOPIC)))
            .with_results_by_partition(results.collect());
        AddPartitionsToTxnResponse::default().with_results_by_topic_v3_and_below(vec![topic])
    }

    /// Where the batches of a produce request belong.
    pub(super) fn places(request: &Request) -> Vec<Place> {
        if request.api != Api::Produce {
            return Vec::new();
        }
        let ask = ProduceRequest::decode(&mut request.body.clone(), request.version).expect("a request");
        let batches = ask.topic_data.iter().flat_map(|topic| &topic.partition_data);
        batches
            .map(|data| {
                let mut head = data.records.clone().expect("a batch").slice(EPOCH..);
                Place {
                    partition: data.index,
                    epoch: head.get_i16(),
                    sequence: head.get_i32(),
                }
            })
            .collect()
    }

    fn produce(&mut self, broker: i32, ask: &ProduceRequest, version: i16, error: Option<i16>) -> ProduceResponse {
        let topics = ask.topic_data.iter().map(|topic| {
            let leaves_out = error.is_some() && self.blast == Blast::EvenOnesUnmentioned;
            let mentioned = topic
                .partition_data
                .iter()
                .filter(|data| !leaves_out || data.index % 2 != 0);
            let partitions = mentioned.map(|data| {
                let records = data.records.clone().unwrap_or_default();
                let place = usize::try_from(data.index).expect("it is one");
                let done = match error {
                    Some(code) if self.blast == Blast::All || place.is_multiple_of(2) => Err(code),
                    _ => self.append(broker, place, records, version),
                };
                let answer = PartitionProduceResponse::default().with_index(data.index);
                answer.with_error_code(done.err().unwrap_or(0))
            });
            let partitions = partitions.collect();
            TopicProduceResponse::default()
                .with_name(topic.name.clone())
                .with_partition_responses(partitions)
        });
        let topics = topics.collect();
        ProduceResponse::default()
            .with_responses(topics)
            .with_throttle_time_ms(self.throttle_ms)
    }

    fn append(&mut self, broker: i32, place: usize, mut records: Bytes, version: i16) -> Result<(), i16> {
        if self.leaders[place].0 != broker {
            return Err(NOT_LEADER);
        }
        let decoded = RecordBatchDecoder::decode(&mut records).expect("a batch with the right checksum");
        assert!(records.is_empty(), "one batch of a partition in a request");
        let first = decoded.records.first().expect("a batch is never empty");
        let batch = Batch {
            producer: first.producer_id,
            epoch: first.producer_epoch,
            sequence: first.sequence,
            values: decoded
                .records
                .iter()
                .map(|record| String::from_utf8(record.value.as_deref().unwrap_or_default().to_vec()).expect("text"))
                .collect(),
        };
        if !self.logs[place].is_open(batch.producer, batch.epoch) {
            match version >= 12 {
                true => self.coordinator.add(batch.producer, batch.epoch, [place]),
                false => self.coordinator.verify(batch.producer, batch.epoch, place),
            }
            // A broker translates what its coordinator says (`ReplicaManager`).
            .map_err(|code| {
                if code == super::coordinator::FENCED {
                    super::log::INVALID_EPOCH
                } else {
                    code
                }
            })?;
        }
        self.logs[place].append(batch)
    }
}
