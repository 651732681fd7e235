//! Any bytes as an event: split, verified, decoded, and expanded if they are a payload.

use crate::binlog::checksum::ChecksumAlgorithm;
use crate::binlog::event::{BinlogEvent, EventFormat, RawEvent};
use crate::binlog::payload::PayloadDecompressor;
use crate::binlog::table_map::TableMaps;

/// One input.
pub fn binlog_event(data: &[u8]) {
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
                if decompressor.begin(&payload).is_err() {
                    continue;
                }
                while let Ok(Some(place)) = decompressor.next_place(payload.payload) {
                    let Ok(event) = decompressor.event(&place) else { break };
                    let _ = event.decode(&EventFormat::negotiated(ChecksumAlgorithm::None));
                }
            }
            _ => {}
        }
    }
}
