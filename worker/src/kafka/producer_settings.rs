//! [`producer_settings`]: what a transactional writer's producer is made of.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use wire::{Address, Compression, ConnectionSettings, ProducerSettings, Sasl, ScramHash, Tls};

use super::tokens::TokenSource;
use super::{ClientSettings, Guarantee, Refusal};

/// A batch is that large unless `batch.size` says otherwise. Java's 16 KiB would make a hundred times as many.
const BATCH_SIZE: usize = 1_000_000;
/// A batch that is not full waits at most this long for more, whatever a user sets. A commit sends at once, so this is never
/// waited for.
const LINGER: Duration = Duration::from_secs(1);

/// The settings of a producer that gives this guarantee.
pub(super) fn producer_settings(settings: &ClientSettings, guarantee: &Guarantee) -> Result<ProducerSettings, Refusal> {
    let given = Given(settings);
    given.one_of("acks", &["all", "-1"])?;
    given.one_of("enable.idempotence", &["true", "false"])?;
    let java = ProducerSettings::new(connection(&given)?);
    let transaction_timeout = given.milliseconds("transaction.timeout.ms", java.transaction_timeout)?;
    let transactional_id = match guarantee {
        Guarantee::ExactlyOnce { transactional_id } => Some(transactional_id.clone()),
        Guarantee::AtLeastOnce => None,
    };
    // A record is delivered within its transaction or not at all.
    let longest = transactional_id.as_ref().map_or(Duration::MAX, |_| transaction_timeout);
    Ok(ProducerSettings {
        transactional_id,
        transaction_timeout,
        batch_size: given.number("batch.size", BATCH_SIZE)?,
        linger: LINGER,
        max_request_size: given.number("message.max.bytes", java.max_request_size)?,
        buffer_memory: given.number("queue.buffering.max.kbytes", java.buffer_memory >> 10)? << 10,
        max_in_flight: max_in_flight(&given, java.max_in_flight)?,
        delivery_timeout: given
            .milliseconds("delivery.timeout.ms", java.delivery_timeout)?
            .min(longest),
        retries: given.number("retries", java.retries)?,
        compression: compression(&given)?,
        connection: java.connection,
    })
}

fn max_in_flight(given: &Given<'_>, default: usize) -> Result<usize, Refusal> {
    let key = "max.in.flight.requests.per.connection";
    match given.number(key, default)? {
        requests @ 1..=5 => Ok(requests),
        other => Err(refusal(
            key,
            format!("{other}, and an idempotent producer takes 1 to 5"),
        )),
    }
}

fn connection(given: &Given<'_>) -> Result<ConnectionSettings, Refusal> {
    let java = ConnectionSettings::new(addresses(given)?);
    let buffer = |key| {
        given
            .number(key, 0)
            .map(|bytes: usize| Some(bytes).filter(|bytes| *bytes > 0))
    };
    let (first_retry, longest_retry) = (
        given.milliseconds("retry.backoff.ms", java.retry_backoff)?,
        given.milliseconds("retry.backoff.max.ms", java.retry_backoff_max)?,
    );
    let protocol = given.text("security.protocol").unwrap_or("plaintext");
    Ok(ConnectionSettings {
        client_id: given.text("client.id").map_or(java.client_id, str::to_owned),
        tls: if protocol.ends_with("ssl") {
            Some(tls(given)?)
        } else {
            None
        },
        sasl: if protocol.starts_with("sasl") {
            Some(sasl(given)?)
        } else {
            None
        },
        setup_timeout: given.milliseconds("socket.connection.setup.timeout.ms", java.setup_timeout)?,
        send_buffer: buffer("socket.send.buffer.bytes")?,
        receive_buffer: buffer("socket.receive.buffer.bytes")?,
        reconnect_backoff: given.milliseconds("reconnect.backoff.ms", java.reconnect_backoff)?,
        reconnect_backoff_max: given.milliseconds("reconnect.backoff.max.ms", java.reconnect_backoff_max)?,
        request_timeout: given.milliseconds("request.timeout.ms", java.request_timeout)?,
        retry_backoff: first_retry,
        retry_backoff_max: longest_retry.max(first_retry),
        metadata_max_age: given.milliseconds("metadata.max.age.ms", java.metadata_max_age)?,
        bootstrap: java.bootstrap,
        auto_create_topics: java.auto_create_topics,
    })
}

/// `host:port`, several with commas between them; in front of one can stand a protocol, which says nothing.
fn addresses(given: &Given<'_>) -> Result<Vec<Address>, Refusal> {
    let servers = given.text("bootstrap.servers").unwrap_or_default();
    let servers = servers.split(',').map(str::trim).filter(|server| !server.is_empty());
    let address = |server: &str| {
        let place = server.split_once("://").map_or(server, |(_, place)| place);
        let (host, port) = place.rsplit_once(':')?;
        Some(Address {
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: port.parse().ok()?,
        })
    };
    servers
        .map(|server| {
            address(server).ok_or_else(|| refusal("bootstrap.servers", format!("`{server}` is not host:port")))
        })
        .collect()
}

