//! [`DumpConnection`]: the blocking connection over which a server sends its binlog.
//!
//! The driver's own binlog stream reads a packet at a time into memory of its own, takes a compressed transaction for empty
//! when it cannot be read, and cannot be asked whether something is there. So this connection is ours, on
//! `mysql_common`'s packets: it reads as much as there is at once, hands packets out where they lie, and waits as long as
//! its caller likes without losing what has arrived.

use std::io::Write;
use std::net::TcpStream;
use std::ops::Range;
use std::time::{Duration, Instant};

use native_tls::HandshakeError;

use super::channel::{Channel, Transport, connect, is_pause};
use super::error_packet::server_error;
use super::login::{Greeting, Login, NextStep};
use super::packet_buffer::{PacketBuffer, write_packet};
use crate::error::MySqlError;
use crate::server::tls::TlsMaterial;
use crate::server::{ConnectionOptions, tls_error};

const COM_QUERY: u8 = 0x03;
const ERROR: u8 = 0xff;
const END: u8 = 0xfe;

/// A session of its own, logged in.
pub struct DumpConnection {
    channel: Channel,
    buffer: PacketBuffer,
    address: String,
    /// For answers to commands; the stream itself has other deadlines.
    timeout: Duration,
    last_received: Instant,
}

impl DumpConnection {
    /// Connects and logs in.
    pub fn open(options: &ConnectionOptions) -> Result<DumpConnection, MySqlError> {
        let address = options.address();
        let tls = TlsMaterial::load(&options.ssl)?;
        let socket = connect(options, &address)?;
        let mut connection = DumpConnection::over(socket, address.clone(), options.connect_timeout);
        let first = connection.answer("connecting")?;
        let greeting = Greeting::parse(connection.buffer.packet(&first), &address)?;
        let is_secure = match tls {
            Some(tls) if greeting.wants_tls(options.ssl.mode, &address)? => {
                connection.send(connection.buffer.sequence(), &greeting.tls_request())?;
                connection.start_tls(&options.hostname, &tls)?;
                true
            }
            _ => false,
        };
        connection.log_in(Login::new(greeting, options, &address, is_secure))?;
        Ok(connection)
    }

    /// A connection on which nothing was said yet.
    fn over(socket: TcpStream, address: String, timeout: Duration) -> DumpConnection {
        DumpConnection {
            channel: Channel::over(socket),
            buffer: PacketBuffer::new(),
            address,
            timeout,
            last_received: Instant::now(),
        }
    }

    /// `host:port`, for errors.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// When the last bytes came.
    pub fn last_received(&self) -> Instant {
        self.last_received
    }

    /// Runs a statement that has no result.
    pub fn execute(&mut self, sql: &str) -> Result<(), MySqlError> {
        self.command(&[&[COM_QUERY], sql.as_bytes()].concat(), sql)
    }

    /// Sends a command that is answered with OK. `doing` is what an error says.
    pub fn command(&mut self, command: &[u8], doing: &str) -> Result<(), MySqlError> {
        self.request(command)?;
        let answer = self.answer(doing)?;
        match self.buffer.packet(&answer) {
            [0, ..] => Ok(()),
            packet => Err(server_error(packet, &self.address, doing)),
        }
    }

    /// The first column of the first row of a small result; `None` if there is no row or it is NULL.
    pub fn value(&mut self, sql: &str) -> Result<Option<String>, MySqlError> {
        const NULL: u8 = 0xfb;
        self.request(&[&[COM_QUERY], sql.as_bytes()].concat())?;
        let mut ends = 0;
        let mut value = None;
        // The column count, the columns, an end, the rows, an end.
        while ends < 2 {
            let answer = self.answer(sql)?;
            match self.buffer.packet(&answer) {
                packet @ [ERROR, ..] => return Err(server_error(packet, &self.address, sql)),
                [END, rest @ ..] if rest.len() < 8 => ends += 1,
                [NULL, ..] => {}
                [length, rest @ ..] if ends == 1 && value.is_none() => {
                    let text = rest.get(..usize::from(*length)).unwrap_or_default();
                    value = Some(String::from_utf8_lossy(text).into_owned());
                }
                _ => {}
            }
        }
        Ok(value)
    }

    /// Sends a command. What the server sends from now on answers it.
    pub fn request(&mut self, command: &[u8]) -> Result<(), MySqlError> {
        self.buffer.expect_answer(1);
        self.send(0, command)
    }

    /// The place of the next packet in the buffer, if it is there, or comes completely within about `wait` (zero: takes what
    /// is there). It is valid until the next packet is asked for.
    ///
    /// What has arrived of an incomplete packet is kept, and the next call goes on with it.
    pub(super) fn next_range(&mut self, wait: Duration) -> Result<Option<Range<usize>>, MySqlError> {
        if let Some(range) = self.take()? {
            return Ok(Some(range));
        }
        let started = Instant::now();
        loop {
            if !self.fill(wait)? {
                return Ok(None);
            }
            if let Some(range) = self.take()? {
                return Ok(Some(range));
            }
            if !wait.is_zero() && started.elapsed() >= wait {
                return Ok(None);
            }
        }
    }

    /// The packet at a place that [`next_range`](Self::next_range) gave last.
    pub(super) fn packet(&self, range: &Range<usize>) -> &[u8] {
        self.buffer.packet(range)
    }

    fn take(&mut self) -> Result<Option<Range<usize>>, MySqlError> {
        self.buffer
            .take()
            .map_err(|error| self.lost("reading").caused_by(error))
    }

