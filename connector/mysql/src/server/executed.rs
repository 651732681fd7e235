//! [`ExecutedState`]: how far a server's own history has come.

use uuid::Uuid;

use super::connection::Connection;
use super::version::ServerVersion;
use crate::error::MySqlError;
use crate::position::{BinlogPosition, GtidSet};

/// Whether a server names its transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GtidMode {
    /// All of them: a stream can be asked for by set.
    On,
    /// Not all (`ON_PERMISSIVE`, `OFF_PERMISSIVE`), or none: a stream is asked for by file and position.
    Off,
}

/// A server's history at one moment, *if* nothing is committed while it is read: the parts are read one after the other,
/// and a transaction is in the engine's tables before it is in `gtid_executed`. Under a lock they agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutedState {
    /// Whether transactions have GTIDs.
    pub gtid_mode: GtidMode,
    /// All transactions the server has.
    pub executed: GtidSet,
    /// Those of them whose events it no longer has.
    pub purged: GtidSet,
    /// The server's identity.
    pub server_uuid: Uuid,
    /// The end of its binlog.
    pub binlog: BinlogPosition,
}

impl ExecutedState {
    /// Reads the state.
    pub fn read(connection: &mut Connection, version: &ServerVersion) -> Result<ExecutedState, MySqlError> {
        // As system variables: SHOW VARIABLES cuts long sets off.
        let sql = "SELECT @@GLOBAL.gtid_mode, @@GLOBAL.gtid_executed, @@GLOBAL.gtid_purged, @@GLOBAL.server_uuid";
        let row: Option<(String, String, String, String)> = connection.first(sql)?;
        let Some((mode, executed, purged, server_uuid)) = row else {
            return Err(unreadable(connection, "gtid_executed"));
        };
        Ok(ExecutedState {
            gtid_mode: if mode.eq_ignore_ascii_case("ON") {
                GtidMode::On
            } else {
                GtidMode::Off
            },
            executed: parse(connection, "gtid_executed", &executed)?,
            purged: parse(connection, "gtid_purged", &purged)?,
            server_uuid: parse(connection, "server_uuid", &server_uuid)?,
            binlog: read_end_of_binlog(connection, version)?,
        })
    }

    /// The executed set where it is what a stream is asked for by.
    pub fn gtids(&self) -> Option<GtidSet> {
        (self.gtid_mode == GtidMode::On).then(|| self.executed.clone())
    }
}

/// Where the server writes next.
pub fn read_end_of_binlog(connection: &mut Connection, version: &ServerVersion) -> Result<BinlogPosition, MySqlError> {
    let rows: Vec<mysql_async::Row> = connection.rows(version.binary_log_status_statement())?;
    let position = rows.first().and_then(|row| {
        let file = row.get_opt::<String, _>(0)?.ok()?;
        let position = row.get_opt::<u64, _>(1)?.ok()?;
        Some(BinlogPosition { file, position })
    });
    position.ok_or_else(|| {
        let address = connection.address();
        MySqlError::server(format!("MySQL at {address} writes no binlog; start it with --log-bin"))
    })
}

/// Whether the server still has this file of its binlog.
pub fn has_binlog(connection: &mut Connection, file: &str) -> Result<bool, MySqlError> {
    let rows: Vec<mysql_async::Row> = connection.rows("SHOW BINARY LOGS")?;
    let is_it = |row: &mysql_async::Row| matches!(row.get_opt::<String, _>(0), Some(Ok(name)) if name == file);
    Ok(rows.iter().any(is_it))
}

fn parse<T: std::str::FromStr>(connection: &Connection, variable: &str, text: &str) -> Result<T, MySqlError> {
    text.parse().map_err(|_| unreadable(connection, variable))
}

fn unreadable(connection: &Connection, variable: &str) -> MySqlError {
    MySqlError::server(format!(
        "MySQL at {} has no usable value of {variable}",
        connection.address()
    ))
}
