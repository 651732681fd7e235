//! [`Connection`]: a SQL session, used by one thread that waits for every answer.
//!
//! Its session variables do not depend on how the server is configured, so that the same table reads the same everywhere:
//! UTC, utf8mb4, no SQL modes that change how statements are printed or values are padded.
//!
//! The calling thread must stand in a tokio runtime's context (`Handle::enter`) and must not be one of its workers.

use std::collections::HashMap;
use std::error::Error;
use std::pin::pin;
use std::time::Duration;

use mysql_async::prelude::{FromRow, Queryable};
use mysql_async::{Conn, DriverError, Error as SqlError, IoError, OptsBuilder, Row, ServerError};
use tokio::runtime::Handle;

use super::options::{ConnectionOptions, SslMode};
use super::tls::TlsMaterial;
use super::version::ServerVersion;
use crate::error::{ErrorKind, MySqlError};

/// Packets of the server up to the protocol's own limit are taken; the server's setting limits what it sends.
const MAX_PACKET: usize = 1 << 30;
/// A peer that vanished is noticed by the kernel's probes, also while a statement runs for hours.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// The connection attribute by which a task finds sessions of its own that outlived it.
pub(super) const TASK_ATTRIBUTE: &str = "rowmill_task";
/// "Access denied; you need the RELOAD privilege", and its relatives for accounts, databases and tables.
pub(crate) const ACCESS_DENIED: [u16; 4] = [1227, 1044, 1045, 1142];
/// How long an answer may take that is not said to take longer. The longest are those about all tables of a server.
pub(crate) const ANSWER: Duration = Duration::from_secs(300);
/// Between two looks at whether an answer is still wanted.
const LOOK: Duration = Duration::from_millis(100);

/// The session's variables.
///
/// A worker that vanished without a word leaves its sessions behind, and with them what they hold: the metadata lock of the
/// table that is read, a view that keeps old rows alive. So the server waits minutes for us, not hours: longer than Kafka lets
/// a snapshot wait before it begins a new attempt (`delivery.timeout.ms`, two minutes). Who has to be idle for longer says so
/// ([`Connection::may_be_idle_for`]).
///
/// MariaDB, which is refused by name as soon as it has let us in, skips what stands in the comment and does not know it
/// (<https://mariadb.com/docs/server/reference/sql-structure/sql-language-structure/comment-syntax>).
const SESSION: [&str; 2] = [
    "SET NAMES utf8mb4",
    "SET SESSION time_zone = '+00:00', sql_mode = '', sql_auto_is_null = 0, sql_quote_show_create = 1, \
     sql_select_limit = DEFAULT, /*!50708 max_execution_time = 0, */ wait_timeout = 600, net_write_timeout = 300, \
     net_read_timeout = 600, autocommit = 1",
];

/// A session on a server. One that is dropped is hung up: the server ends what it is doing for us.
pub struct Connection {
    line: Line,
    runtime: Handle,
    address: String,
    limit: Duration,
}

/// The driver's connection.
struct Line(Option<Conn>);

impl Line {
    fn conn(&mut self) -> &mut Conn {
        self.0
            .as_mut()
            .expect("the line is there until the connection is closed")
    }
}

