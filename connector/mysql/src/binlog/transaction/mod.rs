//! [`TransactionTracker`]: where in the history a stream of events stands, and from where another could go on.
//!
//! It is fed every event in order and says what the event is to the reader of rows ([`Step`]). It owns the executed set
//! and grows it in one place, its `commit`; why that matters is said in [`crate::position`].
//!
//! # Transactions in the binlog
//! ```text
//! GTID  QUERY BEGIN  { TABLE_MAP.. ROWS.. }..  XID            rows of transactional engines
//! GTID  QUERY BEGIN  { TABLE_MAP.. ROWS.. }..  QUERY COMMIT   rows of other engines
//! GTID  QUERY <definition>                                    commits by itself
//! GTID  QUERY XA START  ..  QUERY XA END  XA_PREPARE          then, later, GTID  QUERY XA COMMIT or XA ROLLBACK; in one
//!                                                             phase it is committed
//! ```
//! Anything else, above all a new file or a new GTID inside of an open transaction, means that part of it is missing, and
//! stops the reader. A stream asked for by file and position may begin with BEGIN itself: then it is the transaction at the
//! stored place, and has the name that was stored with it.
//!
//! # Refused
//! Rows of an XA transaction stand in the binlog at its PREPARE, before anybody knows whether it commits. Debezium emits
//! them there, also of transactions that are rolled back later. Here the first captured row of one stops the task, unless it
//! is committed in one phase, which the stream finds out beforehand.

mod open;
mod placement;
mod position;
mod resume;
mod savepoints;
mod step;
mod stop_reason;
#[cfg(test)]
mod tests;

use uuid::Uuid;

pub use self::open::Novelty;
use self::open::OpenTransaction;
use self::resume::Resume;
pub use self::step::Step;
use super::event::{BinlogEvent, GtidEvent, QueryEvent};
use super::statement::Statement;
use super::stream::StreamEvent;
use crate::error::MySqlError;
use crate::position::{BinlogPosition, Gtid, GtidSet, ResumablePosition, StreamedPosition, Tag};
use crate::server::DumpStart;

/// Follows the transactions of one stream.
#[derive(Debug)]
pub struct TransactionTracker {
    server_uuid: Uuid,
    /// Everything that is completely behind us; `None` while transactions are known by file and position only.
    gtids: Option<GtidSet>,
    /// The end of the last transaction, and the server on which that means something: at first the predecessor's.
    boundary: BinlogPosition,
    boundary_server: Option<Uuid>,
    streamed: StreamedPosition,
    committed_at_us: Option<u64>,
    state: State,
    resume: Resume,
}

/// Where in a transaction the stream stands.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a stream has one state, and a box would be allocated for every transaction"
)]
enum State {
    /// Between two transactions.
    Between,
    /// Behind the GTID event of a transaction.
    Announced(Announced),
    /// Behind its BEGIN.
    Open(OpenTransaction),
    /// At a definition that the reader has not carried out yet; it commits by itself.
    Definition(Announced),
}

/// What a GTID event says.
#[derive(Debug, Clone, Default)]
struct Announced {
    /// `None`: the transaction is anonymous.
    gtid: Option<Gtid>,
    /// The transaction is in the executed set: it was streamed already, and comes again after a reconnect by position.
    is_executed: bool,
    /// Where the GTID event begins; `None` where the stream began behind it.
    at: Option<u64>,
}

impl TransactionTracker {
    /// Goes on at `position` on the server `server_uuid`, which was asked for what follows it by `start`.
    pub fn resume(position: ResumablePosition, start: &DumpStart, server_uuid: Uuid) -> Result<Self, MySqlError> {
        let resume = Resume::new(&position, start, server_uuid)?;
        Ok(TransactionTracker {
            server_uuid,
            gtids: position.gtids,
            streamed: StreamedPosition {
                binlog: position.binlog.clone(),
                gtid: None,
            },
            boundary: position.binlog,
            boundary_server: position.server_uuid,
            committed_at_us: None,
            state: State::Between,
            resume,
        })
    }

