use std::sync::{Arc, Mutex};

use connector_api::{ConfigMap, ConnectError, Flow, OffsetFn, RecordLog, RecordSink, SinkError, SourceRecord};
use uuid::Uuid;

use super::{Follower, FollowerParts};
use crate::binlog::event::{BinlogEvent, EventHeader, GtidEvent, QueryEvent, RowsEvent, RowsKind, fixture};
use crate::binlog::stream::StreamEvent;
use crate::binlog::transaction::TransactionTracker;
use crate::captured::CapturedTables;
use crate::config::MySqlConfig;
use crate::metrics::StreamMetrics;
use crate::position::{BinlogPosition, MySqlOffset, ResumablePosition};
use crate::record::RecordContext;
use crate::schema::{SchemaHistory, SchemaModel, SchemaOptions, Session};
use crate::server::DumpStart;
use crate::streaming::layouts::LayoutRows;
use crate::streaming::{Definitions, FormerFilter, ddl_policy};
use crate::table_id::TableId;

/// What a follower makes others do, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    Committed,
    AppendedAndAwaited,
    Appended,
}

/// Sink and history, which note what is asked of them.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<Done>>>);

impl Notes {
    fn add(&self, done: Done) {
        self.0.lock().expect("no panic inside").push(done);
    }

    fn take(&self) -> Vec<Done> {
        std::mem::take(&mut self.0.lock().expect("no panic inside"))
    }
}

impl RecordLog for Notes {
    fn read(&mut self, _: &mut dyn FnMut(&[u8]) -> Result<(), ConnectError>) -> Result<(), ConnectError> {
        Ok(())
    }

    fn append(&mut self, _: &[u8]) -> Result<(), ConnectError> {
        self.add(Done::AppendedAndAwaited);
        Ok(())
    }

    fn append_before_offset(&mut self, values: &[Vec<u8>]) -> Result<(), ConnectError> {
        values.iter().for_each(|_| self.add(Done::Appended));
        Ok(())
    }
}

impl RecordSink for Notes {
    fn send(&mut self, _: &[SourceRecord<'_>], _: OffsetFn<'_>) -> Result<Flow, SinkError> {
        Ok(Flow::Continue)
    }

    fn commit(&mut self, _: OffsetFn<'_>) -> Result<(), SinkError> {
        self.add(Done::Committed);
        Ok(())
    }
}

const SERVER: Uuid = Uuid::from_u128(0xa);
/// The id of the captured table.
const TABLE_ID: u64 = 77;

/// A follower at work: `shop.t` is captured, and its rows have been announced.
struct Reader {
    follower: Follower,
    notes: Notes,
    transactions: u64,
}

impl Reader {
    fn new() -> Reader {
        let settings = [
            ("topic.prefix", "p"),
            ("database.hostname", "db.example"),
            ("database.user", "cdc"),
            ("schema.history.internal.kafka.topic", "history-p"),
            ("database.include.list", "shop"),
        ];
        let settings: ConfigMap = settings.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let config = Arc::new(MySqlConfig::parse(&settings).expect("a configuration"));
        let mut model = SchemaModel::new(SchemaOptions::default());
        for sql in [
            "CREATE TABLE shop.t (id INT PRIMARY KEY)",
            "CREATE TABLE tools.h (id INT)",
        ] {
            let applied = ddl_policy(&config).apply(&mut model, sql, Session::default());
            applied.expect("a statement");
        }
        let captured = Arc::clone(model.table(&TableId::new("shop", "t")).expect("it was created"));
        let notes = Notes::default();
        let history = SchemaHistory::new(Box::new(notes.clone()), "p");
        let gtids = "00000000-0000-0000-0000-00000000000a:1-4".parse().expect("a set");
        let position = ResumablePosition::between(Some(gtids), BinlogPosition::new("b.000001", 1000), Some(SERVER));
        let start = DumpStart::AllBut(position.gtids.clone().expect("it has a set"));
        let offset = MySqlOffset::streaming(position.clone());
        let mut follower = Follower::new(FollowerParts {
            name: "p".to_owned(),
            tracker: TransactionTracker::resume(position, &start, SERVER).expect("a usable position"),
            definitions: Definitions::new(model, history, &config, None),
            captured: CapturedTables::new(RecordContext::new(&config, 0)),
            former_filter: FormerFilter::of(offset.filter, &config).expect("no question to a server"),
            offset,
            sources: config.gtid_sources.clone(),
            metrics: StreamMetrics::new("c", "p"),
            transactions: None,
        });
        let map = fixture::events().into_iter().find_map(|event| match event {
            BinlogEvent::TableMap(map) => Some(map.under(TABLE_ID)),
            _ => None,
        });
        let map = map.expect("a recorded table map");
        follower
            .layouts
            .announce(&map, |_| Ok(LayoutRows::Captured(captured)))
            .expect("a map");
        Reader {
            follower,
            notes,
            transactions: 4,
        }
    }

