//! Records, as bytes of the format v2.

mod batch;
mod compression;
mod headers;
mod stored;
#[cfg(test)]
mod tests;

pub use batch::{BATCH_HEAD, Record, record_bytes};
pub(crate) use batch::{OpenBatch, SealedBatch, Stamp, is_encodable};
pub use compression::Compression;
pub(crate) use compression::Compressor;
pub use headers::Headers;
pub(crate) use stored::{Damaged, StoredBatch, next_batch};
