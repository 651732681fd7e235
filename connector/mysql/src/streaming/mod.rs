//! From the events of the binlog to records.
//!
//! [`Follower`] takes every event in order: rows of captured tables become records, statements go to [`Definitions`], which
//! keeps what is known of tables in step with the stream. [`Replica`] holds the connection the events come from, and gets a
//! new one when it breaks.

mod alterations;
mod change_sender;
mod definitions;
mod follower;
mod former_filter;
mod gap;
mod layouts;
mod omissions;
mod origin;
mod reconnects;
mod replica;
mod row_change;
mod takeovers;
mod text_changes;
mod transaction_metadata;
mod unsent_change;

pub use alterations::AlterationReader;
pub use definitions::{Definitions, ddl_policy};
pub use follower::{Follower, FollowerParts};
pub use former_filter::FormerFilter;
pub use gap::{GapReader, Unsuitable};
pub use replica::{Replica, Round, stream_options};
