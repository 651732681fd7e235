use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::messages::add_partitions_to_txn_response::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnTopicResult,
};
use kafka_protocol::messages::api_versions_response::{ApiVersion, FinalizedFeatureKey};
use kafka_protocol::messages::create_topics_response::CreatableTopicResult;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use kafka_protocol::messages::describe_transactions_response::{TopicData, TransactionState};
use kafka_protocol::messages::fetch_response::{AbortedTransaction, FetchableTopicResponse, PartitionData};
use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::messages::list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use kafka_protocol::messages::{
    AddPartitionsToTxnResponse, ApiVersionsResponse, BrokerId, CreateTopicsResponse, DescribeConfigsResponse,
    DescribeTransactionsResponse, EndTxnResponse, FetchResponse, FindCoordinatorResponse, InitProducerIdResponse,
    ListOffsetsResponse, MetadataResponse, ProduceRequest, ProduceResponse, SaslAuthenticateResponse,
    SaslHandshakeResponse, TopicName, TransactionalId,
};
use kafka_protocol::protocol::{Encodable, HeaderVersion, StrBytes};
use proptest::prelude::*;

use super::understood::{every_version, understand};
use super::{Api, PartitionData as Produced, ProduceHead, produce_request};

fn text(text: &'static str) -> StrBytes {
    StrBytes::from_static_str(text)
}

/// What is put together here is what the crate makes of the same request.
#[test]
fn produce_requests_are_those_of_the_protocol() {
    let (oldest, newest) = Api::Produce.spoken();
    for version in oldest..=newest {
        for id in [None, Some("transactional")] {
            check_produce(version, id);
        }
    }
}

fn check_produce(version: i16, id: Option<&'static str>) {
    let places = [
        ("one", 0, vec![1; 10]),
        ("one", 7, vec![2; 200]),
        ("two", 1, vec![3; 20_000]),
    ];
    let batches: Vec<Produced<'_>> = places
        .iter()
        .map(|(topic, partition, batch)| Produced {
            topic,
            partition: *partition,
            batch: Arc::new(batch.clone()),
        })
        .collect();
    let head = ProduceHead {
        version,
        correlation: 5,
        client_id: "me",
        transactional_id: id,
        timeout_ms: 30_000,
    };
    let ours = produce_request(&head, &batches).expect("a request").to_bytes();

    let topics = [("one", &places[..2]), ("two", &places[2..])].map(|(name, places)| {
        let partitions = places
            .iter()
            .map(|(_, partition, batch)| {
                let records = Some(Bytes::from(batch.clone()));
                PartitionProduceData::default()
                    .with_index(*partition)
                    .with_records(records)
            })
            .collect();
        TopicProduceData::default()
            .with_name(TopicName(text(name)))
            .with_partition_data(partitions)
    });
    let request = ProduceRequest::default()
        .with_transactional_id(id.map(|id| TransactionalId(text(id))))
        .with_acks(-1)
        .with_timeout_ms(30_000)
        .with_topic_data(topics.to_vec());
    let mut theirs =
        super::frame::head(Api::Produce, version, ProduceRequest::header_version(version), 5, "me").expect("a header");
    request.encode(&mut theirs, version).expect("a request");
    assert_eq!(ours[4..], theirs[4..], "version {version}");
    assert_eq!(ours[..4], i32::try_from(ours.len() - 4).expect("small").to_be_bytes());
}

