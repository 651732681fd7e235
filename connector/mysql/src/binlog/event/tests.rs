//! Real events of MySQL 9.7, whole and damaged.

use proptest::prelude::{ProptestConfig, any, proptest};

use super::*;
use crate::binlog::event::fixture;
use crate::binlog::table_map::TableMaps;

/// The events of one kind.
fn of_kind<T>(select: impl Fn(&BinlogEvent<'static>) -> Option<T>) -> Vec<T> {
    fixture::events().iter().filter_map(select).collect()
}

fn queries() -> Vec<QueryEvent<'static>> {
    of_kind(|event| match event {
        BinlogEvent::Query(query) => Some(*query),
        _ => None,
    })
}

#[test]
fn every_event_of_a_file_is_known_by_its_kind() {
    let mut counts = std::collections::BTreeMap::new();
    for event in fixture::raw_events() {
        *counts.entry(event.header().event_name()).or_insert(0) += 1;
    }
    let expected = [
        ("Delete_rows", 2),
        ("Format_desc", 1),
        ("Gtid", 22),
        ("Gtid_tagged", 1),
        ("Intvar", 1),
        ("Previous_gtids", 1),
        ("Query", 25),
        ("Rotate", 1),
        ("Rows_query", 1),
        ("Table_map", 17),
        ("Transaction_payload", 1),
        ("Update_rows", 4),
        ("Update_rows_partial", 1),
        ("Write_rows", 10),
        ("XA_prepare", 1),
        ("Xid", 16),
    ];
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn every_checksum_of_a_real_file_is_right() {
    for event in fixture::raw_events() {
        assert_eq!(event.verify_checksum(), Ok(()), "{:?}", event.header());
    }
}

#[test]
fn one_changed_bit_anywhere_is_found() {
    for bytes in fixture::event_bytes().into_iter().filter(|bytes| bytes.len() < 300) {
        for at in 0..bytes.len() {
            let mut damaged = bytes.to_vec();
            damaged[at] ^= 0x40;
            let verdict = RawEvent::split(&damaged, ChecksumAlgorithm::Crc32).and_then(|event| event.verify_checksum());
            // The algorithm itself may be what changed; then there is another error.
            assert!(verdict.is_err(), "{:?} at {at}", EventHeader::parse(bytes));
        }
    }
}

#[test]
fn the_flag_of_a_file_in_use_is_not_part_of_the_checksum() {
    let mut bytes = fixture::event_bytes()[0].to_vec();
    bytes[17] |= 1;
    let event = RawEvent::split(&bytes, ChecksumAlgorithm::None).unwrap();
    assert_eq!(event.verify_checksum(), Ok(()));
}

#[test]
fn a_checksum_error_says_where_and_what_to_do() {
    let mut bytes = fixture::event_bytes()[2].to_vec();
    bytes[30] ^= 1;
    let error = RawEvent::split(&bytes, ChecksumAlgorithm::Crc32)
        .unwrap()
        .verify_checksum()
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("Gtid event ending at binlog position ") && text.contains("mysqlbinlog"),
        "{text}"
    );
}

#[test]
fn a_format_description_gives_version_and_checksum() {
    let format = fixture::format();
    assert!(format.server_version.starts_with("9."), "{}", format.server_version);
    assert_eq!(format.checksum, ChecksumAlgorithm::Crc32);
    assert_eq!(format.table_id_width(type_code::TABLE_MAP), 6);
    assert_eq!(format.table_id_width(type_code::WRITE_ROWS), 6);
}

