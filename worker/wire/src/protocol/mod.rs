//! Requests and answers as bytes. The messages themselves are those of the crate `kafka-protocol`.
//!
//! Two things are our own. A produce request is put together around the batches, which are not copied into it
//! ([`produce`]). And an answer is [walked](shape) before it is decoded, so that memory is reserved
//! for what is there only.

mod api;
mod frame;
mod produce;
mod shape;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod understood;
pub(crate) mod varint;
mod versions;

pub(crate) use api::{Api, Call};
pub use frame::Frame;
pub(crate) use frame::{Nonsense, answer, produced, request};
pub(crate) use produce::{PartitionData, ProduceHead, produce_request};
pub use versions::Versions;