/// An answer of each kind, with something in every list.
fn encoded(api: Api, version: i16) -> Vec<u8> {
    let mut bytes = Vec::new();
    let header = match api {
        Api::Produce => ProduceResponse::header_version(version),
        Api::Metadata => MetadataResponse::header_version(version),
        Api::FindCoordinator => FindCoordinatorResponse::header_version(version),
        Api::Fetch => FetchResponse::header_version(version),
        Api::ListOffsets => ListOffsetsResponse::header_version(version),
        Api::CreateTopics => CreateTopicsResponse::header_version(version),
        Api::DescribeConfigs => DescribeConfigsResponse::header_version(version),
        Api::InitProducerId => InitProducerIdResponse::header_version(version),
        Api::AddPartitionsToTxn => AddPartitionsToTxnResponse::header_version(version),
        Api::EndTxn => EndTxnResponse::header_version(version),
        Api::SaslAuthenticate => SaslAuthenticateResponse::header_version(version),
        Api::DescribeTransactions => DescribeTransactionsResponse::header_version(version),
        Api::SaslHandshake | Api::ApiVersions => 0,
    };
    if header >= 1 {
        bytes.push(0);
    }
    let result = match api {
        Api::Produce => produced(version).encode(&mut bytes, version),
        Api::Metadata => metadata(version).encode(&mut bytes, version),
        Api::FindCoordinator => coordinator(version).encode(&mut bytes, version),
        Api::SaslHandshake => SaslHandshakeResponse::default()
            .with_mechanisms(vec![text("PLAIN"), text("SCRAM-SHA-512")])
            .encode(&mut bytes, version),
        Api::ApiVersions => api_versions(version).encode(&mut bytes, version),
        Api::Fetch => fetched(version).encode(&mut bytes, version),
        Api::ListOffsets => listed(version).encode(&mut bytes, version),
        Api::CreateTopics => created().encode(&mut bytes, version),
        Api::DescribeConfigs => configs().encode(&mut bytes, version),
        Api::InitProducerId => InitProducerIdResponse::default()
            .with_producer_epoch(7)
            .encode(&mut bytes, version),
        Api::AddPartitionsToTxn => added().encode(&mut bytes, version),
        Api::EndTxn => EndTxnResponse::default()
            .with_error_code(51)
            .encode(&mut bytes, version),
        Api::DescribeTransactions => described().encode(&mut bytes, version),
        Api::SaslAuthenticate => SaslAuthenticateResponse::default()
            .with_error_message(Some(text("no")))
            .with_auth_bytes(Bytes::from_static(b"r=1"))
            .encode(&mut bytes, version),
    };
    result.expect("an answer");
    bytes
}

fn produced(version: i16) -> ProduceResponse {
    let mut partition = PartitionProduceResponse::default().with_index(3).with_base_offset(9);
    if version >= 8 {
        partition.error_message = Some(text("because"));
    }
    let topic = TopicProduceResponse::default()
        .with_name(TopicName(text("t")))
        .with_partition_responses(vec![partition]);
    ProduceResponse::default().with_responses(vec![topic])
}

fn metadata(version: i16) -> MetadataResponse {
    let mut partition = MetadataResponsePartition::default()
        .with_replica_nodes(vec![BrokerId(1), BrokerId(2)])
        .with_isr_nodes(vec![BrokerId(1)]);
    if version >= 7 {
        partition.leader_epoch = 4;
    }
    let topic = MetadataResponseTopic::default()
        .with_name(Some(TopicName(text("t"))))
        .with_partitions(vec![partition.clone(), partition]);
    let broker = MetadataResponseBroker::default()
        .with_host(text("host"))
        .with_rack(Some(text("rack")));
    MetadataResponse::default()
        .with_brokers(vec![broker])
        .with_topics(vec![topic])
}

fn coordinator(version: i16) -> FindCoordinatorResponse {
    match version >= 4 {
        true => FindCoordinatorResponse::default().with_coordinators(vec![
            Coordinator::default().with_key(text("id")).with_host(text("host")),
        ]),
        false => FindCoordinatorResponse::default()
            .with_host(text("host"))
            .with_error_message(Some(text("no"))),
    }
}

fn api_versions(version: i16) -> ApiVersionsResponse {
    let answer = ApiVersionsResponse::default().with_api_keys(vec![ApiVersion::default().with_max_version(3)]);
    match version >= 3 {
        true => answer.with_finalized_features_epoch(6).with_finalized_features(vec![
            FinalizedFeatureKey::default().with_name(text("transaction.version")),
        ]),
        false => answer,
    }
}

fn described() -> DescribeTransactionsResponse {
    let topic = TopicData::default()
        .with_topic(TopicName(text("t")))
        .with_partitions(vec![0, 1]);
    let state = TransactionState::default()
        .with_transaction_state(text("Ongoing"))
        .with_topics(vec![topic]);
    DescribeTransactionsResponse::default().with_transaction_states(vec![state])
}

