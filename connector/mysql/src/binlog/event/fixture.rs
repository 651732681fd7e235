//! A binlog file that a real server wrote (`tests/fixtures`): one of every kind of event.

use super::{BinlogEvent, EventFormat, RawEvent};
use crate::binlog::checksum::ChecksumAlgorithm;

static FILE: &[u8] = include_bytes!("../../../tests/fixtures/binlog.000002");

/// The file's events, as bytes.
pub(crate) fn event_bytes() -> Vec<&'static [u8]> {
    let mut events = Vec::new();
    // Behind the four bytes that every binlog file begins with.
    let mut rest = &FILE[4..];
    while let Some(size) = rest.get(9..13) {
        let size = u32::from_le_bytes(size.try_into().unwrap()) as usize;
        let (event, behind) = rest.split_at(size);
        events.push(event);
        rest = behind;
    }
    assert!(rest.is_empty());
    events
}

/// The file's events.
pub(crate) fn raw_events() -> Vec<RawEvent<'static>> {
    event_bytes()
        .into_iter()
        .map(|bytes| RawEvent::split(bytes, ChecksumAlgorithm::Crc32).unwrap())
        .collect()
}

/// What the file's events say; without those inside of payloads.
pub(crate) fn events() -> Vec<BinlogEvent<'static>> {
    let format = format();
    raw_events()
        .iter()
        .map(|event| event.decode(&format).unwrap())
        .collect()
}

/// The file's format.
pub(crate) fn format() -> EventFormat {
    match raw_events()[0].decode(&EventFormat::negotiated(ChecksumAlgorithm::Crc32)) {
        Ok(BinlogEvent::FormatDescription(format)) => format,
        other => panic!("{other:?}"),
    }
}
