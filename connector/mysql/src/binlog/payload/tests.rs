//! A compressed transaction of a real server, and payloads that would be lost or would flood the memory.

use super::*;
use crate::binlog::event::{BinlogEvent, fixture};

fn recorded() -> TransactionPayload<'static> {
    let mut events = fixture::events().into_iter();
    events
        .find_map(|event| match event {
            BinlogEvent::TransactionPayload(payload) => Some(payload),
            _ => None,
        })
        .unwrap()
}

/// Shows every event of a payload.
fn read(
    decompressor: &mut PayloadDecompressor,
    payload: &TransactionPayload<'_>,
    mut see: impl FnMut(RawEvent<'_>),
) -> Result<(), PayloadError> {
    decompressor.begin(payload)?;
    while let Some(place) = decompressor.next_place(payload.payload)? {
        see(decompressor.event(&place)?);
    }
    Ok(())
}

/// The names of the events in it, or how it failed.
fn names(payload: &TransactionPayload<'_>) -> Result<Vec<&'static str>, PayloadError> {
    let mut names = Vec::new();
    read(&mut PayloadDecompressor::new().unwrap(), payload, |event| {
        names.push(event.header().event_name());
    })?;
    Ok(names)
}

/// An event of `size` bytes.
fn event(type_code: u8, size: u32) -> Vec<u8> {
    let mut bytes = vec![0; size as usize];
    bytes[4] = type_code;
    bytes[9..13].copy_from_slice(&size.to_le_bytes());
    bytes
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 3).unwrap()
}

fn payload(payload: &[u8], uncompressed_size: usize) -> TransactionPayload<'_> {
    TransactionPayload {
        compression: Compression::Zstd,
        uncompressed_size: uncompressed_size as u64,
        payload,
        log_pos: 7,
    }
}

#[test]
fn a_real_payload_gives_its_events() {
    let recorded = recorded();
    let expected = ["Query", "Table_map", "Write_rows", "Table_map", "Update_rows", "Xid"];
    assert_eq!(names(&recorded).unwrap(), expected);
    // And what is in them can be read.
    let format = fixture::format();
    let mut rows = 0;
    read(&mut PayloadDecompressor::new().unwrap(), &recorded, |event| {
        rows += usize::from(matches!(event.decode(&format).unwrap(), BinlogEvent::Rows(_)));
    })
    .unwrap();
    assert_eq!(rows, 2);
}

#[test]
fn a_payload_without_compression_gives_its_events() {
    let bytes = [event(type_code::QUERY, 40), event(type_code::XID, 27)].concat();
    let plain = TransactionPayload {
        compression: Compression::None,
        ..payload(&bytes, bytes.len())
    };
    assert_eq!(names(&plain).unwrap(), ["Query", "Xid"]);
}

#[test]
fn a_payload_cut_anywhere_is_an_error() {
    let recorded = recorded();
    for length in 0..recorded.payload.len() {
        let cut = TransactionPayload {
            payload: &recorded.payload[..length],
            ..recorded
        };
        assert!(names(&cut).is_err(), "{length}");
    }
}

#[test]
fn a_size_that_is_not_kept_is_an_error() {
    let recorded = recorded();
    for uncompressed_size in [recorded.uncompressed_size - 1, recorded.uncompressed_size + 1, 0] {
        let wrong = TransactionPayload {
            uncompressed_size,
            ..recorded
        };
        assert!(
            matches!(names(&wrong), Err(PayloadError::Size { .. })),
            "{uncompressed_size}"
        );
    }
    // Nothing at all is not an empty transaction.
    assert!(matches!(names(&payload(&[], 0)), Err(PayloadError::Size { .. })));
    assert!(matches!(names(&payload(&zstd(&[]), 0)), Err(PayloadError::Size { .. })));
}

#[test]
fn garbage_is_an_error() {
    let garbage = [0x55; 64];
    assert!(matches!(
        names(&payload(&garbage, 64)),
        Err(PayloadError::Decompress { log_pos: 7, .. })
    ));
    let bytes = event(type_code::XID, 27);
    let behind = [zstd(&bytes), vec![1, 2]].concat();
    assert!(names(&payload(&behind, bytes.len())).is_err());
    let no_events = zstd(&[0; 100]);
    assert!(matches!(
        names(&payload(&no_events, 100)),
        Err(PayloadError::Event { .. })
    ));
}

