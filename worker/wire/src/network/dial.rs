//! From an address to a connection that can be used: TCP, TLS, versions, log-in; blocking, on a thread of its own.
//!
//! A connection is made seldom and takes many steps, each of which waits for the other side. Written down in order, on a
//! thread that lives no longer than the attempt, they need no state between them.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use bytes::Bytes;
use kafka_protocol::messages::ApiVersionsRequest;
use kafka_protocol::protocol::StrBytes;
use native_tls::{HandshakeError, TlsConnector};
use socket2::SockRef;

use super::link::LONGEST_ANSWER;
use super::sasl::log_in;
use super::stream::Stream;
use super::{LinkCause, LinkFailure};
use crate::error_code::ErrorCode;
use crate::protocol::{self, Api, Call, Versions};
use crate::settings::{Address, ConnectionSettings};

/// A connection that can be used.
pub(super) struct Dialled {
    pub(super) stream: Stream,
    pub(super) versions: Versions,
    pub(super) lifetime: Option<Duration>,
}

type Failure = (LinkCause, String);

/// Connects, or says why not.
pub(super) fn dial(
    settings: &ConnectionSettings,
    tls: Option<&TlsConnector>,
    address: &Address,
) -> Result<Dialled, LinkFailure> {
    let deadline = Instant::now() + settings.setup_timeout;
    let dialled = connect(settings, address, deadline)
        .and_then(|tcp| secure(tcp, tls, address))
        .and_then(|stream| introduce(stream, settings, deadline));
    dialled.map_err(|(cause, message)| LinkFailure {
        cause,
        message: format!("{address}: {message}"),
    })
}

fn connect(settings: &ConnectionSettings, address: &Address, deadline: Instant) -> Result<TcpStream, Failure> {
    let addresses = (address.host.as_str(), address.port)
        .to_socket_addrs()
        .map_err(|error| lost(format!("the name is not found: {error}")))?;
    let mut reason = "the name has no address".to_owned();
    for address in addresses {
        match TcpStream::connect_timeout(&address, left(deadline)) {
            Ok(tcp) => {
                prepare(&tcp, settings, deadline).map_err(|error| lost(error.to_string()))?;
                return Ok(tcp);
            }
            Err(error) => reason = error.to_string(),
        }
    }
    Err(lost(format!("no connection: {reason}")))
}

fn prepare(tcp: &TcpStream, settings: &ConnectionSettings, deadline: Instant) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    tcp.set_read_timeout(Some(left(deadline)))?;
    tcp.set_write_timeout(Some(left(deadline)))?;
    let socket = SockRef::from(tcp);
    settings
        .send_buffer
        .map_or(Ok(()), |bytes| socket.set_send_buffer_size(bytes))?;
    settings
        .receive_buffer
        .map_or(Ok(()), |bytes| socket.set_recv_buffer_size(bytes))
}

fn secure(tcp: TcpStream, tls: Option<&TlsConnector>, address: &Address) -> Result<Stream, Failure> {
    let Some(tls) = tls else { return Ok(Stream::Plain(tcp)) };
    match tls.connect(&address.host, tcp) {
        Ok(stream) => Ok(Stream::Tls(Box::new(stream))),
        Err(HandshakeError::WouldBlock(_)) => Err(lost("no TLS handshake in time: is this listener's protocol TLS?")),
        Err(HandshakeError::Failure(error)) => {
            let reason = format!("TLS: {error}");
            Err(of_certificate(&reason).unwrap_or_else(|| lost(format!("{reason} ({IS_IT_TLS})"))))
        }
    }
}

const IS_IT_TLS: &str = "is `security.protocol` that of the listener?";

/// What is wrong with a certificate stays wrong; a connection that ends meanwhile is another matter.
fn of_certificate(reason: &str) -> Option<Failure> {
    let hint = "check `ssl.truststore.location`, `ssl.keystore.location` and `ssl.endpoint.identification.algorithm`";
    let is_it = reason.contains("certificate");
    is_it.then(|| (LinkCause::Refused, format!("{reason} ({hint})")))
}

fn introduce(stream: Stream, settings: &ConnectionSettings, deadline: Instant) -> Result<Dialled, Failure> {
    let mut conversation = Conversation {
        stream,
        client_id: &settings.client_id,
        deadline,
        correlation: 0,
    };
    let versions = conversation.versions()?;
    let lifetime = match &settings.sasl {
        Some(sasl) => log_in(&mut conversation, &versions, sasl)?,
        None => None,
    };
    if let Some(missing) = versions.missing() {
        return Err((
            LinkCause::Refused,
            format!("the broker is too old or too new: it does not speak {missing}"),
        ));
    }
    let tcp = conversation.stream.tcp();
    tcp.set_read_timeout(None)
        .and_then(|()| tcp.set_write_timeout(None))
        .and_then(|()| tcp.set_nonblocking(true))
        .map_err(|error| lost(error.to_string()))?;
    Ok(Dialled {
        stream: conversation.stream,
        versions,
        lifetime,
    })
}

