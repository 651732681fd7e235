//! The binary log: from the bytes of a dump connection to events, and from events to transactions.
//!
//! The way of an event: [`connection`] (a blocking session whose packets are handed out where they lie), `dump` (events
//! from a position on; heartbeats, checksums and compression stay here), [`stream`] (XA transactions once their end is
//! known), [`transaction`] (where transactions begin and end, and from where a stream could resume).
//!
//! Pure decoding of bytes, without I/O: [`event`] (one event, its checksum, what it says), [`table_map`] (the layout of
//! rows), [`payload`] (compressed transactions). The rows themselves are decoded by [`crate::row`].

pub(crate) mod bytes;
mod channel;
pub mod checksum;
pub mod connection;
mod dump;
pub mod dump_request;
mod error_packet;
pub mod event;
mod event_place;
mod login;
mod packet_buffer;
pub mod payload;
pub mod statement;
pub mod stream;
pub mod table_map;
pub mod transaction;
mod xa_group;
