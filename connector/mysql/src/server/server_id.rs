//! The connector's number among the replicas of a server.
//!
//! Two replicas with one number end each other's streams, over and over. Readers of ours register themselves, so that
//! `SHOW REPLICAS` tells which numbers are taken; Debezium's readers do, too.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use mysql_async::Row;
use uuid::Uuid;

use super::connection::Connection;
use super::version::ServerVersion;
use crate::error::MySqlError;

/// Numbers that are leased begin here: far above what people give to servers by hand.
const FIRST_LEASED: u32 = 1 << 31;

/// A number that neither the server nor any of its replicas has, for a configuration without `database.server.id`.
pub fn lease_server_id(connection: &mut Connection) -> Result<u32, MySqlError> {
    let taken = taken(connection)?;
    loop {
        let candidate = FIRST_LEASED | Uuid::new_v4().as_u128() as u32;
        if !taken.contains_key(&candidate) {
            return Ok(candidate);
        }
    }
}

/// How long a number is waited for that another replica has: the server notices the end of a connection that was closed just
/// now at its next heartbeat, and a connector that was deleted has to stop first.
const PATIENCE: Duration = Duration::from_secs(15);
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// Waits until no replica other than `ours` has the number `server_id`, or until `is_stopping`.
///
/// # Errors
/// If it has it for too long, or the server itself has it. Asked again, it may succeed.
pub fn await_server_id(
    connection: &mut Connection,
    server_id: u32,
    ours: Uuid,
    is_stopping: &dyn Fn() -> bool,
) -> Result<(), MySqlError> {
    let began = Instant::now();
    loop {
        let checked = check_server_id(connection, server_id, ours);
        if checked.is_ok() || is_stopping() || began.elapsed() > PATIENCE {
            return checked;
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
}

fn check_server_id(connection: &mut Connection, server_id: u32, ours: Uuid) -> Result<(), MySqlError> {
    let taken = taken(connection)?;
    match taken.get(&server_id) {
        // A predecessor's connection that the server has not given up yet: ours will end it.
        // That of somebody else may be given up in a moment, too: a connector that was stopped or deleted just now.
        Some(owner) if owner.parse() != Ok(ours) => Err(MySqlError::connection(format!(
            "server id {server_id} is taken at MySQL {} by {owner}: if it is not free soon, give the \
             connector another database.server.id, or leave the key out",
            connection.address()
        ))),
        _ => Ok(()),
    }
}

/// The numbers in use and who has them.
fn taken(connection: &mut Connection) -> Result<BTreeMap<u32, String>, MySqlError> {
    let version = ServerVersion::read(connection)?;
    let own: Option<u32> = connection.first("SELECT @@GLOBAL.server_id")?;
    let mut taken: BTreeMap<u32, String> = own.map(|id| (id, "the server itself".to_owned())).into_iter().collect();
    let replicas: Vec<Row> = connection.rows(version.replicas_statement())?;
    for replica in &replicas {
        // Server_Id, Host, Port, Source_Id, Replica_UUID.
        let id: Option<u32> = replica.get_opt(0).and_then(Result::ok);
        let uuid: Option<String> = replica.get_opt(4).and_then(Result::ok);
        if let Some(id) = id {
            taken.insert(id, uuid.unwrap_or_else(|| "a replica without a uuid".to_owned()));
        }
    }
    Ok(taken)
}
