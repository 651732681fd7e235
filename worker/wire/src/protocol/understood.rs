//! Any answer, decoded: for tests and for what random bytes are thrown at.

use bytes::Bytes;
use kafka_protocol::messages::{
    AddPartitionsToTxnResponse, ApiVersionsResponse, CreateTopicsResponse, DescribeConfigsResponse,
    DescribeTransactionsResponse, EndTxnResponse, FetchResponse, FindCoordinatorResponse, InitProducerIdResponse,
    ListOffsetsResponse, MetadataResponse, ProduceResponse, SaslAuthenticateResponse, SaslHandshakeResponse,
};

use super::frame::decode;
use super::{Api, Nonsense};

/// Decodes the answer to a request of this version, and forgets it.
pub(crate) fn understand(api: Api, bytes: Vec<u8>, version: i16) -> Result<(), Nonsense> {
    let bytes = Bytes::from(bytes);
    match api {
        Api::Produce => decode::<ProduceResponse>(api, bytes, version).map(drop),
        Api::Metadata => decode::<MetadataResponse>(api, bytes, version).map(drop),
        Api::FindCoordinator => decode::<FindCoordinatorResponse>(api, bytes, version).map(drop),
        Api::SaslHandshake => decode::<SaslHandshakeResponse>(api, bytes, version).map(drop),
        Api::ApiVersions => decode::<ApiVersionsResponse>(api, bytes, version).map(drop),
        Api::Fetch => decode::<FetchResponse>(api, bytes, version).map(drop),
        Api::ListOffsets => decode::<ListOffsetsResponse>(api, bytes, version).map(drop),
        Api::CreateTopics => decode::<CreateTopicsResponse>(api, bytes, version).map(drop),
        Api::DescribeConfigs => decode::<DescribeConfigsResponse>(api, bytes, version).map(drop),
        Api::InitProducerId => decode::<InitProducerIdResponse>(api, bytes, version).map(drop),
        Api::AddPartitionsToTxn => decode::<AddPartitionsToTxnResponse>(api, bytes, version).map(drop),
        Api::EndTxn => decode::<EndTxnResponse>(api, bytes, version).map(drop),
        Api::DescribeTransactions => decode::<DescribeTransactionsResponse>(api, bytes, version).map(drop),
        Api::SaslAuthenticate => decode::<SaslAuthenticateResponse>(api, bytes, version).map(drop),
    }
}

/// Every request in every version that is spoken.
pub(crate) fn every_version() -> impl Iterator<Item = (Api, i16)> {
    Api::ALL.into_iter().flat_map(|api| {
        let (oldest, newest) = api.spoken();
        (oldest..=newest).map(move |version| (api, version))
    })
}
