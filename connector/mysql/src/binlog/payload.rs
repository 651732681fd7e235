//! [`TransactionPayload`]: the events of one transaction, compressed (`binlog_transaction_compression=ON`), and
//! [`PayloadDecompressor`], which gives them back one by one.
//!
//! A transaction of any size arrives in one event, and a few kilobytes can expand to gigabytes. So the payload is never
//! expanded as a whole: it streams through one buffer that grows to the largest single event. What cannot be expanded,
//! ends early, or has another size than announced is an error: a payload taken for empty would be a lost transaction.

#[cfg(test)]
mod tests;

use std::io;
use std::ops::Range;

use thiserror::Error;
use zstd::stream::raw::{Decoder, InBuffer, Operation, OutBuffer};

use super::bytes::ByteReader;
use super::checksum::ChecksumAlgorithm;
use super::event::{EventError, EventFault, EventHeader, RawEvent, type_code};

/// The size of the buffer between events; it grows beyond that only for a larger event, and shrinks afterwards.
const BUFFER_SIZE: usize = 256 * 1024;

/// No event is larger outside of a payload: a server sends packets of at most 1 GiB, with a little around them. So none in a
/// payload may be, whatever a few compressed kilobytes expand to.
const MAX_EVENT_SIZE: u32 = (1 << 30) + (1 << 20);

/// How a payload is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Zstandard.
    Zstd,
    /// Not at all.
    None,
}

/// A TRANSACTION_PAYLOAD event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransactionPayload<'a> {
    /// How it is compressed.
    pub compression: Compression,
    /// How long the events in it are together.
    pub uncompressed_size: u64,
    /// The compressed bytes.
    pub payload: &'a [u8],
    log_pos: u32,
}

/// A payload that does not give the events it should.
#[derive(Debug, Error)]
pub enum PayloadError {
    /// The bytes are damaged.
    #[error("the transaction payload ending at binlog position {log_pos} cannot be decompressed")]
    Decompress {
        /// Where the event ends in its file.
        log_pos: u32,
        /// What the decompressor says.
        source: io::Error,
    },
    /// It ends within the compressed bytes or within an event.
    #[error("the transaction payload ending at binlog position {log_pos} ends within an event, after {produced} bytes")]
    Unfinished {
        /// Where the event ends in its file.
        log_pos: u32,
        /// How many bytes came out.
        produced: u64,
    },
    /// It is longer or shorter than it says.
    #[error(
        "the transaction payload ending at binlog position {log_pos} announces {announced} bytes and has {produced}"
    )]
    Size {
        /// Where the event ends in its file.
        log_pos: u32,
        /// The size in the event.
        announced: u64,
        /// How many bytes came out.
        produced: u64,
    },
    /// An event in it is none.
    #[error("in the transaction payload ending at binlog position {log_pos}")]
    Event {
        /// Where the event ends in its file.
        log_pos: u32,
        /// What is wrong.
        source: EventError,
    },
    /// An event in it is larger than any server can send.
    #[error(
        "the transaction payload ending at binlog position {log_pos} contains an event of {size} bytes; the largest that a \
         server can send has 1 GiB"
    )]
    TooLarge {
        /// Where the event ends in its file.
        log_pos: u32,
        /// What it claims.
        size: u32,
    },
    /// A payload in a payload, which no server writes.
    #[error("the transaction payload ending at binlog position {log_pos} contains another one")]
    Nested {
        /// Where the event ends in its file.
        log_pos: u32,
    },
}