    /// Takes the next event.
    pub fn accept<'e, 'a>(&mut self, event: &'e StreamEvent<'a>) -> Result<Step<'e, 'a>, MySqlError> {
        self.definition_done();
        self.follow(event);
        let step = self.step(event)?;
        if let State::Open(open) = &mut self.state {
            open.enter_event();
        }
        Ok(step)
    }

    fn step<'e, 'a>(&mut self, event: &'e StreamEvent<'a>) -> Result<Step<'e, 'a>, MySqlError> {
        match &event.event {
            BinlogEvent::Gtid(gtid) => self.announce(event, gtid),
            BinlogEvent::Query(query) => self.query(event, query),
            BinlogEvent::TableMap(map) => self.inside(Step::TableMap(map), "a table map"),
            BinlogEvent::Rows(rows) => self.inside(Step::Rows(rows), "rows"),
            BinlogEvent::RowsQuery(sql) => self.inside(Step::RowsQuery(sql), "the text of a statement"),
            BinlogEvent::Xid { .. } => self.end_of_open("XID"),
            BinlogEvent::XaPrepare(_) => self.prepared(),
            BinlogEvent::Rotate(rotate) => self.rotate(rotate.file, rotate.position),
            BinlogEvent::FormatDescription(_) => self.outside("a new binlog file"),
            BinlogEvent::PreviousGtids(set) => self.previous_gtids(set),
            BinlogEvent::LoadQuery(query) => Ok(self.unless_executed(Step::TextChange(query))),
            BinlogEvent::Incident(incident) => Err(self.incident(incident.message)),
            BinlogEvent::Unknown {
                type_code,
                ignorable: false,
            } => Err(self.unknown(*type_code)),
            BinlogEvent::TransactionPayload(_) => Err(self.broken("a transaction payload that was not unpacked")),
            BinlogEvent::Unknown {
                type_code,
                ignorable: true,
            } => Ok(Step::Unknown { type_code: *type_code }),
            BinlogEvent::Preparation | BinlogEvent::Heartbeat(_) | BinlogEvent::Stop | BinlogEvent::Ignorable => {
                Ok(Step::Pass)
            }
        }
    }
}

/// Transactions.
impl TransactionTracker {
    fn announce<'e, 'a>(&mut self, event: &StreamEvent<'_>, named: &GtidEvent<'_>) -> Result<Step<'e, 'a>, MySqlError> {
        if !matches!(self.state, State::Between) {
            return Err(self.broken("a new transaction"));
        }
        let gtid = match named.anonymous {
            true => None,
            false => Some(self.identifier(named)?),
        };
        let is_executed = match (&gtid, &self.gtids) {
            (Some(gtid), Some(executed)) => executed.contains(gtid),
            _ => false,
        };
        self.committed_at_us = named.original_commit_us.filter(|_| gtid.is_some());
        self.streamed.gtid.clone_from(&gtid);
        let at = Some(event.start);
        self.state = State::Announced(Announced { gtid, is_executed, at });
        Ok(Step::Pass)
    }

    fn identifier(&self, event: &GtidEvent<'_>) -> Result<Gtid, MySqlError> {
        let tag = Tag::parse(event.tag).filter(|_| event.gno != 0).ok_or_else(|| {
            MySqlError::decode(format!(
                "the GTID event at {} carries no valid identifier",
                self.streamed
            ))
            .at(&self.streamed)
        })?;
        Ok(Gtid {
            source: Uuid::from_bytes(event.uuid),
            tag,
            number: event.gno,
        })
    }

    /// The stream was asked for by a position behind the GTID event: what begins is anonymous to us, unless its name was
    /// stored (`gtid`).
    fn unannounced(&mut self, gtid: Option<Gtid>) -> Announced {
        self.committed_at_us = None;
        self.streamed.gtid.clone_from(&gtid);
        Announced {
            gtid,
            ..Announced::default()
        }
    }

