//! A request as it is sent, and an answer as it came: four bytes of length, a header, the message.

use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::messages::{ProduceResponse, RequestHeader};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, StrBytes};

use super::api::{Api, Call};
use super::shape;

/// An answer that is not what was asked for. Complete behind what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer makes no sense: {0}")]
pub(crate) struct Nonsense(pub(crate) String);

/// A request's bytes in pieces, in order: batches are shared with whoever may send them again.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    pieces: Vec<Arc<Vec<u8>>>,
}

impl Frame {
    /// These pieces behind their length, for which the first one has left four bytes.
    pub(super) fn new(mut head: Vec<u8>, rest: Vec<Arc<Vec<u8>>>) -> Result<Self, Nonsense> {
        let length = head.len() - 4 + rest.iter().map(|piece| piece.len()).sum::<usize>();
        let length = i32::try_from(length).map_err(|_| Nonsense(format!("a request of {length} bytes")))?;
        head[..4].copy_from_slice(&length.to_be_bytes());
        let mut pieces = Vec::with_capacity(1 + rest.len());
        pieces.push(Arc::new(head));
        pieces.extend(rest);
        Ok(Frame { pieces })
    }

    pub fn pieces(&self) -> &[Arc<Vec<u8>>] {
        &self.pieces
    }

    /// All of it in one piece.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.pieces.iter().flat_map(|piece| piece.iter().copied()).collect()
    }
}

/// Puts the header of a request behind four bytes that are left for its length.
pub(super) fn head(
    api: Api,
    version: i16,
    header_version: i16,
    correlation: i32,
    client_id: &str,
) -> Result<Vec<u8>, Nonsense> {
    let mut bytes = vec![0; 4];
    RequestHeader::default()
        .with_request_api_key(api.key())
        .with_request_api_version(version)
        .with_correlation_id(correlation)
        .with_client_id(Some(StrBytes::from_string(client_id.to_owned())))
        .encode(&mut bytes, header_version)
        .map_err(|error| Nonsense(format!("{api} cannot be asked: {error}")))?;
    Ok(bytes)
}

/// A request as it is sent.
pub(crate) fn request<C: Call>(call: &C, version: i16, correlation: i32, client_id: &str) -> Result<Frame, Nonsense> {
    let mut bytes = head(C::API, version, C::header_version(version), correlation, client_id)?;
    call.encode(&mut bytes, version)
        .map_err(|error| Nonsense(format!("{} cannot be asked: {error}", C::API)))?;
    Frame::new(bytes, Vec::new())
}

/// What the answer to a request of this version says; `bytes` begin behind the correlation id.
pub(crate) fn answer<C: Call>(bytes: Bytes, version: i16) -> Result<C::Answer, Nonsense> {
    decode::<C::Answer>(C::API, bytes, version)
}

/// What the answer to a produce request says.
pub(crate) fn produced(bytes: Bytes, version: i16) -> Result<ProduceResponse, Nonsense> {
    decode(Api::Produce, bytes, version)
}

pub(super) fn decode<A: Decodable + HeaderVersion>(api: Api, mut bytes: Bytes, version: i16) -> Result<A, Nonsense> {
    if A::header_version(version) >= 1 {
        skip_header_tags(api, &mut bytes)?;
    }
    shape::check(api, &bytes, version)?;
    A::decode(&mut bytes, version).map_err(|error| Nonsense(format!("{api}: {error}")))
}

/// Behind the correlation id, which was read by whoever found out what is answered, a flexible header has tags.
fn skip_header_tags(api: Api, bytes: &mut Bytes) -> Result<(), Nonsense> {
    let read = shape::tags_length(bytes).map_err(|error| Nonsense(format!("{api}: header: {error}")))?;
    drop(bytes.split_to(read));
    Ok(())
}
