//! [`HistoryPosition`]: whether a statement of the schema history was in force at a stored offset.
//!
//! A statement is recorded with the set of transactions *before* its own. A record of a snapshot is in force at its very
//! position; one of the stream only if the offset is strictly beyond it: at the position itself the stream still brings
//! the statement, and it is applied then. (Debezium applies it twice, because its offset moves on only with the next
//! transaction; repeats do no harm, missing statements would.)

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::position::{BinlogPosition, GtidError, GtidSet};

/// What of an offset decides about order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HistoryPosition {
    gtids: Option<GtidSet>,
    binlog: BinlogPosition,
    /// 0 is not stated: a snapshot reads no events that would say.
    server_id: i64,
    ts_sec: i64,
    /// Events and rows of the open transaction.
    inside: (i64, i64),
    is_snapshot: bool,
}

impl HistoryPosition {
    pub(super) fn read(offset: &Map<String, Value>) -> Result<Self, GtidError> {
        let number = |name: &str| offset.get(name).and_then(Value::as_i64).unwrap_or(0);
        let text = |name: &str| offset.get(name).and_then(Value::as_str);
        Ok(HistoryPosition {
            gtids: text("gtids").map(str::parse).transpose()?,
            binlog: BinlogPosition::new(text("file").unwrap_or(""), u64::try_from(number("pos")).unwrap_or(0)),
            server_id: number("server_id"),
            ts_sec: number("ts_sec"),
            inside: (number("event"), number("row")),
            is_snapshot: offset
                .get("snapshot")
                .is_some_and(|value| !value.is_null() && *value != Value::Bool(false)),
        })
    }

    /// Whether the statement recorded here was in force at `stored`.
    pub(super) fn is_in_force_at(&self, stored: &HistoryPosition) -> bool {
        match (&self.gtids, &stored.gtids) {
            (Some(recorded), Some(reached)) if recorded == reached => self.is_snapshot,
            (Some(recorded), Some(reached)) => reached.contains_set(recorded),
            // Recorded before GTIDs were switched on.
            (None, Some(_)) => true,
            // Both hold a file and a position. With a set on one side only, GTIDs were switched off after the record, or on
            // after the offset: either happens on one server, whose files tell which came first.
            (_, None) => self.is_in_force_by_file(stored),
        }
    }

