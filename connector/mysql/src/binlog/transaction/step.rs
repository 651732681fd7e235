//! [`Step`]: what an event is to the reader of rows.

use crate::binlog::event::{QueryEvent, RowsEvent};
use crate::binlog::table_map::TableMapEvent;

/// What an event is to the reader of rows.
#[derive(Debug, PartialEq)]
pub enum Step<'e, 'a> {
    /// Nothing to do.
    Pass,
    /// An event of a type that we do not know, and that its server marked as one that may be ignored.
    Unknown {
        /// Its type.
        type_code: u8,
    },
    /// A transaction with rows begins; [`TransactionTracker::gtid`](super::TransactionTracker::gtid) and `commit_time_us` are now its own.
    Begin {
        /// The thread that executed it.
        thread_id: u32,
    },
    /// The layout of the rows that follow.
    TableMap(&'e TableMapEvent<'a>),
    /// Rows. For each row change of a captured table, in order: [`next_change`](super::TransactionTracker::next_change), send it if it is
    /// new, [`change_done`](super::TransactionTracker::change_done). Rows of other tables are passed over as a whole.
    Rows(&'e RowsEvent<'a>),
    /// The statement behind the rows that follow.
    RowsQuery(&'e [u8]),
    /// Possibly a definition of a table. Until [`definition_done`](super::TransactionTracker::definition_done) the positions are those before it.
    Definition(&'e QueryEvent<'a>),
    /// A change of rows logged as a statement. There is no way to follow it: it must stop the reader unless it is certain that
    /// no captured table was changed.
    TextChange(&'e QueryEvent<'a>),
    /// A transaction is committed, and in the positions.
    Commit,
    /// The same for one that ends a prepared XA transaction, whose rows came at its PREPARE.
    PreparedEnds(&'e QueryEvent<'a>),
}
