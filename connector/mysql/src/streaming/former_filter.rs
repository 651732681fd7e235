//! [`FormerFilter`]: XA transactions that were prepared while other tables were captured.
//!
//! The rows of an XA transaction stand in the binlog at its PREPARE. If a table of it was not captured then and is now, its rows
//! are behind us when it commits, and they are in no topic. So an offset names the lists of captured tables by which everything
//! before it was judged, and after they have changed, the commit of a transaction whose PREPARE was not seen since stops the
//! stream. That ends when no transaction is left that was prepared before.

use std::collections::BTreeSet;

use tracing::info;
use uuid::Uuid;

use crate::binlog::event::XaPrepareEvent;
use crate::binlog::transaction::TransactionTracker;
use crate::config::MySqlConfig;
use crate::error::MySqlError;
use crate::position::ResumablePosition;
use crate::server::{Connection, ExecutedState, ServerVersion, has_prepared_transactions};

/// What was prepared under other lists of captured tables.
#[derive(Debug, Default)]
pub struct FormerFilter {
    /// The fingerprint of the present lists.
    present: Uuid,
    doubt: Option<Doubt>,
}

#[derive(Debug)]
struct Doubt {
    /// Behind this position nothing is prepared any more that was before the change; `None`: that is not known.
    until: Option<ResumablePosition>,
    /// Transactions whose PREPARE was judged by the present lists.
    judged: BTreeSet<String>,
}

impl FormerFilter {
    /// What `stored`, the fingerprint in the offset that the stream goes on from, means with the present lists.
    pub fn of(stored: Option<Uuid>, config: &MySqlConfig) -> Result<FormerFilter, MySqlError> {
        let present = config.tables.fingerprint();
        if stored.is_none_or(|stored| stored == present) {
            return Ok(FormerFilter { present, doubt: None });
        }
        let mut session = Connection::open(&config.connection)?;
        // Read in this order: what was prepared before the position is ended before it.
        let is_any_prepared = has_prepared_transactions(&mut session)?;
        let version = ServerVersion::read(&mut session)?;
        let state = ExecutedState::read(&mut session, &version)?;
        session.close();
        let end = ResumablePosition::between(state.gtids(), state.binlog, Some(state.server_uuid));
        let until = (is_any_prepared == Some(false)).then_some(end);
        info!(
            is_any_prepared,
            "the lists of captured tables were changed; a commit of an XA transaction that was prepared before stops the task"
        );
        Ok(FormerFilter::doubtful(present, until))
    }

    fn doubtful(present: Uuid, until: Option<ResumablePosition>) -> FormerFilter {
        let judged = BTreeSet::new();
        FormerFilter {
            present,
            doubt: Some(Doubt { until, judged }),
        }
    }

    /// A transaction was prepared.
    pub(super) fn prepared(&mut self, xa: &XaPrepareEvent<'_>) {
        if let Some(doubt) = &mut self.doubt {
            doubt.judged.insert(xa.identifier());
        }
    }

    /// A prepared transaction ends by `sql`.
    ///
    /// # Errors
    /// If it commits rows that may be of tables that were not captured when it was prepared.
    pub(super) fn ended(&mut self, sql: &str, tracker: &TransactionTracker) -> Result<(), MySqlError> {
        let Some(doubt) = &mut self.doubt else { return Ok(()) };
        let mut words = sql.split_ascii_whitespace();
        let commits = words.nth(1).is_some_and(|verb| verb.eq_ignore_ascii_case("COMMIT"));
        let identifier = words.collect::<String>().to_ascii_lowercase();
        if doubt.judged.remove(&identifier) || !commits {
            return Ok(());
        }
        Err(MySqlError::decode(format!(
            "the XA transaction {identifier} is committed at {}, and was prepared before the lists of captured tables were \
             changed: its rows stand at its PREPARE, so those of tables that are captured only since then are not in the \
             topics; to leave them out, set the lists back, and change them again once the connector is behind this place; \
             to have them, stop the connector, delete its offsets and resume it, which takes a new snapshot",
            tracker.streamed()
        ))
        .at(tracker.streamed()))
    }

    /// The lists by which everything was judged that is prepared now; `None` as long as there is a doubt.
    pub(super) fn settled(&mut self, tracker: &TransactionTracker) -> Option<Uuid> {
        if let Some(Doubt { until, .. }) = &self.doubt
            && !until.as_ref().is_some_and(|until| tracker.has_passed(until))
        {
            return None;
        }
        self.doubt = None;
        Some(self.present)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::FormerFilter;
    use crate::binlog::event::XaPrepareEvent;
    use crate::binlog::transaction::TransactionTracker;
    use crate::position::{BinlogPosition, ResumablePosition};
    use crate::server::DumpStart;

    fn at(position: u64) -> ResumablePosition {
        ResumablePosition::between(None, BinlogPosition::new("b.000001", position), Some(Uuid::nil()))
    }

    fn tracker(position: u64) -> TransactionTracker {
        let start = DumpStart::From(BinlogPosition::new("b.000001", position));
        TransactionTracker::resume(at(position), &start, Uuid::nil()).expect("a usable position")
    }

    const PRESENT: Uuid = Uuid::from_u128(7);
    const XA: XaPrepareEvent<'static> = XaPrepareEvent {
        one_phase: false,
        format_id: 7,
        gtrid: b"xid",
        bqual: b"branch",
    };

    #[test]
    fn the_commit_of_what_was_prepared_under_other_lists_stops_the_stream() {
        let (commit, tracker) = ("XA COMMIT X'786964',X'6272616e6368',7", tracker(100));
        let mut former = FormerFilter::doubtful(PRESENT, None);
        let error = former.ended(commit, &tracker).expect_err("unseen").to_string();
        assert!(
            error.contains("x'786964'") && error.contains("set the lists back"),
            "{error}"
        );
        former
            .ended("XA ROLLBACK X'786964',X'6272616e6368',7", &tracker)
            .expect("nothing is lost");
        former.prepared(&XA);
        former.ended(commit, &tracker).expect("seen");
        former.ended(commit, &tracker).expect_err("another one");
        assert!(FormerFilter::default().ended(commit, &tracker).is_ok());
    }

    #[test]
    fn the_doubt_ends_behind_the_last_transaction_that_was_prepared_before() {
        let mut former = FormerFilter::doubtful(PRESENT, Some(at(200)));
        let settled = [100, 200, 100].map(|position| former.settled(&tracker(position)));
        assert_eq!(settled, [None, Some(PRESENT), Some(PRESENT)]);
        assert_eq!(FormerFilter::doubtful(PRESENT, None).settled(&tracker(900)), None);
    }
}
