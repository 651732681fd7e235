//! [`Api`]: the requests that this client makes, and which versions of them.

use kafka_protocol::messages::{
    AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, ApiVersionsRequest, ApiVersionsResponse,
    CreateTopicsRequest, CreateTopicsResponse, DescribeConfigsRequest, DescribeConfigsResponse,
    DescribeTransactionsRequest, DescribeTransactionsResponse, EndTxnRequest, EndTxnResponse, FetchRequest,
    FetchResponse, FindCoordinatorRequest, FindCoordinatorResponse, InitProducerIdRequest, InitProducerIdResponse,
    ListOffsetsRequest, ListOffsetsResponse, MetadataRequest, MetadataResponse, SaslAuthenticateRequest,
    SaslAuthenticateResponse, SaslHandshakeRequest, SaslHandshakeResponse,
};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion};

/// A kind of request.
#[expect(clippy::enum_variant_names, reason = "ApiVersions is what the protocol calls it")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Api {
    Produce,
    Fetch,
    ListOffsets,
    Metadata,
    FindCoordinator,
    SaslHandshake,
    ApiVersions,
    CreateTopics,
    InitProducerId,
    AddPartitionsToTxn,
    EndTxn,
    DescribeConfigs,
    SaslAuthenticate,
    DescribeTransactions,
}

impl Api {
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) const ALL: [Api; 14] = [
        Api::Produce,
        Api::Fetch,
        Api::ListOffsets,
        Api::Metadata,
        Api::FindCoordinator,
        Api::SaslHandshake,
        Api::ApiVersions,
        Api::CreateTopics,
        Api::InitProducerId,
        Api::AddPartitionsToTxn,
        Api::EndTxn,
        Api::DescribeConfigs,
        Api::SaslAuthenticate,
        Api::DescribeTransactions,
    ];

    pub(crate) fn key(self) -> i16 {
        match self {
            Api::Produce => 0,
            Api::Fetch => 1,
            Api::ListOffsets => 2,
            Api::Metadata => 3,
            Api::FindCoordinator => 10,
            Api::SaslHandshake => 17,
            Api::ApiVersions => 18,
            Api::CreateTopics => 19,
            Api::InitProducerId => 22,
            Api::AddPartitionsToTxn => 24,
            Api::EndTxn => 26,
            Api::DescribeConfigs => 32,
            Api::SaslAuthenticate => 36,
            Api::DescribeTransactions => 65,
        }
    }

    /// The oldest and the newest version that is spoken here.
    pub(crate) fn spoken(self) -> (i16, i16) {
        match self {
            // 3 brought transactions, 12 adds partitions to them by itself (KIP-890), 13 names topics by id only.
            Api::Produce => (3, 12),
            // 4 brought transactions; 12 detects diverging logs, for which leaders' epochs would have to be kept; 13 names topics by
            // id only.
            Api::Fetch => (4, 11),
            // 2 knows isolation; what is newer tells more than is needed.
            Api::ListOffsets => (2, 5),
            // 4 can ask without creating topics; 12 can have topics without a name, 13 an error of its own.
            Api::Metadata => (4, 11),
            // 1 finds coordinators of transactions; 6 those of share groups.
            Api::FindCoordinator => (1, 5),
            // 1 goes on in requests of its own.
            Api::SaslHandshake => (1, 1),
            Api::ApiVersions => (0, 3),
            // 4 can leave partitions and replicas to the broker (KIP-464); 5 answers with what is not needed.
            Api::CreateTopics => (4, 4),
            // 6 is for two-phase commit (KIP-939).
            Api::InitProducerId => (0, 5),
            // From 4 on it is spoken between brokers only.
            Api::AddPartitionsToTxn => (0, 3),
            // 5 answers with the next epoch (KIP-890).
            Api::EndTxn => (0, 5),
            // 1 tells where a value comes from; what is newer tells more than is needed.
            Api::DescribeConfigs => (1, 1),
            Api::SaslAuthenticate => (0, 2),
            Api::DescribeTransactions => (0, 0),
        }
    }
}

impl std::fmt::Display for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A request whose message is the crate's, and what answers it.
pub(crate) trait Call: Encodable + HeaderVersion {
    const API: Api;
    type Answer: Decodable + HeaderVersion;
}

macro_rules! calls {
    ($($api:ident: $request:ty => $answer:ty;)*) => {
        $(impl Call for $request {
            const API: Api = Api::$api;
            type Answer = $answer;
        })*
    };
}

calls! {
    Fetch: FetchRequest => FetchResponse;
    ListOffsets: ListOffsetsRequest => ListOffsetsResponse;
    Metadata: MetadataRequest => MetadataResponse;
    FindCoordinator: FindCoordinatorRequest => FindCoordinatorResponse;
    SaslHandshake: SaslHandshakeRequest => SaslHandshakeResponse;
    ApiVersions: ApiVersionsRequest => ApiVersionsResponse;
    CreateTopics: CreateTopicsRequest => CreateTopicsResponse;
    InitProducerId: InitProducerIdRequest => InitProducerIdResponse;
    AddPartitionsToTxn: AddPartitionsToTxnRequest => AddPartitionsToTxnResponse;
    EndTxn: EndTxnRequest => EndTxnResponse;
    DescribeConfigs: DescribeConfigsRequest => DescribeConfigsResponse;
    DescribeTransactions: DescribeTransactionsRequest => DescribeTransactionsResponse;
    SaslAuthenticate: SaslAuthenticateRequest => SaslAuthenticateResponse;
}
