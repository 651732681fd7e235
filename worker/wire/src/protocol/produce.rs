//! A produce request, put together around batches that stay where they were written.

use std::sync::Arc;

use super::api::Api;
use super::frame::{Frame, Nonsense, head};
use super::varint;

/// The first version with compact lengths and tags.
const FLEXIBLE_SINCE: i16 = 9;
/// No more may be written to the log than what all in-sync replicas have: idempotence allows nothing else.
const ACKS_ALL: i16 = -1;

/// What all of a request's batches have in common.
pub(crate) struct ProduceHead<'a> {
    pub(crate) version: i16,
    pub(crate) correlation: i32,
    pub(crate) client_id: &'a str,
    pub(crate) transactional_id: Option<&'a str>,
    /// How long the leader may wait for its followers.
    pub(crate) timeout_ms: i32,
}

/// A batch, and the partition that it goes to.
pub(crate) struct PartitionData<'a> {
    pub(crate) topic: &'a str,
    pub(crate) partition: i32,
    pub(crate) batch: Arc<Vec<u8>>,
}

/// A request with these batches, those of a topic next to each other, and one of each partition.
pub(crate) fn produce_request(ask: &ProduceHead<'_>, batches: &[PartitionData<'_>]) -> Result<Frame, Nonsense> {
    let is_flexible = ask.version >= FLEXIBLE_SINCE;
    let header_version = if is_flexible { 2 } else { 1 };
    let head = head(
        Api::Produce,
        ask.version,
        header_version,
        ask.correlation,
        ask.client_id,
    )?;
    let mut writer = Writer {
        is_flexible,
        piece: head,
        pieces: Vec::with_capacity(2 * batches.len() + 1),
    };
    writer.text(ask.transactional_id);
    writer.piece.extend_from_slice(&ACKS_ALL.to_be_bytes());
    writer.piece.extend_from_slice(&ask.timeout_ms.to_be_bytes());
    let topics: Vec<_> = batches.chunk_by(|one, other| one.topic == other.topic).collect();
    writer.length(Some(topics.len()));
    for partitions in topics {
        writer.text(partitions.first().map(|data| data.topic));
        writer.length(Some(partitions.len()));
        for data in partitions {
            writer.piece.extend_from_slice(&data.partition.to_be_bytes());
            writer.length(Some(data.batch.len()));
            writer.share(&data.batch);
            writer.end();
        }
        writer.end();
    }
    writer.end();
    writer.finish()
}

/// Writes pieces, the first of which is the head.
struct Writer {
    is_flexible: bool,
    piece: Vec<u8>,
    pieces: Vec<Arc<Vec<u8>>>,
}

impl Writer {
    /// The length of an array or of bytes.
    fn length(&mut self, length: Option<usize>) {
        match (self.is_flexible, length) {
            (true, None) => self.piece.push(0),
            (true, Some(length)) => varint::put(&mut self.piece, length as u64 + 1),
            (false, None) => self.piece.extend_from_slice(&(-1_i32).to_be_bytes()),
            (false, Some(length)) => {
                let length = i32::try_from(length).unwrap_or(i32::MAX);
                self.piece.extend_from_slice(&length.to_be_bytes());
            }
        }
    }

    fn text(&mut self, text: Option<&str>) {
        match (self.is_flexible, text) {
            (true, _) => self.length(text.map(str::len)),
            (false, None) => self.piece.extend_from_slice(&(-1_i16).to_be_bytes()),
            (false, Some(text)) => {
                let length = i16::try_from(text.len()).unwrap_or(i16::MAX);
                self.piece.extend_from_slice(&length.to_be_bytes());
            }
        }
        self.piece.extend_from_slice(text.unwrap_or_default().as_bytes());
    }

    /// A structure ends: no tags.
    fn end(&mut self) {
        if self.is_flexible {
            self.piece.push(0);
        }
    }

    /// A batch as it is.
    fn share(&mut self, batch: &Arc<Vec<u8>>) {
        self.pieces.push(Arc::new(std::mem::take(&mut self.piece)));
        self.pieces.push(Arc::clone(batch));
    }

    fn finish(mut self) -> Result<Frame, Nonsense> {
        if self.pieces.is_empty() {
            return Frame::new(self.piece, Vec::new());
        }
        self.pieces.push(Arc::new(self.piece));
        let rest = self.pieces.split_off(1);
        let head = self
            .pieces
            .pop()
            .and_then(Arc::into_inner)
            .unwrap_or_else(|| vec![0; 4]);
        Frame::new(head, rest)
    }
}
