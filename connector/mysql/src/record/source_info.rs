//! [`SourceInfo`]: the `source` block, where a change comes from.
//!
//! Written for every record, so it borrows everything and allocates nothing. Field order, optionality and the enum's
//! default are part of the schema text by which the registry knows Debezium's subjects.

use std::sync::{Arc, LazyLock};

use connector_api::data::{Field, Schema, SchemaType, Value, ValueWriter, WriteError, WriteValue};

use crate::event_time::EventTime;

/// The version that consumers of the contract see.
pub const SOURCE_VERSION: &str = "3.6.3.Final";
/// The connector's name in the `source` block and in headers.
pub const CONNECTOR: &str = "mysql";

/// Where a change comes from.
#[derive(Debug, Clone, Copy)]
pub struct SourceInfo<'a> {
    /// `topic.prefix`.
    pub name: &'a str,
    /// When the change was committed.
    pub committed_at: EventTime,
    /// Its place in a snapshot.
    pub snapshot: SnapshotMarker,
    /// The database, `""` if there is none.
    pub database: &'a str,
    /// The table, or several separated by commas for a statement about several.
    pub table: Option<&'a str>,
    /// The server that wrote the event; 0 in a snapshot.
    pub server_id: u32,
    /// The transaction's GTID.
    pub gtid: Option<&'a str>,
    /// The binlog file.
    pub file: &'a str,
    /// The event's position in it.
    pub position: u64,
    /// The row within the event.
    pub row: u32,
    /// The thread that made the change, where it is known.
    pub thread: Option<i64>,
    /// The statement that made the change, where it is asked for and known.
    pub query: Option<&'a str>,
}

/// A record's place in a snapshot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SnapshotMarker {
    /// Streamed: the field stays unset, and converters put its default `false` there.
    #[default]
    Streamed,
    /// The very first row.
    First,
    /// The first row of its table.
    FirstInDataCollection,
    /// Any other row.
    Within,
    /// The last row of its table.
    LastInDataCollection,
    /// The very last row.
    Last,
}

impl SnapshotMarker {
    fn text(self) -> Option<&'static str> {
        match self {
            SnapshotMarker::Streamed => None,
            SnapshotMarker::First => Some("first"),
            SnapshotMarker::FirstInDataCollection => Some("first_in_data_collection"),
            SnapshotMarker::Within => Some("true"),
            SnapshotMarker::LastInDataCollection => Some("last_in_data_collection"),
            SnapshotMarker::Last => Some("last"),
        }
    }
}

impl SourceInfo<'_> {
    const FIELDS: usize = 17;
}

impl WriteValue for SourceInfo<'_> {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        writer.begin_struct()?;
        for index in 0..Self::FIELDS {
            self.write_field(index, writer)?;
        }
        writer.end_struct()
    }

    fn write_field(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match index {
            0 => writer.string(SOURCE_VERSION),
            1 => writer.string(CONNECTOR),
            2 => writer.string(self.name),
            3 => writer.int64(self.committed_at.millis()),
            4 => write_optional(self.snapshot.text(), writer),
            5 => writer.string(self.database),
            6 => writer.null(),
            7 => writer.int64(self.committed_at.micros()),
            8 => writer.int64(self.committed_at.nanos()),
            9 => write_optional(self.table, writer),
            10 => writer.int64(i64::from(self.server_id)),
            11 => write_optional(self.gtid, writer),
            12 => writer.string(self.file),
            // Both fit: a binlog file ends at 2^32 bytes or a little later, a row event at 2^30.
            13 => writer.int64(i64::try_from(self.position).unwrap_or(i64::MAX)),
            14 => writer.int32(i32::try_from(self.row).unwrap_or(i32::MAX)),
            15 => match self.thread {
                Some(thread) => writer.int64(thread),
                None => writer.null(),
            },
            16 => write_optional(self.query, writer),
            _ => Err(WriteError::new(format!("the source block has no field {index}"))),
        }
    }
}

fn write_optional(text: Option<&str>, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
    match text {
        Some(text) => writer.string(text),
        None => writer.null(),
    }
}

/// The schema of the `source` block; the same for every table.
pub fn source_schema() -> &'static Arc<Schema> {
    static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| {
        let (text, long, int) = (SchemaType::String, SchemaType::Int64, SchemaType::Int32);
        let required = |schema_type: &SchemaType| Schema::new(schema_type.clone()).shared();
        let optional = |schema_type: &SchemaType| Schema::new(schema_type.clone()).optional().shared();
        let snapshot = Schema::new(SchemaType::String)
            .optional()
            .named("io.debezium.data.Enum")
            .version(1)
            .parameter(
                "allowed",
                "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental",
            )
            .default_value(Value::String("false".to_owned()));
        let fields = [
            ("version", required(&text)),
            ("connector", required(&text)),
            ("name", required(&text)),
            ("ts_ms", required(&long)),
            ("snapshot", snapshot.shared()),
            ("db", required(&text)),
            ("sequence", optional(&text)),
            ("ts_us", optional(&long)),
            ("ts_ns", optional(&long)),
            ("table", optional(&text)),
            ("server_id", required(&long)),
            ("gtid", optional(&text)),
            ("file", required(&text)),
            ("pos", required(&long)),
            ("row", required(&int)),
            ("thread", optional(&long)),
            ("query", optional(&text)),
        ];
        let fields = fields
            .into_iter()
            .map(|(name, schema)| Field::new(name, schema))
            .collect();
        Schema::structure("io.debezium.connector.mysql.Source", fields)
            .version(1)
            .shared()
    });
    &SCHEMA
}

#[cfg(test)]
mod tests {
    use connector_api::data::ValueCollector;

    use super::*;

    #[test]
    fn the_block_is_written_in_the_order_of_its_schema() {
        let source = SourceInfo {
            name: "shop",
            committed_at: EventTime::from_micros(1_700_000_000_123_456),
            snapshot: SnapshotMarker::Streamed,
            database: "inventory",
            table: Some("orders"),
            server_id: 223_344,
            gtid: Some("3e11fa47-71ca-11e1-9e33-c80aa9429562:23"),
            file: "binlog.000003",
            position: 1_234,
            row: 2,
            thread: Some(11),
            query: Some("UPDATE orders SET x = 1"),
        };
        let Value::Struct(values) = ValueCollector::collect(&source).unwrap() else {
            panic!("a struct")
        };
        let fields = source_schema().fields();
        assert_eq!(fields.len(), SourceInfo::FIELDS);
        let written: Vec<String> = fields
            .iter()
            .zip(&values)
            .map(|(field, value)| format!("{}={value:?}", field.name))
            .collect();
        assert_eq!(
            written,
            [
                r#"version=String("3.6.3.Final")"#,
                r#"connector=String("mysql")"#,
                r#"name=String("shop")"#,
                "ts_ms=Int64(1700000000123)",
                "snapshot=Null",
                r#"db=String("inventory")"#,
                "sequence=Null",
                "ts_us=Int64(1700000000123456)",
                "ts_ns=Int64(1700000000123456000)",
                r#"table=String("orders")"#,
                "server_id=Int64(223344)",
                r#"gtid=String("3e11fa47-71ca-11e1-9e33-c80aa9429562:23")"#,
                r#"file=String("binlog.000003")"#,
                "pos=Int64(1234)",
                "row=Int32(2)",
                "thread=Int64(11)",
                r#"query=String("UPDATE orders SET x = 1")"#,
            ]
        );
    }
}