    /// Whether the statement recorded here stands before the one recorded at `other`, in the order of the same stream. Of positions
    /// that cannot be compared neither stands before the other.
    pub(super) fn is_before(&self, other: &HistoryPosition) -> bool {
        match (&self.gtids, &other.gtids) {
            (Some(own), Some(others)) => own != others && others.contains_set(own),
            (None, None) => {
                let one_server = self.server_id == 0 || other.server_id == 0 || self.server_id == other.server_id;
                one_server && (&self.binlog, self.inside) < (&other.binlog, other.inside)
            }
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    fn is_in_force_by_file(&self, stored: &HistoryPosition) -> bool {
        let other_server = self.server_id != 0 && stored.server_id != 0 && self.server_id != stored.server_id;
        if other_server {
            // Files of different servers have nothing to do with each other; clocks are all there is.
            return self.ts_sec <= stored.ts_sec;
        }
        match (&self.binlog, self.inside).cmp(&(&stored.binlog, stored.inside)) {
            // Without a set, a record holds the end of its statement: an offset at that very place is behind it.
            Ordering::Less | Ordering::Equal => true,
            Ordering::Greater => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::HistoryPosition;

    const A: &str = "ca9f915b-e695-11f1-ada1-02fc00000001";
    const B: &str = "ca9f915b-e695-11f1-ada1-02fc00000002";

    fn position(offset: &Value) -> HistoryPosition {
        let offset = offset.as_object().expect("an object");
        HistoryPosition::read(offset).expect("an offset")
    }

    #[test]
    fn a_snapshot_is_in_force_at_its_position_and_a_streamed_statement_behind_it() {
        let gtids = |text: &str| text.replace('A', A).replace('B', B);
        // Recorded set, stored set, whether a record of a snapshot and one of the stream is in force.
        let cases = [
            ("A:1-5", "A:1-5", true, false),
            ("A:1-5", "A:1-6", true, true),
            ("A:1-5", "A:1-4", false, false),
            ("A:1-5", "A:1-3:5-9", false, false),
            ("A:1-5", "A:1-5,B:1", true, true),
            ("A:1-5,B:1", "A:1-9", false, false),
            ("A:1-5:7", "A:1-9", true, true),
            ("", "", true, false),
            ("", "A:1", true, true),
        ];
        for (recorded, stored, snapshot, streamed) in cases {
            let stored_position = position(&json!({"gtids": gtids(stored), "file": "binlog.000001", "pos": 4}));
            let in_force = |extra: &str, value: Value| {
                let mut offset = json!({"gtids": gtids(recorded), "file": "binlog.999999", "pos": 4});
                if let Some(offset) = offset.as_object_mut() {
                    offset.insert(extra.to_owned(), value);
                }
                position(&offset).is_in_force_at(&stored_position)
            };
            assert_eq!(
                in_force("snapshot", json!("INITIAL")),
                snapshot,
                "snapshot {recorded} at {stored}"
            );
            assert_eq!(
                in_force("snapshot", json!(true)),
                snapshot,
                "old snapshot {recorded} at {stored}"
            );
            assert_eq!(
                in_force("server_id", json!(7)),
                streamed,
                "streamed {recorded} at {stored}"
            );
        }
    }

    #[test]
    fn positions_of_one_stream_have_an_order() {
        let gtids =
            |text: &str| json!({"gtids": text.replace('A', A).replace('B', B), "file": "binlog.000009", "pos": 9});
        let file = |file: &str, pos: u64, server_id: u64| json!({"file": file, "pos": pos, "server_id": server_id});
        let cases = [
            (gtids("A:1-5"), gtids("A:1-6"), true),
            (gtids("A:1-5"), gtids("A:1-5"), false),
            (gtids("A:1-6"), gtids("A:1-5"), false),
            (gtids("A:1-5"), gtids("A:1-4:6"), false),
            (gtids("A:1-5"), gtids("A:1-5,B:1"), true),
            (gtids("A:1-5"), gtids("A:1-5:tag:1"), true),
            (gtids("A:tag:1-5"), gtids("A:1-9"), false),
            (gtids(""), gtids("A:1"), true),
            (file("binlog.000009", 900, 7), file("binlog.000010", 4, 7), true),
            (file("binlog.000010", 4, 7), file("binlog.000010", 4, 7), false),
            (file("binlog.000009", 900, 7), file("binlog.000010", 4, 8), false),
            (file("binlog.000009", 900, 0), file("binlog.000010", 4, 8), true),
            (file("binlog.000001", 4, 7), gtids("A:1"), false),
            (gtids("A:1"), file("binlog.000001", 4, 7), false),
        ];
        for (one, other, expected) in cases {
            assert_eq!(position(&one).is_before(&position(&other)), expected, "{one} {other}");
        }
    }

    #[test]
    fn without_gtids_files_and_positions_decide_on_one_server_and_clocks_between_two() {
        let offset = |file: &str, pos: u64, server_id: u64, ts_sec: i64| json!({"file": file, "pos": pos, "server_id": server_id, "ts_sec": ts_sec});
        let stored = offset("binlog.000010", 500, 7, 100);
        let cases = [
            (offset("binlog.000009", 900, 7, 200), true),
            (offset("binlog.000010", 499, 7, 200), true),
            (offset("binlog.000010", 500, 7, 50), true),
            (offset("binlog.000010", 501, 7, 50), false),
            (offset("binlog.1000000", 4, 7, 50), false),
            (offset("mysql-bin.000900", 4, 8, 99), true),
            (offset("mysql-bin.000001", 4, 8, 101), false),
            (
                json!({"file": "binlog.000010", "pos": 500, "snapshot": "INITIAL", "ts_sec": 900}),
                true,
            ),
            (
                json!({"file": "binlog.000010", "pos": 501, "snapshot": "INITIAL", "ts_sec": 1}),
                false,
            ),
        ];
        for (recorded, expected) in cases {
            assert_eq!(
                position(&recorded).is_in_force_at(&position(&stored)),
                expected,
                "{recorded}"
            );
        }
    }

    #[test]
    fn records_from_before_and_behind_a_switch_of_gtid_mode_can_be_compared() {
        let without = |file: &str, pos: u64| json!({"file": file, "pos": pos, "server_id": 7, "ts_sec": 100});
        let with = |file: &str, pos: u64, extra: Value| {
            let mut offset = without(file, pos);
            for (key, value) in [("gtids", json!(format!("{A}:1"))), ("snapshot", extra)] {
                offset[key] = value;
            }
            offset
        };
        let at = position(&without("binlog.000010", 500));
        // GTIDs were switched off behind these records.
        assert!(position(&with("binlog.000009", 900, Value::Null)).is_in_force_at(&at));
        assert!(position(&with("binlog.000010", 500, Value::Null)).is_in_force_at(&at));
        assert!(position(&with("binlog.000002", 4, json!("INITIAL"))).is_in_force_at(&at));
        // They were switched on behind the offset.
        assert!(!position(&with("binlog.000010", 501, Value::Null)).is_in_force_at(&at));
        // And before this one.
        assert!(at.is_in_force_at(&position(&with("binlog.000011", 4, Value::Null))));
    }
}
