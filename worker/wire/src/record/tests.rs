use std::time::Instant;

use bytes::Bytes;
use kafka_protocol::records::RecordBatchDecoder;
use proptest::prelude::*;

use super::{Compression, Compressor, Headers, OpenBatch, Record, Stamp, next_batch};

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
    let decoded = RecordBatchDecoder::decode(&mut Bytes::from(bytes.clone())).expect("a batch");
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
    check_stored(&bytes, &records);
    let first = &decoded.records[0].headers;
    assert_eq!(first.len(), 2);
    assert_eq!(
        first[&b"__debezium.context.connectorName"[..]].as_deref(),
        Some(&b"mysql"[..])
    );
    assert_eq!(first[&b"nothing"[..]], None);
    assert!(decoded.records[1].headers.is_empty());
}

/// And by our own reader.
fn check_stored(bytes: &[u8], records: &[Record<'_>]) {
    let mut left = bytes;
    let batch = next_batch(&mut left).expect("a batch").expect("a whole one");
    assert!(left.is_empty() && batch.is_transactional() && !batch.is_control() && !batch.aborts());
    assert_eq!((batch.first_offset, batch.last_offset), (0, 3));
    assert_eq!(batch.producer_id, STAMP.producer_id);
    let mut read = 0;
    let visited = batch.records(&mut |record| {
        assert_eq!(record.offset, read as i64);
        assert_eq!((record.key, record.value), (records[read].key, records[read].value));
        read += 1;
    });
    assert_eq!((visited, read), (Ok(()), records.len()));
    for end in [0, 20, bytes.len() - 1] {
        assert_eq!(
            next_batch(&mut &bytes[..end]).map(|batch| batch.is_some()),
            Ok(false),
            "cut at {end}"
        );
    }
}

#[test]
fn records_are_as_they_were_appended_compressed_by_lz4() {
    let records = [Record {
        key: Some(b"k"),
        value: Some(&[7; 1000]),
        headers: &Headers::NONE,
        timestamp_ms: 0,
    }];
    let bytes = batch(Compression::Lz4, &records);
    let batch = next_batch(&mut &bytes[..]).expect("a batch").expect("a whole one");
    let mut value = Vec::new();
    let visited = batch.records(&mut |record| value.extend_from_slice(record.value.unwrap_or_default()));
    assert_eq!((visited, value), (Ok(()), vec![7; 1000]));
}

/// Whatever is damaged is an error, and never another record.
#[test]
fn a_damaged_batch_is_noticed() {
    let records = [Record {
        key: Some(b"key"),
        value: Some(b"value"),
        headers: &Headers::NONE,
        timestamp_ms: 0,
    }];
    let bytes = batch(Compression::None, &records);
    for place in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x40;
        let mut left = &damaged[..];
        let read = next_batch(&mut left);
        // The offset and the leader's epoch are the broker's to say, and a length can be that of more than has come.
        let is_sound = (0..8).contains(&place) || (12..16).contains(&place);
        match read {
            Ok(Some(_)) => assert!(is_sound, "damage at {place} is not noticed"),
            Ok(None) => assert!((8..12).contains(&place), "at {place}"),
            Err(_) => assert!(!is_sound, "at {place}"),
        }
    }
}

proptest! {
    /// With a checksum that is right, so that what is behind it is looked at.
    #[test]
    fn no_bytes_make_a_batch_panic(attributes in 0_u8..8, mut bytes in prop::collection::vec(any::<u8>(), 61..300)) {
        let length = (bytes.len() - 12) as i32;
        bytes[8..12].copy_from_slice(&length.to_be_bytes());
        bytes[16] = 2;
        bytes[22] = attributes;
        let checksum = crc32c::crc32c(&bytes[21..]);
        bytes[17..21].copy_from_slice(&checksum.to_be_bytes());
        let batch = next_batch(&mut &bytes[..]).expect("sound as far as that goes").expect("a whole one");
        batch.records(&mut |_| {}).ok();
        batch.aborts();
    }
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