    /// Reads once; false if nothing came within `wait`.
    fn fill(&mut self, wait: Duration) -> Result<bool, MySqlError> {
        self.channel
            .set_wait(wait)
            .map_err(|error| self.lost("reading").caused_by(error))?;
        match self.buffer.fill(&mut self.channel.transport) {
            Ok(0) => Err(MySqlError::connection(format!(
                "MySQL at {} closed the connection",
                self.address
            ))),
            Ok(_) => {
                self.last_received = Instant::now();
                Ok(true)
            }
            Err(error) if is_pause(&error) => Ok(false),
            Err(error) => Err(self.lost("reading").caused_by(error)),
        }
    }

    /// The next packet of an answer, within the time for answers.
    fn answer(&mut self, doing: &str) -> Result<Range<usize>, MySqlError> {
        let answer = self.next_range(self.timeout)?;
        answer.ok_or_else(|| {
            let waited = self.timeout.as_millis();
            MySqlError::connection(format!(
                "MySQL at {} did not answer within {waited} ms ({doing})",
                self.address
            ))
        })
    }

    fn log_in(&mut self, mut login: Login<'_>) -> Result<(), MySqlError> {
        let mut reply = NextStep::Send(login.response()?);
        loop {
            match reply {
                NextStep::Send(packet) => self.send(self.buffer.sequence(), &packet)?,
                NextStep::Wait => {}
                NextStep::Done => return Ok(()),
            }
            let answer = self.answer("logging in")?;
            reply = login.answer(self.buffer.packet(&answer))?;
        }
    }

    fn send(&mut self, sequence: u8, payload: &[u8]) -> Result<(), MySqlError> {
        let mut packet = Vec::with_capacity(payload.len() + 4);
        let sent = write_packet(&mut packet, sequence, payload)
            .and_then(|()| self.channel.set_wait(self.timeout))
            .and_then(|()| self.channel.transport.write_all(&packet))
            .and_then(|()| self.channel.transport.flush());
        self.buffer.expect_answer(sequence.wrapping_add(1));
        sent.map_err(|error| self.lost("writing").caused_by(error))
    }

    fn start_tls(&mut self, hostname: &str, tls: &TlsMaterial) -> Result<(), MySqlError> {
        // Bytes in front of the handshake would be taken for protected although anybody could have sent them.
        if !self.buffer.is_empty() {
            return Err(self.lost("starting TLS"));
        }
        let connector = tls.connector()?;
        self.channel
            .set_wait(self.timeout)
            .map_err(|error| self.lost("starting TLS").caused_by(error))?;
        let Transport::Plain(socket) = std::mem::replace(&mut self.channel.transport, Transport::Gone) else {
            return Err(self.lost("starting TLS"));
        };
        let stream = connector.connect(hostname, socket).map_err(|error| match error {
            HandshakeError::Failure(error) => tls_error(&self.address, error),
            HandshakeError::WouldBlock(_) => self.lost("waiting for the TLS handshake"),
        })?;
        self.channel.transport = Transport::Tls(Box::new(stream));
        Ok(())
    }

    fn lost(&self, doing: &str) -> MySqlError {
        MySqlError::connection(format!(
            "the connection to MySQL at {} broke while {doing}",
            self.address
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};

    use super::DumpConnection;

    /// A connection to a server that only the test speaks for.
    fn pair() -> (DumpConnection, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let client = TcpStream::connect(listener.local_addr().expect("an address")).expect("a connection");
        let (server, _) = listener.accept().expect("a connection");
        server.set_nodelay(true).expect("a socket option");
        (
            DumpConnection::over(client, "test".to_owned(), Duration::from_secs(5)),
            server,
        )
    }

    fn next(connection: &mut DumpConnection, wait: Duration) -> Option<Vec<u8>> {
        let range = connection.next_range(wait).expect("a sound connection")?;
        Some(connection.packet(&range).to_vec())
    }

    const LONG: Duration = Duration::from_secs(5);

    #[test]
    fn an_incomplete_packet_is_kept_until_the_rest_comes() {
        let (mut connection, mut server) = pair();
        server.write_all(&[5, 0, 0, 0, b'h', b'e']).expect("sent");
        assert_eq!(next(&mut connection, Duration::from_millis(30)), None);
        assert_eq!(next(&mut connection, Duration::ZERO), None);
        server.write_all(b"llo\x01\x00\x00\x01!\x02\x00\x00\x02").expect("sent");
        assert_eq!(next(&mut connection, LONG).as_deref(), Some(&b"hello"[..]));
        // Already there: no waiting, whatever is asked for.
        assert_eq!(next(&mut connection, Duration::ZERO).as_deref(), Some(&b"!"[..]));
        assert_eq!(next(&mut connection, Duration::ZERO), None);
        server.write_all(b"ok").expect("sent");
        assert_eq!(next(&mut connection, LONG).as_deref(), Some(&b"ok"[..]));
    }

    #[test]
    fn waiting_ends_in_time_although_bytes_keep_coming() {
        let (mut connection, mut server) = pair();
        server.write_all(&[0, 4, 0, 0]).expect("sent");
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                // Less than the packet has, and for longer than is allowed below.
                for _ in 0..1000 {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    server.write_all(b"x").expect("sent");
                    std::thread::sleep(Duration::from_millis(10));
                }
            });
            let started = Instant::now();
            let packet = next(&mut connection, Duration::from_millis(50));
            let waited = started.elapsed();
            is_over.store(true, Ordering::Relaxed);
            assert_eq!(packet, None);
            assert!(waited < LONG, "{waited:?}");
        });
    }

    #[test]
    fn a_closed_connection_can_heal() {
        let (mut connection, server) = pair();
        drop(server);
        assert!(connection.next_range(LONG).is_err_and(|error| error.is_retriable()));
    }
}
