//! [`Stream`]: TCP, plain or in TLS.

use std::io::{self, IoSlice, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use native_tls::TlsStream;

/// How many pieces are handed to the system at once.
const PIECES_AT_ONCE: usize = 64;

pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    pub(super) fn tcp(&self) -> &TcpStream {
        match self {
            Stream::Plain(tcp) => tcp,
            Stream::Tls(tls) => tls.get_ref(),
        }
    }

    /// Whether bytes can have come that the socket knows nothing of any more.
    pub(super) fn holds_back(&self) -> bool {
        matches!(self, Stream::Tls(_))
    }

    /// Writes as much of the pieces as goes at once, beginning `skip` bytes into the first.
    pub(super) fn write_pieces<'a>(
        &mut self,
        skip: usize,
        pieces: impl Iterator<Item = &'a Arc<Vec<u8>>>,
    ) -> io::Result<usize> {
        let mut slices = [IoSlice::new(&[]); PIECES_AT_ONCE];
        let mut count = 0;
        for (slot, piece) in slices.iter_mut().zip(pieces) {
            let skip = if count == 0 { skip } else { 0 };
            *slot = IoSlice::new(piece.get(skip..).unwrap_or_default());
            count += 1;
        }
        match self {
            Stream::Plain(tcp) => tcp.write_vectored(&slices[..count]),
            // A record of TLS holds 16 KiB anyway.
            Stream::Tls(tls) => match slices[..count].iter().find(|slice| !slice.is_empty()) {
                Some(slice) if count > 0 => tls.write(slice),
                _ => Ok(0),
            },
        }
    }
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(tcp) => tcp.read(bytes),
            Stream::Tls(tls) => tls.read(bytes),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(tcp) => tcp.write(bytes),
            Stream::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Stream::Plain(tcp) => tcp.flush(),
            Stream::Tls(tls) => tls.flush(),
        }
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.tcp().as_fd()
    }
}