#[test]
fn a_payload_within_a_payload_is_refused() {
    let bytes = event(type_code::TRANSACTION_PAYLOAD, 30);
    assert!(matches!(
        names(&payload(&zstd(&bytes), bytes.len())),
        Err(PayloadError::Nested { .. })
    ));
}

#[test]
fn several_frames_are_one_payload() {
    let (first, second) = (event(type_code::QUERY, 500), event(type_code::XID, 27));
    let frames = [zstd(&first), zstd(&second)].concat();
    assert_eq!(names(&payload(&frames, 527)).unwrap(), ["Query", "Xid"]);
}

#[test]
fn a_large_transaction_streams_through_a_small_buffer() {
    let events = event(type_code::WRITE_ROWS, 8192).repeat(12_000);
    let compressed = zstd(&events);
    assert!(compressed.len() < 100_000);
    let payload = payload(&compressed, events.len());
    let mut decompressor = PayloadDecompressor::new().unwrap();
    let mut count = 0;
    read(&mut decompressor, &payload, |event| {
        assert_eq!(event.bytes().len(), 8192);
        count += 1;
    })
    .unwrap();
    assert_eq!(count, 12_000);
    assert!(decompressor.buffer.capacity() <= 2 * BUFFER_SIZE);
}

#[test]
fn the_buffer_grows_to_the_largest_event_and_shrinks_again() {
    let events = [
        event(type_code::QUERY, 100),
        event(type_code::WRITE_ROWS, 5_000_000),
        event(type_code::XID, 27),
    ]
    .concat();
    let compressed = zstd(&events);
    let large = payload(&compressed, events.len());
    let mut decompressor = PayloadDecompressor::new().unwrap();
    read(&mut decompressor, &large, |_| ()).unwrap();
    assert!(decompressor.buffer.capacity() < 11_000_000);
    decompressor.begin(&recorded()).unwrap();
    assert_eq!(decompressor.buffer.len(), BUFFER_SIZE);
    assert!(decompressor.buffer.capacity() < 2 * BUFFER_SIZE);
}

#[test]
fn an_event_that_claims_gigabytes_takes_no_memory() {
    let mut bytes = event(type_code::WRITE_ROWS, 30);
    for (claim, is_refused) in [(MAX_EVENT_SIZE, false), (MAX_EVENT_SIZE + 1, true), (u32::MAX, true)] {
        bytes[9..13].copy_from_slice(&claim.to_le_bytes());
        let compressed = zstd(&bytes);
        let liar = payload(&compressed, 4 << 30);
        let mut decompressor = PayloadDecompressor::new().unwrap();
        match read(&mut decompressor, &liar, |_| ()) {
            Err(PayloadError::TooLarge { size, .. }) if is_refused => assert_eq!(size, claim),
            Err(PayloadError::Unfinished { .. }) if !is_refused => {}
            other => panic!("{claim}: {other:?}"),
        }
        assert!(decompressor.buffer.capacity() <= 2 * BUFFER_SIZE);
    }
}

#[test]
fn a_header_that_contradicts_itself_is_refused() {
    let parse = |body: &[u8]| TransactionPayload::parse(body, 0).map(|payload| payload.uncompressed_size);
    // Fields: 1 the payload's size, 2 the algorithm, 3 the uncompressed size, 0 the end.
    assert_eq!(parse(&[1, 1, 2, 2, 1, 0, 3, 1, 50, 0, 0xaa, 0xbb]), Ok(50));
    assert_eq!(parse(&[1, 1, 2, 2, 3, 252, 255, 0, 0, 0xaa, 0xbb]), Ok(2));
    assert!(parse(&[1, 1, 3, 2, 1, 0, 3, 1, 50, 0, 0xaa, 0xbb]).is_err());
    assert!(parse(&[1, 1, 2, 2, 1, 7, 3, 1, 50, 0, 0xaa, 0xbb]).is_err());
    assert!(parse(&[1, 1, 2, 2, 1, 0, 0, 0xaa, 0xbb]).is_err());
    assert!(parse(&[1, 1, 2, 0, 0xaa, 0xbb]).is_err());
    assert!(parse(&[1, 1, 2]).is_err());
}