fn fetched(version: i16) -> FetchResponse {
    let aborted = AbortedTransaction::default().with_first_offset(4);
    let mut partition = PartitionData::default()
        .with_partition_index(3)
        .with_aborted_transactions(Some(vec![aborted]))
        .with_records(Some(Bytes::from_static(b"records")));
    if version >= 5 {
        partition.log_start_offset = 2;
    }
    let topic = FetchableTopicResponse::default()
        .with_topic(TopicName(text("t")))
        .with_partitions(vec![partition.clone(), partition]);
    FetchResponse::default().with_responses(vec![topic])
}

fn listed(version: i16) -> ListOffsetsResponse {
    let mut partition = ListOffsetsPartitionResponse::default().with_offset(9);
    if version >= 4 {
        partition.leader_epoch = 4;
    }
    let topic = ListOffsetsTopicResponse::default()
        .with_name(TopicName(text("t")))
        .with_partitions(vec![partition]);
    ListOffsetsResponse::default().with_topics(vec![topic])
}

fn created() -> CreateTopicsResponse {
    let topic = CreatableTopicResult::default()
        .with_name(TopicName(text("t")))
        .with_error_code(38)
        .with_error_message(Some(text("too few")));
    CreateTopicsResponse::default().with_topics(vec![topic])
}

fn configs() -> DescribeConfigsResponse {
    let synonym = DescribeConfigsSynonym::default()
        .with_name(text("log.cleanup.policy"))
        .with_value(Some(text("delete")));
    let config = DescribeConfigsResourceResult::default()
        .with_name(text("cleanup.policy"))
        .with_value(Some(text("compact")))
        .with_synonyms(vec![synonym]);
    let result = DescribeConfigsResult::default()
        .with_error_message(Some(text("no")))
        .with_resource_name(text("t"))
        .with_configs(vec![config.clone(), config]);
    DescribeConfigsResponse::default().with_results(vec![result])
}

fn added() -> AddPartitionsToTxnResponse {
    let partition = AddPartitionsToTxnPartitionResult::default().with_partition_error_code(51);
    let topic = AddPartitionsToTxnTopicResult::default()
        .with_name(TopicName(text("t")))
        .with_results_by_partition(vec![partition]);
    AddPartitionsToTxnResponse::default().with_results_by_topic_v3_and_below(vec![topic])
}

#[test]
fn the_shape_of_every_answer_is_that_of_the_crate() {
    for (api, version) in every_version() {
        let bytes = encoded(api, version);
        assert_eq!(understand(api, bytes.clone(), version), Ok(()), "{api} {version}");
        for end in 0..bytes.len() {
            assert!(
                understand(api, bytes[..end].to_vec(), version).is_err(),
                "{api} {version} cut at {end}"
            );
        }
    }
}

/// More elements than there are bytes: the walk ends where the bytes do.
#[test]
fn what_an_answer_announces_is_believed_when_it_is_there() {
    for (api, version) in every_version() {
        let bytes = encoded(api, version);
        for place in 0..bytes.len() {
            for many in [&[0, 0, 0x27, 0x10][..], &[0x90, 0x4e]] {
                let mut bytes = bytes.clone();
                let end = (place + many.len()).min(bytes.len());
                bytes.splice(place..end, many.iter().copied());
                understand(api, bytes, version).ok();
            }
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_an_answer_panic(which in 0_usize..1000, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let all: Vec<_> = every_version().collect();
        let (api, version) = all[which % all.len()];
        understand(api, bytes, version).ok();
    }

    #[test]
    fn no_damage_makes_an_answer_panic(which in 0_usize..1000, damage in prop::collection::vec((any::<usize>(), any::<u8>()), 1..6)) {
        let all: Vec<_> = every_version().collect();
        let (api, version) = all[which % all.len()];
        let mut bytes = encoded(api, version);
        for (place, byte) in damage {
            let place = place % bytes.len();
            bytes[place] = byte;
        }
        understand(api, bytes, version).ok();
    }
}
