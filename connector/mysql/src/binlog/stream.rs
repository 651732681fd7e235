//! [`BinlogStream`]: the events of a server's binlog from a position on, one at a time.
//!
//! What belongs to the connection stays here: heartbeats, checksums, the events a server invents when a dump begins,
//! compressed transactions, and noticing that nobody is there any more. Positions are followed in 64 bits, although events
//! carry only the lower 32 (`log_pos`), because one large transaction can make a file larger than 4 GiB.
//!
//! An XA transaction is handed out once it is known whether it commits with its last event (`XaGroup`).
//!
//! A damaged event is asked for again, on a new connection, from exactly behind the last sound one; the caller does not
//! notice. If it stays damaged the stream ends with its place. Nothing behind an unverified event is ever handed out.

use std::ops::Range;
use std::time::Duration;

use uuid::Uuid;

use super::connection::DumpConnection;
use super::dump_request::{meets_anonymous, refusal, start_dump};
use super::event::{BinlogEvent, EventError, EventFormat, EventHeader, RawEvent, type_code};
use super::payload::{PayloadDecompressor, PayloadError};
use super::xa_group::{HeldEvent, Outcome, XaGroup, begins_xa};
use crate::error::MySqlError;
use crate::position::BinlogPosition;
use crate::server::{ConnectionOptions, DumpStart};

/// How often an event with a wrong checksum is asked for again.
const CHECKSUM_RETRIES: u8 = 2;
/// Before its first event a server may have to search many files for it.
const FIRST_EVENT: Duration = Duration::from_secs(600);

/// How to be a replica.
#[derive(Debug, Clone)]
pub struct StreamOptions {
    /// The server.
    pub connection: ConnectionOptions,
    /// Our number, which no other replica of the server may have.
    pub server_id: u32,
    /// Our identity, the same for every task of a connector: a server ends the dump of a predecessor that bears it.
    pub replica_uuid: Uuid,
    /// How often the server shows that it is there when it has no events.
    pub heartbeat: Duration,
    /// How long the server waits for us to take bytes; absent: longer than Kafka makes us wait.
    pub net_write_timeout: Option<Duration>,
    /// How long it waits for bytes of ours; absent: its own choice.
    pub net_read_timeout: Option<Duration>,
}

/// A dump in progress.
pub struct BinlogStream {
    options: StreamOptions,
    connection: DumpConnection,
    server_uuid: Uuid,
    format: EventFormat,
    /// The end of the last event handed out.
    position: BinlogPosition,
    phase: Phase,
    decompressor: PayloadDecompressor,
    payload: Option<OpenPayload>,
    /// The XA transaction whose end is not known yet, or that is being handed out.
    xa: Option<XaGroup>,
    /// What becomes of the XA transaction that begins at this place: it was read once.
    known_outcome: Option<(u64, Outcome)>,
    checksum_failures: u8,
    /// Of a stream by set: the file in which the history goes on, also with what is in no set.
    goes_on_in: Option<BinlogPosition>,
    needs_place: bool,
}

/// How far a dump has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The server still has to name its file and format, which we know already if this is a reconnect.
    Opening,
    /// It named them, and may be searching for the first event.
    Searching,
    /// Events or heartbeats have come.
    Flowing,
}

/// A compressed transaction whose events are being handed out.
struct OpenPayload {
    /// The payload event's packet.
    packet: Range<usize>,
    start: u64,
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
enum EventPlace {
    Packet {
        range: Range<usize>,
        start: u64,
    },
    Payload {
        range: Range<usize>,
        start: u64,
    },
    /// In the XA transaction that was kept back.
    Held(HeldEvent),
}

impl EventPlace {
    fn start(&self) -> u64 {
        match self {
            EventPlace::Packet { start, .. } | EventPlace::Payload { start, .. } => *start,
            EventPlace::Held(event) => event.start,
        }
    }
}

impl BinlogStream {
    /// Connects and asks for everything behind `start`.
    pub fn open(options: StreamOptions, start: &DumpStart) -> Result<BinlogStream, MySqlError> {
        let (connection, server_uuid, checksum) = start_dump(&options, start)?;
        let position = match start {
            DumpStart::From(position) => position.clone(),
            DumpStart::AllBut(_) => BinlogPosition::default(),
        };
        let decompressor = PayloadDecompressor::new()
            .map_err(|error| MySqlError::decode("the decompressor cannot be set up").caused_by(error))?;
        Ok(BinlogStream {
            options,
            connection,
            server_uuid,
            format: EventFormat::negotiated(checksum),
            position,
            phase: Phase::Opening,
            decompressor,
            payload: None,
            xa: None,
            known_outcome: None,
            checksum_failures: 0,
            goes_on_in: None,
            needs_place: false,
        })
    }

