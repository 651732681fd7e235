use std::time::Instant;

use bytes::Bytes;
use kafka_protocol::records::RecordBatchDecoder;

use super::{Compression, Compressor, Headers, OpenBatch, Record, Stamp};

const STAMP: Stamp = Stamp {
    producer_id: 4711,
    epoch: 3,
    sequence: 100,
    is_transactional: true,
};

fn batch(compression: Compression, records: &[Record<'_>]) -> Vec<u8> {
    let mut open = OpenBatch::new(Vec::new(), Instant::now());
    for record in records {
        let before = open.bytes();
        open.push(record);
        assert!(open.bytes() - before <= record.bytes(), "its size is known before");
    }
    let mut compressor = Compressor::new(compression).expect("a level that there is");
    let (sealed, _) = open.seal(&mut compressor, Vec::new).expect("it is compressed");
    sealed.stamp(&STAMP)
}

/// Judged by the decoder of the crate `kafka-protocol`, which checks the checksum, too.
fn check(compression: Compression) {
    let mut headers = Headers::default();
    headers.push("__debezium.context.connectorName", Some(b"mysql"));
    headers.push("nothing", None);
    let long = vec![b'x'; 70_000];
    let records = [
        Record {
            key: Some(b"k"),
            value: Some(b"v"),
            headers: &headers,
            timestamp_ms: 1_700_000_000_000,
        },
        Record {
            key: None,
            value: Some(&long),
            headers: &Headers::NONE,
            timestamp_ms: 1_700_000_000_500,
        },
        Record {
            key: Some(&long),
            value: None,
            headers: &headers,
            timestamp_ms: 1_699_999_999_000,
        },
        Record {
            key: Some(b""),
            value: Some(b""),
            headers: &Headers::NONE,
            timestamp_ms: 0,
        },
    ];
    let bytes = batch(compression, &records);
    let decoded = RecordBatchDecoder::decode(&mut Bytes::from(bytes)).expect("a batch");
    assert_eq!(decoded.version, 2);
    assert_eq!(decoded.records.len(), records.len());
    for (sequence, (decoded, record)) in (STAMP.sequence..).zip(decoded.records.iter().zip(&records)) {
        assert_eq!(decoded.key.as_deref(), record.key);
        assert_eq!(decoded.value.as_deref(), record.value);
        assert_eq!(decoded.timestamp, record.timestamp_ms);
        assert_eq!(decoded.sequence, sequence);
        assert_eq!(
            (decoded.producer_id, decoded.producer_epoch),
            (STAMP.producer_id, STAMP.epoch)
        );
        assert!(decoded.transactional && !decoded.control);
    }
    let first = &decoded.records[0].headers;
    assert_eq!(first.len(), 2);
    assert_eq!(
        first[&b"__debezium.context.connectorName"[..]].as_deref(),
        Some(&b"mysql"[..])
    );
    assert_eq!(first[&b"nothing"[..]], None);
    assert!(decoded.records[1].headers.is_empty());
}

#[test]
fn records_are_as_they_were_appended() {
    check(Compression::None);
}

#[test]
fn records_are_as_they_were_appended_compressed_by_gzip() {
    check(Compression::Gzip(6));
}

#[test]
fn records_are_as_they_were_appended_compressed_by_snappy() {
    check(Compression::Snappy);
}

#[test]
fn records_are_as_they_were_appended_compressed_by_zstd() {
    check(Compression::Zstd(3));
}

#[test]
fn a_compressed_batch_leaves_its_first_buffer_behind() {
    let mut open = OpenBatch::new(Vec::with_capacity(4096), Instant::now());
    open.push(&Record {
        key: None,
        value: Some(&[7; 1000]),
        headers: &Headers::NONE,
        timestamp_ms: 0,
    });
    let mut compressor = Compressor::new(Compression::Lz4).expect("it has no level");
    let (sealed, left) = open.seal(&mut compressor, Vec::new).expect("it is compressed");
    assert!(sealed.bytes() < 500);
    assert_eq!(left.expect("a buffer").capacity(), 4096);
}
