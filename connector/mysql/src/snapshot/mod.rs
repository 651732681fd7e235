//! A snapshot is a frontier that moves through the keys.
//!
//! **Invariant: everything at or below the frontier is in the topics as of the stream position; nothing above it is.** The
//! source offset holds the stream position, the finished tables and the key read last of the table in progress, and it
//! commits in the same Kafka transaction as the rows. So a snapshot that was interrupted is resumed, never repeated:
//! no row comes twice, and a row that was deleted between the attempts gets its delete.
//!
//! **First start.** Under a read lock ([`ReadLock`](lock::ReadLock)) that is held only while the view opens ([`View`]): the consistent view,
//! the executed set, file and position, the table definitions. Then the lock goes, and the tables are read one by one in
//! the order of their keys ([`TableScan`]).
//!
//! **Resumed.** A fresh view is opened at set G2. The stream is read from the stored position to exactly G2, and what it
//! says is emitted for finished tables and for keys at or below the frontier, while the rest is dropped: the view holds it
//! ([`FrontierFilter`]). A change of the key is judged half by half. Then the tables are read on behind the frontier from
//! the view, and the stream goes on at G2. A crash anywhere repeats these steps from the new offset.
//!
//! The order of keys is MySQL's own, with its zero dates and collations, and the frontier names the definition that the
//! order depends on: the key of another definition is refused. A table without a key, or with one whose order cannot be told
//! from its values ([`KeyOrder`]), is read again from its start if it was in progress: its rows can come twice, and what the
//! stream says is gone from it is emitted.
//!
//! Reading the executed set *after* opening a view without a lock would be wrong: the engine commits before
//! `gtid_executed` grows, so the view can hold transactions that the set does not.
//!
//! # Which tables are finished
//! A server has any number of tables, and the offset is written several times a second. So it does not name the finished
//! tables. They are read in the order of their names, and it holds how far that has come: *every captured table up to this
//! one* ([`FinishedTables`](crate::position::FinishedTables)). "Up to this one" is asked of tables that were not there when it
//! was written, and the answer has to be right for them, too:
//!
//! - **Created since**, with a name before the place: all of its rows are in the stream behind the stored position. It counts
//!   as finished, so they are emitted, and nothing is left to be read. (With a name behind the place it is read from the view,
//!   and what the stream says of it is dropped, as of any table.)
//! - **Renamed since.** A finished table is one that is streamed, and stays that under another name, as it does after a
//!   snapshot. Rows that are in no topic yet, because their table was unread or was not captured, are not in the stream
//!   either: the name that they got is remembered as *unread*, also if it was a finished one
//!   ([`FrontierFilter::rename`]). There are as many of these as such statements while the snapshot was interrupted, and each
//!   is forgotten when it is read.
//! - **Captured by other lists since.** The place is stored with the lists of captured tables by which tables were read, as a
//!   text, and a table is finished only if each of them captures it, those of every attempt since ([`CapturedBy`]): what an
//!   earlier list left out was not read, and what was left out for a while was not followed. Lists of more than some hundred
//!   bytes are stored as a digest, which tells that they were changed but not what they captured; then the task asks for them
//!   back, or for a new snapshot.
//! - **Finished before its turn.** The table in progress is read to its end before new ones that sort before it, because there
//!   is one frontier within a table. Until those are read it stands *apart*, by its name; there is one for each interruption.
//!   So do all finished tables in an offset of an earlier release, which named them one by one, until the first table that is
//!   read makes a place of them.
//!
//! # What a view does not keep
//! *Names* (`identity`): a name is held, and compared with what it meant when the view opened, before its table is read, and
//! let go as soon as it is ([`ViewSession`]). *Tables of engines without versions of rows* ([`Copies`]): they are copied
//! while the lock is held.

mod captured_by;
mod collations;
mod copies;
mod engines;
mod filter;
mod identity;
mod key_collector;
mod key_order;
mod lock;
mod lock_request;
mod lock_session;
mod long_statement;
mod prepared;
mod reader;
mod row_batch;
mod scan;
mod scanned_rows;
mod text_order;
mod view;
mod view_session;

pub use captured_by::CapturedBy;
pub use collations::collations;
pub use copies::Copies;
pub use engines::{finding_about, tables_without_views};
pub use filter::{FrontierFilter, Verdict, order_of_frontier};
pub use key_collector::KeyCollector;
pub use key_order::KeyOrder;
pub use scan::{Step, TableScan};
pub use scanned_rows::ScannedRows;
pub use view::View;
pub use view_session::ViewSession;
