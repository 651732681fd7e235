//! [`TransactionPayload`]: the events of one transaction, compressed (`binlog_transaction_compression=ON`), and
//! [`PayloadDecompressor`], which gives them back one by one.
//!
//! A transaction of any size arrives in one event, and a few kilobytes can expand to gigabytes. So the payload is never
//! expanded as a whole: it streams through one buffer that grows to the largest single event. What cannot be expanded,
//! ends early, or has another size than announced is an error: a payload taken for empty would be a lost transaction.

use std::io;

use thiserror::Error;
use zstd::stream::raw::{Decoder, InBuffer, Operation, OutBuffer};

use super::bytes::ByteReader;
use super::checksum::ChecksumAlgorithm;
use super::event::{EventError, EventFault, EventHeader, RawEvent, type_code};

/// The size of the buffer between events; it grows beyond that only for a larger event, and shrinks afterwards.
const BUFFER_SIZE: usize = 256 * 1024;

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
}

impl PayloadDecompressor {
    /// A decompressor.
    pub fn new() -> io::Result<Self> {
        Ok(PayloadDecompressor {
            zstd: Decoder::new()?,
            buffer: Vec::new(),
        })
    }

    /// Begins with the events of `payload`.
    pub fn open<'d, 'p>(&'d mut self, payload: &TransactionPayload<'p>) -> Result<PayloadEvents<'d, 'p>, PayloadError> {
        let log_pos = payload.log_pos;
        self.zstd
            .reinit()
            .map_err(|source| PayloadError::Decompress { log_pos, source })?;
        self.buffer.resize(BUFFER_SIZE, 0);
        self.buffer.shrink_to(BUFFER_SIZE);
        Ok(PayloadEvents {
            decompressor: self,
            compression: payload.compression,
            input: payload.payload,
            announced: payload.uncompressed_size,
            log_pos,
            start: 0,
            end: 0,
            produced: 0,
            in_frame: false,
        })
    }
}

/// The events of one payload, in order.
pub struct PayloadEvents<'d, 'p> {
    decompressor: &'d mut PayloadDecompressor,
    compression: Compression,
    input: &'p [u8],
    announced: u64,
    log_pos: u32,
    /// What is in the buffer and was not handed out: `start..end`.
    start: usize,
    end: usize,
    produced: u64,
    in_frame: bool,
}

impl PayloadEvents<'_, '_> {
    /// The next event; `None` after the last, when everything that was announced has come.
    ///
    /// After an error nothing more can be read.
    pub fn next_event(&mut self) -> Result<Option<RawEvent<'_>>, PayloadError> {
        let log_pos = self.log_pos;
        if !self.fill(EventHeader::LENGTH)? {
            return self.finish();
        }
        let header = EventHeader::parse(self.buffered()).map_err(|source| PayloadError::Event { log_pos, source })?;
        if header.type_code == type_code::TRANSACTION_PAYLOAD {
            return Err(PayloadError::Nested { log_pos });
        }
        let size = header.event_size as usize;
        if !self.fill(size)? {
            return Err(PayloadError::Unfinished {
                log_pos,
                produced: self.produced,
            });
        }
        let event = self.start..self.start + size;
        self.start = event.end;
        let bytes = self.decompressor.buffer.get(event).unwrap_or_default();
        // Events in a payload carry no checksum: the payload's own covers them.
        let event = RawEvent::split(bytes, ChecksumAlgorithm::None);
        event
            .map(Some)
            .map_err(|source| PayloadError::Event { log_pos, source })
    }

    fn finish(&self) -> Result<Option<RawEvent<'_>>, PayloadError> {
        let (log_pos, produced, announced) = (self.log_pos, self.produced, self.announced);
        if self.start != self.end || self.in_frame {
            return Err(PayloadError::Unfinished { log_pos, produced });
        }
        if produced != announced || produced == 0 {
            return Err(PayloadError::Size {
                log_pos,
                announced,
                produced,
            });
        }
        Ok(None)
    }

    fn buffered(&self) -> &[u8] {
        self.decompressor.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Makes sure that `wanted` bytes are in the buffer; false if the payload ends before.
    fn fill(&mut self, wanted: usize) -> Result<bool, PayloadError> {
        while self.end - self.start < wanted {
            self.make_room(wanted);
            let produced = self.decompress()?;
            if produced == 0 && self.input.is_empty() {
                return Ok(false);
            }
            self.end += produced;
            self.produced += produced as u64;
            if self.produced > self.announced {
                let (log_pos, announced, produced) = (self.log_pos, self.announced, self.produced);
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
        let buffer = &mut self.decompressor.buffer;
        if self.start > 0 && (self.end == buffer.len() || self.start == self.end) {
            buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == buffer.len() {
            let doubled = buffer.len().saturating_mul(2);
            buffer.resize(doubled.min(wanted.max(buffer.len() + 1)), 0);
        }
    }

    fn decompress(&mut self) -> Result<usize, PayloadError> {
        let log_pos = self.log_pos;
        let PayloadDecompressor { zstd, buffer } = &mut *self.decompressor;
        let room = buffer.get_mut(self.end..).unwrap_or_default();
        match self.compression {
            Compression::None => {
                let count = room.len().min(self.input.len());
                let (taken, rest) = self.input.split_at_checked(count).unwrap_or_default();
                room.iter_mut().zip(taken).for_each(|(to, from)| *to = *from);
                self.input = rest;
                Ok(count)
            }
            Compression::Zstd => {
                let mut input = InBuffer::around(self.input);
                let mut output = OutBuffer::around(room);
                let hint = zstd.run(&mut input, &mut output);
                let hint = hint.map_err(|source| PayloadError::Decompress { log_pos, source })?;
                let (consumed, produced) = (input.pos(), output.pos());
                self.input = self.input.get(consumed..).unwrap_or_default();
                self.in_frame = hint != 0;
                if consumed == 0 && produced == 0 && !self.input.is_empty() {
                    return Err(PayloadError::Unfinished {
                        log_pos,
                        produced: self.produced,
                    });
                }
                Ok(produced)
            }
        }
    }
}