impl<'a> TransactionPayload<'a> {
    /// Reads the event's body: fields, each a type, a length and a value, up to a type of 0; then the payload.
    pub(super) fn parse(body: &'a [u8], log_pos: u32) -> Result<Self, EventFault> {
        let mut reader = ByteReader::new(body);
        let (mut payload_size, mut compression, mut uncompressed_size) = (None, None, None);
        loop {
            let field = reader.packed()?;
            if field == 0 {
                break;
            }
            let mut value = ByteReader::new(reader.packed_bytes()?);
            match field {
                1 => payload_size = Some(value.packed()?),
                2 => compression = Some(value.packed()?),
                3 => uncompressed_size = Some(value.packed()?),
                _ => {}
            }
        }
        let compression = match compression {
            Some(0) => Compression::Zstd,
            Some(255) => Compression::None,
            Some(value) => {
                return Err(EventFault::Unsupported {
                    what: "compression algorithm",
                    value,
                });
            }
            None => return Err(EventFault::Invalid("it does not say how it is compressed")),
        };
        let payload = reader.rest();
        if payload_size != Some(payload.len() as u64) {
            return Err(EventFault::Invalid("the payload is not as long as it says"));
        }
        // Without compression the server leaves the second size out.
        let uncompressed_size = match (uncompressed_size, compression) {
            (Some(size), _) => size,
            (None, Compression::None) => payload.len() as u64,
            (None, Compression::Zstd) => return Err(EventFault::Invalid("it does not say its uncompressed size")),
        };
        Ok(TransactionPayload {
            compression,
            uncompressed_size,
            payload,
            log_pos,
        })
    }
}

/// Expands payloads, one after the other, in memory it keeps.
pub struct PayloadDecompressor {
    zstd: Decoder<'static>,
    buffer: Vec<u8>,
    progress: PayloadProgress,
}

/// How far the payload in progress has come.
struct PayloadProgress {
    compression: Compression,
    announced: u64,
    log_pos: u32,
    /// How much of the compressed bytes was taken.
    consumed: usize,
    /// What is in the buffer and was not handed out: `start..end`.
    start: usize,
    end: usize,
    produced: u64,
    in_frame: bool,
}

impl PayloadProgress {
    fn new(payload: &TransactionPayload<'_>) -> Self {
        PayloadProgress {
            compression: payload.compression,
            announced: payload.uncompressed_size,
            log_pos: payload.log_pos,
            consumed: 0,
            start: 0,
            end: 0,
            produced: 0,
            in_frame: false,
        }
    }
}

impl PayloadDecompressor {
    /// A decompressor.
    pub fn new() -> io::Result<Self> {
        let nothing = TransactionPayload {
            compression: Compression::None,
            uncompressed_size: 0,
            payload: &[],
            log_pos: 0,
        };
        Ok(PayloadDecompressor {
            zstd: Decoder::new()?,
            buffer: Vec::new(),
            progress: PayloadProgress::new(&nothing),
        })
    }

    /// Begins with the events of `payload`. The reader keeps the payload's bytes itself: each call of
    /// [`next_place`](Self::next_place) takes them again.
    pub fn begin(&mut self, payload: &TransactionPayload<'_>) -> Result<(), PayloadError> {
        let log_pos = payload.log_pos;
        self.zstd
            .reinit()
            .map_err(|source| PayloadError::Decompress { log_pos, source })?;
        self.buffer.resize(BUFFER_SIZE, 0);
        self.buffer.shrink_to(BUFFER_SIZE);
        self.progress = PayloadProgress::new(payload);
        Ok(())
    }

    /// The place of the next event of the payload begun last, whose compressed bytes are `payload`; `None` after the last,
    /// when everything that was announced has come. It is valid until the next one is asked for.
    ///
    /// After an error nothing more can be read.
    pub fn next_place(&mut self, payload: &[u8]) -> Result<Option<Range<usize>>, PayloadError> {
        let log_pos = self.progress.log_pos;
        if !self.fill(payload, EventHeader::LENGTH)? {
            self.check_end()?;
            self.release();
            return Ok(None);
        }
        let header = EventHeader::parse(self.buffered()).map_err(|source| PayloadError::Event { log_pos, source })?;
        if header.type_code == type_code::TRANSACTION_PAYLOAD {
            return Err(PayloadError::Nested { log_pos });
        }
        if header.event_size > MAX_EVENT_SIZE {
            return Err(PayloadError::TooLarge {
                log_pos,
                size: header.event_size,
            });
        }
        let size = header.event_size as usize;
        if !self.fill(payload, size)? {
            return Err(PayloadError::Unfinished {
                log_pos,
                produced: self.progress.produced,
            });
        }
        let place = self.progress.start..self.progress.start + size;
        self.progress.start = place.end;
        Ok(Some(place))
    }

