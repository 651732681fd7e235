//! [`lost_position`]: whether a server can still go on at a stored position.

use uuid::Uuid;

use super::availability::{DumpStart, dump_start};
use super::connection::Connection;
use super::executed::{ExecutedState, has_binlog};
use super::version::ServerVersion;
use crate::error::{ErrorKind, MySqlError};
use crate::position::ResumablePosition;

/// Why the server has nothing that goes on at `position`; `None` if it has.
pub fn lost_position(
    session: &mut Connection,
    position: &ResumablePosition,
    is_wanted: &dyn Fn(&Uuid) -> bool,
) -> Result<Option<MySqlError>, MySqlError> {
    let version = ServerVersion::read(session)?;
    let state = ExecutedState::read(session, &version)?;
    let position = position.clone().past(&state.purged, is_wanted);
    match dump_start(&position, &state, is_wanted) {
        Ok(DumpStart::AllBut(_)) => Ok(None),
        Ok(DumpStart::From(place)) if has_binlog(session, &place.file)? => Ok(None),
        Ok(DumpStart::From(place)) => Ok(Some(MySqlError::position(format!(
            "server {} no longer has the binlog file of the stored position {place}",
            state.server_uuid
        )))),
        Err(error) if error.kind() == ErrorKind::Position => Ok(Some(error)),
        Err(error) => Err(error),
    }
}
