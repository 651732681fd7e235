//! Any bytes as an event: split, verified, decoded, and expanded if they are a payload.
#![no_main]

use connector_mysql::binlog::checksum::ChecksumAlgorithm;
use connector_mysql::binlog::event::{BinlogEvent, EventFormat, RawEvent};
use connector_mysql::binlog::payload::PayloadDecompressor;
use connector_mysql::binlog::table_map::TableMaps;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut bytes = data.to_vec();
    // The length in the header is right, or nothing behind it would ever be reached.
    if let Some(size) = bytes.get_mut(9..13) {
        size.copy_from_slice(&(data.len() as u32).to_le_bytes());
    }
    for checksum in [ChecksumAlgorithm::None, ChecksumAlgorithm::Crc32] {
        let Ok(event) = RawEvent::split(&bytes, checksum) else {
            continue;
        };
        let _ = event.verify_checksum();
        match event.decode(&EventFormat::negotiated(checksum)) {
            Ok(BinlogEvent::TableMap(map)) => drop(TableMaps::default().accept(&map).is_ok()),
            Ok(BinlogEvent::TransactionPayload(payload)) => {
                let mut decompressor = PayloadDecompressor::new().expect("memory");
                let Ok(mut events) = decompressor.open(&payload) else {
                    continue;
                };
                while let Ok(Some(event)) = events.next_event() {
                    let _ = event.decode(&EventFormat::negotiated(ChecksumAlgorithm::None));
                }
            }
            _ => {}
        }
    }
});
