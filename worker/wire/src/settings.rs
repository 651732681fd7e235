//! Settings, under Java's names and with Java's defaults where nothing else is said.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::record::Compression;

/// Where a broker listens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    pub host: String,
    pub port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// How brokers are reached, and what is asked of them in which time.
#[derive(Clone)]
pub struct ConnectionSettings {
    /// `bootstrap.servers`
    pub bootstrap: Vec<Address>,
    /// `client.id`
    pub client_id: String,
    /// `security.protocol` `SSL` or `SASL_SSL`
    pub tls: Option<Tls>,
    /// `security.protocol` `SASL_PLAINTEXT` or `SASL_SSL`
    pub sasl: Option<Sasl>,
    /// `socket.connection.setup.timeout.ms`: until a connection can be used, with all that belongs to it.
    pub setup_timeout: Duration,
    /// `send.buffer.bytes`; `None`: the system's choice, which is also the default here.
    pub send_buffer: Option<usize>,
    /// `receive.buffer.bytes`; `None`: the system's choice, which is also the default here.
    pub receive_buffer: Option<usize>,
    /// `reconnect.backoff.ms`
    pub reconnect_backoff: Duration,
    /// `reconnect.backoff.max.ms`
    pub reconnect_backoff_max: Duration,
    /// `request.timeout.ms`: a connection that leaves a request open for longer is given up.
    pub request_timeout: Duration,
    /// `retry.backoff.ms`
    pub retry_backoff: Duration,
    /// `retry.backoff.max.ms`
    pub retry_backoff_max: Duration,
    /// `metadata.max.age.ms`, looked at while a transaction is open.
    pub metadata_max_age: Duration,
    /// `allow.auto.create.topics`, `false` by default: whoever writes makes topics first.
    pub auto_create_topics: bool,
}

impl ConnectionSettings {
    /// Java's defaults for these servers.
    pub fn new(bootstrap: Vec<Address>) -> Self {
        ConnectionSettings {
            bootstrap,
            client_id: "rowmill".to_owned(),
            tls: None,
            sasl: None,
            setup_timeout: Duration::from_secs(10),
            send_buffer: None,
            receive_buffer: None,
            reconnect_backoff: Duration::from_millis(50),
            reconnect_backoff_max: Duration::from_secs(1),
            request_timeout: Duration::from_secs(30),
            retry_backoff: Duration::from_millis(100),
            retry_backoff_max: Duration::from_secs(1),
            metadata_max_age: Duration::from_secs(300),
            auto_create_topics: false,
        }
    }
}

/// Who is trusted, and who one is.
#[derive(Clone, Default)]
pub struct Tls {
    /// Certificates in PEM; `None`: those that the system trusts.
    pub trusted: Option<String>,
    /// The client's certificates and its private key (PKCS #8), in PEM.
    pub identity: Option<(String, String)>,
    /// `ssl.endpoint.identification.algorithm=https`
    pub verify_hostname: bool,
}

/// How one logs in.
#[derive(Clone)]
pub enum Sasl {
    Plain {
        username: String,
        password: String,
    },
    Scram {
        hash: ScramHash,
        username: String,
        password: String,
    },
    OauthBearer(Arc<dyn Tokens>),
}

impl Sasl {
    /// `sasl.mechanism`
    pub fn mechanism(&self) -> &'static str {
        match self {
            Sasl::Plain { .. } => "PLAIN",
            Sasl::Scram {
                hash: ScramHash::Sha256,
                ..
            } => "SCRAM-SHA-256",
            Sasl::Scram {
                hash: ScramHash::Sha512,
                ..
            } => "SCRAM-SHA-512",
            Sasl::OauthBearer(_) => "OAUTHBEARER",
        }
    }
}

/// Secrets are not shown.
impl fmt::Debug for Sasl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.mechanism())
    }
}

/// What SCRAM hashes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScramHash {
    Sha256,
    Sha512,
}

/// Gives tokens to log in with. Asked on a thread of its own, for every connection.
pub trait Tokens: Send + Sync {
    /// # Errors
    /// Why there is none. It must not hold secrets.
    fn token(&self) -> Result<Token, String>;
}

/// A token, and what is sent beside it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    pub value: String,
    pub extensions: Vec<(String, String)>,
}

/// What a producer writes with. `acks` is always `all`: nothing else is idempotent.
#[derive(Clone)]
pub struct ProducerSettings {
    pub connection: ConnectionSettings,
    /// `transactional.id`; `None`: an idempotent producer without transactions.
    pub transactional_id: Option<String>,
    /// `transaction.timeout.ms`
    pub transaction_timeout: Duration,
    /// `batch.size`: a batch that has reached it, uncompressed, takes no more records.
    pub batch_size: usize,
    /// `linger.ms`: how long a batch that is not full may wait for more, looked at whenever a record is appended.
    pub linger: Duration,
    /// `max.request.size`: of one request, and so of one batch, uncompressed.
    pub max_request_size: usize,
    /// `buffer.memory`: of all batches, open, waiting and on their way.
    pub buffer_memory: usize,
    /// `max.in.flight.requests.per.connection`: produce requests, at most 5 for idempotence.
    pub max_in_flight: usize,
    /// `delivery.timeout.ms`: from a batch's first record to its acknowledgement.
    pub delivery_timeout: Duration,
    /// `retries`
    pub retries: u32,
    /// `compression.type` and its level
    pub compression: Compression,
}

impl ProducerSettings {
    /// Java's defaults for these connections.
    pub fn new(connection: ConnectionSettings) -> Self {
        ProducerSettings {
            connection,
            transactional_id: None,
            transaction_timeout: Duration::from_secs(60),
            batch_size: 16 << 10,
            linger: Duration::from_millis(5),
            max_request_size: 1 << 20,
            buffer_memory: 32 << 20,
            max_in_flight: 5,
            delivery_timeout: Duration::from_secs(120),
            retries: i32::MAX as u32,
            compression: Compression::None,
        }
    }
}
