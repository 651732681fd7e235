use std::io::{self, Read};

use proptest::prelude::{any, prop_assert_eq, proptest};

use super::{BASE_SIZE, FULL_PART, LARGE, PacketBuffer, PacketError};

/// The packets on the wire, as a server writes them.
fn wire(packets: &[Vec<u8>], mut sequence: u8) -> Vec<u8> {
    let mut wire = Vec::new();
    for packet in packets {
        let mut rest = packet.as_slice();
        loop {
            let (part, left) = rest.split_at(rest.len().min(FULL_PART));
            wire.extend_from_slice(&(part.len() as u32).to_le_bytes()[..3]);
            wire.push(sequence);
            sequence = sequence.wrapping_add(1);
            wire.extend_from_slice(part);
            rest = left;
            if part.len() < FULL_PART {
                break;
            }
        }
    }
    wire
}

/// Gives bytes in pieces of these lengths, over and over, and "would block" between two pieces.
struct Pieces<'a> {
    bytes: &'a [u8],
    lengths: Vec<usize>,
    next: usize,
    blocked: bool,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.blocked = !self.blocked;
        if self.blocked && !self.bytes.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let length = self.lengths[self.next % self.lengths.len()]
            .min(into.len())
            .min(self.bytes.len());
        self.next += 1;
        into[..length].copy_from_slice(&self.bytes[..length]);
        self.bytes = &self.bytes[length..];
        Ok(length)
    }
}

fn read_all(buffer: &mut PacketBuffer, mut from: impl Read) -> Result<Vec<Vec<u8>>, PacketError> {
    let mut packets = Vec::new();
    loop {
        while let Some(range) = buffer.take()? {
            packets.push(buffer.packet(&range).to_vec());
        }
        match buffer.fill(&mut from) {
            Ok(0) => return Ok(packets),
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
        }
    }
}

fn packet(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

proptest! {
    #[test]
    fn packets_survive_any_cutting_of_the_stream(
        packets in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..40),
        lengths in proptest::collection::vec(1..500_usize, 1..5),
        sequence: u8,
    ) {
        let wire = wire(&packets, sequence);
        let mut buffer = PacketBuffer::new();
        buffer.expect_answer(sequence);
        let read = read_all(&mut buffer, Pieces { bytes: &wire, lengths, next: 0, blocked: false });
        prop_assert_eq!(read, Ok(packets));
    }
}

#[test]
fn packets_of_many_parts_come_in_one_piece() {
    for length in [
        FULL_PART - 1,
        FULL_PART,
        FULL_PART + 1,
        2 * FULL_PART,
        2 * FULL_PART + 77,
    ] {
        let packets = vec![packet(5), packet(length), packet(7)];
        let wire = wire(&packets, 0);
        let mut buffer = PacketBuffer::new();
        let read = read_all(
            &mut buffer,
            Pieces {
                bytes: &wire,
                lengths: vec![1 << 20],
                next: 0,
                blocked: false,
            },
        );
        assert!(read == Ok(packets), "{length}");
    }
}

#[test]
fn the_buffer_is_small_again_after_a_large_packet() {
    let mut packets = vec![packet(3 * LARGE)];
    packets.extend((0..100).map(|_| packet(10_000)));
    let wire = wire(&packets, 0);
    let mut buffer = PacketBuffer::new();
    read_all(
        &mut buffer,
        Pieces {
            bytes: &wire,
            lengths: vec![65_536],
            next: 0,
            blocked: false,
        },
    )
    .expect("packets");
    assert!(buffer.bytes.capacity() <= 2 * BASE_SIZE, "{}", buffer.bytes.capacity());
}

#[test]
fn an_announced_length_takes_no_memory() {
    let mut buffer = PacketBuffer::new();
    let header = [0xff, 0xff, 0xff, 0, 1, 2, 3];
    read_all(&mut buffer, &header[..]).expect("no packet yet");
    assert!(buffer.bytes.capacity() <= FULL_PART + 2 * BASE_SIZE);
}

#[test]
fn a_missing_packet_is_noticed() {
    let mut buffer = PacketBuffer::new();
    let wire = [wire(&[packet(3)], 0), wire(&[packet(3)], 2)].concat();
    assert_eq!(
        read_all(&mut buffer, &wire[..]),
        Err(PacketError::OutOfOrder { expected: 1, found: 2 })
    );
}