#[test]
fn identifiers_count_up_and_transactions_are_as_long_as_they_say() {
    let format = fixture::format();
    let mut expected = std::collections::BTreeMap::from([("", 1), ("my_tag", 1)]);
    let mut open: Option<(GtidEvent<'_>, u64)> = None;
    for raw in fixture::raw_events() {
        let event = raw.decode(&format).unwrap();
        if let BinlogEvent::Gtid(gtid) = event {
            if let Some((gtid, length)) = open.take() {
                assert_eq!(gtid.transaction_length, Some(length), "{gtid:?}");
            }
            let number = expected.get_mut(gtid.tag).unwrap();
            assert_eq!(gtid.gno, *number);
            *number += 1;
            assert!(!gtid.anonymous && gtid.uuid != [0; 16]);
            assert_eq!(gtid.original_commit_us, gtid.immediate_commit_us);
            let seconds = gtid.original_commit_us.unwrap() / 1_000_000;
            assert!(seconds.abs_diff(u64::from(raw.header().timestamp)) < 60, "{seconds}");
            assert!(gtid.sequence_number > gtid.last_committed);
            open = Some((gtid, 0));
        }
        // A compressed transaction tells its uncompressed length.
        match (&event, &mut open) {
            (BinlogEvent::TransactionPayload(_), open) => *open = None,
            (_, Some((_, length))) => *length += u64::from(raw.header().event_size),
            _ => {}
        }
    }
    assert_eq!(expected.into_values().collect::<Vec<_>>(), [23, 2]);
}

#[test]
fn a_statement_comes_with_its_session() {
    let queries = queries();
    let ddl = queries
        .iter()
        .find(|query| query.sql.starts_with(b"CREATE TABLE typed"))
        .unwrap();
    assert_eq!((ddl.database, ddl.error_code), ("fixture", 0));
    assert!(ddl.thread_id > 0 && ddl.session.ddl_xid.is_some());
    assert_eq!(ddl.session.sql_mode, Some(0));
    // utf8mb4_0900_ai_ci is number 255.
    assert_eq!(ddl.session.character_set_client, Some(255));
    assert_eq!(ddl.session.collation_connection, Some(255));
    assert_eq!(ddl.session.collation_server, Some(255));
    // Only written where it is not the server's.
    assert_eq!(ddl.session.collation_database, None);
    assert_eq!(ddl.session.explicit_defaults_for_timestamp, Some(true));
    assert_eq!(ddl.sql_text().lines().count(), 19);
    // Written where a statement depends on it.
    let mut zones = queries
        .iter()
        .filter(|query| query.sql == b"BEGIN")
        .map(|begin| begin.session.time_zone);
    assert!(zones.any(|zone| zone == Some("+02:00")));
    let xa = queries.iter().find(|query| query.sql.starts_with(b"XA START")).unwrap();
    assert_eq!(xa.sql_text(), "XA START X'786964',X'6272616e6368',7");
}

#[test]
fn a_statement_is_found_without_its_session() {
    for raw in fixture::raw_events() {
        let decoded = match raw.decode(&fixture::format()).unwrap() {
            BinlogEvent::Query(query) => Some(query.sql),
            _ => None,
        };
        assert_eq!(raw.sql(), decoded);
    }
    let bytes = event(type_code::QUERY, 0, &[0; 13]);
    assert_eq!(RawEvent::split(&bytes, ChecksumAlgorithm::None).unwrap().sql(), None);
}

#[test]
fn a_statement_is_read_in_the_character_set_of_its_client() {
    let begin = queries().into_iter().next().expect("a statement");
    let text = |number, sql| {
        let mut query = QueryEvent { sql, ..begin };
        query.session.character_set_client = Some(number);
        (query.sql_text().into_owned(), query.is_readable())
    };
    // latin1_swedish_ci, utf8mb4_0900_ai_ci, gbk_chinese_ci.
    assert_eq!(text(8, b"gr\xf6\xdfe \x80"), ("größe €".to_owned(), true));
    assert_eq!(text(255, "größe".as_bytes()), ("größe".to_owned(), true));
    assert_eq!(text(255, b"gr\xf6e"), ("gr\u{fffd}e".to_owned(), false));
    assert_eq!(text(28, b"plain"), ("plain".to_owned(), true));
    assert_eq!(text(28, b"\xd6\xd0"), ("中".to_owned(), true));
    assert_eq!(text(51, b"\xea\xeb\xfe\xf7"), ("ключ".to_owned(), true));
    assert!(!text(28, b"\xff").1);
}

#[test]
fn rows_events_say_what_happened_and_which_columns_they_have() {
    let rows = of_kind(|event| match event {
        BinlogEvent::Rows(rows) => Some(*rows),
        _ => None,
    });
    let missing = |bitmap: Option<ColumnBitmap<'_>>| bitmap.and_then(|bitmap| bitmap.first_missing());
    // With binlog_row_image=MINIMAL the old image has the key, and the new one what changed.
    let images: Vec<_> = rows
        .iter()
        .map(|rows| (missing(rows.before), missing(rows.after)))
        .collect();
    assert_eq!(
        images.iter().filter(|images| **images == (None, None)).count(),
        rows.len() - 1
    );
    assert!(images.contains(&(None, Some(1))));
    let partial: Vec<_> = rows.iter().filter(|rows| rows.partial).collect();
    assert_eq!(partial.len(), 1);
    assert_eq!(partial[0].kind, RowsKind::Update);
    assert!(rows.iter().all(|rows| rows.statement_end && !rows.is_dummy()));
    for rows in &rows {
        assert_eq!(rows.before.is_some(), rows.kind != RowsKind::Insert);
        assert_eq!(rows.after.is_some(), rows.kind != RowsKind::Delete);
    }
}

#[test]
fn the_small_events_of_a_file() {
    for event in fixture::events() {
        match event {
            BinlogEvent::Rotate(rotate) => assert_eq!(
                rotate,
                RotateEvent {
                    position: 4,
                    file: "binlog.000003"
                }
            ),
            BinlogEvent::XaPrepare(xa) => {
                assert_eq!(
                    (xa.one_phase, xa.format_id, xa.gtrid, xa.bqual),
                    (false, 7, &b"xid"[..], &b"branch"[..])
                );
            }
            BinlogEvent::RowsQuery(text) => assert_eq!(text, b"INSERT INTO small VALUES (5, 'five')"),
            BinlogEvent::Unknown { .. } | BinlogEvent::Ignorable => panic!("{event:?}"),
            _ => {}
        }
    }
}

/// An event of this type without checksum, whose header tells the right length.
fn event(type_code: u8, flags: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 0, type_code, 1, 0, 0, 0];
    bytes.extend_from_slice(&((EventHeader::LENGTH + body.len()) as u32).to_le_bytes());
    bytes.extend_from_slice(&[0, 1, 0, 0]);
    bytes.extend_from_slice(&flags.to_le_bytes());
    bytes.extend_from_slice(body);
    bytes
}

