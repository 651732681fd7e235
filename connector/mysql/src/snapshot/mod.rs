//! A snapshot is a frontier that moves through the keys.
//!
//! **Invariant: everything at or below the frontier is in the topics as of the stream position; nothing above it is.** The
//! source offset holds the stream position, the finished tables and the key read last of the table in progress, and it
//! commits in the same Kafka transaction as the rows. So a snapshot that was interrupted is resumed, never repeated:
//! no row comes twice, and a row that was deleted between the attempts gets its delete.
//!
//! **First start.** Under a read lock ([`ReadLock`]) that is held only while the view opens ([`View`]): the consistent view,
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

mod collations;
mod filter;
mod identity;
mod key_collector;
mod key_order;
mod lock;
mod lock_session;
mod long_statement;
mod prepared;
mod reader;
mod row_batch;
mod scan;
mod view;

pub use collations::collations;
pub use filter::{FrontierFilter, Verdict, order_of_frontier};
pub use key_collector::KeyCollector;
pub use key_order::{KeyOrder, Side};
pub use lock::{LockRequest, ReadLock};
pub use reader::{Fetched, TableReader};
pub use row_batch::RowBatch;
pub use scan::{Step, TableScan, TextRow};
pub use view::View;
