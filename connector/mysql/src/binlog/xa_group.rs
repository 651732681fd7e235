//! [`XaGroup`]: an XA transaction, kept back until its last event tells whether it is committed with it.
//!
//! The rows of an XA transaction stand in the binlog before the event that says what it is: prepared, to be committed or rolled
//! back later, or committed in one phase (`XA COMMIT .. ONE PHASE`), which is an ordinary transaction. Whoever sends rows as
//! they come has to know that before the first of them. A small group waits in memory. Of a large one nothing is kept: it
//! is read to its end, and then asked for again.

use std::ops::Range;

use super::event::{BinlogEvent, EventError, EventFormat, RawEvent, type_code};

/// Groups up to so many bytes are kept.
const LIMIT: usize = 4 << 20;

/// Whether an event begins an XA transaction.
pub(super) fn begins_xa(raw: &RawEvent<'_>) -> bool {
    raw.sql().is_some_and(|sql| sql.starts_with(b"XA START"))
}

/// The events of an XA transaction so far.
#[derive(Debug)]
pub(super) struct XaGroup {
    /// Where it begins.
    pub(super) start: u64,
    bytes: Vec<u8>,
    events: Vec<HeldEvent>,
    handed_out: usize,
    limit: usize,
    is_too_large: bool,
    outcome: Option<Outcome>,
}

/// One event and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HeldEvent {
    range: Range<usize>,
    pub(super) start: u64,
    pub(super) end: u64,
}

/// What becomes of an XA transaction with its last event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is committed.
    Committed,
    /// It is prepared; what becomes of it, another transaction of the binlog says.
    Open,
}

impl XaGroup {
    /// A group that begins at `start`.
    pub(super) fn new(start: u64) -> Self {
        XaGroup {
            start,
            bytes: Vec::new(),
            events: Vec::new(),
            handed_out: 0,
            limit: LIMIT,
            is_too_large: false,
            outcome: None,
        }
    }

    /// Takes the next event, from `start` to `end` in the file.
    pub(super) fn hold(
        &mut self,
        raw: &RawEvent<'_>,
        format: &EventFormat,
        start: u64,
        end: u64,
    ) -> Result<(), EventError> {
        self.outcome = match raw.header().type_code {
            type_code::XA_PREPARE => match raw.decode(format)? {
                BinlogEvent::XaPrepare(prepare) if prepare.one_phase => Some(Outcome::Committed),
                _ => Some(Outcome::Open),
            },
            // No part of the group: whoever follows transactions says what is wrong.
            type_code::GTID
            | type_code::ANONYMOUS_GTID
            | type_code::GTID_TAGGED
            | type_code::XID
            | type_code::ROTATE
            | type_code::FORMAT_DESCRIPTION
            | type_code::STOP => Some(Outcome::Open),
            _ => None,
        };
        let begin = self.bytes.len();
        if self.is_too_large || begin + raw.bytes().len() > self.limit {
            self.is_too_large = true;
            self.bytes = Vec::new();
            self.events = Vec::new();
            return Ok(());
        }
        self.bytes.extend_from_slice(raw.bytes());
        self.events.push(HeldEvent {
            range: begin..self.bytes.len(),
            start,
            end,
        });
        Ok(())
    }

    /// What becomes of the transaction, once its last event is here.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }

    /// Whether its events were not kept.
    pub(super) fn is_too_large(&self) -> bool {
        self.is_too_large
    }

    /// The next event to hand out, in the order in which they came; also whether it is the first.
    pub(super) fn next(&mut self) -> Option<(HeldEvent, bool)> {
        let event = self.events.get(self.handed_out)?.clone();
        self.handed_out += 1;
        Some((event, self.handed_out == 1))
    }

    /// The bytes of an event.
    pub(super) fn bytes(&self, event: &HeldEvent) -> &[u8] {
        self.bytes.get(event.range.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, XaGroup, begins_xa};
    use crate::binlog::event::{RawEvent, fixture, type_code};

    /// The real events of an XA transaction; the last one says that it is prepared.
    fn events() -> Vec<RawEvent<'static>> {
        let events = fixture::raw_events().into_iter();
        let mut group: Vec<_> = events.skip_while(|raw| !begins_xa(raw)).collect();
        let end = group
            .iter()
            .position(|raw| raw.header().type_code == type_code::XA_PREPARE);
        group.truncate(end.expect("its end") + 1);
        group
    }

    fn held(limit: usize, events: &[RawEvent<'_>]) -> XaGroup {
        let mut group = XaGroup::new(100);
        group.limit = limit;
        for (number, raw) in (1_u64..).zip(events) {
            assert_eq!(group.outcome(), None);
            group
                .hold(raw, &fixture::format(), number * 100, number * 100 + 100)
                .expect("sound");
        }
        group
    }

    #[test]
    fn a_group_is_handed_out_as_it_came_once_its_end_is_known() {
        let events = events();
        let mut group = held(1 << 20, &events);
        assert_eq!(group.outcome(), Some(Outcome::Open));
        for (index, raw) in events.iter().enumerate() {
            let (event, is_first) = group.next().expect("an event");
            assert_eq!((group.bytes(&event), is_first), (raw.bytes(), index == 0));
            assert_eq!(event.start, (index as u64 + 1) * 100);
        }
        assert_eq!(group.next(), None);
    }

    #[test]
    fn an_end_in_one_phase_is_a_commit() {
        let mut last = events().pop().expect("XA_PREPARE").bytes().to_vec();
        last[19] = 1;
        let last = RawEvent::split(&last, crate::binlog::checksum::ChecksumAlgorithm::Crc32).expect("an event");
        assert_eq!(held(1 << 20, &[last]).outcome(), Some(Outcome::Committed));
    }

    #[test]
    fn a_large_group_is_not_kept_and_still_read_to_its_end() {
        let events = events();
        let mut group = held(events[0].bytes().len() + 1, &events);
        assert!(group.is_too_large() && group.next().is_none());
        assert_eq!((group.outcome(), group.bytes.capacity()), (Some(Outcome::Open), 0));
    }
}
