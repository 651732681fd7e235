//! [`MySqlOffset`]: a resumable position as Kafka Connect stores it.
//!
//! Debezium's keys come first, in the order its own offsets have, and mean what they mean to Debezium, so that it can go on
//! from our offset as we can from its. Ours follow, all named `rowmill_*`; Debezium ignores and drops them. Every value is a
//! primitive, because Kafka Connect allows nothing else.

use std::collections::BTreeMap;

use connector_api::{SourceOffset, SourcePartition};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::binlog_position::BinlogPosition;
use super::gtid::Gtid;
use super::gtid_set::GtidSet;
use super::resumable::{PartlySent, ResumablePosition};
use super::snapshot_frontier::SnapshotFrontier;

const TRANSACTION_ID: &str = "transaction_id";
const TS_SEC: &str = "ts_sec";
const FILE: &str = "file";
const POS: &str = "pos";
const GTIDS: &str = "gtids";
const ROW: &str = "row";
const SERVER_ID: &str = "server_id";
const EVENT: &str = "event";
const SNAPSHOT: &str = "snapshot";
const SNAPSHOT_COMPLETED: &str = "snapshot_completed";
const SERVER_UUID: &str = "rowmill_server_uuid";
const OPEN_GTID: &str = "rowmill_gtid";
const CHANGES: &str = "rowmill_changes";
const ANNOUNCED_AT: &str = "rowmill_gtid_pos";
const WAITING: &str = "rowmill_waiting";

const FILTER: &str = "rowmill_filter";

const KEYS: [&str; 15] = [
    TS_SEC,
    FILE,
    POS,
    GTIDS,
    ROW,
    SERVER_ID,
    EVENT,
    SNAPSHOT,
    SNAPSHOT_COMPLETED,
    SERVER_UUID,
    OPEN_GTID,
    CHANGES,
    ANNOUNCED_AT,
    WAITING,
    FILTER,
];

/// The partition of a connector's offsets: `{"server":"<topic.prefix>"}`.
pub fn source_partition(topic_prefix: &str) -> SourcePartition {
    SourcePartition::single("server", topic_prefix)
}

/// Everything a stored offset says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MySqlOffset {
    /// Where to resume.
    pub position: ResumablePosition,
    /// When the last change was committed, in seconds since the epoch.
    pub ts_sec: Option<i64>,
    /// The server id in the last event.
    pub server_id: Option<u32>,
    /// The snapshot in progress. As long as it is there Debezium would begin its snapshot again.
    pub snapshot: Option<SnapshotKind>,
    /// Whether the offset says that a snapshot was completed.
    pub snapshot_completed: bool,
    /// How far our snapshot has come; `None` in an offset of Debezium's and when no snapshot is in progress.
    pub frontier: Option<SnapshotFrontier>,
    /// The fingerprint of the lists of captured tables by which prepared XA transactions were judged; `None` in an offset of
    /// Debezium's.
    pub filter: Option<Uuid>,
    /// Keys of Debezium's that we carry along without using them: `transaction_*`, `incremental_snapshot_*`.
    pub carried: Map<String, Value>,
}

/// The value of `snapshot`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotKind {
    /// The first one.
    Initial,
    /// Asked for by a signal while streaming stops.
    Blocking,
    /// Asked for by a signal while streaming goes on.
    Incremental,
}

/// An offset that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OffsetError {
    /// A key that must be there is not.
    #[error("the stored offset has no `{0}`")]
    Missing(&'static str),
    /// A key's value cannot be understood.
    #[error("the stored offset's `{key}` is not {expected}")]
    Invalid {
        /// The key.
        key: &'static str,
        /// What it should be.
        expected: &'static str,
    },
}

impl MySqlOffset {
    /// The offset of a position outside of any snapshot.
    pub fn streaming(position: ResumablePosition) -> Self {
        MySqlOffset {
            position,
            ..MySqlOffset::default()
        }
    }

