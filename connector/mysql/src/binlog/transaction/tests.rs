//! Scripts of events: what the reader does with each, and which offset it could stop with.

use uuid::Uuid;

use super::{Novelty, Step, TransactionTracker};
use crate::binlog::checksum::ChecksumAlgorithm;
use crate::binlog::event::{
    BinlogEvent, EventFormat, EventHeader, GtidEvent, IncidentEvent, QueryEvent, RotateEvent, RowsEvent, RowsKind,
    XaPrepareEvent,
};
use crate::binlog::stream::StreamEvent;
use crate::binlog::table_map::TableMapEvent;
use crate::position::{BinlogPosition, GtidSet, MySqlOffset, PartlySent, ResumablePosition};
use crate::server::DumpStart;

const A: Uuid = Uuid::from_u128(0xa);
const B: Uuid = Uuid::from_u128(0xb);

/// An event in a script. Every event is 100 bytes long.
#[derive(Debug, Clone, Copy)]
enum E {
    Gtid(Uuid, u64),
    Anonymous,
    Sql(&'static str),
    Map,
    /// So many changes of a captured table.
    Rows(u64),
    /// Rows of a table that is not captured.
    OtherRows,
    Xid,
    XaPrepare,
    Rotate(&'static str),
    NewFile,
    PreviousGtids(&'static str),
    Incident,
    Unknown,
    UnknownIgnorable,
    LoadData,
}

impl E {
    fn changes(&self) -> u64 {
        match self {
            E::Rows(changes) => *changes,
            _ => 0,
        }
    }
}

/// A reader at work: its tracker, and what it sent.
struct Reader {
    tracker: TransactionTracker,
    file: &'static str,
    at: u64,
    /// The changes sent, numbered through the script.
    sent: Vec<u64>,
    seen: u64,
    /// Where the reader was before and after each change sent.
    positions: Vec<ResumablePosition>,
    steps: Vec<String>,
    /// What the stream knows of XA transactions.
    commits_in_one_phase: bool,
}

impl Reader {
    fn resume(position: ResumablePosition, server: Uuid) -> Reader {
        let start = match &position.gtids {
            Some(gtids) => DumpStart::AllBut(gtids.clone()),
            None => DumpStart::From(position.asked_from()),
        };
        Reader::asked_by(&start, position, server)
    }

    fn asked_by(start: &DumpStart, position: ResumablePosition, server: Uuid) -> Reader {
        let (file, at) = ("b.000001", 1000);
        let tracker = TransactionTracker::resume(position, start, server).expect("a usable position");
        Reader {
            tracker,
            file,
            at,
            sent: Vec::new(),
            seen: 0,
            positions: Vec::new(),
            steps: Vec::new(),
            commits_in_one_phase: false,
        }
    }

    fn start(gtids: &str) -> Reader {
        let gtids = set(gtids);
        Reader::resume(
            ResumablePosition::between(Some(gtids), BinlogPosition::new("b.000001", 1000), Some(A)),
            A,
        )
    }

    fn without_gtids() -> Reader {
        Reader::resume(
            ResumablePosition::between(None, BinlogPosition::new("b.000001", 1000), Some(A)),
            A,
        )
    }

    /// A successor that asks by file and position, and what the server sends it of a script that began at 1000.
    fn replay_from(position: ResumablePosition, asked: &BinlogPosition, script: &[E]) -> Result<Reader, String> {
        let mut next = Reader::asked_by(&DumpStart::From(asked.clone()), position, A);
        next.at = asked.position;
        let (passed, rest) = script.split_at(((asked.position - 1000) / 100) as usize);
        next.seen = passed.iter().map(E::changes).sum();
        next.play(rest).map(|()| next)
    }

    fn play(&mut self, script: &[E]) -> Result<(), String> {
        script.iter().try_for_each(|event| self.take(*event))
    }

    fn take(&mut self, event: E) -> Result<(), String> {
        let mut bytes = Vec::new();
        let changes = event.changes();
        let (start, end) = (self.at, self.at + 100);
        self.at = end;
        if let E::PreviousGtids(text) = event {
            set(text).encode(&mut bytes);
        }
        let header = EventHeader {
            timestamp: 7,
            type_code: 0,
            server_id: 1,
            event_size: 100,
            log_pos: end as u32,
            flags: 0,
        };
        let event = StreamEvent {
            header,
            event: decoded(event, &bytes),
            file: self.file,
            start,
            end,
            commits_in_one_phase: self.commits_in_one_phase,
        };
        if let BinlogEvent::Rotate(_) = event.event {
            (self.file, self.at) = ("b.000002", 4);
        }
        let step = self.tracker.accept(&event).map_err(|error| error.to_string())?;
        let (name, has_rows, is_definition) = match step {
            Step::Pass => ("-".to_owned(), false, false),
            Step::Unknown { type_code } => (format!("unknown {type_code}"), false, false),
            Step::Begin { .. } => ("begin".to_owned(), false, false),
            Step::TableMap(_) => ("map".to_owned(), false, false),
            Step::Rows(_) => ("rows".to_owned(), true, false),
            Step::RowsQuery(_) => ("query".to_owned(), false, false),
            Step::Definition(_) => ("definition".to_owned(), false, true),
            Step::TextChange(query) => (format!("text {}", query.sql_text()), false, false),
            Step::Commit => ("commit".to_owned(), false, false),
            Step::PreparedEnds(_) => ("prepared ends".to_owned(), false, false),
        };
        self.steps.push(name);
        if has_rows {
            self.send(changes)?;
        } else {
            self.seen += changes;
        }
        if is_definition {
            self.tracker.definition_done();
        }
        Ok(())
    }

    fn send(&mut self, changes: u64) -> Result<(), String> {
        for _ in 0..changes {
            let change = self.tracker.next_change().map_err(|error| error.to_string())?;
            self.positions.push(self.tracker.position());
            if change == Novelty::New {
                self.sent.push(self.seen);
            }
            self.seen += 1;
            self.tracker.change_done();
            self.positions.push(self.tracker.position());
        }
        Ok(())
    }

    /// The offset as Debezium's keys tell it.
    fn offset(&self) -> String {
        let position = self.tracker.position();
        let gtids = position.gtids.map_or("none".to_owned(), |gtids| short(&gtids));
        let open = position.open.map_or(String::new(), |open| {
            let changes = open.changes.map_or("?".to_owned(), |changes| changes.to_string());
            format!(" event={} row={} changes={changes}", open.events, open.rows)
        });
        format!("{gtids} {}{open}", position.binlog)
    }
}

fn decoded(event: E, bytes: &[u8]) -> BinlogEvent<'_> {
    let table_map = &[1, 0, 0, 0, 0, 0, 0, 0];
    let rows = RowsEvent {
        kind: RowsKind::Insert,
        table_id: 1,
        partial: false,
        statement_end: true,
        before: None,
        after: None,
        rows: &[],
    };
    match event {
        E::Gtid(source, gno) => BinlogEvent::Gtid(GtidEvent {
            uuid: *source.as_bytes(),
            gno,
            original_commit_us: Some(5_000_000 + gno),
            ..GtidEvent::default()
        }),
        E::Anonymous => BinlogEvent::Gtid(GtidEvent {
            anonymous: true,
            original_commit_us: Some(1),
            ..GtidEvent::default()
        }),
        E::Sql(sql) => BinlogEvent::Query(QueryEvent {
            thread_id: 9,
            database: "db",
            sql: sql.as_bytes(),
            error_code: 0,
            session: Default::default(),
        }),
        E::Map => BinlogEvent::TableMap(TableMapEvent::parse(table_map, 6, 0).expect("a table map")),
        E::Rows(_) | E::OtherRows => BinlogEvent::Rows(rows),
        E::Xid => BinlogEvent::Xid { xid: 1 },
        E::XaPrepare => BinlogEvent::XaPrepare(XaPrepareEvent {
            one_phase: false,
            format_id: 1,
            gtrid: b"1",
            bqual: b"",
        }),
        E::Rotate(file) => BinlogEvent::Rotate(RotateEvent { position: 4, file }),
        E::NewFile => BinlogEvent::FormatDescription(EventFormat::negotiated(ChecksumAlgorithm::None)),
        E::PreviousGtids(_) => BinlogEvent::PreviousGtids(bytes),
        E::Incident => BinlogEvent::Incident(IncidentEvent {
            code: 1,
            message: b"lost",
        }),
        E::Unknown => BinlogEvent::Unknown {
            type_code: 99,
            ignorable: false,
        },
        E::UnknownIgnorable => BinlogEvent::Unknown {
            type_code: 98,
            ignorable: true,
        },
        E::LoadData => BinlogEvent::LoadQuery(QueryEvent {
            thread_id: 9,
            database: "db",
            sql: b"LOAD DATA INFILE 'f' INTO TABLE t",
            error_code: 0,
            session: Default::default(),
        }),
    }
}

fn set(text: &str) -> GtidSet {
    text.replace("A:", &format!("{A}:"))
        .replace("B:", &format!("{B}:"))
        .parse()
        .expect("a set")
}

fn short(set: &GtidSet) -> String {
    set.to_string()
        .replace(&A.to_string(), "A")
        .replace(&B.to_string(), "B")
}

const BEGIN: E = E::Sql("BEGIN");

/// One transaction of two events of rows, and one of another table.
fn transaction(source: Uuid, number: u64) -> Vec<E> {
    vec![
        E::Gtid(source, number),
        BEGIN,
        E::Map,
        E::Rows(3),
        E::Map,
        E::OtherRows,
        E::Map,
        E::Rows(2),
        E::Xid,
    ]
}

#[test]
fn the_executed_set_grows_at_the_commit_and_nowhere_else() {
    let mut reader = Reader::start("A:1-4");
    for event in transaction(A, 5).into_iter().take(8) {
        reader.take(event).expect("sound");
        assert!(reader.offset().starts_with("A:1-4 "), "{}", reader.offset());
    }
    reader.take(E::Xid).expect("sound");
    assert_eq!(reader.offset(), "A:1-5 b.000001:1900");
}

/// Recorded from Debezium 3.6.3: a transaction of one row is stored with `event` 2 and `row` 1 and the position of BEGIN.
#[test]
fn events_and_rows_are_counted_as_debezium_counts() {
    let mut reader = Reader::start("A:1-4");
    reader.play(&[E::Gtid(A, 5), BEGIN, E::Map, E::Rows(1)]).expect("sound");
    assert_eq!(reader.offset(), "A:1-4 b.000001:1100 event=2 row=1 changes=1");
    reader.play(&[E::Map, E::OtherRows, E::Map, E::Rows(2)]).expect("sound");
    assert_eq!(reader.offset(), "A:1-4 b.000001:1100 event=6 row=2 changes=3");
}

#[test]
fn a_transaction_of_which_nothing_was_sent_is_not_mentioned() {
    let mut reader = Reader::start("A:1-4");
    reader
        .play(&[E::Gtid(A, 5), BEGIN, E::Map, E::OtherRows])
        .expect("sound");
    assert_eq!(reader.offset(), "A:1-4 b.000001:1000");
}

/// Whatever position a reader stops at, its successor sends exactly the rest; also by way of the stored offset.
#[test]
fn every_position_resumes_with_the_next_change() {
    let script: Vec<E> = [
        transaction(A, 5),
        vec![E::Gtid(A, 6), E::Sql("ALTER TABLE t ADD c INT")],
        transaction(B, 1),
        transaction(A, 7),
    ]
    .concat();
    let mut first = Reader::start("A:1-4");
    first.play(&script).expect("sound");
    assert_eq!(first.sent, (0..15).collect::<Vec<_>>());
    for (index, position) in first.positions.iter().enumerate() {
        let done = index.div_ceil(2) as u64;
        let stored = MySqlOffset::streaming(position.clone()).write();
        let position = MySqlOffset::read(&stored).expect("our own offset").position;
        let mut next = Reader::resume(position, A);
        // The server leaves out what the set contains; the tracker must not depend on it.
        next.play(&script).expect("sound");
        assert_eq!(next.sent, (done..15).collect::<Vec<_>>(), "{index}");
        assert_eq!(short(&next.tracker.position().gtids.expect("a set")), "A:1-7,B:1");
    }
}

/// Transactions have GTIDs, and the server is asked by file and position (`gtid_mode=ON_PERMISSIVE`), whether the executed set
/// is known or not. What is stored names the place of BEGIN; an offset of ours also that of the GTID event before it.
#[test]
fn every_position_resumes_by_file_although_transactions_have_gtids() {
    let script: Vec<E> = [
        transaction(A, 5),
        vec![E::Gtid(A, 6), E::Sql("ALTER TABLE t ADD c INT")],
        vec![E::Anonymous, BEGIN, E::Map, E::Rows(2), E::Xid],
        transaction(A, 7),
    ]
    .concat();
    for gtids in [None, Some(set("A:1-4"))] {
        let begin = BinlogPosition::new("b.000001", 1000);
        let between = ResumablePosition::between(gtids, begin.clone(), Some(A));
        let first = Reader::replay_from(between, &begin, &script).expect("sound");
        assert_eq!(first.sent, (0..12).collect::<Vec<_>>());
        for (index, position) in first.positions.iter().enumerate() {
            let done = index.div_ceil(2) as u64;
            let stored = MySqlOffset::streaming(position.clone()).write();
            let position = MySqlOffset::read(&stored).expect("our own offset").position;
            for asked in [position.asked_from(), position.binlog.clone()] {
                let next = Reader::replay_from(position.clone(), &asked, &script).expect("sound");
                assert_eq!(next.sent, (done..12).collect::<Vec<_>>(), "{index} from {asked}");
                assert_eq!(
                    next.tracker.position(),
                    first.tracker.position(),
                    "{index} from {asked}"
                );
            }
        }
    }
}

#[test]
fn a_transaction_keeps_its_name_and_time_when_its_rest_is_asked_for_by_file() {
    let script = transaction(A, 5);
    let between = ResumablePosition::between(None, BinlogPosition::new("b.000001", 1000), Some(A));
    let first = Reader::replay_from(between, &BinlogPosition::new("b.000001", 1000), &script[..4]).expect("sound");
    let position = first.tracker.position();
    let gtid = position.open.as_ref().and_then(|open| open.gtid.clone());
    assert!(gtid.is_some());
    let next = Reader::replay_from(position.clone(), &position.asked_from(), &script[..5]).expect("sound");
    assert_eq!(next.tracker.gtid(), gtid.as_ref());
    assert_eq!(next.tracker.committed_at_us, Some(5_000_005));
    let next = Reader::replay_from(position.clone(), &position.binlog, &script[..5]).expect("sound");
    assert_eq!(next.tracker.gtid(), gtid.as_ref());

    let error = Reader::replay_from(position.clone(), &position.asked_from(), &transaction(B, 5));
    assert!(error.err().is_some_and(|error| error.contains("its history is not")));
}

/// What was learnt on another server is not forgotten when this one is asked by file.
#[test]
fn changes_of_which_the_events_are_not_known_are_skipped_by_file_too() {
    let mut first = Reader::start("A:1-4");
    first.play(&transaction(A, 5)[..4]).expect("sound");
    let mut second = Reader::resume(first.tracker.position(), B);
    second.play(&[E::Gtid(A, 5), BEGIN, E::Map, E::Rows(1)]).expect("sound");
    let position = second.tracker.position();
    let start = DumpStart::From(position.asked_from());
    let mut third = Reader::asked_by(&start, position, B);
    third.play(&transaction(A, 5)).expect("sound");
    assert_eq!(third.sent, [3, 4]);
}

#[test]
fn row_changes_alone_count_on_another_server() {
    let mut first = Reader::start("A:1-4");
    first.play(&transaction(A, 5)[..4]).expect("sound");
    let position = first.tracker.position();
    // The same transaction in other events, behind one of the other server's own.
    let mut next = Reader::resume(position, B);
    let other = [E::Gtid(B, 1), BEGIN, E::Map, E::Rows(2), E::Xid];
    next.play(&other).expect("sound");
    assert_eq!(next.sent, [0, 1], "a transaction of the other server is sent whole");
    let waiting = next.tracker.position();
    assert_eq!(
        (short(waiting.gtids.as_ref().expect("a set")), waiting.waiting.len()),
        ("A:1-4,B:1".to_owned(), 1)
    );
    next.play(&[
        E::Gtid(A, 5),
        BEGIN,
        E::Map,
        E::Rows(1),
        E::Map,
        E::Rows(1),
        E::Map,
        E::Rows(1),
        E::Map,
        E::Rows(2),
        E::Xid,
    ])
    .expect("sound");
    assert_eq!(next.sent, [0, 1, 5, 6]);
    assert!(next.tracker.position().waiting.is_empty());
}

#[test]
fn a_cut_between_two_half_sent_transactions_keeps_both() {
    let mut first = Reader::start("A:1-4");
    first.play(&transaction(A, 5)[..4]).expect("sound");
    let mut second = Reader::resume(first.tracker.position(), B);
    second.play(&[E::Gtid(B, 1), BEGIN, E::Map, E::Rows(2)]).expect("sound");
    let stored = MySqlOffset::streaming(second.tracker.position()).write();
    let position = MySqlOffset::read(&stored).expect("our own offset").position;
    let mut third = Reader::resume(position, B);
    third
        .play(&[E::Gtid(B, 1), BEGIN, E::Map, E::Rows(4), E::Xid])
        .expect("sound");
    third.play(&transaction(A, 5)).expect("sound");
    assert_eq!(third.sent, [2, 3, 7, 8]);
}

/// A successor that is stopped before it received anything must not forget what its predecessor knew.
#[test]
fn a_position_survives_a_reader_that_read_nothing() {
    let mut first = Reader::start("A:1-4");
    first.play(&transaction(A, 5)[..4]).expect("sound");
    let position = first.tracker.position();
    assert_eq!(Reader::resume(position.clone(), A).tracker.position(), position);
    assert_eq!(Reader::resume(position.clone(), B).tracker.position(), position);
    let mut idle = Reader::resume(position.clone(), A);
    idle.play(&[E::Gtid(A, 5)]).expect("sound");
    assert_eq!(idle.tracker.position(), position);
}

#[test]
fn a_position_within_what_was_sent_before_is_the_old_one() {
    let mut first = Reader::start("A:1-4");
    first.play(&transaction(A, 5)[..4]).expect("sound");
    let position = first.tracker.position();
    let mut next = Reader::resume(position.clone(), A);
    next.at = 1000;
    next.play(&[E::Gtid(A, 5), BEGIN, E::Map]).expect("sound");
    assert_eq!(next.tracker.position(), position);
    next.take(E::Rows(3)).expect("sound");
    assert_eq!((next.sent.len(), next.tracker.position()), (0, position));
}

/// The lists of captured tables may change while the connector rests inside of a transaction: what was sent is known by the
/// events, as long as the server is the same.
#[test]
fn a_table_that_is_left_out_meanwhile_takes_no_change_of_another_with_it() {
    let both = [E::Gtid(A, 5), BEGIN, E::Map, E::Rows(1), E::Map, E::Rows(2)];
    let one = [E::Gtid(A, 5), BEGIN, E::Map, E::OtherRows, E::Map, E::Rows(2)];
    let end = [E::Map, E::Rows(3), E::Xid];
    for (before, after, sent) in [(both, one, [2, 3, 4]), (one, both, [3, 4, 5])] {
        let mut first = Reader::start("A:1-4");
        first.play(&before).expect("sound");
        let mut next = Reader::resume(first.tracker.position(), A);
        next.play(&after).expect("sound");
        next.play(&end).expect("sound");
        assert_eq!(next.sent, sent);
        let mut through = Reader::start("A:1-4");
        through.play(&before).expect("sound");
        through.play(&end[..2]).expect("sound");
        // Everything was sent; the last event is of a table that is left out by now.
        let mut next = Reader::resume(through.tracker.position(), A);
        next.play(&after).expect("sound");
        next.play(&[E::Map, E::OtherRows, E::Xid]).expect("sound");
        assert!(next.sent.is_empty());
    }
}

/// On another server only the changes count, and until all of them have come it is not known which events they are there.
#[test]
fn counts_of_events_are_not_taken_to_another_server() {
    let mut first = Reader::start("A:1-4");
    first.play(&transaction(A, 5)[..4]).expect("sound");
    let mut second = Reader::resume(first.tracker.position(), B);
    second.play(&[E::Gtid(A, 5), BEGIN, E::Map, E::Rows(1)]).expect("sound");
    let position = second.tracker.position();
    let open = position.open.clone().expect("an open transaction");
    assert_eq!((open.events, open.rows, open.changes), (0, 0, Some(3)));
    let mut third = Reader::resume(position, B);
    third.play(&transaction(A, 5)).expect("sound");
    assert_eq!(third.sent, [3, 4]);
}

fn debeziums(event: u64, row: u64) -> ResumablePosition {
    let open = PartlySent {
        events: event,
        rows: row,
        ..PartlySent::default()
    };
    let between = ResumablePosition::between(Some(set("A:1-4")), BinlogPosition::new("b.000001", 1100), None);
    ResumablePosition {
        open: Some(open),
        ..between
    }
}

#[test]
fn debeziums_offset_resumes_where_it_stood() {
    for (event, row, sent) in [
        (2, 1, vec![1, 2, 3, 4]),
        (2, 3, vec![3, 4]),
        (6, 1, vec![4]),
        (6, 2, vec![]),
        (3, 0, vec![3, 4]),
    ] {
        let mut reader = Reader::resume(debeziums(event, row), A);
        reader.play(&transaction(A, 5)).expect("sound");
        assert_eq!(reader.sent, sent, "{event} {row}");
        assert_eq!(reader.offset(), "A:1-5 b.000001:1900");
    }
}

#[test]
fn debeziums_counts_are_believed_only_at_their_place() {
    let mut reader = Reader::resume(debeziums(2, 1), A);
    reader.at = 2000;
    let error = reader.play(&transaction(A, 5)).expect_err("another place");
    assert!(
        error.contains("b.000001:1100") && error.contains("b.000001:2100") && error.contains("remove `event`"),
        "{error}"
    );

    let error = Reader::resume(debeziums(2, 1), A).play(&[E::Gtid(A, 5), E::Sql("CREATE TABLE t (a INT)")]);
    assert!(error.expect_err("no transaction").contains("b.000001:1100"));

    let stored = ResumablePosition {
        server_uuid: Some(B),
        ..debeziums(2, 1)
    };
    let start = DumpStart::AllBut(set("A:1-4"));
    let error = TransactionTracker::resume(stored, &start, A).expect_err("another server");
    assert!(error.to_string().contains("another server"), "{error}");
}

#[test]
fn a_transaction_shorter_than_what_was_sent_of_it_stops_the_reader() {
    let mut first = Reader::start("A:1-4");
    first.play(&transaction(A, 5)[..8]).expect("sound");
    let mut next = Reader::resume(first.tracker.position(), A);
    let error = next
        .play(&[E::Gtid(A, 5), BEGIN, E::Map, E::Rows(3), E::Xid])
        .expect_err("shorter");
    assert!(error.contains("has 3 changes"), "{error}");
}

#[test]
fn definitions_commit_by_themselves_once_they_are_done() {
    let mut reader = Reader::start("A:1-4");
    reader.play(&[E::Gtid(A, 5)]).expect("sound");
    let event = decoded(E::Sql("CREATE TABLE t (a INT)"), &[]);
    let header = EventHeader {
        timestamp: 7,
        type_code: 0,
        server_id: 1,
        event_size: 100,
        log_pos: 1200,
        flags: 0,
    };
    let event = StreamEvent {
        header,
        event,
        file: "b.000001",
        start: 1100,
        end: 1200,
        commits_in_one_phase: false,
    };
    assert!(matches!(reader.tracker.accept(&event), Ok(Step::Definition(_))));
    // As Debezium stores it: the set without the definition, and its end.
    assert_eq!(reader.offset(), "A:1-4 b.000001:1000");
    let stored = reader.tracker.definition_position();
    assert_eq!(
        (short(&stored.gtids.expect("a set")), stored.binlog),
        ("A:1-4".to_owned(), BinlogPosition::new("b.000001", 1200))
    );
    reader.tracker.definition_done();
    assert_eq!(reader.offset(), "A:1-5 b.000001:1200");
}

#[test]
fn a_table_created_from_a_select_is_one_transaction() {
    let mut reader = Reader::start("A:1-4");
    let script = [
        E::Gtid(A, 5),
        BEGIN,
        E::Sql("CREATE TABLE t (a INT) START TRANSACTION"),
        E::Map,
        E::Rows(1),
        E::Xid,
    ];
    let (definition, rows) = script.split_at(3);
    reader.play(definition).expect("sound");
    let stored = reader.tracker.definition_position();
    assert_eq!(
        stored.binlog,
        BinlogPosition::new("b.000001", 1100),
        "the place of BEGIN"
    );
    assert_eq!(stored.open.map(|open| (open.events, open.rows)), Some((1, 0)));
    reader.play(rows).expect("sound");
    assert_eq!(reader.steps, ["-", "begin", "definition", "map", "rows", "commit"]);
    assert_eq!(reader.offset(), "A:1-5 b.000001:1600");
}

#[test]
fn what_cannot_be_part_of_a_transaction_stops_the_reader() {
    let open = [E::Gtid(A, 5), BEGIN, E::Map, E::Rows(1)];
    for event in [E::Gtid(A, 6), E::Anonymous, E::Rotate("b.000002"), E::NewFile, BEGIN] {
        for length in [1, 4] {
            let mut reader = Reader::start("A:1-4");
            reader.play(&open[..length]).expect("sound");
            if length == 1 && matches!(event, E::Sql(_)) {
                continue;
            }
            let error = reader.take(event).expect_err("a hole");
            assert!(error.contains("missing from the binlog"), "{event:?} {error}");
        }
    }
    for event in [
        E::Map,
        E::Rows(1),
        E::Xid,
        E::Sql("COMMIT"),
        E::Sql("SAVEPOINT s"),
        BEGIN,
        E::Sql("CREATE TABLE t (a INT)"),
    ] {
        let mut reader = Reader::start("A:1-4");
        assert!(reader.take(event).is_err(), "{event:?}");
    }
}

#[test]
fn an_unknown_event_that_may_be_ignored_is_reported() {
    let mut reader = Reader::start("A:1-4");
    reader.take(E::UnknownIgnorable).expect("safe");
    assert_eq!(reader.steps, ["unknown 98"]);
}

#[test]
fn a_lost_or_unknown_event_stops_the_reader() {
    for (event, part) in [(E::Incident, "changes may be missing"), (E::Unknown, "type 99")] {
        let error = Reader::start("A:1-4").take(event).expect_err("unsafe");
        assert!(error.contains(part) && error.contains("b.000001:1100"), "{error}");
    }
}

#[test]
fn changes_logged_as_statements_are_shown_to_the_reader_who_decides() {
    let texts = ["UPDATE t SET a = 1", "SELECT `db`.`f`()", "FROB t"];
    let mut reader = Reader::start("A:1-5");
    for (number, executed) in [(5, true), (6, false)] {
        let script = [
            &[E::Gtid(A, number), BEGIN][..],
            &texts.map(E::Sql)[..],
            &[E::LoadData, E::Xid],
        ]
        .concat();
        reader.steps.clear();
        reader.play(&script).expect("sound");
        let shown: Vec<_> = reader
            .steps
            .iter()
            .filter_map(|step| step.strip_prefix("text "))
            .collect();
        let expected: &[&str] = match executed {
            true => &[],
            false => &[texts[0], texts[1], texts[2], "LOAD DATA INFILE 'f' INTO TABLE t"],
        };
        assert_eq!(shown, expected);
    }
}

#[test]
fn savepoints_pass_and_rollbacks_of_sent_rows_stop_the_reader() {
    let begin = [
        E::Gtid(A, 5),
        BEGIN,
        E::Sql("SAVEPOINT `a`"),
        E::Map,
        E::Rows(1),
        E::Sql("SAVEPOINT b"),
        E::Map,
        E::OtherRows,
    ];
    let check = |last: E, sound: bool| {
        let mut reader = Reader::start("A:1-4");
        reader.play(&begin).expect("sound");
        assert_eq!(reader.take(last).is_ok(), sound, "{last:?}");
    };
    check(E::Sql("ROLLBACK TO `B`"), true);
    check(E::Sql("ROLLBACK TO a"), false);
    check(E::Sql("ROLLBACK TO unknown"), false);
    check(E::Sql("ROLLBACK"), false);
    check(E::Sql("COMMIT"), true);
    let mut reader = Reader::start("A:1-4");
    reader
        .play(&[E::Gtid(A, 5), BEGIN, E::Map, E::OtherRows, E::Sql("ROLLBACK")])
        .expect("nothing was sent");
    assert_eq!(reader.offset(), "A:1-5 b.000001:1500");
}

#[test]
fn xa_transactions_pass_unless_they_change_captured_tables() {
    let start = E::Sql("XA START X'31',X'',1");
    let mut reader = Reader::start("A:1-4");
    reader
        .play(&[
            E::Gtid(A, 5),
            start,
            E::Map,
            E::OtherRows,
            E::Sql("XA END X'31',X'',1"),
            E::XaPrepare,
        ])
        .and_then(|()| reader.play(&[E::Gtid(A, 6), E::Sql("XA ROLLBACK X'31',X'',1")]))
        .expect("nothing is captured");
    assert_eq!(reader.offset(), "A:1-6 b.000001:1800");
    let error = reader
        .play(&[E::Gtid(A, 7), start, E::Map, E::Rows(1)])
        .expect_err("captured");
    assert!(error.contains("XA transaction"), "{error}");
    assert!(reader.sent.is_empty());
}

#[test]
fn an_xa_transaction_in_one_phase_is_one_like_any_other() {
    let mut reader = Reader::start("A:1-4");
    reader.commits_in_one_phase = true;
    let script = [
        E::Gtid(A, 5),
        E::Sql("XA START X'31',X'',1"),
        E::Map,
        E::Rows(2),
        E::Sql("XA END X'31',X'',1"),
        E::XaPrepare,
    ];
    reader.play(&script).expect("committed");
    assert_eq!(
        (reader.offset().as_str(), reader.sent.len()),
        ("A:1-5 b.000001:1600", 2)
    );
    assert_eq!(reader.steps.last().map(String::as_str), Some("commit"));
}

#[test]
fn what_was_streamed_before_is_not_streamed_again() {
    let mut reader = Reader::start("A:1-5");
    let script: Vec<E> = [
        transaction(A, 5),
        vec![E::Gtid(A, 4), E::Sql("DROP TABLE t")],
        transaction(A, 6),
    ]
    .concat();
    reader.play(&script).expect("sound");
    assert_eq!(reader.sent, [5, 6, 7, 8, 9]);
    assert!(!reader.steps.contains(&"definition".to_owned()));
    assert_eq!(reader.steps.iter().filter(|step| *step == "commit").count(), 1);
}

#[test]
fn without_gtids_file_and_position_take_the_sets_place() {
    let mut reader = Reader::without_gtids();
    reader.play(&[E::Anonymous, BEGIN, E::Map, E::Rows(2)]).expect("sound");
    assert_eq!(reader.offset(), "none b.000001:1100 event=2 row=2 changes=2");
    let position = reader.tracker.position();
    reader
        .play(&[
            E::Map,
            E::Rows(1),
            E::Xid,
            E::Anonymous,
            E::Sql("CREATE TABLE t (a INT)"),
            E::Rotate("b.000002"),
        ])
        .expect("sound");
    assert_eq!(reader.offset(), "none b.000002:4");

    // The server begins where it is asked: at the GTID event, or at BEGIN itself.
    let script = [E::Anonymous, BEGIN, E::Map, E::Rows(2), E::Map, E::Rows(1), E::Xid];
    for from in [1000, 1100] {
        let next = Reader::replay_from(position.clone(), &BinlogPosition::new("b.000001", from), &script);
        let next = next.expect("sound");
        assert_eq!(
            (next.sent.as_slice(), next.offset().as_str()),
            (&[2][..], "none b.000001:1700")
        );
    }
    assert!(
        TransactionTracker::resume(position.clone(), &DumpStart::From(position.asked_from()), B).is_err(),
        "means nothing elsewhere"
    );
}

#[test]
fn the_set_becomes_known_when_gtids_are_switched_on() {
    let mut reader = Reader::without_gtids();
    reader
        .play(&[
            E::Anonymous,
            BEGIN,
            E::Map,
            E::Rows(1),
            E::Xid,
            E::Rotate("b.000002"),
            E::NewFile,
            E::PreviousGtids(""),
        ])
        .expect("sound");
    assert_eq!(reader.offset(), "none b.000002:4");
    reader
        .play(&[
            E::Gtid(A, 1),
            E::Sql("CREATE TABLE t (a INT)"),
            E::Rotate("b.000002"),
            E::NewFile,
            E::PreviousGtids("A:1"),
        ])
        .expect("sound");
    reader.play(&transaction(A, 2)).expect("sound");
    assert!(reader.offset().starts_with("A:1-2 b.000002:"), "{}", reader.offset());
    // An anonymous transaction is in no set.
    reader
        .play(&[E::Anonymous, BEGIN, E::Map, E::Rows(1), E::Xid])
        .expect("sound");
    assert!(reader.offset().starts_with("none "), "{}", reader.offset());
}

/// The server ended a stream by set in front of an anonymous transaction: the next one is asked for by file, from the same
/// place.
#[test]
fn a_stream_by_set_goes_on_by_file_when_gtids_are_switched_off() {
    let mut reader = Reader::start("A:1-4");
    reader.play(&transaction(A, 5)).expect("sound");
    reader.tracker.leave_gtids();
    let position = reader.tracker.position();
    assert_eq!(reader.offset(), "none b.000001:1900");
    let script = [transaction(A, 5), vec![E::Anonymous, BEGIN, E::Map, E::Rows(2), E::Xid]].concat();
    let next = Reader::replay_from(position.clone(), &position.asked_from(), &script).expect("sound");
    assert_eq!((next.sent, next.tracker.position().gtids), (vec![5, 6], None));
}

#[test]
fn the_time_of_a_change_is_its_commit_where_it_was_executed_first() {
    let header = EventHeader {
        timestamp: 7,
        type_code: 0,
        server_id: 1,
        event_size: 100,
        log_pos: 0,
        flags: 0,
    };
    let mut reader = Reader::start("A:1-4");
    reader.play(&transaction(A, 5)).expect("sound");
    assert_eq!(reader.tracker.commit_time_us(&header), 5_000_005);
    let mut reader = Reader::without_gtids();
    reader.play(&[E::Anonymous, BEGIN]).expect("sound");
    assert_eq!(reader.tracker.commit_time_us(&header), 7_000_000);
}
