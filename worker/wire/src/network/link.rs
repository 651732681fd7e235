//! [`Link`]: one open connection: what waits to be sent, and what has come of an answer.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::dial::not_kafka;
use super::stream::Stream;
use crate::protocol::Frame;

/// The longest answer that is believed: Java's `socket.request.max.bytes`.
pub(super) const LONGEST_ANSWER: usize = 100 << 20;
/// How much is read at once.
const READ: usize = 16 << 10;

pub(super) struct Link {
    stream: Stream,
    waiting: VecDeque<Arc<Vec<u8>>>,
    /// How much of the first piece has gone.
    gone: usize,
    incoming: BytesMut,
}

impl Link {
    pub(super) fn new(stream: Stream) -> Self {
        Link {
            stream,
            waiting: VecDeque::new(),
            gone: 0,
            incoming: BytesMut::new(),
        }
    }

    pub(super) fn stream(&self) -> &Stream {
        &self.stream
    }

    pub(super) fn push(&mut self, frame: &Frame) {
        self.waiting.extend(frame.pieces().iter().cloned());
    }

    pub(super) fn has_more_to_send(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Sends what goes at once.
    pub(super) fn write(&mut self) -> Result<(), String> {
        while !self.waiting.is_empty() {
            match self.stream.write_pieces(self.gone, self.waiting.iter()) {
                Ok(0) => return Err("the connection takes nothing any more".to_owned()),
                Ok(written) => self.advance(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(())
    }

    fn advance(&mut self, written: usize) {
        self.gone += written;
        while let Some(piece) = self.waiting.front() {
            if self.gone < piece.len() {
                return;
            }
            self.gone -= piece.len();
            self.waiting.pop_front();
        }
    }

    /// Reads what has come, and answers whole answers: their correlation id and what follows it.
    pub(super) fn read(&mut self, answers: &mut Vec<(i32, Bytes)>) -> Result<(), String> {
        let mut chunk = [0; READ];
        loop {
            match self.stream.read(&mut chunk) {
                Ok(0) => return Err("the broker closed the connection".to_owned()),
                Ok(count) => {
                    self.incoming.extend_from_slice(&chunk[..count]);
                    self.take_answers(answers)?;
                    // What TLS has decrypted already, no poll tells of.
                    if count < READ && !self.stream.holds_back() {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    fn take_answers(&mut self, answers: &mut Vec<(i32, Bytes)>) -> Result<(), String> {
        while let Some((head, _)) = self.incoming.split_first_chunk::<8>() {
            let length = i32::from_be_bytes([head[0], head[1], head[2], head[3]]);
            let correlation = i32::from_be_bytes([head[4], head[5], head[6], head[7]]);
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            if !(4..=LONGEST_ANSWER).contains(&length) {
                return Err(not_kafka(head));
            }
            if self.incoming.len() < 4 + length {
                return Ok(());
            }
            let mut answer = self.incoming.split_to(4 + length).freeze();
            answers.push((correlation, answer.split_off(8)));
        }
        Ok(())
    }
}
