//! [`Channel`]: a socket, plain or with TLS, and how long its reads wait.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use native_tls::TlsStream;
use socket2::{SockRef, TcpKeepalive};

use crate::error::MySqlError;
use crate::server::ConnectionOptions;

/// A peer that vanished while nothing is sent is noticed by the kernel, too.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(15);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);

/// Tries every address of the host until one answers.
pub(super) fn connect(options: &ConnectionOptions, address: &str) -> Result<TcpStream, MySqlError> {
    let unreachable = |error| MySqlError::connection(format!("MySQL at {address} cannot be reached")).caused_by(error);
    let started = Instant::now();
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host name has no address");
    for candidate in (options.hostname.as_str(), options.port)
        .to_socket_addrs()
        .map_err(unreachable)?
    {
        let left = options.connect_timeout.saturating_sub(started.elapsed());
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(&candidate, left).and_then(tuned) {
            Ok(socket) => return Ok(socket),
            Err(error) => last = error,
        }
    }
    Err(unreachable(last))
}

fn tuned(socket: TcpStream) -> io::Result<TcpStream> {
    socket.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_IDLE)
        .with_interval(KEEPALIVE_INTERVAL);
    SockRef::from(&socket).set_tcp_keepalive(&keepalive)?;
    Ok(socket)
}

/// Whether a read just found nothing, now or within its time.
pub(super) fn is_pause(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
    )
}

/// The socket and how long its reads wait; changing that costs a system call, so it is remembered.
pub(super) struct Channel {
    pub(super) transport: Transport,
    wait: Option<Duration>,
}

/// What the bytes go through.
pub(super) enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// While TLS is being set up, and after that failed.
    Gone,
}

impl Channel {
    /// A socket on which nothing waits yet.
    pub(super) fn over(socket: TcpStream) -> Channel {
        Channel {
            transport: Transport::Plain(socket),
            wait: None,
        }
    }

    /// Reads and writes wait for so long from now on; zero: not at all.
    pub(super) fn set_wait(&mut self, wait: Duration) -> io::Result<()> {
        if self.wait == Some(wait) {
            return Ok(());
        }
        let socket = match &self.transport {
            Transport::Plain(socket) => socket,
            Transport::Tls(stream) => stream.get_ref(),
            Transport::Gone => return Err(io::ErrorKind::NotConnected.into()),
        };
        let was_zero = self.wait.is_none_or(|wait| wait.is_zero());
        self.wait = None;
        if wait.is_zero() || was_zero {
            socket.set_nonblocking(wait.is_zero())?;
        }
        if !wait.is_zero() {
            socket.set_read_timeout(Some(wait))?;
            socket.set_write_timeout(Some(wait))?;
        }
        self.wait = Some(wait);
        Ok(())
    }
}

impl Read for Transport {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Transport::Plain(socket) => socket.read(into),
            Transport::Tls(stream) => stream.read(into),
            Transport::Gone => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

impl Write for Transport {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Transport::Plain(socket) => socket.write(bytes),
            Transport::Tls(stream) => stream.write(bytes),
            Transport::Gone => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Transport::Plain(socket) => socket.flush(),
            Transport::Tls(stream) => stream.flush(),
            Transport::Gone => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}
