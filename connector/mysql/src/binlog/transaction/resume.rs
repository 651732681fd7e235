//! [`Resume`]: what a predecessor left half sent, until the stream brings it again.
//!
//! How the stream was asked for decides how the open transaction is found. By set, a server sends it whenever its turn comes,
//! and it is known by its name. By file and position, it is the very first of the stream, whatever else is known of it: the
//! stream may begin behind the GTID event that would name it.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::open::{AlreadySent, Measure};
use crate::error::MySqlError;
use crate::position::{BinlogPosition, Gtid, PartlySent, ResumablePosition};
use crate::server::DumpStart;

/// Transactions of which a part was sent.
#[derive(Debug, Default)]
pub(super) struct Resume {
    /// Known by name: found on any server, in any order.
    by_gtid: BTreeMap<Gtid, PartlySent>,
    /// Known by place: it must be the first, at this very place.
    by_place: Option<(BinlogPosition, PartlySent)>,
    /// Which of those known by name was open last, and where it began.
    open_last: Option<(BinlogPosition, Gtid)>,
    /// Whether that place is one of this server.
    is_same_server: bool,
}

/// What a position between two transactions must still say.
pub(super) struct Left {
    pub(super) binlog: BinlogPosition,
    /// Of the transaction that begins there.
    pub(super) open: Option<PartlySent>,
    /// Of others.
    pub(super) waiting: BTreeMap<Gtid, u64>,
}

impl Resume {
    /// What `position` says was left, on the server `server_uuid`, which was asked by `start`.
    pub(super) fn new(
        position: &ResumablePosition,
        start: &DumpStart,
        server_uuid: Uuid,
    ) -> Result<Resume, MySqlError> {
        let by_changes = |(gtid, changes): (&Gtid, &u64)| {
            let sent = PartlySent {
                gtid: Some(gtid.clone()),
                changes: Some(*changes),
                ..PartlySent::default()
            };
            (gtid.clone(), sent)
        };
        let mut resume = Resume {
            by_gtid: position.waiting.iter().map(by_changes).collect(),
            is_same_server: position.server_uuid == Some(server_uuid),
            ..Resume::default()
        };
        let Some(open) = &position.open else { return Ok(resume) };
        match (start, &open.gtid) {
            (DumpStart::AllBut(_), Some(gtid)) if open.changes.is_some() => {
                resume.by_gtid.insert(gtid.clone(), open.clone());
                resume.open_last = Some((position.binlog.clone(), gtid.clone()));
            }
            _ if position.server_uuid.is_some_and(|stored| stored != server_uuid) => {
                return Err(MySqlError::position(format!(
                    "the stored offset stands inside of the transaction at {}, {} events and {} rows behind its BEGIN, which \
                     means nothing on another server than the one it was counted on; connect to that one again, or remove \
                     `event`, `row` and `rowmill_changes` from the offset: the transaction is then sent again from its \
                     beginning",
                    position.binlog, open.events, open.rows
                ))
                .at(&position.binlog));
            }
            _ => resume.by_place = Some((position.binlog.clone(), open.clone())),
        }
        Ok(resume)
    }

    /// What was sent of the transaction that begins now.
    pub(super) fn take(
        &mut self,
        gtid: Option<&Gtid>,
        begin: &BinlogPosition,
    ) -> Result<Option<AlreadySent>, MySqlError> {
        if self.is_at(begin) {
            return self.take_by_place(gtid);
        }
        self.check_nothing_is_due(begin)?;
        let Some((gtid, sent)) = gtid.and_then(|gtid| self.by_gtid.remove_entry(gtid)) else {
            return Ok(None);
        };
        let was_counted_here = self.is_same_server && self.open_last.as_ref() == Some(&(begin.clone(), gtid));
        Ok(Some(match was_counted_here {
            true => AlreadySent::counted_here(sent),
            false => AlreadySent {
                sent,
                measure: Measure::Changes,
            },
        }))
    }

    fn take_by_place(&mut self, found: Option<&Gtid>) -> Result<Option<AlreadySent>, MySqlError> {
        let Some((place, sent)) = self.by_place.take() else {
            return Ok(None);
        };
        if sent.gtid.is_some() && sent.gtid.as_ref() != found {
            let name = |gtid: Option<&Gtid>| gtid.map_or("an anonymous one".to_owned(), ToString::to_string);
            return Err(MySqlError::position(format!(
                "the stored offset stands inside of the transaction {} at {place}, but the server has {} there: its history \
                 is not the one that was streamed; delete the connector's offsets and take a new snapshot",
                name(sent.gtid.as_ref()),
                name(found)
            ))
            .at(&place));
        }
        Ok(Some(AlreadySent::counted_here(sent)))
    }

    /// A transaction known by place must be the first: what stands at `found` is another.
    pub(super) fn check_nothing_is_due(&self, found: &BinlogPosition) -> Result<(), MySqlError> {
        let Some((place, sent)) = &self.by_place else {
            return Ok(());
        };
        Err(MySqlError::position(format!(
            "the stored offset stands inside of the transaction at {place}, {} events and {} rows behind its BEGIN, but the \
             server goes on with one at {found}; connect to the server the offset was stored for, or remove `event`, \
             `row` and `rowmill_changes` from the offset: what was sent of the transaction is then sent again",
            sent.events, sent.rows
        ))
        .at(place))
    }

    /// Whether nothing is left.
    pub(super) fn is_done(&self) -> bool {
        self.by_gtid.is_empty() && self.by_place.is_none()
    }

    /// Whether a transaction known by place is due at `begin`.
    pub(super) fn is_at(&self, begin: &BinlogPosition) -> bool {
        self.by_place.as_ref().is_some_and(|(place, _)| place == begin)
    }

    /// The name of the transaction known by place, if it was stored.
    pub(super) fn gtid_at_place(&self) -> Option<Gtid> {
        self.by_place.as_ref().and_then(|(_, sent)| sent.gtid.clone())
    }

    /// The transactions known by name that are left.
    pub(super) fn waiting(&self) -> BTreeMap<Gtid, u64> {
        self.by_gtid
            .iter()
            .map(|(gtid, sent)| (gtid.clone(), sent.changes.unwrap_or(0)))
            .collect()
    }

    /// What a position between transactions, at `boundary`, must still say: the transaction that begins there, and others.
    ///
    /// Until another transaction was streamed, the one open last is reported as the predecessor reported it, with the counts
    /// that Debezium would go on by.
    pub(super) fn left_at(&self, boundary: &BinlogPosition) -> Left {
        let mut waiting = self.waiting();
        let (binlog, open) = match (&self.by_place, &self.open_last) {
            (Some((place, sent)), _) => (place, Some(sent.clone())),
            (None, Some((place, gtid))) if place == boundary && waiting.remove(gtid).is_some() => {
                (boundary, self.by_gtid.get(gtid).cloned())
            }
            _ => (boundary, None),
        };
        Left {
            binlog: binlog.clone(),
            open,
            waiting,
        }
    }
}
