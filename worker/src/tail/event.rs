//! [`Event`]: what a record says, taken from its envelope.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value as Json, json};

use super::record::Record;

/// A decoded record.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    pub key: Option<Json>,
    pub body: Body,
    pub seen_at: SystemTime,
}

/// The kinds of records that a connector writes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Body {
    Change(Change),
    /// A record without a value: it lets compaction forget the key.
    Tombstone,
    /// A statement that changed the definition of a table.
    Ddl {
        database: String,
        statement: String,
        origin: Origin,
    },
    /// No envelope: a heartbeat, or a row that a transform has taken out of its envelope.
    Plain(Json),
}

/// A change of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    pub operation: Operation,
    /// `database.table`.
    pub table: String,
    pub before: Option<Json>,
    pub after: Option<Json>,
    pub origin: Origin,
}

/// What happened to the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Create,
    Update,
    Delete,
    /// Read by a snapshot.
    Read,
    Truncate,
}

/// Where a change comes from.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Origin {
    pub gtid: Option<String>,
    pub committed_at: Option<SystemTime>,
    pub is_snapshot: bool,
}

impl Operation {
    fn of_letter(letter: &str) -> Option<Self> {
        Some(match letter {
            "c" => Operation::Create,
            "u" => Operation::Update,
            "d" => Operation::Delete,
            "r" => Operation::Read,
            "t" => Operation::Truncate,
            _ => return None,
        })
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Operation::Create => "create",
            Operation::Update => "update",
            Operation::Delete => "delete",
            Operation::Read => "read",
            Operation::Truncate => "truncate",
        }
    }
}

impl Event {
    pub(super) fn new(record: &Record, key: Option<Json>, value: Option<Json>) -> Self {
        Event {
            topic: record.topic.to_string(),
            partition: record.partition,
            offset: record.offset,
            key,
            body: value.map_or(Body::Tombstone, Body::of_value),
            seen_at: record.seen_at,
        }
    }

    pub(super) fn origin(&self) -> Option<&Origin> {
        match &self.body {
            Body::Change(Change { origin, .. }) | Body::Ddl { origin, .. } => Some(origin),
            Body::Tombstone | Body::Plain(_) => None,
        }
    }

    /// From the commit in MySQL until a `read_committed` consumer saw it. What a snapshot reads was committed any time ago.
    pub(super) fn latency(&self) -> Option<Duration> {
        let origin = self.origin().filter(|origin| !origin.is_snapshot)?;
        self.seen_at.duration_since(origin.committed_at?).ok()
    }

    /// For programs.
    pub(super) fn to_json(&self) -> Json {
        let mut object = Map::new();
        let mut put = |name: &str, value: Json| object.insert(name.to_owned(), value);
        put("topic", json!(self.topic));
        put("partition", json!(self.partition));
        put("offset", json!(self.offset));
        put("key", json!(self.key));
        match &self.body {
            Body::Change(change) => {
                put("operation", json!(change.operation.word()));
                put("table", json!(change.table));
                put("before", json!(change.before));
                put("after", json!(change.after));
            }
            Body::Tombstone => {
                put("operation", json!("tombstone"));
            }
            Body::Ddl {
                database, statement, ..
            } => {
                put("operation", json!("ddl"));
                put("database", json!(database));
                put("statement", json!(statement));
            }
            Body::Plain(value) => {
                put("operation", json!("plain"));
                put("value", value.clone());
            }
        }
        if let Some(origin) = self.origin() {
            put("gtid", json!(origin.gtid));
            put("snapshot", json!(origin.is_snapshot));
            put("committed_ms", json!(origin.committed_at.map(millis)));
        }
        put("visible_ms", json!(millis(self.seen_at)));
        put(
            "latency_ms",
            json!(self.latency().map(|latency| latency.as_secs_f64() * 1000.0)),
        );
        Json::Object(object)
    }
}

