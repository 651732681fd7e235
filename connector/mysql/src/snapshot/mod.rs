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
//! # Without a lock
//! The engine commits a transaction after it is in the binlog and before `gtid_executed` has it. So a set that is read *after* the
//! view opened is wrong: the view can hold transactions that the set does not. With `snapshot.locking.mode=none` the set L is read
//! *before*, and the end of the binlog H *after* ([`View::open_without_lock`](View)). Everything in L is in the view, everything in
//! the view is before H, and of the transactions in between nobody knows. The stream begins at L and so brings all of them; what
//! must not come as well is the view's row of a key that one of them touches. Their keys are therefore read from the binlog before
//! the first row is, and such rows are left out ([`TouchedKeys`]). Then
//!
//! - a row that no transaction in between touches is in the view as of L, and its later changes are in the stream behind L;
//! - of a row that one touches, the first event is that change, with the row before it and after it; none is missing, since L is
//!   before all of them, and none comes twice, since the row was left out.
//!
//! So the invariant holds at L, but for rows whose first event is still ahead. A resumed snapshot catches up with the *set* L2 of
//! its fresh view, where that is so again: of rows at or below the frontier, those that were left out have had their changes
//! emitted on the way, and changes above it are in L2 and therefore in the view. It must arrive at exactly L2. A server that names
//! transactions in another order than the binlog's (`binlog_order_commits=OFF`) can show one outside of L2 before the last one
//! inside, and what was dropped of it is perhaps not in the view: then another view is opened.
//!
//! *Definitions* are read before L, from a set L0 on, and are those of the view unless the binlog has, between L0 and H, a statement
//! about a captured table. *Names*: a statement that was counted before they are watched, and waits for a reader, would give a
//! name to another table afterwards; so each captured table is asked for once, which waits behind such a statement. *Prepared XA
//! transactions* are waited for, and looked for again after H; one whose end is in between has left its rows before L, perhaps, and
//! not in the view. *Rows without a key* that tells them apart cannot be left out. Where one of these is met, the moment will not
//! do, and another one is tried. Nothing is kept of all this: the next start finds its own moment.
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
mod scan_plan;
mod scanned_rows;
mod text_order;
mod touched_keys;
mod unlocked_view;
mod view;
mod view_session;

pub use captured_by::CapturedBy;
pub use collations::collations;
pub use copies::Copies;
pub use engines::{TableWithoutViews, finding_about, tables_without_views};
pub use filter::{FrontierFilter, Verdict, order_of_frontier};
pub use key_collector::KeyCollector;
pub use key_order::KeyOrder;
pub use lock_request::LockRequest;
pub use scan::{Step, TableScan};
pub use scan_plan::ScanPlan;
pub use scanned_rows::ScannedRows;
pub use touched_keys::{TouchedKeys, identity};
pub use view::{Moment, View};
pub use view_session::ViewSession;
