//! [`Connection`]: a SQL session, used by one thread that waits for every answer.
//!
//! Its session variables do not depend on how the server is configured, so that the same table reads the same everywhere:
//! UTC, utf8mb4, no SQL modes that change how statements are printed or values are padded.
//!
//! The calling thread must stand in a tokio runtime's context (`Handle::enter`) and must not be one of its workers.

use std::error::Error;
use std::time::Duration;

use mysql_async::prelude::{FromRow, Queryable};
use mysql_async::{Conn, DriverError, Error as SqlError, IoError, OptsBuilder, Row};
use tokio::runtime::Handle;

use super::options::{ConnectionOptions, SslMode};
use super::tls::TlsMaterial;
use crate::error::MySqlError;

/// Packets of the server up to the protocol's own limit are taken; the server's setting limits what it sends.
const MAX_PACKET: usize = 1 << 30;
/// A peer that vanished is noticed by the kernel's probes, also while a statement runs for hours.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// The session's variables. The time-outs are long because a reader that waits for Kafka keeps the server waiting.
const SESSION: [&str; 2] = [
    "SET NAMES utf8mb4",
    "SET SESSION time_zone = '+00:00', sql_mode = '', sql_auto_is_null = 0, sql_quote_show_create = 1, \
     sql_select_limit = DEFAULT, max_execution_time = 0, wait_timeout = 86400, net_write_timeout = 86400, \
     net_read_timeout = 600",
];

/// A session on a server.
pub struct Connection {
    conn: Conn,
    runtime: Handle,
    address: String,
}

impl Connection {
    /// Connects, logs in and sets the session's variables.
    pub fn open(options: &ConnectionOptions) -> Result<Connection, MySqlError> {
        let runtime = Handle::current();
        let tls = TlsMaterial::load(&options.ssl)?;
        let address = options.address();
        let attempt = |tls: Option<&TlsMaterial>| {
            let conn = Conn::new(opts(options, tls));
            let conn = runtime.block_on(async { tokio::time::timeout(options.connect_timeout, conn).await });
            conn.map_err(|_| {
                let waited = options.connect_timeout.as_millis();
                MySqlError::connection(format!("MySQL at {address} did not let us in within {waited} ms"))
            })
        };
        let mut opened = attempt(tls.as_ref())?;
        let lacks_tls = matches!(opened, Err(SqlError::Driver(DriverError::NoClientSslFlagFromServer)));
        if lacks_tls && options.ssl.mode == SslMode::Preferred {
            opened = attempt(None)?;
        }
        let conn = opened.map_err(|error| opening_error(options, &address, error))?;
        Ok(Connection { conn, runtime, address })
    }

    /// `host:port`, for errors.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The connection's number on the server, for `KILL`.
    pub fn id(&self) -> u32 {
        self.conn.id()
    }

    /// Runs a statement that has no result.
    pub fn execute(&mut self, sql: &str) -> Result<(), MySqlError> {
        let result = self.runtime.block_on(self.conn.query_drop(sql));
        result.map_err(|error| sql_error(&self.address, sql, error))
    }

    /// Every row of a small result.
    pub fn rows<T: FromRow + Send + 'static>(&mut self, sql: &str) -> Result<Vec<T>, MySqlError> {
        let result = self.runtime.block_on(self.conn.query::<Row, _>(sql));
        let rows = result.map_err(|error| sql_error(&self.address, sql, error))?;
        rows.into_iter().map(|row| from_row(&self.address, sql, row)).collect()
    }

    /// The first row of a small result.
    pub fn first<T: FromRow + Send + 'static>(&mut self, sql: &str) -> Result<Option<T>, MySqlError> {
        let result = self.runtime.block_on(self.conn.query_first::<Row, _>(sql));
        let row = result.map_err(|error| sql_error(&self.address, sql, error))?;
        row.map(|row| from_row(&self.address, sql, row)).transpose()
    }

    /// The first row of a small result that has to come within `limit`. After a failure the connection is of no use.
    pub fn first_within<T: FromRow + Send + 'static>(
        &mut self,
        limit: Duration,
        sql: &str,
    ) -> Result<Option<T>, MySqlError> {
        let query = self.conn.query_first::<Row, _>(sql);
        let result = self
            .runtime
            .block_on(async { tokio::time::timeout(limit, query).await });
        let result = result.map_err(|_| {
            let (address, waited) = (&self.address, limit.as_secs());
            MySqlError::connection(format!(
                "MySQL at {address} did not answer within {waited} s ({})",
                short(sql)
            ))
        })?;
        let row = result.map_err(|error| sql_error(&self.address, sql, error))?;
        row.map(|row| from_row(&self.address, sql, row)).transpose()
    }

    /// The driver's connection and the runtime to wait on, for results too large to hold. Errors go through
    /// [`Connection::error`].
    pub fn driver(&mut self) -> (&mut Conn, &Handle) {
        (&mut self.conn, &self.runtime)
    }

    /// What an error of the driver means, while `sql` ran.
    pub fn error(&self, sql: &str, error: SqlError) -> MySqlError {
        sql_error(&self.address, sql, error)
    }

    /// Says goodbye to the server, which then ends the session at once. Errors do not matter any more.
    pub fn close(self) {
        let Connection { conn, runtime, .. } = self;
        let _ = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(1), conn.disconnect()).await });
    }
}

