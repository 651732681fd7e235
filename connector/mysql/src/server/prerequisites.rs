//! [`check_prerequisites`]: whether a server is set up for a change stream, every finding with the statement that corrects it.

use std::collections::HashMap;
use std::fmt;

use super::cascades::{Cascade, are_logged, cascades};
use super::connection::Connection;
use super::grants::Grants;
use super::version::ServerVersion;
use crate::error::MySqlError;
use crate::table_id::TableId;

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

/// What the server is to be used for.
pub struct Purpose<'a> {
    /// The number we are to have among its replicas.
    pub server_id: Option<u32>,
    /// Whether a snapshot takes a lock.
    pub locks: bool,
    /// Whether a table is captured.
    pub captures: Box<dyn Fn(&TableId) -> bool + 'a>,
}

/// What the checks look at.
struct Facts {
    version: ServerVersion,
    /// Global variables, by name; short ones only, `SHOW VARIABLES` cuts long values off.
    variables: HashMap<String, String>,
    grants: Grants,
    /// The account we are, as a GRANT names it.
    account: String,
    /// The number we are to have among its replicas.
    our_server_id: Option<u32>,
    /// Whether a snapshot takes a lock.
    locks: bool,
    /// Foreign keys that change rows of captured tables behind the binlog's back.
    hidden_cascades: Vec<Cascade>,
    /// Sessions that have set how their changes are logged: the account, and what it has set.
    other_sessions: Vec<(String, String)>,
}

impl Facts {
    fn read(connection: &mut Connection, purpose: &Purpose<'_>) -> Result<Facts, MySqlError> {
        let version = ServerVersion::read(connection)?;
        let variables: Vec<(String, String)> = connection.rows(
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('log_bin', 'binlog_format', 'binlog_row_image', \
             'binlog_row_value_options', 'gtid_mode', 'server_id', 'binlog_expire_logs_seconds', \
             'innodb_native_foreign_keys')",
        )?;
        let variables: HashMap<String, String> = variables.into_iter().collect();
        let grants = Grants::read(connection, &version)?;
        let account: Option<String> = connection.first("SELECT CURRENT_USER()")?;
        let native_foreign_keys = variables.get("innodb_native_foreign_keys").map(String::as_str);
        let hidden_cascades = match are_logged(&version, native_foreign_keys) {
            true => Vec::new(),
            false => cascades(connection)?,
        };
        let concerned = hidden_cascades.into_iter();
        let concerned = concerned.filter(|cascade| (purpose.captures)(&cascade.child));
        Ok(Facts {
            version,
            variables,
            hidden_cascades: concerned.collect(),
            other_sessions: sessions_that_log_otherwise(connection)?,
            grants,
            account: quoted(&account.unwrap_or_default()),
            our_server_id: purpose.server_id,
            locks: purpose.locks,
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

/// Every check of a server, in the order in which they are best corrected.
const CHECKS: [fn(&Facts) -> Option<Finding>; 13] = [
    log_bin,
    binlog_format,
    binlog_row_image,
    binlog_row_value_options,
    other_sessions,
    hidden_cascades,
    server_id,
    replication_grants,
    select_grant,
    locking_grants,
    gtid_mode,
    retention,
    superfluous_grants,
];

/// What should be otherwise on a server that is to be used for this.
pub fn prerequisites(connection: &mut Connection, purpose: &Purpose<'_>) -> Result<Vec<Finding>, MySqlError> {
    let facts = Facts::read(connection, purpose)?;
    Ok(CHECKS.iter().filter_map(|check| check(&facts)).collect())
}

/// Fails with every requirement that is not met; what is only advisable is logged.
pub fn check_prerequisites(connection: &mut Connection, purpose: &Purpose<'_>) -> Result<(), MySqlError> {
    let (required, advice): (Vec<_>, Vec<_>) = prerequisites(connection, purpose)?
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

/// Sessions that are open now and log their changes in a way that cannot be followed.
fn sessions_that_log_otherwise(connection: &mut Connection) -> Result<Vec<(String, String)>, MySqlError> {
    const SESSIONS: &str = "SELECT DISTINCT CONCAT(processlist_user, '@', COALESCE(processlist_host, '')), CONCAT(variable_name, '=', variable_value) \
         FROM performance_schema.variables_by_thread JOIN performance_schema.threads USING (thread_id) \
         WHERE (variable_name, variable_value) IN (('binlog_format', 'STATEMENT'), ('binlog_format', 'MIXED'), \
         ('binlog_row_image', 'MINIMAL'), ('binlog_row_image', 'NOBLOB'), ('binlog_row_value_options', 'PARTIAL_JSON')) \
         AND processlist_user IS NOT NULL ORDER BY 1, 2 LIMIT 100";
    match connection.rows_if_allowed(SESSIONS)? {
        Ok(found) => Ok(found),
        // Without a right to look there is nothing to report; what such a session does stops the task all the same.
        Err(refusal) => {
            tracing::debug!(%refusal, "how sessions log their changes cannot be seen");
            Ok(Vec::new())
        }
    }
}

fn other_sessions(facts: &Facts) -> Option<Finding> {
    if facts.other_sessions.is_empty() {
        return None;
    }
    let sessions = facts.other_sessions.iter();
    let sessions: Vec<String> = sessions
        .map(|(account, setting)| format!("{account} has {setting}"))
        .collect();
    Finding::advice(
        format!(
            "sessions have set how their changes are logged: {}; a change of a captured table that cannot be read from the \
             binlog stops the task",
            sessions.join(", ")
        ),
        "let these sessions keep binlog_format=ROW, binlog_row_image=FULL and binlog_row_value_options=''",
    )
}

fn hidden_cascades(facts: &Facts) -> Option<Finding> {
    const NAMED: usize = 20;
    if facts.hidden_cascades.is_empty() {
        return None;
    }
    let pairs = facts.hidden_cascades.iter().take(NAMED);
    let mut pairs: Vec<String> = pairs
        .map(|cascade| format!("{} (with {})", cascade.child, cascade.parent))
        .collect();
    if facts.hidden_cascades.len() > NAMED {
        pairs.push(format!("and {} more", facts.hidden_cascades.len() - NAMED));
    }
    Finding::advice(
        format!(
            "foreign keys with ON DELETE or ON UPDATE CASCADE or SET NULL change rows of captured tables, and InnoDB carries them \
             out without the binlog, so that these changes are missing in the topics: {}",
            pairs.join(", ")
        ),
        match facts.version.can_log_cascades() {
            true => "SET PERSIST_ONLY innodb_native_foreign_keys = OFF, and restart the server",
            false => {
                "upgrade the server to MySQL 9.6 or later, whose binlog has them, or change the children by statements of \
                 their own in the place of these actions"
            }
        },
    )
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
    if !facts.locks {
        return names_for_an_unlocked_snapshot(facts);
    }
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

/// What a snapshot goes by that takes no lock.
fn names_for_an_unlocked_snapshot(facts: &Facts) -> Option<Finding> {
    if facts.variable("gtid_mode") == Some("ON") {
        return None;
    }
    Finding::advice(
        "a snapshot with snapshot.locking.mode=none goes by the names of transactions, and not all of this server's have one",
        "gtid_mode=ON on the server, or snapshot.locking.mode=minimal",
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
