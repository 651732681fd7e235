//! [`Dump`]: the events that a server sends from a position on, one at a time.
//!
//! What belongs to the connection stays here: heartbeats, checksums, the events a server invents when a dump begins,
//! compressed transactions, and noticing that nobody is there any more. Positions are followed in 64 bits, although events
//! carry only the lower 32 (`log_pos`), because one large transaction can make a file larger than 4 GiB.
//!
//! A damaged event is asked for again, on a new connection, from exactly behind the last sound one; the caller does not
//! notice. If it stays damaged the dump ends with its place. Nothing behind an unverified event is ever handed out.

use std::ops::Range;
use std::time::Duration;

use uuid::Uuid;

use super::connection::DumpConnection;
use super::dump_request::{StreamOptions, meets_anonymous, refusal, start_dump};
use super::event::{BinlogEvent, EventError, EventFormat, EventHeader, RawEvent, type_code};
use super::event_place::EventPlace;
use super::payload::{PayloadDecompressor, PayloadError};
use crate::error::MySqlError;
use crate::position::BinlogPosition;
use crate::server::DumpStart;

/// How often an event with a wrong checksum is asked for again.
const CHECKSUM_RETRIES: u8 = 2;
/// Before its first event a server may have to search many files for it.
const FIRST_EVENT: Duration = Duration::from_secs(600);

/// A dump in progress.
pub(super) struct Dump {
    options: StreamOptions,
    connection: DumpConnection,
    server_uuid: Uuid,
    format: EventFormat,
    /// The end of the last event handed out.
    position: BinlogPosition,
    phase: Phase,
    decompressor: PayloadDecompressor,
    payload: Option<OpenPayload>,
    checksum_failures: u8,
    /// Of a dump by set: the file in which the history goes on, also with what is in no set.
    goes_on_in: Option<BinlogPosition>,
    needs_place: bool,
    /// Where the server stood when its last heartbeat came.
    rested_at: Option<BinlogPosition>,
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

impl Dump {
    /// Connects and asks for everything behind `start`.
    pub(super) fn open(options: StreamOptions, start: &DumpStart) -> Result<Dump, MySqlError> {
        let (connection, server_uuid, checksum) = start_dump(&options, start)?;
        let position = match start {
            DumpStart::From(position) => position.clone(),
            DumpStart::AllBut(_) => BinlogPosition::default(),
        };
        let decompressor = PayloadDecompressor::new()
            .map_err(|error| MySqlError::decode("the decompressor cannot be set up").caused_by(error))?;
        Ok(Dump {
            options,
            connection,
            server_uuid,
            format: EventFormat::negotiated(checksum),
            position,
            phase: Phase::Opening,
            decompressor,
            payload: None,
            checksum_failures: 0,
            goes_on_in: None,
            needs_place: false,
            rested_at: None,
        })
    }

    /// The history goes on in the file of `place`. A server that is asked by set begins with the last file in front of which
    /// everything is in the set, and so leaves out whole files of transactions that are in no set; here the dump ends then.
    pub(super) fn goes_on_in(&mut self, place: BinlogPosition) {
        self.goes_on_in = Some(place);
    }

    /// Whether the stream ended because what follows cannot be asked for by set, but by file and position.
    pub(super) fn needs_place(&self) -> bool {
        self.needs_place
    }

    /// The server that sends.
    pub(super) fn server_uuid(&self) -> Uuid {
        self.server_uuid
    }

    /// How its events are laid out.
    pub(super) fn format(&self) -> &EventFormat {
        &self.format
    }

    /// The end of the event that came last.
    pub(super) fn position(&self) -> &BinlogPosition {
        &self.position
    }

    /// Goes back to `start` in the file.
    pub(super) fn rewind(&mut self, start: u64) -> Result<(), MySqlError> {
        self.payload = None;
        self.position.position = start;
        self.ask_from_here()
    }

    /// Where the server had nothing more to send when it was last heard of without an event.
    pub(super) fn rested_at(&self) -> Option<&BinlogPosition> {
        self.rested_at.as_ref()
    }

    /// The event that came last, by its place.
    pub(super) fn raw(&self, place: &EventPlace) -> Result<RawEvent<'_>, MySqlError> {
        match place {
            EventPlace::Packet { range, .. } => self.raw_event(range),
            EventPlace::Payload { range, .. } => self
                .decompressor
                .event(range)
                .map_err(|error| self.damaged_payload(error)),
        }
    }

    /// An event that was kept.
    pub(super) fn split<'b>(&self, bytes: &'b [u8]) -> Result<RawEvent<'b>, MySqlError> {
        RawEvent::split(bytes, self.format.checksum).map_err(|error| self.undecodable(error))
    }

    /// Moves to the next event that is the caller's business.
    pub(super) fn advance(&mut self, wait: Duration) -> Result<Option<EventPlace>, MySqlError> {
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
                self.rest(&header);
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

    /// A heartbeat tells how far the server has read, also of what it does not send.
    fn rest(&mut self, heartbeat: &EventHeader) {
        if heartbeat.log_pos == 0 {
            return;
        }
        let mut place = self.position.clone();
        place.go_on_to(heartbeat.log_pos);
        self.rested_at = Some(place);
    }

    /// Takes over the event's end and returns its beginning.
    fn follow(&mut self, header: &EventHeader) -> u64 {
        let is_heartbeat = matches!(header.type_code, type_code::HEARTBEAT | type_code::HEARTBEAT_V2);
        if header.log_pos == 0 || header.is_artificial() || is_heartbeat {
            return self.position.position;
        }
        self.position.go_on_to(header.log_pos);
        self.position.position.saturating_sub(u64::from(header.event_size))
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

    /// An event that cannot be read, with its place.
    pub(super) fn undecodable(&self, error: EventError) -> MySqlError {
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
