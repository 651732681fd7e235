use connector_api::SourceOffset;
use serde_json::Map;

use super::{MySqlOffset, OffsetError, PartlySent, SnapshotKind, source_partition};
use crate::position::{
    BinlogPosition, FinishedTables, GtidSet, ResumablePosition, SnapshotFrontier, TableFrontier, TablePlace,
};
use crate::table_id::TableId;

const UUID: &str = "ca9f915b-e695-11f1-ada1-02fc00000001";

fn stored(json: &str) -> SourceOffset {
    SourceOffset(serde_json::from_str::<Map<_, _>>(json).expect("an object"))
}

fn read(json: &str) -> MySqlOffset {
    MySqlOffset::read(&stored(json)).unwrap_or_else(|error| panic!("{error}: {json}"))
}

fn text(offset: &MySqlOffset) -> String {
    serde_json::to_string(&offset.write().0).expect("an object")
}

#[test]
fn the_partition_is_debeziums() {
    assert_eq!(
        serde_json::to_string(&source_partition("rc1").0).expect("an object"),
        r#"{"server":"rc1"}"#
    );
}

/// Recorded from Debezium 3.6.3 on Kafka Connect 4.3.
#[test]
fn offsets_of_debezium_come_back_byte_for_byte() {
    for json in [
        r#"{"ts_sec":1795368434,"file":"binlog.000002","pos":57719777,"gtids":"ca9f915b-e695-11f1-ada1-02fc00000001:1-1101078","snapshot":"INITIAL"}"#,
        r#"{"ts_sec":1795368435,"file":"binlog.000002","pos":57719777,"gtids":"ca9f915b-e695-11f1-ada1-02fc00000001:1-1101078"}"#,
        r#"{"ts_sec":1795368444,"file":"binlog.000002","pos":57720758,"gtids":"ca9f915b-e695-11f1-ada1-02fc00000001:1-1101081","row":1,"server_id":22000,"event":2}"#,
        r#"{"ts_sec":1795368444,"file":"binlog.000002","pos":57721738,"gtids":"ca9f915b-e695-11f1-ada1-02fc00000001:1-1101083","server_id":22000}"#,
        r#"{"transaction_id":null,"ts_sec":1,"file":"binlog.000002","pos":4}"#,
    ] {
        assert_eq!(text(&read(json)), json);
    }
}