    /// The history goes on in the file of `place`. A server that is asked by set begins with the last file in front of which
    /// everything is in the set, and so leaves out whole files of transactions that are in no set; here the stream ends then.
    pub fn goes_on_in(&mut self, place: BinlogPosition) {
        self.goes_on_in = Some(place);
    }

    /// Whether the stream ended because what follows cannot be asked for by set, but by file and position.
    pub fn needs_place(&self) -> bool {
        self.needs_place
    }

    /// The server that sends.
    pub fn server_uuid(&self) -> Uuid {
        self.server_uuid
    }

    /// The next event, if it is there or comes within about `wait` (zero: takes what is there).
    pub fn next_event(&mut self, wait: Duration) -> Result<Option<StreamEvent<'_>>, MySqlError> {
        let Some((place, commits_in_one_phase)) = self.next_place(wait)? else {
            return Ok(None);
        };
        let raw = self.raw_at(&place)?;
        let event = raw.decode(&self.format).map_err(|error| self.undecodable(error))?;
        let header = *raw.header();
        let end = match &place {
            EventPlace::Held(event) => event.end,
            EventPlace::Packet { .. } | EventPlace::Payload { .. } => self.position.position,
        };
        Ok(Some(StreamEvent {
            header,
            event,
            file: &self.position.file,
            start: place.start(),
            end,
            commits_in_one_phase,
        }))
    }

    /// The place of the next event to hand out, and whether an XA transaction begins there that commits in one phase.
    fn next_place(&mut self, wait: Duration) -> Result<Option<(EventPlace, bool)>, MySqlError> {
        loop {
            if let Some(outcome) = self.xa.as_ref().and_then(XaGroup::outcome) {
                if let Some((event, is_first)) = self.xa.as_mut().and_then(XaGroup::next) {
                    return Ok(Some((
                        EventPlace::Held(event),
                        is_first && outcome == Outcome::Committed,
                    )));
                }
                self.close_xa(outcome)?;
            }
            let Some(place) = self.advance(wait)? else {
                return Ok(None);
            };
            if self.xa.is_none() {
                let begins = begins_xa(&self.raw_at(&place)?, &self.format);
                if !begins.map_err(|error| self.undecodable(error))? {
                    return Ok(Some((place, false)));
                }
                if let Some((_, outcome)) = self.known_outcome.take_if(|(start, _)| *start == place.start()) {
                    return Ok(Some((place, outcome == Outcome::Committed)));
                }
            }
            self.hold(&place)?;
        }
    }

    /// Keeps an event of an XA transaction back.
    fn hold(&mut self, place: &EventPlace) -> Result<(), MySqlError> {
        let mut group = self.xa.take().unwrap_or_else(|| XaGroup::new(place.start()));
        let held = group.hold(
            &self.raw_at(place)?,
            &self.format,
            place.start(),
            self.position.position,
        );
        held.map_err(|error| self.undecodable(error))?;
        self.xa = Some(group);
        Ok(())
    }

    /// The group is through. One that was too large to be kept is asked for again.
    fn close_xa(&mut self, outcome: Outcome) -> Result<(), MySqlError> {
        let Some(group) = self.xa.take().filter(XaGroup::is_too_large) else {
            return Ok(());
        };
        self.known_outcome = Some((group.start, outcome));
        self.payload = None;
        self.position.position = group.start;
        self.ask_from_here()
    }

