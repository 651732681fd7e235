//! [`SpokenErrors`]: the bytes of a connection, on which no refusal is without words and no write waits for ever.
//!
//! What is no HTTP at all (a malformed header, a header that is too long) is refused by the HTTP library, with a status and an
//! empty body, before any code of ours sees a request. Clients of Kafka Connect parse the body of every error. Only such a
//! refusal begins with an error status and announces an empty body: every answer of ours has one.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A connection that fills in what refusals lack.
pub(super) struct SpokenErrors<C> {
    connection: C,
    /// How long a client may take no byte of an answer.
    patience: Duration,
    /// Runs while a write waits.
    waiting: Option<Pin<Box<Sleep>>>,
    /// What is written in the place of a refusal without words, and how much of it was.
    instead: Vec<u8>,
    written: usize,
}

impl<C: AsyncWrite + Unpin> SpokenErrors<C> {
    pub(super) fn new(connection: C, patience: Duration) -> Self {
        SpokenErrors {
            connection,
            patience,
            waiting: None,
            instead: Vec::new(),
            written: 0,
        }
    }

    fn write_patiently(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.connection).poll_write(context, bytes);
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Err(io::Error::from(io::ErrorKind::TimedOut)))
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for SpokenErrors<C> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.instead.is_empty() {
            match spoken(bytes) {
                Some(answer) => (self.instead, self.written) = (answer, 0),
                None => return self.write_patiently(context, bytes),
            }
        }
        let instead = std::mem::take(&mut self.instead);
        while self.written < instead.len() {
            let rest = &instead[self.written..];
            match self.write_patiently(context, rest) {
                Poll::Ready(Ok(written)) => self.written += written,
                waiting_or_failed => {
                    self.instead = instead;
                    return waiting_or_failed;
                }
            }
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(context)
    }
}

impl<C: AsyncRead + Unpin> AsyncRead for SpokenErrors<C> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_read(context, into)
    }
}

/// The refusal in `bytes` with a body, if it is one that has none.
fn spoken(bytes: &[u8]) -> Option<Vec<u8>> {
    let head = std::str::from_utf8(bytes.strip_suffix(b"\r\n\r\n")?).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?;
    let (code, reason) = status.split_once(' ')?;
    if !matches!(code, "400" | "414" | "431") || !lines.any(|line| line.eq_ignore_ascii_case("content-length: 0")) {
        return None;
    }
    Some(refusal(code, reason))
}

/// An answer to what is no request: the connection ends with it.
pub(super) fn refusal(code: &str, reason: &str) -> Vec<u8> {
    let body = format!(r#"{{"error_code":{code},"message":"HTTP {code} {reason}"}}"#);
    let length = body.len();
    format!(
        "HTTP/1.1 {code} {reason}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}