    fn query<'e, 'a>(
        &mut self,
        event: &StreamEvent<'_>,
        query: &'e QueryEvent<'a>,
    ) -> Result<Step<'e, 'a>, MySqlError> {
        let sql = query.sql_text();
        match Statement::parse(&sql) {
            Statement::Begin => self.begin(event, query, None),
            Statement::XaStart if event.commits_in_one_phase => self.begin(event, query, None),
            Statement::XaStart => self.begin(event, query, Some(&sql)),
            Statement::Commit => self.end_of_open("COMMIT"),
            Statement::Rollback => self.roll_back(),
            Statement::Savepoint(name) => self.with_open("SAVEPOINT", |open| open.set_savepoint(name)),
            Statement::RollbackTo(name) => self.roll_back_to(name),
            Statement::XaEnd => self.inside(Step::Pass, "XA END"),
            // Of a transaction prepared earlier: without captured rows, else we would not be here, since the stream stops at
            // their PREPARE and a snapshot waits for its end; unless other tables were captured then, which the reader knows.
            Statement::XaCommit | Statement::XaRollback => self.end_of_prepared(query),
            Statement::Change => Ok(self.unless_executed(Step::TextChange(query))),
            Statement::Unknown if self.is_in_transaction() => Ok(self.unless_executed(Step::TextChange(query))),
            Statement::Other | Statement::Unknown => self.definition(query),
        }
    }

    fn begin<'e, 'a>(
        &mut self,
        event: &StreamEvent<'_>,
        query: &QueryEvent<'_>,
        xa_start: Option<&str>,
    ) -> Result<Step<'e, 'a>, MySqlError> {
        let begin = BinlogPosition::new(event.file, event.start);
        let announced = match std::mem::replace(&mut self.state, State::Between) {
            State::Announced(announced) => announced,
            State::Between if self.resume.is_at(&begin) => self.unannounced(self.resume.gtid_at_place()),
            State::Between if self.gtids.is_none() => self.unannounced(None),
            state => {
                self.state = state;
                return Err(self.broken("another BEGIN"));
            }
        };
        let already_sent = match announced.is_executed {
            true => None,
            false => self.resume.take(announced.gtid.as_ref(), &begin)?,
        };
        let step = match announced.is_executed {
            true => Step::Pass,
            false => Step::Begin {
                thread_id: query.thread_id,
            },
        };
        let xa_start = xa_start.map(str::to_owned);
        self.state = State::Open(OpenTransaction::new(announced, begin, xa_start, already_sent));
        Ok(step)
    }

    /// A statement that may be a definition: it commits by itself, unless it stands inside of a transaction, as
    /// `CREATE TABLE ... SELECT` does.
    fn definition<'e, 'a>(&mut self, query: &'e QueryEvent<'a>) -> Result<Step<'e, 'a>, MySqlError> {
        match std::mem::replace(&mut self.state, State::Between) {
            State::Announced(announced) if announced.is_executed => {
                self.state = State::Definition(announced);
                return Ok(Step::Pass);
            }
            State::Announced(announced) => {
                self.resume.check_nothing_is_due(&self.streamed.binlog)?;
                self.state = State::Definition(announced);
            }
            State::Between if self.gtids.is_none() => {
                self.resume.check_nothing_is_due(&self.streamed.binlog)?;
                self.state = State::Definition(self.unannounced(None));
            }
            State::Open(open) if open.announced.is_executed => {
                self.state = State::Open(open);
                return Ok(Step::Pass);
            }
            State::Open(open) => self.state = State::Open(open),
            state => {
                self.state = state;
                return Err(self.broken("a statement without a GTID"));
            }
        }
        Ok(Step::Definition(query))
    }

    /// The definition that [`Step::Definition`] brought is carried out and safely recorded: it is behind us.
    ///
    /// The next event does this, too; but until then the positions would repeat the definition.
    pub fn definition_done(&mut self) {
        match std::mem::replace(&mut self.state, State::Between) {
            State::Definition(announced) => self.commit(announced),
            state => self.state = state,
        }
    }

