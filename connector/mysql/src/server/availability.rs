//! [`dump_start`]: how to ask *this* server for what follows a position, after making sure that it can answer.
//!
//! A server that is asked for more than it has does not always say so, and one that was restored from a backup or lost its
//! last transactions in a failover has another history under the same numbers. So the stored set must be contained in the
//! server's, and everything outside of it must still be in its binlogs.

use uuid::Uuid;

use super::executed::{ExecutedState, GtidMode};
use crate::error::MySqlError;
use crate::position::{BinlogPosition, GtidSet, ResumablePosition};

/// What a dump connection asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DumpStart {
    /// Everything that is not in this set.
    AllBut(GtidSet),
    /// Everything behind this position.
    From(BinlogPosition),
}

/// The request that brings what follows `position` on the server of `state`, or why there is none.
///
/// Transactions of servers that nobody wants may be missing.
pub fn dump_start(
    position: &ResumablePosition,
    state: &ExecutedState,
    is_wanted: &dyn Fn(&Uuid) -> bool,
) -> Result<DumpStart, MySqlError> {
    match (&position.gtids, state.gtid_mode) {
        (Some(stored), GtidMode::On) => {
            let missing = stored.minus(&state.executed);
            check_contained(&missing.of_sources(is_wanted), state)?;
            check_not_purged(stored, state)?;
            Ok(DumpStart::AllBut(stored.minus(&missing)))
        }
        _ => {
            check_same_server(position, state)?;
            Ok(DumpStart::From(position.asked_from()))
        }
    }
}

fn check_contained(missing: &GtidSet, state: &ExecutedState) -> Result<(), MySqlError> {
    if missing.is_empty() {
        return Ok(());
    }
    Err(MySqlError::position(format!(
        "server {} does not have transactions that were already streamed: {}; if it is a replica that lags behind, restart \
         the connector once it has them; if it was reset or restored from a backup, its history is another one: delete the \
         connector's offsets and take a new snapshot",
        state.server_uuid,
        shortened(missing)
    )))
}

fn check_not_purged(stored: &GtidSet, state: &ExecutedState) -> Result<(), MySqlError> {
    let lost = state.purged.minus(stored);
    if lost.is_empty() {
        return Ok(());
    }
    Err(MySqlError::position(format!(
        "server {} has purged binlogs with transactions that were not streamed yet: {}; either connect to a server that \
         still has them, or delete the connector's offsets and take a new snapshot; to prevent it, raise \
         binlog_expire_logs_seconds; if they never were in its binlogs (SET GLOBAL gtid_purged = '+...') and changed no \
         captured table, stop the connector and add them to `gtids` in its offset (PATCH /connectors/NAME/offsets)",
        state.server_uuid,
        shortened(&lost)
    )))
}

fn check_same_server(position: &ResumablePosition, state: &ExecutedState) -> Result<(), MySqlError> {
    match position.server_uuid {
        Some(stored) if stored != state.server_uuid => Err(MySqlError::position(format!(
            "the stored position {} belongs to server {stored}, but this is server {}, and without GTIDs a position means \
             nothing elsewhere; connect to the former, or delete the connector's offsets and take a new snapshot",
            position.binlog, state.server_uuid
        ))
        .at(&position.binlog)),
        _ => Ok(()),
    }
}

/// A set in an error, cut where nobody reads on.
fn shortened(set: &GtidSet) -> String {
    const LIMIT: usize = 1000;
    let mut text = set.to_string();
    if text.len() > LIMIT {
        text.truncate(LIMIT);
        text.push_str("...");
    }
    text
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{DumpStart, dump_start};
    use crate::position::{BinlogPosition, GtidSet, ResumablePosition};
    use crate::server::executed::{ExecutedState, GtidMode};

    const A: &str = "3e11fa47-71ca-11e1-9e33-c80aa9429562";

    fn set(text: &str) -> GtidSet {
        text.replace('A', A).parse().expect("a set")
    }

    fn state(gtid_mode: GtidMode, executed: &str, purged: &str) -> ExecutedState {
        let binlog = BinlogPosition::new("binlog.000009", 4000);
        ExecutedState {
            gtid_mode,
            executed: set(executed),
            purged: set(purged),
            server_uuid: Uuid::from_u128(1),
            binlog,
        }
    }

    fn position(gtids: Option<&str>, server_uuid: Option<u128>) -> ResumablePosition {
        let binlog = BinlogPosition::new("binlog.000003", 157);
        ResumablePosition::between(gtids.map(set), binlog, server_uuid.map(Uuid::from_u128))
    }

    fn check(position: &ResumablePosition, state: &ExecutedState, expected: Result<DumpStart, &str>) {
        match (dump_start(position, state, &|_| true), expected) {
            (Ok(start), Ok(expected)) => assert_eq!(start, expected),
            (Err(error), Err(part)) => {
                assert!(!error.is_retriable());
                assert!(error.to_string().replace(A, "A").contains(part), "{error}");
            }
            (found, expected) => panic!("{found:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn a_contained_set_is_asked_for_on_any_server() {
        let stored = position(Some("A:1-5"), Some(2));
        check(
            &stored,
            &state(GtidMode::On, "A:1-9", "A:1-5"),
            Ok(DumpStart::AllBut(set("A:1-5"))),
        );
    }

    #[test]
    fn what_the_server_lacks_is_shown_exactly() {
        let stored = position(Some("A:1-5:9"), None);
        check(
            &stored,
            &state(GtidMode::On, "A:1-4:6-8", ""),
            Err("already streamed: A:5:9;"),
        );
    }

    #[test]
    fn what_nobody_wants_is_neither_missed_nor_asked_for() {
        let unwanted = |source: &Uuid| source.to_string() != A;
        let state = state(GtidMode::On, "A:1-3:9", "A:1-3");
        let stored = position(Some("A:2-7"), None).past(&state.purged, &unwanted);
        assert_eq!(stored.gtids, Some(set("A:1-7")));
        assert_eq!(
            dump_start(&stored, &state, &unwanted).expect("a start"),
            DumpStart::AllBut(set("A:1-3"))
        );
    }

    #[test]
    fn what_was_purged_is_shown_exactly() {
        let stored = position(Some("A:1-5"), None);
        check(
            &stored,
            &state(GtidMode::On, "A:1-20", "A:1-7"),
            Err("not streamed yet: A:6-7;"),
        );
        check(
            &stored,
            &state(GtidMode::On, "A:1-20", "A:1-7"),
            Err("add them to `gtids` in its offset"),
        );
        check(
            &stored,
            &state(GtidMode::On, "A:1-20", "A:1-3"),
            Ok(DumpStart::AllBut(set("A:1-5"))),
        );
    }

    #[test]
    fn a_file_position_is_used_only_on_its_own_server() {
        let from = DumpStart::From(BinlogPosition::new("binlog.000003", 157));
        let off = state(GtidMode::Off, "", "");
        check(&position(None, Some(1)), &off, Ok(from.clone()));
        check(&position(None, None), &off, Ok(from.clone()));
        check(&position(Some("A:1-5"), Some(1)), &off, Ok(from.clone()));
        check(&position(None, Some(1)), &state(GtidMode::On, "A:1-9", ""), Ok(from));
        check(
            &position(None, Some(2)),
            &off,
            Err("belongs to server 00000000-0000-0000-0000-000000000002"),
        );
    }
}