    /// The event at a place. Events in a payload carry no checksum: the payload's own covers them.
    pub fn event(&self, place: &Range<usize>) -> Result<RawEvent<'_>, PayloadError> {
        let bytes = self.buffer.get(place.clone()).unwrap_or_default();
        let log_pos = self.progress.log_pos;
        RawEvent::split(bytes, ChecksumAlgorithm::None).map_err(|source| PayloadError::Event { log_pos, source })
    }

    fn check_end(&self) -> Result<(), PayloadError> {
        let PayloadProgress {
            log_pos,
            produced,
            announced,
            start,
            end,
            in_frame,
            ..
        } = self.progress;
        if start != end || in_frame {
            return Err(PayloadError::Unfinished { log_pos, produced });
        }
        if produced != announced || produced == 0 {
            return Err(PayloadError::Size {
                log_pos,
                announced,
                produced,
            });
        }
        Ok(())
    }

    /// Gives back what a large event took.
    fn release(&mut self) {
        self.progress.start = 0;
        self.progress.end = 0;
        self.buffer.truncate(BUFFER_SIZE);
        self.buffer.shrink_to(BUFFER_SIZE);
    }

    fn buffered(&self) -> &[u8] {
        self.buffer
            .get(self.progress.start..self.progress.end)
            .unwrap_or_default()
    }

    /// Makes sure that `wanted` bytes are in the buffer; false if the payload ends before.
    fn fill(&mut self, payload: &[u8], wanted: usize) -> Result<bool, PayloadError> {
        while self.progress.end - self.progress.start < wanted {
            self.make_room(wanted);
            let produced = self.decompress(payload)?;
            if produced == 0 && self.progress.consumed >= payload.len() {
                return Ok(false);
            }
            self.progress.end += produced;
            self.progress.produced += produced as u64;
            let PayloadProgress {
                log_pos,
                announced,
                produced,
                ..
            } = self.progress;
            if produced > announced {
                return Err(PayloadError::Size {
                    log_pos,
                    announced,
                    produced,
                });
            }
        }
        Ok(true)
    }

    /// Leaves room behind `end`. The buffer doubles at most, whatever size an event claims.
    fn make_room(&mut self, wanted: usize) {
        let PayloadDecompressor { buffer, progress, .. } = self;
        if progress.start > 0 && (progress.end == buffer.len() || progress.start == progress.end) {
            buffer.copy_within(progress.start..progress.end, 0);
            progress.end -= progress.start;
            progress.start = 0;
        }
        if progress.end == buffer.len() {
            let doubled = buffer.len().saturating_mul(2);
            buffer.resize(doubled.min(wanted.max(buffer.len() + 1)), 0);
        }
    }

    fn decompress(&mut self, payload: &[u8]) -> Result<usize, PayloadError> {
        let PayloadDecompressor { zstd, buffer, progress } = self;
        let log_pos = progress.log_pos;
        let input = payload.get(progress.consumed..).unwrap_or_default();
        let room = buffer.get_mut(progress.end..).unwrap_or_default();
        match progress.compression {
            Compression::None => {
                let count = room.len().min(input.len());
                room.iter_mut().zip(input).for_each(|(to, from)| *to = *from);
                progress.consumed += count;
                Ok(count)
            }
            // Asked again behind its last frame, the decoder would wait for another one to begin.
            Compression::Zstd if input.is_empty() && !progress.in_frame => Ok(0),
            Compression::Zstd => {
                let mut input_buffer = InBuffer::around(input);
                let mut output = OutBuffer::around(room);
                let hint = zstd.run(&mut input_buffer, &mut output);
                let hint = hint.map_err(|source| PayloadError::Decompress { log_pos, source })?;
                let (consumed, produced) = (input_buffer.pos(), output.pos());
                progress.consumed += consumed;
                progress.in_frame = hint != 0;
                if consumed == 0 && produced == 0 && !input.is_empty() {
                    return Err(PayloadError::Unfinished {
                        log_pos,
                        produced: progress.produced,
                    });
                }
                Ok(produced)
            }
        }
    }
}
