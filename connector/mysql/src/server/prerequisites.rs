//! [`check_prerequisites`]: whether a server is set up for a change stream, every finding with the statement that mends it.

use std::collections::HashMap;
use std::fmt;

use super::connection::Connection;
use super::grants::Grants;
use super::version::ServerVersion;
use crate::error::MySqlError;

/// Something about a server that should be otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether nothing works without it.
    pub is_required: bool,
    /// What is so.
    pub message: String,
    /// What changes it.
    pub remedy: String,
}

impl Finding {
    fn required(message: impl Into<String>, remedy: impl Into<String>) -> Option<Finding> {
        Some(Finding {
            is_required: true,
            message: message.into(),
            remedy: remedy.into(),
        })
    }

    fn advice(message: impl Into<String>, remedy: impl Into<String>) -> Option<Finding> {
        Some(Finding {
            is_required: false,
            message: message.into(),
            remedy: remedy.into(),
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (remedy: {})", self.message, self.remedy)
    }
}

/// What the checks look at.
struct Facts {
    /// Global variables, by name; short ones only, `SHOW VARIABLES` cuts long values off.
    variables: HashMap<String, String>,
    grants: Grants,
    /// The account we are, as a GRANT names it.
    account: String,
    /// The number we are to have among its replicas.
    our_server_id: Option<u32>,
}

impl Facts {
    fn read(connection: &mut Connection, our_server_id: Option<u32>) -> Result<Facts, MySqlError> {
        let version = ServerVersion::read(connection)?;
        let variables: Vec<(String, String)> = connection.rows(
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('log_bin', 'binlog_format', 'binlog_row_image', \
             'binlog_row_value_options', 'gtid_mode', 'server_id', 'binlog_expire_logs_seconds')",
        )?;
        let grants = Grants::read(connection, &version)?;
        let account: Option<String> = connection.first("SELECT CURRENT_USER()")?;
        Ok(Facts {
            variables: variables.into_iter().collect(),
            grants,
            account: quoted(&account.unwrap_or_default()),
            our_server_id,
        })
    }

    /// A variable's value; `None` where the release does not know it.
    fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }
}

/// `user@host` as `'user'@'host'`. A user's name may hold an @, a host may not.
fn quoted(account: &str) -> String {
    let (user, host) = account.rsplit_once('@').unwrap_or((account, "%"));
    format!("'{}'@'{host}'", user.replace('\'', "''"))
}

/// Every check of a server, in the order in which they are best mended.
const CHECKS: [fn(&Facts) -> Option<Finding>; 11] = [
    log_bin,
    binlog_format,
    binlog_row_image,
    binlog_row_value_options,
    server_id,
    replication_grants,
    select_grant,
    locking_grants,
    gtid_mode,
    retention,
    superfluous_grants,
];

/// What should be otherwise on a server that is to have us as its replica `our_server_id`.
pub fn prerequisites(connection: &mut Connection, our_server_id: Option<u32>) -> Result<Vec<Finding>, MySqlError> {
    let facts = Facts::read(connection, our_server_id)?;
    Ok(CHECKS.iter().filter_map(|check| check(&facts)).collect())
}

/// Fails with every requirement that is not met; what is only advisable is logged.
pub fn check_prerequisites(connection: &mut Connection, our_server_id: Option<u32>) -> Result<(), MySqlError> {
    let (required, advice): (Vec<_>, Vec<_>) = prerequisites(connection, our_server_id)?
        .into_iter()
        .partition(|finding| finding.is_required);
    for Finding { message, remedy, .. } in advice {
        tracing::warn!(server = connection.address(), remedy, "{message}");
    }
    if required.is_empty() {
        return Ok(());
    }
    let required: Vec<String> = required.iter().map(ToString::to_string).collect();
    let address = connection.address();
    Err(MySqlError::server(format!(
        "MySQL at {address} is not set up for a change stream: {}",
        required.join("; ")
    )))
}

fn log_bin(facts: &Facts) -> Option<Finding> {
    match facts.variable("log_bin") {
        Some("ON") => None,
        _ => Finding::required("the server writes no binlog", "start mysqld with --log-bin"),
    }
}

fn binlog_format(facts: &Facts) -> Option<Finding> {
    match facts.variable("binlog_format") {
        None | Some("ROW") => None,
        Some(format) => Finding::required(
            format!("binlog_format is {format}: changes are logged as statements, which cannot be followed"),
            "SET PERSIST binlog_format = 'ROW', and let existing sessions reconnect",
        ),
    }
}

fn binlog_row_image(facts: &Facts) -> Option<Finding> {
    match facts.variable("binlog_row_image") {
        None | Some("FULL") => None,
        Some(image) => Finding::required(
            format!("binlog_row_image is {image}: rows are logged with columns missing"),
            "SET PERSIST binlog_row_image = 'FULL', and let existing sessions reconnect",
        ),
    }
}

fn binlog_row_value_options(facts: &Facts) -> Option<Finding> {
    match facts.variable("binlog_row_value_options") {
        Some(options) if options.contains("PARTIAL_JSON") => Finding::required(
            "binlog_row_value_options has PARTIAL_JSON: JSON columns are logged as differences, which are not supported",
            "SET PERSIST binlog_row_value_options = '', and let existing sessions reconnect",
        ),
        _ => None,
    }
}

fn server_id(facts: &Facts) -> Option<Finding> {
    let ours = facts.our_server_id?;
    if facts.variable("server_id")?.parse() != Ok(ours) {
        return None;
    }
    Finding::required(
        format!("the server itself has the number {ours} that database.server.id gives the connector"),
        "choose another database.server.id, or leave the key out",
    )
}

fn replication_grants(facts: &Facts) -> Option<Finding> {
    let needed = ["REPLICATION SLAVE", "REPLICATION CLIENT"];
    let missing: Vec<&str> = needed
        .into_iter()
        .filter(|privilege| !facts.grants.has_globally(privilege))
        .collect();
    if missing.is_empty() {
        return None;
    }
    let missing = missing.join(", ");
    Finding::required(
        format!("the account lacks {missing}: it cannot read the binlog"),
        format!("GRANT {missing} ON *.* TO {}", facts.account),
    )
}

fn select_grant(facts: &Facts) -> Option<Finding> {
    if facts.grants.has_anywhere("SELECT") {
        return None;
    }
    Finding::required(
        "the account lacks SELECT: it can read neither tables nor their definitions",
        format!("GRANT SELECT ON *.* TO {}, or ON each captured database", facts.account),
    )
}

/// Only a snapshot needs a lock, and says so itself where it cannot get one.
fn locking_grants(facts: &Facts) -> Option<Finding> {
    let grants = &facts.grants;
    if grants.has_globally("RELOAD") || grants.has_globally("FLUSH_TABLES") || grants.has_anywhere("LOCK TABLES") {
        return None;
    }
    Finding::advice(
        "the account has neither RELOAD nor LOCK TABLES: it cannot take a consistent snapshot",
        format!(
            "GRANT RELOAD ON *.* TO {}, or LOCK TABLES on each captured database",
            facts.account
        ),
    )
}

fn gtid_mode(facts: &Facts) -> Option<Finding> {
    match facts.variable("gtid_mode") {
        Some("ON") => None,
        mode => Finding::advice(
            format!(
                "gtid_mode is {}: positions are files and offsets of this server, and no other can take its place",
                mode.unwrap_or("unknown")
            ),
            "SET PERSIST enforce_gtid_consistency = ON, then SET PERSIST gtid_mode = OFF_PERMISSIVE, ON_PERMISSIVE and ON, in turn",
        ),
    }
}

/// A connector that stands still longer than the binlogs are kept has to take its snapshot again.
fn retention(facts: &Facts) -> Option<Finding> {
    const DAY_S: u64 = 86_400;
    let kept: u64 = facts.variable("binlog_expire_logs_seconds")?.parse().ok()?;
    if kept == 0 || kept >= DAY_S {
        return None;
    }
    Finding::advice(
        format!("binlogs are kept for {kept} s only: a connector that stands still longer loses its place"),
        "SET PERSIST binlog_expire_logs_seconds = 604800",
    )
}

fn superfluous_grants(facts: &Facts) -> Option<Finding> {
    let writing = [
        "INSERT",
        "UPDATE",
        "DELETE",
        "CREATE",
        "DROP",
        "ALTER",
        "SUPER",
        "FILE",
        "SHUTDOWN",
        "CREATE USER",
    ];
    let held = facts.grants.held_globally(&writing);
    if held.is_empty() {
        return None;
    }
    let held = held.join(", ");
    Finding::advice(
        format!("the account may do more than a reader needs: {held} on everything"),
        format!("REVOKE {held} ON *.* FROM {}", facts.account),
    )
}

#[cfg(test)]
mod tests;