fn decode(bytes: &[u8]) -> Result<BinlogEvent<'_>, EventError> {
    RawEvent::split(bytes, ChecksumAlgorithm::None)?.decode(&fixture::format())
}

#[test]
fn events_that_no_fixture_can_hold() {
    let heartbeat = event(type_code::HEARTBEAT, 0x20, b"binlog.000007");
    assert_eq!(
        decode(&heartbeat),
        Ok(BinlogEvent::Heartbeat(HeartbeatEvent {
            file: "binlog.000007",
            position: None
        }))
    );
    let heartbeat = event(
        type_code::HEARTBEAT_V2,
        0,
        b"\x01\x04b.07\x02\x09\xfe\0\0\0\0\x01\0\0\0\0",
    );
    assert_eq!(
        decode(&heartbeat),
        Ok(BinlogEvent::Heartbeat(HeartbeatEvent {
            file: "b.07",
            position: Some(1 << 32)
        }))
    );
    let incident = event(type_code::INCIDENT, 0, b"\x01\0\x04lost");
    assert_eq!(
        decode(&incident),
        Ok(BinlogEvent::Incident(IncidentEvent {
            code: 1,
            message: b"lost"
        }))
    );
    assert_eq!(decode(&event(type_code::STOP, 0, b"")), Ok(BinlogEvent::Stop));
    assert_eq!(
        decode(&event(type_code::VIEW_CHANGE, 0, b"anything")),
        Ok(BinlogEvent::Ignorable)
    );
    assert_eq!(
        decode(&event(type_code::BEGIN_LOAD_QUERY, 0, b"")),
        Ok(BinlogEvent::Preparation)
    );
    for (flags, ignorable) in [(0, false), (0x80, true)] {
        assert_eq!(
            decode(&event(99, flags, b"x")),
            Ok(BinlogEvent::Unknown {
                type_code: 99,
                ignorable
            })
        );
    }
}

#[test]
fn an_anonymous_transaction_of_an_old_server() {
    let mut body = vec![1];
    body.extend_from_slice(&[0; 24]);
    let bytes = event(type_code::ANONYMOUS_GTID, 0, &body);
    let Ok(BinlogEvent::Gtid(gtid)) = decode(&bytes) else {
        panic!()
    };
    assert!(gtid.anonymous && gtid.may_have_statements);
    assert_eq!((gtid.original_commit_us, gtid.transaction_length), (None, None));
}

#[test]
fn a_replicated_transaction_keeps_its_first_commit_time() {
    let mut body = vec![0];
    body.extend_from_slice(&[7; 16]);
    body.extend_from_slice(&9_u64.to_le_bytes());
    body.push(2);
    body.extend_from_slice(&[0; 16]);
    body.extend_from_slice(&(1_700_000_000_000_002_u64 | 1 << 55).to_le_bytes()[..7]);
    body.extend_from_slice(&1_700_000_000_000_001_u64.to_le_bytes()[..7]);
    let bytes = event(type_code::GTID, 0, &body);
    let Ok(BinlogEvent::Gtid(gtid)) = decode(&bytes) else {
        panic!()
    };
    assert_eq!(gtid.immediate_commit_us, Some(1_700_000_000_000_002));
    assert_eq!(gtid.original_commit_us, Some(1_700_000_000_000_001));
}

#[test]
fn an_optional_field_of_a_later_version_is_skipped_and_a_needed_one_refused() {
    let tagged = fixture::raw_events()
        .into_iter()
        .find(|event| event.header().type_code == type_code::GTID_TAGGED);
    let body = tagged.unwrap().body;
    // Version, then size (one byte, shifted by one), then the last field a reader must know.
    let mut longer = body.to_vec();
    longer[1] += 4;
    longer.extend_from_slice(&[60 << 1, 0]);
    let bytes = event(type_code::GTID_TAGGED, 0, &longer);
    let Ok(BinlogEvent::Gtid(gtid)) = decode(&bytes) else {
        panic!("{:?}", decode(&bytes))
    };
    assert_eq!((gtid.tag, gtid.gno), ("my_tag", 1));
    longer[2] = 60 << 1;
    let bytes = event(type_code::GTID_TAGGED, 0, &longer);
    assert!(
        decode(&bytes)
            .unwrap_err()
            .to_string()
            .contains("field 60 is not supported")
    );
}