impl Body {
    fn of_value(mut value: Json) -> Self {
        let origin = value
            .get("source")
            .filter(|source| source.is_object())
            .map(Origin::of_source);
        let Some(origin) = origin else {
            return Body::Plain(value);
        };
        let text = |name: &str| value.get(name).and_then(Json::as_str);
        if let Some(statement) = text("ddl") {
            let database = text("databaseName").unwrap_or_default().to_owned();
            return Body::Ddl {
                database,
                statement: statement.to_owned(),
                origin,
            };
        }
        let Some(operation) = text("op").and_then(Operation::of_letter) else {
            return Body::Plain(value);
        };
        let table = table_of(&value);
        let mut row = |name: &str| value.get_mut(name).map(Json::take).filter(|row| !row.is_null());
        Body::Change(Change {
            operation,
            table,
            before: row("before"),
            after: row("after"),
            origin,
        })
    }
}

impl Origin {
    fn of_source(source: &Json) -> Self {
        let number = |name: &str| source.get(name).and_then(Json::as_u64);
        let micros = number("ts_us").or_else(|| number("ts_ms")?.checked_mul(1000));
        let marker = source.get("snapshot").and_then(Json::as_str).unwrap_or("false");
        Origin {
            gtid: source.get("gtid").and_then(Json::as_str).map(str::to_owned),
            committed_at: micros.and_then(|micros| UNIX_EPOCH.checked_add(Duration::from_micros(micros))),
            is_snapshot: marker != "false",
        }
    }
}

fn table_of(value: &Json) -> String {
    let part = |name: &str| {
        value
            .get("source")
            .and_then(|source| source.get(name))
            .and_then(Json::as_str)
    };
    format!(
        "{}.{}",
        part("db").unwrap_or_default(),
        part("table").unwrap_or_default()
    )
}

fn millis(time: SystemTime) -> f64 {
    // Counted in whole microseconds, which a double holds exactly; dividing last keeps the text short.
    let micros = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    micros as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use serde_json::{Value as Json, json};

    use super::{Body, Event, Operation, Record};

    fn event(value: Option<Json>) -> Event {
        let seen_at = UNIX_EPOCH + Duration::from_micros(2_012_500);
        Event::new(
            &Record {
                seen_at,
                ..Record::of_topic("p.d.t")
            },
            Some(json!({"id": 1})),
            value,
        )
    }

    fn source(snapshot: &str) -> Json {
        json!({"db": "d", "table": "t", "gtid": "u:7", "ts_ms": 2000, "ts_us": 2_000_000, "snapshot": snapshot})
    }

    #[test]
    fn latency_counts_from_the_commit_to_the_sight_of_it() {
        let update = event(Some(
            json!({"op": "u", "before": {"a": 1}, "after": {"a": 2}, "source": source("false")}),
        ));
        let Body::Change(change) = &update.body else {
            panic!("{update:?}")
        };
        assert_eq!((change.operation, change.table.as_str()), (Operation::Update, "d.t"));
        assert_eq!(change.before, Some(json!({"a": 1})));
        assert_eq!(update.latency(), Some(Duration::from_micros(12_500)));
        assert_eq!(update.to_json()["latency_ms"], json!(12.5));
        assert_eq!(update.to_json()["gtid"], json!("u:7"));
    }

    #[test]
    fn a_row_of_a_snapshot_has_no_latency() {
        let read = event(Some(
            json!({"op": "r", "before": null, "after": {"a": 1}, "source": source("last")}),
        ));
        assert_eq!(read.latency(), None);
        assert_eq!(read.to_json()["before"], Json::Null);
        assert_eq!(read.to_json()["snapshot"], json!(true));
    }

    #[test]
    fn records_without_an_envelope_are_told_apart() {
        assert_eq!(event(None).body, Body::Tombstone);
        assert_eq!(event(Some(json!({"ts_ms": 5}))).body, Body::Plain(json!({"ts_ms": 5})));
        let ddl = event(Some(
            json!({"ddl": "DROP TABLE t", "databaseName": "d", "source": source("false")}),
        ));
        assert!(matches!(ddl.body, Body::Ddl { statement, .. } if statement == "DROP TABLE t"));
    }
}