/// One request after the other, each with its answer.
pub(super) struct Conversation<'a> {
    stream: Stream,
    client_id: &'a str,
    deadline: Instant,
    correlation: i32,
}

impl Conversation<'_> {
    /// Asks, and waits for the answer.
    pub(super) fn ask<C: Call>(&mut self, call: &C, version: i16) -> Result<C::Answer, Failure> {
        let answer = self.exchange(call, version)?;
        protocol::answer::<C>(answer, version).map_err(|error| lost(error.to_string()))
    }

    fn exchange<C: Call>(&mut self, call: &C, version: i16) -> Result<Bytes, Failure> {
        self.correlation += 1;
        let frame = protocol::request(call, version, self.correlation, self.client_id)
            .map_err(|error| (LinkCause::Refused, error.to_string()))?;
        // In TLS 1.3 a broker judges the client's certificate when the client takes the connection for made.
        let failed = |error: io::Error| {
            let reason = format!("{}: {}", C::API, why(&error));
            of_certificate(&reason).unwrap_or_else(|| lost(reason))
        };
        self.stream.write_all(&frame.to_bytes()).map_err(failed)?;
        let mut head = [0; 8];
        self.read(&mut head).map_err(failed)?;
        let length = i32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        let correlation = i32::from_be_bytes([head[4], head[5], head[6], head[7]]);
        let length = usize::try_from(length).ok().and_then(|length| length.checked_sub(4));
        match length {
            Some(length) if length <= LONGEST_ANSWER && correlation == self.correlation => {
                let mut body = Vec::new();
                let mut rest = (&mut self.stream).take(length as u64);
                rest.read_to_end(&mut body).map_err(failed)?;
                match body.len() == length {
                    true => Ok(Bytes::from(body)),
                    false => Err(lost(format!("{}: the broker closed the connection", C::API))),
                }
            }
            _ => Err(lost(not_kafka(&head))),
        }
    }

    fn read(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.stream.tcp().set_read_timeout(Some(left(self.deadline)))?;
        self.stream.read_exact(bytes)
    }

    /// What the broker speaks. One that does not know the version answers in the oldest.
    fn versions(&mut self) -> Result<Versions, Failure> {
        let ask = ApiVersionsRequest::default()
            .with_client_software_name(StrBytes::from_static_str("rowmill"))
            .with_client_software_version(StrBytes::from_static_str(env!("CARGO_PKG_VERSION")));
        let (_, newest) = Api::ApiVersions.spoken();
        // A listener of another protocol ends the connection at the first request, or does not answer.
        let hint = |failure: Failure| match failure {
            (LinkCause::Lost, message) => lost(format!("{message} ({IS_IT_TLS})")),
            refused => refused,
        };
        let body = self.exchange(&ask, newest).map_err(hint)?;
        let is_unknown = body.starts_with(&UNSUPPORTED_VERSION.to_be_bytes());
        let answer = match is_unknown {
            true => self.ask(&ApiVersionsRequest::default(), 0)?,
            false => protocol::answer::<ApiVersionsRequest>(body, newest).map_err(|error| lost(error.to_string()))?,
        };
        match ErrorCode::of(answer.error_code) {
            Some(error) => Err(lost(format!("ApiVersions: {error}"))),
            None => Ok(Versions::new(&answer)),
        }
    }
}

const UNSUPPORTED_VERSION: i16 = 35;

/// The first bytes of something that is no answer.
pub(super) fn not_kafka(head: &[u8]) -> String {
    let hint = match head {
        [0x15 | 0x16, 3, ..] => ": this listener speaks TLS, and `security.protocol` does not",
        [b'H', b'T', b'T', b'P', ..] => ": this is a web server",
        _ => "",
    };
    format!("what answers there does not speak Kafka's protocol (it begins with {head:02x?}){hint}")
}

fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "no answer in time".to_owned(),
        io::ErrorKind::UnexpectedEof => "the broker closed the connection".to_owned(),
        _ => error.to_string(),
    }
}

fn lost(reason: impl Into<String>) -> Failure {
    (LinkCause::Lost, reason.into())
}

/// Never nothing: that would mean no limit.
fn left(deadline: Instant) -> Duration {
    deadline
        .saturating_duration_since(Instant::now())
        .max(Duration::from_millis(1))
}
