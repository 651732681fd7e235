//! Where the connector stands in the history of a server.
//!
//! # Two kinds of position
//! [`StreamedPosition`] is how far the stream was *read*: the end of the last event. It is for people: logs, errors, lag.
//! [`ResumablePosition`] is where a new stream could *begin* without losing or repeating a change. They differ inside of
//! every transaction, and confusing them is how change streams lose data: whoever stores "read so far" while a
//! transaction is open skips its rest after a crash, because a server asked by GTID never sends a transaction that it is
//! told is already there. So the two are different types, only the second converts to a stored offset, and its executed
//! set grows in one place, at the commit.
//!
//! # What a resumable position says
//! - Between transactions: the set of all committed ones (or, on a server without GTIDs, file and position of the end of
//!   the last). Nothing is to be skipped.
//! - Inside of a transaction: the set *without* it, file and position of its BEGIN, and how much of it was already sent
//!   ([`PartlySent`]). The server sends the transaction again from its beginning, and that much is skipped.
//!
//! # How much was sent
//! Debezium counts events since BEGIN and rows in the last one. These counts hold only for the server that wrote this very
//! binlog: a replica writes the same transaction with other events. What every server agrees on are the row changes and
//! their order, so our own count, changes of captured tables, comes first; events and rows are kept for the way back to
//! Debezium and for the way from it, and believed only where the transaction stands at the very file and position that
//! the offset names.
//!
//! After a failover the new server may have transactions of its own to send before the one that was open, and none of
//! them may inherit the skip: the open transaction is known by its GTID, and waits ([`ResumablePosition::waiting`]).

mod binlog_position;
mod finished_tables;
mod gtid;
mod gtid_set;
mod intervals;
mod offset;
mod resumable;
mod snapshot_frontier;
mod streamed;

pub use binlog_position::BinlogPosition;
pub use finished_tables::FinishedTables;
pub use gtid::{Gtid, GtidError, Tag};
pub use gtid_set::GtidSet;
pub use offset::{MySqlOffset, OffsetError, SnapshotKind, source_partition};
pub use resumable::{PartlySent, ResumablePosition};
pub use snapshot_frontier::{SnapshotFrontier, TableFrontier, TablePlace};
pub use streamed::StreamedPosition;
