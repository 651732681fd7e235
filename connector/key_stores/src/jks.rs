//! [`Jks`]: the format of Java's own key stores (`sun.security.provider.JavaKeyStore`, `KeyProtector`).
//!
//! ```text
//! store   FEEDFEED, version (1 or 2), count, that many entries, SHA-1 of {password, "Mighty Aphrodite", all before}
//! entry   1: alias, time, key (DER of an EncryptedPrivateKeyInfo), count, that many certificates
//!         2: alias, time, certificate
//! certificate   type (since version 2), DER
//! ```
//!
//! Numbers are big-endian; texts have their length in two bytes, DER in four. A key is encrypted by the SHA-1 of password and
//! salt, of password and that, and so on: {salt, key xor these, SHA-1 of {password, key}}. Passwords are UTF-16. It is a format
//! that is written no more, and too small for a dependency.

use openssl::sha::Sha1;

use super::{Format, KeyStoreError};

/// What a store begins with.
pub(crate) const MAGIC: [u8; 4] = [0xfe, 0xed, 0xfe, 0xed];
const DIGEST: usize = 20;
const DAMAGED: KeyStoreError = KeyStoreError::Damaged { format: Format::Jks };

/// A store, read.
pub(crate) struct Jks<'a> {
    entries: Vec<Entry<'a>>,
}

pub(crate) enum Entry<'a> {
    Key { encrypted: &'a [u8], chain: Vec<&'a [u8]> },
    Trusted(&'a [u8]),
}

impl<'a> Jks<'a> {
    /// Without a password it is not checked whether somebody has changed it.
    pub(crate) fn read(file: &'a [u8], password: Option<&str>) -> Result<Self, KeyStoreError> {
        let content = file.len().checked_sub(DIGEST).ok_or(DAMAGED)?;
        let (content, digest) = file.split_at(content);
        if let Some(password) = password {
            let mut sha = Sha1::new();
            sha.update(&utf16(password));
            sha.update(b"Mighty Aphrodite");
            sha.update(content);
            if sha.finish() != digest {
                return Err(KeyStoreError::Password { format: Format::Jks });
            }
        }
        let mut rest = Rest(content);
        rest.take(MAGIC.len())?;
        let version = rest.number()?;
        let mut entries = Vec::new();
        for _ in 0..rest.number()? {
            let tag = rest.number()?;
            let alias = rest.short()?;
            rest.take(alias)?;
            rest.take(8)?;
            entries.push(match tag {
                1 => {
                    let encrypted = rest.sized()?;
                    let count = rest.number()?;
                    let chain = (0..count)
                        .map(|_| rest.certificate(version))
                        .collect::<Result<_, _>>()?;
                    Entry::Key { encrypted, chain }
                }
                2 => Entry::Trusted(rest.certificate(version)?),
                _ => return Err(DAMAGED),
            });
        }
        Ok(Jks { entries })
    }

    /// The certificates that a trust store with these entries trusts.
    pub(crate) fn trusted(&self) -> impl Iterator<Item = &'a [u8]> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Trusted(certificate) => Some(*certificate),
            Entry::Key { chain, .. } => chain.first().copied(),
        })
    }

    /// The first key.
    pub(crate) fn key(&self) -> Option<&Entry<'a>> {
        self.entries.iter().find(|entry| matches!(entry, Entry::Key { .. }))
    }
}

impl<'a> Entry<'a> {
    pub(crate) fn chain(&self) -> impl Iterator<Item = &'a [u8]> {
        let chain = match self {
            Entry::Key { chain, .. } => &chain[..],
            Entry::Trusted(_) => &[],
        };
        chain.iter().copied()
    }

    /// The key, as PKCS#8.
    pub(crate) fn decrypted(&self, password: &str) -> Result<Vec<u8>, KeyStoreError> {
        let Entry::Key { encrypted, .. } = self else {
            return Err(KeyStoreError::NoKey);
        };
        let protected = encrypted_data(encrypted).ok_or(DAMAGED)?;
        let length = protected.len().checked_sub(2 * DIGEST).ok_or(DAMAGED)?;
        let (salt, rest) = protected.split_at(DIGEST);
        let (encrypted, check) = rest.split_at(length);
        let password = utf16(password);
        let hashed = |of: &[u8]| {
            let mut sha = Sha1::new();
            sha.update(&password);
            sha.update(of);
            sha.finish()
        };
        let mut pad = hashed(salt);
        let mut key = Vec::with_capacity(length);
        for piece in encrypted.chunks(DIGEST) {
            key.extend(piece.iter().zip(pad).map(|(byte, pad)| byte ^ pad));
            pad = hashed(&pad);
        }
        match hashed(&key) == check {
            true => Ok(key),
            false => Err(KeyStoreError::KeyPassword),
        }
    }
}

fn utf16(password: &str) -> Vec<u8> {
    password.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// What an EncryptedPrivateKeyInfo (RFC 5208) holds behind its algorithm, which is always Java's own here.
fn encrypted_data(der: &[u8]) -> Option<&[u8]> {
    const SEQUENCE: u8 = 0x30;
    const OCTET_STRING: u8 = 0x04;
    let (info, _) = element(der, SEQUENCE)?;
    let (_, rest) = element(info, SEQUENCE)?;
    let (data, _) = element(rest, OCTET_STRING)?;
    Some(data)
}

/// The content of the first element of `der`, and what is behind it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = der.split_first_chunk()?;
    if found != tag {
        return None;
    }
    let (length, rest) = match usize::from(first) {
        short @ ..0x80 => (short, rest),
        long => {
            let (digits, rest) = rest.split_at_checked(long - 0x80)?;
            let length = digits.iter().try_fold(0_usize, |length, digit| {
                length.checked_mul(0x100)?.checked_add(usize::from(*digit))
            })?;
            (length, rest)
        }
    };
    rest.split_at_checked(length)
}

/// What was not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], KeyStoreError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(DAMAGED)?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u32, KeyStoreError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(DAMAGED)?;
        self.0 = rest;
        Ok(u32::from_be_bytes(*bytes))
    }

    fn short(&mut self) -> Result<usize, KeyStoreError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(DAMAGED)?;
        self.0 = rest;
        Ok(u16::from_be_bytes(*bytes).into())
    }

    fn sized(&mut self) -> Result<&'a [u8], KeyStoreError> {
        let length = self.number()?;
        self.take(length as usize)
    }

    fn certificate(&mut self, version: u32) -> Result<&'a [u8], KeyStoreError> {
        if version >= 2 {
            let kind = self.short()?;
            self.take(kind)?;
        }
        self.sized()
    }
}