    fn end_of_open<'e, 'a>(&mut self, what: &str) -> Result<Step<'e, 'a>, MySqlError> {
        match std::mem::replace(&mut self.state, State::Between) {
            State::Open(open) => {
                if let Err(reason) = open.check_complete() {
                    let error =
                        MySqlError::position(format!("{reason}; it ends at {}", self.streamed)).at(&self.streamed);
                    self.state = State::Open(open);
                    return Err(error);
                }
                let is_executed = open.announced.is_executed;
                self.commit(open.announced);
                Ok(if is_executed { Step::Pass } else { Step::Commit })
            }
            state => {
                self.state = state;
                Err(self.without_beginning(what))
            }
        }
    }

    /// A transaction of one statement that changes no rows.
    fn end_of_prepared<'e, 'a>(&mut self, query: &'e QueryEvent<'a>) -> Result<Step<'e, 'a>, MySqlError> {
        match std::mem::replace(&mut self.state, State::Between) {
            State::Announced(announced) => {
                let is_executed = announced.is_executed;
                self.commit(announced);
                Ok(if is_executed {
                    Step::Pass
                } else {
                    Step::PreparedEnds(query)
                })
            }
            State::Between if self.gtids.is_none() => {
                let announced = self.unannounced(None);
                self.commit(announced);
                Ok(Step::PreparedEnds(query))
            }
            state => {
                self.state = state;
                Err(self.broken("the end of an XA transaction"))
            }
        }
    }

    fn prepared<'e, 'a>(&mut self) -> Result<Step<'e, 'a>, MySqlError> {
        // Committed in one phase, or prepared without captured rows: as a transaction of the binlog it is over.
        self.end_of_open("XA PREPARE")
    }

    fn roll_back<'e, 'a>(&mut self) -> Result<Step<'e, 'a>, MySqlError> {
        if let State::Open(open) = &self.state
            && open.changes() > 0
        {
            return Err(self.rolled_back("ROLLBACK"));
        }
        self.end_of_open("ROLLBACK")
    }

    fn roll_back_to<'e, 'a>(&mut self, name: &str) -> Result<Step<'e, 'a>, MySqlError> {
        if let State::Open(open) = &self.state
            && open.has_changes_since(name)
        {
            return Err(self.rolled_back("ROLLBACK TO SAVEPOINT"));
        }
        self.inside(Step::Pass, "ROLLBACK TO SAVEPOINT")
    }

    /// A transaction that is behind us, or about to come, is in no set: a set no longer says where we are.
    pub fn leave_gtids(&mut self) {
        self.gtids = None;
    }

    /// The one place where a transaction becomes part of what is behind us.
    fn commit(&mut self, announced: Announced) {
        match announced.gtid {
            Some(gtid) => {
                if let Some(executed) = &mut self.gtids {
                    executed.add(&gtid);
                }
            }
            None => self.leave_gtids(),
        }
        self.boundary.clone_from(&self.streamed.binlog);
        self.boundary_server = Some(self.server_uuid);
        self.state = State::Between;
    }
}

/// Row changes of captured tables.
impl TransactionTracker {
    /// Whether the next row change of a captured table was sent before, by a predecessor.
    ///
    /// Every row change of a captured table counts, whatever happens to it afterwards, because the count of changes is
    /// what a successor skips by.
    pub fn next_change(&mut self) -> Result<Novelty, MySqlError> {
        match &self.state {
            State::Open(open) => match &open.xa_start {
                Some(statement) if !open.announced.is_executed => Err(self.xa_change(statement)),
                _ => Ok(open.next_change()),
            },
            _ => Err(self.broken("a row change")),
        }
    }

    /// The row change was sent, or had been.
    pub fn change_done(&mut self) {
        if let State::Open(open) = &mut self.state {
            open.change_done();
        }
    }
}
