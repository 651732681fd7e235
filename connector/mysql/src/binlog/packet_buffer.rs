//! [`PacketBuffer`]: whole packets out of a byte stream, in one buffer that is used again and again.
//!
//! Bytes are read in large pieces and handed out where they lie: many packets per system call, no copy per packet. A packet
//! that is not complete yet stays in the buffer, whatever interrupts the reading, and the next read continues it.
//!
//! On the wire a packet is a three-byte length, a sequence number, and that many bytes; a length of 2^24 - 1 says that the
//! packet goes on behind another such header
//! (<https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html>). The headers inside of such a
//! packet are squeezed out once it is complete. The buffer grows with what really arrived, never with what is announced,
//! and shrinks when the large packet is gone.

use std::io::{self, Read};
use std::ops::Range;

const HEADER: usize = 4;
/// The length of a part that is followed by another.
const FULL_PART: usize = 0xff_ffff;
/// The size between large packets, and the least that is asked for in one read.
const BASE_SIZE: usize = 256 * 1024;
const MIN_READ: usize = 64 * 1024;
/// A buffer that grew beyond this is given back.
const LARGE: usize = 4 * 1024 * 1024;
/// The largest event that MySQL writes is just below 1 GiB.
const MAX_PACKET: usize = (1 << 30) + (1 << 20);

/// Why no packet can be cut out.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PacketError {
    /// A packet is missing, or these are no packets.
    #[error("packet {found} came where {expected} was due")]
    OutOfOrder { expected: u8, found: u8 },
    /// Larger than any server sends.
    #[error("a packet is larger than 1 GiB")]
    TooLarge,
}

/// The bytes that were read and not handed out yet.
pub(super) struct PacketBuffer {
    /// Initialised to its whole length; what was read is `start..end`.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// The sequence number of the next part.
    sequence: u8,
    open: OpenPacket,
}

/// The packet that begins at `start`, as far as it is known.
#[derive(Default)]
struct OpenPacket {
    /// The complete parts in front, headers included.
    parts_length: usize,
    parts: usize,
}

impl PacketBuffer {
    pub(super) fn new() -> Self {
        PacketBuffer {
            bytes: Vec::new(),
            start: 0,
            end: 0,
            sequence: 0,
            open: OpenPacket::default(),
        }
    }

    /// Starts a new exchange: the answer to the command just sent.
    pub(super) fn expect_answer(&mut self, sequence: u8) {
        self.sequence = sequence;
    }

    /// The sequence number that a packet sent now must have.
    pub(super) fn sequence(&self) -> u8 {
        self.sequence
    }

    /// Whether bytes were read that no packet had: in front of a TLS handshake there must be none.
    pub(super) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Takes the next packet if it is complete. Its bytes stay valid until the next [`fill`](Self::fill).
    pub(super) fn take(&mut self) -> Result<Option<Range<usize>>, PacketError> {
        loop {
            let header = self.start + self.open.parts_length;
            let Some(&[low, middle, high, sequence]) = self.array(header) else {
                return Ok(None);
            };
            let length = usize::from(low) | usize::from(middle) << 8 | usize::from(high) << 16;
            if self.open.parts_length + length > MAX_PACKET {
                return Err(PacketError::TooLarge);
            }
            if self.end < header + HEADER + length {
                return Ok(None);
            }
            if sequence != self.sequence {
                return Err(PacketError::OutOfOrder {
                    expected: self.sequence,
                    found: sequence,
                });
            }
            self.sequence = sequence.wrapping_add(1);
            self.open.parts_length += HEADER + length;
            self.open.parts += 1;
            if length < FULL_PART {
                return Ok(Some(self.close()));
            }
        }
    }

    /// The bytes of a packet taken.
    pub(super) fn packet(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }

    /// Reads once. Returns how many bytes came; 0 is the end of the stream.
    pub(super) fn fill(&mut self, from: &mut impl Read) -> io::Result<usize> {
        self.make_room();
        let room = self.bytes.get_mut(self.end..).unwrap_or_default();
        let count = from.read(room)?;
        self.end += count;
        Ok(count)
    }

    /// Ends the packet that is completely there, without the headers between its parts.
    fn close(&mut self) -> Range<usize> {
        let OpenPacket { parts_length, parts } = std::mem::take(&mut self.open);
        let first = self.start + HEADER;
        let end = self.start + parts_length;
        self.start = end;
        let mut payload_end = first;
        for part in 0..parts {
            let from = first + part * (HEADER + FULL_PART);
            let length = FULL_PART.min(end - from);
            if part > 0 {
                self.bytes.copy_within(from..from + length, payload_end);
            }
            payload_end += length;
        }
        first..payload_end
    }

    /// Leaves room behind `end` for the rest of the part in progress, or for a good read.
    fn make_room(&mut self) {
        let buffered = self.end - self.start;
        let missing = self.missing();
        if self.bytes.len() > LARGE && missing.is_some_and(|missing| buffered + missing <= BASE_SIZE) {
            self.move_to_front();
            self.bytes.truncate(BASE_SIZE);
            self.bytes.shrink_to(BASE_SIZE);
        }
        let wanted = missing.unwrap_or(0).max(MIN_READ);
        if self.bytes.len() - self.end < wanted {
            self.move_to_front();
            let length = (self.end + wanted).max(BASE_SIZE);
            if self.bytes.len() < length {
                self.bytes.resize(length, 0);
            }
        }
    }

    fn move_to_front(&mut self) {
        self.bytes.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
    }

    /// How many bytes the part in progress still needs; `None` while its header is not there.
    fn missing(&self) -> Option<usize> {
        let header = self.start + self.open.parts_length;
        let [low, middle, high, _] = self.array(header)?;
        let length = usize::from(*low) | usize::from(*middle) << 8 | usize::from(*high) << 16;
        Some((header + HEADER + length).saturating_sub(self.end))
    }

    /// The header at `at`, if it was read.
    fn array(&self, at: usize) -> Option<&[u8; HEADER]> {
        self.bytes.get(at..self.end)?.first_chunk()
    }
}

/// Appends `payload` as a packet. Nothing we send comes near the length that would need two.
pub(super) fn write_packet(out: &mut Vec<u8>, sequence: u8, payload: &[u8]) -> io::Result<()> {
    let length = u32::try_from(payload.len())
        .ok()
        .filter(|length| (*length as usize) < FULL_PART);
    let length =
        length.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the request is larger than 16 MiB"))?;
    let [low, middle, high, _] = length.to_le_bytes();
    out.extend_from_slice(&[low, middle, high, sequence]);
    out.extend_from_slice(payload);
    Ok(())
}

#[cfg(test)]
mod tests;
