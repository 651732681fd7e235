//! [`Compression`]: what the records of a batch are compressed with, and Kafka's framing of each.

use std::io::{Read, Write};

use flate2::write::GzEncoder;
use lz4_flex::frame::{BlockMode, BlockSize, FrameEncoder, FrameInfo};

/// `compression.type`, with its level where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// As they are.
    #[default]
    None,
    /// `compression.gzip.level`, 1 to 9; Java's default is zlib's, 6.
    Gzip(u32),
    /// Blocks of 32 KiB behind the header of Java's `SnappyOutputStream`.
    Snappy,
    /// Frames of independent blocks of 64 KiB. One level: that of Java's default.
    Lz4,
    /// `compression.zstd.level`; Java's default is 3.
    Zstd(i32),
}

/// What Java's `SnappyOutputStream` writes first: its name, its version, and the oldest that can read it.
const SNAPPY_HEAD: [u8; 16] = [0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1];
const SNAPPY_BLOCK: usize = 32 << 10;

impl Compression {
    /// The lowest three bits of a batch's attributes.
    pub(super) fn attribute(self) -> i16 {
        match self {
            Compression::None => 0,
            Compression::Gzip(_) => 1,
            Compression::Snappy => 2,
            Compression::Lz4 => 3,
            Compression::Zstd(_) => 4,
        }
    }
}

/// More than a batch of uncompressed records can have.
const LONGEST: u64 = i32::MAX as u64;

/// What was compressed as these bits of a batch's attributes say.
pub(super) fn decompress(kind: i16, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    match kind {
        1 => expanded(flate2::read::MultiGzDecoder::new(bytes)),
        2 => unsnap(bytes),
        3 => expanded(lz4_flex::frame::FrameDecoder::new(bytes)),
        4 => expanded(zstd::stream::read::Decoder::new(bytes)?),
        other => Err(invalid(&format!("compression {other} is not known"))),
    }
}

/// Memory grows with what comes, not with what is announced.
fn expanded(decoder: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = decoder.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if read as u64 > LONGEST {
        return Err(invalid("it expands to more than a batch can have"));
    }
    Ok(bytes)
}

/// Java writes blocks behind a header; other clients write one block without any.
fn unsnap(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut decoder = snap::raw::Decoder::new();
    let mut block = |bytes: &[u8]| {
        let length = snap::raw::decompress_len(bytes).map_err(std::io::Error::other)?;
        // No three bytes stand for more than 64.
        if length > bytes.len().saturating_mul(64) {
            return Err(invalid("it expands to more than a batch can have"));
        }
        decoder.decompress_vec(bytes).map_err(std::io::Error::other)
    };
    if !bytes.starts_with(&SNAPPY_HEAD[..8]) {
        return block(bytes);
    }
    let mut left = bytes
        .get(SNAPPY_HEAD.len()..)
        .ok_or_else(|| invalid("its header ends too early"))?;
    let mut expanded = Vec::new();
    while let Some((length, rest)) = left.split_first_chunk::<4>() {
        let (compressed, rest) = rest
            .split_at_checked(u32::from_be_bytes(*length) as usize)
            .ok_or_else(|| invalid("a block ends too early"))?;
        expanded.extend(block(compressed)?);
        left = rest;
    }
    Ok(expanded)
}

fn invalid(what: &str) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, what)
}

/// Compresses one batch behind the other, and keeps what that can use again.
pub(crate) struct Compressor {
    compression: Compression,
    zstd: Option<zstd::bulk::Compressor<'static>>,
    snappy: snap::raw::Encoder,
}

impl Compressor {
    /// # Errors
    /// zstd refuses the level.
    pub(crate) fn new(compression: Compression) -> std::io::Result<Self> {
        let zstd = match compression {
            Compression::Zstd(level) => Some(zstd::bulk::Compressor::new(level)?),
            _ => None,
        };
        Ok(Compressor {
            compression,
            zstd,
            snappy: snap::raw::Encoder::new(),
        })
    }

    pub(crate) fn compression(&self) -> Compression {
        self.compression
    }

    /// Appends `raw`, compressed, to `bytes`.
    pub(crate) fn compress(&mut self, raw: &[u8], bytes: &mut Vec<u8>) -> std::io::Result<()> {
        match self.compression {
            Compression::None => bytes.extend_from_slice(raw),
            Compression::Gzip(level) => {
                let mut encoder = GzEncoder::new(bytes, flate2::Compression::new(level));
                encoder.write_all(raw)?;
                encoder.finish()?;
            }
            Compression::Snappy => self.snappy(raw, bytes)?,
            Compression::Lz4 => {
                let frame = FrameInfo::new()
                    .block_mode(BlockMode::Independent)
                    .block_size(BlockSize::Max64KB);
                let mut encoder = FrameEncoder::with_frame_info(frame, bytes);
                encoder.write_all(raw)?;
                encoder.finish().map_err(std::io::Error::other)?;
            }
            Compression::Zstd(_) => self.zstd(raw, bytes)?,
        }
        Ok(())
    }

    fn snappy(&mut self, raw: &[u8], bytes: &mut Vec<u8>) -> std::io::Result<()> {
        bytes.extend_from_slice(&SNAPPY_HEAD);
        for block in raw.chunks(SNAPPY_BLOCK) {
            let at = bytes.len();
            bytes.resize(at + 4 + snap::raw::max_compress_len(block.len()), 0);
            let length = self
                .snappy
                .compress(block, &mut bytes[at + 4..])
                .map_err(std::io::Error::other)?;
            let size = u32::try_from(length).map_err(std::io::Error::other)?;
            bytes[at..at + 4].copy_from_slice(&size.to_be_bytes());
            bytes.truncate(at + 4 + length);
        }
        Ok(())
    }

    fn zstd(&mut self, raw: &[u8], bytes: &mut Vec<u8>) -> std::io::Result<()> {
        let Some(zstd) = &mut self.zstd else { return Ok(()) };
        let at = bytes.len();
        bytes.resize(at + zstd::zstd_safe::compress_bound(raw.len()), 0);
        let length = zstd.compress_to_buffer(raw, &mut bytes[at..])?;
        bytes.truncate(at + length);
        Ok(())
    }
}