#[test]
fn a_wrong_length_is_named() {
    let mut bytes = event(type_code::XID, 0, &[0; 8]);
    assert_eq!(decode(&bytes), Ok(BinlogEvent::Xid { xid: 0 }));
    bytes.pop();
    assert_eq!(
        decode(&bytes).unwrap_err().to_string(),
        "26 bytes are no binlog event: the header says 27 bytes"
    );
    let bytes = event(type_code::XID, 0, &[0; 5]);
    assert_eq!(
        decode(&bytes).unwrap_err().to_string(),
        "Xid event ending at binlog position 256: 8 bytes are needed at offset 0, 5 are left"
    );
}

/// Decodes as far as possible; only panics count.
fn decode_all(bytes: &[u8]) {
    for checksum in [ChecksumAlgorithm::None, ChecksumAlgorithm::Crc32] {
        let Ok(event) = RawEvent::split(bytes, checksum) else {
            continue;
        };
        let _ = event.verify_checksum();
        for format in [fixture::format(), EventFormat::negotiated(checksum)] {
            if let Ok(BinlogEvent::TableMap(map)) = event.decode(&format) {
                let _ = TableMaps::default().accept(&map);
            }
        }
    }
}

#[test]
fn an_event_cut_anywhere_is_an_error_and_no_panic() {
    for bytes in fixture::event_bytes() {
        for length in (0..bytes.len()).take(700) {
            let mut cut = bytes[..length].to_vec();
            if length >= 13 {
                cut[9..13].copy_from_slice(&(length as u32).to_le_bytes());
            }
            decode_all(&cut);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]
    #[test]
    fn random_bytes_never_panic(code in 0_u8..45, flags in any::<u16>(), body: Vec<u8>) {
        decode_all(&event(code, flags, &body));
    }

    #[test]
    fn damaged_events_never_panic(which in any::<proptest::sample::Index>(), changes: Vec<(u16, u8)>) {
        let events = fixture::event_bytes();
        let mut bytes = which.get(&events).to_vec();
        let length = bytes.len();
        for (at, value) in changes {
            bytes[usize::from(at) % length] = value;
        }
        bytes[9..13].copy_from_slice(&(length as u32).to_le_bytes());
        decode_all(&bytes);
    }
}

/// Events of MySQL 9.7 in a session with `binlog_format=STATEMENT`, without checksums: what a trigger writes to is among the
/// databases, and with a table that a foreign key references there are none.
#[test]
fn a_statement_tells_the_databases_that_it_opened() {
    let check = |hex: &str, sql: &str, databases: Option<&[&str]>| {
        let digits = hex.as_bytes().chunks(2);
        let bytes: Vec<u8> = digits
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
        let (Ok(BinlogEvent::Query(query)) | Ok(BinlogEvent::LoadQuery(query))) = decode(&bytes) else {
            panic!("{sql}")
        };
        assert!(query.sql_text().starts_with(sql), "{}", query.sql_text());
        assert_eq!(query.database, "sx_t");
        let found: Option<Vec<&str>> = query.session.databases().map(Iterator::collect);
        assert_eq!(found.as_deref(), databases, "{sql}");
    };
    let trigger = "0000000002010000006c000000790f5b09000071060000000000000400002b000000000000012000a04500000000060373746404ff00\
                   ff00ff000c0273785f740073785f640012ff00150073785f7400696e7365727420696e746f207472672076616c7565732028352c\
                   3129";
    check(trigger, "insert into trg", Some(&["sx_t", "sx_d"]));
    let parent = "000000000201000000550000008d105b090000710600000000000004000021000000000000012000a04500000000060373746404ff00f\
                  f00ff000cfe12ff00150073785f740064656c6574652066726f6d20706172";
    check(parent, "delete from par", None);
    let load = "000000001201000000e7000000440e5b0900007106000000000000040000240001000000090000002800000000000000000001\
                2000a04500000000060373746404ff00ff00ff000c0173785f740012ff0073785f74004c4f4144204441544120494e46494c452027\
                2f746d702f73742f6c6f61642e7478742720494e544f205441424c4520606c6460204649454c4453205445524d494e415445442042\
                5920275c742720454e434c4f534544204259202727204553434150454420425920275c5c27204c494e4553205445524d494e415445\
                4420425920275c6e272028606964602c2060766029";
    check(load, "LOAD DATA INFILE", Some(&["sx_t"]));
}