#[test]
fn debeziums_skip_counters_are_read() {
    let offset =
        read(r#"{"file":"b.1","pos":154,"gtids":"ca9f915b-e695-11f1-ada1-02fc00000001:1-41","event":2,"row":1}"#);
    assert_eq!(
        offset.position.open,
        Some(PartlySent {
            gtid: None,
            events: 2,
            rows: 1,
            ..PartlySent::default()
        })
    );
    assert_eq!(offset.position.server_uuid, None);
}

/// What an error advises: without the counts the transaction is sent again from its BEGIN.
#[test]
fn an_offset_whose_counts_were_removed_stands_before_its_transaction() {
    let offset = read(&format!(
        r#"{{"file":"b.1","pos":154,"rowmill_gtid":"{UUID}:42","rowmill_gtid_pos":75}}"#
    ));
    assert_eq!(offset.position.open, None);
    assert_eq!(offset.position.asked_from(), BinlogPosition::new("b.1", 154));
}

#[test]
fn older_and_hand_written_offsets_are_read() {
    for (json, snapshot) in [
        (
            r#"{"file":"b.1","pos":"4","snapshot":true}"#,
            Some(SnapshotKind::Initial),
        ),
        (
            r#"{"file":"b.1","pos":4,"snapshot":"true"}"#,
            Some(SnapshotKind::Initial),
        ),
        (
            r#"{"file":"b.1","pos":4,"snapshot":"blocking"}"#,
            Some(SnapshotKind::Blocking),
        ),
        (
            r#"{"file":"b.1","pos":4,"snapshot":false,"gtids":null,"event":null}"#,
            None,
        ),
        (r#"{"file":"b.1","pos":4,"gtids":" \n"}"#, None),
    ] {
        let offset = read(json);
        assert_eq!(
            (offset.snapshot, offset.position.binlog.position),
            (snapshot, 4),
            "{json}"
        );
        assert_eq!(
            (&offset.position.gtids, &offset.position.open),
            (&None, &None),
            "{json}"
        );
    }
    assert!(read(r#"{"file":"b.1","pos":4,"snapshot_completed":"true"}"#).snapshot_completed);
}

#[test]
fn servers_line_breaks_in_a_set_are_read() {
    let offset = read(&format!(
        r#"{{"file":"b.1","pos":4,"gtids":"{UUID}:1-3,\nca9f915b-e695-11f1-ada1-02fc00000002:7"}}"#
    ));
    let gtids = offset.position.gtids.expect("a set").to_string();
    assert_eq!(gtids, format!("{UUID}:1-3,ca9f915b-e695-11f1-ada1-02fc00000002:7"));
}

#[test]
fn the_empty_set_of_a_fresh_server_is_not_the_absence_of_gtids() {
    let position = ResumablePosition::between(Some(GtidSet::new()), BinlogPosition::new("b.1", 4), UUID.parse().ok());
    let offset = MySqlOffset::streaming(position);
    assert_eq!(MySqlOffset::read(&offset.write()), Ok(offset));
}

#[test]
fn keys_of_other_features_are_carried_along() {
    let json = r#"{"transaction_id":"u:7","ts_sec":1,"file":"b.1","pos":4,"transaction_data_collection_order_d.t":3,"incremental_snapshot_collections":"[]"}"#;
    assert_eq!(text(&read(json)), json);
}

fn finished() -> FinishedTables {
    let mut tables = FinishedTables::default();
    tables.insert(&TableId::new("inv.entory", "customers"), None, "all");
    tables
}

/// An upgrade in the middle of a snapshot.
#[test]
fn finished_tables_are_read_as_earlier_releases_wrote_them() {
    let json =
        r#"{"file":"b.1","pos":4,"snapshot":"INITIAL","rowmill_snapshot_tables":"[[\"inv.entory\",\"customers\"]]"}"#;
    let frontier = read(json).frontier.expect("a frontier");
    let customers = TableId::new("inv.entory", "customers");
    assert_eq!(frontier.finished, FinishedTables::one_by_one([customers]));
}

#[test]
fn everything_of_ours_round_trips() {
    let gtid = |number: u64| format!("{UUID}:{number}").parse().expect("a gtid");
    let offset = MySqlOffset {
        position: ResumablePosition {
            gtids: Some(format!("{UUID}:1-41").parse().expect("a set")),
            binlog: BinlogPosition::new("binlog.000003", 154),
            server_uuid: Some(UUID.parse().expect("a uuid")),
            open: Some(PartlySent {
                gtid: Some(gtid(42)),
                events: 2,
                rows: 1,
                changes: Some(1),
                announced_at: Some(75),
            }),
            waiting: [(gtid(40), 17)].into(),
        },
        ts_sec: Some(1_700_000_000),
        server_id: Some(223_344),
        filter: Some(UUID.parse().expect("a uuid")),
        snapshot: Some(SnapshotKind::Initial),
        frontier: Some(SnapshotFrontier {
            finished: finished(),
            current: Some(TableFrontier {
                table: TableId::new("inventory", "orders"),
                place: TablePlace::Behind {
                    key: vec!["7".into(), "a\"b".into()],
                    definition: UUID.parse().expect("a uuid"),
                },
            }),
        }),
        ..MySqlOffset::default()
    };
    let written = offset.write();
    assert!(
        written.0.values().all(|value| !value.is_array() && !value.is_object()),
        "primitives only: {written:?}"
    );
    assert_eq!(
        text(&offset),
        r#"{"ts_sec":1700000000,"file":"binlog.000003","pos":154,"gtids":"ca9f915b-e695-11f1-ada1-02fc00000001:1-41","row":1,"server_id":223344,"event":2,"snapshot":"INITIAL","rowmill_server_uuid":"ca9f915b-e695-11f1-ada1-02fc00000001","rowmill_filter":"ca9f915b-e695-11f1-ada1-02fc00000001","rowmill_gtid":"ca9f915b-e695-11f1-ada1-02fc00000001:42","rowmill_changes":1,"rowmill_gtid_pos":75,"rowmill_waiting":"{\"ca9f915b-e695-11f1-ada1-02fc00000001:40\":17}","rowmill_snapshot_finished":"{\"to\":[{\"table\":[\"inv.entory\",\"customers\"],\"lists\":[\"all\"]}]}","rowmill_snapshot_table":"[\"inventory\",\"orders\"]","rowmill_snapshot_key":"[\"7\",\"a\\\"b\"]","rowmill_snapshot_key_definition":"ca9f915b-e695-11f1-ada1-02fc00000001"}"#
    );
    assert_eq!(MySqlOffset::read(&written), Ok(offset));
}

#[test]
fn what_cannot_be_understood_is_named() {
    for (json, key) in [
        (r#"{"pos":4}"#, "file"),
        (r#"{"file":7,"pos":4}"#, "file"),
        (r#"{"file":"b.1","pos":-4}"#, "pos"),
        (r#"{"file":"b.1","pos":4.5}"#, "pos"),
        (r#"{"file":"b.1","pos":4,"gtids":"nonsense"}"#, "gtids"),
        (r#"{"file":"b.1","pos":4,"snapshot":"sometimes"}"#, "snapshot"),
        (
            r#"{"file":"b.1","pos":4,"rowmill_snapshot_tables":"["}"#,
            "rowmill_snapshot_tables",
        ),
        (
            r#"{"file":"b.1","pos":4,"rowmill_snapshot_finished":"[["}"#,
            "rowmill_snapshot_finished",
        ),
        (
            r#"{"file":"b.1","pos":4,"rowmill_server_uuid":"x"}"#,
            "rowmill_server_uuid",
        ),
    ] {
        let found = match MySqlOffset::read(&stored(json)) {
            Err(OffsetError::Missing(found) | OffsetError::Invalid { key: found, .. }) => found,
            Ok(offset) => panic!("{offset:?}"),
        };
        assert_eq!(found, key, "{json}");
    }
}