fn opts(options: &ConnectionOptions, tls: Option<&TlsMaterial>) -> OptsBuilder {
    tls.map_or_else(OptsBuilder::default, TlsMaterial::opts)
        .ip_or_hostname(options.hostname.clone())
        .tcp_port(options.port)
        .user(Some(options.user.clone()))
        .pass(Some(options.password.reveal().to_owned()))
        // A Unix socket would not be the host and port that the user named.
        .prefer_socket(false)
        .tcp_keepalive(Some(KEEPALIVE))
        .tcp_nodelay(true)
        .max_allowed_packet(Some(MAX_PACKET))
        .setup(SESSION.to_vec())
}

fn from_row<T: FromRow>(address: &str, sql: &str, row: Row) -> Result<T, MySqlError> {
    T::from_row_opt(row).map_err(|_| {
        MySqlError::server(format!(
            "MySQL at {address} answered `{}` with other columns than expected",
            short(sql)
        ))
    })
}

/// An error of the log-in. With TLS 1.3 a server may refuse our certificate after the handshake, and then all that we see is a
/// connection that breaks.
fn opening_error(options: &ConnectionOptions, address: &str, error: SqlError) -> MySqlError {
    let is_an_answer = matches!(error, SqlError::Server(_));
    match (sql_error(address, "connecting", error), &options.ssl.keystore) {
        (MySqlError::Connection { message, source }, Some(store)) if !is_an_answer => MySqlError::Connection {
            message: format!(
                "{message}; if it always does, the server may refuse the certificate of database.ssl.keystore ({}): \
                 its ssl_ca must have the authority that signed it",
                store.display()
            ),
            source,
        },
        (error, _) => error,
    }
}

/// Sorts an error by what helps. `doing` is the statement, or what was being done.
pub(crate) fn sql_error(address: &str, doing: &str, error: SqlError) -> MySqlError {
    let doing = short(doing);
    match error {
        SqlError::Server(server) if is_transient(server.code) => MySqlError::connection(format!(
            "MySQL at {address} cannot answer now ({doing}): {}",
            server.message
        )),
        SqlError::Server(server) => MySqlError::server(format!(
            "MySQL at {address} refuses ({doing}): error {}: {}",
            server.code, server.message
        )),
        SqlError::Io(IoError::Tls(tls)) => tls_error(address, tls),
        SqlError::Io(error) => {
            MySqlError::connection(format!("the connection to MySQL at {address} broke ({doing})")).caused_by(error)
        }
        SqlError::Driver(DriverError::NoClientSslFlagFromServer) => MySqlError::server(format!(
            "MySQL at {address} has no TLS, which database.ssl.mode demands; enable it on the server or choose `preferred`"
        )),
        SqlError::Driver(error @ DriverError::UnknownAuthPlugin { .. }) => MySqlError::server(format!(
            "MySQL at {address} asks for a way to log in that is not supported; \
             use an account with caching_sha2_password or mysql_native_password"
        ))
        .caused_by(error),
        SqlError::Driver(DriverError::ConnectionClosed) => {
            MySqlError::connection(format!("MySQL at {address} closed the connection ({doing})"))
        }
        error => MySqlError::connection(format!("the connection to MySQL at {address} is unusable ({doing})"))
            .caused_by(error),
    }
}

/// A TLS failure: a network that broke heals, a certificate does not.
pub(crate) fn tls_error(address: &str, error: impl Error + Send + Sync + 'static) -> MySqlError {
    let causes = || {
        std::iter::successors(
            Some(&error as &(dyn Error + 'static)),
            |error: &&(dyn Error + 'static)| (*error).source(),
        )
    };
    let failure = if causes().any(|cause| cause.is::<std::io::Error>()) {
        MySqlError::connection(format!(
            "the connection to MySQL at {address} broke during the TLS handshake"
        ))
    } else if causes().any(|cause| is_about_the_host(&cause.to_string())) {
        MySqlError::server(format!(
            "the certificate of MySQL at {address} does not name this host, as database.ssl.mode demands; name the host \
             in database.hostname as the certificate does, give the server a certificate that names it, or choose \
             `verify_ca`, which does not look at names"
        ))
    } else {
        MySqlError::server(format!(
            "TLS with MySQL at {address} failed; check database.ssl.mode, database.ssl.truststore and the host name"
        ))
    };
    failure.caused_by(error)
}

/// Whether OpenSSL refused a trusted certificate for the host's sake; only its words tell.
fn is_about_the_host(reason: &str) -> bool {
    reason.contains("hostname mismatch") || reason.contains("IP address mismatch")
}

/// Whether a server error goes away by itself
/// (<https://dev.mysql.com/doc/mysql-errors/en/server-error-reference.html>).
pub(crate) fn is_transient(code: u16) -> bool {
    matches!(
        code,
        1040 // too many connections
        | 1053 // shutdown in progress
        | 1077 | 1079 | 1080 // normal shutdown, shutdown complete, forcing close
        | 1158
            ..=1161 // network read or write failed or timed out
        | 1203 | 1226 // the user's limit of connections or resources is reached
        | 1205 | 1213 // lock wait timeout, deadlock
        | 1317 // the query was interrupted
        | 3169 // the session was killed
        | 4031 // disconnected for inactivity
    )
}

/// A statement's beginning: enough to recognise it, and never the values of its WHERE clause.
fn short(sql: &str) -> &str {
    let sql = sql.split(" WHERE ").next().unwrap_or_default();
    let end = sql.char_indices().nth(60).map_or(sql.len(), |(end, _)| end);
    sql.get(..end).unwrap_or_default()
}