    /// Reads a stored offset, ours or Debezium's of any release.
    pub fn read(offset: &SourceOffset) -> Result<MySqlOffset, OffsetError> {
        let offset = &offset.0;
        let file = text(offset, FILE)?.ok_or(OffsetError::Missing(FILE))?;
        let gtids = gtids(offset)?;
        let position = ResumablePosition {
            gtids,
            binlog: BinlogPosition::new(file, number(offset, POS)?.unwrap_or(0)),
            server_uuid: parsed::<Uuid>(offset, SERVER_UUID, "a server's uuid")?,
            open: partly_sent(offset)?,
            waiting: waiting(offset)?,
        };
        Ok(MySqlOffset {
            position,
            ts_sec: number(offset, TS_SEC)?,
            server_id: number(offset, SERVER_ID)?,
            snapshot: snapshot_kind(offset)?,
            snapshot_completed: is_true(offset.get(SNAPSHOT_COMPLETED)),
            frontier: SnapshotFrontier::read(offset)?,
            filter: parsed::<Uuid>(offset, FILTER, "a fingerprint")?,
            carried: offset
                .iter()
                .filter(|(key, _)| !KEYS.contains(&key.as_str()) && !SnapshotFrontier::KEYS.contains(&key.as_str()))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
        })
    }

    /// The stored form.
    pub fn write(&self) -> SourceOffset {
        let mut offset = Map::new();
        let mut put = |key: &str, value: Value| offset.insert(key.to_owned(), value);
        let position = &self.position;
        if let Some(id) = self.carried.get(TRANSACTION_ID) {
            put(TRANSACTION_ID, id.clone());
        }
        if let Some(ts_sec) = self.ts_sec {
            put(TS_SEC, ts_sec.into());
        }
        put(FILE, position.binlog.file.as_str().into());
        put(POS, position.binlog.position.into());
        if let Some(gtids) = &position.gtids {
            put(GTIDS, gtids.to_string().into());
        }
        if let Some(open) = position.open.as_ref().filter(|open| open.rows > 0) {
            put(ROW, open.rows.into());
        }
        if let Some(server_id) = self.server_id.filter(|id| *id != 0) {
            put(SERVER_ID, server_id.into());
        }
        if let Some(open) = position.open.as_ref().filter(|open| open.events > 0) {
            put(EVENT, open.events.into());
        }
        if let Some(snapshot) = self.snapshot {
            put(SNAPSHOT, snapshot.name().into());
        }
        if self.snapshot_completed {
            put(SNAPSHOT_COMPLETED, true.into());
        }
        for (key, value) in self.carried.iter().filter(|(key, _)| *key != TRANSACTION_ID) {
            put(key, value.clone());
        }
        self.write_own(&mut offset);
        SourceOffset(offset)
    }

    /// The keys that are ours.
    fn write_own(&self, offset: &mut Map<String, Value>) {
        let mut put = |key: &str, value: Value| offset.insert(key.to_owned(), value);
        if let Some(server_uuid) = self.position.server_uuid {
            put(SERVER_UUID, server_uuid.to_string().into());
        }
        if let Some(filter) = self.filter {
            put(FILTER, filter.to_string().into());
        }
        if let Some(open) = &self.position.open {
            if let Some(gtid) = &open.gtid {
                put(OPEN_GTID, gtid.to_string().into());
            }
            if let Some(changes) = open.changes {
                put(CHANGES, changes.into());
            }
            if let Some(announced_at) = open.announced_at {
                put(ANNOUNCED_AT, announced_at.into());
            }
        }
        if !self.position.waiting.is_empty() {
            let waiting: Map<String, Value> = self
                .position
                .waiting
                .iter()
                .map(|(gtid, changes)| (gtid.to_string(), (*changes).into()))
                .collect();
            put(WAITING, Value::Object(waiting).to_string().into());
        }
        if let Some(frontier) = &self.frontier {
            frontier.write(offset);
        }
    }
}

impl SnapshotKind {
    const ALL: [SnapshotKind; 3] = [SnapshotKind::Initial, SnapshotKind::Blocking, SnapshotKind::Incremental];

