//! [`ConnectionOptions`]: how to reach a MySQL server.

use std::path::PathBuf;
use std::time::Duration;

use connector_api::config::Password;
use uuid::Uuid;

/// Address, account and TLS of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionOptions {
    /// `database.hostname`.
    pub hostname: String,
    /// `database.port`.
    pub port: u16,
    /// `database.user`.
    pub user: String,
    /// `database.password`; empty without one.
    pub password: Password,
    /// `database.ssl.*`.
    pub ssl: SslOptions,
    /// `connect.timeout.ms`: for the address, the TCP connection, TLS and the log-in together.
    pub connect_timeout: Duration,
    /// `database.initial.statements`: run first in every SQL session.
    pub initial_statements: Vec<String>,
    /// Whose the sessions are: the same at every start of a task, `None` for those that only look.
    pub task: Option<Uuid>,
}

impl ConnectionOptions {
    /// `host:port`, as errors write it.
    pub fn address(&self) -> String {
        format!("{}:{}", self.hostname, self.port)
    }
}

/// `database.ssl.*`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SslOptions {
    /// `database.ssl.mode`.
    pub mode: SslMode,
    /// `database.ssl.truststore`: certificates of authorities to trust, instead of the system's. PEM or PKCS12.
    pub truststore: Option<PathBuf>,
    /// `database.ssl.truststore.password`.
    pub truststore_password: Password,
    /// `database.ssl.keystore`: our own certificate and key. PEM (both in one file) or PKCS12.
    pub keystore: Option<PathBuf>,
    /// `database.ssl.keystore.password`.
    pub keystore_password: Password,
}

/// How far TLS is demanded and checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SslMode {
    /// Never TLS.
    Disabled,
    /// TLS if the server offers it, unchecked; plain otherwise.
    #[default]
    Preferred,
    /// TLS, unchecked.
    Required,
    /// TLS, and the server's certificate must come from a trusted authority.
    VerifyCa,
    /// TLS, a trusted certificate, and it must be for this host.
    VerifyIdentity,
}

impl SslMode {
    /// Whether a plain connection is acceptable when the server has no TLS.
    pub fn allows_plain(self) -> bool {
        matches!(self, SslMode::Disabled | SslMode::Preferred)
    }

    /// Whether the server's certificate is checked.
    pub fn verifies_certificate(self) -> bool {
        matches!(self, SslMode::VerifyCa | SslMode::VerifyIdentity)
    }
}