fn compression(given: &Given<'_>) -> Result<Compression, Refusal> {
    let key = "compression.type";
    Ok(match given.text(key).unwrap_or("none") {
        "none" => Compression::None,
        "gzip" => match given.number("compression.level", -1_i32)? {
            level @ 1..=9 => Compression::Gzip(level.cast_unsigned()),
            // zlib's own default is what -1 stands for.
            -1 => Compression::Gzip(6),
            other => {
                return Err(refusal(
                    "compression.level",
                    format!("gzip has no level {other}: it has 1 to 9, and -1"),
                ));
            }
        },
        "snappy" => Compression::Snappy,
        "lz4" => Compression::Lz4,
        "zstd" => Compression::Zstd(given.number("compression.level", 3)?),
        other => {
            return Err(refusal(
                key,
                format!("`{other}` is none of none, gzip, snappy, lz4 and zstd"),
            ));
        }
    })
}

fn tls(given: &Given<'_>) -> Result<Tls, Refusal> {
    let pem = |text, file| match (given.text(text), given.text(file)) {
        (Some(pem), _) => Ok(Some(pem.to_owned())),
        (None, Some(path)) => std::fs::read_to_string(path)
            .map(Some)
            .map_err(|error| refusal(file, format!("{path} cannot be read: {error}"))),
        (None, None) => Ok(None),
    };
    let chain = pem("ssl.certificate.pem", "ssl.certificate.location")?;
    let key = pem("ssl.key.pem", "ssl.key.location")?;
    let identity = match chain.zip(key) {
        None => None,
        Some((chain, key)) => {
            let file = format!("{chain}\n{key}");
            let identity = key_stores::identity(file.as_bytes(), "", given.text("ssl.key.password"));
            let identity = identity.map_err(|error| refusal("ssl.key.location", format!("what it names {error}")))?;
            Some((identity.chain, identity.key))
        }
    };
    Ok(Tls {
        trusted: pem("ssl.ca.pem", "ssl.ca.location")?,
        identity,
        verify_hostname: given.text("ssl.endpoint.identification.algorithm") != Some("none"),
    })
}

fn sasl(given: &Given<'_>) -> Result<Sasl, Refusal> {
    let credential = |key| given.text(key).unwrap_or_default().to_owned();
    let (username, password) = (credential("sasl.username"), credential("sasl.password"));
    let scram = |hash| Sasl::Scram {
        hash,
        username: username.clone(),
        password: password.clone(),
    };
    Ok(match given.text("sasl.mechanism").unwrap_or_default() {
        "PLAIN" => Sasl::Plain { username, password },
        "SCRAM-SHA-256" => scram(ScramHash::Sha256),
        "SCRAM-SHA-512" => scram(ScramHash::Sha512),
        "OAUTHBEARER" => {
            let source = given.text("sasl.oauthbearer.config").unwrap_or_default();
            let source: TokenSource =
                serde_json::from_str(source).map_err(|error| refusal("sasl.oauthbearer.config", error.to_string()))?;
            Sasl::OauthBearer(Arc::new(source))
        }
        other => return Err(refusal("sasl.mechanism", format!("`{other}` is not known"))),
    })
}

fn refusal(setting: &str, reason: String) -> Refusal {
    Refusal {
        settings: vec![setting.to_owned()],
        reason,
    }
}

/// Settings, as far as they are given.
struct Given<'a>(&'a ClientSettings);

impl<'a> Given<'a> {
    fn text(&self, key: &str) -> Option<&'a str> {
        self.0.value(key).filter(|value| !value.is_empty())
    }

    fn one_of(&self, key: &str, known: &[&str]) -> Result<(), Refusal> {
        match self.text(key) {
            Some(text) if !known.contains(&text) => {
                Err(refusal(key, format!("`{text}` is none of {}", known.join(", "))))
            }
            _ => Ok(()),
        }
    }

    fn number<T: FromStr<Err: Display>>(&self, key: &str, default: T) -> Result<T, Refusal> {
        let Some(text) = self.text(key) else { return Ok(default) };
        text.parse()
            .map_err(|error| refusal(key, format!("`{text}` is no number that fits: {error}")))
    }

    fn milliseconds(&self, key: &str, default: Duration) -> Result<Duration, Refusal> {
        let default = u64::try_from(default.as_millis()).unwrap_or(u64::MAX);
        self.number(key, default).map(Duration::from_millis)
    }
}