    fn name(self) -> &'static str {
        match self {
            SnapshotKind::Initial => "INITIAL",
            SnapshotKind::Blocking => "BLOCKING",
            SnapshotKind::Incremental => "INCREMENTAL",
        }
    }
}

/// The snapshot's kind; `true` is what releases before 2.4 wrote for the only kind they had.
fn snapshot_kind(offset: &Map<String, Value>) -> Result<Option<SnapshotKind>, OffsetError> {
    let name = match offset.get(SNAPSHOT) {
        None | Some(Value::Null | Value::Bool(false)) => return Ok(None),
        value if is_true(value) => return Ok(Some(SnapshotKind::Initial)),
        Some(Value::String(name)) if name.eq_ignore_ascii_case("false") => return Ok(None),
        Some(value) => value.as_str().unwrap_or_default(),
    };
    let kind = SnapshotKind::ALL
        .into_iter()
        .find(|kind| kind.name().eq_ignore_ascii_case(name));
    kind.map(Some).ok_or(OffsetError::Invalid {
        key: SNAPSHOT,
        expected: "INITIAL, BLOCKING or INCREMENTAL",
    })
}

/// The executed set. White space is what MySQL puts between sources. To Debezium a blank text means that no GTIDs are
/// known; in an offset of ours it is the set of a server that has not executed anything yet.
fn gtids(offset: &Map<String, Value>) -> Result<Option<GtidSet>, OffsetError> {
    let set: Option<GtidSet> = parsed(offset, GTIDS, "a GTID set")?;
    Ok(set.filter(|set| !set.is_empty() || offset.contains_key(SERVER_UUID)))
}

/// Without a count nothing was sent, whatever else is there: who removes the counts has the transaction sent again.
fn partly_sent(offset: &Map<String, Value>) -> Result<Option<PartlySent>, OffsetError> {
    let open = PartlySent {
        gtid: parsed(offset, OPEN_GTID, "a GTID")?,
        events: number(offset, EVENT)?.unwrap_or(0),
        rows: number(offset, ROW)?.unwrap_or(0),
        changes: number(offset, CHANGES)?,
        announced_at: number(offset, ANNOUNCED_AT)?,
    };
    let counts = open.events > 0 || open.rows > 0 || open.changes.is_some();
    Ok(counts.then_some(open))
}

fn waiting(offset: &Map<String, Value>) -> Result<BTreeMap<Gtid, u64>, OffsetError> {
    let invalid = || OffsetError::Invalid {
        key: WAITING,
        expected: "JSON text of GTIDs and counts",
    };
    let Some(json) = text(offset, WAITING)? else {
        return Ok(BTreeMap::new());
    };
    let counts: BTreeMap<String, u64> = serde_json::from_str(json).map_err(|_| invalid())?;
    counts
        .into_iter()
        .map(|(gtid, changes)| Ok((gtid.parse().map_err(|_| invalid())?, changes)))
        .collect()
}

fn text<'a>(offset: &'a Map<String, Value>, key: &'static str) -> Result<Option<&'a str>, OffsetError> {
    match offset.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(OffsetError::Invalid {
            key,
            expected: "a text",
        }),
    }
}

fn parsed<T: std::str::FromStr>(
    offset: &Map<String, Value>,
    key: &'static str,
    expected: &'static str,
) -> Result<Option<T>, OffsetError> {
    let parsed = text(offset, key)?.map(|text| text.trim().parse());
    parsed.transpose().map_err(|_| OffsetError::Invalid { key, expected })
}

/// A number, also as the text of one: offsets altered by hand through REST carry either.
fn number<T: TryFrom<i64>>(offset: &Map<String, Value>, key: &'static str) -> Result<Option<T>, OffsetError> {
    let number = match offset.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    let number = number.and_then(|number| T::try_from(number).ok());
    number.map(Some).ok_or(OffsetError::Invalid {
        key,
        expected: "a number in range",
    })
}

fn is_true(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
