//! [`has_prepared_transactions`]: whether XA transactions are prepared on the server.

use super::connection::{ACCESS_DENIED, Connection};
use crate::error::MySqlError;

/// Whether any is prepared; `None` if the account may not know (`XA_RECOVER_ADMIN`).
pub fn has_prepared_transactions(connection: &mut Connection) -> Result<Option<bool>, MySqlError> {
    /// `ER_XAER_RMERR`.
    const REFUSED: u16 = 1401;
    const RECOVER: &str = "XA RECOVER CONVERT XID";
    match connection.rows_if_allowed::<(i64, i64, i64, String)>(RECOVER)? {
        Ok(found) => Ok(Some(!found.is_empty())),
        Err(refusal) if refusal.code == REFUSED || ACCESS_DENIED.contains(&refusal.code) => Ok(None),
        Err(refusal) => Err(connection.refused(RECOVER, refusal)),
    }
}
