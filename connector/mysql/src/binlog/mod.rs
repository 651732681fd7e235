//! The binary log: from the bytes of a dump connection to events.
//!
//! Pure decoding of bytes, without I/O: [`event`] (one event, its checksum, what it says), [`table_map`] (the layout of
//! rows), [`payload`] (compressed transactions). The rows themselves are decoded by [`crate::row`].

mod bytes;
pub mod checksum;
pub mod event;
pub mod payload;
pub mod table_map;