    fn raw_at<'s>(&'s self, place: &EventPlace) -> Result<RawEvent<'s>, MySqlError> {
        match place {
            EventPlace::Packet { range, .. } => self.raw_event(range),
            EventPlace::Payload { range, .. } => self
                .decompressor
                .event(range)
                .map_err(|error| self.damaged_payload(error)),
            EventPlace::Held(event) => {
                let bytes = self.xa.as_ref().map_or(&[][..], |group| group.bytes(event));
                RawEvent::split(bytes, self.format.checksum).map_err(|error| self.undecodable(error))
            }
        }
    }

    /// Moves to the next event that is the caller's business.
    fn advance(&mut self, wait: Duration) -> Result<Option<EventPlace>, MySqlError> {
        loop {
            if let Some(place) = self.advance_in_payload()? {
                return Ok(Some(place));
            }
            let Some(packet) = self.connection.next_range(wait)? else {
                return self.check_alive().map(|()| None);
            };
            let event = self.event_range(packet)?;
            let raw = raw_event(&self.connection, &self.format, &event);
            let header = match raw.and_then(|raw| raw.verify_checksum().map(|()| *raw.header())) {
                Ok(header) => header,
                Err(error) => {
                    self.ask_again(error)?;
                    continue;
                }
            };
            if let Some(place) = self.handle(event, header)? {
                return Ok(Some(place));
            }
        }
    }

    /// Keeps what is ours of a sound event; the place of one that is the caller's.
    fn handle(&mut self, range: Range<usize>, header: EventHeader) -> Result<Option<EventPlace>, MySqlError> {
        let start = self.follow(&header);
        match header.type_code {
            type_code::HEARTBEAT | type_code::HEARTBEAT_V2 => {
                self.phase = Phase::Flowing;
                return Ok(None);
            }
            type_code::ROTATE => self.follow_rotate(&range)?,
            type_code::FORMAT_DESCRIPTION => {
                if let BinlogEvent::FormatDescription(format) = self.decoded(&range)? {
                    self.format = format;
                }
                if self.phase == Phase::Opening {
                    self.phase = Phase::Searching;
                    return Ok(None);
                }
            }
            type_code::PREVIOUS_GTIDS => {}
            type_code::TRANSACTION_PAYLOAD => {
                self.phase = Phase::Flowing;
                self.checksum_failures = 0;
                self.open_payload(range, start)?;
                return Ok(None);
            }
            _ => {
                self.phase = Phase::Flowing;
                self.checksum_failures = 0;
            }
        }
        // What a server sends to introduce a dump is not part of the history.
        let is_introduction = self.phase == Phase::Opening;
        Ok((!is_introduction).then_some(EventPlace::Packet { range, start }))
    }

    /// Takes over the event's end and returns its beginning.
    fn follow(&mut self, header: &EventHeader) -> u64 {
        let is_heartbeat = matches!(header.type_code, type_code::HEARTBEAT | type_code::HEARTBEAT_V2);
        if header.log_pos == 0 || header.is_artificial() || is_heartbeat {
            return self.position.position;
        }
        let end = continued(self.position.position, header.log_pos);
        self.position.position = end;
        end.saturating_sub(u64::from(header.event_size))
    }

    /// A rotation names the next file. The one that a server invents at the beginning of a dump names the file that a
    /// reconnect has just asked for.
    fn follow_rotate(&mut self, range: &Range<usize>) -> Result<(), MySqlError> {
        if let BinlogEvent::Rotate(rotate) = self.decoded(range)? {
            let next = BinlogPosition::new(rotate.file, rotate.position);
            self.position = next;
        }
        let begins_later = |place: &BinlogPosition| place.file != self.position.file && *place < self.position;
        match self.goes_on_in.take() {
            Some(place) if begins_later(&place) => {
                self.needs_place = true;
                Err(MySqlError::connection(format!(
                    "the server would begin in {}, but there may be transactions without GTIDs behind {place}; they are asked \
                     for by file and position",
                    self.position.file
                )))
            }
            _ => Ok(()),
        }
    }

    fn open_payload(&mut self, range: Range<usize>, start: u64) -> Result<(), MySqlError> {
        let raw = raw_event(&self.connection, &self.format, &range).map_err(|error| self.undecodable(error))?;
        let event = raw.decode(&self.format).map_err(|error| self.undecodable(error))?;
        if let BinlogEvent::TransactionPayload(payload) = event {
            let begun = self.decompressor.begin(&payload);
            begun.map_err(|error| self.damaged_payload(error))?;
            self.payload = Some(OpenPayload { packet: range, start });
        }
        Ok(())
    }

    /// The next event of the open payload; closes it after the last.
    fn advance_in_payload(&mut self) -> Result<Option<EventPlace>, MySqlError> {
        let Some(OpenPayload { packet, start }) = &self.payload else {
            return Ok(None);
        };
        let raw = raw_event(&self.connection, &self.format, packet).map_err(|error| self.undecodable(error))?;
        let event = raw.decode(&self.format).map_err(|error| self.undecodable(error))?;
        let BinlogEvent::TransactionPayload(payload) = event else {
            return Ok(None);
        };
        match self.decompressor.next_place(payload.payload) {
            Ok(Some(range)) => Ok(Some(EventPlace::Payload { range, start: *start })),
            Ok(None) => {
                self.payload = None;
                Ok(None)
            }
            Err(error) => Err(self.damaged_payload(error)),
        }
    }

    /// The event in a packet; anything else ends the dump.
    fn event_range(&mut self, packet: Range<usize>) -> Result<Range<usize>, MySqlError> {
        const EVENT: u8 = 0x00;
        const ERROR: u8 = 0xff;
        let bytes = self.connection.packet(&packet);
        match bytes.first() {
            Some(&EVENT) => Ok(packet.start + 1..packet.end),
            Some(&ERROR) => {
                self.needs_place = meets_anonymous(bytes);
                Err(self.located(refusal(bytes, &self.place(), self.options.replica_uuid)))
            }
            _ => Err(self.located(MySqlError::connection(format!(
                "the server ended the binlog stream at {}",
                self.place()
            )))),
        }
    }

    fn raw_event(&self, range: &Range<usize>) -> Result<RawEvent<'_>, MySqlError> {
        raw_event(&self.connection, &self.format, range).map_err(|error| self.undecodable(error))
    }

    fn decoded(&self, range: &Range<usize>) -> Result<BinlogEvent<'_>, MySqlError> {
        self.raw_event(range)?
            .decode(&self.format)
            .map_err(|error| self.undecodable(error))
    }

    /// Asks for a damaged event again.
    fn ask_again(&mut self, error: EventError) -> Result<(), MySqlError> {
        if self.checksum_failures >= CHECKSUM_RETRIES || self.position.file.is_empty() {
            return Err(self.undecodable(error));
        }
        tracing::warn!(at = %self.position, %error, "an event arrived damaged and is read again");
        let failures = self.checksum_failures + 1;
        self.ask_from_here()?;
        self.checksum_failures = failures;
        Ok(())
    }

    /// Asks the same server for what follows the stream's position, on a new connection.
    fn ask_from_here(&mut self) -> Result<(), MySqlError> {
        let (connection, server_uuid, checksum) = start_dump(&self.options, &DumpStart::From(self.position.clone()))?;
        if server_uuid != self.server_uuid {
            return Err(MySqlError::connection(format!(
                "{} is now server {server_uuid}; the stream of {} ends",
                connection.address(),
                self.server_uuid
            )));
        }
        self.connection = connection;
        self.format = EventFormat::negotiated(checksum);
        self.phase = Phase::Opening;
        Ok(())
    }

    /// A server that sends nothing, not even heartbeats, is gone, whatever TCP believes.
    fn check_alive(&self) -> Result<(), MySqlError> {
        let limit = match self.phase {
            Phase::Opening | Phase::Searching => FIRST_EVENT.max(self.silence_limit()),
            Phase::Flowing => self.silence_limit(),
        };
        let silent = self.connection.last_received().elapsed();
        if silent < limit {
            return Ok(());
        }
        Err(MySqlError::connection(format!(
            "MySQL at {} has sent nothing for {} s, not even a heartbeat: the connection is dead",
            self.connection.address(),
            silent.as_secs()
        )))
    }

    fn silence_limit(&self) -> Duration {
        self.options.heartbeat.mul_f32(2.5).max(Duration::from_secs(2))
    }

    /// How far the stream has come, for errors.
    fn place(&self) -> String {
        if self.position.file.is_empty() {
            "the requested GTID set".to_owned()
        } else {
            self.position.to_string()
        }
    }

    fn located(&self, error: MySqlError) -> MySqlError {
        match self.position.file.is_empty() {
            true => error,
            false => error.at(&self.position),
        }
    }

    fn undecodable(&self, error: EventError) -> MySqlError {
        let unusable = MySqlError::decode(format!("the event behind {} cannot be used", self.place()));
        self.located(unusable).caused_by(error)
    }

    fn damaged_payload(&self, error: PayloadError) -> MySqlError {
        let unusable = MySqlError::decode(format!(
            "the compressed transaction that ends at {} cannot be used",
            self.place()
        ));
        self.located(unusable).caused_by(error)
    }
}

/// Separate from the stream, so that its decompressor can be used while the event is borrowed.
fn raw_event<'a>(
    connection: &'a DumpConnection,
    format: &EventFormat,
    range: &Range<usize>,
) -> Result<RawEvent<'a>, EventError> {
    RawEvent::split(connection.packet(range), format.checksum)
}

/// The position behind `from` whose lower 32 bits are `log_pos`.
fn continued(from: u64, log_pos: u32) -> u64 {
    let end = (from & !u64::from(u32::MAX)) | u64::from(log_pos);
    if end < from { end + (1 << 32) } else { end }
}

#[cfg(test)]
mod tests {
    use super::continued;

    #[test]
    fn positions_go_on_beyond_four_gibibytes() {
        assert_eq!(continued(0, 157), 157);
        assert_eq!(continued(157, 400), 400);
        assert_eq!(continued(0xffff_ff00, 0x100), 0x1_0000_0100);
        assert_eq!(continued(0x2_0000_0100, 0x200), 0x2_0000_0200);
    }
}