    /// A statement that is a transaction by itself.
    fn definition(&mut self, sql: &'static str) -> Vec<Done> {
        self.transactions += 1;
        let gtid = GtidEvent {
            uuid: *SERVER.as_bytes(),
            gno: self.transactions,
            ..GtidEvent::default()
        };
        let query = QueryEvent {
            thread_id: 9,
            database: "tools",
            sql: sql.as_bytes(),
            error_code: 0,
            session: Default::default(),
        };
        for event in [BinlogEvent::Gtid(gtid), BinlogEvent::Query(query)] {
            let start = 1000 + 100 * self.transactions;
            let event = StreamEvent {
                header: EventHeader {
                    timestamp: 7,
                    type_code: 0,
                    server_id: 1,
                    event_size: 100,
                    log_pos: start as u32 + 100,
                    flags: 0,
                },
                event,
                file: "b.000001",
                start,
                end: start + 100,
                commits_in_one_phase: false,
            };
            self.follower.handle(&event, &mut self.notes.clone()).expect(sql);
        }
        self.notes.take()
    }

    /// Whether rows of the captured table are still known without another announcement.
    fn knows_rows(&mut self) -> bool {
        let rows = RowsEvent {
            kind: RowsKind::Insert,
            table_id: TABLE_ID,
            partial: false,
            statement_end: true,
            before: None,
            after: None,
            rows: &[],
        };
        self.follower.layouts.of_rows(&rows).is_some()
    }
}

/// Migrations of other applications on the same server, by the thousand.
#[test]
fn statements_about_tables_that_are_not_captured_cut_nothing_and_wait_for_nothing() {
    let mut reader = Reader::new();
    for sql in [
        "CREATE TABLE other (id INT)",
        "ALTER TABLE tools.h ADD c INT",
        "RENAME TABLE h TO k",
        "CREATE INDEX i ON k (c)",
        "DROP TABLE k, other",
        "CREATE DATABASE more",
        "ALTER DATABASE more CHARACTER SET latin1",
        "ALTER TABLE unknown ADD c INT",
        "ALTER TABLE tools.h FROBNICATE",
        "CREATE SPATIAL REFERENCE SYSTEM 4711 NAME 'flat' DEFINITION 'LOCAL_CS[]'",
        "CREATE VIEW v AS SELECT 1",
    ] {
        let done = reader.definition(sql);
        assert!(done.iter().all(|done| *done == Done::Appended), "{sql}: {done:?}");
    }
    assert!(reader.knows_rows());
    assert_eq!(
        reader.follower.offset().position.gtids.map(|gtids| gtids.to_string()),
        Some("00000000-0000-0000-0000-00000000000a:1-15".to_owned())
    );
}

#[test]
fn a_statement_about_a_captured_table_is_in_the_history_before_the_next_row() {
    for sql in [
        "ALTER TABLE shop.t ADD c INT",
        "RENAME TABLE shop.t TO tools.t",
        "DROP TABLE shop.t",
        // They change nothing that is known, and are followed all the same.
        "CREATE INDEX i ON shop.t (id)",
        "ALTER DATABASE shop CHARACTER SET latin1",
    ] {
        let mut reader = Reader::new();
        assert!(reader.knows_rows());
        assert_eq!(
            reader.definition(sql),
            [Done::Committed, Done::AppendedAndAwaited],
            "{sql}"
        );
    }
}

#[test]
fn rows_of_a_table_that_was_altered_are_announced_anew() {
    let mut reader = Reader::new();
    reader.definition("ALTER TABLE shop.t ADD c INT");
    assert!(!reader.knows_rows());
}
