//! [`BinlogStream`]: the events of a server's binlog from a position on, one at a time, and each XA transaction only once it
//! is known whether it commits with its last event ([`XaGroup`]).
//!
//! What belongs to the connection is below, in [`Dump`].

use std::time::Duration;

use uuid::Uuid;

use super::dump::Dump;
use super::dump_request::StreamOptions;
use super::event::{BinlogEvent, EventHeader};
use super::event_place::EventPlace;
use super::xa_group::{HeldEvent, Outcome, XaGroup, begins_xa};
use crate::error::MySqlError;
use crate::position::BinlogPosition;
use crate::server::DumpStart;

/// A stream in progress.
pub struct BinlogStream {
    dump: Dump,
    /// The XA transaction whose end is not known yet, or that is being handed out.
    xa: Option<XaGroup>,
    /// What becomes of the XA transaction that begins at this place: it was read once.
    known_outcome: Option<(u64, Outcome)>,
}

/// An event and where it is.
#[derive(Debug)]
pub struct StreamEvent<'a> {
    /// The header. Inside of a compressed transaction `log_pos` is 0.
    pub header: EventHeader,
    /// What it says.
    pub event: BinlogEvent<'a>,
    /// The binlog file.
    pub file: &'a str,
    /// Where it begins; for the events of a compressed transaction, where that begins.
    pub start: u64,
    /// Where it ends; for the events of a compressed transaction, where that ends.
    pub end: u64,
    /// For XA START: the transaction is committed with its last event.
    pub commits_in_one_phase: bool,
}

/// Where the next event to hand out lies.
enum NextEvent {
    /// In the dump, which has just come to it.
    Sent(EventPlace),
    /// In the XA transaction that was kept back.
    Held(HeldEvent),
}

impl BinlogStream {
    /// Connects and asks for everything behind `start`.
    pub fn open(options: StreamOptions, start: &DumpStart) -> Result<BinlogStream, MySqlError> {
        Ok(BinlogStream {
            dump: Dump::open(options, start)?,
            xa: None,
            known_outcome: None,
        })
    }

    /// The history goes on in the file of `place`. A server that is asked by set begins with the last file in front of which
    /// everything is in the set, and so leaves out whole files of transactions that are in no set; here the stream ends then.
    pub fn goes_on_in(&mut self, place: BinlogPosition) {
        self.dump.goes_on_in(place);
    }

    /// Whether the stream ended because what follows cannot be asked for by set, but by file and position.
    pub fn needs_place(&self) -> bool {
        self.dump.needs_place()
    }

    /// Whether the server has sent everything up to `place` that there is to send.
    pub fn has_rested_at(&self, place: &BinlogPosition) -> bool {
        self.dump.rested_at().is_some_and(|rested| rested >= place)
    }

    /// The server that sends.
    pub fn server_uuid(&self) -> Uuid {
        self.dump.server_uuid()
    }

    /// The next event, if it is there or comes within about `wait` (zero: takes what is there).
    pub fn next_event(&mut self, wait: Duration) -> Result<Option<StreamEvent<'_>>, MySqlError> {
        let Some((next, commits_in_one_phase)) = self.next_place(wait)? else {
            return Ok(None);
        };
        let dump = &self.dump;
        let (raw, start, end) = match &next {
            NextEvent::Sent(place) => (dump.raw(place)?, place.start(), dump.position().position),
            NextEvent::Held(event) => {
                let bytes = self.xa.as_ref().map_or(&[][..], |group| group.bytes(event));
                (dump.split(bytes)?, event.start, event.end)
            }
        };
        let event = raw.decode(dump.format()).map_err(|error| dump.undecodable(error))?;
        Ok(Some(StreamEvent {
            header: *raw.header(),
            event,
            file: &dump.position().file,
            start,
            end,
            commits_in_one_phase,
        }))
    }

    /// The place of the next event to hand out, and whether an XA transaction begins there that commits in one phase.
    fn next_place(&mut self, wait: Duration) -> Result<Option<(NextEvent, bool)>, MySqlError> {
        loop {
            if let Some(outcome) = self.xa.as_ref().and_then(XaGroup::outcome) {
                if let Some((event, is_first)) = self.xa.as_mut().and_then(XaGroup::next) {
                    let commits_in_one_phase = is_first && outcome == Outcome::Committed;
                    return Ok(Some((NextEvent::Held(event), commits_in_one_phase)));
                }
                self.close_xa(outcome)?;
            }
            let Some(place) = self.dump.advance(wait)? else {
                return Ok(None);
            };
            if self.xa.is_none() {
                if !begins_xa(&self.dump.raw(&place)?) {
                    return Ok(Some((NextEvent::Sent(place), false)));
                }
                if let Some((_, outcome)) = self.known_outcome.take_if(|(start, _)| *start == place.start()) {
                    return Ok(Some((NextEvent::Sent(place), outcome == Outcome::Committed)));
                }
            }
            self.hold(&place)?;
        }
    }

    /// Keeps an event of an XA transaction back.
    fn hold(&mut self, place: &EventPlace) -> Result<(), MySqlError> {
        let dump = &self.dump;
        let mut group = self.xa.take().unwrap_or_else(|| XaGroup::new(place.start()));
        let held = group.hold(
            &dump.raw(place)?,
            dump.format(),
            place.start(),
            dump.position().position,
        );
        held.map_err(|error| dump.undecodable(error))?;
        self.xa = Some(group);
        Ok(())
    }

    /// The group is through. One that was too large to be kept is asked for again.
    fn close_xa(&mut self, outcome: Outcome) -> Result<(), MySqlError> {
        let Some(group) = self.xa.take().filter(XaGroup::is_too_large) else {
            return Ok(());
        };
        self.known_outcome = Some((group.start, outcome));
        self.dump.rewind(group.start)
    }
}