impl Drop for Line {
    /// The driver says goodbye only after it has read what is left of a result, be it the rest of a table, if it is dropped where
    /// a runtime is at hand. On a thread without one it just closes the socket, and the server notices at its next write.
    fn drop(&mut self) {
        if let Some(conn) = self.0.take() {
            std::thread::spawn(move || drop(conn));
        }
    }
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
        let mut connection = Connection {
            line: Line(Some(conn)),
            runtime,
            address,
            limit: ANSWER,
        };
        ServerVersion::read(&mut connection)?.expect_mysql(&connection.address)?;
        Ok(connection)
    }

    /// `host:port`, for errors.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The connection's number on the server, for `KILL`.
    pub fn id(&self) -> u32 {
        self.line.0.as_ref().map_or(0, Conn::id)
    }

    /// Lets the session be idle for `limit`, in whole seconds and at least one, before the server ends it.
    pub fn may_be_idle_for(&mut self, limit: Duration) -> Result<(), MySqlError> {
        self.execute(&format!("SET SESSION wait_timeout = {}", limit.as_secs().max(1)))
    }

    /// From now on an answer that takes longer than this counts as lost. A connection that has lost one is of no use.
    pub fn answers_within(&mut self, limit: Duration) {
        self.limit = limit;
    }

    /// Runs a statement that has no result.
    pub fn execute(&mut self, sql: &str) -> Result<(), MySqlError> {
        let answer = self.line.conn().query_drop(sql);
        answer_within(self.limit, &self.runtime, &self.address, sql, answer)
    }

    /// Runs a statement that has no result for as long as its answer `is_wanted`; `None` if it came to no end. Then the
    /// connection is of no use, and the server may still be at it.
    pub fn execute_while(&mut self, sql: &str, is_wanted: &dyn Fn() -> bool) -> Option<Result<(), SqlError>> {
        let mut statement = pin!(self.line.conn().query_drop(sql));
        self.runtime.block_on(async {
            loop {
                match tokio::time::timeout(LOOK, &mut statement).await {
                    Ok(result) => return Some(result),
                    Err(_) if is_wanted() => {}
                    Err(_) => return None,
                }
            }
        })
    }

    /// Every row of a small result.
    pub fn rows<T: FromRow + Send + 'static>(&mut self, sql: &str) -> Result<Vec<T>, MySqlError> {
        let answer = self.line.conn().query::<Row, _>(sql);
        let rows = answer_within(self.limit, &self.runtime, &self.address, sql, answer)?;
        rows.into_iter().map(|row| from_row(&self.address, sql, row)).collect()
    }

    /// Every row of a small result, or how the server refuses it.
    pub fn rows_if_allowed<T: FromRow + Send + 'static>(
        &mut self,
        sql: &str,
    ) -> Result<Result<Vec<T>, ServerError>, MySqlError> {
        let answer = self.line.conn().query::<Row, _>(sql);
        let answer = async {
            match answer.await {
                Err(SqlError::Server(refusal)) => Ok(Err(refusal)),
                answer => answer.map(Ok),
            }
        };
        match answer_within(self.limit, &self.runtime, &self.address, sql, answer)? {
            Err(refusal) => Ok(Err(refusal)),
            Ok(rows) => rows
                .into_iter()
                .map(|row| from_row(&self.address, sql, row))
                .collect::<Result<_, _>>()
                .map(Ok),
        }
    }

    /// What a refusal means that is not expected.
    pub fn refused(&self, sql: &str, refusal: ServerError) -> MySqlError {
        sql_error(&self.address, sql, SqlError::Server(refusal))
    }

    /// The first row of a small result.
    pub fn first<T: FromRow + Send + 'static>(&mut self, sql: &str) -> Result<Option<T>, MySqlError> {
        self.first_within(self.limit, sql)
    }

    /// The first row of a small result that has to come within `limit`. After a failure the connection is of no use.
    pub fn first_within<T: FromRow + Send + 'static>(
        &mut self,
        limit: Duration,
        sql: &str,
    ) -> Result<Option<T>, MySqlError> {
        let answer = self.line.conn().query_first::<Row, _>(sql);
        let row = answer_within(limit, &self.runtime, &self.address, sql, answer)?;
        row.map(|row| from_row(&self.address, sql, row)).transpose()
    }

    /// The driver's connection and the runtime to wait on, for results too large to hold. Errors go through
    /// [`Connection::error`].
    pub fn driver(&mut self) -> (&mut Conn, &Handle) {
        (self.line.conn(), &self.runtime)
    }

    /// What an error of the driver means, while `sql` ran.
    pub fn error(&self, sql: &str, error: SqlError) -> MySqlError {
        sql_error(&self.address, sql, error)
    }

    /// Says goodbye to the server, which then ends the session at once. Errors do not matter any more.
    pub fn close(mut self) {
        if let Some(conn) = self.line.0.take() {
            let goodbye = async { tokio::time::timeout(Duration::from_secs(1), conn.disconnect()).await };
            let _ = self.runtime.block_on(goodbye);
        }
    }
}

/// A network that dropped the route says nothing at all, and a proxy in between keeps the connection alive.
fn answer_within<T>(
    limit: Duration,
    runtime: &Handle,
    address: &str,
    sql: &str,
    answer: impl Future<Output = Result<T, SqlError>>,
) -> Result<T, MySqlError> {
    match runtime.block_on(async { tokio::time::timeout(limit, answer).await }) {
        Ok(answer) => answer.map_err(|error| sql_error(address, sql, error)),
        Err(_) => Err(MySqlError::connection(format!(
            "MySQL at {address} did not answer within {} s ({})",
            limit.as_secs_f32(),
            short(sql)
        ))),
    }
}

fn opts(options: &ConnectionOptions, tls: Option<&TlsMaterial>) -> OptsBuilder {
    // What reading depends on is set last. The driver begins with the last one.
    let own = SESSION.iter().map(|statement| (*statement).to_owned());
    let setup: Vec<String> = own.chain(options.initial_statements.iter().rev().cloned()).collect();
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
        .connect_attributes(connect_attributes(options))
        .setup(setup)
}

/// What an operator sees of the session in `performance_schema.session_connect_attrs`.
pub fn connect_attributes(options: &ConnectionOptions) -> HashMap<String, String> {
    let task = options.task.map(|task| (TASK_ATTRIBUTE, task.to_string()));
    let program = [
        ("program_name", "rowmill".to_owned()),
        ("program_version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    let attributes = program.into_iter().chain(task);
    attributes.map(|(name, value)| (name.to_owned(), value)).collect()
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
    let error = sql_error(address, "connecting", error);
    if is_an_answer && !options.initial_statements.is_empty() {
        return error.advised(format_args!(
            "if it is not about the log-in, it is about a statement of database.initial.statements"
        ));
    }
    match &options.ssl.keystore {
        Some(store) if !is_an_answer && error.kind() == ErrorKind::Connection => error.advised(format_args!(
            "if it always does, the server may refuse the certificate of database.ssl.keystore ({}): its ssl_ca must have the \
             authority that signed it",
            store.display()
        )),
        _ => error,
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
