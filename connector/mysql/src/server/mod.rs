//! The server over SQL: connecting to it, what it is, and whether it is set up for a change stream.

mod availability;
mod cascades;
mod connection;
mod executed;
mod grants;
mod lost_position;
mod options;
mod predecessors;
mod prepared;
mod prerequisites;
mod server_id;
mod side_effects;
pub(crate) mod tls;
mod version;

pub use availability::{DumpStart, dump_start};
pub(crate) use connection::{ACCESS_DENIED, ANSWER, is_transient, sql_error, tls_error};
pub use connection::{Connection, connect_attributes};
pub use executed::{ExecutedState, has_binlog, read_end_of_binlog};
pub use lost_position::lost_position;
pub use options::{ConnectionOptions, SslMode, SslOptions};
pub use predecessors::end_predecessors;
pub use prepared::has_prepared_transactions;
pub use prerequisites::{Finding, Purpose, check_prerequisites, prerequisites};
pub use server_id::{await_server_id, lease_server_id};
pub use side_effects::{SideEffects, Suspects, side_effects};
pub use version::ServerVersion;
